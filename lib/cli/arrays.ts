/**
 * Arrays for people: tables of names, types and shapes, and values with their middle left out.
 */

import { shortestFloat32 } from '../../graph/attributes';
import { type DType, findDType, float32 } from '../../graph/dtypes';
import type { NdArray } from '../../graph/ndarray';
import { sizeOf } from '../../graph/ndarray';
import { Report } from '../inspect/report';
import { formatTable } from '../inspect/table';
import type { NamedArrays } from './files/kind';
import { sizeText } from './output';

const LONGEST_NAME = 60;
/** How many elements at each end of a long dimension are printed. */
const EDGE = 3;
const MOST_ELEMENTS = 200;

export interface ArrayInfo {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

export interface ArraysInfo {
  readonly kind: string;
  readonly arrays: readonly ArrayInfo[];
}

/** Names, types, shapes and the number of elements. */
export function arraysReport(kind: string, arrays: NamedArrays): Report<ArraysInfo> {
  const infos = arrays.names.map((name) => ({ name, dtype: arrays.dtypeOf(name), shape: arrays.shapeOf(name) }));
  const rows = infos.map(({ name, dtype, shape }) => [
    name,
    dtype,
    shapeText(shape),
    sizeOf(shape).toLocaleString('en'),
  ]);
  const elements = infos.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const bytes = infos.reduce((sum, { dtype, shape }) => sum + sizeOf(shape) * (findDType(dtype)?.size ?? 0), 0);
  const text = formatTable(
    [
      { title: 'name', maxWidth: LONGEST_NAME },
      { title: 'dtype' },
      { title: 'shape' },
      { title: 'elements', align: 'right' },
    ],
    rows,
    [
      `${infos.length} ${infos.length === 1 ? 'array' : 'arrays'}, ${elements.toLocaleString('en')} elements, ${sizeText(bytes)}`,
    ],
  );
  return new Report({ kind, arrays: infos }, text);
}

export const shapeText = (shape: readonly (number | null)[]): string => `[${shape.map((dim) => dim ?? '?').join(',')}]`;

/** One element as JSON would write it, but for numbers that JSON has not; float32 in as few digits as tell it. */
function elementText(value: unknown, dtype: DType): string {
  if (dtype === float32) return shortestFloat32(value as number);
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Uint8Array) return `b${JSON.stringify(String.fromCharCode(...value))}`;
  return String(value);
}

/** The values, nested; of long dimensions the first and last few. */
export function valueText(value: NdArray): string {
  const isShort = value.size <= MOST_ELEMENTS;
  const level = (axis: number, offset: number, size: number): string => {
    if (axis === value.rank) return elementText(value.flatAt(offset), value.dtype);
    const length = value.shape[axis];
    const inner = length === 0 ? 0 : size / length;
    const at = (i: number) => level(axis + 1, offset + i * inner, inner);
    const indices = Array.from({ length }, (_, i) => i);
    const parts =
      isShort || length <= 2 * EDGE
        ? indices.map(at)
        : [...indices.slice(0, EDGE).map(at), '…', ...indices.slice(-EDGE).map(at)];
    const isInnermost = axis === value.rank - 1;
    return `[${parts.join(isInnermost ? ', ' : `,\n${' '.repeat(axis + 1)}`)}]`;
  };
  return value.dtype.isComplex ? '(complex numbers are not printed)' : level(0, 0, value.size);
}

/** `name: dtype[shape]`, and the values below. */
export function arrayText(name: string, value: NdArray): string {
  return `${name}: ${value.dtype.name}${shapeText(value.shape)}\n${valueText(value)}`;
}

/** An array as JSON. */
export function arrayJson(value: NdArray): { dtype: string; shape: readonly number[]; data: unknown } {
  return {
    dtype: value.dtype.name,
    shape: value.shape,
    data: value.dtype.isComplex ? Array.from(value.data as Float32Array) : value.toArray(),
  };
}
