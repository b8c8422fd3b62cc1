/**
 * What a run is given: feeds in any of their forms, resolved against the graph, converted and checked.
 */
import { type DType, float32, float64, int64, string } from '../graph/dtypes';
import { GraphTypeError, repr, typeWord, ValueError } from '../graph/errors';
import type { Graph } from '../graph/graph';
import type { HasGraphElement } from '../graph/lookup';
import { type ArrayLike, allocate, type Element, NdArray } from '../graph/ndarray';
import { didYouMean } from '../graph/suggest';
import { Tensor } from '../graph/tensor';

/** What is fed: a tensor, its name, a variable (its value), or a list of these for a list of values. */
export type FeedKey = Tensor | HasGraphElement | string | readonly (Tensor | string)[];

/** A number, boolean, string, nested array, typed array, NdArray, or anything with `data` and `shape`. */
export type FeedValue = ArrayLike;

/** Feeds: a Map, a list of pairs, or an object keyed by tensor name. */
export type Feeds =
  | ReadonlyMap<FeedKey, FeedValue>
  | readonly (readonly [FeedKey, FeedValue])[]
  | { readonly [name: string]: FeedValue };

/** The pairs of any form of feeds. */
export function feedPairs(feeds: Feeds | undefined | null): [FeedKey, FeedValue][] {
  if (feeds === undefined || feeds === null) return [];
  if (typeof feeds !== 'object' || feeds instanceof NdArray || feeds instanceof Tensor || ArrayBuffer.isView(feeds)) {
    throw new GraphTypeError(
      `Feeds must be a Map, a list of [tensor, value] pairs or an object of values by tensor name, got ${typeWord(feeds)}.`,
    );
  }
  const pairs = (feeds instanceof Map ? [...feeds] : Array.isArray(feeds) ? feeds : Object.entries(feeds)) as [
    FeedKey,
    FeedValue,
  ][];
  return pairs.flatMap((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new GraphTypeError(`Feeds must be pairs of a tensor and a value, got ${repr(pair)}.`);
    return expandPair(pair);
  });
}

function expandPair([key, value]: [FeedKey, FeedValue]): [FeedKey, FeedValue][] {
  if (!Array.isArray(key)) return [[key, value]];
  const values = value as readonly FeedValue[];
  if (!Array.isArray(value) || values.length !== key.length) {
    throw new ValueError(
      `Could not flatten dictionary. Key had ${key.length} elements, but value had ${Array.isArray(value) ? values.length : 1} elements. Key: ${key.map(String)}, value: ${repr(value)}.`,
    );
  }
  return key.map((part, i) => [part as FeedKey, values[i]]);
}

/** The tensor that a feed key means. */
export function resolveFeedKey(graph: Graph, key: unknown): Tensor {
  try {
    return graph.asGraphElement(key, { allowOperation: false }) as Tensor;
  } catch (error) {
    const hint =
      typeof key === 'string'
        ? didYouMean(
            key.split(':')[0],
            graph.operations.map((op) => op.name),
          )
        : '';
    const known = (error as Error).message;
    throw new GraphTypeError(
      `Cannot interpret feed_dict key as Tensor: ${known}${known.includes('Did you mean') ? '' : hint}`,
    );
  }
}

/** A float for a scalar, the feed that loops have most of, without the ways around it; null for all others. */
function scalarFeed(tensor: Tensor, value: unknown): NdArray | null {
  if (typeof value !== 'number' || tensor.dtype !== float32 || tensor.shape.dims?.length !== 0) return null;
  return new NdArray(float32, NO_DIMS, Float32Array.of(value));
}

const NO_DIMS: readonly number[] = [];

/**
 * The value of one feed, in the tensor's dtype and checked against its shape. What the caller owns is copied, unless it is
 * only borrowed: compiled plans copy feeds to where they need them.
 */
