import { expect } from 'chai';
import type { TensorLike } from '../../graph/convert';
import { float32, int32 } from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { NdArray } from '../../graph/ndarray';
import * as ops from '../../graph/ops/reduce';
import { constant, placeholder } from '../../graph/ops/source';
import { Session } from '../../runtime/session';
import { bools, f32, f64, i32, opCase, strings } from '../support/opCase';
import { valueCases } from '../support/valueCases';

valueCases('reduce');

type Reduce = typeof ops.reduceSum;

const differentiable: Readonly<Record<string, Reduce>> = {
  Sum: ops.reduceSum,
  Mean: ops.reduceMean,
  Prod: ops.reduceProd,
  Max: ops.reduceMax,
  Min: ops.reduceMin,
  EuclideanNorm: ops.reduceEuclideanNorm,
};

const matrix = f64([
  [1.5, -2, 0.7],
  [3, 0.4, 5],
]);
const cube = f64([
  [
    [1.5, -2],
    [0.7, 3],
  ],
  [
    [0.4, 5],
    [-1.1, 2.5],
  ],
]);

const axes: readonly (TensorLike | null)[] = [null, 0, -1, [0, 1], [1, 0], [-2]];
for (const [op, build] of Object.entries(differentiable)) {
  for (const axis of axes) {
    const title = axis === null ? 'all axes' : `axis ${JSON.stringify(axis)}`;
    opCase(op, `gradient over ${title}`, { inputs: [matrix], build: (x) => build(x, axis), gradient: true });
    opCase(op, `gradient over ${title}, axes kept`, {
      inputs: [matrix],
      build: (x) => build(x, axis, { keepdims: true }),
      gradient: true,
    });
  }
  opCase(op, 'gradient over a middle axis', { inputs: [cube], build: (x) => build(x, [1]), gradient: true });
  opCase(op, 'gradient over outer axes', { inputs: [cube], build: (x) => build(x, [2, 0]), gradient: true });
  opCase(op, 'gradient over fed axes', {
    inputs: [cube, i32([0, -1])],
    build: (x, axis) => build(x, axis),
    gradient: [0],
  });
  opCase(op, 'gradient of a scalar', { inputs: [f64(3)], build: (x) => build(x), gradient: true });
  opCase(op, 'an axis out of range', {
    inputs: [f32([[1, 2]])],
    build: (x) => build(x, [2]),
    fails:
      /^Invalid reduction dimension 2 for input with 2 dimensions. for '\{\{node \w+\}\} = \w+\[.*\]\(.*\)' with input shapes: \[1,2\], \[1\] and with computed input tensors: input\[1\] = <2>\.|^Invalid reduction dimension \(2 for input with 2 dimension\(s\)|^Invalid reduction dimension 2 for input with 2 dimensions/,
  });
  opCase(op, 'an axis twice', {
    inputs: [f32([[1, 2]])],
    build: (x) => build(x, [0, -2]),
    fails: /^Invalid reduction arguments: Axes contains duplicate dimension: 0/,
  });
  opCase(op, 'axes that are no list', {
    inputs: [f32([[1, 2]])],
    build: (x) => build(x, [[0, 1]]),
    fails: /^Shape must be at most rank 1 but is rank 2 for/,
  });
  opCase(op, 'strings', {
    inputs: [strings(['a'])],
    build: (x) => build(x),
    fails:
      /^Value passed to parameter 'input' has DataType string not in list of allowed values: float32, float64, int32/,
  });
}
opCase('Prod', 'gradient with zeros', {
  inputs: [
    f64([
      [2, 0, 3],
      [0, 0, 4],
    ]),
  ],
  build: (x) => ops.reduceProd(x, 1),
  gradient: true,
});

opCase('All', 'functions', {
  inputs: [
    bools([
      [true, false],
      [true, true],
    ]),
  ],
  build: (x) => [ops.reduceAll(x), ops.reduceAny(x, 0), ops.reduceAll(x, 1, { keepdims: true })],
  want: [bools(false), bools([true, true]), bools([[false], [true]])],
});
opCase('ArgMax', 'defaults', {
  inputs: [
    f32([
      [1, 5],
      [3, 2],
    ]),
  ],
  build: (x) => [ops.argmax(x), ops.argmax(x, 1, { outputType: int32 }), ops.argmin(x, -1, { outputType: int32 })],
  want: [NdArray.from([1n, 0n]), i32([1, 0]), i32([0, 1])],
});
for (const [op, build] of Object.entries({ ArgMax: ops.argmax, ArgMin: ops.argmin })) {
  opCase(op, 'an axis out of range', {
    inputs: [f32([[1, 2]])],
    build: (x) => build(x, 2),
    fails:
      /^Dimension \(2\) must be in the range \[-2, 2\), where 2 is the number of dimensions in the input. for|^Expected dimension in the range \[-2, 2\), but got 2/,
  });
  opCase(op, 'a scalar', {
    inputs: [f32(1)],
    build: (x) => build(x),
    fails: /^Expected dimension in the range \[0, 0\), but got 0/,
  });
  opCase(op, 'an empty axis', {
    inputs: [NdArray.zeros(float32, [0, 2])],
    build: (x) => build(x),
    fails: /^Reduction axis 0 is empty in shape \[0,2\]/,
  });
}

describe('reductions', () => {
  it('know what they can of the result', () => {
    new Graph().asDefault(() => {
      const x = placeholder(float32, [null, 3, 4]);
      const some = placeholder(int32, [null]);
      const unknown = placeholder(float32);
      const shapes = [
        ops.reduceSum(x),
        ops.reduceSum(x, [0, -1]),
        ops.reduceSum(x, 1, { keepdims: true }),
        ops.reduceSum(x, some),
        ops.reduceSum(x, some, { keepdims: true }),
        ops.reduceSum(unknown),
        ops.reduceSum(unknown, 0),
        ops.argmax(x, 1),
        ops.argmax(unknown),
        ops.argmax(x, placeholder(int32, [])),
      ];
      expect(shapes.map((y) => String(y.shape))).to.deep.equal([
        '()',
        '(3,)',
        '(None, 1, 4)',
        '<unknown>',
        '(None, None, None)',
        '()',
        '<unknown>',
        '(None, 4)',
        '<unknown>',
        '(None, None)',
      ]);
    });
  });

  it('sum many float32 without losing the small ones', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const many = new Float32Array(2 ** 20).fill(0.1);
      const [total] = new Session({ graph }).runSync([ops.reduceSum(constant(many))]) as NdArray[];
      expect(total.item()).to.equal(Math.fround(Math.fround(0.1) * 2 ** 20));
    });
  });
});
