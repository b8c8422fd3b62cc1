/**
 * Plain kernels: values written to positions given by indices.
 */
import { InvalidArgumentError, UnimplementedError } from '../../graph/errors';
import { allocate, NdArray, type StringElement, sizeOf, toNumbers, toStringElement } from '../../graph/ndarray';
import type { scatterOps } from '../../graph/ops/scatter';
import type { Kernel, KernelTable } from '../kernel';
import { flatOffsets, positionText, vectorText } from './gather';

const shapeText = (shape: readonly number[]): string => `[${shape.join(',')}]`;

/** How an update and the value in its place become one, for numbers and for bigints. */
export type Combine = (current: never, update: never) => unknown;

/** Combines each update slice into `out` at its index. */
function scatterInto(out: NdArray, indices: NdArray, updates: NdArray, combine: Combine | null): void {
  const { offsets, bad } = flatOffsets(indices, out.shape);
  if (bad >= 0) {
    throw new InvalidArgumentError(
      `indices${positionText(bad, indices.shape.slice(0, -1))} = ${vectorText(indices, bad, ', ')} does not index into shape ${shapeText(out.shape)}`,
    );
  }
  const inner = sizeOf(out.shape.slice(indices.shape.at(-1) ?? 0));
  const target = out.data as unknown as unknown[];
  offsets.forEach((offset, i) => {
    for (let j = 0; j < inner; j++) {
      const update = updates.data[i * inner + j];
      target[offset + j] = combine ? combine(target[offset + j] as never, update as never) : update;
    }
  });
}

const bytesOf = (text: StringElement): Uint8Array => (typeof text === 'string' ? new TextEncoder().encode(text) : text);

const adding: Combine = (a: never, b: never) => (a as number) + (b as number);
const joining: Combine = (a: never, b: never) => {
  if (typeof a === 'string' && typeof b === 'string') return (a as string) + (b as string);
  return toStringElement(new Uint8Array([...bytesOf(a), ...bytesOf(b)]));
};
const subtracting: Combine = (a: never, b: never) => (a as number) - (b as number);
const larger: Combine = (a: never, b: never) => ((b as number) > (a as number) ? b : a);
const smaller: Combine = (a: never, b: never) => ((b as number) < (a as number) ? b : a);

function requireArithmetic(value: NdArray, type: string): void {
  if (value.dtype.isComplex || (value.dtype.isFloating && value.dtype.size === 2)) {
    throw new UnimplementedError(`${type} has no kernel for ${value.dtype.name}.`);
  }
}

/** A kernel that writes updates into a copy of a tensor. */
function tensorScatter(combine: Combine | null): Kernel {
  return ([tensor, indices, updates], c) => {
    if (combine) requireArithmetic(tensor, c.op.type);
    const depth = indices.shape.at(-1) ?? 0;
    const outer = indices.shape.slice(0, -1);
    if (updates.shape.slice(0, outer.length).join() !== outer.join() || indices.rank < 1) {
      throw new InvalidArgumentError(
        `Outer dimensions of indices and update must match. Indices shape: ${shapeText(indices.shape)}, updates shape:${shapeText(updates.shape)}`,
      );
    }
    if (depth > tensor.rank || updates.shape.slice(outer.length).join() !== tensor.shape.slice(depth).join()) {
      throw new InvalidArgumentError(
        `Inner dimensions of output shape must match inner dimensions of updates shape. Output: ${shapeText(tensor.shape)} updates: ${shapeText(updates.shape)}`,
      );
    }
    const out = tensor.copy();
    scatterInto(out, indices, updates, combine);
    return out;
  };
}

export const scatterKernels: KernelTable<typeof scatterOps> = {
  ScatterNd: ([indices, updates, shapeInput], c) => {
    const shape = toNumbers(shapeInput);
    const negative = shape.find((dim) => dim < 0);
    if (negative !== undefined) throw new InvalidArgumentError(`Dimension ${negative} must be >= 0`);
    if (indices.rank < 1)
      throw new InvalidArgumentError(`Indices shape must have rank at least one. Found:${shapeText(indices.shape)}`);
    if (sizeOf(shape) === 0 && (indices.size > 0 || updates.size > 0)) {
      throw new InvalidArgumentError(
        `Indices and updates specified for empty output.  indices shape: ${shapeText(indices.shape)}`,
      );
    }
    const outer = indices.shape.length - 1;
    const depth = indices.shape[outer];
    if (updates.shape.slice(0, outer).join() !== indices.shape.slice(0, outer).join()) {
      throw new InvalidArgumentError(
        `Dimensions [0,${outer}) of indices[shape=${shapeText(indices.shape)}] must match dimensions [0,${outer}) of updates[shape=${shapeText(updates.shape)}]`,
      );
    }
    if (depth > shape.length || updates.shape.slice(outer).join() !== shape.slice(depth).join()) {
      throw new InvalidArgumentError(
        `Dimensions [${depth},${shape.length}) of input[shape=${shapeText(shape)}] must match dimensions [${outer},${updates.rank}) of updates[shape=${shapeText(updates.shape)}]`,
      );
    }
    requireArithmetic(updates, c.op.type);
    const out = new NdArray(updates.dtype, shape, allocate(updates.dtype, sizeOf(shape)));
    // Adding strings joins them, adding booleans is `or`.
    const isText = updates.dtype.name === 'string';
    scatterInto(out, indices, updates, isText ? joining : updates.dtype.isBool ? larger : adding);
    return out;
  },
  TensorScatterUpdate: tensorScatter(null),
  TensorScatterAdd: tensorScatter(adding),
  TensorScatterSub: tensorScatter(subtracting),
  TensorScatterMax: tensorScatter(larger),
  TensorScatterMin: tensorScatter(smaller),
};
