/**
 * Fusion: a program of values becomes a list of kernels.
 *
 * One pass in program order. A value that one loop reads is computed inside that loop, and so is a value that is cheaper than
 * a load. Any other value gets a buffer, and is computed by the kernel that computes the last of its inputs, when both walk
 * the same domain: at each element, as a further reduction or phase, or once per row. Otherwise it starts a kernel.
 *
 * Kernels run in list order, so a value may join any kernel that is not before one that computes an input of it. Variables are
 * written in place: before a write, whatever still has to read the old value gets a copy.
 *
 * Long because it is one pass over one state, whose cases need each other.
 */
import { InternalError } from '../../graph/errors';
import type { Operation } from '../../graph/operation';
import { sameDims, stridesOf } from '../broadcast';
import { type AxisMap, type AxisMaps, composeAccess, identityAccess, walkOf } from '../ir/access';
import {
  apply,
  constant,
  type Expression,
  index,
  random,
  replaceLeaves,
  scalarTypeOf,
  sizeOfExpression,
} from '../ir/expression';
import type { Buffer, HostKernel, Kernel, KernelProgram, RoutineKernel } from '../ir/kernel';
import type { HostCall, Item, Operand, Program, RoutineCall, Update, Value, VariableRef } from '../ir/value';
import { isFlatWalk, KernelDraft } from './kernelDraft';
import { findUses, isCheap, type Uses } from './uses';

/** Nodes of an expression, and of a kernel, beyond which nothing is added. */
const MAX_EXPRESSION = 100;
const MAX_KERNEL = 640;
/** Fewer rows than this are not worth turning a plain pass into one by columns. */
const MIN_COLUMNS = 64;

interface Placement {
  readonly buffer: Buffer;
  /** The kernel that computes it; -1 when it is there from the start. */
  readonly kernel: number;
}

/** Something that an expression reads from a buffer. */
interface Leaf {
  readonly placement: Placement;
  readonly offset: number;
  readonly strides: readonly number[];
}

interface VariableState {
  lastWrite: number;
  /** Values that read the variable as it is now. */
  readonly readers: Set<Value>;
}

/** A domain without its axes of length 1, and where the axes of a shape went. */
interface Domain {
  readonly lengths: readonly number[];
  readonly maps: AxisMaps;
}

const FIXED: AxisMap = { axis: -1, step: 0, start: 0 };

function domainOf(shape: readonly number[]): Domain {
  const lengths: number[] = [];
  const maps = shape.map((dim) => (dim === 1 ? FIXED : { axis: lengths.push(dim) - 1, step: 1, start: 0 }));
  return { lengths, maps };
}

export interface FuseOptions {
  /** Off for comparison: every value gets a buffer and a kernel of its own. */
  readonly fusion: boolean;
}

/** The kernels of a program. */
export function fuse(program: Program, options: FuseOptions = { fusion: true }): KernelProgram {
  return new Fuser(program, options).run();
}

class Fuser {
  readonly #kernels: (KernelDraft | RoutineKernel | HostKernel)[] = [];
  readonly #placed = new Map<Value, Placement>();
  /** Views and reshapes that share the buffer of a variable, by the value they share it with. */
  readonly #aliases = new Map<Value, Value[]>();
  readonly #lastByDomain = new Map<string, KernelDraft>();
  readonly #variables = new Map<string, VariableState>();
  readonly #variableBuffers = new Map<string, Buffer>();
  readonly #uses: Uses;
  #buffers = 0;

  constructor(
    readonly program: Program,
    readonly options: FuseOptions,
  ) {
    this.#uses = findUses(program);
  }

