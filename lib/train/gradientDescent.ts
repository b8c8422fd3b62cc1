/**
 * Gradient descent: w ← w − lr · g.
 */
import { applyOp, applyUnary } from '../../graph/applyOp';
import type { IndexedSlices } from '../../graph/indexedSlices';
import type { Operation } from '../../graph/operation';
import type { Tensor } from '../../graph/tensor';
import type { Variable } from '../variables/variable';
import { type Hyper, Optimizer } from './optimizer';

/** Mirrors tf.compat.v1.train.GradientDescentOptimizer. */
export class GradientDescentOptimizer extends Optimizer {
  constructor(
    readonly learningRate: Hyper,
    options: { readonly useLocking?: boolean; readonly name?: string } = {},
  ) {
    super(options.useLocking ?? false, options.name ?? 'GradientDescent');
  }

  protected override prepare(): void {
    this.setHyper('learning_rate', this.learningRate);
  }

  protected override applyDense(gradient: Tensor, variable: Variable): Operation {
    const alpha = this.hyper('learning_rate', gradient.dtype);
    return applyOp('ResourceApplyGradientDescent', {
      var: variable.handle,
      alpha,
      delta: gradient,
      use_locking: this.useLocking,
    });
  }

  /** Rows named several times need no summing first: each is subtracted. */
  protected override applySparse({ values, indices }: IndexedSlices, variable: Variable): Operation {
    return this.applyUniqueRows(values, variable, indices);
  }

  protected override applyUniqueRows(gradient: Tensor, variable: Variable, indices: Tensor): Operation {
    const step = applyUnary(
      'Mul',
      { x: applyUnary('Neg', { x: gradient }), y: this.hyper('learning_rate', gradient.dtype) },
      'mul',
    );
    return applyOp('ResourceScatterAdd', { resource: variable.handle, indices, updates: step });
  }
}
