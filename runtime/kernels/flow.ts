/**
 * Plain kernels: control flow of TensorFlow v1, as far as values go. A dead output is a hole in what a kernel returns; of
 * Merge's inputs only the one that arrived first is there. When these run at all is runtime/flow.
 */
import { InvalidArgumentError } from '../../graph/errors';
import { NdArray } from '../../graph/ndarray';
import type { flowOps } from '../../graph/ops/flow';
import type { Kernel, KernelTable } from '../kernel';

const pass: Kernel = ([value]) => value;

const divide: Kernel = ([data, pred]) => {
  if (pred.rank > 0)
    throw new InvalidArgumentError(`The second input must be a scalar, but it has shape [${pred.shape.join(',')}]`);
  const outputs = new Array<NdArray>(2);
  outputs[pred.data[0] === 0 ? 0 : 1] = data;
  return outputs;
};

const merge: Kernel = (inputs, c) => {
  const index = inputs.findIndex((input) => input !== undefined);
  return [inputs[index], NdArray.scalar(c.outputTypes[1], index)];
};

export const flowKernels: KernelTable<typeof flowOps> = {
  Switch: divide,
  RefSwitch: divide,
  Merge: merge,
  RefMerge: merge,
  Enter: pass,
  RefEnter: pass,
  Exit: pass,
  RefExit: pass,
  NextIteration: pass,
  RefNextIteration: pass,
  LoopCond: pass,
  ControlTrigger: () => [],
  RefIdentity: pass,
  RefSelect: ([index, ...references]) => {
    const at = Number(index.data[0]);
    if (index.rank > 0)
      throw new InvalidArgumentError(`Index must be a scalar, but it has shape [${index.shape.join(',')}]`);
    if (!(at >= 0 && at < references.length))
      throw new InvalidArgumentError(`Index must be in the range [0, ${references.length}) but got ${at}`);
    return references[at];
  },
};
