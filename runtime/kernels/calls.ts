/**
 * Plain kernels: calls of functions. Of the body runs what the results that somebody reads depend on, and what has effects.
 */
import type { FunctionReference } from '../../graph/attributes';
import type { NdArray } from '../../graph/ndarray';
import type { callsOps } from '../../graph/ops/calls';
import type { Kernel, KernelTable } from '../kernel';

const call: Kernel = (inputs, c) => {
  const results = c.prepare(c.attr<FunctionReference>('f'), c.usedOutputs)(inputs);
  const all = new Array<NdArray>(c.outputTypes.length);
  c.usedOutputs.forEach((place, i) => {
    all[place] = results[i];
  });
  return all;
};

export const callsKernels: KernelTable<typeof callsOps> = { PartitionedCall: call, StatefulPartitionedCall: call };
