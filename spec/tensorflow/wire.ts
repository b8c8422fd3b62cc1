/**
 * Arrays on their way to and from Python, and which Python that is: the one of SLUICE_PYTHON, as for scripts/golden.mjs.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { asDType, type DTypeName } from '../../graph/dtypes';
import { allocate, NdArray, sizeOf, toStringElement } from '../../graph/ndarray';

export interface WireArray {
  readonly dtype: DTypeName;
  readonly shape: readonly number[];
  readonly bytes?: string;
  readonly strings?: readonly string[];
}

const bytes = (value: string | Uint8Array): string => Buffer.from(value).toString('base64');

/** The bytes of an array of numbers or booleans; its strings, if it holds strings. */
function contentOf({ data }: NdArray): { bytes: string } | { strings: string[] } {
  if (Array.isArray(data)) return { strings: data.map((element) => bytes(element as string | Uint8Array)) };
  const { buffer, byteOffset, byteLength } = data as Exclude<typeof data, unknown[]>;
  return { bytes: bytes(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)) };
}

// TensorFlow's own kernels on every machine: those of oneDNN, which it takes on some processors only, give other shapes and
// errors for empty tensors.
process.env.TF_ENABLE_ONEDNN_OPTS = '0';

/** The Python with TensorFlow, as scripts/golden.mjs finds it. */
export function python(): string {
  const own = join(__dirname, '..', '..', '.venv', 'bin', 'python');
  const found = process.env.SLUICE_PYTHON || (existsSync(own) ? own : undefined);
  return found ?? expect.fail("set SLUICE_PYTHON to a Python with TensorFlow (pip install 'tensorflow-cpu==2.15.*')");
}

export function encode(value: NdArray): WireArray {
  return { dtype: value.dtype.name, shape: value.shape, ...contentOf(value) };
}

export function decode(array: WireArray): NdArray {
  const dtype = asDType(array.dtype);
  if (array.strings) {
    const strings = array.strings.map((text) => toStringElement(new Uint8Array(Buffer.from(text, 'base64'))));
    return new NdArray(dtype, array.shape, strings);
  }
  const data = allocate(dtype, sizeOf(array.shape));
  new Uint8Array((data as Uint8Array).buffer).set(Buffer.from(array.bytes ?? '', 'base64'));
  return new NdArray(dtype, array.shape, data);
}
