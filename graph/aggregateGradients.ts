/**
 * The sum of several gradients of one tensor: dense ones, sparse ones, or both.
 */
import { applyUnary } from './applyOp';
import { convertToTensor } from './convert';
import { ValueError } from './errors';
import type { Graph } from './graph';
import { IndexedSlices } from './indexedSlices';
import type { Operation } from './operation';
import type { Gradient } from './registry';
import type { Tensor } from './tensor';

/** How gradients are summed. Mirrors tf.AggregationMethod. */
export const AggregationMethod = { ADD_N: 0, DEFAULT: 0, EXPERIMENTAL_TREE: 1, EXPERIMENTAL_ACCUMULATE_N: 2 } as const;

export type AggregationMethod = 0 | 1 | 2;

export function checkAggregationMethod(method: number): void {
  if (![0, 1, 2].includes(method))
    throw new ValueError(`Invalid \`aggregation_method\` specified ${method}. Accepted values are [0, 1, 2].`);
}

/** The sum of at least two gradients of a tensor of the op `of`. */
export function addGradients(
  graph: Graph,
  of: Operation,
  parts: readonly (Gradient & object)[],
  method: AggregationMethod,
): Gradient & object {
  const sparse = parts.filter((part): part is IndexedSlices => part instanceof IndexedSlices);
  if (sparse.length === parts.length) return concatenateSlices(sparse);
  // A sum that makes sparse gradients dense is one AddN, placed anywhere.
  if (sparse.length > 0) return addDense(graph, parts, AggregationMethod.ADD_N);
  if (method === AggregationMethod.EXPERIMENTAL_TREE) return addPairwise(graph, of, parts);
  return graph.colocateWith(parts[0].op, { ignoreExisting: true }, () => addDense(graph, parts, method));
}

/** One addition after the other, so that gradients can be freed early. */
function addPairwise(graph: Graph, of: Operation, parts: readonly (Gradient & object)[]): Tensor {
  return graph.nameScope(`${of.name}_gradient_sum`, () => {
    const tensors = parts.map((part) => convertToTensor(part, { graph }));
    return tensors.reduce((sum, part) => applyUnary('AddN', { inputs: [sum, part] }));
  });
}

function addDense(graph: Graph, parts: readonly (Gradient & object)[], method: AggregationMethod): Tensor {
  if (method === 2 && (parts as readonly Tensor[]).every((part) => part.shape.isFullyDefined())) {
    const tensors = parts.map((part) => convertToTensor(part, { graph }));
    return applyUnary('AccumulateNV2', { inputs: tensors, shape: tensors[0].shape }, 'AccumulateNV2');
  }
  const scope = graph.enterNameScope('AddN');
  try {
    const tensors = parts.map((part, i) => convertToTensor(part, { graph, name: `inputs_${i}` }));
    return graph.createOp('AddN', tensors, { name: scope.value }).output;
  } finally {
    scope.exit();
  }
}

/** Rows of all parts behind one another; duplicates stay, since a scatter sums them. */
function concatenateSlices(parts: readonly IndexedSlices[]): IndexedSlices {
  const concat = (values: readonly Tensor[]) => applyUnary('ConcatV2', { values, axis: 0 }, 'concat');
  const values = concat(parts.map((part) => part.values));
  return new IndexedSlices(values, concat(parts.map((part) => part.indices)), parts[0].denseShape);
}
