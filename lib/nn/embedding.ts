/**
 * Looking up rows of an embedding table.
 */
import { applyUnary } from '../../graph/applyOp';
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { int32 } from '../../graph/dtypes';
import { NotImplementedError, ValueError } from '../../graph/errors';
import { composite } from '../../graph/ops/composite';
import { gather } from '../../graph/ops/gather';
import { range, rank } from '../../graph/ops/shapes';
import { Tensor } from '../../graph/tensor';
import { clipByNorm } from '../math/clip';
import { Variable } from '../variables/variable';

export interface EmbeddingLookupOptions {
  /** Scale rows down to this norm where they are longer. */
  readonly maxNorm?: TensorLike | null;
  readonly name?: string;
}

/**
 * The rows of the table `params` at `ids` (integers of any shape): shape `ids.shape + params.shape[1:]`.
 *
 * The gradient by a variable is IndexedSlices. Mirrors tf.nn.embedding_lookup for tables in one part; ValueError
 * without a table, NotImplementedError for several parts.
 */
export function embeddingLookup(
  params: Tensor | Variable | readonly (Tensor | Variable)[],
  ids: TensorLike,
  { maxNorm = null, name }: EmbeddingLookupOptions = {},
): Tensor {
  const parts = (Array.isArray(params) ? params : [params]) as readonly (Tensor | Variable)[];
  if (parts.length === 0 || parts[0] === null || parts[0] === undefined)
    throw new ValueError('params must be specified');
  if (parts.length > 1)
    throw new NotImplementedError('Embedding tables in several parts are not supported: give one tensor or variable.');
  const [table] = parts;
  return composite(name, 'embedding_lookup', [table, ids], (scope) => {
    const indices = convertToTensor(ids, { name: 'ids', preferredDtype: int32 });
    const { graph } = table;
    const rows = graph.colocateWith(table.op, {}, () =>
      clipped(gather(table, indices, { name: scope }), indices, maxNorm),
    );
    return applyUnary('Identity', { input: rows });
  });
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
