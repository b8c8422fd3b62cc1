/**
 * NaN, infinities, zeros of both signs, denormals and extremes through every elementwise lowering, against the plain kernels: at all
 * positions of vectors and in what is left over behind them.
 */
import { expect } from 'chai';
import { applyOp } from '../../../graph/applyOp';
import { type DType, float32, float64, int32, int64 } from '../../../graph/dtypes';
import { OpError } from '../../../graph/errors';
import { Graph } from '../../../graph/graph';
import { NdArray } from '../../../graph/ndarray';
import { placeholder } from '../../../graph/ops/source';
import { findOp } from '../../../graph/registry';
import type { Tensor } from '../../../graph/tensor';
import { activationsLowerings } from '../../../runtime/lowering/activations';
import { binaryLowerings } from '../../../runtime/lowering/binary';
import { compareLowerings } from '../../../runtime/lowering/compare';
import { specialLowerings } from '../../../runtime/lowering/special';
import { trigonometricLowerings } from '../../../runtime/lowering/trigonometric';
import { unaryLowerings } from '../../../runtime/lowering/unary';
import { Session } from '../../../runtime/session';

const floats = [
  ...[0, 1, 0.5, 1.5, 2.5, Math.PI, 87, 1e-8, 1e20, 3.4028234663852886e38, 1.1754943508222875e-38],
  ...[1.401298464324817e-45, 1e-40, Infinity],
];
const float64s = [Number.MAX_VALUE, Number.MIN_VALUE, 2.2250738585072014e-308, 1e-310];
const wholes = [0, 1, 2, 7, 12345, 2147483647];

function numbersOf(dtype: DType): (number | bigint)[] {
  if (dtype === int32) return [...wholes, ...wholes.map((x) => -x), -2147483648];
  if (dtype === int64)
    return [...wholes, ...wholes.map((x) => -x)].map(BigInt).concat(2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n);
  const positive = dtype === float64 ? [...floats, ...float64s] : floats;
  return [...positive, ...positive.map((x) => -x), NaN];
}

/**
 * Several operations in float32, which overflow and underflow in the middle, as TensorFlow's do; the plain kernels have doubles there.
 */
const composed = new Set(['FloorDiv', 'RsqrtGrad', 'SigmoidGrad', 'SoftsignGrad', 'SqrtGrad', 'TanhGrad']);

const isModerate = (x: number | bigint): boolean => {
  const size = Math.abs(Number(x));
  return !(size > 0 && size < 1e-8) && !(size > 1e8 && size < Infinity);
};

/** All numbers, or all pairs of numbers. */
function operands(type: string, dtype: DType, count: number): NdArray[] {
  const all = numbersOf(dtype);
  const numbers = composed.has(type) && dtype === float32 ? all.filter(isModerate) : all;
  if (count === 1) return [NdArray.from([...numbers, ...numbers] as number[], dtype)];
  const pairs = numbers.flatMap((x) => numbers.map((y) => [x, y]));
  return [0, 1].map((i) => NdArray.from(pairs.map((pair) => pair[i]) as number[], dtype));
}

const isExact = (a: number | bigint, b: number | bigint): boolean =>
  Object.is(a, b) || (a === b && typeof a === 'bigint');

/** Equal, zeros with their sign; finite floats within a few units in the last place, denormals within a few of theirs. */
function isSame(got: number | bigint, want: number | bigint, dtype: DType): boolean {
  if (isExact(got, want)) return true;
  if (!dtype.isFloating || !Number.isFinite(want) || !Number.isFinite(got)) return false;
  const [g, w] = [Number(got), Number(want)];
  if (w === 0 || g === 0) return g === w ? false : Math.abs(g - w) <= (dtype === float64 ? 1e-323 : 6e-45);
  return Math.abs(g - w) <= (dtype === float64 ? 1e-14 : 1e-6) * Math.abs(w) + (dtype === float64 ? 2e-323 : 6e-45);
}

/** Where the plain kernel refuses some of the numbers, so must the compiled one. */
function check(type: string, dtype: DType): void {
  const graph = new Graph();
  graph.asDefault(() => {
    const { inputs } = findOp(type)!.def;
    const values = operands(type, dtype, inputs.length);
    const placeholders = inputs.map(() => placeholder(dtype, values[0].shape));
    const args = Object.fromEntries(inputs.map(({ name }, i) => [name, placeholders[i]]));
    const [output] = applyOp(type, args).outputs as [Tensor];
    const feed = placeholders.map((tensor, i) => [tensor, values[i]] as const);
    const run = (backend: 'plain' | 'wasm') => new Session({ graph, config: { backend } }).runSync(output, { feed });
    let want: NdArray;
    try {
      want = run('plain') as NdArray;
    } catch (error) {
      if (!(error instanceof OpError)) throw error;
      expect(() => run('wasm')).to.throw(error.constructor as typeof OpError);
      return;
    }
    const got = run('wasm') as NdArray;
    for (let i = 0; i < want.data.length; i++) {
      const [g, w] = [got.data[i] as number, want.data[i] as number];
      const of = values.map(({ data }) => (Object.is(data[i], -0) ? '-0' : data[i])).join(', ');
      if (!isSame(g, w, output.dtype)) expect.fail(`${type}(${of}) is ${g}, plain ${w}`);
    }
  });
}

const { Select: _, SelectV2: __, ...comparisons } = compareLowerings;
const tables = {
  unary: unaryLowerings,
  trigonometric: trigonometricLowerings,
  special: specialLowerings,
  activations: activationsLowerings,
  binary: binaryLowerings,
  compare: comparisons,
};

describe('special numbers', () => {
  for (const [family, table] of Object.entries(tables))
    for (const type of Object.keys(table))
      for (const dtype of [float32, float64, int32, int64]) {
        const allowed = findOp(type)!.def.attrs.find(({ name }) => name === 'T')?.allowedTypes;
        if (type.startsWith('Logical') || (allowed && !allowed.includes(dtype))) continue;
        it(`${family}: ${type} of ${dtype.name}`, () => check(type, dtype));
      }
});
