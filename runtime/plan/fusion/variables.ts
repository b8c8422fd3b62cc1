/**
 * Variables while kernels are made: they are written in place, so before a write whatever still has to read the old value gets
 * a copy. An update joins the kernel that computes what it needs, if nothing touches the variables, or may fail, in between.
 */
import { sameDims, stridesOf } from '../../broadcast';
import { composeAccess } from '../../ir/access';
import { type Expression, replaceLeaves, scalarTypeOf } from '../../ir/expression';
import type { Item, Update, Value, VariableRef } from '../../ir/value';
import { EpilogueDraft } from './epilogueDraft';
import { type Joiner, levelIn, refusalOf } from './joining';
import { KernelDraft } from './kernelDraft';
import { domainOf, operandsOf } from './operands';
import type { Placer } from './placing';
import { type Leaf, Scope } from './reading';
import type { Uses } from './uses';

interface VariableState {
  lastWrite: number;
  /** Values that read the variable as it is now. */
  readonly readers: Set<Value>;
}

export class Variables {
  readonly #states = new Map<string, VariableState>();

  constructor(
    readonly placer: Placer,
    readonly uses: Uses,
  ) {}

  /** A value that is what the variable holds at this point. */
  read(value: Value, variable: VariableRef): void {
    const { placements } = this.placer;
    const state = this.#stateOf(variable);
    state.readers.add(value);
    placements.set(value, { buffer: placements.variableBuffer(variable), kernel: state.lastWrite });
  }

  update(update: Update): void {
    const { placer } = this;
    const { reader } = placer;
    const written = new Set(update.targets.map(({ variable }) => variable.key));
    const domain = domainOf(update.shape);
    const args = update.args.map(({ value, maps }) => ({ value, maps: composeAccess(maps, domain.maps) }));
    for (const { variable } of update.targets) this.saveReaders(variable, update);
    // What the update itself reads of its targets must be where it writes.
    const own = stridesOf(domain.lengths);
    const isMisplaced = (leaf: Leaf) =>
      leaf.placement.buffer.place.kind === 'variable' &&
      written.has(leaf.placement.buffer.place.variable.key) &&
      (leaf.offset !== 0 || !sameDims(leaf.strides, own));
    for (const arg of args) {
      if (reader.leavesOf([arg], domain.lengths).some(isMisplaced)) this.#copyAllOf(arg.value, written);
    }
    const leaves = reader.leavesOf(args, domain.lengths);
    const draft = this.#draftFor(update, leaves, domain.lengths);
    const level = levelIn(draft, domain.lengths)!;
    const scope = new Scope(draft, leaves);
    const phase = level === 'row' ? Math.max(scope.phase - 1, 0) : scope.phase;
    const expressions = args.map(({ value, maps }) =>
      reader.expand({ value, maps: level === 'row' ? draft.rowMaps(maps) : maps }, scope),
    );
    const memo = new Map<Expression, Expression>();
    for (const { variable, expression } of update.targets) {
      const full = replaceLeaves(expression, (leaf) => (leaf.kind === 'arg' ? expressions[leaf.input] : leaf), memo);
      const buffer = placer.placements.variableBuffer(variable);
      draft.update(buffer, full, level, phase);
      placer.placements.touch(buffer, draft.index);
      this.written(variable, draft.index);
    }
    draft.note(update.op);
  }

  /**
   * The kernel that an update joins: the one that computes its last input, or the last kernel. A routine only if it then need not store
   * what it computes: where it has to, the update was measured to be no slower as a pass of its own.
   */
  #draftFor({ targets, args }: Update, leaves: readonly Leaf[], lengths: readonly number[]): KernelDraft {
    const { kernels, placements, reader } = this.placer;
    const { last } = kernels;
    const producer = kernels.producerOf(leaves);
    const lastTouch = Math.max(
      ...targets.map(({ variable }) => placements.lastTouch(placements.variableBuffer(variable))),
    );
    const joiner: Joiner = {
      leaves,
      lengths,
      reduced: null,
      isUpdate: true,
      drawsRandom: args.some((arg) => reader.readsRandom(arg)),
      readsPosition: () => args.some((arg) => reader.readsPosition(arg)),
    };
    const candidates = [producer, last].filter((kernel) => kernel instanceof KernelDraft);
    return kernels.choose(leaves, lengths, candidates, (draft) => {
      // What runs on the host may fail, and then nothing after it may have happened.
      if (kernels.lastHost > draft.index) return 'host between';
      if (lastTouch >= draft.index) return 'touched';
      if (draft instanceof EpilogueDraft) {
        const { onlyLoops, count } = this.uses.of(draft.result);
        if (!draft.mayStayUnstored || !onlyLoops || count > 1) return 'stored';
      }
      if (draft.streams.length > 0) return 'streams';
      return refusalOf(draft, joiner);
    });
  }

  /** Copies what later items read of a variable that is about to be written, and items other than `writer` at this point. */
  saveReaders(variable: VariableRef, writer: Item | null): void {
    const { placements } = this.placer;
    const state = this.#stateOf(variable);
    for (const value of state.readers) {
      if (this.uses.isPending(value, writer, (v) => placements.has(v) && v !== value)) this.#copy(value);
    }
    state.readers.clear();
  }

  /** Notes the kernel that writes a variable. */
  written(variable: VariableRef, kernel: number): void {
    this.#stateOf(variable).lastWrite = kernel;
  }

  /** Copies the variables of `keys` that a value reads. */
  #copyAllOf(value: Value, keys: ReadonlySet<string>): void {
    const { definition } = value;
    if (definition.kind === 'variable' && keys.has(definition.variable.key)) this.#copy(value);
    if (this.placer.placements.has(value)) return;
    for (const { value: source } of operandsOf(value)) this.#copyAllOf(source, keys);
  }

  #copy(value: Value): void {
    const { placements, kernels } = this.placer;
    const placement = placements.get(value)!;
    if (placement.buffer.place.kind !== 'variable') return;
    const draft = kernels.newDraft(domainOf(value.shape).lengths, 'saved');
    const access = draft.accessTo(placement.buffer, 0, stridesOf(draft.domain));
    placements.touch(placement.buffer, draft.index);
    const buffer = placements.newBuffer(value, 'arena');
    draft.store(buffer, { kind: 'load', type: scalarTypeOf(value.dtype)!, access }, 'element', 0);
    draft.note(value.op);
    placements.move(value, { buffer, kernel: draft.index });
  }

  #stateOf({ key }: VariableRef): VariableState {
    let state = this.#states.get(key);
    if (!state) this.#states.set(key, (state = { lastWrite: -1, readers: new Set() }));
    return state;
  }
}
