/**
 * Plain kernels: operations on sets that are kept along the last axis of tensors.
 */
import { int64 } from '../../graph/dtypes';
import { InvalidArgumentError } from '../../graph/errors';
import { NdArray, sizeOf } from '../../graph/ndarray';
import type { setsOps } from '../../graph/ops/sets';
import type { Kernel, KernelTable } from '../kernel';

type Values = Set<unknown>;

const operations: Readonly<Record<string, (a: Values, b: Values) => unknown[]>> = {
  'a-b': (a, b) => [...a].filter((value) => !b.has(value)),
  'b-a': (a, b) => [...b].filter((value) => !a.has(value)),
  intersection: (a, b) => [...a].filter((value) => b.has(value)),
  union: (a, b) => [...new Set([...a, ...b])],
};

function rows(array: NdArray): Values[] {
  const width = array.shape.at(-1)!;
  const count = sizeOf(array.shape.slice(0, -1));
  return Array.from(
    { length: count },
    (_, row) => new Set(Array.from({ length: width }, (_, i) => array.data[row * width + i])),
  );
}

function position(row: number, shape: readonly number[]): number[] {
  let rest = row;
  return shape.map((_, axis) => {
    const below = sizeOf(shape.slice(axis + 1));
    const at = Math.floor(rest / below);
    rest -= at * below;
    return at;
  });
}

const denseToDense: Kernel = ([a, b], c) => {
  const operate = operations[c.attr<string>('set_operation')];
  if (!operate) throw new InvalidArgumentError(`Invalid set_operation ${c.attr<string>('set_operation')}.`);
  const groups = a.shape.slice(0, -1);
  if (groups.join() !== b.shape.slice(0, -1).join())
    throw new InvalidArgumentError(`Mismatched group shapes [${groups}] vs [${b.shape.slice(0, -1)}].`);
  const other = rows(b);
  const results = rows(a).map((set, i) =>
    operate(set, other[i]).sort((x, y) => ((x as number) < (y as number) ? -1 : 1)),
  );
  const indices = results.flatMap((values, row) => values.map((_, i) => [...position(row, groups), i].map(BigInt)));
  const values = results.flat();
  const widest = Math.max(0, ...results.map((row) => row.length));
  const rank = groups.length + 1;
  return [
    new NdArray(int64, [indices.length, rank], BigInt64Array.from(indices.flat())),
    NdArray.from(values as number[], a.dtype),
    NdArray.from([...groups, widest].map(BigInt), int64),
  ];
};

export const setsKernels: KernelTable<typeof setsOps> = { DenseToDenseSetOperation: denseToDense };
