/**
 * Functional control flow: values, and gradients by central differences.
 */
import { applyOp, applyUnary } from '../../graph/applyOp';
import { cond, switchCase } from '../../graph/controlFlow/cond';
import { whileLoop } from '../../graph/controlFlow/whileLoop';
import { float64, int32 } from '../../graph/dtypes';
import { gradients } from '../../graph/gradients';
import '../../graph/ops/index';
import '../../graph/ops/operators';
import { checkNumerics } from '../../graph/ops/checks';
import { matmul } from '../../graph/ops/matmul';
import { reduceSum } from '../../graph/ops/reduce';
import { constant } from '../../graph/ops/source';
import { sin } from '../../graph/ops/trigonometric';
import { exp, tanh } from '../../graph/ops/unary';
import { scalarShape, unknownShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { bools, f32, f64, i32, opCase } from '../support/opCase';

const zero = () => constant(0, { dtype: int32 });
const times = (x: Tensor, y: number) => x.mul(constant(y, { dtype: float64 }));
const x3 = f64([0.5, -1.25, 2]);
const y3 = f64([1.5, 0.75, -0.5]);

for (const truth of [true, false]) {
  const title = truth ? 'true' : 'false';
  opCase('StatelessIf', `of a condition that is ${title}`, {
    inputs: [bools(truth), f32([1, 2])],
    build: (p, x) =>
      cond(
        p,
        () => x.add(1),
        () => x.mul(3),
      ),
    want: f32(truth ? [2, 3] : [3, 6]),
  });
  opCase('StatelessIf', `with several results, condition ${title}`, {
    inputs: [bools(truth), f64([[1, 2]]), i32(7)],
    build: (p, x, n) => {
      const { a, list } = cond(
        p,
        () => ({ a: n, list: [x, times(x, 2)] }),
        () => ({ a: n.neg(), list: [times(x, 3), x] }),
      );
      return [a, ...list];
    },
    want: truth ? [i32(7), f64([[1, 2]]), f64([[2, 4]])] : [i32(-7), f64([[3, 6]]), f64([[1, 2]])],
  });
  opCase('StatelessIf', `gradient, condition ${title}`, {
    inputs: [bools(truth), x3, y3],
    build: (p, x, y) =>
      cond(
        p,
        () => sin(x.mul(y)).mul(exp(y)),
        () => tanh(x),
      ),
    gradient: true,
  });
  opCase('If', `of a stateful branch, condition ${title}`, {
    inputs: [bools(truth), x3],
    build: (p, x) =>
      cond(
        p,
        () => checkNumerics(x.mul(x), 'x'),
        () => exp(x),
      ),
    want: f64(truth ? [0.25, 1.5625, 4] : [0.5, -1.25, 2].map(Math.exp)),
    gradient: true,
  });
  opCase('StatelessIf', `inside another, condition ${title}`, {
    inputs: [bools(truth), bools(true), x3],
    build: (p, q, x) =>
      cond(
        p,
        () =>
          cond(
            q,
            () => tanh(x).mul(x),
            () => x,
          ),
        () => exp(x).mul(x),
      ),
    gradient: true,
  });
  opCase('StatelessIf', `second derivative, condition ${title}`, {
    inputs: [bools(truth), x3],
    build: (p, x) => {
      const y = cond(
        p,
        () => x.mul(x).mul(x),
        () => exp(sin(x)),
      );
      return gradients(y, x)[0] as Tensor;
    },
    gradient: true,
    covers: ['OptionalFromValue', 'OptionalGetValue'],
  });
  opCase('StatelessIf', `gradient through an inner loop, condition ${title}`, {
    inputs: [bools(truth), f64(0.7)],
    build: (p, x) =>
      cond(
        p,
        () =>
          whileLoop(
            (i) => i.less(3),
            (i, a) => [i.add(1), sin(a.mul(x))],
            [zero(), x],
          )[1],
        () => x.mul(x),
      ),
    gradient: true,
    covers: ['StatelessWhile'],
  });
}

opCase('If', 'fails where the taken branch fails', {
  inputs: [bools(true), f32([1, Number.NaN])],
  build: (p, x) =>
    cond(
      p,
      () => checkNumerics(x, 'bad'),
      () => x,
    ),
  fails: /bad : Tensor had NaN values[\s\S]*CheckNumerics/,
});
opCase('If', 'does not run the branch that is not taken', {
  inputs: [bools(false), f32([1, Number.POSITIVE_INFINITY])],
  build: (p, x) =>
    cond(
      p,
      () => checkNumerics(x, 'bad'),
      () => x,
    ),
  want: f32([1, Number.POSITIVE_INFINITY]),
});

for (const [index, want] of [
  [0, [1.5, -0.25, 3]],
  [1, [1, -2.5, 4]],
  [5, [0.25, 1.5625, 4]],
  [-1, [0.25, 1.5625, 4]],
] as const) {
  opCase('StatelessCase', `index ${index}`, {
    inputs: [i32(index), x3],
    build: (n, x) =>
      switchCase(n, [() => x.add(constant(1, { dtype: float64 })), () => times(x, 2)], { default: () => x.mul(x) }),
    want: f64(want),
    gradient: true,
  });
  opCase('Case', `of stateful branches, index ${index}`, {
    inputs: [i32(index), x3],
    build: (n, x) => switchCase(n, [() => checkNumerics(sin(x), ''), () => exp(x)], { default: () => x.mul(x) }),
    gradient: true,
  });
}

opCase('StatelessWhile', 'counts', {
  inputs: [i32(5)],
  build: (n) =>
    whileLoop(
      (i) => i.less(n),
      (i) => i.add(1),
      [zero()],
    ),
  want: i32(5),
});
opCase('StatelessWhile', 'of no iterations', {
  inputs: [f32([3, 4])],
  build: (x) =>
    whileLoop(
      (i, _a) => i.less(0),
      (i, a) => [i.add(1), a.mul(a)],
      [zero(), x],
    ),
  want: [i32(0), f32([3, 4])],
  staticOnly: true,
});
opCase('StatelessWhile', 'stops at the maximum of iterations', {
  inputs: [f32(1)],
  build: (x) =>
    whileLoop(
      (a) => a.less(100),
      (a) => a.mul(2),
      [x],
      { maximumIterations: 3 },
    ),
  want: f32(8),
});
opCase('StatelessWhile', 'with a shape that grows', {
  inputs: [f32([[1, 2]])],
  build: (x) =>
    whileLoop(
      (i, _a) => i.less(2),
      (i, a) => [i.add(1), applyUnary('ConcatV2', { values: [a, a], axis: 0 })],
      [zero(), x],
      { shapeInvariants: [null, unknownShape] },
    )[1],
  want: f32([
    [1, 2],
    [1, 2],
    [1, 2],
    [1, 2],
  ]),
});
opCase('StatelessWhile', 'gradient of variables and captured tensors', {
  inputs: [f64([0.3, -0.8]), f64([1.1, 0.6])],
  build: (x, y) =>
    whileLoop(
      (i, _a) => i.less(4),
      (i, a) => [i.add(1), tanh(a.mul(y)).add(x)],
      [zero(), x],
    )[1],
  gradient: true,
});
opCase('StatelessWhile', 'gradient of matrices', {
  inputs: [
    f64([
      [0.3, -0.8],
      [0.5, 0.2],
    ]),
    f64([[1.1, 0.6]]),
  ],
  build: (w, h) =>
    whileLoop(
      (i, _a) => i.less(3),
      (i, a) => [i.add(1), tanh(matmul(a, w))],
      [zero(), h],
      { shapeInvariants: [null, h.shape] },
    )[1],
  gradient: true,
  staticOnly: true,
});
opCase('StatelessWhile', 'gradient of a loop in a loop', {
  inputs: [f64(1.1), f64(0.4)],
  build: (x, y) =>
    whileLoop(
      (i, _a) => i.less(3),
      (i, a) => {
        const [, inner] = whileLoop(
          (j, _b) => j.lessEqual(i),
          (j, b) => [j.add(1), sin(b.mul(x))],
          [zero(), a],
        );
        return [i.add(1), inner.add(y)];
      },
      [zero(), x],
    )[1],
  gradient: true,
});
opCase('StatelessWhile', 'gradient of a condition in a loop', {
  inputs: [f64([0.4, 0.9])],
  build: (x) =>
    whileLoop(
      (i, _a) => i.less(4),
      (i, a) => [
        i.add(1),
        cond(
          i.mod(2).equal(0),
          () => a.mul(x),
          () => sin(a),
        ),
      ],
      [zero(), x],
    )[1],
  gradient: true,
});
opCase('StatelessWhile', 'second derivative', {
  inputs: [f64([0.4, 0.9])],
  build: (x) => {
    const [, y] = whileLoop(
      (i, _a) => i.less(3),
      (i, a) => [i.add(1), sin(a.mul(x))],
      [zero(), x],
    );
    return gradients(y, x)[0] as Tensor;
  },
  gradient: true,
  covers: ['TensorListPushBack', 'TensorListPopBack'],
});
opCase('StatelessWhile', 'gradient taken inside the body', {
  inputs: [f64(0.6)],
  build: (x) => {
    const outer = x.mul(x);
    return whileLoop(
      (i, _a) => i.less(2),
      (i, a) => [i.add(1), a.add(gradients(sin(outer.mul(a)), x)[0] as Tensor)],
      [zero(), x],
    )[1];
  },
  gradient: true,
});
opCase('While', 'gradient of a stateful body', {
  inputs: [f64([0.4, 0.9])],
  build: (x) =>
    whileLoop(
      (i, _a) => i.less(3),
      (i, a) => [i.add(1), checkNumerics(a.mul(x), 'a')],
      [zero(), x],
    )[1],
  want: f64([0.4 ** 4, 0.9 ** 4]),
  gradient: true,
});
opCase('StatelessWhile', 'gradient through the first maximumIterations', {
  inputs: [f64(1.3)],
  build: (x) =>
    whileLoop(
      (a) => a.less(constant(100, { dtype: float64 })),
      (a) => exp(a.mul(x)),
      [x],
      { maximumIterations: 2 },
    ),
  gradient: true,
});
opCase('StatelessWhile', 'stops no gradient by shapes that are not known', {
  inputs: [f64([0.4, 0.9, 0.1])],
  build: (x) =>
    whileLoop(
      (i, _a) => i.less(2),
      (i, a) => [i.add(1), a.mul(reduceSum(a))],
      [zero(), x],
    )[1],
  gradient: true,
});

opCase('OptionalHasValue', 'of both kinds', {
  inputs: [f32(1)],
  build: (x) => [
    applyUnary('OptionalHasValue', { optional: applyUnary('OptionalFromValue', { components: [x] }) }),
    applyUnary('OptionalHasValue', { optional: applyUnary('OptionalNone', {}) }),
  ],
  want: [bools(true), bools(false)],
  covers: ['OptionalNone'],
});
opCase('OptionalGetValue', 'of several components', {
  inputs: [f64([1, 2]), i32(3)],
  build: (x, n) =>
    applyOp('OptionalGetValue', {
      optional: applyUnary('OptionalFromValue', { components: [x, n] }),
      output_types: [float64, int32],
      output_shapes: [unknownShape, scalarShape],
    }).outputs,
  want: [f64([1, 2]), i32(3)],
  covers: ['OptionalFromValue'],
});
opCase('OptionalGetValue', 'of nothing', {
  inputs: [f32(1)],
  build: () =>
    applyOp('OptionalGetValue', {
      optional: applyUnary('OptionalNone', {}),
      output_types: [float64],
      output_shapes: [unknownShape],
    }).outputs,
  fails: /The given optional does not have a value\./,
});
