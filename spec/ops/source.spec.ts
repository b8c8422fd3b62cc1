/**
 * Rows: constants, placeholders, identities and filled tensors.
 */
import { expect } from 'chai';
import { applyUnary } from '../../graph/applyOp';
import * as dtypes from '../../graph/dtypes';
import { gradients } from '../../graph/gradients';
import { Graph } from '../../graph/graph';
import { NdArray } from '../../graph/ndarray';
import { shape } from '../../graph/ops/shapes';
import {
  constant,
  ensureShape,
  fill,
  guaranteeConst,
  identity,
  identityN,
  noOp,
  ones,
  onesLike,
  placeholder,
  placeholderWithDefault,
  preventGradient,
  stopGradient,
  zeros,
  zerosLike,
} from '../../graph/ops/source';
import { Session } from '../../runtime/session';
import { bools, coveredGradients, coveredValues, f32, f64, i32, i64, opCase, strings, u8 } from '../support/opCase';

const sample = f32([
  [1, -2.5],
  [0, 4],
]);

opCase('Const', 'scalars', {
  inputs: [],
  build: () => [constant(1.5), constant(true), constant('a')],
  want: [f32(1.5), bools(true), strings('a')],
});
opCase('Const', 'shapes and dtypes', {
  inputs: [],
  build: () => [
    constant([[1, 2]]),
    constant(7, { shape: [2, 2], dtype: dtypes.int32 }),
    constant([], { dtype: dtypes.int64 }),
    constant(new Uint8Array([1, 2])),
    constant(5n),
    constant([1, 2, 3, 4], { shape: [2, 2] }),
  ],
  want: [
    f32([[1, 2]]),
    i32([
      [7, 7],
      [7, 7],
    ]),
    i64([]),
    u8([1, 2]),
    i64(5n),
    f32([
      [1, 2],
      [3, 4],
    ]),
  ],
});

for (const [type, build] of [
  ['Identity', identity],
  ['StopGradient', stopGradient],
  ['PreventGradient', preventGradient],
  ['GuaranteeConst', guaranteeConst],
] as const) {
  opCase(type, 'floats', { inputs: [sample], build: (x) => build(x), want: sample });
  opCase(type, 'strings', { inputs: [strings(['a', 'é'])], build: (x) => build(x), want: strings(['a', 'é']) });
  opCase(type, 'no elements', {
    inputs: [i64(NdArray.zeros(dtypes.int64, [0, 3]))],
    build: (x) => build(x),
    want: NdArray.zeros(dtypes.int64, [0, 3]),
  });
}
opCase('Identity', 'gradient', { inputs: [f64([1, 2])], build: (x) => identity(x), gradient: true });
opCase('IdentityN', 'mixed dtypes', {
  inputs: [sample, i32(3), bools([true])],
  build: (...inputs) => identityN(inputs),
  want: [sample, i32(3), bools([true])],
});
opCase('IdentityN', 'gradient', {
  inputs: [f64([1, 2]), f64(3)],
  build: (...inputs) => identityN(inputs),
  gradient: true,
});
opCase('PlaceholderWithDefault', 'default', {
  inputs: [sample],
  build: (x) => placeholderWithDefault(x, [null, 2]),
  want: sample,
});
opCase('PlaceholderWithDefault', 'gradient', {
  inputs: [f64([1, 2])],
  build: (x) => placeholderWithDefault(x, null),
  gradient: true,
});
opCase('EnsureShape', 'compatible', { inputs: [sample], build: (x) => ensureShape(x, [null, 2]), want: sample });
opCase('EnsureShape', 'gradient', { inputs: [f64([1, 2])], build: (x) => ensureShape(x, [2]), gradient: true });
opCase('EnsureShape', 'other size', {
  inputs: [f32([[1, 2]])],
  build: (x) => ensureShape(x, [2, null]),
  fails:
    /Dimension 0 in both shapes must be equal, but are 2 and 1\. Shapes are \[2,\?\] and \[1,2\]\. for '\{\{node EnsureShape|Shape of tensor Placeholder \[1,2\] is not compatible with expected shape \[2,\?\]\./,
});
opCase('EnsureShape', 'other rank', {
  inputs: [f32([[1, 2]])],
  build: (x) => ensureShape(x, [2]),
  fails:
    /Shape must be rank 1 but is rank 2 for '\{\{node EnsureShape|Shape of tensor Placeholder \[1,2\] is not compatible with expected shape \[2\]\./,
});
opCase('ZerosLike', 'floats', {
  inputs: [sample],
  build: (x) => zerosLike(x, null, { optimize: false }),
  want: f32([
    [0, 0],
    [0, 0],
  ]),
});
opCase('ZerosLike', 'strings', {
  inputs: [strings(['a'])],
  build: (x) => zerosLike(x, null, { optimize: false }),
  want: strings(['']),
});
for (const value of [i64([1, 2]), bools([false, true]), u8(3)]) {
  opCase('OnesLike', value.dtype.name, {
    inputs: [value],
    build: (x) => applyUnary('OnesLike', { x }),
    want: NdArray.from(
      { data: Array(value.size).fill(value.dtype.isBool ? true : 1), shape: value.shape },
      value.dtype,
    ),
  });
}
opCase('Fill', 'matrix', {
  inputs: [i32([2, 3]), f32(9)],
  build: fill,
  want: f32([
    [9, 9, 9],
    [9, 9, 9],
  ]),
});
opCase('Fill', 'int64 dims, bool', { inputs: [i64([2]), bools(true)], build: fill, want: bools([true, true]) });
opCase('Fill', 'scalar', { inputs: [i32([]), strings('s')], build: fill, want: strings('s') });
opCase('Fill', 'no elements', {
  inputs: [i32([0, 2]), i32(1)],
  build: fill,
  want: NdArray.zeros(dtypes.int32, [0, 2]),
});
opCase('Fill', 'gradient', { inputs: [i32([2, 3]), f64(9)], build: fill, gradient: true });
opCase('Fill', 'gradient of a scalar', { inputs: [i32([]), f64(9)], build: fill, gradient: true });
opCase('Fill', 'negative dimension', {
  inputs: [i32([2, -1]), f32(1)],
  build: fill,
  fails: /Fill dimensions must be >= 0 for|Dimension -1 must be >= 0/,
});
opCase('Fill', 'dims of rank 2', {
  inputs: [i32([[2]]), f32(1)],
  build: fill,
  fails: /Shape must be rank 1 but is rank 2 for|dims must represent a vector, got shape \[1,1\]/,
});
opCase('Fill', 'zeros and ones of shapes', {
  inputs: [sample],
  build: (x) => [
    zeros(shape(x)),
    ones([shape(x, { outType: dtypes.int32 }), 3].slice(1)),
    zerosLike(x, dtypes.bool),
    onesLike(x),
    zeros([40, 50]),
  ],
  want: [
    f32([
      [0, 0],
      [0, 0],
    ]),
    f32([1, 1, 1]),
    bools([
      [false, false],
      [false, false],
    ]),
    f32([
      [1, 1],
      [1, 1],
    ]),
    NdArray.zeros(dtypes.float32, [40, 50]),
  ],
});

