/**
 * Windows that slide over spatial dimensions: data formats, padding and output sizes, as static shapes. Shared by the
 * rules of convolutions and pooling; runtime/kernels/window.ts has the same for concrete sizes.
 */
import { GraphTypeError, repr, typeWord, ValueError } from '../errors';
import { type Dimension, TensorShape } from '../shape';
import type { ShapeContext } from '../shapeContext';

/** Which dimension of a tensor is which. */
export interface DataFormat {
  readonly batch: number;
  readonly channel: number;
  readonly spatial: readonly number[];
}

/** The dimensions of `NHWC`, `NCHW`, `NDHWC`, `NCDHW`. */
export function parseDataFormat(format: string): DataFormat {
  const spatial = format.length - 2;
  const channelsFirst = format.startsWith('NC');
  return {
    batch: 0,
    channel: channelsFirst ? 1 : format.length - 1,
    spatial: Array.from({ length: spatial }, (_, i) => i + (channelsFirst ? 2 : 1)),
  };
}

/** The shape with these parts in the places that the format has for them. */
export function shapeInFormat(
  format: DataFormat,
  batch: Dimension,
  spatial: readonly Dimension[],
  channel: Dimension,
): TensorShape {
  const dims = new Array<Dimension>(spatial.length + 2);
  dims[format.batch] = batch;
  dims[format.channel] = channel;
  format.spatial.forEach((axis, i) => {
    dims[axis] = spatial[i];
  });
  return new TensorShape(dims);
}

export interface StaticWindow {
  readonly size: Dimension;
  readonly stride: number;
  readonly dilation: number;
  /** What EXPLICIT padding adds on each side. */
  readonly pads: readonly [number, number];
}

/** How many windows fit into a dimension of size `input`. */
export function windowedSize(c: ShapeContext, input: Dimension, window: StaticWindow): Dimension {
  const { size, stride, dilation } = window;
  if (stride <= 0) c.fail(`Stride must be > 0, but got ${stride}`);
  if (dilation < 1) c.fail(`Dilation rate must be >= 1, but got ${dilation}`);
  if (input === null) return null;
  const padding = c.attr<string>('padding');
  if (padding === 'SAME') return Math.ceil(input / stride);
  if (size === null) return null;
  const padded = input + (padding === 'EXPLICIT' ? window.pads[0] + window.pads[1] : 0);
  const reach = (size - 1) * dilation + 1;
  if (reach > padded) c.fail(`Negative dimension size caused by subtracting ${reach} from ${padded}`);
  return Math.floor((padded - reach + stride) / stride);
}

/** The attribute `explicit_paddings` as a pair for each dimension; all zeros unless the padding is EXPLICIT. */
export function explicitPaddings(c: ShapeContext, format: DataFormat): [number, number][] {
  const rank = format.spatial.length + 2;
  const given = (c.attrs.explicit_paddings as readonly number[] | undefined) ?? [];
  if (c.attr('padding') !== 'EXPLICIT') {
    if (given.length > 0) c.fail('explicit_paddings attribute must be empty if the padding attribute is not EXPLICIT');
    return Array.from({ length: rank }, () => [0, 0]);
  }
  if (given.length !== 2 * rank)
    c.fail(`explicit_paddings attribute must contain ${2 * rank} values, but got: ${given.length}`);
  if (given.some((pad) => pad < 0)) c.fail('All elements of explicit_paddings must be nonnegative');
  const pairs = Array.from({ length: rank }, (_, i): [number, number] => [given[2 * i], given[2 * i + 1]]);
  if ([pairs[format.batch], pairs[format.channel]].flat().some((pad) => pad !== 0)) {
    c.fail('Nonzero explicit padding in the batch or depth dimensions is not supported');
  }
  return pairs;
}

/** `SAME`, `VALID`, or a pair of numbers for each dimension. */
export type Padding = string | readonly (readonly [number, number])[];

/** The attributes that a user's padding stands for; ValueError for lists of another form. */
export function paddingAttrs(padding: Padding | undefined, rank = 4): { padding: string; explicit_paddings: number[] } {
  if (padding === undefined || padding === null)
    throw new GraphTypeError("Expected string for argument 'padding' not None.");
  if (!Array.isArray(padding)) {
    if (padding === 'EXPLICIT') {
      throw new ValueError(
        "'EXPLICIT' is not a valid value for `padding`. To use explicit padding, `padding` must be a list.",
      );
    }
    return { padding: padding as string, explicit_paddings: [] };
  }
  padding.forEach((pair: unknown, i) => {
    const complaint = !Array.isArray(pair)
      ? `of type <class '${typeWord(pair)}'>`
      : pair.length !== 2
        ? `of size ${pair.length}`
        : null;
    if (complaint === null) return;
    throw new ValueError(
      `When \`padding\` is a list, each element of \`padding\` must be a list/tuple of size 2. Received: padding=${repr(padding)} with element at index ${i} ${complaint}`,
    );
  });
  if (padding.length !== rank) {
    throw new ValueError(
      `When padding is a list, it must be of size ${rank}. Received: padding=${repr(padding)} of size ${padding.length}`,
    );
  }
  return { padding: 'EXPLICIT', explicit_paddings: padding.flat() };
}

/** A number for all spatial dimensions, one for each, or one for every dimension of the tensor. */
export type PerDimension = number | readonly number[];

/** Such a value for every dimension, with 1 for batch and channels. ValueError for another number of values. */
export function perDimension(
  value: PerDimension | null | undefined,
  spatial: number,
  channelsFirst: boolean,
  name: string,
): number[] {
  if (value === null || value === undefined) return new Array<number>(spatial + 2).fill(1);
  const list = typeof value === 'number' ? [value] : [...value];
  if (list.length === spatial + 2) return list;
  if (list.length !== 1 && list.length !== spatial) {
    const lengths = [...new Set([1, spatial, spatial + 2])];
    const wanted = spatial === 1 ? '1, 1 or 3' : `${lengths.slice(0, -1).join(', ')} or ${lengths.at(-1)}`;
    throw new ValueError(
      `${name} should be of length ${wanted}. Received: ${name}=${repr(list)} of length ${list.length}`,
    );
  }
  const each = list.length === 1 ? new Array<number>(spatial).fill(list[0]) : list;
  return channelsFirst ? [1, 1, ...each] : [1, ...each, 1];
}