export function checkFeed(graph: Graph, tensor: Tensor, value: unknown, isBorrowed = false): NdArray {
  const scalar = scalarFeed(tensor, value);
  if (scalar && graph.isFeedable(tensor)) return scalar;
  if (value instanceof Tensor) {
    throw new GraphTypeError(
      `The value of a feed cannot be a tf.Tensor object. Acceptable feed values include Python scalars, strings, lists, numpy ndarrays, or TensorHandles. For reference, the tensor object was ${value} which was passed to the argument \`feed_dict\` with key ${tensor}.`,
    );
  }
  if (typeof value === 'number' || typeof value === 'bigint') checkRange(value, tensor.dtype);
  const array = feedArray(value as FeedValue, tensor.dtype, isBorrowed);
  if (!tensor.shape.isCompatibleWith(array.shape)) {
    const shape = array.shape.length === 1 ? `(${array.shape[0]},)` : `(${array.shape.join(', ')})`;
    throw new ValueError(
      `Cannot feed value of shape ${shape} for Tensor ${tensor.name}, which has shape ${tensor.shape}`,
      tensor.op,
    );
  }
  if (!graph.isFeedable(tensor)) throw new ValueError(`Tensor ${tensor.name} may not be fed.`, tensor.op);
  return array;
}

function checkRange(value: number | bigint, dtype: DType): void {
  if (!dtype.isInteger || (typeof value === 'number' && !Number.isInteger(value))) return;
  const [low, high] = dtype.limits;
  if (value >= low && value <= high) return;
  throw new GraphTypeError(
    `Type of feed value ${value} with type <class 'int'> is not compatible with Tensor type <class 'numpy.${dtype.name}'>. Try explicitly setting the type of the feed tensor to a larger type (e.g. int64).`,
  );
}

/** Converts as numpy's `asarray(value, dtype)` does: numbers lose their fraction where the tensor holds integers. */
function feedArray(value: FeedValue, dtype: DType, isBorrowed: boolean): NdArray {
  if (value === null || value === undefined) throw new ValueError('None values not supported.');
  const given = NdArray.from(value, readAs(value, dtype));
  const isOwned = given === value || sharesData(value, given);
  if (given.dtype === dtype) return isOwned && !isBorrowed ? given.copy() : given;
  if ((given.dtype === string) !== (dtype === string)) {
    throw new ValueError(`could not convert a feed of type ${given.dtype.name} to ${dtype.name}: ${repr(value)}`);
  }
  const data = allocate(dtype, given.size);
  for (let i = 0; i < data.length; i++) data[i] = castElement(given.flatAt(i), dtype) as never;
  return new NdArray(dtype, given.shape, data);
}

/** Whether an array made from a value holds the caller's own elements: of a typed array, or of something that has one as `data`. */
function sharesData(value: FeedValue, given: NdArray): boolean {
  if (ArrayBuffer.isView(value)) return true;
  return typeof value === 'object' && value !== null && 'data' in value && value.data === given.data;
}

/** The dtype in which a feed loses nothing before it is cast; undefined where the value has one of its own. */
function readAs(value: FeedValue, dtype: DType): DType | undefined {
  if (typeof value === 'object' && !Array.isArray(value))
    return value instanceof Uint8Array && dtype === string ? string : undefined;
  if (holdsOnly(value, (item) => typeof item === 'bigint' || Number.isInteger(item)))
    return dtype.isNumeric ? dtype : int64;
  if (holdsOnly(value, (item) => typeof item === 'number' || typeof item === 'bigint'))
    return dtype.isFloating ? dtype : float64;
  return undefined;
}

function holdsOnly(value: unknown, test: (item: unknown) => boolean): boolean {
  return Array.isArray(value) ? value.every((item) => holdsOnly(item, test)) : test(value);
}

function castElement(value: Element, dtype: DType): Element | number {
  if (dtype.isBool) return value ? 1 : 0;
  const number = typeof value === 'boolean' ? Number(value) : (value as number | bigint);
  if (dtype.isFloating) return Number(number);
  if (typeof number === 'number' && !Number.isFinite(number))
    throw new ValueError(`cannot convert float ${Number.isNaN(number) ? 'NaN' : 'infinity'} to integer`);
  const whole = typeof number === 'number' ? Math.trunc(number) : number;
  return dtype.isBigInt ? BigInt(whole) : Number(whole);
}
