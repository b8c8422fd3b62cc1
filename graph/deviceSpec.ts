/**
 * Device strings: parsing, merging and their normal form `/job:ps/replica:0/task:1/device:GPU:0`.
 */
import { GraphTypeError, repr, typeWord, ValueError } from './errors';

/** The parts of a device string; absent parts are undefined. Mirrors tf.DeviceSpec. */
export interface DeviceSpec {
  readonly job?: string;
  readonly replica?: number;
  readonly task?: number;
  readonly deviceType?: string;
  readonly deviceIndex?: number;
}

/** Given the new operation, the device string to merge into its own. */
export type DeviceFunction = (op: { readonly name: string; readonly type: string; readonly device: string }) => string | null | undefined;

/** Parses a device string; ValueError for what is not part of one. Mirrors tf.DeviceSpec.from_string. */
export function parseDevice(text: string): DeviceSpec {
  const spec: { job?: string; replica?: number; task?: number; deviceType?: string; deviceIndex?: number } = {};
  for (const part of text.split('/')) {
    if (part === '') continue;
    const pieces = part.split(':');
    const [key, value, index] = pieces;
    if (pieces.length === 2 && key === 'job') spec.job = value;
    else if (pieces.length === 2 && key === 'replica') spec.replica = Number(value);
    else if (pieces.length === 2 && key === 'task') spec.task = Number(value);
    else if ((pieces.length === 1 || pieces.length === 2) && /^(cpu|gpu|tpu)$/i.test(key)) {
      if (spec.deviceType !== undefined) throw new ValueError(`Multiple device types are not allowed while parsing the device spec: ${text}.`);
      spec.deviceType = key.toUpperCase();
      if (value !== undefined && value !== '*') spec.deviceIndex = Number(value);
    } else if (pieces.length === 3 && key === 'device') {
      if (spec.deviceType !== undefined) throw new ValueError(`Multiple device types are not allowed while parsing the device spec: ${text}.`);
      spec.deviceType = value.toUpperCase();
      if (index !== '*') spec.deviceIndex = Number(index);
    } else throw new ValueError(`Unknown attribute '${key}' is encountered while parsing the device spec: '${text}'.`);
  }
  for (const value of [spec.replica, spec.task, spec.deviceIndex]) {
    if (Number.isNaN(value)) throw new ValueError(`Expected a number while parsing the device spec: '${text}'.`);
  }
  return spec;
}

/** The normal form of a device spec; empty for an empty one. */
export function formatDevice(spec: DeviceSpec): string {
  let text = '';
  if (spec.job !== undefined) text += `/job:${spec.job}`;
  if (spec.replica !== undefined) text += `/replica:${spec.replica}`;
  if (spec.task !== undefined) text += `/task:${spec.task}`;
  if (spec.deviceType !== undefined) text += `/device:${spec.deviceType}:${spec.deviceIndex ?? '*'}`;
  return text;
}

/** `inner` with the parts it lacks taken from `outer`. */
export function mergeDevices(outer: string, inner: string): string {
  const [base, own] = [parseDevice(outer), parseDevice(inner)];
  // An index belongs to its type: naming a type inside does not inherit the index of the type outside.
  const { deviceType, deviceIndex, ...rest } = base;
  const inherited = own.deviceType === undefined ? { deviceType, deviceIndex } : {};
  return formatDevice({ ...rest, ...inherited, ...own });
}

/** Checks what a user gave to `tf.device`. */
export function asDeviceFunction(device: string | DeviceFunction | null): DeviceFunction | null {
  if (device === null || typeof device === 'function') return device;
  if (typeof device !== 'string') throw new GraphTypeError(`Expected a device string, a function or null, got ${repr(device)} of type ${typeWord(device)}`);
  parseDevice(device);
  return () => device;
}
