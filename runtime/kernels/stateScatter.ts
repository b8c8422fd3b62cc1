/**
 * Plain kernels: updates of some rows, elements or slices of a resource variable. Repeated indices apply one after the
 * other.
 */
import type { DType } from '../../graph/dtypes';
import { InvalidArgumentError } from '../../graph/errors';
import { NdArray, sizeOf } from '../../graph/ndarray';
import type { stateScatterOps } from '../../graph/ops/stateScatter';
import type { Kernel, KernelTable } from '../kernel';
import { sliceKernels } from './slice';
import { asHandle, bracketed, indexText, positionText, requireArithmetic, sliceOffset } from './state';

/** The new element from the old one and the update. */
type Combine = (old: never, update: never) => unknown;

interface Combination {
  readonly onNumbers: (old: number, update: number) => number;
  readonly onBigInts: (old: bigint, update: bigint) => bigint;
  /** For dtypes whose products need more than 53 bits. */
  readonly on32Bits?: (old: number, update: number) => number;
}

const combinations = {
  add: { onNumbers: (a, b) => a + b, onBigInts: (a, b) => a + b },
  sub: { onNumbers: (a, b) => a - b, onBigInts: (a, b) => a - b },
  mul: { onNumbers: (a, b) => a * b, onBigInts: (a, b) => a * b, on32Bits: Math.imul },
  div: { onNumbers: (a, b) => a / b, onBigInts: (a, b) => a / b },
  min: { onNumbers: (a, b) => (b < a ? b : a), onBigInts: (a, b) => (b < a ? b : a) },
  max: { onNumbers: (a, b) => (b > a ? b : a), onBigInts: (a, b) => (b > a ? b : a) },
} satisfies Record<string, Combination>;

type How = keyof typeof combinations | 'update';

function combiner(how: How, dtype: DType): Combine {
  if (how === 'update') return (_old, update) => update;
  const combination: Combination = combinations[how];
  if (dtype.isBigInt) return combination.onBigInts as Combine;
  // Integer quotients are cut off by the array they are stored in.
  return (
    dtype.isInteger && dtype.size === 4 && combination.on32Bits ? combination.on32Bits : combination.onNumbers
  ) as Combine;
}

/** Combines `length` elements of `updates` from `from` on into `out` from `at` on; `step` 0 repeats one update. */
function combineRun(
  out: NdArray,
  at: number,
  updates: NdArray,
  from: number,
  length: number,
  step: 0 | 1,
  combine: Combine,
): void {
  const [target, source] = [out.data as unknown[], updates.data as unknown[]];
  for (let i = 0; i < length; i++) target[at + i] = combine(target[at + i] as never, source[from + i * step] as never);
}

const scatterRows =
  (how: How): Kernel =>
  ([handle, indices, updates], c) => {
    const target = asHandle(handle);
    const old = c.resources.readForUpdate(target);
    if (how !== 'update') requireArithmetic(c, old.dtype);
    if (old.rank === 0) throw new InvalidArgumentError('params must be at least 1-D');
    const isScalar = updates.rank === 0;
    const expected = [...indices.shape, ...old.shape.slice(1)];
    if (!isScalar && (expected.length !== updates.rank || expected.some((dim, i) => dim !== updates.shape[i]))) {
      const isPrefix = indices.shape.every((dim, i) => dim === updates.shape[i]);
      throw new InvalidArgumentError(
        isPrefix
          ? `shape of indices (${bracketed(indices.shape)}) is not compatible with the shape of updates (${bracketed(updates.shape)})`
          : `The shape of indices (${bracketed(indices.shape)}) must be a prefix of the shape of updates (${bracketed(updates.shape)})`,
      );
    }
    if (
      how === 'div' &&
      old.dtype.isInteger &&
      (updates.data as unknown[] | Int32Array).some((value: unknown) => Number(value) === 0)
    ) {
      throw new InvalidArgumentError('updates must not contain 0');
    }
    const result = old.copy();
    const combine = combiner(how, old.dtype);
    const rowSize = sizeOf(old.shape.slice(1));
    for (let i = 0; i < indices.size; i++) {
      const row = Number(indices.data[i]);
      if (!(row >= 0 && row < old.shape[0]))
        throw new InvalidArgumentError(
          `indices${positionText(indices.shape, i)} = ${row} is not in [0, ${old.shape[0]})`,
        );
      combineRun(result, row * rowSize, updates, isScalar ? 0 : i * rowSize, rowSize, isScalar ? 0 : 1, combine);
    }
    c.resources.write(target, result);
    return [];
  };