  run(): KernelProgram {
    for (const item of this.program.items) this.#process(item);
    const results = this.program.results.map((value) => this.#dense(value).buffer);
    const inputs = new Map<Value, Buffer>();
    for (const [value, { buffer }] of this.#placed) if (value.definition.kind === 'input') inputs.set(value, buffer);
    return { kernels: this.#finish(results), results, inputs };
  }

  #process(item: Item): void {
    switch (item.kind) {
      case 'value':
        this.#processValue(item.value);
        break;
      case 'routine':
        this.#processRoutine(item);
        break;
      case 'update':
        this.#processUpdate(item);
        break;
      case 'host':
        this.#processHost(item);
        break;
    }
    this.#uses.done(item);
  }

  #processValue(value: Value): void {
    const { definition } = value;
    switch (definition.kind) {
      case 'const':
        break;
      case 'input':
        // Inputs from the host are placed by the call that fills them.
        if (!this.#placed.has(value)) this.#placed.set(value, { buffer: this.#newBuffer(value, 'input'), kernel: -1 });
        break;
      case 'variable': {
        const state = this.#stateOf(definition.variable);
        state.readers.add(value);
        this.#placed.set(value, { buffer: this.#variableBuffer(definition.variable), kernel: state.lastWrite });
        break;
      }
      case 'view':
      case 'reshape':
      case 'result':
        break;
      case 'map':
      case 'random':
        if (!this.#isInlined(value)) this.#place(value);
        break;
      case 'reduce':
      case 'assemble':
        this.#place(value);
        break;
    }
  }

  /** Whether a value is computed where it is read. */
  #isInlined(value: Value): boolean {
    if (!this.options.fusion) return value.definition.kind === 'random' ? false : isCheapConstant(value);
    const uses = this.#uses.of(value);
    if (!uses.onlyLoops || !(uses.count === 1 || isCheap(value))) return false;
    const size = this.#inlineSize(value);
    // A long chain is cut here, in order, not when somebody at its end asks for all of it.
    if (size > MAX_EXPRESSION) return false;
    this.#inlineSizes.set(value, size);
    return true;
  }

  /** Nodes of the expression that a value becomes where it is read. */
  #inlineSize({ definition }: Value): number {
    if (definition.kind !== 'map') return 1;
    return definition.args.reduce(
      (size, { value }) => size + (this.#inlineSizes.get(behindViews(value)) ?? 0),
      sizeOfExpression(definition.expression),
    );
  }

  readonly #inlineSizes = new Map<Value, number>();

  /** Gives a value a buffer and the code that fills it. */
  #place(value: Value): Placement {
    const known = this.#placed.get(value);
    if (known) return known;
    const { definition } = value;
    switch (definition.kind) {
      case 'map':
      case 'random':
        return this.#placeElements(value);
      case 'reduce':
        return this.#placeReduction(value);
      case 'assemble':
        return this.#placeAssembly(value);
      case 'const': {
        const placement = { buffer: this.#constBuffer(value), kernel: -1 };
        this.#placed.set(value, placement);
        return placement;
      }
      default:
        throw new InternalError(`a ${definition.kind} of ${value.op?.name ?? 'a program'} was read before it was made`);
    }
  }

  #placeElements(value: Value): Placement {
    const domain = domainOf(value.shape);
    const self: Operand = { value, maps: domain.maps };
    let leaves = this.#leavesOf([self], domain.lengths, { root: value, allowRandom: true });
    if (this.#readsRandom(self) && value.definition.kind !== 'random' && !this.#suitsRandom(domain.lengths, leaves))
      leaves = this.#leavesOf([self], domain.lengths, { root: value, allowRandom: false });
    const usesRandom = this.#readsRandom(self);
    const level = (draft: KernelDraft): 'element' | 'row' | null => {
      if (sameDims(draft.domain, domain.lengths)) return 'element';
      return draft.reduced && sameDims(draft.rows, domain.lengths) ? 'row' : null;
    };
    const joined = this.#findDraft(leaves, domain.lengths, (draft) => {
      const at = level(draft);
      if (at === null || (at === 'row' && usesRandom)) return false;
      return this.#fits(draft, leaves, at, usesRandom);
    });
    const draft = joined ?? this.#newDraft(domain.lengths);
    const at = joined ? level(draft)! : 'element';
    const maps = at === 'element' ? domain.maps : toRowMaps(domain.maps, draft);
    const scope = new Scope(draft, leaves);
    const expression = this.#expand({ value, maps }, scope, at);
    const buffer = this.#newBuffer(value, 'arena');
    draft.store(buffer, expression, at, at === 'row' ? Math.max(scope.phase - 1, 0) : scope.phase);
    return this.#settle(value, buffer, draft);
  }

