/**
 * Control flow of TensorFlow v1 without loops: values go one way, and what arrives goes on. Loops are in
 * spec/runtime/flow.
 */
import { applyOp, applyUnary } from '../../graph/applyOp';
import { controlDependencies } from '../../graph/framework';
import type { Tensor } from '../../graph/tensor';
import { bools, f32, f64, i32, opCase, strings } from '../support/opCase';
import { referenceFor } from '../support/references';

const ways = (data: Tensor, pred: Tensor) => applyOp('Switch', { data, pred }).outputs;

/** x² if pred, else 3x */
const choice = (x: Tensor, pred: Tensor): Tensor[] => {
  const [ifFalse, ifTrue] = ways(x, pred);
  const inputs = [applyUnary('Mul', { x: ifFalse, y: 3 }), applyUnary('Square', { x: ifTrue })];
  return [...applyOp('Merge', { inputs }).outputs];
};

for (const [pred, want, index] of [
  [false, [6, 9], 0],
  [true, [4, 9], 1],
] as const) {
  opCase('Switch', `${pred}`, {
    inputs: [f64([2, 3]), bools(pred)],
    build: choice,
    covers: ['Merge'],
    want: [f64(want), i32(index)],
    gradient: true,
  });
}

opCase('Switch', 'only one way is read', {
  inputs: [f64([2, 3]), bools(false)],
  build: (x, pred) => {
    const [, ifTrue] = ways(x, pred);
    const [ifFalse] = ways(applyUnary('Neg', { x }), pred);
    return applyOp('Merge', { inputs: [ifFalse, applyUnary('Exp', { x: ifTrue })] }).outputs[0];
  },
  covers: ['Merge'],
  want: f64([-2, -3]),
  gradient: true,
});

opCase('Merge', 'takes the first of several that are there', {
  inputs: [strings(['a']), strings(['b', 'c'])],
  build: (a, b) => applyOp('Merge', { inputs: [a, b] }).outputs,
  want: [strings(['a']), i32(0)],
});

opCase('Switch', 'fetching what is dead', {
  inputs: [f32(1), bools(true)],
  build: (x, pred) => ways(x, pred),
  fails: /Retval\[0\] does not have value/,
});

opCase('Switch', 'a predicate that is no scalar', {
  inputs: [f32(1), bools([true])],
  build: (x, pred) => ways(x, pred)[1],
  fails: /Shape must be rank 0 but is rank 1|The second input must be a scalar, but it has shape \[1\]/,
});

opCase('ControlTrigger', 'runs after what is dead', {
  inputs: [f32(1), bools(true)],
  build: (x, pred) => {
    const dead = applyUnary('Neg', { x: ways(x, pred)[0] });
    const trigger = controlDependencies([dead], () => applyOp('ControlTrigger', {}));
    return controlDependencies([trigger], () => applyUnary('Identity', { input: x }));
  },
  want: f32(1),
});

opCase('Switch', 'what waits for a dead node is dead', {
  inputs: [f32(1), bools(true)],
  build: (x, pred) => {
    const dead = applyUnary('Neg', { x: ways(x, pred)[0] });
    return controlDependencies([dead], () => applyUnary('Identity', { input: x }));
  },
  fails: /Retval\[0\] does not have value/,
});

const stored = (value: Tensor, name: string) =>
  applyUnary('Assign', { ref: referenceFor(value, name), value, validate_shape: false });

for (const pred of [false, true]) {
  opCase('RefSwitch', `an update in one branch, ${pred}`, {
    inputs: [f64([2, 3]), bools(pred)],
    build: (value, chosen) => {
      const [ifFalse, ifTrue] = applyOp('RefSwitch', { data: stored(value, 'w'), pred: chosen }).outputs;
      const inputs = [ifFalse, applyUnary('AssignAdd', { ref: ifTrue, value })];
      return applyUnary('RefIdentity', { input: applyOp('RefMerge', { inputs }).outputs[0] });
    },
    covers: ['RefMerge', 'RefIdentity'],
    want: f64(pred ? [4, 6] : [2, 3]),
  });
}

const chosen = (value: Tensor, pred: Tensor): Tensor => {
  const [ifFalse, ifTrue] = applyOp('RefSwitch', { data: value, pred }).outputs;
  const inputs = [applyUnary('RefIdentity', { input: ifFalse }), applyUnary('RefIdentity', { input: ifTrue })];
  const merged = applyOp('RefMerge', { inputs }).outputs[0];
  return applyUnary('Square', { x: merged });
};
opCase('RefSwitch', 'gradient', {
  inputs: [f64([2, 3]), bools(true)],
  build: chosen,
  covers: ['RefMerge', 'RefIdentity'],
  gradient: true,
});

opCase('RefSelect', 'the second', {
  inputs: [f32(1), f32(2), i32(1)],
  build: (a, b, index) => applyUnary('RefSelect', { index, inputs: [stored(a, 'a'), stored(b, 'b')] }),
  want: f32(2),
});
opCase('RefSelect', 'none', {
  inputs: [f32(1), f32(2), i32(2)],
  build: (a, b, index) => applyUnary('RefSelect', { index, inputs: [stored(a, 'a'), stored(b, 'b')] }),
  fails: /Index must be in the range \[0, 2\) but got 2/,
});
