import { expect } from 'chai';
import { applyUnary } from '../../graph/applyOp';
import * as dtypes from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { matmul, matvec } from '../../graph/ops/matmul';
import { placeholder } from '../../graph/ops/source';
import type { Tensor } from '../../graph/tensor';
import { f32, f64, i32, opCase } from '../support/opCase';
import { opValues } from '../support/opValues';

opValues('matmul');

const a = f64([
  [1, -2, 0.5],
  [3, 0.25, -1],
]);
const b = f64([
  [0.5, 2, -1, 1],
  [1, -0.5, 3, 2],
  [-2, 1.5, 0, 1],
]);
const aT = f64([
  [1, 3],
  [-2, 0.25],
  [0.5, -1],
]);
const bT = f64([
  [0.5, 1, -2],
  [2, -0.5, 1.5],
  [-1, 3, 0],
  [1, 2, 1],
]);

opCase('MatMul', 'gradient', { inputs: [a, b], build: (x, y) => applyUnary('MatMul', { a: x, b: y }), gradient: true });
opCase('MatMul', 'gradient, a transposed', {
  inputs: [aT, b],
  build: (x, y) => applyUnary('MatMul', { a: x, b: y, transpose_a: true }),
  gradient: true,
});
opCase('MatMul', 'gradient, b transposed', {
  inputs: [a, bT],
  build: (x, y) => applyUnary('MatMul', { a: x, b: y, transpose_b: true }),
  gradient: true,
});
opCase('MatMul', 'gradient, both transposed', {
  inputs: [aT, bT],
  build: (x, y) => applyUnary('MatMul', { a: x, b: y, transpose_a: true, transpose_b: true }),
  gradient: true,
});
opCase('MatMul', 'dimensions that do not fit', {
  inputs: [f32([[1, 2]]), f32([[1, 2]])],
  build: (x, y) => applyUnary('MatMul', { a: x, b: y }),
  fails:
    /Dimensions must be equal, but are 2 and 1 for '\{\{node MatMul\}\}|Matrix size-incompatible: In\[0\]: \[1,2\], In\[1\]: \[1,2\]/,
});
opCase('MatMul', 'a vector', {
  inputs: [f32([1, 2]), f32([[1, 2]])],
  build: (x, y) => applyUnary('MatMul', { a: x, b: y }),
  fails: /Shape must be rank 2 but is rank 1|In\[0\] and In\[1\] has different ndims: \[2\] vs\. \[1,2\]/,
});

const batch = f64([
  [
    [1, 2],
    [0.5, -1],
  ],
  [
    [-2, 0.25],
    [3, 1],
  ],
]);
for (const [adj_x, adj_y] of [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
]) {
  for (const op of ['BatchMatMul', 'BatchMatMulV2']) {
    opCase(op, `gradient, adj_x ${adj_x}, adj_y ${adj_y}`, {
      inputs: [batch, batch],
      build: (x, y) => applyUnary(op, { x, y, adj_x, adj_y }),
      gradient: true,
    });
  }
}
opCase('BatchMatMulV2', 'gradient, one operand broadcast', {
  inputs: [batch, a],
  build: (x, y) => applyUnary('BatchMatMulV2', { x, y }),
  gradient: true,
});
opCase('BatchMatMulV2', 'gradient, both broadcast', {
  inputs: [f64([[[1], [2]]]), f64([[[3, 4]], [[-1, 0.5]]])],
  build: (x, y) => applyUnary('BatchMatMulV2', { x, y }),
  gradient: true,
});
opCase('BatchMatMul', 'batches that differ', {
  inputs: [f32([[[1]], [[2]]]), f32([[[1]], [[2]], [[3]]])],
  build: (x, y) => applyUnary('BatchMatMul', { x, y }),
  fails:
    /Dimension 0 in both shapes must be equal, but are 2 and 3|In\[0\]\.dim\(0\) and In\[1\]\.dim\(0\) must be the same: \[2,1,1\] vs \[3,1,1\]/,
});
opCase('BatchMatMulV2', 'batches that do not broadcast', {
  inputs: [f32([[[1]], [[2]]]), f32([[[1]], [[2]], [[3]]])],
  build: (x, y) => applyUnary('BatchMatMulV2', { x, y }),
  fails: /Dimensions must be equal, but are 2 and 3|must have compatible batch dimensions: \[2,1,1\] vs\. \[3,1,1\]/,
});
opCase('BatchMatMulV2', 'a vector', {
  inputs: [f32([1, 2]), f32([[1], [2]])],
  build: (x, y) => applyUnary('BatchMatMulV2', { x, y }),
  fails: /Shape must be at least rank 2 but is rank 1|In\[0\] ndims must be >= 2: 1/,
});

opCase('Squeeze', 'matvec', {
  inputs: [
    f32([
      [1, 2],
      [3, 4],
    ]),
    f32([5, 6]),
  ],
  build: (x, y) => matvec(x, y),
  want: f32([17, 39]),
});
opCase('Squeeze', 'matvec, transposed and over batches', {
  inputs: [
    f32([
      [
        [1, 2],
        [3, 4],
      ],
      [
        [0, 1],
        [1, 0],
      ],
    ]),
    f32([
      [5, 6],
      [7, 8],
    ]),
  ],
  build: (x, y) => matvec(x, y, { transposeA: true }),
  want: f32([
    [23, 34],
    [8, 7],
  ]),
});

describe('matmul', () => {
  const types = (build: () => Tensor): string[] => {
    const graph = new Graph();
    graph.asDefault(build);
    return graph.operations.map((op) => `${op.name} ${op.type}`);
  };

  it('is one MatMul for matrices, one BatchMatMulV2 otherwise', () => {
    const of = (rank: number | null) =>
      placeholder(dtypes.float32, rank === null ? null : new Array(rank).fill(null), { name: 'x' });
    expect(types(() => matmul(of(2), of(2))).at(-1)).to.equal('MatMul MatMul');
    expect(types(() => matmul(of(3), of(2))).at(-1)).to.equal('MatMul BatchMatMulV2');
    expect(types(() => matmul(of(null), of(2))).at(-1)).to.equal('MatMul BatchMatMulV2');
  });

  it('takes plain values in the dtype of the other operand', () => {
    expect(types(() => matmul([[1, 2]], placeholder(dtypes.int32, [2, 2], { name: 'x' })))).to.deep.equal([
      'x Placeholder',
      'MatMul/a Const',
      'MatMul MatMul',
    ]);
    const graph = new Graph();
    graph.asDefault(() => expect(matmul(i32([[1]]), [[2]]).dtype).to.equal(dtypes.int32));
  });

  it('refuses both kinds of transposition at once', () => {
    new Graph().asDefault(() => {
      expect(() => matmul([[1]], [[1]], { transposeA: true, adjointA: true })).to.throw(
        'Only one of `transpose_a` and `adjoint_a` can be True. Received `transpose_a`=True, `adjoint_a`=True.',
      );
    });
  });

  it('refuses operands of different dtypes', () => {
    new Graph().asDefault(() => {
      expect(() => matmul(f32([[1]]), f64([[1]]))).to.throw(
        "Input 'b' of 'MatMul' Op has type float64 that does not match type float32 of argument 'a'.",
      );
    });
  });
});
