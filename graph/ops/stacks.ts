/**
 * Ops: stacks of tensors, in which loops of TensorFlow v1 keep values of each iteration for their gradients. A stack is a
 * resource of one run.
 *
 * Nothing of ours builds these nodes: they come from files.
 */
import { defineOps, none, unsupported } from '../registry';
import { TensorShape, unknownShape } from '../shape';
import { noOutputs } from '../shapeContext';

const noGradient = unsupported('TensorFlow has no gradient of it either');

export const stacksOps = defineOps({
  StackV2: {
    signature: `(max_size: int32) -> (handle: resource)
      elem_type: type
      stack_name: string = ''`,
    stateful: true,
    shape: () => [new TensorShape([2])],
    gradient: none('a new stack holds nothing'),
  },
  StackPushV2: {
    signature: `(handle: resource, elem: T) -> (output: T)
      T: type
      swap_memory: bool = false`,
    stateful: true,
    shape: (c) => [c.shape(1)],
    gradient: noGradient,
  },
  StackPopV2: {
    signature: `(handle: resource) -> (elem: elem_type)
      elem_type: type`,
    stateful: true,
    shape: () => [unknownShape],
    gradient: noGradient,
  },
  StackCloseV2: {
    signature: '(handle: resource) -> ()',
    stateful: true,
    shape: noOutputs,
    gradient: none('it has no outputs'),
  },
});