  #placeReduction(value: Value): Placement {
    const { definition } = value;
    if (definition.kind !== 'reduce') throw new InternalError('not a reduction');
    const domain = domainOf(definition.domain);
    const reduced = definition.domain.flatMap((dim, axis) => (dim === 1 ? [] : [definition.reduced[axis]]));
    if (!reduced.includes(true)) return this.#placeCopyOf(value, definition.arg, domain);
    const operand = { value: definition.arg.value, maps: composeAccess(definition.arg.maps, domain.maps) };
    const leaves = this.#leavesOf([operand], domain.lengths);
    const columns = domain.lengths.reduce((n, dim, axis) => (reduced[axis] ? n : n * dim), 1);
    const isByRows = reduced[reduced.length - 1];
    const joined = this.#findDraft(leaves, domain.lengths, (draft) => {
      if (!sameDims(draft.domain, domain.lengths)) return false;
      if (draft.reduced ? !sameDims(draft.reduced, reduced) : !(isByRows || columns >= MIN_COLUMNS)) return false;
      if (draft.streams.length > 0) return false;
      return this.#fits(draft, leaves, 'element', false);
    });
    const draft = joined ?? this.#newDraft(domain.lengths);
    draft.reduced = reduced;
    const scope = new Scope(draft, leaves);
    const expression = this.#expand(operand, scope, 'element');
    const type = scalarTypeOf(value.dtype)!;
    const result = draft.reduce(definition.combiner, type, expression, scope.phase);
    const buffer = this.#newBuffer(value, 'arena');
    draft.store(buffer, result, 'row', scope.phase);
    return this.#settle(value, buffer, draft);
  }

  /** A reduction over axes of length 1. */
  #placeCopyOf(value: Value, arg: Operand, domain: Domain): Placement {
    const maps = composeAccess(arg.maps, domain.maps);
    return this.#copyInto(value, { value: arg.value, maps }, domain);
  }

  /** Computes an operand into a buffer of its own. */
  #copyInto(value: Value, operand: Operand, domain: Domain): Placement {
    const leaves = this.#leavesOf([operand], domain.lengths);
    const draft = this.#newDraft(domain.lengths);
    const scope = new Scope(draft, leaves);
    const expression = this.#expand(operand, scope, 'element');
    const buffer = this.#newBuffer(value, 'arena');
    draft.store(buffer, expression, 'element', 0);
    return this.#settle(value, buffer, draft);
  }

  #placeAssembly(value: Value): Placement {
    const { definition } = value;
    if (definition.kind !== 'assemble') throw new InternalError('not an assembly');
    const buffer = this.#newBuffer(value, 'arena');
    const strides = stridesOf(value.shape);
    // Something has to write the buffer, also when there is nothing to write.
    const isEmpty = definition.pieces.every(({ shape }) => shape.includes(0));
    if (definition.fill !== null || isEmpty) {
      const draft = this.#newDraft(domainOf(value.shape).lengths);
      const fill = constant(scalarTypeOf(value.dtype)!, definition.fill ?? 0);
      draft.storeAt(buffer, 0, stridesOf(draft.domain), fill, 0);
      this.#note(draft, value.op);
    }
    for (const piece of definition.pieces) {
      if (piece.shape.includes(0)) continue;
      const domain = domainOf(piece.shape);
      const operand = { value: piece.operand.value, maps: composeAccess(piece.operand.maps, domain.maps) };
      const leaves = this.#leavesOf([operand], domain.lengths);
      const draft = this.#newDraft(domain.lengths);
      const expression = this.#expand(operand, new Scope(draft, leaves), 'element');
      const offset = piece.start.reduce((sum, start, axis) => sum + start * strides[axis], 0);
      const walk = piece.shape.flatMap((dim, axis) => (dim === 1 ? [] : [strides[axis] * piece.step[axis]]));
      draft.storeAt(buffer, offset, walk, expression, 0);
      this.#note(draft, value.op);
    }
    const placement = { buffer, kernel: this.#kernels.length - 1 };
    this.#placed.set(value, placement);
    return placement;
  }

  #processRoutine(call: RoutineCall): void {
    const inputs = call.inputs.map((operand) => this.#routineInput(operand, call.strided));
    const routine = call.make(inputs.map(({ walk }) => walk));
    const outputs = call.results.map((value) => this.#newBuffer(value, 'arena'));
    const kernel = this.#kernels.length;
    this.#kernels.push({
      kind: 'routine',
      routine,
      inputs: inputs.map(({ buffer, walk }) => ({ buffer, offset: walk.offset })),
      outputs,
      streams: call.streams ?? [],
      ops: call.op ? [call.op] : [],
    });
    call.results.forEach((value, i) => this.#placed.set(value, { buffer: outputs[i], kernel }));
  }

  #routineInput(operand: Operand, strided: boolean) {
    if (strided) {
      const rank = operand.maps.reduce((most, { axis }) => Math.max(most, axis + 1), 0);
      const base = this.#resolve(operand);
      const { buffer } = this.#placeBase(base.value);
      return { buffer, walk: walkOf(base.maps, base.value.shape, Math.max(rank, 3)) };
    }
    const { buffer } = this.#dense(operand.value);
    return { buffer, walk: { offset: 0, strides: stridesOf(operand.value.shape) } };
  }

  #processUpdate(update: Update): void {
    const written = new Set(update.targets.map(({ variable }) => variable.key));
    const domain = domainOf(update.shape);
    const args = update.args.map(({ value, maps }) => ({ value, maps: composeAccess(maps, domain.maps) }));
    for (const { variable } of update.targets) this.#saveReaders(variable, update);
    // What the update itself reads of its targets must be where it writes.
    const own = stridesOf(domain.lengths);
    const isMisplaced = (leaf: Leaf) =>
      leaf.placement.buffer.place.kind === 'variable' &&
      written.has(leaf.placement.buffer.place.variable.key) &&
      (leaf.offset !== 0 || !sameDims(leaf.strides, own));
    for (const arg of args) {
      if (this.#leavesOf([arg], domain.lengths).some(isMisplaced)) this.#copyVariables(arg.value, written);
    }
    const leaves = this.#leavesOf(args, domain.lengths);
    const last = this.#kernels.at(-1);
    const canJoin =
      this.options.fusion &&
      last instanceof KernelDraft &&
      last.reduced === null &&
      sameDims(last.domain, domain.lengths) &&
      last.streams.length === 0 &&
      !last.accesses.some(({ buffer }) => buffer.place.kind === 'variable' && written.has(buffer.place.variable.key)) &&
      this.#fits(last, leaves, 'element', false);
    const draft = canJoin ? last : this.#newDraft(domain.lengths);
    const scope = new Scope(draft, leaves);
    const expressions = args.map((arg) => this.#expand(arg, scope, 'element'));
    const memo = new Map<Expression, Expression>();
    for (const { variable, expression } of update.targets) {
      const full = replaceLeaves(expression, (leaf) => (leaf.kind === 'arg' ? expressions[leaf.input] : leaf), memo);
      draft.storeAt(this.#variableBuffer(variable), 0, own, full, scope.phase);
      this.#stateOf(variable).lastWrite = draft.index;
    }
    this.#note(draft, update.op);
  }

  #processHost(call: HostCall): void {
    for (const variable of call.variables) this.#saveReaders(variable, call);
    const inputs = call.inputs.map((value) => value && this.#dense(value).buffer);
    const outputs = call.outputs.map((value) => value && this.#newBuffer(value, 'input'));
    const kernel = this.#kernels.length;
    this.#kernels.push({ kind: 'host', call, inputs, outputs, ops: [call.op] });
    call.outputs.forEach((value, i) => {
      if (value) this.#placed.set(value, { buffer: outputs[i]!, kernel });
    });
    for (const variable of call.variables) this.#stateOf(variable).lastWrite = kernel;
  }

  /** Copies what later items read of a variable that is about to be written. */
  #saveReaders(variable: VariableRef, writer: Item): void {
    const state = this.#stateOf(variable);
    for (const value of state.readers) {
      if (this.#uses.isPending(value, writer, (v) => this.#placed.has(v) && v !== value)) this.#copyVariable(value);
    }
    state.readers.clear();
  }

  /** Copies the variables of `keys` that a value reads. */
  #copyVariables(value: Value, keys: ReadonlySet<string>): void {
    const { definition } = value;
    if (definition.kind === 'variable' && keys.has(definition.variable.key)) this.#copyVariable(value);
    if (this.#placed.has(value)) return;
    for (const { value: source } of operandsOf(value)) this.#copyVariables(source, keys);
  }

  #copyVariable(value: Value): void {
    const placement = this.#placed.get(value)!;
    if (placement.buffer.place.kind !== 'variable') return;
    const domain = domainOf(value.shape);
    const draft = this.#newDraft(domain.lengths);
    const walk = stridesOf(domain.lengths);
    const access = draft.accessTo(placement.buffer, 0, walk);
    const buffer = this.#newBuffer(value, 'arena');
    draft.store(buffer, { kind: 'load', type: scalarTypeOf(value.dtype)!, access }, 'element', 0);
    const moved = this.#settle(value, buffer, draft);
    const follow = (original: Value): void => {
      for (const alias of this.#aliases.get(original) ?? []) {
        this.#placed.set(alias, moved);
        follow(alias);
      }
    };
    follow(value);
  }

  // Reading.

  /** Follows views to the value behind them. */
  #resolve({ value, maps }: Operand): Operand {
    let [source, through] = [value, maps];
    while (source.definition.kind === 'view') {
      through = composeAccess(source.definition.source.maps, through);
      source = source.definition.source.value;
    }
    return { value: source, maps: through };
  }

  /** The placement of a value that is no view: its own, or that of what it is a reshape of. */
  #placeBase(value: Value): Placement {
    if (value.definition.kind !== 'reshape') return this.#place(value);
    const known = this.#placed.get(value);
    if (known) return known;
    return this.#alias(value, value.definition.source);
  }

  /** Lets a value share the buffer of another one, also when that is moved. */
  #alias(value: Value, of: Value): Placement {
    const placement = this.#dense(of);
    this.#placed.set(value, placement);
    if (placement.buffer.place.kind === 'variable') this.#aliases.set(of, [...(this.#aliases.get(of) ?? []), value]);
    return placement;
  }

  /** A buffer that holds exactly the value's elements, in order. */
  #dense(value: Value): Placement {
    if (value.definition.kind !== 'view') return this.#placeBase(value);
    const known = this.#placed.get(value);
    if (known) return known;
    const domain = domainOf(value.shape);
    const base = this.#resolve({ value, maps: domain.maps });
    const walk = walkOf(base.maps, base.value.shape, domain.lengths.length);
    const isWhole = base.value.shape.reduce((n, dim) => n * dim, 1) === value.shape.reduce((n, dim) => n * dim, 1);
    if (isWhole && walk.offset === 0 && sameDims(walk.strides, stridesOf(domain.lengths))) {
      return this.#alias(value, base.value);
    }
    return this.#copyInto(value, { value, maps: domain.maps }, domain);
  }

  /** The buffers that an expression over the operands reads. Places what has to be in memory for that. */
  #leavesOf(operands: readonly Operand[], lengths: readonly number[], options: LeafOptions = {}): Leaf[] {
    const leaves: Leaf[] = [];
    let nodes = 0;
    let drawn: Value | null = null;
    const visit = (operand: Operand): void => {
      const base = this.#resolve(operand);
      const { definition } = base.value;
      const isRoot = base.value === options.root;
      if (!this.#placed.has(base.value)) {
        if (isScalarConstant(base.value)) return;
        if (definition.kind === 'random' && (isRoot || (options.allowRandom && isDenseWalk(base, lengths)))) {
          // A kernel has one stream: words of others come from memory.
          drawn ??= base.value;
          if (drawn === base.value) return;
        }
        if (definition.kind === 'map') {
          const size = sizeOfExpression(definition.expression);
          if (isRoot || nodes + size <= 4 * MAX_EXPRESSION) {
            nodes += size;
            for (const arg of definition.args) visit({ value: arg.value, maps: composeAccess(arg.maps, base.maps) });
            return;
          }
        }
      }
      const placement = this.#placeBase(base.value);
      leaves.push({ placement, ...walkOf(base.maps, base.value.shape, lengths.length) });
    };
    for (const operand of operands) visit(operand);
    return leaves;
  }

  /** The operand as an expression of a draft, at each element or, with `row`, over the whole domain's rows. */
  #expand(operand: Operand, scope: Scope, level: 'element' | 'row'): Expression {
    const base = this.#resolve(operand);
    const { value, maps } = base;
    const key = `${value.id}/${maps.map((m) => `${m.axis},${m.step},${m.start}`).join('/')}`;
    const known = scope.memo.get(key);
    if (known) return known;
    const result = this.#expandBase(base, scope, level);
    scope.memo.set(key, result);
    return result;
  }

  #expandBase({ value, maps }: Operand, scope: Scope, level: 'element' | 'row'): Expression {
    const { definition } = value;
    const { draft } = scope;
    const type = scalarTypeOf(value.dtype)!;
    const placement = this.#placed.get(value);
    if (!placement) {
      if (definition.kind === 'const' && isScalarConstant(value))
        return constant(type, definition.array.data[0] as number | bigint);
      if (definition.kind === 'map') {
        this.#note(draft, value.op);
        return this.#expandMap(definition.expression, definition.args, maps, scope, level);
      }
      if (definition.kind === 'random') {
        this.#note(draft, value.op);
        return random(draft.streams.push(definition.source) - 1);
      }
    }
    const { buffer } = this.#placeBase(value);
    const { offset, strides } = walkOf(maps, value.shape, draft.domain.length);
    const computed = draft.computed.get(buffer);
    if (computed) {
      // What an earlier phase computed at each element is read again; what this one does is shared.
      if (computed.level === 'row' || computed.phase === scope.phase) return computed.expression;
    }
    return { kind: 'load', type, access: draft.accessTo(buffer, offset, strides) };
  }

  #expandMap(
    expression: Expression,
    args: readonly Operand[],
    maps: AxisMaps,
    scope: Scope,
    level: 'element' | 'row',
  ): Expression {
    return replaceLeaves(expression, (leaf) => {
      if (leaf.kind === 'arg') {
        const arg = args[leaf.input];
        return this.#expand({ value: arg.value, maps: composeAccess(arg.maps, maps) }, scope, level);
      }
      if (leaf.kind === 'index') {
        const { axis, step, start } = maps[leaf.axis] ?? FIXED;
        if (axis < 0) return constant('i32', start);
        const scaled = step === 1 ? index(axis) : apply('mul', index(axis), constant('i32', step));
        return start === 0 ? scaled : apply('add', scaled, constant('i32', start));
      }
      return leaf;
    });
  }

  #readsRandom(operand: Operand): boolean {
    const { value } = this.#resolve(operand);
    if (this.#placed.has(value)) return false;
    if (value.definition.kind === 'random') return true;
    return value.definition.kind === 'map' && value.definition.args.some((arg) => this.#readsRandom(arg));
  }

  // Choosing kernels.

  /** A draft that the leaves allow and `accepts`: the one that computes the last leaf, or a later one of the same domain. */
  #findDraft(
    leaves: readonly Leaf[],
    lengths: readonly number[],
    accepts: (draft: KernelDraft) => boolean,
  ): KernelDraft | null {
    if (!this.options.fusion) return null;
    const latest = leaves.reduce((most, { placement }) => Math.max(most, placement.kernel), -1);
    const producer = latest >= 0 ? this.#kernels[latest] : undefined;
    if (producer instanceof KernelDraft && accepts(producer)) return producer;
    const sibling = this.#lastByDomain.get(lengths.join());
    if (!sibling || sibling.index <= latest || sibling === producer) return null;
    const isNewest = sibling.index === this.#kernels.length - 1;
    const reads = new Set(sibling.accesses.map(({ buffer }) => buffer));
    const shares = isNewest || leaves.some(({ placement }) => reads.has(placement.buffer));
    return shares && accepts(sibling) ? sibling : null;
  }

  /** Whether an expression over these leaves can be computed in a draft. */
  #fits(draft: KernelDraft, leaves: readonly Leaf[], level: 'element' | 'row', withRandom: boolean): boolean {
    if (draft.size > MAX_KERNEL) return false;
    const strides = (leaf: Leaf) => (level === 'element' ? leaf.strides : spread(leaf.strides, draft));
    for (const leaf of leaves) {
      const { buffer } = leaf.placement;
      const isOwn = leaf.placement.kernel === draft.index;
      if (isOwn && !draft.isOwnPosition(buffer, leaf.offset, strides(leaf))) return false;
      if (isOwn && level === 'row' && draft.computed.get(buffer)!.level === 'element') return false;
    }
    if (!withRandom && draft.streams.length === 0) return true;
    if (withRandom && draft.streams.length > 0) return false;
    if (draft.reduced !== null) return false;
    return (draft.isFlat || (draft.domain.at(-1) ?? 1) % 16 === 0) && this.#suitsRandom(draft.domain, leaves);
  }

  /** Random words come sixteen at a time: rows must be made of whole groups, or there must be no rows. */
  #suitsRandom(lengths: readonly number[], leaves: readonly Leaf[]): boolean {
    return (lengths.at(-1) ?? 1) % 16 === 0 || leaves.every((leaf) => isFlatWalk(lengths, leaf.strides));
  }

  #newDraft(lengths: readonly number[]): KernelDraft {
    const draft = new KernelDraft(this.#kernels.length, lengths);
    this.#kernels.push(draft);
    this.#lastByDomain.set(lengths.join(), draft);
    return draft;
  }

  #settle(value: Value, buffer: Buffer, draft: KernelDraft): Placement {
    this.#note(draft, value.op);
    const placement = { buffer, kernel: draft.index };
    this.#placed.set(value, placement);
    return placement;
  }

  #note(draft: KernelDraft, op: Operation | null): void {
    if (op) draft.ops.add(op);
  }

  // Buffers.

  #newBuffer(value: Value, kind: 'arena' | 'input'): Buffer {
    const elements = value.shape.reduce((n, dim) => n * dim, 1);
    return { id: this.#buffers++, dtype: value.dtype, elements, place: { kind } };
  }

  #constBuffer(value: Value): Buffer {
    if (value.definition.kind !== 'const') throw new InternalError('not a constant');
    const { array } = value.definition;
    return { id: this.#buffers++, dtype: value.dtype, elements: array.data.length, place: { kind: 'const', array } };
  }

  #variableBuffer(variable: VariableRef): Buffer {
    let buffer = this.#variableBuffers.get(variable.key);
    if (!buffer) {
      const elements = variable.shape.reduce((n, dim) => n * dim, 1);
      buffer = { id: this.#buffers++, dtype: variable.dtype, elements, place: { kind: 'variable', variable } };
      this.#variableBuffers.set(variable.key, buffer);
    }
    return buffer;
  }

  #stateOf(variable: VariableRef): VariableState {
    let state = this.#variables.get(variable.key);
    if (!state) this.#variables.set(variable.key, (state = { lastWrite: -1, readers: new Set() }));
    return state;
  }

  /** The kernels without what nobody reads, last to first: a kernel that goes takes the need for its inputs with it. */
  #finish(results: readonly Buffer[]): Kernel[] {
    const needed = new Set<Buffer>(results);
    const isNeeded = (buffer: Buffer) => buffer.place.kind === 'variable' || needed.has(buffer);
    const kernels: Kernel[] = [];
    for (const kernel of [...this.#kernels].reverse()) {
      const finished = kernel instanceof KernelDraft ? kernel.finish(isNeeded) : kernel;
      if (!finished || (finished.kind === 'routine' && !finished.outputs.some(isNeeded))) continue;
      const inputs =
        finished.kind === 'loop'
          ? finished.accesses.map(({ buffer }) => buffer)
          : finished.kind === 'routine'
            ? finished.inputs.map(({ buffer }) => buffer)
            : finished.inputs.filter((buffer) => buffer !== null);
      const isHost = finished.kind === 'host';
      kernels.push(
        isHost ? { ...finished, outputs: finished.outputs.map((b) => (b && needed.has(b) ? b : null)) } : finished,
      );
      for (const buffer of inputs) needed.add(buffer);
    }
    return kernels.reverse();
  }
}

