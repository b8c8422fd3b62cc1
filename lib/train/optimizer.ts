/**
 * Optimizer: from a loss to the operation that updates the variables, in two steps that users may come between.
 *
 * What single optimizers add — slots, hyper-parameters, the update op of one variable — is in the files beside this one.
 */

import type { AggregationMethod } from '../../graph/aggregateGradients';
import { applyOp } from '../../graph/applyOp';
import { GraphKeys } from '../../graph/collections';
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { bfloat16, type DType, float16, float32, float64, resource } from '../../graph/dtypes';
import { GraphTypeError, NotImplementedError, RuntimeError, repr, ValueError } from '../../graph/errors';
import { gradients } from '../../graph/gradients';
import { IndexedSlices } from '../../graph/indexedSlices';
import { flatten } from '../../graph/nest';
import type { Operation } from '../../graph/operation';
import { group, tuple } from '../../graph/ops/grouping';
import type { Gradient } from '../../graph/registry';
import { Tensor } from '../../graph/tensor';
import { trainableVariables } from '../variables/collections';
import { Variable } from '../variables/variable';
import { deduplicate } from './deduplicate';
import { Slots } from './slots';

export type GradientAndVariable = readonly [gradient: Gradient, variable: Variable];

export interface ComputeGradientsOptions {
  /** Default: all trainable variables of the graph. */
  readonly varList?: readonly (Variable | Tensor)[] | Variable | null;
  /** `Optimizer.GATE_NONE`, `GATE_OP` (default) or `GATE_GRAPH`: what must be computed before gradients are used. */
  readonly gateGradients?: 0 | 1 | 2;
  readonly aggregationMethod?: AggregationMethod;
  readonly colocateGradientsWithOps?: boolean;
  /** The gradient of the loss. Default: ones. */
  readonly gradLoss?: TensorLike | null;
}

export interface ApplyGradientsOptions {
  /** A variable to increment after the updates, as `tf.train.getOrCreateGlobalStep()` gives it. */
  readonly globalStep?: Variable | Tensor | null;
  /** Name of the returned operation. Default: the optimizer's. */
  readonly name?: string | null;
}

export interface MinimizeOptions extends ComputeGradientsOptions, ApplyGradientsOptions {}

/** A hyper-parameter: a number, a tensor, or a function that makes one when gradients are applied. */
export type Hyper = TensorLike | (() => TensorLike);

const VALID_DTYPES: readonly DType[] = [float32, float64, float16, bfloat16];

/** Base of all optimizers. Mirrors tf.compat.v1.train.Optimizer. */
export abstract class Optimizer {
  static readonly GATE_NONE = 0;
  static readonly GATE_OP = 1;
  static readonly GATE_GRAPH = 2;

  protected readonly slots: Slots;
  readonly #hypers = new Map<string, Tensor>();

  /** ValueError without a name. */
  constructor(
    readonly useLocking: boolean,
    readonly name: string,
  ) {
    if (!name) throw new ValueError('Must specify the optimizer name');
    this.slots = new Slots();
  }

  getName(): string {
    return this.name;
  }

  /**
   * The operation that changes `varList` so that `loss` becomes smaller: computeGradients, then applyGradients.
   *
   * ValueError when no variable has a gradient. Mirrors Optimizer.minimize.
   */
  minimize(loss: Tensor, options: MinimizeOptions = {}): Operation {
    const pairs = this.computeGradients(loss, options);
    if (pairs.every(([gradient]) => gradient === null)) {
      const names = pairs.map(([, variable]) => repr(String(variable))).join(', ');
      throw new ValueError(
        `No gradients provided for any variable, check your graph for ops that do not support gradients, between variables [${names}] and loss ${loss}.`,
      );
    }
    return this.applyGradients(pairs, options);
  }