const scatterSlices =
  (how: How): Kernel =>
  ([handle, indices, updates], c) => {
    const target = asHandle(handle);
    const old = c.resources.readForUpdate(target);
    if (how !== 'update') requireArithmetic(c, old.dtype);
    const depth = indices.shape.at(-1) ?? 1;
    checkSlices(old, indices, updates, depth);
    const result = old.copy();
    const combine = combiner(how, old.dtype);
    const sliceSize = sizeOf(old.shape.slice(depth));
    const outer = indices.shape.slice(0, -1);
    for (let i = 0; i < sizeOf(outer); i++) {
      const at = sliceOffset(old.shape, indices, i, depth);
      if (at === null) {
        throw new InvalidArgumentError(
          `indices${positionText(outer, i)} = ${indexText(indices, i, depth)} does not index into shape ${bracketed(old.shape)}`,
        );
      }
      combineRun(result, at * sliceSize, updates, i * sliceSize, sliceSize, 1, combine);
    }
    c.resources.write(target, result);
    return [];
  };

function checkSlices(params: NdArray, indices: NdArray, updates: NdArray, depth: number): void {
  const outer = indices.rank - 1;
  const [indicesText, updatesText] = [
    `indices[shape=${bracketed(indices.shape)}]`,
    `updates[shape=${bracketed(updates.shape)}]`,
  ];
  for (let i = 0; i < outer; i++) {
    if (indices.shape[i] !== updates.shape[i]) {
      throw new InvalidArgumentError(
        `Dimensions [0,${outer}) of ${indicesText} = ${indices.shape[i]} must match dimensions [0,${outer}) of ${updatesText} = ${updates.shape[i]}`,
      );
    }
  }
  const suffix = params.shape.slice(depth);
  const own = updates.shape.slice(outer);
  if (depth > params.rank || suffix.length !== own.length || suffix.some((dim, i) => dim !== own[i])) {
    throw new InvalidArgumentError(
      `Dimensions [${depth},${params.rank}) of input[shape=${bracketed(params.shape)}] must match dimensions [${outer},${updates.rank}) of ${updatesText}`,
    );
  }
}

export const stateScatterKernels: KernelTable<typeof stateScatterOps> = {
  ResourceScatterUpdate: scatterRows('update'),
  ResourceScatterAdd: scatterRows('add'),
  ResourceScatterSub: scatterRows('sub'),
  ResourceScatterMul: scatterRows('mul'),
  ResourceScatterDiv: scatterRows('div'),
  ResourceScatterMin: scatterRows('min'),
  ResourceScatterMax: scatterRows('max'),
  ResourceScatterNdUpdate: scatterSlices('update'),
  ResourceScatterNdAdd: scatterSlices('add'),
  ResourceScatterNdSub: scatterSlices('sub'),
  ResourceScatterNdMin: scatterSlices('min'),
  ResourceScatterNdMax: scatterSlices('max'),
  ResourceStridedSliceAssign: ([handle, ...rest], c) => {
    const target = asHandle(handle);
    const changed = sliceKernels.TensorStridedSliceUpdate([c.resources.readForUpdate(target), ...rest], c) as NdArray;
    c.resources.write(target, changed);
    return [];
  },
};
