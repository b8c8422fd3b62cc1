/**
 * Depthwise convolutions and their gradients as kernel calls. A spec is a convolution's whose output channels are a multiple of its
 * input channels; the filter is height × width × inChannels × multiplier.
 */
import type { WasmCall } from '../kernelCall';
import { zeroCalls } from '../matmul/clear';
import { floatsOf } from '../matmul/floats';
import type { ConvAddresses, FilterGradientAddresses, InputGradientAddresses } from './conv';
import { type ConvSpec, paddedSource, patchArguments, patchSizeOf, positionsOf } from './convSpec';
import { CHANNEL_GROUP, DEPTHWISE_GEOMETRY, depthwiseModule } from './depthwiseKernels';
import { inputGradientPhases } from './inputGradient';
import { cropCalls, padCalls } from './pad';

const groupsOf = ({ inChannels }: ConvSpec) => Math.ceil(inChannels / CHANNEL_GROUP);

type Geometry = Record<(typeof DEPTHWISE_GEOMETRY)[number], number>;

const argsOf = (geometry: Geometry) => DEPTHWISE_GEOMETRY.map((name) => geometry[name]);

function geometryOf(spec: ConvSpec, input: number, copy: number): Geometry {
  const source = paddedSource(spec);
  const pixel = spec.inChannels * floatsOf(spec.dtype).bytes;
  const [address, outHeight, outWidth, picture, row, column] = patchArguments(spec, source, input, copy);
  const geometry: Geometry = {
    source: address,
    outHeight,
    outWidth,
    picture,
    row,
    column,
    filterHeight: spec.filterHeight,
    filterWidth: spec.filterWidth,
    filterRow: spec.dilationHeight * source.width * pixel,
    filterColumn: spec.dilationWidth * pixel,
    channels: spec.inChannels,
    multiplier: spec.outChannels / spec.inChannels,
    weightStep: spec.outChannels * floatsOf(spec.dtype).bytes,
  };
  return geometry;
}

function call(spec: ConvSpec, exportName: string, args: readonly number[], extent: number): WasmCall {
  return { kind: 'wasm', module: depthwiseModule(spec.dtype), exportName, args, range: { extent, grain: 1 } };
}

/** Bytes of workspace of all three: a padded input, its gradient, or the output's. */
export function depthwiseWorkspace(spec: ConvSpec): number {
  const flipped = asFlipped(spec);
  return Math.max(paddedSource(spec).bytes, flipped === null ? 0 : paddedSource(flipped).bytes);
}

/** The gradient of the input as a convolution of the output's with the filter flipped; null where it is not one. */
function asFlipped(spec: ConvSpec): ConvSpec | null {
  const isOne = spec.strideHeight === 1 && spec.strideWidth === 1 && spec.outChannels === spec.inChannels;
  const [phase] = isOne ? inputGradientPhases(spec) : [];
  return phase === undefined || patchSizeOf(spec) === 0 ? null : phase.spec;
}

function flippedCalls(spec: ConvSpec, flipped: ConvSpec, addresses: InputGradientAddresses): WasmCall[] {
  const { filter, outGradient, inGradient, workspace } = addresses;
  const source = paddedSource(flipped);
  const geometry = geometryOf(flipped, outGradient, workspace);
  const { weightStep } = geometry;
  const lastWeights = filter + (spec.filterHeight * spec.filterWidth - 1) * weightStep;
  const args = [...argsOf({ ...geometry, weightStep: -weightStep }), spec.batch, lastWeights, inGradient];
  return [
    ...padCalls(flipped, source, outGradient, workspace),
    call(spec, 'forward', args, spec.batch * flipped.outHeight),
  ];
}

/** Mirrors DepthwiseConv2dNative. */
export function depthwiseCalls(spec: ConvSpec, { input, filter, output, workspace }: ConvAddresses): WasmCall[] {
  const rows = spec.batch * spec.outHeight;
  if (positionsOf(spec) * spec.outChannels === 0) return [];
  const args = [...argsOf(geometryOf(spec, input, workspace)), spec.batch, filter, output];
  return [...padCalls(spec, paddedSource(spec), input, workspace), call(spec, 'forward', args, rows)];
}

/** Mirrors DepthwiseConv2dNativeBackpropInput. */
export function depthwiseBackpropInputCalls(spec: ConvSpec, addresses: InputGradientAddresses): WasmCall[] {
  const { filter, outGradient, inGradient, workspace } = addresses;
  const elements = spec.batch * spec.inHeight * spec.inWidth * spec.inChannels;
  if (elements === 0) return [];
  const flipped = asFlipped(spec);
  if (flipped !== null) return flippedCalls(spec, flipped, addresses);
  const source = paddedSource(spec);
  const { bytes } = floatsOf(spec.dtype);
  if (positionsOf(spec) * spec.outChannels === 0) return zeroCalls(spec.dtype, elements, inGradient);
  const sums = source.copied ? workspace : inGradient;
  const args = [...argsOf(geometryOf(spec, inGradient, workspace)), spec.batch, filter, outGradient];
  return [
    ...zeroCalls(spec.dtype, source.copied ? source.bytes / bytes : elements, sums),
    call(spec, 'inputGradient', args, spec.batch * groupsOf(spec)),
    ...(source.copied ? cropCalls(spec, source, workspace, inGradient) : []),
  ];
}

/** Mirrors DepthwiseConv2dNativeBackpropFilter. */
export function depthwiseBackpropFilterCalls(spec: ConvSpec, addresses: FilterGradientAddresses): WasmCall[] {
  const { input, outGradient, filterGradient, workspace } = addresses;
  const elements = spec.filterHeight * spec.filterWidth * spec.outChannels;
  if (elements === 0) return [];
  if (positionsOf(spec) === 0) return zeroCalls(spec.dtype, elements, filterGradient);
  const args = [...argsOf(geometryOf(spec, input, workspace)), spec.batch, outGradient, filterGradient];
  return [
    ...padCalls(spec, paddedSource(spec), input, workspace),
    call(spec, 'filterGradient', args, spec.filterHeight * spec.filterWidth * groupsOf(spec)),
  ];
}
