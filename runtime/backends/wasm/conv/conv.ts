/**
 * Convolutions and their gradients as kernel calls: products with patches that are gathered on the way (patches.ts), or plain
 * products where patches are pixels.
 */
import type { WasmCall } from '../kernelCall';
import { kBlockOf, panelWidth } from '../matmul/block';
import { zeroCalls } from '../matmul/clear';
import type { Epilogue } from '../matmul/epilogue';
import { floatsOf } from '../matmul/floats';
import { type MatmulSpec, matmulCalls, matmulWorkspace } from '../matmul/matmul';
import { packCall, packedBytes } from '../matmul/product';
import {
  type ConvSpec,
  isPointwise,
  type PaddedSource,
  paddedSource,
  patchArguments,
  patchSizeOf,
  positionsOf,
} from './convSpec';
import { inputGradientPhases, type Phase } from './inputGradient';
import { padCalls, padModule } from './pad';
import { type PatchRows, patchModule } from './patches';

export type { ConvSpec } from './convSpec';

export interface ConvAddresses {
  readonly input: number;
  readonly filter: number;
  readonly output: number;
  readonly workspace: number;
}

export interface InputGradientAddresses {
  readonly filter: number;
  readonly outGradient: number;
  readonly inGradient: number;
  readonly workspace: number;
}

export interface FilterGradientAddresses {
  readonly input: number;
  readonly outGradient: number;
  readonly filterGradient: number;
  readonly workspace: number;
}

/** Rows in a part of the work, at least. */
const GRAIN = 12;

const aligned = (bytes: number) => Math.ceil(bytes / 64) * 64;

/** Bytes of a matrix of B in panels. */
const panelBytes = ({ dtype }: ConvSpec, n: number, k: number) => aligned(packedBytes(dtype, n, k));

/** A dense matrix or, with its strides changed over, a transposed one. */
const dense = (columns: number) => ({ rowStride: columns, columnStride: 1, batchStride: 0 });
const transposed = (rows: number) => ({ rowStride: 1, columnStride: rows, batchStride: 0 });

/** output = input * filter, as a product of pixels. */
function forwardProduct(spec: ConvSpec): MatmulSpec {
  const { dtype, outChannels: n } = spec;
  const k = patchSizeOf(spec);
  return { dtype, batch: 1, m: positionsOf(spec), n, k, a: dense(k), b: dense(n), c: dense(n) };
}

function inputGradientProduct(spec: ConvSpec): MatmulSpec {
  const { dtype, inChannels: n, outChannels: k } = spec;
  return { dtype, batch: 1, m: positionsOf(spec), n, k, a: dense(k), b: transposed(k), c: dense(n) };
}

function filterGradientProduct(spec: ConvSpec): MatmulSpec {
  const { dtype, inChannels: m, outChannels: n } = spec;
  return { dtype, batch: 1, m, n, k: positionsOf(spec), a: transposed(m), b: dense(n), c: dense(n) };
}

/** Bytes of workspace of conv2dCalls. */
export function conv2dWorkspace(spec: ConvSpec): number {
  if (isPointwise(spec)) return matmulWorkspace(forwardProduct(spec));
  return aligned(paddedSource(spec).bytes) + panelBytes(spec, spec.outChannels, patchSizeOf(spec));
}

/**
 * The convolution of an input with a filter. Mirrors Conv2D. An epilogue's rows are positions, its columns are channels.
 */
export function conv2dCalls(
  spec: ConvSpec,
  { input, filter, output, workspace }: ConvAddresses,
  epilogue: Epilogue | null = null,
): WasmCall[] {
  // A product over nothing is the same whatever the windows are.
  if (isPointwise(spec) || patchSizeOf(spec) === 0) {
    return matmulCalls(forwardProduct(spec), { a: input, b: filter, c: output, workspace }, epilogue);
  }
  const { dtype, outChannels: n } = spec;
  const [m, k] = [positionsOf(spec), patchSizeOf(spec)];
  if (m * n === 0) return [];
  const source = paddedSource(spec);
  const packed = workspace + aligned(source.bytes);
  return [
    ...padCalls(spec, source, input, workspace),
    packCall(dtype, { source: filter, rows: n, k, rowStride: 1, kStride: n, to: packed }),
    patchCall(spec, 'positions', { input, copy: workspace, packed, c: output, m, n, k }, epilogue),
  ];
}