  /** The gradients of `loss` by each variable; null where it does not depend on it. Mirrors Optimizer.compute_gradients. */
  computeGradients(loss: Tensor, options: ComputeGradientsOptions = {}): GradientAndVariable[] {
    const gate = options.gateGradients ?? Optimizer.GATE_OP;
    if (![0, 1, 2].includes(gate)) {
      throw new ValueError(
        `gate_gradients must be one of: Optimizer.GATE_NONE, Optimizer.GATE_OP, Optimizer.GATE_GRAPH.  Not ${gate}`,
      );
    }
    checkDTypes([loss, ...(options.gradLoss instanceof Tensor ? [options.gradLoss] : [])]);
    const variables = options.varList ? (flatten(options.varList) as Variable[]) : trainableVariables();
    for (const variable of variables) {
      if (!(variable instanceof Variable || (variable as unknown) instanceof Tensor))
        throw new NotImplementedError(`('Trying to optimize unsupported type ', ${repr(variable)})`);
    }
    if (variables.length === 0) throw new ValueError('No variables to optimize.');
    const found = gradients(loss, variables, {
      gradYs: options.gradLoss ?? null,
      gateGradients: gate === Optimizer.GATE_OP,
      aggregationMethod: options.aggregationMethod,
      colocateGradientsWithOps: options.colocateGradientsWithOps,
    });
    const gated = gate === Optimizer.GATE_GRAPH ? (tuple(found) as Gradient[]) : found;
    const pairs = gated.map((gradient, i) => [gradient, variables[i]] as const);
    checkDTypes(
      pairs.flatMap(([gradient, variable]) => (gradient !== null && variable.dtype !== resource ? [variable] : [])),
    );
    return pairs;
  }

  /**
   * The operation that applies gradients, and increments `globalStep` if given. It is added to the collection `train_op`.
   *
   * ValueError for an empty list or when all gradients are null. Mirrors Optimizer.apply_gradients.
   */
  applyGradients(
    gradsAndVars: Iterable<readonly [TensorLike | Gradient, Variable]>,
    options: ApplyGradientsOptions = {},
  ): Operation {
    const pairs = [...gradsAndVars].map(
      ([gradient, variable]) => [asGradient(gradient), checkVariable(variable)] as const,
    );
    if (pairs.length === 0) throw new ValueError('No variables provided.');
    const active = pairs.flatMap(([gradient, variable]) => (gradient === null ? [] : [[gradient, variable] as const]));
    if (active.length === 0) {
      throw new ValueError(
        `No gradients provided for any variable: [${pairs.map(([, variable]) => JSON.stringify(String(variable))).join(', ')}].`,
      );
    }
    const { graph } = active[0][1];
    return graph.asDefault(() => {
      graph.nameScope(null, () =>
        graph.controlDependencies(null, () => this.createSlots(active.map(([, variable]) => variable))),
      );
      return graph.nameScope(options.name ?? this.name, (scope) =>
        this.#emit(active, scope, options.globalStep ? checkVariable(options.globalStep) : null),
      );
    });
  }

