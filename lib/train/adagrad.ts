/**
 * Adagrad: a ← a + g², w ← w − lr · g / √a.
 */
import { applyOp } from '../../graph/applyOp';
import { ValueError } from '../../graph/errors';
import type { Operation } from '../../graph/operation';
import type { Tensor } from '../../graph/tensor';
import { constantInitializer } from '../initializers/constants';
import type { Variable } from '../variables/variable';
import { type Hyper, Optimizer } from './optimizer';

/** Slot `accumulator` (variable `<name>/Adagrad`). Mirrors tf.compat.v1.train.AdagradOptimizer. */
export class AdagradOptimizer extends Optimizer {
  readonly initialAccumulatorValue: number;

  /** ValueError unless `initialAccumulatorValue` (default 0.1) is positive. */
  constructor(
    readonly learningRate: Hyper,
    options: { readonly initialAccumulatorValue?: number; readonly useLocking?: boolean; readonly name?: string } = {},
  ) {
    super(options.useLocking ?? false, options.name ?? 'Adagrad');
    this.initialAccumulatorValue = options.initialAccumulatorValue ?? 0.1;
    if (!(this.initialAccumulatorValue > 0))
      throw new ValueError(`initial_accumulator_value must be positive: ${this.initialAccumulatorValue}`);
  }

  protected override createSlots(variables: readonly Variable[]): void {
    for (const variable of variables) {
      this.slots.make(
        variable,
        'accumulator',
        this.name,
        constantInitializer(this.initialAccumulatorValue, { dtype: variable.dtype }),
      );
    }
  }

  protected override prepare(): void {
    this.setHyper('learning_rate', this.learningRate);
  }

  #arguments(gradient: Tensor, variable: Variable) {
    return {
      var: variable.handle,
      accum: this.getSlot(variable, 'accumulator')!.handle,
      lr: this.hyper('learning_rate', gradient.dtype),
      grad: gradient,
      use_locking: this.useLocking,
    };
  }

  protected override applyDense(gradient: Tensor, variable: Variable): Operation {
    return applyOp('ResourceApplyAdagrad', this.#arguments(gradient, variable));
  }

  protected override applyUniqueRows(gradient: Tensor, variable: Variable, indices: Tensor): Operation {
    return applyOp('ResourceSparseApplyAdagrad', { ...this.#arguments(gradient, variable), indices });
  }
}
