/**
 * `tf.mapFn`, `tf.foldl`, `tf.foldr` and `tf.scan`: loops over the first dimension of tensors.
 *
 * Elements are read from a TensorArray and results written to one, within a whileLoop.
 */
import { applyUnary } from '../applyOp';
import { convertToTensor, type TensorLike } from '../convert';
import { getDefaultGraph } from '../defaultGraph';
import { asDType, DType, type DTypeName, int32 } from '../dtypes';
import { GraphTypeError, ValueError } from '../errors';
import { assertSameStructure, flatten, isNested, packAs, structureRepr } from '../nest';
import { sliceAt } from '../ops/brackets';
import { composite } from '../ops/composite';
import { shape } from '../ops/shapes';
import { TensorShape } from '../shape';
import { Tensor } from '../tensor';
import { TensorArray } from '../tensorArray';
import type { AsTensors } from './cond';
import { whileLoop } from './whileLoop';

/** A tensor, or a structure of tensors with one first dimension. */
export type Elements = TensorLike | readonly Elements[] | { readonly [key: string]: Elements };

export interface LoopOverOptions {
  readonly parallelIterations?: number;
  readonly backProp?: boolean;
  readonly swapMemory?: boolean;
  readonly name?: string;
}

export interface MapOptions extends LoopOverOptions {
  /** The dtypes of the results, nested as they are, where they differ from the elements'. */
  readonly dtype?: DTypes | null;
  readonly fnOutputSignature?: DTypes | null;
  /** All results have one shape. Default true. */
  readonly inferShape?: boolean;
}

export type DTypes = DType | DTypeName | readonly DTypes[] | { readonly [key: string]: DTypes };

export interface FoldOptions<A> extends LoopOverOptions {
  /** What to start with; without it the first element. */
  readonly initializer?: A | null;
}

export interface ScanOptions<A> extends FoldOptions<A> {
  readonly inferShape?: boolean;
  /** Go from the last element to the first. */
  readonly reverse?: boolean;
}

type Call = (...args: unknown[]) => unknown;

function checkCallable(fn: unknown, text: string): void {
  if (typeof fn !== 'function') throw new GraphTypeError(text);
}

/** Leaves as they nest: an array is a structure only where it holds tensors, since numbers in arrays are values. */
function leavesOf(elems: unknown): { readonly flat: readonly unknown[]; pack(flat: readonly unknown[]): unknown } {
  const isStructure =
    isNested(elems) && flatten(elems).some((leaf) => leaf instanceof Tensor || typeof leaf === 'object');
  if (!isStructure) return { flat: [elems], pack: ([only]) => only };
  return { flat: flatten(elems), pack: (flat) => packAs(elems, flat) };
}

/** The common first dimension: a number where one is known, else a tensor. */
function lengthOf(elems: readonly Tensor[]): { readonly count: number | Tensor; readonly known: number | null } {
  const firsts = elems.map((elem) => elem.shape.withRankAtLeast(1).dims?.[0] ?? null);
  const known = firsts[0];
  const odd = firsts.find((dim) => dim !== null && known !== null && dim !== known);
  if (odd !== undefined) throw new ValueError(`Dimensions ${known} and ${odd} are not compatible`);
  return { count: known || sliceAt(shape(elems[0]), [0]), known };
}

function unstacked(elem: Tensor, size: number | Tensor, elementShape?: TensorShape): TensorArray {
  return new TensorArray(elem.dtype, { size, dynamicSize: false, elementShape }).unstack(elem);
}

const integer = (value: number) => convertToTensor(value, { dtype: int32 });
const plus = (x: Tensor, y: number) => applyUnary('AddV2', { x, y }, 'add');
const minus = (x: Tensor, y: TensorLike) => applyUnary('Sub', { x, y }, 'sub');

/** Gives stacked results the first dimension that is known. */
function withLength(results: readonly Tensor[], known: number | null): readonly Tensor[] {
  for (const result of results) result.setShape(new TensorShape([known]).concatenate(result.shape.slice(1)));
  return results;
}

/**
 * `fn` of each element of `elems` along the first dimension, stacked again.
 *
 * `elems` is a tensor or a structure of tensors; `fn` takes one element (nested alike) and returns a tensor or a
 * structure. Results of other dtypes than the elements' need `fnOutputSignature`. Mirrors tf.map_fn.
 */
