/**
 * Reads what TensorFlow drew (spec/golden/random.json, whose form is described in spec/golden/random.py) and compares runs
 * of ours with it: bit for bit, or within some units in the last place.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import type { FloatArray, IntegerArray } from '../../../runtime/random/distributions';

export type Drawn = FloatArray | IntegerArray;

export interface GoldenRun {
  readonly size: number;
  readonly values?: readonly (number | string)[];
  readonly crc?: number;
  readonly some?: readonly (number | string)[];
}

export type Pair = readonly [string, string];

export interface GoldenStream {
  readonly op: string;
  readonly dtype: ElementType;
  readonly seed: Pair;
  readonly range?: Pair;
  readonly runs: readonly GoldenRun[];
}

export interface GoldenGraph {
  readonly nodes: Readonly<Record<string, { op: string; dtype: ElementType; seed: Pair; size: number }>>;
  readonly runs: readonly Readonly<Record<string, GoldenRun>>[];
}

export interface GoldenStateless {
  readonly op: string;
  readonly dtype: ElementType;
  readonly seed: Pair;
  readonly range?: Pair;
  readonly run: GoldenRun;
  readonly key?: readonly string[];
  readonly counter?: readonly string[];
  readonly alg?: number;
}

export interface GoldenChoice {
  readonly op: string;
  readonly seed: Pair;
  readonly runs: readonly GoldenRun[];
  readonly dtype: 'float32' | 'float64';
  readonly output: 'int32' | 'int64';
  readonly shape: readonly [number, number];
  readonly samples: number;
  readonly logits?: readonly (readonly string[])[];
  readonly statelessSeed: Pair;
  readonly stateless: GoldenRun;
}

export interface GoldenRandom {
  readonly streams: readonly GoldenStream[];
  readonly graphs: readonly GoldenGraph[];
  readonly stateless: readonly GoldenStateless[];
  readonly choices: readonly GoldenChoice[];
}

const file = join(__dirname, '..', '..', 'golden', 'random.json');

export const golden: GoldenRandom = JSON.parse(readFileSync(file, 'utf8'));

const constructors = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
};

export type ElementType = keyof typeof constructors;

export function arrayOf(dtype: ElementType, size: number): Drawn {
  return new constructors[dtype](size);
}

/** The elements that a golden run shows, of an array of ours. */
function shown(ours: Drawn, run: GoldenRun): (number | bigint)[] {
  const all: ArrayLike<number | bigint> = ours;
  if (run.values) return Array.from(all);
  const step = Math.ceil(run.size / (run.crc === undefined ? 20 : 6));
  return Array.from({ length: Math.ceil(run.size / step) }, (_, i) => all[i * step]);
}

function theirs(ours: Drawn, run: GoldenRun): (number | bigint)[] {
  const values = run.values ?? run.some ?? [];
  // The shortest decimal of a float32 is a float32 again only after rounding.
  if (ours instanceof Float32Array) return values.map((value) => Math.fround(Number(value)));
  return values.map((value) => (typeof value === 'string' ? BigInt(value) : value));
}

/** Asserts that a run of ours is the golden one, to the last bit. */
export function expectSame(ours: Drawn, run: GoldenRun): void {
  expect(ours).to.have.length(run.size);
  expect(shown(ours, run)).to.deep.equal(theirs(ours, run));
  if (run.values === undefined) expect(run.crc, 'no CRC in the golden run').to.be.a('number');
  if (run.crc !== undefined) expect(crc32(new Uint8Array(ours.buffer))).to.equal(run.crc);
}

/** How many float64 numbers lie between two of the same sign. */
function ulpsApart(a: number, b: number): number {
  const [x, y] = new BigInt64Array(Float64Array.of(a, b).buffer);
  return Math.abs(Number(x - y));
}

/** Asserts that no element shown is more than `ulps` units in the last place from ours. */
export function expectClose(ours: Drawn, run: GoldenRun, ulps: number): void {
  expect(ours).to.have.length(run.size);
  const expected = theirs(ours, run);
  const actual = shown(ours, run);
  expect(actual).to.have.length(expected.length);
  actual.forEach((value, i) => {
    expect(ulpsApart(Number(value), Number(expected[i])), `${value} and ${expected[i]}`).to.be.at.most(ulps);
  });
}
