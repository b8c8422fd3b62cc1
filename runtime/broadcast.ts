/**
 * Concrete broadcasting: result shapes, strides with zeros for repeated axes, and the walk over both operands.
 */
import { InvalidArgumentError } from '../graph/errors';

/** The shape of the result; InvalidArgumentError when the operands do not fit. */
export function broadcastShapes(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw new InvalidArgumentError(`Incompatible shapes: [${a.join(',')}] vs. [${b.join(',')}]`);
    return x === 1 ? y : x;
  });
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
