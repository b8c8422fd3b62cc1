/**
 * Convolutions and their gradients by BLAS: patches of some output rows at a time are written as a matrix of bounded size
 * (columns.ts), and BLAS multiplies it.
 */
import type { BlasCall, KernelCall } from '../kernelCall';
import { zeroCalls } from '../matmul/clear';
import { floatsOf } from '../matmul/floats';
import {
  conv2dPictures,
  filterGradientPictures,
  inputGradientPictures,
  picturesOf,
  pictureWorkspace,
} from './blasPictures';
import { type Chunk, gatherCall, type Picture, scatterCall } from './columns';
import type { ConvAddresses, FilterGradientAddresses, InputGradientAddresses } from './conv';
import { type ConvSpec, isPointwise, paddedSource, patchSizeOf, positionsOf } from './convSpec';
import { cropCalls, padCalls } from './pad';

/** Bytes that the patches at hand may have, unless those of one output row have more: they stay in the second cache. */
const CHUNK_BYTES = 640 << 10;

const aligned = (bytes: number) => Math.ceil(bytes / 64) * 64;

/** Rows of the output whose patches are in memory at a time. */
function chunkRows(spec: ConvSpec): number {
  const rowBytes = spec.outWidth * patchSizeOf(spec) * floatsOf(spec.dtype).bytes;
  const rows = spec.batch * spec.outHeight;
  const chunks = Math.ceil(rows / Math.max(1, Math.floor(CHUNK_BYTES / rowBytes)));
  return Math.ceil(rows / chunks);
}

/** Bytes of workspace of all three. */
export function conv2dBlasWorkspace(spec: ConvSpec): number {
  if (isPointwise(spec) || isEmpty(spec)) return 0;
  const pictures = picturesOf(spec);
  if (pictures) return pictureWorkspace(spec, pictures);
  const patches = chunkRows(spec) * spec.outWidth * patchSizeOf(spec) * floatsOf(spec.dtype).bytes;
  return aligned(paddedSource(spec).bytes) + patches;
}

const isEmpty = (spec: ConvSpec) => positionsOf(spec) * patchSizeOf(spec) * spec.outChannels === 0;

function chunksOf(spec: ConvSpec): Chunk[] {
  const [all, most] = [spec.batch * spec.outHeight, chunkRows(spec)];
  return Array.from({ length: Math.ceil(all / most) }, (_, i) => {
    const firstRow = i * most;
    const rows = Math.min(most, all - firstRow);
    return { firstRow, rows, first: firstRow * spec.outWidth, count: rows * spec.outWidth };
  });
}

/** The pictures that patches are read from, whose copy with zeros around them is at the start of the workspace. */
function pictureAt(spec: ConvSpec, input: number, workspace: number): Picture {
  const source = paddedSource(spec);
  return { source, at: source.copied ? workspace : input };
}

type Operands = Pick<
  BlasCall,
  'm' | 'n' | 'k' | 'a' | 'lda' | 'b' | 'ldb' | 'c' | 'ldc' | 'transposeA' | 'transposeB' | 'accumulate'
>;

const blas = (spec: ConvSpec, operands: Operands): BlasCall => ({ kind: 'blas', dtype: spec.dtype, ...operands });

/** output rows = patches · filter */
function forward(spec: ConvSpec, { first, count }: Chunk, a: number, filter: number, output: number): BlasCall {
  const [n, k] = [spec.outChannels, patchSizeOf(spec)];
  const c = output + first * n * floatsOf(spec.dtype).bytes;
  const flags = { transposeA: false, transposeB: false, accumulate: false };
  return blas(spec, { m: count, n, k, a, lda: k, b: filter, ldb: n, c, ldc: n, ...flags });
}

/** gradient of patches = output rows · filterᵀ, which is transposed already: products with a transposed matrix are slower. */
function backInput(spec: ConvSpec, { first, count }: Chunk, grad: number, filter: number, c: number): BlasCall {
  const [n, k] = [patchSizeOf(spec), spec.outChannels];
  const a = grad + first * k * floatsOf(spec.dtype).bytes;
  const flags = { transposeA: false, transposeB: false, accumulate: false };
  return blas(spec, { m: count, n, k, a, lda: k, b: filter, ldb: n, c, ldc: n, ...flags });
}

