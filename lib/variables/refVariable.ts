/**
 * A variable of the old kind, as graphs of TensorFlow v1 have it: a node that yields a reference to its value, an
 * assignment, and an Identity that reads it.
 *
 * Such variables come from files only. They are read, initialised, assigned, saved and restored; new ones are resource
 * variables (variable.ts).
 */
import { applyUnary } from '../../graph/applyOp';
import { type ConvertOptions, convertToTensor, type TensorConvertible, type TensorLike } from '../../graph/convert';
import type { DType } from '../../graph/dtypes';
import { ValueError } from '../../graph/errors';
import type { Graph } from '../../graph/graph';
import type { NdArray } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import type { TensorShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';

export interface RefVariableParts {
  /** The reference: the output of the variable's node. */
  readonly ref: Tensor;
  readonly snapshot: Tensor;
  readonly initializer: Operation;
  readonly initialValue: Tensor | null;
  readonly trainable: boolean;
}

/** Mirrors RefVariable, the variable of use_resource=False. */
export class RefVariable implements TensorConvertible {
  readonly #parts: RefVariableParts;

  constructor(parts: RefVariableParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.ref.name;
  }

  get op(): Operation {
    return this.#parts.ref.op;
  }

  get graph(): Graph {
    return this.op.graph;
  }

  get device(): string {
    return this.op.device;
  }

  get dtype(): DType {
    return this.#parts.ref.dtype;
  }

  get shape(): TensorShape {
    return this.#parts.ref.shape;
  }

  get trainable(): boolean {
    return this.#parts.trainable;
  }

  /** The reference, for ops that change the value. */
  get ref(): Tensor {
    return this.#parts.ref;
  }

  get initializer(): Operation {
    return this.#parts.initializer;
  }

  get initialValue(): Tensor {
    const { initialValue } = this.#parts;
    if (initialValue) return initialValue;
    throw new ValueError(`${this} has no initial value that its file names.`);
  }

  /** The value, as the graph reads it. */
  value(): Tensor {
    return this.#parts.snapshot;
  }

  asGraphElement(): Tensor {
    return this.#parts.snapshot;
  }

  toTensor({ dtype }: ConvertOptions = {}): Tensor {
    if (dtype !== undefined && dtype !== this.dtype)
      throw new ValueError(
        `Incompatible type conversion requested to type '${dtype.name}' for variable of type '${this.dtype.name}'`,
      );
    return this.#parts.snapshot;
  }

  /** The value in the default (or given) session. Mirrors Variable.eval. */
  eval(options?: Parameters<Tensor['eval']>[0]): NdArray {
    return this.#parts.snapshot.eval(options);
  }

  /** Assigns a value; what comes back is it. Mirrors Variable.assign. */
  assign(value: TensorLike, options: { readonly name?: string } = {}): Tensor {
    const { ref } = this.#parts;
    return applyUnary(
      'Assign',
      { ref, value: convertToTensor(value, { dtype: this.dtype, graph: this.graph }) },
      options.name,
    );
  }

  toString(): string {
    return `<tf.Variable '${this.name}' shape=${this.shape} dtype=${this.dtype.name}_ref>`;
  }
}
