/**
 * A tensor that is built anew, by the same function, wherever it is used as an input; as a fetch or by name it is the
 * first one built.
 */
import type { ConvertOptions, TensorConvertible } from '../../graph/convert';
import type { DType } from '../../graph/dtypes';
import type { Graph } from '../../graph/graph';
import type { Operation } from '../../graph/operation';
import type { TensorShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';

/** What regularizers of variables leave in the collection of losses. */
export class LazyTensor implements TensorConvertible {
  readonly #build: () => Tensor;
  readonly #first: Tensor;

  constructor(build: () => Tensor) {
    this.#build = build;
    this.#first = build();
  }

  get name(): string {
    return this.#first.name;
  }

  get op(): Operation {
    return this.#first.op;
  }

  get graph(): Graph {
    return this.#first.graph;
  }

  get dtype(): DType {
    return this.#first.dtype;
  }

  get shape(): TensorShape {
    return this.#first.shape;
  }

  get device(): string {
    return this.#first.device;
  }

  toTensor(_options?: ConvertOptions): Tensor {
    return this.#build();
  }

  asGraphElement(): Tensor {
    return this.#first;
  }

  toString(): string {
    return this.#first.toString();
  }
}
