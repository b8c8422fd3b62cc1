/**
 * Lowering: Einstein sums, made of views, sums and matrix products: what only one operand has and nobody keeps is summed first, then
 * each operand is a batch of matrices. Where nothing is summed over both, the product is a map.
 */

import { InvalidArgumentError } from '../../graph/errors';
import { sizeOf } from '../../graph/ndarray';
import type { einsumOps } from '../../graph/ops/einsum';
import { ELLIPSIS, parseEinsumEquation } from '../../graph/ops/einsumEquation';
import type { AxisMap } from '../ir/access';
import { apply, arg, constant, index, scalarTypeOf } from '../ir/expression';
import type { Value } from '../ir/value';
import { attempt } from './attempt';
import { isComputed } from './elementwise';
import { type LowerContext, type LoweringTable, routine } from './lowering';
import { product } from './products';

const FIXED: AxisMap = { axis: -1, step: 0, start: 0 };

/** A value with a label for each axis: one that repeats means the diagonal. */
interface Labelled {
  readonly value: Value;
  readonly labels: readonly string[];
}

type Dims = ReadonlyMap<string, number>;

/** The labels with names of their own for the dimensions that an ellipsis stands for, aligned at the end. */
function named(labels: readonly string[], extra: number, broadcastRank: number): string[] {
  return labels.flatMap((label) =>
    label === ELLIPSIS ? Array.from({ length: extra }, (_, i) => `.${broadcastRank - extra + i}`) : [label],
  );
}

/** The length of each label; null where operands do not agree. */
function dimsOf(operands: readonly Labelled[]): Dims | null {
  const dims = new Map<string, number>();
  for (const { value, labels } of operands)
    for (const [axis, label] of labels.entries()) {
      const [dim, known] = [value.shape[axis], dims.get(label) ?? value.shape[axis]];
      const broadcasts = label.startsWith('.') && (dim === 1 || known === 1);
      if (known !== dim && !broadcasts) return null;
      dims.set(label, known === 1 ? dim : known);
    }
  return dims;
}

class Einsum {
  constructor(
    readonly c: LowerContext,
    readonly dims: Dims,
  ) {}

  shape(labels: readonly string[]): number[] {
    return labels.map((label) => this.dims.get(label)!);
  }

  /** The operand over `labels`, among which are all of its own, repeated along the others. */
  over({ value, labels: own }: Labelled, labels: readonly string[]): Value {
    const maps = own.map(
      (label, axis): AxisMap => (value.shape[axis] === 1 ? FIXED : { axis: labels.indexOf(label), step: 1, start: 0 }),
    );
    return this.c.b.view(value, this.shape(labels), maps);
  }

  /** The sums over the labels that are not in `kept`. */
  summed(operand: Labelled, kept: readonly string[]): Labelled {
    const own = [...new Set(operand.labels)];
    if (own.every((label) => kept.includes(label))) return operand;
    const value = this.over(operand, own);
    const reduced = own.map((label) => !kept.includes(label));
    return { value: this.c.b.reduce(value, reduced, 'sum'), labels: own.filter((_, axis) => !reduced[axis]) };
  }

  /** The operand with one axis for each group of labels: a view where groups lie together, else a copy. */
  grouped(operand: Labelled, groups: readonly (readonly string[])[]): Value {
    const sizes = groups.map((labels) => sizeOf(this.shape(labels)));
    const merged = this.#mergeRuns(operand, groups);
    const groupOf = (label: string) => groups.findIndex((labels) => labels.includes(label));
    // An axis that has a group to itself, or is the diagonal of it.
    const isView = merged.labels.every((label, axis) => {
      const dim = merged.value.shape[axis];
      return dim === 1 || dim === sizes[groupOf(label)];
    });
    if (!isView) return this.c.b.reshape(this.over(operand, groups.flat()), sizes);
    const maps = merged.labels.map(
      (label, axis): AxisMap => (merged.value.shape[axis] === 1 ? FIXED : { axis: groupOf(label), step: 1, start: 0 }),
    );
    return this.c.b.view(merged.value, sizes, maps);
  }

