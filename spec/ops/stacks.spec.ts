/**
 * Stacks of tensors of TensorFlow v1. Loops that use them are in spec/runtime/flow/golden.spec.ts.
 */
import { applyOp, applyUnary } from '../../graph/applyOp';
import { float32 } from '../../graph/dtypes';
import { controlDependencies } from '../../graph/framework';
import type { Operation } from '../../graph/operation';
import type { Tensor } from '../../graph/tensor';
import { f32, i32, opCase } from '../support/opCase';

const stack = (max_size = -1) => applyUnary('StackV2', { max_size, elem_type: float32 });
const push = (handle: Tensor, elem: Tensor) => applyUnary('StackPushV2', { handle, elem });
const pop = (handle: Tensor) => applyUnary('StackPopV2', { handle, elem_type: float32 });
const then = <R>(before: Tensor | Operation, build: () => R): R => controlDependencies([before], build);

opCase('StackV2', 'last in, first out', {
  inputs: [f32([1, 2]), f32(3)],
  build: (a, b) => {
    const handle = stack(2);
    const full = then(push(handle, a), () => push(handle, b));
    const first = then(full, () => pop(handle));
    return [first, then(first, () => pop(handle))];
  },
  covers: ['StackPushV2', 'StackPopV2'],
  want: [f32(3), f32([1, 2])],
});
opCase('StackPopV2', 'nothing', {
  inputs: [f32(1)],
  build: () => pop(stack()),
  fails: /Stack\[StackV2\] is empty when calling Pop\(\)\./,
});
opCase('StackPushV2', 'too many', {
  inputs: [f32(1)],
  build: (a) => {
    const handle = stack(1);
    return then(push(handle, a), () => push(handle, a));
  },
  fails: /Stack\[StackV2\] overflowed its max_size \(1\)/,
});
opCase('StackPushV2', 'of another dtype', {
  inputs: [i32(1)],
  build: (a) => push(stack(), a),
  fails: /Must have type float but got int32/,
});
opCase('StackCloseV2', 'and used after', {
  inputs: [f32(1)],
  build: (a) => {
    const handle = stack();
    return then(applyOp('StackCloseV2', { handle }), () => push(handle, a));
  },
  fails: /Stack\[StackV2\] has already been closed\./,
});
opCase('StackCloseV2', 'a value pushed before', {
  inputs: [f32(1)],
  build: (a) => {
    const handle = stack();
    const pushed = push(handle, a);
    return then(
      then(pushed, () => applyOp('StackCloseV2', { handle })),
      () => applyUnary('Identity', { input: pushed }),
    );
  },
  want: f32(1),
});
