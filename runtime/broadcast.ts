/**
 * Concrete broadcasting: result shapes, strides with zeros for repeated axes, and walks over the operands: element by
 * element (`forEachBroadcast`), or in runs that a kernel's own tight loop covers (`forEachRun`).
 */
import { InvalidArgumentError } from '../graph/errors';

/** The shape of the result; InvalidArgumentError when the operands do not fit. */
export function broadcastShapes(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1)
      throw new InvalidArgumentError(`Incompatible shapes: [${a.join(',')}] vs. [${b.join(',')}]`);
    return x === 1 ? y : x;
  });
}

/** Whether two lists of dimensions, strides or flags are the same. */
export function sameDims(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Row-major strides of a shape. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i];
  }
  return strides;
}

/** Strides that read an operand of `shape` as if it had shape `target`. */
export function broadcastStrides(shape: readonly number[], target: readonly number[]): number[] {
  const own = stridesOf(shape);
  const shift = target.length - shape.length;
  return target.map((_, i) => (i < shift || shape[i - shift] === 1 ? 0 : own[i - shift]));
}

/** Calls `visit(i, a, b)` for each element of `shape`, with the offsets into both operands. */
export function forEachBroadcast(
  shape: readonly number[],
  aStrides: readonly number[],
  bStrides: readonly number[],
  visit: (index: number, a: number, b: number) => void,
): void {
  const rank = shape.length;
  let size = 1;
  for (const dim of shape) size *= dim;
  const position = new Array<number>(rank).fill(0);
  for (let i = 0, a = 0, b = 0; i < size; i++) {
    visit(i, a, b);
    for (let axis = rank - 1; axis >= 0; axis--) {
      a += aStrides[axis];
      b += bStrides[axis];
      if (++position[axis] < shape[axis]) break;
      a -= aStrides[axis] * shape[axis];
      b -= bStrides[axis] * shape[axis];
      position[axis] = 0;
    }
  }
}

/**
 * Calls `visit` for runs of consecutive elements of `shape`. Within a run, operand k moves by `steps[k]` per element,
 * starting at `offsets[k]`; both lists are reused from call to call. Axes that every operand walks through in one go are
 * merged first, so operands of one shape make a single run.
 */
export function forEachRun(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
  visit: (at: number, length: number, offsets: readonly number[], steps: readonly number[]) => void,
): void {
  const axes = mergeAxes(shape, strides);
  if (axes.some(({ dim }) => dim === 0)) return;
  const { dim: length, strides: steps } = axes.pop() ?? { dim: 1, strides: strides.map(() => 0) };
  const position = axes.map(() => 0);
  const offsets = strides.map(() => 0);
  const runs = axes.reduce((count, { dim }) => count * dim, 1);
  for (let run = 0; run < runs; run++) {
    visit(run * length, length, offsets, steps);
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      const { dim, strides: own } = axes[axis];
      for (let k = 0; k < offsets.length; k++) offsets[k] += own[k];
      if (++position[axis] < dim) break;
      for (let k = 0; k < offsets.length; k++) offsets[k] -= own[k] * dim;
      position[axis] = 0;
    }
  }
}

interface Axis {
  readonly dim: number;
  /** The stride of each operand. */
  readonly strides: readonly number[];
}

/** The axes without those of length 1, neighbours joined where each operand steps through both as through one. */
function mergeAxes(shape: readonly number[], strides: readonly (readonly number[])[]): Axis[] {
  const merged: Axis[] = [];
  shape.forEach((dim, i) => {
    if (dim === 1) return;
    const own = strides.map((stride) => stride[i]);
    const outer = merged.at(-1);
    if (outer?.strides.every((stride, k) => stride === own[k] * dim))
      merged[merged.length - 1] = { dim: outer.dim * dim, strides: own };
    else merged.push({ dim, strides: own });
  });
  return merged;
}
