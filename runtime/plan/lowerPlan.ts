/**
 * From a plan of TensorFlow ops to a program, for given dtypes and shapes of what is fed.
 *
 * Ops whose inputs are all known are computed now; calls of functions that are known to run are expanded; ops with a lowering
 * become values; all others become calls of their plain kernels. Where a plain kernel gives arrays of unknown shape, the
 * ops that could be compiled if the shapes were known are left for a further stage, which is compiled when they are.
 *
 * Long because it is one pass over one state, whose cases need each other.
 */
import type { FunctionReference } from '../../graph/attributes';
import { bool, DType } from '../../graph/dtypes';
import { OpError } from '../../graph/errors';
import { NdArray } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import type { TensorShape } from '../../graph/shape';
import { type Expression, scalarTypeOf } from '../ir/expression';
import type { Program, RandomSource, Value, VariableRef } from '../ir/value';
import type { KernelContext } from '../kernel';
import { lowerings } from '../lowering/index';
import type { LowerContext } from '../lowering/lowering';
import { attributeError } from '../opErrors';
import { randomSourceOf } from '../random/source';
import type { ResourceStore } from '../resources';
import { ResourceHandle } from '../values';
import { zerosLikeValue } from '../variants';
import { ProgramBuilder } from './builder';
import { hostShapes } from './hostShapes';
import type { Plan, Step } from './plan';
import type { Source, Symbolic } from './symbols';

/** A call of a plain kernel. */
export interface HostStep {
  readonly step: Step;
  readonly context: KernelContext;
  readonly inputs: readonly Source[];
  /** The slot of each output. */
  readonly outputs: readonly number[];
  /** Whether it is called only to throw: when its first value in memory, a bool that is not among `inputs`, is true. */
  readonly isGuard: boolean;
}

/** A plan with the contexts of its steps, and values of slots that are known before any run. */
export interface Stage {
  readonly plan: Plan;
  readonly contexts: readonly KernelContext[];
  readonly presets: ReadonlyMap<number, NdArray>;
}

export interface FeedSpec {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** The value, where it is part of what the program is made for. */
  readonly known: NdArray | null;
}

export interface VariableUse {
  readonly handle: ResourceHandle;
  readonly ref: VariableRef;
  /** The op that reads it before anything in the program writes it. */
  readonly firstRead: Operation | null;
  isWritten: boolean;
}

export interface Lowered {
  readonly program: Program;
  /** For each feed its value in the program, or null when only the host reads it. Its slot is its index. */
  readonly feeds: readonly (Value | null)[];
  readonly hostSteps: readonly HostStep[];
  readonly slots: number;
  /** What is fetched: from here, or number `rest` of what the next stage gives. */
  readonly fetches: readonly (Source | { readonly kind: 'rest'; readonly index: number })[];
  readonly variables: readonly VariableUse[];
  /** Steps that wait for shapes, and where the values that they are fed come from. */
  readonly rest: { readonly stage: Stage; readonly feeds: readonly Source[] } | null;
}

/** What became of an op: what `explain` tells, noted only when it asks. */
export interface LowerNote {
  readonly op: Operation;
  /**
   * `alias`: passes its input on; `constant`: known, computed or not; `inlined`: its function's body stands in its place;
   * `shared`: another op computes the same; `waits`: for a further stage.
   */
  readonly outcome: 'alias' | 'constant' | 'inlined' | 'shared' | 'lowered' | 'host' | 'waits';
}

export interface LowerServices {
  /** Whether matrix products may be given to BLAS. */
  blas(): boolean;
  readonly resources: ResourceStore;
  /** The steps of a function that is called in place. */
  expand(context: KernelContext, func: FunctionReference, outputs: readonly number[]): Stage;
}

/** What trying to expand a call may change. */
interface SavedState {
  readonly items: ReturnType<ProgramBuilder['save']>;
  readonly hostSteps: number;
  readonly unstable: readonly string[];
  readonly variables: ReadonlyMap<string, VariableUse>;
  readonly notes: number;
}

