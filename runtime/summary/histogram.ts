/**
 * TensorFlow's histogram of event files: buckets whose limits grow by a tenth, from 1e-12 to 1e20 and down to -1e20.
 *
 * Limits, counts and sums are TensorFlow's bit for bit: the limits by repeated multiplication, the sums in order.
 */

/** What a HistogramProto holds, by its field names. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly num: number;
  readonly sum: number;
  readonly sumSquares: number;
  /** Upper limits of the buckets, exclusive; runs of empty buckets are one. */
  readonly bucketLimit: number[];
  readonly bucket: number[];
}

function makeLimits(): Float64Array {
  const positive: number[] = [];
  for (let limit = 1e-12; limit < 1e20; limit *= 1.1) positive.push(limit);
  positive.push(Number.MAX_VALUE);
  return Float64Array.from([...positive.map((limit) => -limit).reverse(), 0, ...positive]);
}

let defaultLimits: Float64Array | undefined;

/** The index of the first limit above `value`; the last bucket also takes the largest number there is. */
function bucketOf(limits: Float64Array, value: number): number {
  let [low, high] = [0, limits.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value < limits[middle]) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The histogram of finite numbers. */
export function histogramOf(values: Iterable<number>): Histogram {
  defaultLimits ??= makeLimits();
  const limits = defaultLimits;
  const counts = new Float64Array(limits.length);
  let [min, max, num, sum, sumSquares] = [Number.MAX_VALUE, -Number.MAX_VALUE, 0, 0, 0];
  for (const value of values) {
    counts[bucketOf(limits, value)]++;
    if (min > value) min = value;
    if (max < value) max = value;
    num++;
    sum += value;
    sumSquares += value * value;
  }
  return { min, max, num, sum, sumSquares, ...withoutEmptyRuns(limits, counts) };
}

function withoutEmptyRuns(limits: Float64Array, counts: Float64Array): Pick<Histogram, 'bucketLimit' | 'bucket'> {
  const bucketLimit: number[] = [];
  const bucket: number[] = [];
  for (let i = 0; i < counts.length; i++) {
    // A run of empty buckets ends with its last one.
    if (counts[i] === 0) while (i + 1 < counts.length && counts[i + 1] === 0) i++;
    bucketLimit.push(limits[i]);
    bucket.push(counts[i]);
  }
  return { bucketLimit, bucket };
}
