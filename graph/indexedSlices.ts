/**
 * Sparse gradients: rows of a large tensor, by index. What the gradient of a gather is.
 */
import type { DType } from './dtypes';
import type { Graph } from './graph';
import type { Operation } from './operation';
import type { Tensor } from './tensor';

/** `values[i]` belongs to row `indices[i]` of a tensor of shape `denseShape`. Mirrors tf.IndexedSlices. */
export class IndexedSlices {
  constructor(
    readonly values: Tensor,
    readonly indices: Tensor,
    readonly denseShape: Tensor | null = null,
  ) {}

  get dtype(): DType {
    return this.values.dtype;
  }

  get name(): string {
    return this.values.name;
  }

  get op(): Operation {
    return this.values.op;
  }

  get graph(): Graph {
    return this.values.graph;
  }

  toString(): string {
    const dense = this.denseShape ? `, dense_shape=${this.denseShape}` : '';
    return `IndexedSlices(indices=${this.indices}, values=${this.values}${dense})`;
  }
}
