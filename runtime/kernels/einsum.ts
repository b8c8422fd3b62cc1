/**
 * Plain kernel: Einstein sums. Each operand becomes a batch of matrices whose rows (or columns) are the labels that
 * only it has; their products, spread over the output's labels, are the result.
 */
import { InvalidArgumentError } from '../../graph/errors';
import { allocate, NdArray, sizeOf } from '../../graph/ndarray';
import type { einsumOps } from '../../graph/ops/einsum';
import { ELLIPSIS, parseEinsumEquation } from '../../graph/ops/einsumEquation';
import { stridesOf } from '../broadcast';
import type { Kernel, KernelTable } from '../kernel';
import { multiplierFor } from './gemm';

const text = (shape: readonly number[]) => `[${shape.join(',')}]`;

/** An operand seen through its labels: the diagonal where one repeats, a stride of 0 where it broadcasts. */
interface Labelled {
  readonly value: NdArray;
  readonly strides: ReadonlyMap<string, number>;
}

type Dims = Map<string, number>;

/** Calls `visit` with the offset of every position of `labels`, in row-major order. */
function forEachPosition(
  labels: readonly string[],
  dims: Dims,
  strides: ReadonlyMap<string, number>,
  visit: (offset: number) => void,
): void {
  const sizes = labels.map((label) => dims.get(label)!);
  const steps = labels.map((label) => strides.get(label) ?? 0);
  const position = new Array<number>(labels.length).fill(0);
  const count = sizeOf(sizes);
  for (let i = 0, offset = 0; i < count; i++) {
    visit(offset);
    for (let axis = labels.length - 1; axis >= 0; axis--) {
      offset += steps[axis];
      if (++position[axis] < sizes[axis]) break;
      offset -= steps[axis] * sizes[axis];
      position[axis] = 0;
    }
  }
}

/** The operand as a dense array over `kept`, in that order, summed over all its other labels. */
function dense({ value, strides }: Labelled, kept: readonly string[], dims: Dims): NdArray {
  const shape = kept.map((label) => dims.get(label)!);
  const out = allocate(value.dtype, sizeOf(shape)) as Float64Array;
  const data = value.data as Float64Array;
  const summed = [...strides.keys()].filter((label) => !kept.includes(label));
  let at = 0;
  forEachPosition(kept, dims, strides, (offset) => {
    if (summed.length === 0) {
      out[at++] = data[offset];
      return;
    }
    // Holds numbers or, for 64-bit integers, bigints: both know `+`.
    let sum = (value.dtype.isBigInt ? 0n : 0) as number;
    forEachPosition(summed, dims, strides, (inner) => {
      sum += data[offset + inner];
    });
    out[at++] = sum;
  });
  return new NdArray(value.dtype, shape, out as never);
}

/** Gives the broadcast dimensions labels of their own, aligned at the end. */
function namedLabels(labels: readonly string[], extra: number, broadcastRank: number): string[] {
  return labels.flatMap((label) =>
    label === ELLIPSIS ? Array.from({ length: extra }, (_, i) => `.${broadcastRank - extra + i}`) : [label],
  );
}

function labelled(value: NdArray, labels: readonly string[], dims: Dims, inputs: readonly NdArray[]): Labelled {
  const strides = new Map<string, number>();
  const own = stridesOf(value.shape);
  labels.forEach((label, axis) => {
    const dim = value.shape[axis];
    const known = dims.get(label);
    if (label.startsWith('.')) {
      if (known !== undefined && known !== dim && known !== 1 && dim !== 1) {
        throw new InvalidArgumentError(
          `Invalid broadcasting dimensions: ${inputs.map((input) => text(input.shape)).join(' vs. ')}`,
        );
      }
      dims.set(label, known === undefined || known === 1 ? dim : known);
      strides.set(label, dim === 1 ? 0 : own[axis]);
      return;
    }
    if (known !== undefined && known !== dim) {
      throw new InvalidArgumentError(
        `Expected dimension ${known} at axis ${axis} of the input shaped ${text(value.shape)} but got dimension ${dim}`,
      );
    }
    dims.set(label, dim);
    strides.set(label, (strides.get(label) ?? 0) + own[axis]);
  });
  return { value, strides };
}

