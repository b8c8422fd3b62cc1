/**
 * Python's brackets on tensors, as nodes: `sliceAt(x, [0, [1, 5], [null, null, -1], newaxis, '...'])` emits what
 * `x[0, 1:5, ::-1, tf.newaxis, ...]` does, and so does `sliceAt(x, ['0, 1:5, ::-1, newaxis, ...'])`.
 *
 * The method of Tensor, which takes masks too, is in graph/ops/slicing.ts.
 */
import { applyUnary } from '../applyOp';
import { constantIn, convertToTensor, type TensorLike } from '../convert';
import { type DType, int16, int32, int64 } from '../dtypes';
import { GraphTypeError, repr, ValueError } from '../errors';
import { NdArray } from '../ndarray';
import { Tensor } from '../tensor';
import { composite } from './composite';
import { stridedSlice } from './slice';

/** A new axis of size 1, in a slice. Mirrors tf.newaxis; null stands for it too. */
export const newaxis: unique symbol = Symbol('newaxis');

/** A bound of a range: a whole number or a scalar integer tensor; null leaves the end open. */
export type SliceBound = number | bigint | Tensor | null | undefined;

/** `[start, stop]` or `[start, stop, step]`; `[]` takes all. */
export type SliceRange =
  | readonly []
  | readonly [SliceBound, SliceBound]
  | readonly [SliceBound, SliceBound, SliceBound];

/** One item between the brackets. A string may hold several, separated by commas. */
export type SliceItem = number | bigint | Tensor | SliceRange | typeof newaxis | null | string;

interface Ellipsis {
  readonly kind: 'ellipsis';
}
interface NewAxis {
  readonly kind: 'newAxis';
}
interface Index {
  readonly kind: 'index';
  readonly at: number | Tensor;
}
interface Range {
  readonly kind: 'range';
  readonly start: number | Tensor | null;
  readonly stop: number | Tensor | null;
  readonly step: number | Tensor | null;
}
type Parsed = Ellipsis | NewAxis | Index | Range;

const indexTypes: readonly DType[] = [int16, int32, int64];

function badIndex(value: unknown): GraphTypeError {
  return new GraphTypeError(
    `Only integers, slices (\`:\`), ellipsis (\`...\`), tf.newaxis (\`None\`) and scalar tf.int32/tf.int64 tensors are valid indices, got ${repr(value)}`,
  );
}

function checkIndex(value: unknown): number | Tensor {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) return Number(value);
  if (value instanceof Tensor && indexTypes.includes(value.dtype) && value.shape.rank !== 1) return value;
  throw badIndex(value);
}

function checkBound(value: SliceBound): number | Tensor | null {
  return value === null || value === undefined ? null : checkIndex(value);
}

function parseItem(item: SliceItem): Parsed[] {
  if (typeof item === 'string') return parseText(item);
  if (item === newaxis || item === null) return [{ kind: 'newAxis' }];
  if (!Array.isArray(item)) return [{ kind: 'index', at: checkIndex(item) }];
  if (item.length === 1 || item.length > 3) throw badIndex(item);
  const [start, stop, step] = item as readonly SliceBound[];
  return [{ kind: 'range', start: checkBound(start), stop: checkBound(stop), step: checkBound(step) }];
}

/** Items as one writes them in Python: `0, 1:5, ::-1, newaxis, ...`. */
function parseText(text: string): Parsed[] {
  return text.split(',').map((part) => {
    const item = part.trim();
    if (item === '...') return { kind: 'ellipsis' };
    if (/^(tf\.)?newaxis$|^None$/.test(item)) return { kind: 'newAxis' };
    const bounds = item.split(':').map((bound) => bound.trim());
    const numbers = bounds.map((bound) => (bound === '' ? null : Number(bound)));
    if (
      bounds.length > 3 ||
      (bounds.length === 1 && bounds[0] === '') ||
      !bounds.every((bound) => /^([+-]?\d+)?$/.test(bound))
    ) {
      throw new ValueError(
        `Cannot read '${item}' in the slice '${text}': an index, start:stop:step, newaxis or ... is expected.`,
      );
    }
    if (bounds.length === 1) return { kind: 'index', at: numbers[0]! };
    const [start, stop = null, step = null] = numbers;
    return { kind: 'range', start, stop, step };
  });
}

