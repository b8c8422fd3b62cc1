/**
 * Plain kernels: pooling over three spatial dimensions.
 */
import type { pool3dOps } from '../../graph/ops/pool3d';
import type { KernelTable } from '../kernel';
import { avgPool, avgPoolGrad, maxPool3d, maxPool3dGrad, maxPoolGradGrad } from './pool';

export const pool3dKernels: KernelTable<typeof pool3dOps> = {
  MaxPool3D: maxPool3d,
  MaxPool3DGrad: maxPool3dGrad,
  MaxPool3DGradGrad: maxPoolGradGrad,
  AvgPool3D: avgPool,
  AvgPool3DGrad: avgPoolGrad,
};
