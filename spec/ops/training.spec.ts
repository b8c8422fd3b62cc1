/**
 * Update steps of optimizers: two steps each, compared with TensorFlow's values (spec/golden/values_training.py), and
 * their errors.
 */
import { applyOp } from '../../graph/applyOp';
import type { Tensor } from '../../graph/tensor';
import { afterSteps } from '../support/handles';
import { f32, f64, i32, opCase } from '../support/opCase';
import { updateRows } from '../support/updateGoldens';

updateRows((op) => op, afterSteps);

const descend = (variable: Tensor, delta: Tensor) =>
  afterSteps([variable], (handle) => applyOp('ResourceApplyGradientDescent', { var: handle, alpha: 0.1, delta }));

opCase('ResourceApplyGradientDescent', 'no elements', { inputs: [f32([]), f32([])], build: descend, want: f32([]) });

opCase('ResourceApplyGradientDescent', 'a gradient of another shape', {
  inputs: [f32([1, 2]), f32([1, 2, 3])],
  build: descend,
  fails:
    /Dimension 0 in both shapes must be equal, but are 2 and 3. Shapes are \[2\] and \[3\].|var and delta do not have the same shape\[2\] \[3\]/,
});

opCase('ResourceApplyMomentum', 'a slot of another shape', {
  inputs: [f32([1, 2]), f32([[1, 2]]), f32([1, 2])],
  build: (variable, slot, grad) =>
    afterSteps([variable, slot], (handle, accum) =>
      applyOp('ResourceApplyMomentum', { var: handle, accum, lr: 0.1, grad, momentum: 0.9 }),
    ),
  fails: /Shapes must be equal rank, but are 1 and 2|var and accum do not have the same shape\[2\] \[1,2\]/,
});

opCase('ResourceApplyMomentum', 'a learning rate that is no scalar', {
  inputs: [f32([1, 2]), f32([1, 2]), f32([1, 2])],
  build: (variable, slot, grad) =>
    afterSteps([variable, slot], (handle, accum) =>
      applyOp('ResourceApplyMomentum', { var: handle, accum, lr: grad, grad, momentum: 0.9 }),
    ),
  fails: /Shape must be rank 0 but is rank 1|lr is not a scalar: \[2\]/,
});

const rows = (variable: Tensor, slot: Tensor, grad: Tensor, indices: Tensor) =>
  afterSteps([variable, slot], (handle, accum) =>
    applyOp('ResourceSparseApplyMomentum', { var: handle, accum, lr: 0.1, grad, indices, momentum: 0.9 }),
  );

opCase('ResourceSparseApplyMomentum', 'an index out of range', {
  inputs: [f32([[1, 2]]), f32([[1, 2]]), f32([[1, 2]]), i32([1])],
  build: rows,
  fails: /Index 1 at offset 0 in indices is out of range/,
});

opCase('ResourceSparseApplyMomentum', 'rows of another length', {
  inputs: [f32([[1, 2]]), f32([[1, 2]]), f32([[1, 2, 3]]), i32([0])],
  build: rows,
  fails: /var and grad must match in dimension 1/,
});

opCase('ResourceSparseApplyMomentum', 'more indices than rows', {
  inputs: [f64([[1, 2]]), f64([[1, 2]]), f64([[1, 2]]), i32([0, 0])],
  build: rows,
  fails: /grad must be the same size as indices in the first dimension\./,
});
