/**
 * The losses and updates of one layer, and which of them depend on which inputs.
 */
import { convertToTensor, isTensorConvertible, type TensorLike } from '../../graph/convert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { float32 } from '../../graph/dtypes';
import { flatten } from '../../graph/nest';
import { Operation } from '../../graph/operation';
import { divide } from '../../graph/ops/binary';
import { cast } from '../../graph/ops/cast';
import { shape } from '../../graph/ops/shapes';
import { onRollback } from '../../graph/rollback';
import { Tensor } from '../../graph/tensor';
import type { Regularizer } from '../variables/variableStore';
import { reachableFrom } from './reachable';

export type LossLike = TensorLike | null | undefined | (() => TensorLike | null | undefined);
export type UpdateLike = Operation | TensorLike | HasOp | (() => UpdateLike);

interface HasOp {
  readonly op: Operation;
}

/** Losses and updates that depend on no input of a call. */
const unconditional = new WeakSet<object>();

interface Owner {
  addLoss(losses: LossLike, options: { inputs?: unknown }): void;
}

interface Mark {
  readonly losses: number;
  readonly callables: number;
}

function append<T>(list: T[], item: T): void {
  list.push(item);
  onRollback(() => {
    list.splice(list.lastIndexOf(item), 1);
  });
}

export class LayerLosses {
  readonly #losses: Tensor[] = [];
  readonly #callables: (() => Tensor | null)[] = [];
  readonly updates: Operation[] = [];

  add(losses: LossLike | readonly LossLike[], isUnconditional: boolean): void {
    const tag = (value: TensorLike): Tensor => {
      const loss = asLoss(value);
      if (isUnconditional) unconditional.add(loss);
      else unconditional.delete(loss);
      return loss;
    };
    for (const loss of flatten(losses) as LossLike[]) {
      if (loss === null || loss === undefined) continue;
      if (typeof loss === 'function') {
        append(this.#callables, () => {
          const value = loss();
          return value === null || value === undefined ? null : tag(value);
        });
      } else append(this.#losses, tag(loss));
    }
  }

  /** The regularizer's value for each output, divided by the batch size. */
  addActivity(owner: Owner, regularizer: Regularizer, outputs: readonly Tensor[], inputs: unknown): void {
    getDefaultGraph().nameScope('ActivityRegularizer', () => {
      for (const output of outputs) {
        const loss = convertToTensor(regularizer(output) as TensorLike);
        const batch = cast(shape(output).at(0), loss.dtype);
        owner.addLoss(divide(loss, batch), { inputs });
      }
    });
  }

  addUpdates(updates: UpdateLike | readonly UpdateLike[], inputs: unknown): void {
    const ops = ((Array.isArray(updates) ? updates : [updates]) as UpdateLike[]).map(asUpdate);
    const reachable = reachableFrom(flatten(inputs).filter((input) => input instanceof Tensor));
    for (const op of ops) {
      if (!reachable.has(op)) unconditional.add(op);
      append(this.updates, op);
    }
  }

  evaluate(): Tensor[] {
    return [...this.#losses, ...made(this.#callables)];
  }

  get mark(): Mark {
    return { losses: this.#losses.length, callables: this.#callables.length };
  }

  /** The losses added since a mark, functions evaluated once more. */
  since(mark: Mark): Tensor[] {
    return [...this.#losses.slice(mark.losses), ...made(this.#callables.slice(mark.callables))];
  }

  /** Those that depend on `inputs`, or with null those that depend on none, in the order they were added. */
  static select<T extends object>(items: readonly T[], inputs: unknown): T[] {
    if (inputs === null || inputs === undefined) return items.filter((item) => unconditional.has(item));
    const reachable = reachableFrom(flatten(inputs));
    return items.filter((item) => !unconditional.has(item) && reachable.has(item));
  }
}

function made(callables: readonly (() => Tensor | null)[]): Tensor[] {
  return callables.map((make) => make()).filter((loss) => loss !== null);
}

function asLoss(value: TensorLike): Tensor {
  if (value instanceof Tensor) return value;
  return isTensorConvertible(value) ? convertToTensor(value) : convertToTensor(value, { dtype: float32 });
}

function asUpdate(update: UpdateLike): Operation {
  if (typeof update === 'function') return asUpdate(update());
  if (update instanceof Operation) return update;
  const op = (update as Partial<HasOp>).op;
  return op instanceof Operation ? op : convertToTensor(update as TensorLike).op;
}
