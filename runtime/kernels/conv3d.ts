/**
 * Plain kernels: three-dimensional convolutions and their gradients.
 */
import type { conv3dOps } from '../../graph/ops/conv3d';
import type { KernelTable } from '../kernel';
import { filterGradient, forward, inputGradient } from './conv';

export const conv3dKernels: KernelTable<typeof conv3dOps> = {
  Conv3D: forward('Conv3D', 5),
  Conv3DBackpropInputV2: inputGradient({ prefix: 'Conv3DBackpropInput', opType: 'Conv3DBackpropInputV2' }),
  Conv3DBackpropFilterV2: filterGradient({ prefix: 'Conv3DBackpropFilter', opType: 'Conv3DBackpropFilterV2' }),
};