export function mapFn<E extends Elements>(
  fn: (elem: AsTensors<E>) => unknown,
  elems: E,
  options?: MapOptions,
): AsTensors<E>;
export function mapFn<R>(fn: (elem: never) => R, elems: Elements, options: MapOptions): AsTensors<R>;
export function mapFn(fn: (elem: never) => unknown, elems: Elements, options: MapOptions = {}): unknown {
  checkCallable(fn, 'The provided function is not callable.fn must be callable.');
  const { flat, pack } = leavesOf(elems);
  if (flat.length === 0)
    throw new ValueError(
      `elems must be a Tensor or (possibly nested) sequence of Tensors. Got ${structureRepr(elems)}, which does not contain any Tensors.`,
    );
  const signature = options.fnOutputSignature ?? options.dtype ?? null;
  return composite(options.name, 'map', flat, () => {
    const tensors = flat.map((elem) => convertToTensor(elem as TensorLike, { graph: getDefaultGraph(), name: 'elem' }));
    if (tensors[0].shape.rank === 0)
      throw new ValueError('Elements in elems must be 1+ dimensional Tensors, not scalars');
    const { count, known } = lengthOf(tensors);
    const arrays = tensors.map((elem) => new TensorArray(elem.dtype, { size: count, dynamicSize: false }));
    const filled = arrays.map((array, k) => array.unstack(tensors[k]));
    const start = integer(0);
    const types = signature === null ? tensors.map((elem) => elem.dtype) : dtypesOf(signature);
    const results = types.map(
      (dtype) => new TensorArray(dtype, { size: count, dynamicSize: false, inferShape: options.inferShape }),
    );
    const step = (i: Tensor, written: readonly TensorArray[]) => {
      const values = filled.map((array) => array.read(i));
      const result = (fn as Call)(pack(values));
      const outcome = leavesOf(result);
      if (signature === null) assertSameStructure(pack(values), result);
      else assertSameStructure(dtypeStructure(signature), result);
      const next = written.map((array, k) => array.write(i, outcome.flat[k] as TensorLike));
      return [plus(i, 1), next];
    };
    const [, done] = whileLoop(
      (i: Tensor) => applyUnary('Less', { x: i, y: count }),
      step,
      [start, results],
      loopOptions(options, count),
    ) as [Tensor, TensorArray[]];
    const stacked = withLength(
      done.map((array) => array.stack()),
      known,
    );
    return signature === null ? pack(stacked) : packAs(dtypeStructure(signature), stacked);
  });
}

function dtypeStructure(signature: DTypes): unknown {
  if (typeof signature === 'string' || signature instanceof DType) return null;
  if (Array.isArray(signature)) return signature.map(dtypeStructure);
  return Object.fromEntries(Object.entries(signature).map(([key, value]) => [key, dtypeStructure(value as DTypes)]));
}

function dtypesOf(signature: DTypes): DType[] {
  if (typeof signature === 'string' || signature instanceof DType) return [asDType(signature)];
  return flatten(signature).flatMap((leaf) => dtypesOf(leaf as DTypes));
}

function loopOptions(
  { parallelIterations = 10, backProp, swapMemory }: LoopOverOptions,
  maximumIterations: number | Tensor,
) {
  return { parallelIterations, backProp, swapMemory, maximumIterations };
}

/**
 * `fn(… fn(fn(initializer, elems[0]), elems[1]) …)`. Without an initializer the first element is the start.
 *
 * Mirrors tf.foldl. TypeError when `fn` is no function.
 */
export function foldl<A, E extends Elements>(
  fn: (accumulator: AsTensors<A>, elem: AsTensors<E>) => unknown,
  elems: E,
  options?: FoldOptions<A>,
): AsTensors<A>;
export function foldl(
  fn: (accumulator: never, elem: never) => unknown,
  elems: Elements,
  options: FoldOptions<unknown> = {},
): unknown {
  checkCallable(fn, 'fn is not callable. Please provide a callable function.');
  return fold(fn as Call, elems, options, 'foldl', (count, hasStart) => ({
    start: hasStart ? 0 : 1,
    firstRead: 0,
    holds: (i) => applyUnary('Less', { x: i, y: count }),
    before: (i) => i,
    after: (i) => plus(i, 1),
  }));
}

/**
 * `fn(… fn(fn(initializer, elems[n-1]), elems[n-2]) …)`. Without an initializer the last element is the start.
 *
 * Mirrors tf.foldr. TypeError when `fn` is no function.
 */
export function foldr<A, E extends Elements>(
  fn: (accumulator: AsTensors<A>, elem: AsTensors<E>) => unknown,
  elems: E,
  options?: FoldOptions<A>,
): AsTensors<A>;
export function foldr(
  fn: (accumulator: never, elem: never) => unknown,
  elems: Elements,
  options: FoldOptions<unknown> = {},
): unknown {
  checkCallable(fn, 'fn is not callable. Please provide a callable function.');
  return fold(fn as Call, elems, options, 'foldr', (count, hasStart) => {
    const last = hasStart ? count : count instanceof Tensor ? minus(count, 1) : count - 1;
    return {
      start: last,
      firstRead: last,
      holds: (i) => applyUnary('Greater', { x: i, y: 0 }),
      before: (i) => minus(i, 1),
      after: (i) => i,
    };
  });
}

