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

/**
 * Given the new operation, with the device that inner scopes gave it, the device string that it gets instead.
 *
 * What it returns is taken as it is; to add to the device, return `mergeDevices('/job:ps', op.device)`.
 */
export type DeviceFunction = (op: { readonly name: string; readonly type: string; readonly device: string }) => string;

/** Types that may stand without `device:` before them. */
const SHORT_TYPES = /^(cpu|gpu|tpu|custom|epu)$/i;

function asInt(text: string): number {
  const digits = text.trim();
  if (!/^[+-]?\d+$/.test(digits)) throw new ValueError(`invalid literal for int() with base 10: ${repr(text)}`);
  return Number(digits);
}

/** Parses a device string; ValueError for what is not part of one. Mirrors tf.DeviceSpec.from_string. */
export function parseDevice(text: string): DeviceSpec {
  const spec: { job?: string; replica?: number; task?: number; deviceType?: string; deviceIndex?: number } = {};
  const setType = (type: string, index: string | undefined) => {
    if (spec.deviceType !== undefined)
      throw new ValueError(`Multiple device types are not allowed while parsing the device spec: ${text}.`);
    spec.deviceType = /^(cpu|gpu)$/i.test(type) ? type.toUpperCase() : type;
    if (index !== undefined && index !== '*') spec.deviceIndex = asInt(index);
  };
  for (const part of text.split('/')) {
    if (part === '') continue;
    const pieces = part.split(':');
    const [key, value, index] = pieces;
    if (pieces.length === 2 && key === 'job') spec.job = value;
    else if (pieces.length === 2 && key === 'replica') spec.replica = asInt(value);
    else if (pieces.length === 2 && key === 'task') spec.task = asInt(value);
    else if (pieces.length <= 2 && SHORT_TYPES.test(key)) setType(key.toUpperCase(), value);
    else if (pieces.length === 3 && key === 'device') setType(value, index);
    else throw new ValueError(`Unknown attribute '${key}' is encountered while parsing the device spec: '${text}'.`);
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

/**
 * `inner` with the parts it lacks taken from `outer`. Type and index are separate parts, as in TensorFlow: `/cpu` inside
 * `/gpu:2` is `/device:CPU:2`.
 */
export function mergeDevices(outer: string, inner: string): string {
  return formatDevice({ ...parseDevice(outer), ...parseDevice(inner) });
}

/** What a user gave to `tf.device` as a function; null ends the search for outer devices. */
export function asDeviceFunction(device: string | DeviceFunction | null): DeviceFunction | null {
  if (device === null) return null;
  if (typeof device === 'function') {
    return (op) => {
      const result = device(op) as unknown;
      if (typeof result !== 'string')
        throw new GraphTypeError(`Expected binary or unicode string, got ${repr(result)}`);
      return result;
    };
  }
  if (typeof device !== 'string')
    throw new GraphTypeError(
      `Expected a device string, a function or null, got ${repr(device)} of type ${typeWord(device)}`,
    );
  parseDevice(device);
  const merged = new Map<string, string>();
  return (op) => {
    let result = merged.get(op.device);
    if (result === undefined)
      merged.set(op.device, (result = device === '' ? op.device : mergeDevices(device, op.device)));
    return result;
  };
}
