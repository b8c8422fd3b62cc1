/**
 * Who reads a value: what fusion needs to know before it decides where a value is computed.
 */
import { sizeOf } from '../../../graph/ndarray';
import { type FunctionName, sizeOfExpression, visitExpression } from '../../ir/expression';
import type { Item, Operand, Program, Value } from '../../ir/value';

/** Functions that cost more than a load. */
const expensive = new Set<FunctionName>([
  'div',
  'sqrt',
  'exp',
  'expm1',
  'log',
  'log1p',
  'tanh',
  'sigmoid',
  'softplus',
  'erf',
  'erfc',
  'sin',
  'cos',
  'tan',
  'asin',
  'acos',
  'atan',
  'sinh',
  'cosh',
  'asinh',
  'acosh',
  'atanh',
  'pow',
  'atan2',
]);

/** Nodes of an expression that is computed again rather than stored. */
const CHEAP_NODES = 4;

function isExpensive(value: Value): boolean {
  if (value.definition.kind !== 'map') return true;
  let found = false;
  visitExpression(value.definition.expression, (e) => {
    if (e.kind === 'apply' && expensive.has(e.fn)) found = true;
  });
  return found;
}

/** Answers of `drawsRandom`: each would go through all that its value was made of. */
const randomness = new WeakMap<Value, boolean>();

/** Random words cost more than a load of what was made of them. */
function drawsRandom(value: Value): boolean {
  // Without recursion: chains may be 100,000 values long.
  const path = [value];
  while (path.length > 0) {
    const top = path[path.length - 1];
    const { definition } = top;
    const args = definition.kind === 'map' ? definition.args : [];
    const unknown = args.find((arg) => !randomness.has(arg.value));
    if (unknown) path.push(unknown.value);
    else {
      randomness.set(top, definition.kind === 'random' || args.some((arg) => randomness.get(arg.value)));
      path.pop();
    }
  }
  return randomness.get(value)!;
}

/** Whether computing a value again costs no more than loading it. */
export function isCheap(value: Value): boolean {
  const { definition } = value;
  if (definition.kind !== 'map') return false;
  if (definition.args.length === 0) return true;
  if (definition.args.some(({ value: arg }) => drawsRandom(arg))) return false;
  const reads = definition.args.filter(({ value: arg }) => sizeOf(arg.shape) > 1);
  return reads.length <= 1 && !isExpensive(value) && sizeOfExpression(definition.expression) <= CHEAP_NODES;
}

/** An item with the size of the domain over which it reads its operands; null when it is no loop. */
interface Reader {
  readonly item: Item;
  readonly domain: number | null;
}

interface Summary {
  /** Loops that read the value, directly or through views. */
  readonly count: number;
  /** Whether only loops read it, none of which would compute it more often than it has elements. */
  readonly onlyLoops: boolean;
}

export class Uses {
  readonly #readers = new Map<Value, Reader[]>();
  readonly #results: ReadonlySet<Value>;
  readonly #done = new Set<Item>();
  readonly #summaries = new Map<Value, Summary>();

  constructor(program: Program) {
    this.#results = new Set(program.results);
    for (const item of program.items) this.#note(item);
  }

  of(value: Value): Summary {
    let summary = this.#summaries.get(value);
    if (!summary) this.#summaries.set(value, (summary = this.#summarize(value)));
    return summary;
  }

  done(item: Item): void {
    this.#done.add(item);
  }

  /** Whether something other than `current` has still to read the value, itself or through what is computed where it is read. */
  isPending(value: Value, current: Item | null, isStored: (value: Value) => boolean): boolean {
    if (this.#results.has(value)) return true;
    return (this.#readers.get(value) ?? []).some(({ item }) => {
      if (item === current) return false;
      if (!this.#done.has(item)) return true;
      if (item.kind !== 'value') return false;
      const { kind } = item.value.definition;
      const isAlias = kind === 'view' || kind === 'reshape';
      return (isAlias || !isStored(item.value)) && this.isPending(item.value, current, isStored);
    });
  }

  #summarize(value: Value): Summary {
    if (this.#results.has(value)) return { count: 1, onlyLoops: false };
    const own = sizeOf(value.shape);
    let count = 0;
    let onlyLoops = true;
    for (const { item, domain } of this.#readers.get(value) ?? []) {
      if (item.kind === 'value' && item.value.definition.kind === 'view') {
        const through = this.of(item.value);
        count += through.count;
        onlyLoops &&= through.onlyLoops && (sizeOf(item.value.shape) <= own || own === 1 || !isExpensive(value));
      } else {
        count++;
        onlyLoops &&= domain !== null && (domain <= own || own === 1 || !isExpensive(value));
      }
    }
    return { count, onlyLoops };
  }

  #note(item: Item): void {
    switch (item.kind) {
      case 'update':
        this.#noteAll(item.args, { item, domain: sizeOf(item.shape) });
        break;
      case 'routine':
        this.#noteAll(item.inputs, { item, domain: null });
        break;
      case 'host':
        for (const value of item.inputs) if (value) this.#add(value, { item, domain: null });
        break;
      case 'value':
        this.#noteValue(item, item.value);
        break;
    }
  }

  #noteValue(item: Item, { definition, shape }: Value): void {
    switch (definition.kind) {
      case 'map':
        this.#noteAll(definition.args, { item, domain: sizeOf(shape) });
        break;
      case 'reduce':
        this.#noteAll([definition.arg], { item, domain: sizeOf(definition.domain) });
        break;
      case 'assemble':
        for (const piece of definition.pieces) this.#noteAll([piece.operand], { item, domain: sizeOf(piece.shape) });
        break;
      case 'view':
        this.#noteAll([definition.source], { item, domain: sizeOf(shape) });
        break;
      case 'reshape':
        this.#add(definition.source, { item, domain: null });
        break;
      default:
        break;
    }
  }

  #noteAll(operands: readonly Operand[], reader: Reader): void {
    for (const value of new Set(operands.map((operand) => operand.value))) this.#add(value, reader);
  }

  #add(value: Value, reader: Reader): void {
    const known = this.#readers.get(value);
    if (known) known.push(reader);
    else this.#readers.set(value, [reader]);
  }
}

export function findUses(program: Program): Uses {
  return new Uses(program);
}
