import { expect } from 'chai';
import { applyUnary } from '../../graph/applyOp';
import { float16, float32, float64, int32, int64, string, uint8 } from '../../graph/dtypes';
import { gradients } from '../../graph/gradients';
import { Graph } from '../../graph/graph';
import { IndexedSlices } from '../../graph/indexedSlices';
import { cast, saturateCast, toDouble, toFloat, toInt32, toInt64 } from '../../graph/ops/cast';
import { constant, placeholder } from '../../graph/ops/source';
import { f32, f64, i32, i64, opCase, strings, u8 } from '../support/opCase';
import { valueCases } from '../support/valueCases';

valueCases('cast');

opCase('Cast', 'gradient', {
  inputs: [
    f64([
      [1.5, -2],
      [0.25, 4],
    ]),
  ],
  build: (x) => cast(cast(x, float32), float64),
  gradient: true,
  tolerance: { absolute: 1e-2, relative: 1e-2 },
  step: 0.0625,
});
opCase('Cast', 'truncating', {
  inputs: [f64([0.1, -0.1, 0.5])],
  build: (x) => applyUnary('Cast', { x, DstT: float32, Truncate: true }),
  want: f32([0.09999999403953552, -0.09999999403953552, 0.5]),
});
opCase('Cast', 'strings', {
  inputs: [strings(['1'])],
  build: (x) => cast(x, float32),
  fails: /Cast string to float is not supported/,
});
opCase('Cast', 'half precision', {
  inputs: [f32([1])],
  build: (x) => cast(x, float16),
  fails: /Cast float to half is not supported/,
});
opCase('Cast', 'saturating to uint8', {
  inputs: [f32([-3, 0.5, 254.9, 256, 1e10])],
  build: (x) => saturateCast(x, uint8),
  want: u8([0, 0, 254, 255, 255]),
});
opCase('Cast', 'saturating to int32', {
  inputs: [f32([-1e20, 3e9, 12])],
  build: (x) => saturateCast(x, int32),
  want: i32([-2147483648, 2147483520, 12]),
});
opCase('Cast', 'saturating int64 to int32', {
  inputs: [i64([2n ** 40n, -5n])],
  build: (x) => saturateCast(x, int32),
  want: i32([2147483647, -5]),
});

describe('casts', () => {
  it('pass tensors that have the dtype already', () => {
    new Graph().asDefault((graph) => {
      const x = placeholder(float32, [2]);
      expect(cast(x, 'float32')).to.equal(x);
      expect(saturateCast(x, float64).dtype).to.equal(float64);
      expect(graph.operations.map((op) => op.type)).to.deep.equal(['Placeholder', 'Cast']);
    });
  });

  it('have shorthands', () => {
    new Graph().asDefault(() => {
      const x = constant(true);
      expect(
        [toFloat(x), toDouble(x), toInt32(x), toInt64(x, { name: 'n' })].map((y) => `${y.name} ${y.dtype.name}`),
      ).to.deep.equal(['ToFloat:0 float32', 'ToDouble:0 float64', 'ToInt32:0 int32', 'n:0 int64']);
    });
  });

  it('have no gradient through integers', () => {
    new Graph().asDefault(() => {
      const x = constant([1.5]);
      expect(gradients(cast(cast(x, int64), float32), x)).to.deep.equal([null]);
    });
  });

  it('cast the values of slices', () => {
    new Graph().asDefault(() => {
      const slices = new IndexedSlices(constant([[1.5]]), constant([0], { dtype: int32 }), null);
      const result = cast(slices, float64);
      expect(result).to.be.instanceOf(IndexedSlices);
      expect(result.values.dtype).to.equal(float64);
      expect(result.indices).to.equal(slices.indices);
    });
  });

  it('refuse what is no dtype', () => {
    new Graph().asDefault(() => {
      expect(() => cast(constant(1), 'decimal' as never)).to.throw(
        TypeError,
        'Cannot convert the argument `type_value`: decimal to a TensorFlow DType.',
      );
      expect(() => cast(constant('a'), string)).not.to.throw();
    });
  });
});