interface LeafOptions {
  /** The value whose expression is wanted: it is not read from memory. */
  readonly root?: Value;
  /** Whether random words may be drawn where they are used. */
  readonly allowRandom?: boolean;
}

/** The expansion of operands into one draft, in the first phase that comes after all that they need. */
class Scope {
  readonly memo = new Map<string, Expression>();
  readonly phase: number;

  constructor(
    readonly draft: KernelDraft,
    leaves: readonly Leaf[],
  ) {
    const needed = leaves.map(({ placement }) => {
      const computed = draft.computed.get(placement.buffer);
      return computed ? computed.phase + (computed.level === 'row' ? 1 : 0) : 0;
    });
    this.phase = Math.max(0, ...needed);
  }
}

/** Maps to the axes of a draft's rows, as maps to the axes of its domain. */
function toRowMaps(maps: AxisMaps, draft: KernelDraft): AxisMap[] {
  const axes = draft.domain.flatMap((_, axis) => (draft.reduced![axis] ? [] : [axis]));
  return maps.map((map) => (map.axis < 0 ? map : { ...map, axis: axes[map.axis] }));
}

/** Strides over the rows as strides over the domain. */
function spread(strides: readonly number[], draft: KernelDraft): number[] {
  let row = 0;
  return draft.domain.map((_, axis) => (draft.reduced![axis] ? 0 : strides[row++]));
}

