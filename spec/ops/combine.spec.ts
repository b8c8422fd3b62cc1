import { expect } from 'chai';
import { applyUnary } from '../../graph/applyOp';
import { float32, float64 } from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { multiply } from '../../graph/ops/binary';
import { accumulateN, addN } from '../../graph/ops/combine';
import { placeholder } from '../../graph/ops/source';
import { TensorShape } from '../../graph/shape';
import { f32, f64, i32, opCase } from '../support/opCase';

opCase('AddN', 'gradient', {
  inputs: [f64([1, 2]), f64([3, 4]), f64([5, 6])],
  build: (...xs) => addN(xs),
  gradient: true,
});
opCase('AddN', 'of more tensors than a kernel has parameters', {
  inputs: [f32([0.5, 2])],
  build: (x) => addN(Array.from({ length: 1201 }, (_, i) => multiply(x, i))),
  want: f32([(0.5 * 1200 * 1201) / 2, 1200 * 1201]),
});
opCase('AddN', 'different sizes', {
  inputs: [f32([1, 2]), f32([1])],
  build: (...xs) => addN(xs),
  fails:
    /^Dimension 0 in both shapes must be equal, but are 2 and 1. Shapes are \[2\] and \[1\].\n\tFrom merging shape 0 with other shapes\.|^Inputs to operation AddN of type AddN must have the same size and shape. {2}Input 0: \[2\] != input 1: \[1\]/,
});
opCase('AccumulateNV2', 'three', {
  inputs: [i32([1, 2]), i32([10, 20]), i32([100, 200])],
  build: (...inputs) => applyUnary('AccumulateNV2', { inputs, shape: new TensorShape([2]) }),
  want: i32([111, 222]),
});
opCase('AccumulateNV2', 'gradient', {
  inputs: [f64([1, 2]), f64([3, 4])],
  build: (...inputs) => applyUnary('AccumulateNV2', { inputs, shape: new TensorShape([2]) }),
  gradient: true,
});

const clip = (t: unknown, low: unknown, high: unknown) =>
  applyUnary('ClipByValue', { t, clip_value_min: low, clip_value_max: high } as never);
opCase('ClipByValue', 'gradient', {
  inputs: [
    f64([
      [1, -5, 5],
      [0.5, 7, 2],
    ]),
    f64(0),
    f64(3),
  ],
  build: clip,
  gradient: true,
});
opCase('ClipByValue', 'gradient of bounds for each element', {
  inputs: [f64([1, -5, 5]), f64([0, -1, 1]), f64([2, 2, 3])],
  build: clip,
  gradient: true,
});
opCase('ClipByValue', 'bounds that do not fit', {
  inputs: [f32([1, 2, 3]), f32([0, 1]), f32(2)],
  build: clip,
  fails:
    /clip_value_min and clip_value_max must be either of the same shape as input, or a scalar. input shape: \[3\]clip_value_min shape: \[2\]clip_value_max shape: \[\]/,
});

describe('addN and accumulateN', () => {
  it('pass a lone tensor, or give it a name', () => {
    new Graph().asDefault(() => {
      const x = placeholder(float32, [2], { name: 'x' });
      expect(addN([x])).to.equal(x);
      expect(accumulateN([x])).to.equal(x);
      expect(addN([x], { name: 'sum' }).op.type).to.equal('Identity');
    });
  });

  it('refuse what cannot be summed', () => {
    new Graph().asDefault(() => {
      const [x, y, z] = [placeholder(float32, [2]), placeholder(float64, [2]), placeholder(float32, [3])];
      expect(() => addN([])).to.throw(
        Error,
        'Inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype and shape.',
      );
      expect(() => accumulateN([x, y])).to.throw(
        Error,
        'inputs must be a list of at least one Tensor with the same dtype and shape',
      );
      expect(() => accumulateN([x, z])).to.throw(Error, 'Shapes (2,) and (3,) are not compatible');
      expect(() => accumulateN([x, x], { shape: [4] })).to.throw(Error, 'Shapes (4,) and (2,) are not compatible');
      expect(() => accumulateN([x, x], { tensorDtype: float64 })).to.throw(TypeError, 'The `tensor_dtype` argument is');
    });
  });
});
