import * as ops from '../../graph/ops/bitwise';
import { f32, i32, opCase } from '../support/opCase';
import { valueCases } from '../support/valueCases';

valueCases('bitwise');

opCase('BitwiseAnd', 'functions', {
  inputs: [i32([6, -1]), i32([3, 5])],
  build: (x, y) => [
    ops.bitwiseAnd(x, y),
    ops.bitwiseOr(x, y),
    ops.bitwiseXor(x, y),
    ops.leftShift(x, 1),
    ops.rightShift(x, 1),
    ops.invert(x),
  ],
  want: [i32([2, 5]), i32([7, -1]), i32([5, -6]), i32([12, -2]), i32([3, -1]), i32([-7, 0])],
});
opCase('BitwiseOr', 'floats', {
  inputs: [f32([1]), f32([1])],
  build: (x, y) => ops.bitwiseOr(x, y),
  fails: /^Value passed to parameter 'x' has DataType float32 not in list of allowed values: int8/,
});
