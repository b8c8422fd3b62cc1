/**
 * The gradient of a convolution's input as convolutions of the output's gradient, with the filter flipped and its channels
 * changed over. With stride s, input pixels of each remainder modulo s see only some of the filter's taps: each such phase is a
 * convolution of stride 1 of its own.
 */
import type { ConvSpec } from './convSpec';

/** Pixels of the input at y + i · strideHeight, x + j · strideWidth. */
export interface Phase {
  readonly y: number;
  readonly x: number;
  /** From the output's gradient to these pixels. */
  readonly spec: ConvSpec;
  /** Where its filter's taps come from: rows of them with an even step. */
  readonly tapRows: readonly TapRow[];
}

export interface TapRow {
  /** The first tap, as an index into the filter's height × width. */
  readonly tap: number;
  readonly tapStep: number;
  readonly taps: number;
  /** Taps of the phase before these. */
  readonly at: number;
}

/** One dimension of a phase. */
interface Line {
  readonly start: number;
  readonly size: number;
  readonly taps: number;
  readonly firstTap: number;
  readonly tapStep: number;
  readonly dilation: number;
  readonly pad: number;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** The phases of one dimension that have pixels and taps. Output i of tap k comes from pixel i · stride - pad + k · dilation. */
function lines(size: number, filter: number, stride: number, dilation: number, pad: number): Line[] {
  const divisor = greatestCommonDivisor(stride, dilation);
  const tapStep = stride / divisor;
  const found: Line[] = [];
  for (let start = 0; start < Math.min(stride, size); start++) {
    const isTap = (tap: number) => (start + pad - tap * dilation) % stride === 0;
    const taps = Array.from({ length: filter }, (_, tap) => tap).filter(isTap);
    const firstTap = taps.at(-1);
    if (firstTap === undefined) continue;
    found.push({
      start,
      size: Math.ceil((size - start) / stride),
      taps: taps.length,
      firstTap,
      tapStep: -tapStep,
      dilation: dilation / divisor,
      pad: -(start + pad - firstTap * dilation) / stride,
    });
  }
  return found;
}

export function inputGradientPhases(spec: ConvSpec): Phase[] {
  if (spec.outHeight * spec.outWidth * spec.outChannels === 0) return [];
  const rows = lines(spec.inHeight, spec.filterHeight, spec.strideHeight, spec.dilationHeight, spec.padTop);
  const columns = lines(spec.inWidth, spec.filterWidth, spec.strideWidth, spec.dilationWidth, spec.padLeft);
  return rows.flatMap((row) => columns.map((column) => phaseOf(spec, row, column)));
}

function phaseOf(spec: ConvSpec, row: Line, column: Line): Phase {
  const inner: ConvSpec = {
    dtype: spec.dtype,
    batch: spec.batch,
    inHeight: spec.outHeight,
    inWidth: spec.outWidth,
    inChannels: spec.outChannels,
    outHeight: row.size,
    outWidth: column.size,
    outChannels: spec.inChannels,
    filterHeight: row.taps,
    filterWidth: column.taps,
    strideHeight: 1,
    strideWidth: 1,
    dilationHeight: row.dilation,
    dilationWidth: column.dilation,
    padTop: row.pad,
    padLeft: column.pad,
  };
  const tap = row.firstTap * spec.filterWidth + column.firstTap;
  const isWhole = column.taps === spec.filterWidth && row.taps === spec.filterHeight;
  const tapRows = isWhole
    ? [{ tap, tapStep: -1, taps: row.taps * column.taps, at: 0 }]
    : Array.from({ length: row.taps }, (_, i) => ({
        tap: tap + i * row.tapStep * spec.filterWidth,
        tapStep: column.tapStep,
        taps: column.taps,
        at: i * column.taps,
      }));
  return { y: row.start, x: column.start, spec: inner, tapRows };
}
