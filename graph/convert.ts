/**
 * From JavaScript values to tensors of a graph: constants, packed lists of tensors, variables, sparse gradients.
 */

import { getDefaultGraph } from './defaultGraph';
import type { DType } from './dtypes';
import { GraphTypeError, ValueError } from './errors';
import type { Graph } from './graph';
import { IndexedSlices } from './indexedSlices';
import { type ArrayLike, NdArray } from './ndarray';
import { Tensor } from './tensor';

export interface ConvertOptions {
  /** Required: a tensor of another dtype is a ValueError. */
  readonly dtype?: DType;
  /** Used for plain values where it can hold them, without being required. */
  readonly preferredDtype?: DType;
  /** Name of the constant that a plain value becomes. Default `Const`. */
  readonly name?: string;
  /** Where constants go. Default: the default graph. */
  readonly graph?: Graph;
}

/** Objects that can become a tensor, as variables do by being read. */
export interface TensorConvertible {
  readonly dtype: DType;
  readonly graph: Graph;
  toTensor(options: ConvertOptions): Tensor;
}

/** What op functions take where TensorFlow takes a tensor. */
export type TensorLike = Tensor | TensorConvertible | IndexedSlices | ArrayLike | readonly TensorLike[];

export function isTensorConvertible(value: unknown): value is TensorConvertible {
  return (
    typeof value === 'object' && value !== null && typeof (value as { toTensor?: unknown }).toTensor === 'function'
  );
}

/** The dtype a value has by itself: of tensors, variables, typed arrays and NdArrays; undefined for plain JavaScript values. */
export function ownDType(value: unknown): DType | undefined {
  if (
    value instanceof Tensor ||
    value instanceof NdArray ||
    value instanceof IndexedSlices ||
    isTensorConvertible(value)
  )
    return value.dtype;
  if (ArrayBuffer.isView(value)) return NdArray.from(value as ArrayLike).dtype;
  return Array.isArray(value)
    ? value.reduce<DType | undefined>((found, item) => found ?? ownDType(item), undefined)
    : undefined;
}

/** The graph a value belongs to, if it belongs to one. */
export function graphOf(value: unknown): Graph | undefined {
  if (value instanceof Tensor || value instanceof IndexedSlices || isTensorConvertible(value)) return value.graph;
  return Array.isArray(value)
    ? value.reduce<Graph | undefined>((found, item) => found ?? graphOf(item), undefined)
    : undefined;
}

/**
 * The graph that an op with these inputs goes to: that of the first symbolic one, else the default graph. Inputs of
 * different graphs are a ValueError, except inside function bodies, which capture outer tensors.
 */
export function graphFromInputs(inputs: readonly unknown[]): Graph {
  const current = getDefaultGraph();
  if (current.isFunction) return current;
  let first: unknown;
  let graph: Graph | undefined;
  for (const input of inputs.flat()) {
    const own = graphOf(input);
    if (!own) continue;
    if (!graph) [graph, first] = [own, input];
    else if (graph !== own)
      throw new ValueError(`${input} must be from the same graph as ${first} (graphs are ${own} and ${graph}).`);
  }
  return graph ?? current;
}

/**
 * A tensor from anything that can be one. Mirrors tf.convert_to_tensor.
 *
 * Tensors pass through; plain values become a `Const`; lists that hold tensors are packed with `Pack`. ValueError for a
 * tensor of another dtype than `dtype`; TypeError and ValueError for values that cannot be held.
 */
export function convertToTensor(value: TensorLike, options: ConvertOptions = {}): Tensor {
  const { dtype, name } = options;
  if (value instanceof Tensor) return checkDType(value, dtype);
  if (isTensorConvertible(value)) return checkDType(value.toTensor(options), dtype);
  const graph = options.graph ?? getDefaultGraph();
  if (value instanceof IndexedSlices) return checkDType(densify(value, graph, name), dtype);
  if (Array.isArray(value) && holdsTensor(value)) {
    return graph.transaction(() => packList(value, graph, dtype ?? ownDType(value), name ?? 'packed'));
  }
  return constantIn(graph, toNdArray(value as ArrayLike, dtype, options.preferredDtype), name);
}

function checkDType(tensor: Tensor, dtype: DType | undefined): Tensor {
  if (dtype !== undefined && tensor.dtype !== dtype) {
    throw new ValueError(
      `Tensor conversion requested dtype ${dtype.name} for Tensor with dtype ${tensor.dtype.name}: ${tensor}`,
    );
  }
  return tensor;
}

function toNdArray(value: ArrayLike, dtype: DType | undefined, preferred: DType | undefined): NdArray {
  if (value === null || value === undefined) throw new ValueError('None values not supported.');
  if (dtype !== undefined) return NdArray.from(value, dtype);
  const own = ownDType(value);
  if (preferred === undefined || own !== undefined) return NdArray.from(value, own);
  try {
    return NdArray.from(value, preferred);
  } catch (error) {
    if (!(error instanceof GraphTypeError || error instanceof ValueError)) throw error;
    return NdArray.from(value);
  }
}

/** A `Const` node holding that array. */
export function constantIn(graph: Graph, value: NdArray, name = 'Const'): Tensor {
  return graph.createOp('Const', [], { name, attrs: { dtype: value.dtype, value } }).output;
}

function holdsTensor(list: readonly unknown[]): boolean {
  return list.some(
    (item) => item instanceof Tensor || isTensorConvertible(item) || (Array.isArray(item) && holdsTensor(item)),
  );
}

/** Lists that hold tensors: each level becomes a `Pack`, named `name`, with constants `name/0`, `name/1`, …. */
function packList(list: readonly TensorLike[], graph: Graph, dtype: DType | undefined, name: string): Tensor {
  const scope = graph.enterNameScope(name);
  try {
    const parts = list.map((item, i) =>
      Array.isArray(item) && holdsTensor(item)
        ? packList(item, graph, dtype, String(i))
        : convertToTensor(item, { dtype, graph, name: String(i) }),
    );
    return graph.createOp('Pack', parts, { name: scope.value, attrs: { axis: 0 } }).output;
  } finally {
    scope.exit();
  }
}

/** Sparse rows as a dense tensor, summing duplicates. */
function densify(slices: IndexedSlices, graph: Graph, name: string | undefined): Tensor {
  if (!slices.denseShape) {
    throw new ValueError(
      `Tensor conversion requested for IndexedSlices for IndexedSlices without dense_shape: ${slices}`,
    );
  }
  const rows = sliceVector(graph, slices.denseShape);
  return graph.createOp('UnsortedSegmentSum', [slices.values, slices.indices, rows], { name }).output;
}

/** The first element of a shape vector. */
function sliceVector(graph: Graph, vector: Tensor): Tensor {
  const scope = graph.enterNameScope('strided_slice');
  try {
    const stack = (value: number, name: string) => constantIn(graph, NdArray.from(Int32Array.of(value)), name);
    const bounds = [stack(0, 'stack'), stack(1, 'stack_1'), stack(1, 'stack_2')];
    const attrs = { begin_mask: 0, end_mask: 0, ellipsis_mask: 0, new_axis_mask: 0, shrink_axis_mask: 1 };
    return graph.createOp('StridedSlice', [vector, ...bounds], { name: scope.value, attrs }).output;
  } finally {
    scope.exit();
  }
}
