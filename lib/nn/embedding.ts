/**
 * Looking up rows of an embedding table.
 */
import { applyUnary } from '../../graph/applyOp';
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { type DType, int32 } from '../../graph/dtypes';
import { ValueError } from '../../graph/errors';
import { reshape } from '../../graph/ops/array';
import { maximum } from '../../graph/ops/binary';
import { sliceAt } from '../../graph/ops/brackets';
import { cast } from '../../graph/ops/cast';
import { where } from '../../graph/ops/compare';
import { composite } from '../../graph/ops/composite';
import { gather } from '../../graph/ops/gather';
import { concat, stack } from '../../graph/ops/joining';
import { dynamicPartition, parallelDynamicStitch } from '../../graph/ops/partition';
import { reduceSum } from '../../graph/ops/reduce';
import { range, rank, shape, size } from '../../graph/ops/shapes';
import { constant } from '../../graph/ops/source';
import type { Tensor } from '../../graph/tensor';
import { clipByNorm } from '../math/clip';
import type { Variable } from '../variables/variable';

export interface EmbeddingLookupOptions {
  /** How a table in several parts was divided: ids dealt in turn (`mod`, the default), or in ranges (`div`). */
  readonly partitionStrategy?: 'mod' | 'div';
  /** Scale rows down to this norm where they are longer. */
  readonly maxNorm?: TensorLike | null;
  readonly name?: string;
}

type Part = Tensor | Variable;

/**
 * The rows of the table `params` at `ids` (integers of any shape): shape `ids.shape + params.shape[1:]`. A table in
 * several parts is a list of them.
 *
 * The gradient by a variable is IndexedSlices. Mirrors tf.nn.embedding_lookup; ValueError without a table, and for
 * another strategy.
 */
export function embeddingLookup(
  params: Part | readonly Part[],
  ids: TensorLike,
  { partitionStrategy = 'mod', maxNorm = null, name }: EmbeddingLookupOptions = {},
): Tensor {
  if (params === null || params === undefined) throw new ValueError('params must be specified');
  const parts = (Array.isArray(params) ? params : [params]) as readonly Part[];
  if (parts.length === 0) throw new ValueError('Length of params is currently 0. Need at least one param.');
  return composite(name, 'embedding_lookup', [...parts, ids], (scope) => {
    const indices = convertToTensor(ids, { name: 'ids', preferredDtype: int32 });
    if (parts.length > 1) return fromParts(parts, indices, partitionStrategy, maxNorm, scope);
    const [table] = parts;
    const rows = beside(table, () => clipped(gather(table, indices, { name: scope }), indices, maxNorm));
    return applyUnary('Identity', { input: rows });
  });
}

/** Builds on the table's device. */
function beside<R>(table: Part, build: () => R): R {
  return table.graph.colocateWith(table.op, {}, build);
}

/** Looks each id up in the part that has it, and puts the rows back in the order of the ids. */
function fromParts(
  parts: readonly Part[],
  ids: Tensor,
  strategy: string,
  maxNorm: TensorLike | null,
  scope: string,
): Tensor {
  const flat = reshape(ids, [-1]);
  const positions = range(size(flat));
  const { part, row } = strategy === 'mod' ? dealt(flat, parts.length) : inRanges(flat, parts, strategy);
  const assignment = cast(part, int32);
  const rows = dynamicPartition(row, assignment, parts.length);
  const places = dynamicPartition(positions, assignment, parts.length);
  const found = parts.map((table, i) => beside(table, () => gather(table, rows[i])));
  const stitched = parallelDynamicStitch(places, found, { name: scope });
  const rowShape = parts.map((table) => table.shape.slice(1)).reduce((merged, own) => merged.mergeWith(own));
  const inner = rowShape.isFullyDefined()
    ? Int32Array.from(rowShape.asNumbers())
    : sliceAt(
        beside(parts[0], () => shape(convertToTensor(parts[0]))),
        [[1, null]],
      );
  const result = reshape(stitched, concat([shape(ids), inner], 0));
  result.setShape(ids.shape.concatenate(rowShape));
  return clipped(result, ids, maxNorm);
}

interface Place {
  readonly part: Tensor;
  readonly row: Tensor;
}

function dealt(ids: Tensor, count: number): Place {
  return { part: ids.mod(count), row: ids.floordiv(count) };
}

/** Parts of equal size, the first ones with one row more where they do not divide evenly. */
function inRanges(ids: Tensor, parts: readonly Part[], strategy: string): Place {
  if (strategy !== 'div') {
    throw new ValueError(`Unrecognized partition strategy: ${strategy}.Must be one of either \`mod\` or \`div\`.`);
  }
  const total = rowsOf(parts, ids.dtype);
  const [each, extra] = [total.floordiv(parts.length), total.mod(parts.length)];
  const part = maximum(ids.floordiv(each.add(1)), ids.sub(extra).floordiv(each));
  const row = where(part.less(extra), ids.mod(each.add(1)), ids.sub(extra).mod(each));
  return { part, row };
}

function rowsOf(parts: readonly Part[], dtype: DType): Tensor {
  const rows = parts.map((table) => table.shape.at(0));
  if (rows.every((count) => count !== null)) {
    return constant(
      rows.reduce((sum, count) => sum + count, 0),
      { dtype },
    );
  }
  const counts = parts.map((table, i) => rows[i] ?? beside(table, () => sliceAt(shape(convertToTensor(table)), [0])));
  return reduceSum(cast(stack(counts), dtype));
}

/** Each row, which spans the dimensions after those of the ids, clipped by its norm. */
function clipped(rows: Tensor, ids: Tensor, maxNorm: TensorLike | null): Tensor {
  if (maxNorm === null) return rows;
  const [first, all] = [ids.shape.rank, rows.shape.rank];
  const axes =
    first !== null && all !== null
      ? Array.from({ length: all - first }, (_, i) => first + i)
      : range(rank(ids), rank(rows));
  return clipByNorm(rows, maxNorm, { axes });
}