interface PatchProduct {
  readonly input: number;
  readonly copy: number;
  readonly packed: number;
  readonly c: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

function patchCall(
  spec: ConvSpec,
  rows: PatchRows,
  { input, copy, packed, c, m, n, k }: PatchProduct,
  epilogue: Epilogue | null = null,
): WasmCall {
  const panelRow = panelWidth(spec.dtype) * floatsOf(spec.dtype).bytes;
  const args = [
    ...patchArguments(spec, paddedSource(spec), input, copy),
    packed,
    panelRow,
    panelRow * k,
    c,
    n * floatsOf(spec.dtype).bytes,
    n,
    k,
    kBlockOf(spec.dtype, k),
    ...(epilogue?.args ?? []),
  ];
  const range = { extent: m, grain: GRAIN };
  return { kind: 'wasm', module: patchModule(spec.dtype, rows, epilogue), exportName: rows, args, range };
}

/** What the calls of one phase need: a padded gradient, a packed filter and, if phases interleave, the phase's pixels. */
function phaseBytes(spec: ConvSpec, { spec: inner }: Phase): number {
  const pixels = isInterleaved(spec) ? positionsOf(inner) * inner.outChannels * floatsOf(spec.dtype).bytes : 0;
  return (
    aligned(paddedSource(inner).bytes) + panelBytes(inner, inner.outChannels, patchSizeOf(inner)) + aligned(pixels)
  );
}

const isInterleaved = ({ strideHeight, strideWidth }: ConvSpec) => strideHeight > 1 || strideWidth > 1;

/** Bytes of workspace of conv2dBackpropInputCalls. */
export function conv2dBackpropInputWorkspace(spec: ConvSpec): number {
  if (isPointwise(spec)) return matmulWorkspace(inputGradientProduct(spec));
  return Math.max(0, ...inputGradientPhases(spec).map((phase) => phaseBytes(spec, phase)));
}

/** Whether conv2dBackpropInputCalls takes an epilogue: where one product gives the whole gradient. */
export function backpropInputTakesEpilogue(spec: ConvSpec): boolean {
  return !isInterleaved(spec) && positionsOf(spec) * spec.outChannels * spec.filterHeight * spec.filterWidth > 0;
}

/**
 * The gradient of a convolution with respect to its input. Mirrors Conv2DBackpropInput. An epilogue's rows are the input's pixels,
 * its columns are channels.
 */
export function conv2dBackpropInputCalls(
  spec: ConvSpec,
  addresses: InputGradientAddresses,
  epilogue: Epilogue | null = null,
): WasmCall[] {
  if (epilogue !== null && !backpropInputTakesEpilogue(spec)) {
    throw new Error('The gradient of an input with strides, or of nothing, takes no epilogue.');
  }
  const { filter, outGradient, inGradient, workspace } = addresses;
  if (isPointwise(spec)) {
    return matmulCalls(inputGradientProduct(spec), { a: outGradient, b: filter, c: inGradient, workspace }, epilogue);
  }
  const pixels = spec.batch * spec.inHeight * spec.inWidth;
  if (pixels * spec.inChannels === 0) return [];
  const phases = inputGradientPhases(spec);
  const covered = phases.reduce((sum, { spec: inner }) => sum + positionsOf(inner), 0);
  return [
    ...(covered < pixels ? zeroCalls(spec.dtype, pixels * spec.inChannels, inGradient) : []),
    ...phases.flatMap((phase) => phaseCalls(spec, phase, addresses, epilogue)),
  ];
}

function phaseCalls(
  spec: ConvSpec,
  phase: Phase,
  addresses: InputGradientAddresses,
  epilogue: Epilogue | null,
): WasmCall[] {
  const { filter, outGradient, inGradient, workspace } = addresses;
  const inner = phase.spec;
  const source = paddedSource(inner);
  const [m, n, k] = [positionsOf(inner), inner.outChannels, patchSizeOf(inner)];
  const packed = workspace + aligned(source.bytes);
  const pixels = packed + panelBytes(inner, n, k);
  const c = isInterleaved(spec) ? pixels : inGradient;
  return [
    ...padCalls(inner, source, outGradient, workspace),
    ...phase.tapRows.map(({ tap, tapStep, taps, at }) =>
      packCall(spec.dtype, {
        source: filter,
        offset: tap * n * spec.outChannels,
        rows: n,
        k: spec.outChannels,
        rowStride: spec.outChannels,
        kStride: 1,
        matrices: { count: taps, stride: tapStep * n * spec.outChannels },
        to: packed,
        place: { first: at * spec.outChannels, wholeK: k },
      }),
    ),
    patchCall(inner, 'positions', { input: outGradient, copy: workspace, packed, c, m, n, k }, epilogue),
    ...(isInterleaved(spec) ? [spreadCall(spec, phase, pixels, inGradient)] : []),
  ];
}

function spreadCall(spec: ConvSpec, { spec: inner, y, x }: Phase, from: number, to: number): WasmCall {
  const pixel = spec.inChannels * floatsOf(spec.dtype).bytes;
  const row = spec.inWidth * pixel;
  const { outHeight, outWidth } = inner;
  const steps = [spec.inHeight * row, spec.strideHeight * row, spec.strideWidth * pixel];
  const args = [from, to + y * row + x * pixel, outHeight, outWidth, pixel, ...steps];
  const range = { extent: spec.batch * outHeight, grain: 8 };
  return { kind: 'wasm', module: padModule, exportName: 'spread', args, range };
}

/** Bytes of workspace of conv2dBackpropFilterCalls. */
export function conv2dBackpropFilterWorkspace(spec: ConvSpec): number {
  if (isPointwise(spec)) return matmulWorkspace(filterGradientProduct(spec));
  const source: PaddedSource = paddedSource(spec);
  return aligned(source.bytes) + panelBytes(spec, spec.outChannels, positionsOf(spec));
}

/** The gradient of a convolution with respect to its filter. Mirrors Conv2DBackpropFilter. */
export function conv2dBackpropFilterCalls(spec: ConvSpec, addresses: FilterGradientAddresses): WasmCall[] {
  const { input, outGradient, filterGradient, workspace } = addresses;
  if (isPointwise(spec)) {
    return matmulCalls(filterGradientProduct(spec), { a: input, b: outGradient, c: filterGradient, workspace });
  }
  const { dtype, outChannels: n } = spec;
  const [m, k] = [patchSizeOf(spec), positionsOf(spec)];
  if (m * n === 0) return [];
  if (k === 0) return zeroCalls(dtype, m * n, filterGradient);
  const source = paddedSource(spec);
  const packed = workspace + aligned(source.bytes);
  return [
    ...padCalls(spec, source, input, workspace),
    packCall(dtype, { source: outGradient, rows: n, k, rowStride: 1, kStride: n, to: packed }),
    patchCall(spec, 'elements', { input, copy: workspace, packed, c: filterGradient, m, n, k }),
  ];
}
