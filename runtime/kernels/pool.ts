/**
 * Plain kernels: maximum and average pooling over two spatial dimensions or three (runtime/kernels/pool3d.ts), and
 * their gradients.
 */
import { InvalidArgumentError, UnimplementedError } from '../../graph/errors';
import { allocate, NdArray, sizeOf } from '../../graph/ndarray';
import type { poolOps } from '../../graph/ops/pool';
import { parseDataFormat } from '../../graph/ops/window';
import type { Kernel, KernelContext, KernelTable } from '../kernel';
import { inThree, type Layout, layoutOf, makeWindow, NO_WINDOW, padsOf, type Window } from './window';

type Shape = readonly number[];

interface Geometry {
  readonly batch: number;
  /** Channels of the output, and how many of the input each of them covers. */
  readonly channels: number;
  readonly depth: number;
  readonly windows: readonly [Window, Window, Window];
  readonly input: Layout;
  readonly output: Layout;
  readonly shape: number[];
}

function geometryOf(c: KernelContext, input: Shape): Geometry {
  const format = parseDataFormat((c.op.attrs.data_format as string | undefined) ?? 'NHWC');
  const [ksize, strides] = [c.attr<number[]>('ksize'), c.attr<number[]>('strides')];
  const rank = format.spatial.length + 2;
  if (input.length !== rank) {
    throw new InvalidArgumentError(`tensor_in_shape must have ${rank - 2} spatial dimensions. ${input.length} 0`);
  }
  if (ksize[format.batch] !== 1 || strides[format.batch] !== 1)
    throw new UnimplementedError('Pooling is not yet supported on the batch dimension.');
  const depth = ksize[format.channel];
  if (depth !== 1 || strides[format.channel] !== 1) checkDepthwise(ksize, strides, format, input[format.channel]);
  const windows = format.spatial.map((axis) =>
    makeWindow(input[axis], c.attr('padding'), { size: ksize[axis], stride: strides[axis], pads: padsOf(c, axis) }),
  );
  const shape = [...input];
  shape[format.channel] = input[format.channel] / depth;
  format.spatial.forEach((axis, i) => {
    shape[axis] = windows[i].output;
  });
  return {
    batch: input[format.batch],
    channels: shape[format.channel],
    depth,
    windows: inThree(windows, NO_WINDOW),
    input: layoutOf(input, format),
    output: layoutOf(shape, format),
    shape,
  };
}

function checkDepthwise(
  ksize: Shape,
  strides: Shape,
  format: { channel: number; spatial: Shape },
  channels: number,
): void {
  if (format.spatial.some((axis) => ksize[axis] !== 1)) {
    throw new UnimplementedError(
      'MaxPooling supports exactly one of pooling across depth or pooling across width/height.',
    );
  }
  if (channels % ksize[format.channel] !== 0) {
    throw new UnimplementedError('Depthwise max pooling requires the depth window to evenly divide the input depth.');
  }
  if (ksize[format.channel] !== strides[format.channel]) {
    throw new UnimplementedError('Depthwise max pooling requires the depth window to equal the depth stride');
  }
}

/** Offsets of the input elements in one window, for its first channel; reused from one window to the next. */
interface Taps {
  count: number;
  readonly offsets: Int32Array;
}

/**
 * Calls `visit` for each window, with the offset of its output's first channel and the input elements that it covers.
 */
function forEachWindow(g: Geometry, visit: (output: number, taps: Taps) => void): void {
  const [d, h, w] = g.windows;
  const { batch, spatial, channel } = g.input;
  const taps: Taps = { count: 0, offsets: new Int32Array(d.size * h.size * w.size * g.depth) };
  for (let n = 0; n < g.batch; n++) {
    for (let oz = 0; oz < d.output; oz++) {
      for (let oy = 0; oy < h.output; oy++) {
        for (let ox = 0; ox < w.output; ox++) {
          const [z0, y0, x0] = [oz * d.stride - d.padBefore, oy * h.stride - h.padBefore, ox * w.stride - w.padBefore];
          const [z1, y1, x1] = [
            Math.min(z0 + d.size, d.input),
            Math.min(y0 + h.size, h.input),
            Math.min(x0 + w.size, w.input),
          ];
          taps.count = 0;
          for (let z = Math.max(z0, 0); z < z1; z++) {
            for (let y = Math.max(y0, 0); y < y1; y++) {
              for (let x = Math.max(x0, 0); x < x1; x++) {
                const start = n * batch + z * spatial[0] + y * spatial[1] + x * spatial[2];
                for (let k = 0; k < g.depth; k++) taps.offsets[taps.count++] = start + k * channel;
              }
            }
          }
          visit(
            n * g.output.batch + oz * g.output.spatial[0] + oy * g.output.spatial[1] + ox * g.output.spatial[2],
            taps,
          );
        }
      }
    }
  }
}