describe('source', () => {
  coveredValues.add('Placeholder').add('NoOp');

  it('placeholder: fed values come through, unfed ones are an error with dtype and shape', () => {
    const graph = new Graph();
    const x = graph.asDefault(() => placeholder(dtypes.float32, [2, null], { name: 'x' }));
    const any = graph.asDefault(() => placeholder(dtypes.string));
    const session = new Session({ graph });
    expect((session.runSync([x], { feed: [[x, [[1], [2]]]] })[0] as NdArray).toArray()).to.deep.equal([[1], [2]]);
    expect(() => session.runSync([x])).to.throw(
      /You must feed a value for placeholder tensor 'x' with dtype float and shape \[2,\?\]/,
    );
    expect(() => session.runSync([any])).to.throw(
      /You must feed a value for placeholder tensor 'Placeholder' with dtype string\n/,
    );
  });

  it('noOp: runs and yields nothing', () => {
    const graph = new Graph();
    const op = graph.asDefault(() => noOp());
    expect(new Session({ graph }).runSync([op])).to.deep.equal([null]);
  });

  it('zeros and ones: constants below 1000 elements, then filled; each dtype', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      expect(zeros([999]).op.type).to.equal('Const');
      expect(zeros([1000]).op.type).to.equal('Fill');
      expect(ones(3, dtypes.int64).shape.asNumbers()).to.deep.equal([3]);
      expect(ones([2], dtypes.bool).op.attrs.value).to.deep.equal(bools([true, true]));
      expect(zeros([2], dtypes.string).op.attrs.value).to.deep.equal(strings(['', '']));
      expect(() => zeros([-1])).to.throw(/Fill dimensions must be >= 0 for '\{\{node zeros_3\}\}/);
      expect(() => zeros([1.5])).to.throw(TypeError);
      expect(() => ones([2], dtypes.string)).to.throw(TypeError);
    });
  });

  // Registered when the file is loaded: the coverage spec runs before this one.
  coveredGradients.add('PreventGradient');
  it('preventGradient: differentiating is a LookupError with the reason', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const x = placeholder(dtypes.float32, []);
      const y = preventGradient(x, { message: 'not here' });
      expect(() => gradients(y, x)).to.throw('Gradient explicitly disabled. Reason: not here');
    });
  });

  it('constant: what cannot be held leaves the graph as it was', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      expect(() => constant([1, [2]] as never)).to.throw(/inhomogeneous/);
      expect(() => constant(1.5, dtypes.int32)).to.throw('Expected int32, but got 1.5');
      expect(() => constant([1, 2, 3], { shape: [2] })).to.throw(/Cannot reshape a tensor with 3 elements/);
      expect(() => constant(null as never)).to.throw('None values not supported.');
      expect(graph.operations.length).to.equal(0);
    });
  });
});