/** Larger inputs or outputs are not computed while compiling. */
const MOST_FOLDED = 4096;

/** Thrown when ops of a function would have to wait for a further stage. */
class NeedsStage extends Error {}

const aliases = new Set(['Identity', 'StopGradient', 'PreventGradient', 'CheckedIdentity', 'PlaceholderWithDefault']);
const foldedThoughStateful = new Set(['VarHandleOp']);
const readsOfVariables = new Set([
  'ReadVariableOp',
  'ResourceGather',
  'ResourceGatherNd',
  'VariableShape',
  'VarIsInitializedOp',
]);
/** Ops that may give a variable another shape, or run functions that may. */
const reshapesVariables = new Set(['AssignVariableOp', 'DestroyResourceOp']);

/** @param notes is told what became of each op. */
export function lowerPlan(
  stage: Stage,
  feeds: readonly (FeedSpec | null)[],
  services: LowerServices,
  notes: LowerNote[] | null = null,
): Lowered {
  return new Lowerer(services, notes).lower(stage, feeds);
}

const isLowered = (dtype: DType): boolean => scalarTypeOf(dtype) !== null;

class Lowerer {
  readonly #builder = new ProgramBuilder();
  readonly #hostSteps: HostStep[] = [];
  readonly #variables = new Map<string, VariableUse>();
  readonly #unstable = new Set<string>();
  readonly #common = new Map<string, readonly Symbolic[]>();
  #constants = new WeakMap<NdArray, Value>();
  readonly #arrayIds = new WeakMap<NdArray, number>();
  #arrays = 0;
  #slots = 0;

  constructor(
    readonly services: LowerServices,
    readonly notes: LowerNote[] | null,
  ) {}

  lower(stage: Stage, feeds: readonly (FeedSpec | null)[]): Lowered {
    const { plan } = stage;
    this.#slots = feeds.length;
    const fed: (Value | null)[] = [];
    const symbols = new Map<number, Symbolic>();
    feeds.forEach((feed, slot) => {
      if (feed === null) {
        fed.push(null);
        return;
      }
      const { dtype, shape, known } = feed;
      const value = known === null && isLowered(dtype) ? this.#builder.input(dtype, shape) : null;
      fed.push(value);
      symbols.set(
        plan.feeds[slot],
        known
          ? { kind: 'const', array: known }
          : value
            ? { kind: 'value', value, slot }
            : { kind: 'host', dtype, slot },
      );
    });
    for (const [slot, array] of stage.presets) symbols.set(slot, { kind: 'const', array });
    const waiting = this.#steps(stage, symbols, true);
    const results: Value[] = [];
    const source = (symbol: Symbolic): Source => this.#source(symbol, results);
    const rest = waiting.length === 0 ? null : this.#restOf(stage, waiting, symbols, source);
    const fetches = plan.fetches.map((slot) => {
      const symbol = symbols.get(slot);
      return symbol ? source(symbol) : ({ kind: 'rest', index: rest!.stage.plan.fetches.indexOf(slot) } as const);
    });
    return {
      program: { items: this.#builder.items, results },
      feeds: fed,
      hostSteps: this.#hostSteps,
      slots: this.#slots,
      fetches,
      variables: [...this.#variables.values()],
      rest,
    };
  }

  #restOf(
    { plan, contexts }: Stage,
    waiting: readonly number[],
    symbols: ReadonlyMap<number, Symbolic>,
    source: (symbol: Symbolic) => Source,
  ) {
    const steps = waiting.map((i) => plan.steps[i]);
    const presets = new Map<number, NdArray>();
    const live = new Map<number, Source>();
    for (const slot of steps.flatMap((step) => step.inputs)) {
      const symbol = symbols.get(slot);
      if (symbol?.kind === 'const') presets.set(slot, symbol.array);
      else if (symbol && !live.has(slot)) live.set(slot, source(symbol));
    }
    const fetches = [...new Set(plan.fetches.filter((slot) => !symbols.has(slot)))];
    const rest: Plan = { steps, slots: plan.slots, feeds: [...live.keys()], fetches, readFetches: [] };
    return {
      stage: { plan: rest, contexts: waiting.map((i) => contexts[i]), presets },
      feeds: [...live.values()],
    };
  }

  /** Lowers the steps of a stage; gives the positions of those that have to wait. */
  #steps({ plan, contexts }: Stage, symbols: Map<number, Symbolic>, mayWait: boolean): number[] {
    const waiting: number[] = [];
    const waits = new Set<Operation>();
    let statefulWaits = false;
    plan.steps.forEach((step, i) => {
      const { op } = step;
      const inputs = step.inputs.map((slot) => symbols.get(slot));
      const isReady =
        !inputs.includes(undefined) &&
        !(op.def.isStateful && statefulWaits && !foldedThoughStateful.has(op.type)) &&
        !(waits.size > 0 && op.controlInputs.some((control) => waits.has(control))) &&
        !this.#touchesUnstable(inputs);
      const outputs = isReady ? this.#tryStep(step, contexts[i], inputs as Symbolic[]) : null;
      if (!outputs) {
        if (!mayWait) throw new NeedsStage();
        this.#note(op, 'waits');
        waiting.push(i);
        waits.add(op);
        statefulWaits ||= op.def.isStateful;
        return;
      }
      outputs.forEach((symbol, k) => {
        if (!symbols.has(step.firstOutput + k)) symbols.set(step.firstOutput + k, symbol);
      });
    });
    return waiting;
  }

