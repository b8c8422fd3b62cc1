/**
 * Plain kernels: convolutions and their gradients, for two spatial dimensions or three (runtime/kernels/conv3d.ts). The
 * loops are in runtime/kernels/patches.ts.
 */
import { InvalidArgumentError, UnimplementedError } from '../../graph/errors';
import { allocate, NdArray, sizeOf } from '../../graph/ndarray';
import type { convOps } from '../../graph/ops/conv';
import { type DataFormat, parseDataFormat } from '../../graph/ops/window';
import type { Kernel, KernelContext, KernelTable } from '../kernel';
import { type ConvArray, type ConvGeometry, convolve, convolveGradFilter, convolveGradInput } from './patches';
import { inThree, layoutOf, makeWindow, NO_WINDOW, padsOf } from './window';

type Shape = readonly number[];

/** How the errors of a kernel begin, as TensorFlow's do. */
interface Labels {
  readonly prefix: string;
  readonly opType: string;
}

function shapeInFormat(format: DataFormat, batch: number, spatial: Shape, channels: number): number[] {
  const shape = new Array<number>(spatial.length + 2);
  shape[format.batch] = batch;
  shape[format.channel] = channels;
  format.spatial.forEach((axis, i) => {
    shape[axis] = spatial[i];
  });
  return shape;
}

function requireType({ dtype, data }: NdArray, opType: string): ConvArray {
  const isKnown = data instanceof Float32Array || data instanceof Float64Array || data instanceof Int32Array;
  if (!isKnown || !(dtype.isFloating || dtype.isInteger))
    throw new UnimplementedError(`${opType} is not implemented for ${dtype.name}.`);
  return data as ConvArray;
}

/** All sizes of a convolution, from the shapes of its input and its filter. */
function geometryOf(
  c: KernelContext,
  input: Shape,
  filter: Shape,
  outShape?: Shape,
): ConvGeometry & { shape: number[] } {
  const format = parseDataFormat(c.attr('data_format'));
  const strides = c.attr<number[]>('strides');
  const dilations = c.attr<number[]>('dilations');
  for (const [values, what] of [
    [strides, 'strides'],
    [dilations, 'dilations'],
  ] as const) {
    if (values[format.batch] === 1 && values[format.channel] === 1) continue;
    throw new UnimplementedError(
      `Current implementation does not yet support ${what} in the batch and depth dimensions.`,
    );
  }
  const [inChannels, outChannels] = filter.slice(-2);
  const groups = inChannels === 0 ? 1 : input[format.channel] / inChannels;
  const windows = format.spatial.map((axis, i) =>
    makeWindow(input[axis], c.attr('padding'), {
      size: filter[i],
      stride: strides[axis],
      dilation: dilations[axis],
      pads: padsOf(c, axis),
    }),
  );
  const shape = shapeInFormat(
    format,
    input[format.batch],
    windows.map((window) => window.output),
    outChannels,
  );
  return {
    batch: input[format.batch],
    inChannels,
    outChannels: outChannels / groups,
    groups,
    windows: inThree(windows, NO_WINDOW),
    input: layoutOf(input, format),
    output: layoutOf(outShape ?? shape, format),
    shape,
  };
}

/** The kernel of a convolution of tensors of that rank. */
export const forward =
  (opType: string, rank: number): Kernel =>
  ([input, filter], c) => {
    const text = ({ shape }: NdArray) => `[${shape.join(',')}]`;
    if (input.rank !== rank)
      throw new InvalidArgumentError(`convolution input must be ${rank}-dimensional: ${text(input)}`);
    if (filter.rank !== rank)
      throw new InvalidArgumentError(`convolution filter must be ${rank}-dimensional: ${text(filter)}`);
    const depth = input.shape[parseDataFormat(c.attr('data_format')).channel];
    const filterDepth = filter.shape[rank - 2];
    if (filterDepth <= 0) throw new InvalidArgumentError(`filter depth must be stricly positive, got ${filterDepth}`);
    if (depth % filterDepth !== 0)
      throw new InvalidArgumentError(
        `input depth must be evenly divisible by filter depth: ${depth} vs ${filterDepth}`,
      );
    const data = requireType(input, opType);
    const g = geometryOf(c, input.shape, filter.shape);
    if (!Number.isInteger(g.outChannels)) {
      throw new InvalidArgumentError(
        `output depth must be evenly divisible by number of groups: ${filter.shape[rank - 1]} vs ${g.groups}`,
      );
    }
    const out = allocate(input.dtype, sizeOf(g.shape)) as ConvArray;
    convolve(g, data, filter.data as ConvArray, out);
    return new NdArray(input.dtype, g.shape, out as never);
  };

