/**
 * Ops: plain calls of functions, as SavedModels of TensorFlow 2 hold them.
 */
import { defineOps, unsupported } from '../registry';
import type { ShapeContext } from '../shapeContext';

const signature = `(args: Tin) -> (output: Tout)
  Tin: list(type) >= 0
  Tout: list(type) >= 0
  f: func
  config: string = ''
  config_proto: string = ''
  executor_type: string = ''`;

/** What the body yields is not known from the outside: TensorFlow says the same. */
const shape = (c: ShapeContext) => c.unknown();

const gradient = unsupported('gradients of called functions are not built; cond and whileLoop have gradients');

export const callsOps = defineOps({
  PartitionedCall: { signature, shape, gradient },
  StatefulPartitionedCall: { signature, shape, gradient, stateful: true },
});
