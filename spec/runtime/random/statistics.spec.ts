/** The distributions, by their moments and by goodness-of-fit tests with fixed seeds: independent of TensorFlow. */
import { expect } from 'chai';
import {
  type FloatArray,
  fillNormal,
  fillTruncatedNormal,
  fillUniform,
  fillUniformFullInt,
  fillUniformInt,
} from '../../../runtime/random/distributions';
import { Philox4x32 } from '../../../runtime/random/philox';
import { fillMultinomial, shufflePermutation } from '../../../runtime/random/sampling';
import { erf } from '../../../runtime/specialFunctions';

const SIZE = 100000;

const normalCdf = (x: number): number => (1 + erf(x / Math.SQRT2)) / 2;
const tail = normalCdf(-2);
const truncatedCdf = (x: number): number => (normalCdf(x) - tail) / (1 - 2 * tail);
const truncatedVariance = 1 - (4 * Math.exp(-2)) / Math.sqrt(2 * Math.PI) / (1 - 2 * tail);

interface Distribution {
  readonly fill: (generator: Philox4x32, out: FloatArray) => void;
  readonly mean: number;
  readonly variance: number;
  readonly fourthMoment: number;
  readonly cdf: (x: number) => number;
}

const distributions: Record<string, Distribution> = {
  uniform: { fill: fillUniform, mean: 1 / 2, variance: 1 / 12, fourthMoment: 1 / 80, cdf: (x) => x },
  normal: { fill: fillNormal, mean: 0, variance: 1, fourthMoment: 3, cdf: normalCdf },
  truncatedNormal: {
    fill: fillTruncatedNormal,
    mean: 0,
    variance: truncatedVariance,
    fourthMoment: 3 * truncatedVariance - (8 * 2 * Math.exp(-2)) / Math.sqrt(2 * Math.PI) / (1 - 2 * tail),
    cdf: truncatedCdf,
  },
};

function sumOf(values: FloatArray, term: (value: number) => number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += term(values[i]);
  return sum;
}

/** The statistic of Kolmogorov and Smirnov, times the square root of the size: above 1.95 once in a thousand. */
function kolmogorov(values: FloatArray, cdf: (x: number) => number): number {
  const sorted = values.slice().sort();
  let distance = 0;
  sorted.forEach((value, i) => {
    const expected = cdf(value);
    distance = Math.max(distance, expected - i / sorted.length, (i + 1) / sorted.length - expected);
  });
  return distance * Math.sqrt(sorted.length);
}

/** How many standard deviations the chi-square statistic of counts is above its mean, roughly. */
function chiSquareExcess(counts: readonly number[], expected: (cell: number) => number): number {
  const statistic = counts.reduce((sum, count, cell) => sum + (count - expected(cell)) ** 2 / expected(cell), 0);
  const freedom = counts.length - 1;
  return (statistic - freedom) / Math.sqrt(2 * freedom);
}

function countsOf(values: ArrayLike<number | bigint>, cells: number, cellOf: (value: number) => number): number[] {
  const counts = new Array<number>(cells).fill(0);
  for (let i = 0; i < values.length; i++) counts[cellOf(Number(values[i]))]++;
  return counts;
}

describe('random distributions', () => {
  for (const [name, { fill, mean, variance, fourthMoment, cdf }] of Object.entries(distributions)) {
    for (const dtype of ['float32', 'float64']) {
      it(`${name} ${dtype}: mean, variance, fit, independence of neighbours`, () => {
        const values = dtype === 'float32' ? new Float32Array(SIZE) : new Float64Array(SIZE);
        fill(new Philox4x32(20, 24), values);
        const average = sumOf(values, (value) => value) / SIZE;
        expect(average).to.be.closeTo(mean, 4 * Math.sqrt(variance / SIZE));
        const spread = sumOf(values, (value) => (value - mean) ** 2) / SIZE;
        expect(spread).to.be.closeTo(variance, 4 * Math.sqrt((fourthMoment - variance ** 2) / SIZE));
        expect(kolmogorov(values, cdf)).to.be.below(1.95);
        for (let lag = 1; lag <= 4; lag++) {
          let product = 0;
          for (let i = lag; i < SIZE; i++) product += (values[i] - mean) * (values[i - lag] - mean);
          expect(product / (SIZE - lag) / variance, `lag ${lag}`).to.be.closeTo(0, 4 / Math.sqrt(SIZE));
        }
      });
    }
  }

  it('uniform numbers are in [0, 1), truncated ones within two standard deviations', () => {
    const values = new Float32Array(SIZE);
    fillUniform(new Philox4x32(1, 1), values);
    expect(values.every((value) => value >= 0 && value < 1)).to.equal(true);
    fillTruncatedNormal(new Philox4x32(1, 1), values);
    expect(values.every((value) => Math.abs(value) < 2)).to.equal(true);
  });

  for (const [dtype, out] of Object.entries({ int32: new Int32Array(SIZE), int64: new BigInt64Array(SIZE) })) {
    it(`uniform ${dtype} numbers hit each of a range alike`, () => {
      fillUniformInt(new Philox4x32(6, 7), out, -20, 30);
      expect(
        chiSquareExcess(
          countsOf(out, 50, (value) => value + 20),
          () => SIZE / 50,
        ),
      ).to.be.within(-3, 4);
    });
  }

  it('full-range integers use all bits alike', () => {
    const out = new BigUint64Array(SIZE);
    fillUniformFullInt(new Philox4x32(6, 8), out);
    for (let bit = 0n; bit < 64n; bit++) {
      const ones = out.reduce((sum, value) => sum + Number((value >> bit) & 1n), 0);
      expect(ones, `bit ${bit}`).to.be.closeTo(SIZE / 2, 4.5 * Math.sqrt(SIZE / 4));
    }
  });

  it('all permutations of four rows are alike', () => {
    const counts = new Map<string, number>();
    const generator = new Philox4x32(9, 9);
    for (let i = 0; i < 24000; i++) {
      const key = shufflePermutation(generator, 4).join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).to.equal(24);
    expect(chiSquareExcess([...counts.values()], () => 1000)).to.be.within(-3, 4);
  });

  it('classes come as often as the softmax of their logits says', () => {
    const logits = Float32Array.of(0, 1, -1, 2, 0.5);
    const out = new Int32Array(SIZE);
    fillMultinomial(new Philox4x32(4, 4), logits, 1, out);
    const weights = Array.from(logits, Math.exp);
    const total = weights.reduce((sum, weight) => sum + weight);
    const counts = countsOf(out, 5, (value) => value);
    expect(chiSquareExcess(counts, (cell) => (SIZE * weights[cell]) / total)).to.be.within(-3, 4);
  });
});
