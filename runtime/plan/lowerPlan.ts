/**
 * From a plan of TensorFlow ops to a program, for given dtypes and shapes of what is fed.
 *
 * Ops whose inputs are all known are computed now; calls of functions that are known to run are expanded; ops with a lowering
 * become values; all others become calls of their plain kernels. Where a plain kernel gives arrays of unknown shape, the
 * ops that could be compiled if the shapes were known are left for a further stage, which is compiled when they are.
 */
import { InvalidArgumentError, OpError } from '../../graph/errors';
import type { NdArray } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import { scalarTypeOf } from '../ir/expression';
import type { RandomSource, Value } from '../ir/value';
import type { KernelContext } from '../kernel';
import { lowerings } from '../lowering/index';
import type { LowerContext } from '../lowering/lowering';
import { attributeError, nodeText } from '../opErrors';
import { randomSourceOf } from '../random/source';
import { ResourceHandle } from '../values';
import { zerosLikeValue } from '../variants';
import { ProgramBuilder } from './builder';
import { calledFunction } from './calledFunction';
import { CommonOps } from './commonOps';
import { fold, foldedThoughStateful, foldTrivial } from './fold';
import { HostSteps, sourceOf } from './hostSteps';
import type { FeedSpec, Lowered, LowerNote, LowerServices, Stage } from './lowered';
import { isLoweredPadded, PaddedRows } from './paddedRows';
import type { Plan, Step } from './plan';
import type { Source, Symbolic } from './symbols';
import { VariableUses } from './variableUses';

/** Thrown when ops of a function would have to wait for a further stage. */
class NeedsStage extends Error {}

/** Thrown when an op that is not compiled would see that an input is padded. */
class ShowsPadding extends Error {}

/** Thrown when calls of a function lie within each other without end. */
class EndlessCalls extends InvalidArgumentError {}

/** So many calls of one function that are known to run may lie within each other. */
const MOST_NESTED = 200;

/** @param notes is told what became of each op. */
export function lowerPlan(
  stage: Stage,
  feeds: readonly (FeedSpec | null)[],
  services: LowerServices,
  notes: LowerNote[] | null = null,
): Lowered {
  try {
    return new Lowerer(services, notes, feeds.length, true).lower(stage, feeds);
  } catch (error) {
    if (!(error instanceof ShowsPadding)) throw error;
    if (notes) notes.length = 0;
    return new Lowerer(services, notes, feeds.length, false).lower(stage, feeds);
  }
}

/** Whether compiled kernels compute with a dtype. */
const isLowered = (dtype: NdArray['dtype']): boolean => scalarTypeOf(dtype) !== null;

class Lowerer {
  readonly #builder = new ProgramBuilder();
  readonly #variables: VariableUses;
  readonly #host: HostSteps;
  readonly #common = new CommonOps();
  readonly #padded = new PaddedRows();
  #constants = new WeakMap<NdArray, Value>();
  /** The functions whose bodies are being put in place of calls, the outermost first. */
  readonly #expanding: string[] = [];

  constructor(
    readonly services: LowerServices,
    readonly notes: LowerNote[] | null,
    feeds: number,
    /** Whether lists whose length depends on the data may be padded where that does not show. */
    readonly pads: boolean,
  ) {
    this.#variables = new VariableUses(services.resources);
    this.#host = new HostSteps(this.#builder, this.#variables, feeds);
  }

