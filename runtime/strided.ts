/**
 * Copying between strided views: what slicing, transposing, padding and joining come down to.
 */
import { allocate, type Data, NdArray, sizeOf } from '../graph/ndarray';
import { stridesOf } from './broadcast';

/** A view of an array: where it starts and how far apart neighbours along each axis are; strides may be 0 or negative. */
export interface View {
  readonly data: Data;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** The whole of an array. */
export function wholeView(value: NdArray): View {
  return { data: value.data, offset: 0, strides: stridesOf(value.shape) };
}

/** Axes of size 1 dropped, and axes that lie behind each other in both views merged. */
function mergeAxes(shape: readonly number[], a: readonly number[], b: readonly number[]) {
  const merged: { size: number; a: number; b: number }[] = [];
  shape.forEach((size, axis) => {
    if (size === 1) return;
    const outer = merged.at(-1);
    if (outer && outer.a === a[axis] * size && outer.b === b[axis] * size) {
      merged[merged.length - 1] = { size: outer.size * size, a: a[axis], b: b[axis] };
    } else merged.push({ size, a: a[axis], b: b[axis] });
  });
  return merged;
}

/** Copies all positions of `shape` from one view to the other. */
export function copyView(shape: readonly number[], from: View, to: View): void {
  if (sizeOf(shape) === 0) return;
  const source = from.data as unknown as { [index: number]: never };
  const target = to.data as unknown as { [index: number]: never };
  const axes = mergeAxes(shape, from.strides, to.strides);
  const inner = axes.pop() ?? { size: 1, a: 0, b: 0 };
  const isBlock = inner.a === 1 && inner.b === 1 && inner.size > 8 && ArrayBuffer.isView(from.data);
  const position = new Array<number>(axes.length).fill(0);
  let [s, t] = [from.offset, to.offset];
  for (;;) {
    if (isBlock) (to.data as Float32Array).set((from.data as Float32Array).subarray(s, s + inner.size), t);
    else for (let i = 0, at = s, out = t; i < inner.size; i++, at += inner.a, out += inner.b) target[out] = source[at];
    let axis = axes.length - 1;
    for (; axis >= 0; axis--) {
      s += axes[axis].a;
      t += axes[axis].b;
      if (++position[axis] < axes[axis].size) break;
      s -= axes[axis].a * axes[axis].size;
      t -= axes[axis].b * axes[axis].size;
      position[axis] = 0;
    }
    if (axis < 0) return;
  }
}

/** A new array of that shape, read from a view of `value`. */
export function readView(
  value: NdArray,
  shape: readonly number[],
  offset: number,
  strides: readonly number[],
): NdArray {
  const out = new NdArray(value.dtype, shape, allocate(value.dtype, sizeOf(shape)));
  copyView(shape, { data: value.data, offset, strides }, wholeView(out));
  return out;
}

/** Writes `value` into the block of `out` that starts at `start`. */
export function writeBlock(out: NdArray, start: readonly number[], value: NdArray): void {
  const strides = stridesOf(out.shape);
  const offset = start.reduce((sum, at, axis) => sum + at * strides[axis], 0);
  copyView(value.shape, wholeView(value), { data: out.data, offset, strides });
}

/** The block of `value` of that shape that starts at `start`. */
export function readBlock(value: NdArray, start: readonly number[], shape: readonly number[]): NdArray {
  const strides = stridesOf(value.shape);
  return readView(
    value,
    shape,
    start.reduce((sum, at, axis) => sum + at * strides[axis], 0),
    strides,
  );
}
