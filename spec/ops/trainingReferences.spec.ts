/**
 * Update steps of optimizers on variables of TensorFlow v1: the values recorded for those on resource variables.
 */
import '../../graph/ops/index';
import { applyOp } from '../../graph/applyOp';
import { findOp } from '../../graph/registry';
import { f32, opCase } from '../support/opCase';
import { afterReferenceSteps, referenceFor } from '../support/references';
import { updateRows } from '../support/updateGoldens';

updateRows((op) => {
  const name = op.replace(/^Resource/, '');
  return findOp(name) ? name : null;
}, afterReferenceSteps);

opCase('ApplyGradientDescent', 'shapes that differ', {
  inputs: [f32([1, 2]), f32([1, 2, 3])],
  build: (initial, delta) =>
    afterReferenceSteps([initial], (ref) => applyOp('ApplyGradientDescent', { var: ref, alpha: 0.1, delta })),
  fails:
    /Dimension 0 in both shapes must be equal, but are 2 and 3|var and delta do not have the same shape\[2\] \[3\]/,
});

opCase('ApplyGradientDescent', 'a variable without a value', {
  inputs: [f32([1, 2])],
  build: (delta) => applyOp('ApplyGradientDescent', { var: referenceFor(delta, 'w'), alpha: 0.1, delta }).outputs,
  fails: /Attempting to use uninitialized value w/,
});