  lower(stage: Stage, feeds: readonly (FeedSpec | null)[]): Lowered {
    const { plan } = stage;
    const fed: (Value | null)[] = [];
    const symbols = new Map<number, Symbolic>();
    feeds.forEach((feed, slot) => {
      if (feed === null) {
        fed.push(null);
        return;
      }
      const { dtype, shape, known, place } = feed;
      const isValue = known === null && isLowered(dtype);
      const value = isValue ? (place ? this.#builder.readVariable(place) : this.#builder.input(dtype, shape)) : null;
      fed.push(place ? null : value);
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
    const source = (symbol: Symbolic): Source => sourceOf(symbol, results);
    const rest = waiting.length === 0 ? null : restOf(stage, waiting, symbols, source);
    const fetches = plan.fetches.map((slot) => {
      const symbol = symbols.get(slot);
      return symbol ? source(symbol) : ({ kind: 'rest', index: rest!.stage.plan.fetches.indexOf(slot) } as const);
    });
    return {
      program: { items: this.#builder.items, results },
      feeds: fed,
      hostSteps: this.#host.all,
      slots: this.#host.slots,
      fetches,
      variables: this.#variables.all,
      rest,
    };
  }

  /** Lowers the steps of a stage; gives the positions of those that have to wait. */
  #steps({ plan, contexts }: Stage, symbols: Map<number, Symbolic>, mayWait: boolean): number[] {
    const waiting: number[] = [];
    const waits = new Set<Operation>();
    if (this.pads) this.#padded.add(plan);
    let statefulWaits = false;
    plan.steps.forEach((step, i) => {
      const { op } = step;
      const inputs = step.inputs.map((slot) => symbols.get(slot));
      const isReady =
        !inputs.includes(undefined) &&
        !(op.def.isStateful && statefulWaits && !foldedThoughStateful.has(op.type)) &&
        !(waits.size > 0 && op.controlInputs.some((control) => waits.has(control))) &&
        !this.#variables.areUnstable(inputs);
      const outputs = isReady ? this.#tryStep(step, contexts[i], inputs as Symbolic[]) : null;
      if (!outputs) {
        if (this.#padded.isRead(step)) throw new ShowsPadding();
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
      throw error instanceof NeedsStage || error instanceof ShowsPadding ? error : attributeError(error, step.op);
    }
  }

  /** The outputs of a step, or null when it has to wait. */
  #lowerStep(step: Step, context: KernelContext, inputs: readonly Symbolic[]): readonly Symbolic[] | null {
    const { op } = step;
    this.#builder.op = op;
    const trivial = foldTrivial(op, inputs);
    if (trivial) return this.#noted(op, trivial.outcome, trivial.outputs);
    const zeros = op.type === 'ZerosLike' && inputs[0].kind === 'optional' ? this.#zerosLike(inputs[0]) : null;
    if (zeros) return this.#noted(op, 'lowered', [zeros]);
    const folded = fold(step, context, inputs);
    if (folded) return this.#noted(op, 'constant', folded);
    const expanded = this.#expandCall(step, context, inputs);
    if (expanded) return this.#noted(op, 'inlined', expanded);
    if (this.#mayLower(step, inputs)) {
      if (inputs.some((symbol) => symbol.kind === 'host' && isLowered(symbol.dtype))) return null;
      const key = this.#common.keyOf(op, inputs);
      const known = this.#common.get(key);
      if (known) return this.#noted(op, 'shared', known);
      const lowered = this.#applyLowering(step, context, inputs);
      if (lowered) {
        this.#common.set(key, lowered);
        return this.#noted(op, 'lowered', lowered);
      }
    }
    if (this.#padded.isRead(step)) throw new ShowsPadding();
    return this.#noted(op, 'host', this.#host.call(step, context, inputs));
  }

  /** Whether an op has a lowering that could take it, perhaps when shapes are known. */
  #mayLower(step: Step, inputs: readonly Symbolic[]): boolean {
    const lowering = lowerings[step.op.type];
    if (!lowering) return false;
    if (isLoweredPadded(step.op)) return this.#padded.mayPad(step);
    return lowering.knownInput === undefined || inputs[lowering.knownInput].kind === 'const';
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

  /** The body of a function that is known to be called, in place of the call. */
  #expandCall(step: Step, context: KernelContext, inputs: readonly Symbolic[]): readonly Symbolic[] | null {
    const { op, used } = step;
    const called = calledFunction(op, inputs);
    if (!called) return null;
    const { name } = called.func;
    if (this.#expanding.filter((outer) => outer === name).length >= MOST_NESTED) throw this.#endlessCalls(op, name);
    const restore = this.#save();
    this.#expanding.push(name);
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
      if (error instanceof EndlessCalls || !(error instanceof NeedsStage || error instanceof OpError)) throw error;
      restore();
      this.#builder.op = op;
      return null;
    } finally {
      this.#expanding.pop();
    }
  }

  #endlessCalls(op: Operation, name: string): EndlessCalls {
    const last = this.#expanding.lastIndexOf(name);
    const circle = [...this.#expanding.slice(last), name].join(' → ');
    return new EndlessCalls(
      `Function ${name} calls itself (${circle}) ${MOST_NESTED} times over, and nothing that is computed could end it. ` +
        `Let the call depend on a condition that changes from call to call (tf.cond), or write it as a tf.whileLoop.${nodeText(op)}`,
      op,
      op.nodeDef,
    );
  }

  /** Gives a function that takes back all that trying to expand a call may have changed. */
  #save(): () => void {
    const [items, variables] = [this.#builder.save(), this.#variables.save()];
    const [hostSteps, notes] = [this.#host.all.length, this.notes?.length ?? 0];
    return () => {
      this.#builder.restore(items);
      this.#variables.restore(variables);
      this.#host.all.length = hostSteps;
      this.#common.clear();
      this.#constants = new WeakMap();
      if (this.notes) this.notes.length = notes;
    };
  }

  #applyLowering(step: Step, context: KernelContext, inputs: readonly Symbolic[]): readonly Symbolic[] | null {
    const { op } = step;
    const values: Value[] = [];
    const isTaken = (dtype: NdArray['dtype']) =>
      isLowered(dtype) || (dtype.name === 'uint64' && lowerings[op.type]!.movesUint64);
    for (const symbol of inputs) {
      if (symbol.kind === 'value' && isTaken(symbol.value.dtype)) values.push(symbol.value);
      else if (symbol.kind === 'const' && symbol.array instanceof ResourceHandle) values.push(undefined as never);
      else if (symbol.kind === 'const' && isTaken(symbol.array.dtype)) values.push(this.#constant(symbol.array));
      else return null;
    }
    if (!op.outputs.every(({ dtype }) => isTaken(dtype))) return null;
    const saved = this.#builder.save();
    const hostSteps = this.#host.all.length;
    const result = lowerings[op.type]!(this.#context(step, context, inputs, values));
    if (result === null) {
      this.#builder.restore(saved);
      this.#host.all.length = hostSteps;
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
      mayPad: this.#padded.mayPad(step),
      isPadded: (index) => this.#padded.isPadded(step, index),
      attr: context.attr,
      constant,
      integers: (index) => {
        const array = constant(index);
        return array ? Array.from(array.data as ArrayLike<number | bigint>, Number) : null;
      },
      variable: (index, like) => this.#variables.use(op, constant(index), like),
      guard: (isWrong, value) => this.#host.guard(step, context, symbols, isWrong, value),
      randomSource: (): RandomSource => randomSourceOf(context),
    };
  }

  #constant(array: NdArray): Value {
    let value = this.#constants.get(array);
    if (!value) this.#constants.set(array, (value = this.#builder.constant(array)));
    return value;
  }
}

/** The steps that wait as a stage of their own, and where what they are fed comes from. */
function restOf(
  { plan, contexts }: Stage,
  waiting: readonly number[],
  symbols: ReadonlyMap<number, Symbolic>,
  source: (symbol: Symbolic) => Source,
): Lowered['rest'] & {} {
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
  return { stage: { plan: rest, contexts: waiting.map((i) => contexts[i]), presets }, feeds: [...live.values()] };
}
