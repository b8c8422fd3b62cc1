/**
 * Plain kernels: the update steps of optimizers on variables of TensorFlow v1: those on resource variables.
 */
import type { trainingReferencesOps } from '../../graph/ops/trainingReferences';
import type { KernelTable } from '../kernel';
import { onReferences } from './references';
import { trainingKernels } from './training';

export const trainingReferencesKernels: KernelTable<typeof trainingReferencesOps> = {
  ApplyGradientDescent: onReferences(trainingKernels.ResourceApplyGradientDescent),
  ApplyMomentum: onReferences(trainingKernels.ResourceApplyMomentum),
  ApplyAdagrad: onReferences(trainingKernels.ResourceApplyAdagrad),
  ApplyAdagradV2: onReferences(trainingKernels.ResourceApplyAdagradV2),
  ApplyAdam: onReferences(trainingKernels.ResourceApplyAdam),
  ApplyRMSProp: onReferences(trainingKernels.ResourceApplyRMSProp),
  ApplyCenteredRMSProp: onReferences(trainingKernels.ResourceApplyCenteredRMSProp),
  ApplyAdadelta: onReferences(trainingKernels.ResourceApplyAdadelta),
  ApplyFtrl: onReferences(trainingKernels.ResourceApplyFtrl),
  ApplyFtrlV2: onReferences(trainingKernels.ResourceApplyFtrlV2),
  ApplyProximalGradientDescent: onReferences(trainingKernels.ResourceApplyProximalGradientDescent),
  ApplyProximalAdagrad: onReferences(trainingKernels.ResourceApplyProximalAdagrad),
  SparseApplyMomentum: onReferences(trainingKernels.ResourceSparseApplyMomentum),
  SparseApplyAdagrad: onReferences(trainingKernels.ResourceSparseApplyAdagrad),
  SparseApplyAdagradV2: onReferences(trainingKernels.ResourceSparseApplyAdagradV2),
  SparseApplyRMSProp: onReferences(trainingKernels.ResourceSparseApplyRMSProp),
  SparseApplyCenteredRMSProp: onReferences(trainingKernels.ResourceSparseApplyCenteredRMSProp),
};