function behindViews(value: Value): Value {
  let source = value;
  while (source.definition.kind === 'view') source = source.definition.source.value;
  return source;
}

function isScalarConstant(value: Value): boolean {
  return value.definition.kind === 'const' && value.definition.array.data.length === 1;
}

function isCheapConstant(value: Value): boolean {
  return value.definition.kind === 'map' && value.definition.args.length === 0;
}

/** Whether an operand walks the whole domain in order: random words are counted that way. */
function isDenseWalk({ value, maps }: Operand, lengths: readonly number[]): boolean {
  const dims = value.shape.flatMap((dim, i) => (dim === 1 ? [] : [{ dim, map: maps[i] }]));
  return (
    dims.length === lengths.length &&
    dims.every(({ dim, map }, i) => dim === lengths[i] && map.axis === i && map.step === 1 && map.start === 0)
  );
}

/** What a value reads directly. */
function operandsOf({ definition }: Value): readonly Operand[] {
  switch (definition.kind) {
    case 'view':
      return [definition.source];
    case 'reshape':
      return [{ value: definition.source, maps: identityAccess(definition.source.shape) }];
    case 'map':
      return definition.args;
    case 'reduce':
      return [definition.arg];
    case 'assemble':
      return definition.pieces.map(({ operand }) => operand);
    default:
      return [];
  }
}
