/**
 * Momentum: a ← m · a + g, w ← w − lr · a; with Nesterov's variant w ← w − lr · (g + m · a).
 */
import { applyOp } from '../../graph/applyOp';
import type { Operation } from '../../graph/operation';
import type { Tensor } from '../../graph/tensor';
import type { Variable } from '../variables/variable';
import { type Hyper, Optimizer } from './optimizer';

/** Slot `momentum` (variable `<name>/Momentum`). Mirrors tf.compat.v1.train.MomentumOptimizer. */
export class MomentumOptimizer extends Optimizer {
  readonly useNesterov: boolean;

  constructor(
    readonly learningRate: Hyper,
    readonly momentum: Hyper,
    options: { readonly useLocking?: boolean; readonly name?: string; readonly useNesterov?: boolean } = {},
  ) {
    super(options.useLocking ?? false, options.name ?? 'Momentum');
    this.useNesterov = options.useNesterov ?? false;
  }

  protected override createSlots(variables: readonly Variable[]): void {
    for (const variable of variables) this.slots.zeros(variable, 'momentum', this.name);
  }

  protected override prepare(): void {
    this.setHyper('learning_rate', this.learningRate);
    this.setHyper('momentum', this.momentum);
  }

  #arguments(gradient: Tensor, variable: Variable) {
    return {
      var: variable.handle,
      accum: this.getSlot(variable, 'momentum')!.handle,
      lr: this.hyper('learning_rate', gradient.dtype),
      grad: gradient,
      momentum: this.hyper('momentum', gradient.dtype),
      use_locking: this.useLocking,
      use_nesterov: this.useNesterov,
    };
  }

  protected override applyDense(gradient: Tensor, variable: Variable): Operation {
    return applyOp('ResourceApplyMomentum', this.#arguments(gradient, variable));
  }

  protected override applyUniqueRows(gradient: Tensor, variable: Variable, indices: Tensor): Operation {
    return applyOp('ResourceSparseApplyMomentum', { ...this.#arguments(gradient, variable), indices });
  }
}