/** Elements of any real type, bigints included: they are only compared and copied here. */
function elements({ data, dtype }: NdArray, opType: string): Float64Array {
  const isHeld = dtype.isInteger || data instanceof Float32Array || data instanceof Float64Array;
  if (!isHeld) throw new UnimplementedError(`${opType} is not implemented for ${dtype.name}.`);
  return data as Float64Array;
}

function empty(like: NdArray, shape: Shape): { array: NdArray; data: Float64Array } {
  const data = allocate(like.dtype, sizeOf(shape));
  return { array: new NdArray(like.dtype, shape, data), data: data as Float64Array };
}

/** The largest element of each window, never less than the smallest finite number of the dtype. */
const maxPool: Kernel = ([input], c) => {
  const g = geometryOf(c, input.shape);
  const x = elements(input, c.op.type);
  const lowest = input.dtype.min as number;
  const { array, data } = empty(input, g.shape);
  const [inStep, outStep] = [g.input.channel * g.depth, g.output.channel];
  forEachWindow(g, (to, { count, offsets }) => {
    for (let channel = 0; channel < g.channels; channel++, to += outStep) {
      const shift = channel * inStep;
      let best = lowest;
      for (let i = 0; i < count; i++) {
        const value = x[offsets[i] + shift];
        if (value > best) best = value;
      }
      data[to] = best;
    }
  });
  return array;
};

/** Where the first maximum of a window is; a NaN in front of all others counts as one. */
function firstMaximum(x: Float64Array, { count, offsets }: Taps, shift: number): number {
  let at = -1;
  for (let i = 0; i < count; i++) {
    const candidate = offsets[i] + shift;
    if (at < 0 || x[candidate] > x[at]) at = candidate;
  }
  return at;
}

function requireShape(value: NdArray, shape: Shape, what: string): void {
  if (value.rank === shape.length && value.shape.every((dim, i) => dim === shape[i])) return;
  throw new InvalidArgumentError(
    `Expected ${what} shape to be [${shape.join(',')}], but got [${value.shape.join(',')}]`,
  );
}

/** Adds `value` to an element, as floats, wrapping integers or bigints do. */
function accumulate(data: Float64Array, at: number, value: number): void {
  data[at] = data[at] + value;
}

/** Each gradient at the first maximum of its window. */
const maxPoolGrad: Kernel = ([input, output, grad], c) => {
  const g = geometryOf(c, input.shape);
  requireShape(output, g.shape, 'orig_output');
  requireShape(grad, g.shape, 'grad');
  const [x, dy] = [elements(input, c.op.type), elements(grad, c.op.type)];
  const { array, data } = empty(grad, input.shape);
  const [inStep, outStep] = [g.input.channel * g.depth, g.output.channel];
  forEachWindow(g, (from, taps) => {
    if (taps.count === 0) return;
    for (let channel = 0; channel < g.channels; channel++, from += outStep) {
      accumulate(data, firstMaximum(x, taps, channel * inStep), dy[from]);
    }
  });
  return array;
};

/** The first maximum of each window of three spatial dimensions, whatever it is. */
export const maxPool3d: Kernel = ([input], c) => {
  const g = geometryOf(c, input.shape);
  const x = elements(input, c.op.type);
  const { array, data } = empty(input, g.shape);
  forEachWindow(g, (to, taps) => {
    for (let channel = 0; channel < g.channels; channel++, to += g.output.channel) {
      data[to] = x[firstMaximum(x, taps, channel * g.input.channel * g.depth)];
    }
  });
  return array;
};

/**
 * Each gradient at all elements of its window that equal the maximum: TensorFlow's kernel for three spatial dimensions.
 */
export const maxPool3dGrad: Kernel = ([input, output, grad], c) => {
  const g = geometryOf(c, input.shape);
  requireShape(output, g.shape, 'orig_output');
  requireShape(grad, g.shape, 'grad');
  const [x, y, dy] = [input, output, grad].map((value) => elements(value, c.op.type));
  const { array, data } = empty(grad, input.shape);
  forEachWindow(g, (from, { count, offsets }) => {
    for (let channel = 0; channel < g.channels; channel++, from += g.output.channel) {
      for (let i = 0; i < count; i++) {
        const at = offsets[i] + channel * g.input.channel * g.depth;
        if (x[at] === y[from]) accumulate(data, at, dy[from]);
      }
    }
  });
  return array;
};

/** For each window the gradient at the first element that equals its maximum. */
export const maxPoolGradGrad: Kernel = ([input, output, grad], c) => {
  const g = geometryOf(c, input.shape);
  requireShape(output, g.shape, 'orig_output');
  requireShape(grad, input.shape, 'grad');
  const [x, y, dx] = [input, output, grad].map((value) => elements(value, c.op.type));
  const { array, data } = empty(grad, g.shape);
  const [inStep, outStep] = [g.input.channel * g.depth, g.output.channel];
  forEachWindow(g, (to, { count, offsets }) => {
    for (let channel = 0; channel < g.channels; channel++, to += outStep) {
      for (let i = 0; i < count; i++) {
        const at = offsets[i] + channel * inStep;
        if (x[at] !== y[to]) continue;
        data[to] = dx[at];
        break;
      }
    }
  });
  return array;
};