  /** As `lowerStep`, and what goes wrong names the op: no memory for its variable, or a mistake in its lowering. */
  #tryStep(step: Step, context: KernelContext, inputs: readonly Symbolic[]): readonly Symbolic[] | null {
    try {
      return this.#lowerStep(step, context, inputs);
    } catch (error) {
      throw error instanceof NeedsStage ? error : attributeError(error, step.op);
    }
  }

  #touchesUnstable(inputs: readonly (Symbolic | undefined)[]): boolean {
    if (this.#unstable.size === 0) return false;
    return inputs.some(
      (symbol) =>
        symbol?.kind === 'const' && symbol.array instanceof ResourceHandle && this.#unstable.has(keyOf(symbol.array)),
    );
  }

  /** The outputs of a step, or null when it has to wait. */
  #lowerStep(step: Step, context: KernelContext, inputs: readonly Symbolic[]): readonly Symbolic[] | null {
    const { op } = step;
    this.#builder.op = op;
    const trivial = this.#lowerTrivial(op, inputs);
    if (trivial) return trivial;
    const folded = this.#fold(step, context, inputs);
    if (folded) return this.#noted(op, 'constant', folded);
    const expanded = this.#expandCall(step, context, inputs);
    if (expanded) return this.#noted(op, 'inlined', expanded);
    const lowering = lowerings[op.type];
    if (lowering) {
      const waits = inputs.some(
        ({ kind, ...symbol }) => kind === 'host' && isLowered((symbol as { dtype: DType }).dtype),
      );
      if (waits) return null;
      const key = this.#commonKey(op, inputs);
      const known = key === null ? undefined : this.#common.get(key);
      if (known) return this.#noted(op, 'shared', known);
      const lowered = this.#applyLowering(step, context, inputs);
      if (lowered) {
        if (key !== null) this.#common.set(key, lowered);
        return this.#noted(op, 'lowered', lowered);
      }
    }
    return this.#noted(op, 'host', this.#callHost(step, context, inputs));
  }

  /** The outputs of ops that compute nothing. */
  #lowerTrivial(op: Operation, inputs: readonly Symbolic[]): readonly Symbolic[] | null {
    if (aliases.has(op.type)) return this.#noted(op, 'alias', [inputs[0]]);
    if (op.type === 'IdentityN') return this.#noted(op, 'alias', inputs);
    if (op.type === 'NoOp' || op.type === 'ControlTrigger') return this.#noted(op, 'alias', []);
    if (op.type === 'Const') return this.#noted(op, 'constant', [{ kind: 'const', array: op.attrs.value as NdArray }]);
    if (op.type === 'OptionalFromValue') return this.#noted(op, 'alias', [{ kind: 'optional', components: inputs }]);
    if (op.type === 'OptionalNone') return this.#noted(op, 'alias', [{ kind: 'optional', components: null }]);
    if (op.type === 'OptionalGetValue' && inputs[0].kind === 'optional' && inputs[0].components)
      return this.#noted(op, 'alias', inputs[0].components);
    if (op.type === 'ZerosLike' && inputs[0].kind === 'optional') {
      const zeros = this.#zerosLike(inputs[0]);
      if (zeros) return this.#noted(op, 'lowered', [zeros]);
    }
    return null;
  }

  #noted<R>(op: Operation, outcome: LowerNote['outcome'], outputs: R): R {
    this.#note(op, outcome);
    return outputs;
  }

  #note(op: Operation, outcome: LowerNote['outcome']): void {
    this.notes?.push({ op, outcome });
  }

  /** Zeros like what is known of a tensor; null for what is on the host. */
  #zerosLike(symbol: Symbolic): Symbolic | null {
    switch (symbol.kind) {
      case 'host':
        return null;
      case 'const':
        return { kind: 'const', array: zerosLikeValue(symbol.array) };
      case 'value': {
        const { dtype, shape } = symbol.value;
        return { kind: 'value', value: this.#builder.fill(dtype, shape, 0), slot: null };
      }
      case 'optional': {
        const components = symbol.components?.map((part) => this.#zerosLike(part)) ?? null;
        return components?.includes(null) ? null : { kind: 'optional', components: components as Symbolic[] | null };
      }
    }
  }

  /** Computes an op whose inputs are all known and small. */
  #fold(step: Step, context: KernelContext, inputs: readonly Symbolic[]): readonly Symbolic[] | null {
    const { op } = step;
    const shape = this.#foldShape(op, inputs);
    if (shape) return shape;
    if (op.def.isStateful && !foldedThoughStateful.has(op.type)) return null;
    if (inputs.length === 0 && !foldedThoughStateful.has(op.type)) return null;
    let elements = 0;
    const arrays: NdArray[] = [];
    for (const symbol of inputs) {
      if (symbol.kind !== 'const') return null;
      elements += symbol.array.size;
      arrays.push(symbol.array);
    }
    if (elements > MOST_FOLDED || callsFunctions(op)) return null;
    for (const output of op.outputs) if ((output.shape.numElements() ?? 0) > MOST_FOLDED) return null;
    let result: NdArray | readonly NdArray[];
    try {
      result = step.kernel(arrays, context);
    } catch {
      // What fails, fails when it is run.
      return null;
    }
    return (result instanceof NdArray ? [result] : result).map((array) => ({ kind: 'const', array }));
  }

  /** Shapes, ranks and sizes of what has a known shape. */
  #foldShape(op: Operation, inputs: readonly Symbolic[]): readonly Symbolic[] | null {
    const shapeOf = (symbol: Symbolic): readonly number[] | null =>
      symbol.kind === 'value' ? symbol.value.shape : symbol.kind === 'const' ? symbol.array.shape : null;
    const known = (numbers: readonly number[], dtype: DType, shape: readonly number[]): Symbolic => ({
      kind: 'const',
      array: NdArray.from({ data: [...numbers], shape }, dtype),
    });
    if (!['Shape', 'ShapeN', 'Rank', 'Size'].includes(op.type)) return null;
    const shapes = inputs.map(shapeOf);
    if (shapes.includes(null)) return null;
    return shapes.map((dims, i) => {
      const { dtype } = op.outputs[i];
      if (op.type === 'Rank') return known([dims!.length], dtype, []);
      if (op.type === 'Size') return known([dims!.reduce((n, dim) => n * dim, 1)], dtype, []);
      return known(dims!, dtype, [dims!.length]);
    });
  }

  /** The body of a function that is known to be called, in place of the call. */
  #expandCall(step: Step, context: KernelContext, inputs: readonly Symbolic[]): readonly Symbolic[] | null {
    const { op, used } = step;
    const called = calledFunction(op, inputs);
    if (!called) return null;
    const saved = this.#save();
    try {
      const stage = this.services.expand(context, called.func, used);
      if (
        stage.plan.flow ||
        stage.plan.readFetches.length > 0 ||
        stage.plan.steps.some(({ reads }) => reads.length > 0)
      )
        return null;
      const symbols = new Map<number, Symbolic>();
      called.inputs.forEach((symbol, i) => symbols.set(stage.plan.feeds[i], symbol));
      this.#steps(stage, symbols, false);
      const results = stage.plan.fetches.map((slot) => symbols.get(slot)!);
      const outputs = new Array<Symbolic>(op.outputs.length);
      used.forEach((output, i) => {
        outputs[output] = results[i];
      });
      return outputs;
    } catch (error) {
      // Whatever is wrong with the function is said when it is called.
      if (!(error instanceof NeedsStage || error instanceof OpError)) throw error;
      this.#restore(saved);
      this.#builder.op = op;
      return null;
    }
  }

  #save(): SavedState {
    return {
      items: this.#builder.save(),
      hostSteps: this.#hostSteps.length,
      unstable: [...this.#unstable],
      variables: new Map([...this.#variables].map(([key, use]) => [key, { ...use }])),
      notes: this.notes?.length ?? 0,
    };
  }

  #restore(saved: SavedState): void {
    this.#builder.restore(saved.items);
    this.#hostSteps.length = saved.hostSteps;
    this.#unstable.clear();
    for (const key of saved.unstable) this.#unstable.add(key);
    this.#variables.clear();
    for (const [key, use] of saved.variables) this.#variables.set(key, use);
    this.#common.clear();
    this.#constants = new WeakMap();
    if (this.notes) this.notes.length = saved.notes;
  }

  #applyLowering(step: Step, context: KernelContext, inputs: readonly Symbolic[]): readonly Symbolic[] | null {
    const { op } = step;
    const values: Value[] = [];
    for (const symbol of inputs) {
      if (symbol.kind === 'value') values.push(symbol.value);
      else if (symbol.kind === 'const' && symbol.array instanceof ResourceHandle) values.push(undefined as never);
      else if (symbol.kind === 'const' && isLowered(symbol.array.dtype)) values.push(this.#constant(symbol.array));
      else return null;
    }
    if (op.outputs.some(({ dtype }) => !isLowered(dtype))) return null;
    const saved = this.#builder.save();
    const hostSteps = this.#hostSteps.length;
    const result = lowerings[op.type]!(this.#context(step, context, inputs, values));
    if (result === null) {
      this.#builder.restore(saved);
      this.#hostSteps.length = hostSteps;
      return null;
    }
    const outputs = Array.isArray(result) ? (result as readonly Value[]) : [result as Value];
    return outputs.map((value) => ({ kind: 'value', value, slot: null }));
  }

  #context(step: Step, context: KernelContext, symbols: readonly Symbolic[], inputs: readonly Value[]): LowerContext {
    const { op, used } = step;
    const constant = (index: number): NdArray | null => {
      const symbol = symbols[index];
      return symbol.kind === 'const' ? symbol.array : null;
    };
    return {
      op,
      b: this.#builder,
      blas: this.services.blas,
      inputs,
      outputTypes: context.outputTypes,
      usedOutputs: used,
      attr: context.attr,
      constant,
      integers: (index) => {
        const array = constant(index);
        return array ? Array.from(array.data as ArrayLike<number | bigint>, Number) : null;
      },
      variable: (index, like) => this.#variable(op, constant(index), like),
      guard: (isWrong, value) => this.#guard(step, context, symbols, isWrong, value),
      randomSource: (): RandomSource => randomSourceOf(context),
    };
  }

  #guard(step: Step, context: KernelContext, symbols: readonly Symbolic[], isWrong: Expression, value: Value): void {
    const b = this.#builder;
    const tests = b.map(bool, value.shape, [value], isWrong);
    const flag = b.reduce(
      tests,
      value.shape.map(() => true),
      'any',
    );
    const memory: Value[] = [flag];
    const inputs = symbols.map((symbol) => this.#source(symbol, memory));
    this.#hostSteps.push({ step, context, inputs, outputs: [], isGuard: true });
    b.host({ op: step.op, inputs: memory, outputs: [], variables: [], step: this.#hostSteps.length - 1 });
  }

  #variable(
    op: Operation,
    handle: NdArray | null,
    like: { readonly dtype: DType; readonly shape: readonly number[] } | undefined,
  ): VariableRef | null {
    if (!(handle instanceof ResourceHandle)) return null;
    const { resources } = this.services;
    const type = resources.typeOf(handle) ?? staticType(handle) ?? like;
    if (!type || !isLowered(type.dtype) || type.dtype !== handle.valueType) return null;
    if (like && (like.dtype !== type.dtype || like.shape.join() !== type.shape.join())) return null;
    const key = keyOf(handle);
    let use = this.#variables.get(key);
    const isRead = like === undefined;
    if (!use) {
      const ref = resources.reside(handle, type.dtype, type.shape);
      use = { handle, ref, firstRead: isRead ? op : null, isWritten: false };
      this.#variables.set(key, use);
    }
    if (!isRead) use.isWritten = true;
    return use.ref;
  }

  /** A variable that a plain kernel reads or writes: what compiled kernels do with it has to stay in order. */
  #touched(handle: ResourceHandle): VariableRef | null {
    const known = this.#variables.get(keyOf(handle));
    if (known) return known.ref;
    const { resources } = this.services;
    const type = resources.typeOf(handle) ?? staticType(handle);
    if (!type || !isLowered(type.dtype)) return null;
    const ref = resources.reside(handle, type.dtype, type.shape);
    this.#variables.set(keyOf(handle), { handle, ref, firstRead: null, isWritten: false });
    return ref;
  }

  #callHost(step: Step, context: KernelContext, inputs: readonly Symbolic[]): readonly Symbolic[] {
    const { op } = step;
    const memory: Value[] = [];
    const sources = inputs.map((symbol) => this.#source(symbol, memory));
    const shapes = hostShapes(op, inputs);
    const handles = inputs.flatMap((symbol) =>
      symbol.kind === 'const' && symbol.array instanceof ResourceHandle ? [symbol.array] : [],
    );
    const outputs = op.outputs.map(({ dtype }, i): Symbolic => {
      const slot = this.#slots++;
      const dims = shapes?.[i];
      return dims && isLowered(dtype)
        ? { kind: 'value', value: this.#builder.input(dtype, dims), slot }
        : { kind: 'host', dtype, slot };
    });
    this.#hostSteps.push({
      step,
      context,
      inputs: sources,
      outputs: outputs.map((symbol) => (symbol as { slot: number }).slot),
      isGuard: false,
    });
    this.#builder.host({
      op,
      inputs: memory,
      outputs: outputs.map((symbol) => (symbol.kind === 'value' ? symbol.value : null)),
      variables: handles.flatMap((handle) => this.#touched(handle) ?? []),
      step: this.#hostSteps.length - 1,
    });
    if (op.def.isStateful || callsFunctions(op)) {
      for (const handle of handles) {
        if (readsOfVariables.has(op.type)) continue;
        if (reshapesVariables.has(op.type) || callsFunctions(op)) this.#unstable.add(keyOf(handle));
      }
    }
    return outputs;
  }

  /** Where the executor finds the array of a symbol; dense values are collected in `memory`. */
  #source(symbol: Symbolic, memory: Value[]): Source {
    switch (symbol.kind) {
      case 'const':
        return { kind: 'array', array: symbol.array };
      case 'host':
        return { kind: 'slot', slot: symbol.slot };
      case 'optional':
        return { kind: 'optional', components: symbol.components?.map((part) => this.#source(part, memory)) ?? null };
      case 'value': {
        if (symbol.slot !== null) return { kind: 'slot', slot: symbol.slot };
        let index = memory.indexOf(symbol.value);
        if (index < 0) index = memory.push(symbol.value) - 1;
        return { kind: 'memory', index, dtype: symbol.value.dtype, shape: symbol.value.shape };
      }
    }
  }

  #constant(array: NdArray): Value {
    let value = this.#constants.get(array);
    if (!value) this.#constants.set(array, (value = this.#builder.constant(array)));
    return value;
  }

  /** What two ops have in common that give the same values; null for ops that are never merged. */
  #commonKey(op: Operation, inputs: readonly Symbolic[]): string | null {
    if (op.def.isStateful) return null;
    const parts: string[] = [op.type];
    for (const symbol of inputs) {
      if (symbol.kind === 'value') parts.push(`v${symbol.value.id}`);
      else if (symbol.kind === 'const') parts.push(this.#constantKey(symbol.array));
      else return null;
    }
    for (const attr of op.def.attrs) {
      const value = op.attrs[attr.name];
      if (value instanceof DType) parts.push(value.name);
      else if (typeof value === 'object' && !Array.isArray(value)) return null;
      else parts.push(String(value));
    }
    return parts.join(' ');
  }

  #constantKey(array: NdArray): string {
    if (array.size === 1)
      return `${array.dtype.name}${array.rank}:${Object.is(array.data[0], -0) ? '-0' : array.data[0]}`;
    let id = this.#arrayIds.get(array);
    if (id === undefined) this.#arrayIds.set(array, (id = this.#arrays++));
    return `c${id}`;
  }
}

