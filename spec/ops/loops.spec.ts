/**
 * Control flow of TensorFlow v1 with loops: what comes out. How loops run, and what cannot run, is
 * spec/runtime/flow/loops.spec.ts.
 */
import { applyOp, applyUnary } from '../../graph/applyOp';
import type { Tensor } from '../../graph/tensor';
import { bools, f32, i32, opCase } from '../support/opCase';
import { referenceFor } from '../support/references';
import { v1Loop } from '../support/v1Loop';

const add = (x: Tensor, y: Tensor | number) => applyUnary('AddV2', { x, y });
const less = (x: Tensor, y: Tensor | number) => applyUnary('Less', { x, y });
const doubled = (x: Tensor) => applyUnary('Mul', { x, y: 2 });

/** i and x after x was doubled while i < limit. */
const powers = (i: Tensor, x: Tensor, limit: Tensor, frame?: string) =>
  v1Loop(
    [i, x],
    (k, _, end) => less(k, end),
    (k, y) => [add(k, 1), doubled(y)],
    { constants: [limit], frame },
  );

opCase('Enter', 'a loop', {
  inputs: [i32(0), f32([1, 3]), i32(5)],
  build: (i, x, limit) => powers(i, x, limit),
  covers: ['LoopCond', 'NextIteration', 'Exit'],
  want: [i32(5), f32([32, 96])],
});

opCase('Exit', 'a loop whose body never runs', {
  inputs: [i32(7), f32([1, 3]), i32(5)],
  build: (i, x, limit) => powers(i, x, limit),
  want: [i32(7), f32([1, 3])],
});

opCase('Enter', 'a loop in a loop', {
  inputs: [i32(0), i32(4)],
  build: (start, limit) =>
    v1Loop(
      [start, start],
      (i, _, end) => less(i, end),
      (i, total, end) => {
        // Adds 0 + 1 + … + (i - 1).
        const [, sum] = v1Loop(
          [applyUnary('ZerosLike', { x: i }), total],
          (j, _, stop) => less(j, stop),
          (j, inner) => [add(j, 1), add(inner, j)],
          { frame: 'inner', constants: [i] },
        );
        return [add(i, 1), add(sum, applyUnary('Mul', { x: end, y: 100 }))];
      },
      { frame: 'outer', constants: [limit] },
    ),
  want: [i32(4), i32(4 * 400 + 0 + 1 + 3)],
});

for (const pred of [false, true]) {
  opCase('Exit', `a loop in one branch, ${pred ? 'taken' : 'not taken'}`, {
    inputs: [i32(0), f32(1), bools(pred)],
    build: (i, x, chosen) => {
      const [still, go] = applyOp('Switch', { data: x, pred: chosen }).outputs;
      const [, start] = applyOp('Switch', { data: i, pred: chosen }).outputs;
      const limit = applyUnary('AddV2', { x: start, y: 3 });
      const [, looped] = powers(start, go, limit);
      return applyOp('Merge', { inputs: [still, looped] }).outputs;
    },
    want: [f32(pred ? 8 : 1), i32(pred ? 1 : 0)],
  });
}

opCase('Enter', 'a branch in a loop', {
  inputs: [i32(0), i32(6)],
  build: (start, limit) =>
    v1Loop(
      [start, start],
      (i, _, end) => less(i, end),
      (i, total) => {
        const isOdd = applyUnary('Equal', { x: applyUnary('FloorMod', { x: i, y: 2 }), y: 1 });
        const [even, odd] = applyOp('Switch', { data: i, pred: isOdd }).outputs;
        const step = applyOp('Merge', { inputs: [applyUnary('Neg', { x: even }), doubled(odd)] }).outputs[0];
        return [add(i, 1), add(total, step)];
      },
      { constants: [limit] },
    ),
  want: [i32(6), i32(2 - 2 + 6 - 4 + 10)],
});

opCase('RefEnter', 'a variable that a loop counts in', {
  inputs: [i32(0), i32(5)],
  build: (start, limit) => {
    const ref = applyUnary('Assign', { ref: referenceFor(start, 'n'), value: start, validate_shape: false });
    return v1Loop(
      [ref],
      (value, end) => less(value, end),
      (value) => [applyUnary('AssignAdd', { ref: value, value: 2 })],
      { references: true, constants: [limit] },
    );
  },
  covers: ['RefNextIteration', 'RefExit'],
  want: i32(6),
});