const maxPoolWithArgmax: Kernel = ([input], c) => {
  const g = geometryOf(c, input.shape);
  const x = elements(input, 'MaxPoolWithArgmax');
  const { array, data } = empty(input, g.shape);
  const argmax = allocate(c.outputTypes[1], data.length) as Int32Array | BigInt64Array;
  const whole = c.attr<boolean>('include_batch_in_index');
  forEachWindow(g, (to, taps) => {
    for (let channel = 0; channel < g.channels; channel++, to += g.output.channel) {
      const at = firstMaximum(x, taps, channel * g.input.channel * g.depth);
      data[to] = x[at];
      const index = whole ? at : at % g.input.batch;
      argmax[to] = (argmax instanceof BigInt64Array ? BigInt(index) : index) as never;
    }
  });
  return [array, new NdArray(c.outputTypes[1], g.shape, argmax as never)];
};

/** Calls `visit` with each element of the pooled shape and the flat index that its argmax names. */
function forEachArgmax(
  c: KernelContext,
  input: NdArray,
  argmax: NdArray,
  visit: (index: number, at: number) => void,
): void {
  const pictureIn = sizeOf(input.shape.slice(1));
  const pictureOut = sizeOf(argmax.shape.slice(1));
  const whole = c.attr<boolean>('include_batch_in_index');
  for (let i = 0; i < argmax.data.length; i++) {
    const at = Number(argmax.data[i]) + (whole ? 0 : Math.floor(i / pictureOut) * pictureIn);
    if (!(at >= 0 && at < input.size)) throw new InvalidArgumentError(`Invalid input grad index: ${at}, ${input.size}`);
    visit(i, at);
  }
}

const maxPoolGradWithArgmax: Kernel = ([input, grad, argmax], c) => {
  const { shape } = geometryOf(c, input.shape);
  requireShape(grad, shape, 'grad');
  requireShape(argmax, shape, 'argmax');
  const dy = elements(grad, c.op.type);
  const { array, data } = empty(grad, input.shape);
  forEachArgmax(c, input, argmax, (i, at) => accumulate(data, at, dy[i]));
  return array;
};

const maxPoolGradGradWithArgmax: Kernel = ([input, grad, argmax], c) => {
  const { shape } = geometryOf(c, input.shape);
  requireShape(grad, input.shape, 'grad');
  requireShape(argmax, shape, 'argmax');
  const dx = elements(grad, c.op.type);
  const { array, data } = empty(grad, shape);
  forEachArgmax(c, input, argmax, (i, at) => {
    data[i] = dx[at];
  });
  return array;
};

function averageGeometry(c: KernelContext, input: Shape): Geometry {
  const g = geometryOf(c, input);
  if (g.depth !== 1) throw new UnimplementedError('Non-spatial pooling is not yet supported. Volunteers? :)');
  return g;
}

/** The mean of each window; padding does not count. */
export const avgPool: Kernel = ([input], c) => {
  const g = averageGeometry(c, input.shape);
  const x = elements(input, c.op.type);
  const { array, data } = empty(input, g.shape);
  forEachWindow(g, (to, { count, offsets }) => {
    for (let channel = 0; channel < g.channels; channel++, to += g.output.channel) {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += x[offsets[i] + channel * g.input.channel];
      data[to] = sum / count;
    }
  });
  return array;
};

/** Each gradient in equal shares to the elements of its window. */
export const avgPoolGrad: Kernel = ([inputShape, grad], c) => {
  const shape = Array.from(inputShape.data as ArrayLike<number>, Number);
  const rank = parseDataFormat(c.attr('data_format')).spatial.length + 2;
  if (shape.length !== rank) throw new InvalidArgumentError(`out_backprop must be 1-dimensional and ${rank} elements`);
  if (grad.rank !== rank) throw new InvalidArgumentError(`out_backprop must be ${rank}-dimensional`);
  const g = averageGeometry(c, shape);
  requireShape(grad, g.shape, 'grad');
  const dy = elements(grad, c.op.type);
  const sums = new Float64Array(sizeOf(shape));
  forEachWindow(g, (from, { count, offsets }) => {
    for (let channel = 0; channel < g.channels; channel++, from += g.output.channel) {
      const share = dy[from] / count;
      for (let i = 0; i < count; i++) sums[offsets[i] + channel * g.input.channel] += share;
    }
  });
  const { array, data } = empty(grad, shape);
  data.set(sums);
  return array;
};

export const poolKernels: KernelTable<typeof poolOps> = {
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGrad,
  MaxPoolGradGrad: maxPoolGradGrad,
  MaxPoolWithArgmax: maxPoolWithArgmax,
  MaxPoolGradWithArgmax: maxPoolGradWithArgmax,
  MaxPoolGradGradWithArgmax: maxPoolGradGradWithArgmax,
  AvgPool: avgPool,
  AvgPoolGrad: avgPoolGrad,
};
