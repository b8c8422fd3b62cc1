/**
 * What a shape rule sees of the operation being made, and the rules for shapes that many ops share.
 *
 * Texts are those of TensorFlow's C++ shape functions; Graph.createOp adds the node, its inputs' shapes and its inputs'
 * values to them.
 */
import type { Attrs } from './attributes';
import type { DType } from './dtypes';
import type { NdArray } from './ndarray';
import { broadcastStaticShape, type Dimension, TensorShape, unknownShape } from './shape';
import { constantValue, constantValueAsShape } from './staticValue';
import type { HandleData, Tensor } from './tensor';

/** A shape rule's complaint: the core of the text, without the node. */
export class ShapeError extends Error {}

export class ShapeContext {
  // What a rule asked for, for the error text.
  #valuesRead: Map<number, NdArray> | null = null;
  #partialShapesRead: Map<number, TensorShape> | null = null;
  /** What each output refers to, for rules of ops that make or pass resource handles. */
  readonly outputHandleData: (HandleData | null)[] = [];

  constructor(
    readonly inputs: readonly Tensor[],
    readonly attrs: Attrs,
    /** The op's output dtypes: how many outputs the rule must answer for. */
    readonly outputTypes: readonly DType[],
  ) {}

  /** Values of inputs that the rule asked for, by index. */
  get valuesRead(): ReadonlyMap<number, NdArray> {
    return this.#valuesRead ?? new Map();
  }

  /** Partial shapes that the rule read from inputs, by index. */
  get partialShapesRead(): ReadonlyMap<number, TensorShape> {
    return this.#partialShapesRead ?? new Map();
  }

  /** The static shape of input `index`. */
  shape(index: number): TensorShape {
    return this.inputs[index].shape;
  }

  /** The value of input `index` where it is known while building. */
  value(index: number): NdArray | null {
    const value = constantValue(this.inputs[index]);
    if (value) (this.#valuesRead ??= new Map()).set(index, value);
    return value;
  }

  /** Input `index`, a vector of integers, read as a (partial) shape. A -1 is an unknown dimension. */
  valueAsShape(index: number): TensorShape {
    const shape = constantValueAsShape(this.inputs[index]);
    const value = constantValue(this.inputs[index]);
    if (value) (this.#valuesRead ??= new Map()).set(index, value);
    else if (shape.dims !== null) (this.#partialShapesRead ??= new Map()).set(index, shape);
    return shape;
  }

  handleData(index: number): HandleData | null {
    return this.inputs[index].handleData;
  }

  attr<V>(name: string): V {
    return this.attrs[name] as V;
  }

  fail(message: string): never {
    throw new ShapeError(message);
  }

  /** The shape with that rank; unknown rank becomes that many unknown dimensions. */
  withRank(shape: TensorShape, rank: number): TensorShape {
    if (shape.dims === null) return new TensorShape(new Array<null>(rank).fill(null));
    if (shape.dims.length !== rank) this.fail(`Shape must be rank ${rank} but is rank ${shape.dims.length}`);
    return shape;
  }

  withRankAtLeast(shape: TensorShape, rank: number): TensorShape {
    if (shape.dims !== null && shape.dims.length < rank)
      this.fail(`Shape must be at least rank ${rank} but is rank ${shape.dims.length}`);
    return shape;
  }

  withRankAtMost(shape: TensorShape, rank: number): TensorShape {
    if (shape.dims !== null && shape.dims.length > rank)
      this.fail(`Shape must be at most rank ${rank} but is rank ${shape.dims.length}`);
    return shape;
  }

  /** Input `index` with that rank. */
  ranked(index: number, rank: number): TensorShape {
    return this.withRank(this.shape(index), rank);
  }

  mergeDims(a: Dimension, b: Dimension): Dimension {
    if (a !== null && b !== null && a !== b) this.fail(`Dimensions must be equal, but are ${a} and ${b}`);
    return a ?? b;
  }

  /** The information of both shapes. */
  merge(a: TensorShape, b: TensorShape): TensorShape {
    if (a.dims === null) return b;
    if (b.dims === null) return a;
    if (a.dims.length !== b.dims.length)
      this.fail(`Shapes must be equal rank, but are ${a.dims.length} and ${b.dims.length}`);
    return new TensorShape(
      a.dims.map((dim, i) => {
        const other = b.dims![i];
        if (dim !== null && other !== null && dim !== other) {
          this.fail(
            `Dimension ${i} in both shapes must be equal, but are ${dim} and ${other}. Shapes are ${a.toCpp()} and ${b.toCpp()}.`,
          );
        }
        return dim ?? other;
      }),
    );
  }

  /** The result of broadcasting two shapes. */
  broadcast(a: TensorShape, b: TensorShape): TensorShape {
    const result = broadcastStaticShape(a, b);
    if (result) return result;
    const offset = a.dims!.length - b.dims!.length;
    const aligned = (dims: readonly Dimension[], i: number, shift: number) => (i - shift < 0 ? 1 : dims[i - shift]);
    const rank = Math.max(a.dims!.length, b.dims!.length);
    for (let i = rank - 1; i >= 0; i--) {
      const x = aligned(a.dims!, i, Math.max(0, -offset));
      const y = aligned(b.dims!, i, Math.max(0, offset));
      if (x !== null && y !== null && x !== y && x !== 1 && y !== 1)
        this.fail(`Dimensions must be equal, but are ${x} and ${y}`);
    }
    throw new Error('unreachable: shapes that do not broadcast differ in some dimension');
  }

  /** An axis in `[-rank, rank)` counted from the front. */
  axis(axis: number, rank: number): number {
    if (axis < -rank || axis >= rank)
      this.fail(`Shape must be at least rank ${axis < 0 ? -axis : axis + 1} but is rank ${rank}`);
    return axis < 0 ? axis + rank : axis;
  }

  /** Every output has an unknown shape. */
  unknown(): TensorShape[] {
    return this.outputTypes.map(() => unknownShape);
  }
}

/** The shape of the first input. */
export const sameShape = (c: ShapeContext): TensorShape[] => [c.shape(0)];

/** The broadcast of the first two inputs. */
export const broadcastShape = (c: ShapeContext): TensorShape[] => [c.broadcast(c.shape(0), c.shape(1))];

/** One scalar for each output. */
export const scalarOutputs = (c: ShapeContext): TensorShape[] => c.outputTypes.map(() => new TensorShape([]));

/** No output. */
export const noOutputs = (): TensorShape[] => [];
