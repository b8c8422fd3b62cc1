/**
 * Reading values: which buffers an expression over operands loads from, and the expression itself, written into a draft.
 *
 * A value without a buffer is expanded where it is read, and so are views: both become other walks through what is stored.
 */
import { sameDims, stridesOf } from '../../broadcast';
import { type AxisMaps, composeAccess, walkOf } from '../../ir/access';
import {
  apply,
  constant,
  type Expression,
  index,
  random,
  replaceLeaves,
  scalarTypeOf,
  sizeOfExpression,
  visitExpression,
} from '../../ir/expression';
import type { Operand, Value } from '../../ir/value';
import type { KernelDraft } from './kernelDraft';
import { type Domain, domainOf, FIXED, isDenseWalk, isScalarConstant, resolve } from './operands';
import type { Placement, Placements } from './placements';

/** Nodes of an expression beyond which nothing is added. */
export const MAX_EXPRESSION = 100;

/** Something that an expression reads from a buffer. */
export interface Leaf {
  readonly placement: Placement;
  readonly offset: number;
  readonly strides: readonly number[];
}

export interface LeafOptions {
  /** The value whose expression is wanted: it is not read from memory. */
  readonly root?: Value;
  /** Whether random words may be drawn where they are used. */
  readonly allowRandom?: boolean;
}

/** Computes values into buffers, when reading finds that they have to be stored. */
export interface Computer {
  place(value: Value): Placement;
  copyInto(value: Value, operand: Operand, domain: Domain): Placement;
}

/** The expansion of operands into one draft, in the first phase that comes after all that they need. */
export class Scope {
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

export class Reader {
  constructor(
    readonly placements: Placements,
    readonly computer: Computer,
  ) {}

  /** The placement of a value that is no view: its own, or that of what it is a reshape of. */
  placeBase(value: Value): Placement {
    const { definition } = value;
    if (definition.kind !== 'reshape') return this.computer.place(value);
    return this.placements.get(value) ?? this.#alias(value, definition.source);
  }

  /** A buffer that holds exactly the value's elements, in order. */
  dense(value: Value): Placement {
    if (value.definition.kind !== 'view') return this.placeBase(value);
    const known = this.placements.get(value);
    if (known) return known;
    const domain = domainOf(value.shape);
    const base = resolve({ value, maps: domain.maps });
    const walk = walkOf(base.maps, base.value.shape, domain.lengths.length);
    const isWhole = base.value.shape.reduce((n, dim) => n * dim, 1) === value.shape.reduce((n, dim) => n * dim, 1);
    if (isWhole && walk.offset === 0 && sameDims(walk.strides, stridesOf(domain.lengths)))
      return this.#alias(value, base.value);
    return this.computer.copyInto(value, { value, maps: domain.maps }, domain);
  }

  #alias(value: Value, of: Value): Placement {
    this.dense(of);
    return this.placements.alias(value, of);
  }

  /** The buffers that an expression over the operands reads. Places what has to be in memory for that. */
  leavesOf(operands: readonly Operand[], lengths: readonly number[], options: LeafOptions = {}): Leaf[] {
    const leaves: Leaf[] = [];
    let nodes = 0;
    let drawn: Value | null = null;
    const visit = (operand: Operand): void => {
      const base = resolve(operand);
      const { definition } = base.value;
      const isRoot = base.value === options.root;
      if (!this.placements.has(base.value)) {
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
      const placement = this.placeBase(base.value);
      leaves.push({ placement, ...walkOf(base.maps, base.value.shape, lengths.length) });
    };
    for (const operand of operands) visit(operand);
    return leaves;
  }

  /** Whether an operand draws random words where it is read. */
  readsRandom(operand: Operand): boolean {
    return this.#isComputedOf(operand, ({ definition }) => definition.kind === 'random');
  }

  /** Whether an operand depends on the position where it is read. */
  readsPosition(operand: Operand): boolean {
    return this.#isComputedOf(operand, ({ definition }) => {
      if (definition.kind !== 'map') return false;
      let found = false;
      visitExpression(definition.expression, (e) => {
        found ||= e.kind === 'index';
      });
      return found;
    });
  }

  /** Whether something that is computed where the operand is read passes a test. */
  #isComputedOf(operand: Operand, test: (value: Value) => boolean): boolean {
    const { value } = resolve(operand);
    if (this.placements.has(value)) return false;
    if (test(value)) return true;
    return value.definition.kind === 'map' && value.definition.args.some((arg) => this.#isComputedOf(arg, test));
  }

  /** The operand as an expression of a draft; its maps lead to the draft's domain. */
  expand(operand: Operand, scope: Scope): Expression {
    const base = resolve(operand);
    const { value, maps } = base;
    const key = `${value.id}/${maps.map((m) => `${m.axis},${m.step},${m.start}`).join('/')}`;
    const known = scope.memo.get(key);
    if (known) return known;
    const result = this.#expandBase(base, scope);
    scope.memo.set(key, result);
    return result;
  }

  #expandBase({ value, maps }: Operand, scope: Scope): Expression {
    const { definition } = value;
    const { draft } = scope;
    const type = scalarTypeOf(value.dtype)!;
    if (!this.placements.has(value)) {
      if (definition.kind === 'const' && isScalarConstant(value))
        return constant(type, definition.array.data[0] as number | bigint);
      if (definition.kind === 'map') {
        draft.note(value.op);
        return this.#expandMap(definition.expression, definition.args, maps, scope);
      }
      if (definition.kind === 'random') {
        draft.note(value.op);
        return random(draft.streams.push(definition.source) - 1);
      }
    }
    const { buffer } = this.placeBase(value);
    const { offset, strides } = walkOf(maps, value.shape, draft.domain.length);
    const computed = draft.computed.get(buffer);
    if (computed) {
      // What an earlier phase computed at each element is read again; what this one does is shared.
      if (computed.level === 'row' || computed.phase === scope.phase) return computed.expression;
    }
    this.placements.touch(buffer, draft.index);
    return { kind: 'load', type, access: draft.accessTo(buffer, offset, strides) };
  }

  #expandMap(expression: Expression, args: readonly Operand[], maps: AxisMaps, scope: Scope): Expression {
    return replaceLeaves(expression, (leaf) => {
      if (leaf.kind === 'arg') {
        const arg = args[leaf.input];
        return this.expand({ value: arg.value, maps: composeAccess(arg.maps, maps) }, scope);
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
}