interface Order {
  readonly start: number | Tensor;
  /** The element that is the start where there is no initializer. */
  readonly firstRead: number | Tensor;
  holds(i: Tensor): Tensor;
  before(i: Tensor): Tensor;
  after(i: Tensor): Tensor;
}

function fold(
  fn: Call,
  elems: Elements,
  options: FoldOptions<unknown>,
  name: string,
  orderOf: (count: number | Tensor, hasStart: boolean) => Order,
): unknown {
  const { flat, pack } = leavesOf(elems);
  return composite(options.name, name, flat, () => {
    const tensors = flat.map((elem) => convertToTensor(elem as TensorLike, { graph: getDefaultGraph(), name: 'elem' }));
    const { count } = lengthOf(tensors);
    const arrays = tensors.map((elem) => unstacked(elem, count));
    const hasStart = options.initializer !== undefined && options.initializer !== null;
    const order = orderOf(count, hasStart);
    const accumulator = hasStart ? options.initializer : pack(arrays.map((array) => array.read(order.firstRead)));
    const step = (index: Tensor, value: unknown) => {
      const i = order.before(index);
      const elem = pack(arrays.map((array) => array.read(i)));
      const next = fn(value, elem);
      return [order.after(i), next];
    };
    const start = typeof order.start === 'number' ? integer(order.start) : order.start;
    const [, result] = whileLoop(
      (i: Tensor) => order.holds(i),
      step as never,
      [start, accumulator],
      loopOptions(options, count),
    ) as unknown[];
    return result;
  });
}

/**
 * All intermediate results of a fold, stacked: element i is `fn` of the result before it and `elems[i]`.
 *
 * Without an initializer the first element is the first result. Mirrors tf.scan. TypeError when `fn` is no function.
 */
export function scan<A, E extends Elements>(
  fn: (accumulator: AsTensors<A>, elem: AsTensors<E>) => unknown,
  elems: E,
  options: ScanOptions<A> & { readonly initializer: A },
): AsTensors<A>;
export function scan<E extends Elements>(
  fn: (accumulator: AsTensors<E>, elem: AsTensors<E>) => unknown,
  elems: E,
  options?: ScanOptions<never>,
): AsTensors<E>;
export function scan(
  fn: (accumulator: never, elem: never) => unknown,
  elems: Elements,
  options: ScanOptions<unknown> = {},
): unknown {
  checkCallable(fn, 'fn is not callable. Please provide a callable function.');
  const { flat, pack } = leavesOf(elems);
  const hasStart = options.initializer !== undefined && options.initializer !== null;
  const output = hasStart ? leavesOf(options.initializer) : { flat, pack };
  const { reverse = false, inferShape = true } = options;
  return composite(options.name, 'scan', flat, () => {
    const tensors = flat.map((elem) => convertToTensor(elem as TensorLike, { graph: getDefaultGraph(), name: 'elem' }));
    const { count, known } = lengthOf(tensors);
    const arrays = tensors.map(
      (elem) => new TensorArray(elem.dtype, { size: count, dynamicSize: false, elementShape: elem.shape.slice(1) }),
    );
    const filled = arrays.map((array, k) => array.unstack(tensors[k]));
    const last = () => (count instanceof Tensor ? minus(count, 1) : count - 1);
    const starts = hasStart
      ? output.flat.map((value) => convertToTensor(value as TensorLike, { graph: getDefaultGraph() }))
      : filled.map((array) => array.read(reverse ? last() : 0));
    let results = starts.map(
      (start) =>
        new TensorArray(start.dtype, {
          size: count,
          elementShape: inferShape ? start.shape : null,
          dynamicSize: false,
          inferShape,
        }),
    );
    if (!hasStart) results = results.map((array, k) => array.write(reverse ? last() : 0, starts[k]));
    const step = (i: Tensor, values: readonly Tensor[], written: readonly TensorArray[]) => {
      const elem = pack(filled.map((array) => array.read(i)));
      const next = (fn as Call)(output.pack(values), elem);
      assertSameStructure(output.pack(values), next);
      const flatNext = leavesOf(next).flat as TensorLike[];
      const stored = written.map((array, k) => array.write(i, flatNext[k]));
      return [reverse ? minus(i, 1) : plus(i, 1), flatNext, stored];
    };
    const skipped = hasStart ? 0 : 1;
    const from = !reverse ? skipped : count instanceof Tensor ? minus(minus(count, 1), skipped) : count - 1 - skipped;
    const start = typeof from === 'number' ? integer(from) : from;
    const holds = (i: Tensor) =>
      reverse ? applyUnary('GreaterEqual', { x: i, y: 0 }) : applyUnary('Less', { x: i, y: count });
    const [, , done] = whileLoop(
      holds as never,
      step as never,
      [start, starts, results],
      loopOptions(options, count),
    ) as unknown as [Tensor, Tensor[], TensorArray[]];
    return output.pack(
      withLength(
        done.map((array) => array.stack()),
        known,
      ),
    );
  });
}
