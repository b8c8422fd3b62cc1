/**
 * Adam: α = lr · √(1 − β₂ᵗ) / (1 − β₁ᵗ), m ← m + (1 − β₁)(g − m), v ← v + (1 − β₂)(g² − v), w ← w − α · m / (√v + ε).
 *
 * A sparse gradient is not lazy: the averages of all rows decay, and all rows move, as in TensorFlow.
 */
import { applyOp, applyUnary } from '../../graph/applyOp';
import type { DType } from '../../graph/dtypes';
import type { Operation } from '../../graph/operation';
import { group } from '../../graph/ops/grouping';
import type { Tensor } from '../../graph/tensor';
import type { Variable } from '../variables/variable';
import { type Hyper, Optimizer } from './optimizer';

export interface AdamOptions {
  /** Default 0.9. */
  readonly beta1?: Hyper;
  /** Default 0.999. */
  readonly beta2?: Hyper;
  /** Default 1e-8. */
  readonly epsilon?: Hyper;
  readonly useLocking?: boolean;
  readonly name?: string;
}

/** Slots `m` and `v`, and the powers of the betas. Mirrors tf.compat.v1.train.AdamOptimizer. */
export class AdamOptimizer extends Optimizer {
  readonly beta1: Hyper;
  readonly beta2: Hyper;
  readonly epsilon: Hyper;

  constructor(
    readonly learningRate: Hyper = 0.001,
    options: AdamOptions = {},
  ) {
    super(options.useLocking ?? false, options.name ?? 'Adam');
    this.beta1 = options.beta1 ?? 0.9;
    this.beta2 = options.beta2 ?? 0.999;
    this.epsilon = options.epsilon ?? 1e-8;
  }

  protected override createSlots(variables: readonly Variable[]): void {
    // The powers live with the first variable by name, so that the choice does not depend on the order of the list.
    const first = [...variables].sort((a, b) => (a.name < b.name ? -1 : 1))[0];
    const initial = (beta: Hyper) => (typeof beta === 'function' ? beta() : beta);
    this.slots.own('beta1_power', initial(this.beta1), first);
    this.slots.own('beta2_power', initial(this.beta2), first);
    for (const variable of variables) {
      this.slots.zeros(variable, 'm', this.name);
      this.slots.zeros(variable, 'v', this.name);
    }
  }

  protected override prepare(): void {
    this.setHyper('learning_rate', this.learningRate);
    this.setHyper('beta1', this.beta1);
    this.setHyper('beta2', this.beta2);
    this.setHyper('epsilon', this.epsilon);
  }

  #powers(variable: Variable): [Variable, Variable] {
    const { graph } = variable;
    return [this.slots.findOwn('beta1_power', graph)!, this.slots.findOwn('beta2_power', graph)!];
  }

  protected override applyDense(gradient: Tensor, variable: Variable): Operation {
    const { dtype } = gradient;
    const [beta1Power, beta2Power] = this.#powers(variable).map((power) => inDType(power, dtype));
    return applyOp('ResourceApplyAdam', {
      var: variable.handle,
      m: this.getSlot(variable, 'm')!.handle,
      v: this.getSlot(variable, 'v')!.handle,
      beta1_power: beta1Power,
      beta2_power: beta2Power,
      lr: this.hyper('learning_rate', dtype),
      beta1: this.hyper('beta1', dtype),
      beta2: this.hyper('beta2', dtype),
      epsilon: this.hyper('epsilon', dtype),
      grad: gradient,
      use_locking: this.useLocking,
    });
  }

  protected override applyUniqueRows(gradient: Tensor, variable: Variable, indices: Tensor): Operation {
    const { dtype } = gradient;
    const [power1, power2] = this.#powers(variable).map((power) => inDType(power, dtype));
    const [lr, beta1, beta2, epsilon] = ['learning_rate', 'beta1', 'beta2', 'epsilon'].map((name) =>
      this.hyper(name, dtype),
    );
    const value = (power: Variable | Tensor) => ('handle' in power ? power.value() : power);
    const unbias = sqrt(minus(1, value(power2)));
    const rate = over(times(lr, unbias), minus(1, value(power1)));
    const m = this.#average('m', variable, beta1, times(gradient, minus(1, beta1)), indices);
    const v = this.#average('v', variable, beta2, times(times(gradient, gradient), minus(1, beta2)), indices);
    const root = sqrt(v);
    const step = over(times(rate, m), applyUnary('AddV2', { x: root, y: epsilon }, 'add'));
    const update = variable.assignSub(step);
    return group(update.op, m, v);
  }

  /** Decays the whole slot, then adds to the rows that have a gradient; the slot's new value. */
  #average(name: string, variable: Variable, beta: Tensor, addition: Tensor, indices: Tensor): Tensor {
    const slot = this.getSlot(variable, name)!;
    const { graph } = variable;
    const decayed = slot.assign(times(slot.value(), beta));
    return graph.controlDependencies([decayed.op], () => {
      const added = applyOp('ResourceScatterAdd', { resource: slot.handle, indices, updates: addition });
      return graph.controlDependencies([added], () => slot.value());
    });
  }

  protected override finish(updates: readonly Operation[], name: string): Operation {
    const { graph } = updates[0];
    const [beta1Power, beta2Power] = [
      this.slots.findOwn('beta1_power', graph)!,
      this.slots.findOwn('beta2_power', graph)!,
    ];
    const advance = (power: Variable, beta: string): Operation => {
      const current = power.value();
      return graph.colocateWith(power.op, {}, () => power.assign(times(current, this.hyper(beta, power.dtype))).op);
    };
    const powers = graph.controlDependencies(updates, () => [
      advance(beta1Power, 'beta1'),
      advance(beta2Power, 'beta2'),
    ]);
    return group(...updates, ...powers, { name });
  }
}

function inDType(power: Variable, dtype: DType): Variable | Tensor {
  return power.dtype === dtype ? power : applyUnary('Cast', { x: power, DstT: dtype });
}

const times = (x: Tensor, y: Tensor): Tensor => applyUnary('Mul', { x, y }, 'mul');
const over = (x: Tensor, y: Tensor): Tensor => applyUnary('RealDiv', { x, y }, 'truediv');
const minus = (x: number, y: Tensor): Tensor => applyUnary('Sub', { x, y }, 'sub');
const sqrt = (x: Tensor): Tensor => applyUnary('Sqrt', { x });
