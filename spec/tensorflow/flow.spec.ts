/**
 * Control flow of TensorFlow v1 in graphs that sluice holds: TensorFlow runs them after importing them, with the same results.
 * The other direction, graphs that TensorFlow built, is spec/runtime/flow/golden.spec.ts.
 */
import '../../lib/index';
import { applyOp, applyUnary } from '../../graph/applyOp';
import { bool, float32, int32 } from '../../graph/dtypes';
import { controlDependencies } from '../../graph/framework';
import { gradients } from '../../graph/gradients';
import { constant, placeholder } from '../../graph/ops/source';
import { TensorShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { bools, f32, i32 } from '../support/opCase';
import { referenceFor } from '../support/references';
import { v1Loop } from '../support/v1Loop';
import { bothRun, type Program } from './bothRun';

const less = (x: Tensor, y: Tensor | number) => applyUnary('Less', { x, y });
const plus = (x: Tensor, y: Tensor | number) => applyUnary('AddV2', { x, y });
const zero = () => applyUnary('Identity', { input: constant(i32(0)) });

/** x² if pred, else exp(x) */
function choice(x: Tensor, pred: Tensor): Tensor {
  const [ifFalse, ifTrue] = applyOp('Switch', { data: x, pred }).outputs;
  const inputs = [applyUnary('Exp', { x: ifFalse }), applyUnary('Square', { x: ifTrue })];
  return applyOp('Merge', { inputs }).outputs[0];
}

const programs: Readonly<Record<string, Program>> = {
  'a branch and its gradient': {
    build: () => {
      const x = placeholder(float32, [2]);
      const pred = placeholder(bool, []);
      const y = choice(x, pred);
      const [dx] = gradients(y, x);
      return [true, false].map((taken) => ({
        fetch: [y, dx as Tensor],
        feed: [
          [x, f32([0.5, -2])],
          [pred, bools(taken)],
        ],
      }));
    },
  },
  'a loop': {
    build: () => {
      const x = placeholder(float32, [2]);
      const limit = placeholder(int32, []);
      const [i, y] = v1Loop(
        [zero(), x],
        (k, _, end) => less(k, end),
        (k, value) => [plus(k, 1), plus(applyUnary('Mul', { x: value, y: 1.5 }), 1)],
        { constants: [limit] },
      );
      return [0, 1, 9].map((count) => ({
        fetch: [i, y],
        feed: [
          [x, f32([0.5, -2])],
          [limit, i32(count)],
        ],
      }));
    },
  },
  'a loop in a loop, with a branch inside': {
    build: () => {
      const limit = placeholder(int32, []);
      const [, total] = v1Loop(
        [zero(), zero()],
        (i, _, end) => less(i, end),
        (i, sum) => {
          const [, inner] = v1Loop(
            [applyUnary('ZerosLike', { x: i }), sum],
            (j, _, stop) => less(j, stop),
            (j, part) => {
              const isOdd = applyUnary('Equal', { x: applyUnary('FloorMod', { x: j, y: 2 }), y: 1 });
              const [even, odd] = applyOp('Switch', { data: j, pred: isOdd }).outputs;
              const step = applyOp('Merge', { inputs: [plus(even, 10), applyUnary('Neg', { x: odd })] }).outputs[0];
              return [plus(j, 1), plus(part, step)];
            },
            { frame: 'inner', constants: [i] },
          );
          return [plus(i, 1), inner];
        },
        { frame: 'outer', constants: [limit] },
      );
      return [0, 3, 6].map((count) => ({ fetch: [total], feed: [[limit, i32(count)]] }));
    },
  },
  'an array that a loop fills': {
    build: () => {
      const x = placeholder(float32, [4]);
      const make = () =>
        applyOp('TensorArrayV3', {
          size: 4,
          dtype: float32,
          element_shape: new TensorShape([]),
          clear_after_read: false,
        });
      const [source, target] = [make(), make()];
      const indices = constant(i32([0, 1, 2, 3]));
      const [handle, flow_in] = source.outputs;
      const filled = applyUnary('TensorArrayScatterV3', { handle, indices, value: x, flow_in });
      const [, flow] = v1Loop(
        [zero(), target.outputs[1]],
        (i) => less(i, 4),
        (i, written, from, fromFlow, to) => {
          const value = applyUnary('TensorArrayReadV3', { handle: from, index: i, flow_in: fromFlow, dtype: float32 });
          const square = applyUnary('Square', { x: value });
          return [
            plus(i, 1),
            applyUnary('TensorArrayWriteV3', { handle: to, index: i, value: square, flow_in: written }),
          ];
        },
        { constants: [handle, filled, target.outputs[0]] },
      );
      const stacked = applyUnary('TensorArrayGatherV3', {
        handle: target.outputs[0],
        indices,
        flow_in: flow,
        dtype: float32,
      });
      const size = applyUnary('TensorArraySizeV3', { handle: target.outputs[0], flow_in: flow });
      return [{ fetch: [stacked, size], feed: [[x, f32([1, -2, 3, 0.5])]] }];
    },
  },
  'variables that are references': {
    build: () => {
      const value = constant(f32([1, 2]));
      const ref = referenceFor(value, 'w');
      const start = applyOp('Assign', { ref, value });
      const added = applyUnary('AssignAdd', { ref, value: constant(f32([0.5, -1])) });
      const trained = controlDependencies([added], () =>
        applyUnary('ApplyGradientDescent', { var: ref, alpha: 0.1, delta: constant(f32([1, 1])) }),
      );
      const after = controlDependencies([trained], () =>
        applyUnary('ScatterUpdate', { ref, indices: constant(i32([1])), updates: constant(f32([7])) }),
      );
      return [
        { fetch: [start] },
        { fetch: [trained] },
        { fetch: [after] },
        { fetch: [applyUnary('IsVariableInitialized', { ref })] },
      ];
    },
  },
};

bothRun('control flow of TensorFlow v1, built here', programs);
