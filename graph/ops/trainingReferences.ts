/**
 * Ops: the update steps of optimizers on reference variables, as graphs of TensorFlow v1 hold them. Each is the op of
 * graph/ops/training.ts with references in place of handles.
 */
import { defineOps, none, type OpDefinition } from '../registry';
import type { TensorShape } from '../shape';
import type { ShapeContext } from '../shapeContext';
import { trainingOps } from './training';

function shapeOf(signature: string): (c: ShapeContext) => TensorShape[] {
  const names = /^\((.*)\) ->/
    .exec(signature)![1]
    .split(', ')
    .map((input) => input.split(': '));
  const isSparse = names.some(([name]) => name === 'indices');
  return (c) => {
    let shape = c.shape(0);
    names.forEach(([name, type], i) => {
      if (type === 'T&') shape = c.merge(shape, c.shape(i));
      else if (name === 'indices') c.ranked(i, 1);
      else if (name !== 'grad' && name !== 'delta') c.ranked(i, 0);
      else if (!isSparse) shape = c.merge(shape, c.shape(i));
    });
    return [shape];
  };
}

function onReferences({ signature }: OpDefinition): OpDefinition {
  const changed = signature.replaceAll(': resource', ': T&').replace('-> ()', '-> (out: T&)');
  return { signature: changed, shape: shapeOf(changed), gradient: none('an update is not differentiated') };
}

export const trainingReferencesOps = defineOps({
  ApplyGradientDescent: onReferences(trainingOps.ResourceApplyGradientDescent),
  ApplyMomentum: onReferences(trainingOps.ResourceApplyMomentum),
  ApplyAdagrad: onReferences(trainingOps.ResourceApplyAdagrad),
  ApplyAdagradV2: onReferences(trainingOps.ResourceApplyAdagradV2),
  ApplyAdam: onReferences(trainingOps.ResourceApplyAdam),
  ApplyRMSProp: onReferences(trainingOps.ResourceApplyRMSProp),
  ApplyCenteredRMSProp: onReferences(trainingOps.ResourceApplyCenteredRMSProp),
  ApplyAdadelta: onReferences(trainingOps.ResourceApplyAdadelta),
  ApplyFtrl: onReferences(trainingOps.ResourceApplyFtrl),
  ApplyFtrlV2: onReferences(trainingOps.ResourceApplyFtrlV2),
  ApplyProximalGradientDescent: onReferences(trainingOps.ResourceApplyProximalGradientDescent),
  ApplyProximalAdagrad: onReferences(trainingOps.ResourceApplyProximalAdagrad),
  SparseApplyMomentum: onReferences(trainingOps.ResourceSparseApplyMomentum),
  SparseApplyAdagrad: onReferences(trainingOps.ResourceSparseApplyAdagrad),
  SparseApplyAdagradV2: onReferences(trainingOps.ResourceSparseApplyAdagradV2),
  SparseApplyRMSProp: onReferences(trainingOps.ResourceSparseApplyRMSProp),
  SparseApplyCenteredRMSProp: onReferences(trainingOps.ResourceSparseApplyCenteredRMSProp),
});
