/**
 * A symbolic value: output `index` of an operation. It holds a static shape and no numbers.
 *
 * The arithmetic methods (`add`, `matmul`, `slice`, …) are attached by graph/ops/operators.ts.
 */
import type { DType } from './dtypes';
import { OperatorNotAllowedInGraphError, ValueError } from './errors';
import type { Graph } from './graph';
import type { Operation } from './operation';
import { onRollback } from './rollback';
import { asShape, type ShapeLike, type TensorShape } from './shape';

/** What a resource handle refers to. */
export interface HandleData {
  readonly dtype: DType;
  readonly shape: TensorShape;
}

const NO_OPERATIONS: readonly Operation[] = [];

/** How two shapes contradict each other, as TensorFlow says it. */
export function contradiction(a: TensorShape, b: TensorShape): string {
  const [x, y] = [a.dims!, b.dims!];
  if (x.length !== y.length) return `Shapes must be equal rank, but are ${x.length} and ${y.length}`;
  const i = x.findIndex((dim, k) => dim !== null && y[k] !== null && dim !== y[k]);
  return `Dimension ${i} in both shapes must be equal, but are ${x[i]} and ${y[i]}. Shapes are ${a.toCpp()} and ${b.toCpp()}.`;
}

/** Mirrors tf.Tensor in graph mode. */
export class Tensor {
  /** None, one or several: most tensors have one consumer. */
  #consumers: Operation | Operation[] | null = null;
  #shape: TensorShape;

  #handleData: HandleData | null = null;

  constructor(
    readonly op: Operation,
    readonly index: number,
    readonly dtype: DType,
    shape: TensorShape,
  ) {
    this.#shape = shape;
  }

  /** `op_name:index`. */
  get name(): string {
    return `${this.op.name}:${this.index}`;
  }

  get graph(): Graph {
    return this.op.graph;
  }

  get device(): string {
    return this.op.device;
  }

  /** The static shape: what is known while building. */
  get shape(): TensorShape {
    return this.#shape;
  }

  /** For resource handles: what the variable behind it holds, where known. */
  get handleData(): HandleData | null {
    return this.#handleData;
  }

  set handleData(data: HandleData | null) {
    this.#handleData = data;
    this.graph.noteChange(this.op);
  }

  /** Merges more knowledge into the static shape; ValueError when it contradicts. Mirrors Tensor.set_shape. */
  setShape(shape: ShapeLike): void {
    const [before, given] = [this.#shape, asShape(shape)];
    if (!before.isCompatibleWith(given)) throw new ValueError(contradiction(before, given), this.op);
    const merged = before.mergeWith(given);
    if (merged.equals(before)) return;
    this.#replaceShape(merged);
    onRollback(() => this.#replaceShape(before));
  }

  #replaceShape(shape: TensorShape): void {
    this.#shape = shape;
    this.graph.noteChange(this.op);
  }

  /** The operations that read this tensor, in creation order. */
  consumers(): readonly Operation[] {
    if (this.#consumers === null) return NO_OPERATIONS;
    return Array.isArray(this.#consumers) ? this.#consumers : [this.#consumers];
  }

  /** Bookkeeping of the graph: `consumer` reads this tensor. */
  addConsumer(consumer: Operation): void {
    if (this.#consumers === null) this.#consumers = consumer;
    else if (!Array.isArray(this.#consumers)) {
      if (this.#consumers !== consumer) this.#consumers = [this.#consumers, consumer];
    } else if (this.#consumers.at(-1) !== consumer) this.#consumers.push(consumer);
  }

  /** Bookkeeping of the graph: takes back a consumer that is no longer part of it. */
  dropConsumer(consumer: Operation): void {
    if (this.#consumers === consumer) this.#consumers = null;
    if (!Array.isArray(this.#consumers)) return;
    const at = this.#consumers.lastIndexOf(consumer);
    if (at >= 0) this.#consumers.splice(at, 1);
  }

  toString(): string {
    const shape = this.#shape.dims === null ? '' : `, shape=${this.#shape}`;
    return `Tensor("${this.name}"${shape}, dtype=${this.dtype.name})`;
  }

  /** Symbolic tensors have no truth value or number; a comparison or `+` of JavaScript would be a mistake. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'number') {
      throw new OperatorNotAllowedInGraphError(
        `Using the symbolic tensor ${this} as a JavaScript number is not allowed: it has no value before session.run. Use tf.add, tf.less, … or the methods of Tensor.`,
      );
    }
    return this.toString();
  }

  [Symbol.iterator](): never {
    throw new OperatorNotAllowedInGraphError(
      'Iterating over a symbolic `tf.Tensor` is not allowed. Use tf.unstack to split it along an axis.',
    );
  }
}
