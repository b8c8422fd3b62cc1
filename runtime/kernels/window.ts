/**
 * Windows that slide over spatial dimensions, with concrete sizes: what graph/ops/window.ts is for static shapes.
 */
import { InvalidArgumentError } from '../../graph/errors';
import type { DataFormat } from '../../graph/ops/window';
import { stridesOf } from '../broadcast';
import type { KernelContext } from '../kernel';

/** One spatial dimension. */
export interface Window {
  readonly input: number;
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  /** How far the first window starts before the input. */
  readonly padBefore: number;
  readonly output: number;
}

export interface WindowParts {
  readonly size: number;
  readonly stride: number;
  readonly dilation?: number;
  readonly pads?: readonly [number, number];
}

/** The window of a dimension; SAME padding puts the odd element at the end. */
export function makeWindow(
  input: number,
  padding: string,
  { size, stride, dilation = 1, pads = [0, 0] }: WindowParts,
): Window {
  const reach = (size - 1) * dilation + 1;
  if (padding === 'SAME') {
    const output = Math.ceil(input / stride);
    const needed = Math.max(0, (output - 1) * stride + reach - input);
    return { input, size, stride, dilation, padBefore: Math.floor(needed / 2), output };
  }
  const [before, after] = padding === 'EXPLICIT' ? pads : [0, 0];
  const output = Math.floor((input + before + after - reach + stride) / stride);
  if (output < 0) {
    throw new InvalidArgumentError(
      `Computed output size would be negative: ${output} [input_size: ${input}, effective_filter_size: ${reach}, stride: ${stride}]`,
    );
  }
  return { input, size, stride, dilation, padBefore: before, output };
}

/** The explicit paddings of a spatial dimension. */
export function padsOf(c: KernelContext, axis: number): readonly [number, number] {
  const pads = (c.op.attrs.explicit_paddings as readonly number[] | undefined) ?? [];
  return pads.length === 0 ? [0, 0] : [pads[2 * axis], pads[2 * axis + 1]];
}

/**
 * Where an element of a tensor in some data format lies; always with three spatial dimensions, of size 1 in front where
 * there are fewer.
 */
export interface Layout {
  readonly batch: number;
  readonly spatial: readonly [number, number, number];
  readonly channel: number;
}

/** The strides of a tensor of that shape. */
export function layoutOf(shape: readonly number[], format: DataFormat): Layout {
  const strides = stridesOf(shape);
  return {
    batch: strides[format.batch],
    spatial: inThree(
      format.spatial.map((axis) => strides[axis]),
      0,
    ),
    channel: strides[format.channel],
  };
}

/** Values for fewer than three spatial dimensions, with `fill` for those in front. */
export function inThree<V>(values: readonly V[], fill: V): [V, V, V] {
  return [...new Array<V>(3 - values.length).fill(fill), ...values] as [V, V, V];
}

/** A dimension that is not there. */
export const NO_WINDOW: Window = { input: 1, size: 1, stride: 1, dilation: 1, padBefore: 0, output: 1 };
