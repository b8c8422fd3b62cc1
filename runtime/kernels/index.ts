/**
 * The table of all plain kernels. Each family's table is total by type: a forgotten kernel does not compile.
 */
import { NotImplementedError } from '../../graph/errors';
import type { Operation } from '../../graph/operation';
import type { Kernel } from '../kernel';
import { arrayKernels } from './array';
import { binaryKernels } from './binary';
import { compareKernels } from './compare';
import { controlKernels } from './control';
import { convKernels } from './conv';
import { gatherKernels } from './gather';
import { listKernels } from './list';
import { matmulKernels } from './matmul';
import { nnKernels } from './nn';
import { normKernels } from './norm';
import { poolKernels } from './pool';
import { randomKernels } from './random';
import { reduceKernels } from './reduce';
import { segmentKernels } from './segment';
import { sliceKernels } from './slice';
import { sourceKernels } from './source';
import { stateKernels } from './state';
import { stringKernels } from './string';
import { trainingKernels } from './training';
import { unaryKernels } from './unary';

const kernels: Readonly<Record<string, Kernel>> = {
  ...sourceKernels,
  ...unaryKernels,
  ...binaryKernels,
  ...compareKernels,
  ...reduceKernels,
  ...matmulKernels,
  ...arrayKernels,
  ...sliceKernels,
  ...gatherKernels,
  ...segmentKernels,
  ...convKernels,
  ...poolKernels,
  ...nnKernels,
  ...normKernels,
  ...stateKernels,
  ...randomKernels,
  ...controlKernels,
  ...listKernels,
  ...stringKernels,
  ...trainingKernels,
};

/** The kernel of an op. */
export function findKernel(op: Operation): Kernel {
  const kernel = kernels[op.type];
  if (!kernel) throw new NotImplementedError(`No kernel for op type '${op.type}' (node '${op.name}').`);
  return kernel;
}
