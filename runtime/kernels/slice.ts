/**
 * Plain kernels: parts of tensors by position.
 */
import type { Attrs } from '../../graph/attributes';
import { InvalidArgumentError } from '../../graph/errors';
import { allocate, NdArray, sizeOf, toNumbers } from '../../graph/ndarray';
import type { sliceOps } from '../../graph/ops/slice';
import { resolveSlice, sliceMasks } from '../../graph/sliceSpec';
import { broadcastStrides, stridesOf } from '../broadcast';
import type { KernelTable } from '../kernel';
import { copyView, readBlock, readView, type View, wholeView } from '../strided';

const shapeText = (shape: readonly number[]): string => `[${shape.join(',')}]`;

function fail(message: string): never {
  throw new InvalidArgumentError(message);
}

/** A strided slice of an array of that shape: the shape of the result, and the view of the elements. */
export interface SliceView {
  /** The shape with an entry for each axis of the array. */
  readonly full: readonly number[];
  /** The shape of the result, with axes dropped and added. */
  readonly shape: readonly number[];
  readonly offset: number;
  readonly strides: readonly number[];
}

/** What begin, end, strides and the masks pick of an array of that shape. */
export function viewSlice(shape: readonly number[], bounds: readonly NdArray[], attrs: Attrs): SliceView {
  const [begin, end, strides] = bounds;
  if (bounds.some((bound) => bound.rank !== 1 || bound.size !== begin.size)) {
    fail(
      `Expected begin, end, and strides to be 1D equal size tensors, but got shapes ${bounds
        .slice(0, 2)
        .map((bound) => shapeText(bound.shape))
        .join(', ')}, and ${shapeText(strides.shape)} instead.`,
    );
  }
  const spec = { begin: toNumbers(begin), end: toNumbers(end), strides: toNumbers(strides), masks: sliceMasks(attrs) };
  const resolved = resolveSlice(shape, spec, fail);
  const own = stridesOf(shape);
  return {
    full: resolved.axes.map((axis) => axis.size!),
    shape: resolved.shape as readonly number[],
    offset: resolved.axes.reduce((sum, axis, i) => sum + axis.begin * own[i], 0),
    strides: resolved.axes.map((axis, i) => axis.stride * own[i]),
  };
}

export function checkBlock(input: NdArray, begin: NdArray, size: NdArray): { start: number[]; sizes: number[] } {
  if (begin.rank !== 1 || size.rank !== 1 || begin.size !== input.rank || size.size !== input.rank) {
    fail(
      `Expected begin and size arguments to be 1-D tensors of size ${input.rank}, but got shapes ${shapeText(begin.shape)} and ${shapeText(size.shape)} instead.`,
    );
  }
  const start = toNumbers(begin);
  const sizes = toNumbers(size).map((length, axis) => (length === -1 ? input.shape[axis] - start[axis] : length));
  start.forEach((from, axis) => {
    const dim = input.shape[axis];
    if (from < 0 || from > dim) fail(`Expected begin[${axis}] in [0, ${dim}], but got ${from}`);
    if (sizes[axis] < 0 || from + sizes[axis] > dim) {
      fail(`Expected size[${axis}] in [0, ${dim - from}], but got ${sizes[axis]}`);
    }
  });
  return { start, sizes };
}

export const sliceKernels: KernelTable<typeof sliceOps> = {
  Slice: ([input, begin, size]) => {
    const { start, sizes } = checkBlock(input, begin, size);
    return readBlock(input, start, sizes);
  },
  StridedSlice: ([input, ...bounds], c) => {
    const { full, shape, offset, strides } = viewSlice(input.shape, bounds, c.op.attrs);
    return readView(input, full, offset, strides).reshape(shape);
  },
  StridedSliceGrad: ([shapeInput, begin, end, strides, dy], c) => {
    const shape = toNumbers(shapeInput);
    const view = viewSlice(shape, [begin, end, strides], c.op.attrs);
    if (view.shape.join() !== dy.shape.join())
      fail(`shape of dy was ${shapeText(dy.shape)} instead of ${shapeText(view.shape)}`);
    const out = new NdArray(dy.dtype, shape, allocate(dy.dtype, sizeOf(shape)));
    copyView(view.full, wholeView(dy.reshape(view.full)), {
      data: out.data,
      offset: view.offset,
      strides: view.strides,
    });
    return out;
  },
  TensorStridedSliceUpdate: ([input, begin, end, strides, value], c) => {
    const view = viewSlice(input.shape, [begin, end, strides], c.op.attrs);
    const out = input.copy();
    copyView(view.full, broadcastInto(value, view), { data: out.data, offset: view.offset, strides: view.strides });
    return out;
  },
};

/** The value repeated to the shape of the slice, as a view with an axis for each axis of the array. */
function broadcastInto(value: NdArray, { full, shape }: SliceView): View {
  const shift = shape.length - value.rank;
  if (shift < 0 || value.shape.some((dim, axis) => dim !== 1 && dim !== shape[axis + shift])) {
    fail(`Cannot broadcast input shape ${shapeText(value.shape)} into final shape ${shapeText(shape)}`);
  }
  const repeated = readView(value, shape, 0, broadcastStrides(value.shape, shape));
  return wholeView(repeated.reshape(full));
}
