/**
 * What layers that slide windows over pictures share: checks of their arguments, and the sizes of their outputs.
 */
import { repr, ValueError } from '../../graph/errors';
import type { Dimension } from '../../graph/shape';

export type DataFormat = 'channels_last' | 'channels_first';
export type LayerPadding = 'valid' | 'same' | 'VALID' | 'SAME';
/** A size for both axes, or one for each. */
export type Pair = number | readonly number[];

/** Python's tuple. */
const tuple = (values: readonly unknown[]): string =>
  `(${values.map(repr).join(', ')}${values.length === 1 ? ',' : ''})`;

/** `[n, n]` from `n`. ValueError for anything but whole numbers, one or two, that are positive or, if allowed, zero. */
export function normalizePair(value: Pair, name: string, { allowZero = false } = {}): readonly [number, number] {
  const isList = Array.isArray(value);
  const text = isList ? tuple(value as readonly unknown[]) : repr(value);
  const message = `The \`${name}\` argument must be a tuple of 2 integers. Received: ${text}`;
  const pair: readonly unknown[] = isList ? (value as readonly unknown[]) : [value, value];
  if (pair.length !== 2 || !pair.every(Number.isInteger)) throw new ValueError(message);
  const numbers = pair as readonly [number, number];
  const wrong = [...new Set(numbers.filter((size) => (allowZero ? size < 0 : size <= 0)))];
  if (wrong.length > 0) {
    throw new ValueError(
      `${message} including {${wrong.join(', ')}} that does not satisfy the requirement \`${allowZero ? '>= 0' : '> 0'}\`.`,
    );
  }
  return numbers;
}

export function normalizePadding(padding: string): 'valid' | 'same' | 'causal' {
  const lower = typeof padding === 'string' ? padding.toLowerCase() : padding;
  if (lower === 'valid' || lower === 'same' || lower === 'causal') return lower;
  throw new ValueError(
    `The \`padding\` argument must be a list/tuple or one of "valid", "same" (or "causal", only for \`Conv1D). Received: ${lower}`,
  );
}

export function normalizeDataFormat(dataFormat: string | null | undefined): DataFormat {
  const format = dataFormat ?? 'channels_last';
  const lower = typeof format === 'string' ? format.toLowerCase() : format;
  if (lower === 'channels_last' || lower === 'channels_first') return lower;
  throw new ValueError(
    `The \`data_format\` argument must be one of "channels_first", "channels_last". Received: ${format}`,
  );
}

/** The name that ops have for a format of pictures. */
export function opFormat(dataFormat: DataFormat): 'NHWC' | 'NCHW' {
  return dataFormat === 'channels_first' ? 'NCHW' : 'NHWC';
}

/** How many positions a window has along an axis. */
export function outputLength(
  length: Dimension,
  window: number,
  padding: string,
  stride: number,
  dilation = 1,
): Dimension {
  if (length === null) return null;
  const covered = window + (window - 1) * (dilation - 1);
  const positions = padding === 'same' ? length : length - covered + 1;
  return Math.floor((positions + stride - 1) / stride);
}

export const asTuple = tuple;
