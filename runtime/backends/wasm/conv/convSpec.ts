/**
 * What a convolution is, and where the elements of its patches lie: NHWC, filters HWIO, two spatial dimensions.
 *
 * Patches are read from a source without bounds: the input itself where all windows are inside, else a copy with zeros around it.
 */
import { type FloatName, floatsOf } from '../matmul/floats';

export interface ConvSpec {
  readonly dtype: FloatName;
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  /** How far the first window starts above and left of the input; negative where it starts inside. */
  readonly padTop: number;
  readonly padLeft: number;
}

/** Elements of a patch: rows of the filter as a matrix. */
export function patchSizeOf({ filterHeight, filterWidth, inChannels }: ConvSpec): number {
  return filterHeight * filterWidth * inChannels;
}

/** Positions of windows: rows of the output as a matrix. */
export function positionsOf({ batch, outHeight, outWidth }: ConvSpec): number {
  return batch * outHeight * outWidth;
}

/** Whether patches are the input's pixels: a plain matrix product. */
export function isPointwise(spec: ConvSpec): boolean {
  return (
    spec.filterHeight === 1 &&
    spec.filterWidth === 1 &&
    spec.strideHeight === 1 &&
    spec.strideWidth === 1 &&
    spec.padTop === 0 &&
    spec.padLeft === 0 &&
    spec.outHeight === spec.inHeight &&
    spec.outWidth === spec.inWidth
  );
}

/** The picture that windows are read from. */
export interface PaddedSource {
  /** Whether it is a copy of the input, in the workspace. */
  readonly copied: boolean;
  readonly height: number;
  readonly width: number;
  readonly bytes: number;
}

export function paddedSource(spec: ConvSpec): PaddedSource {
  const height = (spec.outHeight - 1) * spec.strideHeight + (spec.filterHeight - 1) * spec.dilationHeight + 1;
  const width = (spec.outWidth - 1) * spec.strideWidth + (spec.filterWidth - 1) * spec.dilationWidth + 1;
  const { padTop, padLeft, inHeight, inWidth, batch, inChannels, dtype } = spec;
  const isInside = padTop <= 0 && padLeft <= 0 && height - padTop <= inHeight && width - padLeft <= inWidth;
  const isEmpty = positionsOf(spec) * patchSizeOf(spec) === 0;
  if (isInside || isEmpty) return { copied: false, height: inHeight, width: inWidth, bytes: 0 };
  return { copied: true, height, width, bytes: batch * height * width * inChannels * floatsOf(dtype).bytes };
}

/**
 * The arguments that say where patches lie; see patches.ts. A run is what lies side by side of a patch: a row of the filter, or
 * with dilation one of its pixels.
 */
export function patchArguments(spec: ConvSpec, source: PaddedSource, input: number, copy: number): number[] {
  const { bytes } = floatsOf(spec.dtype);
  const pixel = spec.inChannels * bytes;
  const row = source.width * pixel;
  const inside = (Math.max(0, -spec.padTop) * source.width + Math.max(0, -spec.padLeft)) * pixel;
  const isDense = spec.dilationWidth === 1 || spec.filterWidth === 1;
  return [
    source.copied ? copy : input + inside,
    spec.outHeight,
    spec.outWidth,
    source.height * row,
    spec.strideHeight * row,
    spec.strideWidth * pixel,
    spec.inChannels * (isDense ? spec.filterWidth : 1),
    isDense ? 1 : spec.filterWidth,
    spec.dilationHeight * row,
    spec.dilationWidth * pixel,
  ];
}
