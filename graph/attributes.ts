/**
 * Attribute values of operations, as plain JavaScript values, and how they are printed.
 *
 * A value needs no tag: its attribute's type stands in the op's signature. Attributes that no signature knows (they
 * start with `_`) are told apart by their JavaScript type: bigint is int, number is float.
 */
import { DType } from './dtypes';
import { NdArray, type StringElement } from './ndarray';
import { TensorShape } from './shape';

/** A function of the graph's library, by name, with its own attributes. */
export class FunctionReference {
  constructor(
    readonly name: string,
    readonly attrs: Readonly<Record<string, AttrValue>> = {},
  ) {}
}

export type AttrValue =
  | DType
  | TensorShape
  | NdArray
  | FunctionReference
  | number
  | bigint
  | boolean
  | string
  | Uint8Array
  | readonly AttrValue[];

export type Attrs = Readonly<Record<string, AttrValue>>;

/** The shortest decimal that reads back as the same float32. */
export function shortestFloat32(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0';
  for (let digits = 1; digits < 10; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === Math.fround(value)) return String(candidate);
  }
  return String(value);
}

function quote(value: StringElement): string {
  return typeof value === 'string'
    ? JSON.stringify(value)
    : `"${Array.from(value, (b) => `\\x${b.toString(16).padStart(2, '0')}`).join('')}"`;
}

/** How many elements of a constant TensorFlow shows in a node definition. */
const SUMMARY_ELEMENTS = 5;

function summarizeTensor(value: NdArray): string {
  const shown = Array.from({ length: Math.min(value.size, SUMMARY_ELEMENTS) }, (_, i) => {
    const element = value.flatAt(i);
    if (typeof element === 'boolean') return element ? '1' : '0';
    if (typeof element === 'number' && value.dtype.isFloating)
      return value.dtype.name === 'float32' ? shortestFloat32(element) : String(element);
    return typeof element === 'object' ? quote(element) : String(element);
  });
  const more = value.size > SUMMARY_ELEMENTS ? '...' : '';
  return `Tensor<type: ${value.dtype.cppName} shape: [${value.shape.join(',')}] values: ${shown.join(' ')}${more}>`;
}

/** An attribute as TensorFlow's C++ messages print it: `DT_FLOAT`, `"NHWC"`, `[1, 2]`, `Tensor<…>`. */
export function summarizeAttr(value: AttrValue): string {
  if (value instanceof DType) return value.protoName;
  if (value instanceof TensorShape) return value.dims === null ? '<unknown>' : value.toCpp();
  if (value instanceof NdArray) return summarizeTensor(value);
  if (value instanceof FunctionReference) return `${value.name}[]`;
  if (typeof value === 'string' || value instanceof Uint8Array) return quote(value);
  if (typeof value === 'number' && !Number.isInteger(value)) return shortestFloat32(value);
  if (Array.isArray(value)) return `[${value.map(summarizeAttr).join(', ')}]`;
  return String(value);
}

/** Whether two attribute values are the same. */
export function sameAttr(a: AttrValue | undefined, b: AttrValue | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  if (a instanceof TensorShape) return b instanceof TensorShape && a.equals(b);
  if (a instanceof NdArray) return b instanceof NdArray && a.equals(b);
  if (a instanceof FunctionReference) return b instanceof FunctionReference && a.name === b.name;
  if (a instanceof Uint8Array)
    return b instanceof Uint8Array && a.length === b.length && a.every((byte, i) => byte === b[i]);
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((value, i) => sameAttr(value, b[i] as AttrValue));
  return Object.is(a, b);
}
