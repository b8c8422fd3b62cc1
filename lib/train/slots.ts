/**
 * The extra variables that optimizers keep: slots, one per variable and slot name, and variables of their own.
 */
import type { TensorLike } from '../../graph/convert';
import type { DType } from '../../graph/dtypes';
import type { Graph } from '../../graph/graph';
import { zerosInitializer } from '../initializers/constants';
import type { Initializer } from '../initializers/initializer';
import { Variable } from '../variables/variable';
import { getVariable, variableScope } from '../variables/variableScope';

export class Slots {
  readonly #bySlot = new Map<string, Map<Variable, Variable>>();
  readonly #own: { name: string; graph: Graph; variable: Variable }[] = [];

  get(variable: Variable, name: string): Variable | null {
    return this.#bySlot.get(name)?.get(variable) ?? null;
  }

  names(): string[] {
    return [...this.#bySlot.keys()].sort();
  }

  /** The slot of a variable, of its shape, made as zeros where it is missing. Its name is `<variable>/<scopeName>`. */
  zeros(variable: Variable, name: string, scopeName: string): Variable {
    return this.make(variable, name, scopeName, zerosInitializer());
  }

  /** The slot of a variable, of its shape, made by an initializer where it is missing. */
  make(
    variable: Variable,
    name: string,
    scopeName: string,
    initializer: Initializer,
    dtype: DType = variable.dtype,
  ): Variable {
    let slots = this.#bySlot.get(name);
    if (!slots) this.#bySlot.set(name, (slots = new Map()));
    let slot = slots.get(variable);
    if (!slot) slots.set(variable, (slot = makeSlot(variable, scopeName, initializer, dtype)));
    return slot;
  }

  /** A variable that belongs to no other, placed with `near`; one per name and graph. */
  own(name: string, initialValue: TensorLike, near: Variable): Variable {
    const found = this.findOwn(name, near.graph);
    if (found) return found;
    const variable = near.graph.colocateWith(near.op, {}, () => new Variable(initialValue, { name, trainable: false }));
    this.#own.push({ name, graph: near.graph, variable });
    return variable;
  }

  findOwn(name: string, graph: Graph): Variable | null {
    return this.#own.find((entry) => entry.name === name && entry.graph === graph)?.variable ?? null;
  }

  /** All variables in a graph. */
  all(graph: Graph): Variable[] {
    const slots = [...this.#bySlot.values()].flatMap((slot) => [...slot.values()]);
    return [...this.#own.map(({ variable }) => variable), ...slots].filter((variable) => variable.graph === graph);
  }
}

function makeSlot(variable: Variable, scopeName: string, initializer: Initializer, dtype: DType): Variable {
  return variableScope(null, { defaultName: `${variable.op.name}/${scopeName}` }, () =>
    variable.graph.colocateWith(variable.op, {}, () =>
      getVariable('', { initializer, shape: variable.shape, dtype, trainable: false }),
    ),
  );
}
