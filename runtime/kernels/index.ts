/**
 * The table of all plain kernels. Each family's table is total by type: a forgotten kernel does not compile.
 */
import { NotImplementedError } from '../../graph/errors';
import type { Operation } from '../../graph/operation';
import type { Kernel } from '../kernel';
import { activationsKernels } from './activations';
import { arrayKernels } from './array';
import { binaryKernels } from './binary';
import { bitwiseKernels } from './bitwise';
import { blocksKernels } from './blocks';
import { broadcastKernels } from './broadcast';
import { callsKernels } from './calls';
import { castKernels } from './cast';
import { checkpointKernels } from './checkpoint';
import { checksKernels } from './checks';
import { combineKernels } from './combine';
import { compareKernels } from './compare';
import { controlKernels } from './control';
import { convKernels } from './conv';
import { conv3dKernels } from './conv3d';
import { depthwiseKernels } from './depthwise';
import { detectionKernels } from './detection';
import { diagonalsKernels } from './diagonals';
import { einsumKernels } from './einsum';
import { flowKernels } from './flow';
import { gatherKernels } from './gather';
import { imageKernels } from './image';
import { joiningKernels } from './joining';
import { linalgKernels } from './linalg';
import { listKernels } from './list';
import { matmulKernels } from './matmul';
import { nnKernels } from './nn';
import { normKernels } from './norm';
import { paddingKernels } from './padding';
import { partitionKernels } from './partition';
import { pickingKernels } from './picking';
import { poolKernels } from './pool';
import { pool3dKernels } from './pool3d';
import { randomKernels } from './random';
import { randomStatelessKernels } from './randomStateless';
import { reduceKernels } from './reduce';
import { referencesKernels } from './references';
import { scanKernels } from './scan';
import { scatterKernels } from './scatter';
import { segmentKernels } from './segment';
import { setsKernels } from './sets';
import { shapesKernels } from './shapes';
import { sliceKernels } from './slice';
import { sourceKernels } from './source';
import { sparseKernels } from './sparse';
import { specialKernels } from './special';
import { stacksKernels } from './stacks';
import { stateKernels } from './state';
import { stateScatterKernels } from './stateScatter';
import { stringKernels } from './string';
import { summaryKernels } from './summary';
import { tablesKernels } from './tables';
import { tensorArraysKernels } from './tensorArrays';
import { tokensKernels } from './tokens';
import { trainingKernels } from './training';
import { trainingReferencesKernels } from './trainingReferences';
import { trigonometricKernels } from './trigonometric';
import { unaryKernels } from './unary';

const kernels: Readonly<Record<string, Kernel>> = {
  ...sourceKernels,
  ...setsKernels,
  ...shapesKernels,
  ...checksKernels,
  ...checkpointKernels,
  ...unaryKernels,
  ...trigonometricKernels,
  ...specialKernels,
  ...castKernels,
  ...binaryKernels,
  ...combineKernels,
  ...bitwiseKernels,
  ...compareKernels,
  ...broadcastKernels,
  ...reduceKernels,
  ...scanKernels,
  ...matmulKernels,
  ...einsumKernels,
  ...arrayKernels,
  ...paddingKernels,
  ...joiningKernels,
  ...diagonalsKernels,
  ...blocksKernels,
  ...sliceKernels,
  ...gatherKernels,
  ...partitionKernels,
  ...pickingKernels,
  ...scatterKernels,
  ...segmentKernels,
  ...convKernels,
  ...conv3dKernels,
  ...depthwiseKernels,
  ...poolKernels,
  ...pool3dKernels,
  ...activationsKernels,
  ...nnKernels,
  ...normKernels,
  ...stateKernels,
  ...stateScatterKernels,
  ...randomKernels,
  ...randomStatelessKernels,
  ...linalgKernels,
  ...controlKernels,
  ...listKernels,
  ...stringKernels,
  ...summaryKernels,
  ...trainingKernels,
  ...flowKernels,
  ...callsKernels,
  ...referencesKernels,
  ...trainingReferencesKernels,
  ...tensorArraysKernels,
  ...stacksKernels,
  ...imageKernels,
  ...detectionKernels,
  ...sparseKernels,
  ...tokensKernels,
  ...tablesKernels,
};

/** Whether ops of that type can be run. */
export function hasKernel(type: string): boolean {
  return Object.hasOwn(kernels, type);
}

/** The kernel of an op. */
export function findKernel(op: Operation): Kernel {
  const kernel = kernels[op.type];
  if (!kernel) throw new NotImplementedError(`No kernel for op type '${op.type}' (node '${op.name}').`);
  return kernel;
}
