/**
 * Depthwise convolutions and their gradients as kernel calls. A spec is a convolution's whose output channels are a multiple of its
 * input channels; the filter is height × width × inChannels × multiplier.
 */
import type { WasmCall } from '../kernelCall';
import { zeroCalls } from '../matmul/clear';
import { floatsOf } from '../matmul/floats';
import type { ConvAddresses, FilterGradientAddresses, InputGradientAddresses } from './conv';
import { type ConvSpec, paddedSource, patchArguments, positionsOf } from './convSpec';
import { CHANNEL_GROUP, DEPTHWISE_GEOMETRY, depthwiseModule } from './depthwiseKernels';
import { cropCalls, padCalls } from './pad';

const groupsOf = ({ inChannels }: ConvSpec) => Math.ceil(inChannels / CHANNEL_GROUP);

function geometryOf(spec: ConvSpec, input: number, copy: number): number[] {
  const source = paddedSource(spec);
  const pixel = spec.inChannels * floatsOf(spec.dtype).bytes;
  const [address, outHeight, outWidth, picture, row, column] = patchArguments(spec, source, input, copy);
  const geometry: Record<(typeof DEPTHWISE_GEOMETRY)[number], number> = {
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
  };
  return DEPTHWISE_GEOMETRY.map((name) => geometry[name]);
}

function call(spec: ConvSpec, exportName: string, args: readonly number[], extent: number): WasmCall {
  return { kind: 'wasm', module: depthwiseModule(spec.dtype), exportName, args, range: { extent, grain: 1 } };
}

/** Bytes of workspace of all three: a padded input, or its gradient. */
export function depthwiseWorkspace(spec: ConvSpec): number {
  return paddedSource(spec).bytes;
}

/** Mirrors DepthwiseConv2dNative. */
export function depthwiseCalls(spec: ConvSpec, { input, filter, output, workspace }: ConvAddresses): WasmCall[] {
  const rows = spec.batch * spec.outHeight;
  if (positionsOf(spec) * spec.outChannels === 0) return [];
  const args = [...geometryOf(spec, input, workspace), spec.batch, filter, output];
  return [...padCalls(spec, paddedSource(spec), input, workspace), call(spec, 'forward', args, rows)];
}

/** Mirrors DepthwiseConv2dNativeBackpropInput. */
export function depthwiseBackpropInputCalls(spec: ConvSpec, addresses: InputGradientAddresses): WasmCall[] {
  const { filter, outGradient, inGradient, workspace } = addresses;
  const elements = spec.batch * spec.inHeight * spec.inWidth * spec.inChannels;
  if (elements === 0) return [];
  const source = paddedSource(spec);
  const { bytes } = floatsOf(spec.dtype);
  if (positionsOf(spec) * spec.outChannels === 0) return zeroCalls(spec.dtype, elements, inGradient);
  const sums = source.copied ? workspace : inGradient;
  const args = [...geometryOf(spec, inGradient, workspace), spec.batch, filter, outGradient];
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
  const args = [...geometryOf(spec, input, workspace), spec.batch, outGradient, filterGradient];
  return [
    ...padCalls(spec, paddedSource(spec), input, workspace),
    call(spec, 'filterGradient', args, spec.filterHeight * spec.filterWidth * groupsOf(spec)),
  ];
}