  #emit(
    pairs: readonly (readonly [Gradient & object, Variable])[],
    scope: string,
    globalStep: Variable | null,
  ): Operation {
    const graph = getDefaultGraph();
    this.prepare();
    const updates = pairs.map(([gradient, variable]) =>
      graph.nameScope(`update_${variable.op.name}`, () =>
        graph.colocateWith(variable.op, {}, () => this.#update(gradient, variable)),
      ),
    );
    const done =
      globalStep === null
        ? this.finish(updates, scope)
        : this.#countStep(this.finish(updates, 'update'), globalStep, scope);
    const collection = graph.getCollectionRef(GraphKeys.TRAIN_OP);
    if (!collection.includes(done)) collection.push(done);
    return done;
  }

  #update(gradient: Gradient & object, variable: Variable): Operation {
    const { constraint } = variable;
    if (gradient instanceof IndexedSlices) {
      if (constraint) throw new RuntimeError('Cannot use a constraint function on a sparse variable.');
      return this.applySparse(gradient, variable);
    }
    const update = this.applyDense(gradient, variable);
    if (!constraint) return update;
    return getDefaultGraph().controlDependencies([update], () => variable.assign(constraint(variable.toTensor({}))).op);
  }

  #countStep(after: Operation, globalStep: Variable, scope: string): Operation {
    const graph = getDefaultGraph();
    return graph.controlDependencies([after], () =>
      graph.colocateWith(globalStep.op, {}, () => {
        const value = convertToTensor(1, { dtype: globalStep.dtype });
        return applyOp('AssignAddVariableOp', { resource: globalStep.handle, value, dtype: globalStep.dtype }, scope);
      }),
    );
  }

  // ---- what each optimizer defines

  /** Makes the slots that the variables need. */
  protected createSlots(_variables: readonly Variable[]): void {}

  /** Makes the hyper-parameter tensors, inside the scope of the application. */
  protected prepare(): void {}

  /** The update for a dense gradient. */
  protected abstract applyDense(gradient: Tensor, variable: Variable): Operation;

  /** The update for the gradient of some rows, each named once. */
  protected abstract applyUniqueRows(gradient: Tensor, variable: Variable, indices: Tensor): Operation;

  /** The update for a sparse gradient; the default sums rows that are named several times first. */
  protected applySparse(gradient: IndexedSlices, variable: Variable): Operation {
    const { values, indices } = deduplicate(gradient.values, gradient.indices);
    return this.applyUniqueRows(values, variable, indices);
  }

  /** The operation that is done when all updates are. */
  protected finish(updates: readonly Operation[], name: string): Operation {
    return group(...updates, { name });
  }

  /** Makes the tensor of a hyper-parameter, under that name. */
  protected setHyper(name: string, value: Hyper): void {
    this.#hypers.set(
      name,
      convertToTensor(typeof value === 'function' ? value() : value, { name, preferredDtype: float32 }),
    );
  }

  /** A hyper-parameter in a variable's dtype. */
  protected hyper(name: string, dtype: DType): Tensor {
    const value = this.#hypers.get(name)!;
    return value.dtype === dtype ? value : applyOp('Cast', { x: value, DstT: dtype }, 'Cast').output;
  }

  // ---- slots

  /** The optimizer's extra variable of that name for `variable`, or null. Mirrors Optimizer.get_slot. */
  getSlot(variable: Variable, name: string): Variable | null {
    return this.slots.get(variable, name);
  }

  /** The names of all slots, sorted. Mirrors Optimizer.get_slot_names. */
  getSlotNames(): string[] {
    return this.slots.names();
  }

  /** Slots and other variables of the optimizer in the default graph, sorted by name. Mirrors Optimizer.variables. */
  variables(): Variable[] {
    return this.slots.all(getDefaultGraph()).sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }
}

function checkDTypes(values: readonly { readonly dtype: DType; readonly name: string }[]): void {
  for (const { dtype, name } of values) {
    if (!VALID_DTYPES.includes(dtype)) {
      throw new ValueError(
        `Invalid type tf.${dtype.name} for ${name}, expected: [${VALID_DTYPES.map((valid) => `tf.${valid.name}`).join(', ')}].`,
      );
    }
  }
}

function checkVariable(variable: unknown): Variable {
  if (variable instanceof Variable) return variable;
  if (variable instanceof Tensor) throw new NotImplementedError(`('Trying to update a Tensor ', ${variable})`);
  throw new NotImplementedError(`('Trying to optimize unsupported type ', ${repr(variable)})`);
}

function asGradient(gradient: TensorLike | Gradient): Gradient {
  if (gradient === null || gradient instanceof IndexedSlices || gradient instanceof Tensor) return gradient;
  try {
    return convertToTensor(gradient);
  } catch {
    throw new GraphTypeError(`Gradient must be convertible to a Tensor or IndexedSlices, or None: ${repr(gradient)}`);
  }
}