/** gradient of the filter += patchesᵀ · output rows */
function backFilter(spec: ConvSpec, { first, count }: Chunk, a: number, grad: number, c: number): BlasCall {
  const [m, n] = [patchSizeOf(spec), spec.outChannels];
  const b = grad + first * n * floatsOf(spec.dtype).bytes;
  const flags = { transposeA: true, transposeB: false, accumulate: first > 0 };
  return blas(spec, { m, n, k: count, a, lda: m, b, ldb: n, c, ldc: n, ...flags });
}

const wholeOf = (spec: ConvSpec): Chunk => ({
  firstRow: 0,
  rows: spec.batch * spec.outHeight,
  first: 0,
  count: positionsOf(spec),
});

/** As conv2dCalls, by BLAS. */
export function conv2dBlasCalls(spec: ConvSpec, { input, filter, output, workspace }: ConvAddresses): KernelCall[] {
  if (isEmpty(spec)) return zeroCalls(spec.dtype, positionsOf(spec) * spec.outChannels, output);
  if (isPointwise(spec)) return [forward(spec, wholeOf(spec), input, filter, output)];
  const picture = pictureAt(spec, input, workspace);
  const patches = workspace + aligned(picture.source.bytes);
  const pictures = picturesOf(spec);
  if (pictures) return conv2dPictures(spec, pictures, { input, filter, output, workspace });
  return [
    ...padCalls(spec, picture.source, input, workspace),
    ...chunksOf(spec).flatMap((chunk) => [
      gatherCall(spec, picture, chunk, patches),
      forward(spec, chunk, patches, filter, output),
    ]),
  ];
}

/** As conv2dBackpropInputCalls, by BLAS, and with the filter transposed: output channels first. */
export function conv2dBackpropInputBlasCalls(spec: ConvSpec, addresses: InputGradientAddresses): KernelCall[] {
  const { filter, outGradient, inGradient, workspace } = addresses;
  const elements = spec.batch * spec.inHeight * spec.inWidth * spec.inChannels;
  if (elements === 0 || isEmpty(spec)) return zeroCalls(spec.dtype, elements, inGradient);
  if (isPointwise(spec)) return [backInput(spec, wholeOf(spec), outGradient, filter, inGradient)];
  const pictures = picturesOf(spec);
  if (pictures) return inputGradientPictures(spec, pictures, addresses);
  const picture = pictureAt(spec, inGradient, workspace);
  const { source } = picture;
  const patches = workspace + aligned(source.bytes);
  const { bytes } = floatsOf(spec.dtype);
  return [
    ...(source.copied
      ? zeroCalls(spec.dtype, source.bytes / bytes, workspace)
      : zeroCalls(spec.dtype, elements, inGradient)),
    ...chunksOf(spec).flatMap((chunk) => [
      backInput(spec, chunk, outGradient, filter, patches),
      scatterCall(spec, picture, chunk, patches),
    ]),
    ...(source.copied ? cropCalls(spec, source, workspace, inGradient) : []),
  ];
}

/** As conv2dBackpropFilterCalls, by BLAS. */
export function conv2dBackpropFilterBlasCalls(spec: ConvSpec, addresses: FilterGradientAddresses): KernelCall[] {
  const { input, outGradient, filterGradient, workspace } = addresses;
  if (isEmpty(spec)) return zeroCalls(spec.dtype, patchSizeOf(spec) * spec.outChannels, filterGradient);
  if (isPointwise(spec)) return [backFilter(spec, wholeOf(spec), input, outGradient, filterGradient)];
  const pictures = picturesOf(spec);
  if (pictures) return filterGradientPictures(spec, pictures, addresses);
  const picture = pictureAt(spec, input, workspace);
  const patches = workspace + aligned(picture.source.bytes);
  return [
    ...padCalls(spec, picture.source, input, workspace),
    ...chunksOf(spec).flatMap((chunk) => [
      gatherCall(spec, picture, chunk, patches),
      backFilter(spec, chunk, patches, outGradient, filterGradient),
    ]),
  ];
}
