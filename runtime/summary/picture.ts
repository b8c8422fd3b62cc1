/**
 * Floats as 8-bit pixels, as image summaries scale them: by the largest value, or around 128 where one is negative.
 */

/** Below that a picture counts as black. */
const ZERO_THRESHOLD = Math.fround(1e-6);

/** How one picture's values become pixels: `value * scale + offset` in the precision `round` gives. */
interface Scaling {
  readonly scale: number;
  readonly offset: number;
}

function isFinitePixel(values: ArrayLike<number>, start: number, channels: number): boolean {
  for (let i = start; i < start + channels; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

function scalingOf(values: ArrayLike<number>, start: number, end: number, channels: number): Scaling {
  let [min, max] = [Infinity, -Infinity];
  for (let pixel = start; pixel < end; pixel += channels) {
    if (!isFinitePixel(values, pixel, channels)) continue;
    for (let i = pixel; i < pixel + channels; i++) {
      const value = Math.fround(values[i]);
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }
  const largest = min < 0 ? Math.max(Math.abs(min), Math.abs(max)) : max;
  const [top, offset] = min < 0 ? [127, 128] : [255, 0];
  return { scale: largest < ZERO_THRESHOLD ? 0 : Math.fround(top / largest), offset };
}

/**
 * The pixels of one picture, `values[start]` to `values[end - 1]`; pixels that are not finite become `badColor`. `round`
 * is the precision to compute in.
 */
export function normalizedPixels(
  values: ArrayLike<number>,
  [start, end]: readonly [number, number],
  channels: number,
  badColor: Uint8Array,
  round: (value: number) => number,
): Uint8Array {
  const { scale, offset } = scalingOf(values, start, end, channels);
  const pixels = new Uint8Array(end - start);
  for (let pixel = start; pixel < end; pixel += channels) {
    const isFinite = isFinitePixel(values, pixel, channels);
    for (let i = 0; i < channels; i++) {
      const value = isFinite ? round(round(values[pixel + i] * scale) + offset) : badColor[i];
      pixels[pixel - start + i] = Math.trunc(value);
    }
  }
  return pixels;
}
