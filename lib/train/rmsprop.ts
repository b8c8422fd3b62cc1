/**
 * RMSProp: ms ← ms + (1 − ρ)(g² − ms), mom ← m · mom + lr · g / √(ms + ε), w ← w − mom. Centered: √(ms − mg² + ε) with
 * mg the same average of g.
 */
import { applyOp } from '../../graph/applyOp';
import type { Operation } from '../../graph/operation';
import type { Tensor } from '../../graph/tensor';
import { onesInitializer } from '../initializers/constants';
import type { Variable } from '../variables/variable';
import { type Hyper, Optimizer } from './optimizer';

/** Slots `rms`, `momentum` and, when centered, `mg`. Mirrors tf.compat.v1.train.RMSPropOptimizer. */
export class RMSPropOptimizer extends Optimizer {
  readonly decay: Hyper;
  readonly momentum: Hyper;
  readonly epsilon: Hyper;
  readonly centered: boolean;

  constructor(
    readonly learningRate: Hyper,
    options: {
      readonly decay?: Hyper;
      readonly momentum?: Hyper;
      readonly epsilon?: Hyper;
      readonly useLocking?: boolean;
      readonly centered?: boolean;
      readonly name?: string;
    } = {},
  ) {
    super(options.useLocking ?? false, options.name ?? 'RMSProp');
    this.decay = options.decay ?? 0.9;
    this.momentum = options.momentum ?? 0;
    this.epsilon = options.epsilon ?? 1e-10;
    this.centered = options.centered ?? false;
  }

  protected override createSlots(variables: readonly Variable[]): void {
    for (const variable of variables) {
      this.slots.make(variable, 'rms', this.name, onesInitializer({ dtype: variable.dtype }));
      if (this.centered) this.slots.zeros(variable, 'mg', this.name);
      this.slots.zeros(variable, 'momentum', this.name);
    }
  }

  protected override prepare(): void {
    this.setHyper('learning_rate', this.learningRate);
    this.setHyper('decay', this.decay);
    this.setHyper('momentum', this.momentum);
    this.setHyper('epsilon', this.epsilon);
  }

  #arguments(gradient: Tensor, variable: Variable) {
    const { dtype } = gradient;
    return {
      var: variable.handle,
      ...(this.centered ? { mg: this.getSlot(variable, 'mg')!.handle } : {}),
      ms: this.getSlot(variable, 'rms')!.handle,
      mom: this.getSlot(variable, 'momentum')!.handle,
      lr: this.hyper('learning_rate', dtype),
      rho: this.hyper('decay', dtype),
      momentum: this.hyper('momentum', dtype),
      epsilon: this.hyper('epsilon', dtype),
      grad: gradient,
      use_locking: this.useLocking,
    };
  }

  protected override applyDense(gradient: Tensor, variable: Variable): Operation {
    return applyOp(
      this.centered ? 'ResourceApplyCenteredRMSProp' : 'ResourceApplyRMSProp',
      this.#arguments(gradient, variable),
    );
  }

  protected override applyUniqueRows(gradient: Tensor, variable: Variable, indices: Tensor): Operation {
    const type = this.centered ? 'ResourceSparseApplyCenteredRMSProp' : 'ResourceSparseApplyRMSProp';
    return applyOp(type, { ...this.#arguments(gradient, variable), indices });
  }
}