  /** The operand with neighbouring axes made one where a group has them as neighbours, too. */
  #mergeRuns({ value, labels }: Labelled, groups: readonly (readonly string[])[]): Labelled {
    const isWhole =
      new Set(labels).size === labels.length && labels.every((l, axis) => this.dims.get(l) === value.shape[axis]);
    if (!isWhole) return { value, labels };
    const shape: number[] = [];
    const firsts: string[] = [];
    labels.forEach((label, axis) => {
      const before = labels[axis - 1];
      const joins = groups.some(
        (group) => axis > 0 && group.indexOf(before) >= 0 && group[group.indexOf(before) + 1] === label,
      );
      if (joins) shape[shape.length - 1] *= value.shape[axis];
      else {
        shape.push(value.shape[axis]);
        firsts.push(label);
      }
    });
    return { value: this.c.b.reshape(value, shape), labels: firsts };
  }

  /** A value over the labels of the output, where one that repeats fills the diagonal. */
  spread({ value, labels }: Labelled, output: readonly string[]): Value {
    const whole = this.over({ value, labels }, [...new Set(output)]);
    if (new Set(output).size === output.length) return whole;
    const type = scalarTypeOf(value.dtype)!;
    const firsts = output.map((label) => output.indexOf(label));
    const tests = firsts.flatMap((first, axis) => (first === axis ? [] : [apply('eq', index(first), index(axis))]));
    const isDiagonal = tests.reduce((all, test) => apply('and', all, test));
    const maps = [...new Set(output)].map(
      (label): AxisMap => (this.dims.get(label) === 1 ? FIXED : { axis: output.indexOf(label), step: 1, start: 0 }),
    );
    const chosen = apply('select', isDiagonal, arg(0, type), constant(type, 0));
    return this.c.b.mapOperands(value.dtype, this.shape(output), [{ value: whole, maps }], chosen);
  }

  /** The product of two operands, over labels in some order. */
  multiply(x: Labelled, y: Labelled, kept: readonly string[]): Labelled | null {
    const isShared = (label: string) => x.labels.includes(label) && y.labels.includes(label);
    const batch = kept.filter(isShared);
    const rows = kept.filter((label) => x.labels.includes(label) && !batch.includes(label));
    const columns = kept.filter((label) => y.labels.includes(label) && !batch.includes(label));
    const depth = [...new Set(x.labels)].filter((label) => isShared(label) && !kept.includes(label));
    const { dtype } = x.value;
    if (depth.length === 0) {
      const type = scalarTypeOf(dtype)!;
      const operands = [x, y].map((operand) => this.over(operand, kept));
      const terms = apply('mul', arg(0, type), arg(1, type));
      return { value: this.c.b.map(dtype, this.shape(kept), operands, terms), labels: kept };
    }
    if (dtype.name !== 'float32' && dtype.name !== 'float64') return null;
    const left = this.grouped(x, [batch, rows, depth]);
    const right = this.grouped(y, [batch, depth, columns]);
    const labels = [...batch, ...rows, ...columns];
    return { value: this.c.b.reshape(product(this.c, left, right), this.shape(labels)), labels };
  }
}

export const einsumLowerings: LoweringTable<typeof einsumOps> = {
  Einsum: routine((c) => {
    const { inputs } = c;
    const equation = attempt(() =>
      parseEinsumEquation(c.attr<string>('equation'), (message) => {
        throw new InvalidArgumentError(message);
      }),
    );
    if (!equation || equation.inputs.length !== inputs.length) return null;
    if (!isComputed(inputs[0].dtype) || inputs[0].dtype.isBool) return null;
    const extras = inputs.map(({ shape }, i) => shape.length - equation.inputs[i].filter((l) => l !== ELLIPSIS).length);
    const broadcastRank = Math.max(...extras);
    if (extras.some((extra, i) => extra < 0 || (extra > 0 && !equation.inputs[i].includes(ELLIPSIS)))) return null;
    if (broadcastRank > 0 && !equation.output.includes(ELLIPSIS)) return null;
    const operands = inputs.map((value, i) => ({ value, labels: named(equation.inputs[i], extras[i], broadcastRank) }));
    const dims = dimsOf(operands);
    if (!dims) return null;
    const einsum = new Einsum(c, dims);
    const output = named(equation.output, broadcastRank, broadcastRank);
    const kept = [...new Set(output)];
    if (operands.length === 1) return einsum.spread(einsum.summed(operands[0], kept), output);
    const [x, y] = operands;
    const [left, right] = [einsum.summed(x, [...kept, ...y.labels]), einsum.summed(y, [...kept, ...x.labels])];
    const result = einsum.multiply(left, right, kept);
    return result && einsum.spread(result, output);
  }),
};
