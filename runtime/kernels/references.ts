/**
 * Plain kernels: variables of TensorFlow v1 and their updates: those of resource variables, passing the reference on.
 */
import type { DType } from '../../graph/dtypes';
import { InvalidArgumentError } from '../../graph/errors';
import { NdArray } from '../../graph/ndarray';
import type { referencesOps } from '../../graph/ops/references';
import type { TensorShape } from '../../graph/shape';
import { StoredArray } from '../files/storedArray';
import type { Kernel, KernelTable } from '../kernel';
import { VariableReference } from '../values';
import { bracketed, stateKernels } from './state';
import { stateScatterKernels } from './stateScatter';

const DEFAULT_CONTAINER = 'localhost';

/** The reference at an input; where a value was fed in its place there is none. */
export function asReference(value: NdArray, node: string): VariableReference {
  if (value instanceof VariableReference) return value;
  throw new InvalidArgumentError(
    `Input 0 of node ${node} was passed ${value.dtype.cppName} from a feed, incompatible with expected ${value.dtype.cppName}_ref.`,
  );
}

/** A kernel of resource variables, for references; it yields the first of them. */
export const onReferences =
  (kernel: Kernel): Kernel =>
  (inputs, c) => {
    const target = asReference(inputs[0], c.op.name);
    kernel(inputs, c);
    return target;
  };

const variable: Kernel = (_, c) =>
  new VariableReference(
    c.attr<string>('container') || DEFAULT_CONTAINER,
    c.attr<string>('shared_name') || c.op.name,
    c.attr<DType>('dtype'),
    c.attr<TensorShape>('shape'),
  );

const assign: Kernel = ([ref, value], c) => {
  const target = asReference(ref, c.op.name);
  if (c.attr<boolean>('validate_shape')) {
    // A variable without a value has the shape that it was declared with.
    const known = c.resources.has(target) ? c.resources.peek(target).shape : null;
    const declared = known ?? (target.valueShape.isFullyDefined() ? target.valueShape.asNumbers() : value.shape);
    if (bracketed(declared) !== bracketed(value.shape)) {
      throw new InvalidArgumentError(
        `Assign requires shapes of both tensors to match. lhs shape= ${bracketed(declared)} rhs shape= ${bracketed(value.shape)}`,
      );
    }
  }
  c.resources.write(target, value instanceof StoredArray ? value : value.copy());
  return target;
};

const assignUpdate = (kernel: Kernel): Kernel => {
  const update = onReferences(kernel);
  return (inputs, c) => {
    const target = asReference(inputs[0], c.op.name);
    if (bracketed(c.resources.read(target).shape) !== bracketed(inputs[1].shape))
      throw new InvalidArgumentError('Parameters and update must be the same size');
    return update(inputs, c);
  };
};

export const referencesKernels: KernelTable<typeof referencesOps> = {
  Variable: variable,
  VariableV2: variable,
  Assign: assign,
  AssignAdd: assignUpdate(stateKernels.AssignAddVariableOp),
  AssignSub: assignUpdate(stateKernels.AssignSubVariableOp),
  IsVariableInitialized: ([ref], c) => NdArray.scalar(c.outputTypes[0], c.resources.has(asReference(ref, c.op.name))),
  CountUpTo: (inputs, c) => {
    c.resources.read(asReference(inputs[0], c.op.name));
    return stateKernels.ResourceCountUpTo(inputs, c);
  },
  ScatterUpdate: onReferences(stateScatterKernels.ResourceScatterUpdate),
  ScatterAdd: onReferences(stateScatterKernels.ResourceScatterAdd),
  ScatterSub: onReferences(stateScatterKernels.ResourceScatterSub),
  ScatterMul: onReferences(stateScatterKernels.ResourceScatterMul),
  ScatterDiv: onReferences(stateScatterKernels.ResourceScatterDiv),
  ScatterMin: onReferences(stateScatterKernels.ResourceScatterMin),
  ScatterMax: onReferences(stateScatterKernels.ResourceScatterMax),
  ScatterNdUpdate: onReferences(stateScatterKernels.ResourceScatterNdUpdate),
  ScatterNdAdd: onReferences(stateScatterKernels.ResourceScatterNdAdd),
  ScatterNdSub: onReferences(stateScatterKernels.ResourceScatterNdSub),
  StridedSliceAssign: onReferences(stateScatterKernels.ResourceStridedSliceAssign),
};
