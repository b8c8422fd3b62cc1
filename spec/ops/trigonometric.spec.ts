import * as ops from '../../graph/ops/trigonometric';
import { f32, f64, opCase } from '../support/opCase';
import { valueCases } from '../support/valueCases';

valueCases('trigonometric');

const angles = f64([
  [-1.1, 0.3, 0.8],
  [0.05, -0.6, 1.2],
]);
const unit = f64([-0.7, 0.1, 0.45, -0.95]);

opCase('Sin', 'gradient', { inputs: [angles], build: (x) => ops.sin(x), gradient: true });
opCase('Cos', 'gradient', { inputs: [angles], build: (x) => ops.cos(x), gradient: true });
opCase('Tan', 'gradient', { inputs: [angles], build: (x) => ops.tan(x), gradient: true });
opCase('Asin', 'gradient', { inputs: [unit], build: (x) => ops.asin(x), gradient: true });
opCase('Acos', 'gradient', { inputs: [unit], build: (x) => ops.acos(x), gradient: true });
opCase('Atan', 'gradient', { inputs: [angles], build: (x) => ops.atan(x), gradient: true });
opCase('Sinh', 'gradient', { inputs: [angles], build: (x) => ops.sinh(x), gradient: true });
opCase('Cosh', 'gradient', { inputs: [angles], build: (x) => ops.cosh(x), gradient: true });
opCase('Asinh', 'gradient', { inputs: [angles], build: (x) => ops.asinh(x), gradient: true });
opCase('Acosh', 'gradient', { inputs: [f64([1.2, 3.5])], build: (x) => ops.acosh(x), gradient: true });
opCase('Atanh', 'gradient', { inputs: [unit], build: (x) => ops.atanh(x), gradient: true });
opCase('Atan2', 'gradient', {
  inputs: [f64([[0.5], [-2]]), f64([1.5, -0.4, 0.2])],
  build: (y, x) => ops.atan2(y, x),
  gradient: true,
});
opCase('Atan2', 'shapes that do not fit', {
  inputs: [f32([1, 2]), f32([1, 2, 3])],
  build: (y, x) => ops.atan2(y, x),
  fails: /Dimensions must be equal, but are 2 and 3 for '\{\{node Atan2\}\}|Incompatible shapes: \[2\] vs. \[3\]/,
});
