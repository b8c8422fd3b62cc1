/**
 * Ops: plain calls of functions, as SavedModels of TensorFlow 2 hold them.
 */
import { inlineCalls } from '../controlFlow/inlinedCalls';
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

const gradient = unsupported('gradients of calls inside of functions are not built');

export const callsOps = defineOps({
  PartitionedCall: { signature, shape, gradient, substitutes: inlineCalls },
  StatefulPartitionedCall: { signature, shape, gradient, substitutes: inlineCalls, stateful: true },
});
