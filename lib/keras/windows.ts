/**
 * The arguments of layers that slide a window over images: sizes, strides, padding, layout, as Keras takes and checks them.
 */
import { repr, ValueError } from '../../graph/errors';

export type PairLike = number | readonly [number, number] | readonly number[];
export type DataFormat = 'channels_last' | 'channels_first';
export type PaddingName = 'valid' | 'same' | 'VALID' | 'SAME';

const tupleText = (value: unknown): string =>
  Array.isArray(value) ? `(${value.map(String).join(', ')})` : repr(value);

/** Two positive integers: one given stands for both. ValueError names the argument. */
export function pairOf(value: PairLike, name: string, { allowZero = false } = {}): [number, number] {
  const list = typeof value === 'number' ? [value, value] : value;
  if (!Array.isArray(list) || list.length !== 2 || !list.every(Number.isInteger)) {
    throw new ValueError(`The \`${name}\` argument must be a tuple of 2 integers. Received: ${tupleText(value)}`);
  }
  if (list.some((size) => (allowZero ? size < 0 : size <= 0))) {
    throw new ValueError(
      `The \`${name}\` argument must be a tuple of 2 integers. Received: ${tupleText(value)} including values {${list.filter((size) => size <= 0).join(', ')}} that do not satisfy the requirement of values ${allowZero ? '>= 0' : '> 0'}.`,
    );
  }
  return [list[0], list[1]];
}

/** `valid` or `same`, in TensorFlow's capitals. */
export function paddingOf(value: string): 'VALID' | 'SAME' {
  const padding = typeof value === 'string' ? value.toLowerCase() : value;
  if (padding === 'valid') return 'VALID';
  if (padding === 'same') return 'SAME';
  throw new ValueError(
    `The \`padding\` argument must be a list/tuple or one of "valid", "same" (or "causal", only for \`Conv1D). Received: ${padding}`,
  );
}

/** The layout as the ops name it. */
export function layoutOf(value: DataFormat | null | undefined): 'NHWC' | 'NCHW' {
  const format = value ?? 'channels_last';
  if (format !== 'channels_last' && format !== 'channels_first') {
    throw new ValueError(
      `The \`data_format\` argument must be one of "channels_first", "channels_last". Received: ${String(value)}`,
    );
  }
  return format === 'channels_first' ? 'NCHW' : 'NHWC';
}

/** How many windows fit along an axis; null where its size is unknown. */
export function windowCount(
  size: number | null,
  window: number,
  stride: number,
  padding: 'VALID' | 'SAME',
  dilation = 1,
): number | null {
  if (size === null) return null;
  const extent = (window - 1) * dilation + 1;
  return Math.floor(((padding === 'SAME' ? size : size - extent + 1) + stride - 1) / stride);
}
