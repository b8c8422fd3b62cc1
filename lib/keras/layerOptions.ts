/**
 * What layers are made and called with: the options of all layers, and the arguments of a call.
 */
import { convertToTensor, type TensorLike } from '../../graph/convert';
import type { DType, DTypeName } from '../../graph/dtypes';
import { GraphTypeError, repr } from '../../graph/errors';
import { type ArrayLike, NdArray } from '../../graph/ndarray';
import type { ShapeLike } from '../../graph/shape';
import type { Regularizer } from '../variables/variableStore';

/** What layers are called with: a tensor, a plain value, or nested arrays and objects of them. */
export type LayerInput = TensorLike | { readonly [key: string]: LayerInput } | readonly LayerInput[];

export interface LayerOptions {
  /** Default: the class's name in snake case, counted in the graph. */
  readonly name?: string | null;
  /** Whether the layer's variables are trained and its updates run. Default true. */
  readonly trainable?: boolean;
  readonly dtype?: DType | DTypeName | null;
  readonly dynamic?: boolean;
  /** A loss of each output, divided by the batch size. */
  readonly activityRegularizer?: Regularizer | null;
  /** Recorded in the configuration, without the batch. */
  readonly inputShape?: ShapeLike;
  readonly batchInputShape?: ShapeLike;
  readonly batchSize?: number | null;
  readonly inputDim?: number | null;
  /** Values stored once the layer is built, in the default session. */
  readonly weights?: readonly ArrayLike[] | null;
  /** Whether floating inputs are cast to the layer's dtype. */
  readonly autocast?: boolean;
  readonly implementation?: unknown;
}

/** The keyword arguments of a call. */
export interface CallOptions {
  /** Whether to behave as in training; null asks the Keras learning phase, absence the surrounding layer. */
  readonly training?: TensorLike | null;
  readonly mask?: TensorLike | null;
  readonly [keyword: string]: unknown;
}

const KEYWORDS = [
  'name',
  'trainable',
  'dtype',
  'dynamic',
  'activityRegularizer',
  'inputShape',
  'batchInputShape',
  'batchSize',
  'inputDim',
  'weights',
  'autocast',
  'implementation',
];

/** TypeError for options that are neither of all layers nor of this one. */
export function checkLayerOptions(options: LayerOptions, own: readonly string[]): void {
  const unknown = Object.keys(options).find((keyword) => !KEYWORDS.includes(keyword) && !own.includes(keyword));
  if (unknown) throw new GraphTypeError(`('Keyword argument not understood:', ${repr(unknown)})`);
}

/** The whole input shape that the options speak of, if they do. */
export function batchShape({
  batchInputShape,
  inputShape,
  inputDim = null,
  batchSize = null,
}: LayerOptions): ShapeLike {
  if (batchInputShape !== undefined) return batchInputShape;
  const rest = inputShape ?? (inputDim === null ? undefined : [inputDim]);
  return rest === undefined ? undefined : [batchSize, ...(rest as readonly (number | null)[])];
}

/** Numbers, booleans and arrays with a shape become constants, outside of the layer's scope. */
export function asTensorIfNumeric(leaf: unknown): unknown {
  const isArray = leaf instanceof NdArray || ArrayBuffer.isView(leaf);
  const isScalar = typeof leaf === 'number' || typeof leaf === 'boolean' || typeof leaf === 'bigint';
  return isArray || isScalar ? convertToTensor(leaf as TensorLike) : leaf;
}
