/**
 * Rows from values that TensorFlow computed: every case of spec/golden/values/<area>.json as an `opCase`. The JSON is
 * written by spec/golden/values_<area>.py; spec/golden/_op_values.py says what it holds.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyOp, type OpArguments } from '../../graph/applyOp';
import type { AttrValue } from '../../graph/attributes';
import { requireOp } from '../../graph/createOp';
import { asDType, type DTypeName } from '../../graph/dtypes';
import { allocate, NdArray } from '../../graph/ndarray';
import type { Tensor } from '../../graph/tensor';
import { type OpCase, opCase } from './opCase';

export interface StoredArray {
  readonly dtype: DTypeName;
  readonly shape: readonly number[];
  readonly data: readonly (number | string | boolean)[];
}

interface StoredCase {
  readonly op: string;
  readonly title: string;
  readonly inputs: Readonly<Record<string, StoredArray | readonly StoredArray[]>>;
  readonly attrs: Readonly<Record<string, AttrValue | { readonly dtype: DTypeName }>>;
  readonly outputs: readonly StoredArray[];
}

/** An array as the golden files hold it. */
export function toNdArray({ dtype, shape, data }: StoredArray): NdArray {
  const type = asDType(dtype);
  const values = allocate(type, data.length);
  data.forEach((value, i) => {
    values[i] = (type.isBigInt ? BigInt(value) : type.name === 'string' ? value : Number(value)) as never;
  });
  return new NdArray(type, shape, values);
}

function toAttr(value: StoredCase['attrs'][string]): AttrValue {
  return typeof value === 'object' && value !== null && 'dtype' in value && !Array.isArray(value)
    ? asDType((value as { dtype: DTypeName }).dtype)
    : (value as AttrValue);
}

/** Registers the rows of an area. `options` may add to single cases, for example a tolerance, by `op: title`. */
export function opValues(area: string, options: Readonly<Record<string, Partial<OpCase>>> = {}): void {
  const path = join(__dirname, '..', 'golden', 'values', `${area}.json`);
  const cases = JSON.parse(readFileSync(path, 'utf8')) as StoredCase[];
  for (const { op, title, inputs, attrs, outputs } of cases) {
    const names = requireOp(op).def.inputs.map((arg) => arg.name);
    const given = names.flatMap((name) => inputs[name]).map((array) => toNdArray(array as StoredArray));
    const build = (...tensors: Tensor[]) => {
      const args: Record<string, OpArguments[string]> = {};
      for (const [name, value] of Object.entries(attrs)) args[name] = toAttr(value);
      let at = 0;
      for (const name of names) {
        const value = inputs[name];
        args[name] = Array.isArray(value) ? value.map(() => tensors[at++]) : tensors[at++];
      }
      return applyOp(op, args).outputs;
    };
    opCase(op, title, { inputs: given, build, want: outputs.map(toNdArray), ...options[`${op}: ${title}`] });
  }
}
