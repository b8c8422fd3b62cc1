/**
 * Fusion: a program of values becomes a list of kernels.
 *
 * One pass in program order. A value that one loop reads is computed inside that loop, and so is a value that is cheaper than
 * a load. Any other value gets a buffer from placing.ts, which says what computes it. Kernels run in list order.
 */
import { stridesOf } from '../../broadcast';
import { walkOf } from '../../ir/access';
import { sizeOfExpression } from '../../ir/expression';
import type { KernelProgram, RoutineKernel } from '../../ir/kernel';
import type { HostCall, Item, Operand, Program, RoutineCall, Value } from '../../ir/value';
import { type FusionNotes, KernelList } from './kernelList';
import { behindViews, resolve } from './operands';
import { Placements } from './placements';
import { Placer } from './placing';
import { MAX_EXPRESSION } from './reading';
import { findUses, isCheap, type Uses } from './uses';
import { Variables } from './variables';

export interface FuseOptions {
  /** Off for comparison: every value gets a buffer and a kernel of its own. */
  readonly fusion: boolean;
}

/**
 * The kernels of a program.
 *
 * @param notes is told why kernels were not joined.
 */
export function fuse(
  program: Program,
  options: FuseOptions = { fusion: true },
  notes: FusionNotes | null = null,
): KernelProgram {
  return new Fuser(program, options, notes).run();
}

class Fuser {
  readonly #placements = new Placements();
  readonly #kernels: KernelList;
  readonly #placer: Placer;
  readonly #variables: Variables;
  readonly #uses: Uses;
  /** Nodes of the expressions that values become where they are read. */
  readonly #inlineSizes = new Map<Value, number>();

  constructor(
    readonly program: Program,
    readonly options: FuseOptions,
    notes: FusionNotes | null,
  ) {
    this.#uses = findUses(program);
    this.#kernels = new KernelList(options.fusion, notes);
    this.#placer = new Placer(this.#placements, this.#kernels);
    this.#variables = new Variables(this.#placer, this.#uses);
  }

  run(): KernelProgram {
    for (const item of this.program.items) this.#process(item);
    const results = this.program.results.map((value) => this.#placer.reader.dense(value).buffer);
    return { kernels: this.#kernels.finish(results), results, inputs: this.#placements.inputs() };
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
        this.#variables.update(item);
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
      case 'input':
        // Inputs from the host are placed by the call that fills them.
        if (!this.#placements.has(value))
          this.#placements.set(value, { buffer: this.#placements.newBuffer(value, 'input'), kernel: -1 });
        break;
      case 'variable':
        this.#variables.read(value, definition.variable);
        break;
      case 'map':
      case 'random':
        if (!this.#isInlined(value)) this.#placer.place(value);
        break;
      case 'reduce':
      case 'assemble':
        this.#placer.place(value);
        break;
      case 'const':
      case 'view':
      case 'reshape':
      case 'result':
        break;
    }
  }

  /** Whether a value is computed where it is read. */
  #isInlined(value: Value): boolean {
    const { definition } = value;
    if (!this.options.fusion) return definition.kind === 'map' && definition.args.length === 0;
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

  #processRoutine(call: RoutineCall): void {
    const writes = call.writes ?? [];
    const place = () => call.inputs.map((operand) => this.#routineInput(operand, call.strided));
    let inputs = place();
    if (writes.length > 0) {
      // What it reads of the variables that it writes is copied, too.
      for (const variable of writes) this.#variables.saveReaders(variable, null);
      inputs = place();
    }
    const outputs = [
      ...call.results.map((value) => this.#placements.newBuffer(value, 'arena')),
      ...writes.map((variable) => this.#placements.variableBuffer(variable)),
    ];
    const routine: RoutineKernel = {
      kind: 'routine',
      routine: call.make(inputs.map(({ walk }) => walk)),
      inputs: inputs.map(({ buffer, walk }) => ({ buffer, offset: walk.offset })),
      outputs,
      streams: call.streams ?? [],
      epilogue: null,
      ops: call.op ? [call.op] : [],
    };
    const kernel = this.#kernels.addRoutine(routine, call.results);
    for (const buffer of [...inputs.map((input) => input.buffer), ...outputs]) this.#placements.touch(buffer, kernel);
    call.results.forEach((value, i) => this.#placements.set(value, { buffer: outputs[i], kernel }));
    for (const variable of writes) this.#variables.written(variable, kernel);
  }

  #routineInput(operand: Operand, strided: boolean) {
    const { reader } = this.#placer;
    if (strided) {
      const rank = operand.maps.reduce((most, { axis }) => Math.max(most, axis + 1), 0);
      const base = resolve(operand);
      const { buffer } = reader.placeBase(base.value);
      return { buffer, walk: walkOf(base.maps, base.value.shape, Math.max(rank, 3)) };
    }
    const { buffer } = reader.dense(operand.value);
    return { buffer, walk: { offset: 0, strides: stridesOf(operand.value.shape) } };
  }

  #processHost(call: HostCall): void {
    for (const variable of call.variables) this.#variables.saveReaders(variable, call);
    const inputs = call.inputs.map((value) => value && this.#placer.reader.dense(value).buffer);
    const outputs = call.outputs.map((value) => value && this.#placements.newBuffer(value, 'input'));
    const kernel = this.#kernels.add({ kind: 'host', call, inputs, outputs, ops: [call.op] });
    call.outputs.forEach((value, i) => {
      if (value) this.#placements.set(value, { buffer: outputs[i]!, kernel });
    });
    for (const buffer of inputs) if (buffer) this.#placements.touch(buffer, kernel);
    for (const variable of call.variables) this.#variables.written(variable, kernel);
  }
}