/** Writes dense values over `labels` into an array over `output`, where a label that repeats fills the diagonal. */
function spread(values: NdArray, labels: readonly string[], output: readonly string[], dims: Dims): NdArray {
  const shape = output.map((label) => dims.get(label)!);
  if (labels.length === output.length && labels.every((label, i) => label === output[i])) return values.reshape(shape);
  const out = NdArray.zeros(values.dtype, shape);
  const strides = new Map<string, number>();
  stridesOf(shape).forEach((stride, axis) => strides.set(output[axis], (strides.get(output[axis]) ?? 0) + stride));
  let at = 0;
  forEachPosition(labels, dims, strides, (offset) => {
    (out.data as unknown[])[offset] = values.data[at++];
  });
  return out;
}

/** The batches of products of two dense operands over [batch, rows, depth] and [batch, depth, columns]. */
function batchProducts(x: NdArray, y: NdArray, batches: number, rows: number, depth: number, columns: number): NdArray {
  const multiply = multiplierFor(x, 'Einsum');
  const out = NdArray.zeros(x.dtype, [batches, rows, columns]);
  for (let i = 0; i < batches; i++) {
    const a = { data: x.data as never, offset: i * rows * depth, rowStride: depth, columnStride: 1 };
    const b = { data: y.data as never, offset: i * depth * columns, rowStride: columns, columnStride: 1 };
    multiply(rows, columns, depth, a, b, out.data as never, i * rows * columns);
  }
  return out;
}

const einsum: Kernel = (inputs, c) => {
  const equation = parseEinsumEquation(c.attr<string>('equation'), (message) => {
    throw new InvalidArgumentError(message);
  });
  const extras = inputs.map((value, i) => {
    const labels = equation.inputs[i];
    const hasEllipsis = labels.includes(ELLIPSIS);
    const named = labels.length - (hasEllipsis ? 1 : 0);
    if (hasEllipsis ? value.rank < named : value.rank !== named) {
      throw new InvalidArgumentError(
        `Expected input ${i} to have rank ${hasEllipsis ? 'at least ' : ''}${named} but got: ${value.rank}`,
      );
    }
    return value.rank - named;
  });
  const broadcastRank = Math.max(...extras);
  if (broadcastRank > 0 && !equation.output.includes(ELLIPSIS)) {
    throw new InvalidArgumentError(
      `Output contains ${broadcastRank} broadcasting dimension(s) but no ellipsis (...) was found in the output subscripts.`,
    );
  }
  const dims: Dims = new Map();
  const operands = inputs.map((value, i) =>
    labelled(value, namedLabels(equation.inputs[i], extras[i], broadcastRank), dims, inputs),
  );
  const output = namedLabels(equation.output, broadcastRank, broadcastRank);
  const kept = [...new Set(output)];
  if (operands.length === 1) return spread(dense(operands[0], kept, dims), kept, output, dims);
  const [x, y] = operands;
  const isShared = (label: string) => x.strides.has(label) && y.strides.has(label);
  const batch = kept.filter(isShared);
  const rows = kept.filter((label) => x.strides.has(label) && !batch.includes(label));
  const columns = kept.filter((label) => y.strides.has(label) && !batch.includes(label));
  const depth = [...x.strides.keys()].filter((label) => isShared(label) && !kept.includes(label));
  const sizes = [batch, rows, depth, columns].map((labels) => sizeOf(labels.map((label) => dims.get(label)!)));
  const left = dense(x, [...batch, ...rows, ...depth], dims);
  const right = dense(y, [...batch, ...depth, ...columns], dims);
  const products = batchProducts(left, right, sizes[0], sizes[1], sizes[2], sizes[3]);
  return spread(products, [...batch, ...rows, ...columns], output, dims);
};

export const einsumKernels: KernelTable<typeof einsumOps> = { Einsum: einsum };