/** Checks the shapes of a gradient kernel against each other, with TensorFlow's words. */
function gradientGeometry(
  c: KernelContext,
  input: Shape,
  filter: Shape,
  grad: Shape,
  { prefix }: Labels,
): ConvGeometry {
  const rank = filter.length;
  const fail = (message: string): never => {
    throw new InvalidArgumentError(`${prefix}: ${message}`);
  };
  const format = parseDataFormat(c.attr('data_format'));
  const wanted = format.spatial.length + 2;
  if (input.length !== wanted) fail(`input must be ${wanted}-dimensional`);
  if (rank !== wanted) fail(`filter must be ${wanted}-dimensional`);
  if (grad.length !== wanted) fail(`out_backprop must be ${wanted}-dimensional`);
  if (input[format.batch] !== grad[format.batch]) {
    fail(
      `input and out_backprop must have the same batch size. Input batch: ${input[format.batch]}, outbackprop batch: ${grad[format.batch]}, batch_dim: ${format.batch}`,
    );
  }
  const filterDepth = filter[rank - 2];
  if (filterDepth <= 0 || input[format.channel] % filterDepth !== 0)
    fail('input depth must be evenly divisible by filter depth');
  if (filter[rank - 1] !== grad[format.channel]) fail('filter and out_backprop must have the same out_depth');
  const g = geometryOf(c, input, filter, grad);
  if (!Number.isInteger(g.outChannels)) fail('output depth must be evenly divisible by number of groups');
  format.spatial.forEach((axis, i) => {
    const window = g.windows[i + 3 - format.spatial.length];
    if (window.output === grad[axis]) return;
    fail(
      `Size of out_backprop doesn't match computed: actual = ${grad[axis]}, computed = ${window.output} spatial_dim: ${axis} ` +
        `input: ${window.input} filter: ${window.size} output: ${grad[axis]} stride: ${window.stride} dilation: ${window.dilation}`,
    );
  });
  return g;
}

const numbersOf = ({ data }: NdArray): number[] => Array.from(data as ArrayLike<number | bigint>, Number);

/** The kernel of its gradient with respect to the input. */
export const inputGradient =
  (labels: Labels): Kernel =>
  ([inputSizes, filter, grad], c) => {
    const given = numbersOf(inputSizes);
    const format = parseDataFormat(c.attr('data_format'));
    const rank = format.spatial.length + 2;
    if (given.length !== rank && given.length !== rank - 2) {
      throw new InvalidArgumentError(
        `${labels.opType} requires input_sizes to contain ${rank} values or ${rank - 2} values, but got: ${given.length}`,
      );
    }
    const shape =
      given.length === rank ? given : shapeInFormat(format, grad.shape[format.batch], given, filter.shape[rank - 2]);
    const g = gradientGeometry(c, shape, filter.shape, grad.shape, labels);
    const out = allocate(grad.dtype, sizeOf(shape)) as ConvArray;
    convolveGradInput(g, requireType(filter, labels.opType), grad.data as ConvArray, out);
    return new NdArray(grad.dtype, shape, out as never);
  };

/** The kernel of its gradient with respect to the filter. */
export const filterGradient =
  (labels: Labels): Kernel =>
  ([input, filterSizes, grad], c) => {
    const shape = numbersOf(filterSizes);
    const g = gradientGeometry(c, input.shape, shape, grad.shape, labels);
    const out = allocate(input.dtype, sizeOf(shape)) as ConvArray;
    convolveGradFilter(g, requireType(input, labels.opType), grad.data as ConvArray, out);
    return new NdArray(input.dtype, shape, out as never);
  };

export const convKernels: KernelTable<typeof convOps> = {
  Conv2D: forward('Conv2D', 4),
  Conv2DBackpropInput: inputGradient({ prefix: 'Conv2DCustomBackpropInput', opType: 'Conv2DBackpropInput' }),
  Conv2DBackpropFilter: filterGradient({ prefix: 'Conv2DCustomBackpropFilter', opType: 'Conv2DBackpropFilter' }),
};
