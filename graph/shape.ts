/**
 * Static shapes: a list of dimensions, each known or unknown (null), or unknown rank altogether.
 *
 * TensorShape is immutable. The rules for combining shapes that shape functions need, with TensorFlow's C++ texts,
 * are in graph/shapeContext.ts; the texts here are those of Python's TensorShape.
 */
import { GraphTypeError, repr, typeWord, ValueError } from './errors';

export type Dimension = number | null;

/** What users may write for a shape: null for unknown rank, a list with null for unknown dimensions. */
export type ShapeLike = TensorShape | readonly (number | bigint | null | undefined)[] | number | null | undefined;

/** A possibly partial shape. Mirrors tf.TensorShape (v2 behaviour: dimensions are plain numbers). */
export class TensorShape {
  /** The dimensions, or null for unknown rank. */
  readonly dims: readonly Dimension[] | null;

  constructor(dims: readonly Dimension[] | null) {
    this.dims = dims;
  }

  /** Number of dimensions, or null. */
  get rank(): number | null {
    return this.dims === null ? null : this.dims.length;
  }

  /** The dimensions as a list; ValueError when the rank is unknown. */
  asList(): Dimension[] {
    if (this.dims === null) throw new ValueError('as_list() is not defined on an unknown TensorShape.');
    return [...this.dims];
  }

  /** The dimensions as numbers; ValueError unless all are known. */
  asNumbers(): number[] {
    if (!this.isFullyDefined()) throw new ValueError(`Shape ${this} is not fully defined`);
    return [...(this.dims as number[])];
  }

  /** Dimension `index`, counted from the end when negative; null when it or the rank is unknown. */
  at(index: number): Dimension {
    if (this.dims === null) return null;
    const dimension = this.dims.at(index);
    if (dimension === undefined) throw new ValueError(`Shape ${this} has no dimension ${index}`);
    return dimension;
  }

  isFullyDefined(): boolean {
    return this.dims?.every((dim) => dim !== null) ?? false;
  }

  /** Number of elements, or null when unknown. */
  numElements(): number | null {
    if (!this.isFullyDefined()) return null;
    return (this.dims as number[]).reduce((product, dim) => product * dim, 1);
  }

  isCompatibleWith(other: ShapeLike): boolean {
    const that = asShape(other);
    if (this.dims === null || that.dims === null) return true;
    if (this.dims.length !== that.dims.length) return false;
    return this.dims.every((dim, i) => dim === null || that.dims![i] === null || dim === that.dims![i]);
  }

  /** The information of both; ValueError when they contradict. Mirrors TensorShape.merge_with. */
  mergeWith(other: ShapeLike): TensorShape {
    const that = asShape(other);
    if (this.dims === null) return that;
    if (that.dims === null) return this;
    if (!this.isCompatibleWith(that)) throw new ValueError(`Shapes ${this} and ${that} are not compatible`);
    return new TensorShape(this.dims.map((dim, i) => dim ?? that.dims![i]));
  }

  concatenate(other: ShapeLike): TensorShape {
    const that = asShape(other);
    if (this.dims === null || that.dims === null) return unknownShape;
    return new TensorShape([...this.dims, ...that.dims]);
  }

  slice(start?: number, end?: number): TensorShape {
    return this.dims === null ? unknownShape : new TensorShape(this.dims.slice(start, end));
  }

  /** This shape with that rank; ValueError when it has another. Mirrors TensorShape.with_rank. */
  withRank(rank: number): TensorShape {
    if (this.dims === null) return new TensorShape(new Array(rank).fill(null));
    this.assertHasRank(rank);
    return this;
  }

  withRankAtLeast(rank: number): TensorShape {
    if (this.dims !== null && this.dims.length < rank)
      throw new ValueError(`Shape ${this} must have rank at least ${rank}`);
    return this;
  }

  assertHasRank(rank: number): void {
    if (this.dims !== null && this.dims.length !== rank) throw new ValueError(`Shape ${this} must have rank ${rank}`);
  }

  assertIsCompatibleWith(other: ShapeLike): void {
    const that = asShape(other);
    if (!this.isCompatibleWith(that)) throw new ValueError(`Shapes ${this} and ${that} are incompatible`);
  }

  assertIsFullyDefined(): void {
    if (!this.isFullyDefined()) throw new ValueError(`Shape ${this} is not fully defined`);
  }

  equals(other: ShapeLike): boolean {
    const that = asShape(other);
    if (this.dims === null || that.dims === null) return this.dims === that.dims;
    return this.dims.length === that.dims.length && this.dims.every((dim, i) => dim === that.dims![i]);
  }

  /** Python's spelling: `(2, None)`, `(3,)`, `()`, `<unknown>`. */
  toString(): string {
    if (this.dims === null) return '<unknown>';
    const parts = this.dims.map((dim) => (dim === null ? 'None' : String(dim)));
    return parts.length === 1 ? `(${parts[0]},)` : `(${parts.join(', ')})`;
  }

  /** The spelling of C++ messages: `[2,?]`, `<unknown>` as `?`. */
  toCpp(): string {
    return this.dims === null ? '?' : `[${this.dims.map((dim) => dim ?? '?').join(',')}]`;
  }

  toJSON(): Dimension[] | null {
    return this.dims === null ? null : [...this.dims];
  }
}

export const unknownShape = new TensorShape(null);
export const scalarShape = new TensorShape([]);

/** A shape from what a user wrote. ValueError for negative dimensions, TypeError for what is no integer. */
export function asShape(value: ShapeLike): TensorShape {
  if (value instanceof TensorShape) return value;
  if (value === null || value === undefined) return unknownShape;
  if (typeof value === 'number') return new TensorShape([asDimension(value)]);
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) {
    throw new GraphTypeError(`Cannot convert ${repr(value)} of type ${typeWord(value)} to Shape`);
  }
  return new TensorShape(Array.from(value as readonly Dimension[], asDimension));
}

function asDimension(value: number | bigint | null | undefined): Dimension {
  if (value === null || value === undefined) return null;
  const dim = typeof value === 'bigint' ? Number(value) : value;
  if (!Number.isInteger(dim)) {
    throw new GraphTypeError(
      `Dimension value must be integer or None or have an __index__ method, got value '${repr(value)}' with type '<class '${typeWord(value)}'>'`,
    );
  }
  if (dim < 0) throw new ValueError(`Dimension ${dim} must be >= 0`);
  if (!Number.isSafeInteger(dim)) throw new ValueError(`Dimension ${dim} is too large to be exact`);
  return dim;
}

/** The static shape of broadcasting two shapes together, or null where they contradict. */
export function broadcastStaticShape(a: TensorShape, b: TensorShape): TensorShape | null {
  if (a.dims === null || b.dims === null) return unknownShape;
  const rank = Math.max(a.dims.length, b.dims.length);
  const dims: Dimension[] = [];
  for (let i = 0; i < rank; i++) {
    const x = i < rank - a.dims.length ? 1 : a.dims[i - rank + a.dims.length];
    const y = i < rank - b.dims.length ? 1 : b.dims[i - rank + b.dims.length];
    if (x === null || y === null) {
      // A known dimension other than 1 wins over an unknown one, which must be 1 or equal; 1 says nothing.
      const known = x ?? y;
      dims.push(known === 1 ? null : known);
    } else if (x === y || y === 1) dims.push(x);
    else if (x === 1) dims.push(y);
    else return null;
  }
  return new TensorShape(dims);
}