function keyOf(handle: ResourceHandle): string {
  return `${handle.container}/${handle.key}`;
}

function staticType(handle: ResourceHandle): { dtype: DType; shape: readonly number[] } | null {
  const shape = handle.valueShape as TensorShape;
  return shape.isFullyDefined() ? { dtype: handle.valueType, shape: shape.asNumbers() } : null;
}

/** Whether an op calls functions of the graph's library. */
export function callsFunctions(op: Operation): boolean {
  return op.def.attrs.some(({ kind }) => kind === 'func');
}

/** The function that an op is known to call, and the symbols of its arguments. */
function calledFunction(
  op: Operation,
  inputs: readonly Symbolic[],
): { readonly func: FunctionReference; readonly inputs: readonly Symbolic[] } | null {
  if (op.type === 'PartitionedCall' || op.type === 'StatefulPartitionedCall')
    return { func: op.attrs.f as FunctionReference, inputs };
  const [first] = inputs;
  if (first?.kind !== 'const' || first.array.rank !== 0) return null;
  const args = inputs.slice(1);
  if ((op.type === 'If' || op.type === 'StatelessIf') && first.array.dtype.isBool) {
    const branch = first.array.data[0] !== 0 ? 'then_branch' : 'else_branch';
    return { func: op.attrs[branch] as FunctionReference, inputs: args };
  }
  if (op.type === 'Case' || op.type === 'StatelessCase') {
    const branches = op.attrs.branches as readonly FunctionReference[];
    const index = Number(first.array.data[0]);
    return { func: branches[index >= 0 && index < branches.length ? index : branches.length - 1], inputs: args };
  }
  return null;
}
