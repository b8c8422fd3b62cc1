/**
 * Where ops run: on this machine's CPU, the one device of a local session.
 */
import { parseDevice } from '../graph/deviceSpec';
import { InvalidArgumentError } from '../graph/errors';
import type { Operation } from '../graph/operation';
import { CPU_DEVICE } from './config';

const local = parseDevice(CPU_DEVICE);

function isHere(device: string): boolean {
  const spec = parseDevice(device);
  return (
    (spec.job === undefined || spec.job === local.job) &&
    (spec.replica ?? 0) === 0 &&
    (spec.task ?? 0) === 0 &&
    (spec.deviceType === undefined || spec.deviceType === 'CPU') &&
    (spec.deviceIndex ?? 0) === 0
  );
}

/** InvalidArgumentError for the first op that asks for a device which this session does not have. */
export function checkPlacement(ops: Iterable<Operation>): void {
  for (const op of ops) {
    if (op.device === '' || isHere(op.device)) continue;
    throw new InvalidArgumentError(
      `Cannot assign a device for operation ${op.name}: {{node ${op.name}}} was explicitly assigned to ${op.device} but available devices are [ ${CPU_DEVICE} ]. ` +
        'Make sure the device specification refers to a valid device, or set config.allowSoftPlacement to run it on the CPU.',
      op,
      op.nodeDef,
    );
  }
}