type Bounds = (number | Tensor)[];

/** The vectors and masks of a StridedSlice as the items determine them. */
class SliceBuilder {
  readonly begin: Bounds = [];
  readonly end: Bounds = [];
  readonly strides: Bounds = [];
  readonly masks = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };

  constructor(readonly tensor: Tensor) {}

  #constant(value: number, dtype: DType): Tensor {
    return constantIn(this.tensor.graph, NdArray.scalar(dtype, value));
  }

  #push(begin: number | Tensor, end: number | Tensor, stride: number | Tensor): void {
    this.begin.push(begin);
    this.end.push(end);
    this.strides.push(stride);
  }

  add(item: Parsed, position: number): void {
    const bit = 1 << position;
    if (item.kind === 'range') this.#addRange(item, bit);
    else if (item.kind === 'index') this.#addIndex(item.at, bit);
    else {
      this.#push(0, 0, 1);
      this.masks[item.kind === 'ellipsis' ? 'ellipsisMask' : 'newAxisMask'] |= bit;
    }
  }

  #addIndex(at: number | Tensor, bit: number): void {
    this.masks.shrinkAxisMask |= bit;
    if (typeof at === 'number') this.#push(at, at + 1, 1);
    else
      this.#push(at, applyUnary('AddV2', { x: at, y: 1 }, 'add'), at.dtype === int32 ? 1 : this.#constant(1, at.dtype));
  }

  /** Open ends are constants of the widest type among the bounds that are tensors, else plain numbers. */
  #addRange({ start, stop, step }: Range, bit: number): void {
    const types = [start, stop, step].flatMap((bound) => (bound instanceof Tensor ? [bound.dtype] : []));
    const dtype = [int64, int32, int16].find((type) => types.includes(type));
    const open = (value: number) => (dtype ? this.#constant(value, dtype) : value);
    if (start === null) this.masks.beginMask |= bit;
    if (stop === null) this.masks.endMask |= bit;
    this.#push(start ?? open(0), stop ?? open(0), step ?? open(1));
  }

  build(): Tensor {
    return composite(null, 'strided_slice', [this.tensor, ...this.begin, ...this.end, ...this.strides], (scope) => {
      if (this.begin.length === 0) {
        const empty = constantIn(this.tensor.graph, NdArray.from(new Int32Array(0)));
        return stridedSlice(this.tensor, empty, empty, empty, { name: scope });
      }
      const packed = [this.begin, this.end, this.strides].map(pack);
      const isWide = packed.some((vector) => vector.dtype === int64);
      const [begin, end, strides] = packed.map((vector) =>
        isWide && vector.dtype !== int64 ? applyUnary('Cast', { x: vector, DstT: int64 }) : vector,
      );
      return stridedSlice(this.tensor, begin, end, strides, { ...this.masks, name: scope });
    });
  }
}

/** A vector of bounds: a constant, or packed where a bound is a tensor. */
function pack(bounds: Bounds): Tensor {
  if (bounds.every((bound) => typeof bound === 'number'))
    return convertToTensor(bounds as number[], { dtype: int32, name: 'stack' });
  return convertToTensor(bounds as TensorLike[], { name: 'stack' });
}

/** The part of `tensor` that the items name. On any error the graph is as it was. */
export function sliceAt(tensor: Tensor, items: readonly SliceItem[]): Tensor {
  return tensor.graph.transaction(() => {
    const builder = new SliceBuilder(tensor);
    for (const [position, item] of items.flatMap(parseItem).entries()) builder.add(item, position);
    return builder.build();
  });
}
