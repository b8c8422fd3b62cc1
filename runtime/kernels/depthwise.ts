/**
 * Plain kernels: depthwise convolutions and their gradients, as direct loops.
 */
import { InvalidArgumentError, UnimplementedError } from '../../graph/errors';
import { allocate, NdArray, sizeOf } from '../../graph/ndarray';
import type { depthwiseOps } from '../../graph/ops/depthwise';
import { parseDataFormat } from '../../graph/ops/window';
import type { Kernel, KernelContext, KernelTable } from '../kernel';
import type { FloatArray } from './gemm';
import { type Layout, layoutOf, makeWindow, padsOf, type Window } from './window';

interface Geometry {
  readonly batch: number;
  readonly channels: number;
  readonly multiplier: number;
  readonly height: Window;
  readonly width: Window;
  readonly input: Layout;
  readonly output: Layout;
  readonly outShape: number[];
}

function geometryOf(c: KernelContext, input: readonly number[], filter: readonly number[]): Geometry {
  if (input.length !== 4) throw new InvalidArgumentError(`input must be 4-dimensional[${input.join(',')}]`);
  if (filter.length !== 4) throw new InvalidArgumentError(`filter must be 4-dimensional: [${filter.join(',')}]`);
  const format = parseDataFormat(c.attr('data_format'));
  const [strides, dilations] = [c.attr<number[]>('strides'), c.attr<number[]>('dilations')];
  const channels = input[format.channel];
  if (filter[2] !== channels)
    throw new InvalidArgumentError(`input and filter must have the same depth: ${channels} vs ${filter[2]}`);
  const [height, width] = format.spatial.map((axis, i) =>
    makeWindow(input[axis], c.attr('padding'), {
      size: filter[i],
      stride: strides[axis],
      dilation: dilations[axis],
      pads: padsOf(c, axis),
    }),
  );
  const outShape = new Array<number>(4);
  outShape[format.batch] = input[format.batch];
  outShape[format.channel] = channels * filter[3];
  outShape[format.spatial[0]] = height.output;
  outShape[format.spatial[1]] = width.output;
  return {
    batch: input[format.batch],
    channels,
    multiplier: filter[3],
    height,
    width,
    input: layoutOf(input, format),
    output: layoutOf(outShape, format),
    outShape,
  };
}

/**
 * Calls `visit` for every pair of an output position and a filter position inside the input, with the offsets of their
 * first channels.
 */
function forEachTap(g: Geometry, visit: (input: number, filter: number, output: number) => void): void {
  const { height, width } = g;
  for (let n = 0; n < g.batch; n++) {
    for (let oy = 0; oy < height.output; oy++) {
      for (let ox = 0; ox < width.output; ox++) {
        const output = n * g.output.batch + oy * g.output.spatial[1] + ox * g.output.spatial[2];
        for (let ky = 0, y = oy * height.stride - height.padBefore; ky < height.size; ky++, y += height.dilation) {
          if (y < 0 || y >= height.input) continue;
          for (let kx = 0, x = ox * width.stride - width.padBefore; kx < width.size; kx++, x += width.dilation) {
            if (x < 0 || x >= width.input) continue;
            const input = n * g.input.batch + y * g.input.spatial[1] + x * g.input.spatial[2];
            visit(input, (ky * width.size + kx) * g.channels * g.multiplier, output);
          }
        }
      }
    }
  }
}

function floats({ data, dtype }: NdArray, opType: string): FloatArray {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  throw new UnimplementedError(`${opType} is not implemented for ${dtype.name}.`);
}

function result(like: NdArray, shape: readonly number[], sums: Float64Array): NdArray {
  const data = allocate(like.dtype, sizeOf(shape)) as FloatArray;
  data.set(sums);
  return new NdArray(like.dtype, shape, data as never);
}

const forward: Kernel = ([input, filter], c) => {
  const g = geometryOf(c, input.shape, filter.shape);
  const [x, w] = [floats(input, 'DepthwiseConv2dNative'), filter.data as FloatArray];
  const { channels, multiplier } = g;
  const [inStep, outStep] = [g.input.channel, g.output.channel];
  const sums = new Float64Array(sizeOf(g.outShape));
  forEachTap(g, (from, tap, to) => {
    for (let channel = 0; channel < channels; channel++, from += inStep) {
      const value = x[from];
      for (let m = 0; m < multiplier; m++, to += outStep) sums[to] += value * w[tap++];
    }
  });
  return result(input, g.outShape, sums);
};

function checkGradient(g: Geometry, grad: NdArray): void {
  if (grad.rank === 4 && grad.shape.every((dim, i) => dim === g.outShape[i])) return;
  throw new InvalidArgumentError(
    `out_backprop must have shape [${g.outShape.join(',')}], but has [${grad.shape.join(',')}]`,
  );
}

const inputGradient: Kernel = ([inputSizes, filter, grad], c) => {
  const shape = Array.from(inputSizes.data as ArrayLike<number>, Number);
  const g = geometryOf(c, shape, filter.shape);
  checkGradient(g, grad);
  const [dy, w] = [floats(grad, 'DepthwiseConv2dNativeBackpropInput'), filter.data as FloatArray];
  const { channels, multiplier } = g;
  const [inStep, outStep] = [g.input.channel, g.output.channel];
  const sums = new Float64Array(sizeOf(shape));
  forEachTap(g, (to, tap, from) => {
    for (let channel = 0; channel < channels; channel++, to += inStep) {
      let sum = 0;
      for (let m = 0; m < multiplier; m++, from += outStep) sum += dy[from] * w[tap++];
      sums[to] += sum;
    }
  });
  return result(grad, shape, sums);
};

const filterGradient: Kernel = ([input, filterSizes, grad], c) => {
  const shape = Array.from(filterSizes.data as ArrayLike<number>, Number);
  const g = geometryOf(c, input.shape, shape);
  checkGradient(g, grad);
  const [x, dy] = [floats(input, 'DepthwiseConv2dNativeBackpropFilter'), grad.data as FloatArray];
  const { channels, multiplier } = g;
  const [inStep, outStep] = [g.input.channel, g.output.channel];
  const sums = new Float64Array(sizeOf(shape));
  forEachTap(g, (at, tap, from) => {
    for (let channel = 0; channel < channels; channel++, at += inStep) {
      const value = x[at];
      for (let m = 0; m < multiplier; m++, from += outStep) sums[tap++] += value * dy[from];
    }
  });
  return result(input, shape, sums);
};

export const depthwiseKernels: KernelTable<typeof depthwiseOps> = {
  DepthwiseConv2dNative: forward,
  DepthwiseConv2dNativeBackpropInput: inputGradient,
  DepthwiseConv2dNativeBackpropFilter: filterGradient,
};
