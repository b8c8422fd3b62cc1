/**
 * Convolutions by BLAS, picture by picture, where windows go down one row at a time: what a row of the filter meets at output row y is
 * what the row before it meets at y + 1. So only rows of patches are written out, once for all rows of the filter, which makes a
 * matrix of patches that is as much smaller; each row of the filter is multiplied by another part of it.
 *
 * Terms are the filter's rows. In the gradient of the filter they have results of their own, and the pictures are added up.
 */
import type { BlasCall, KernelCall } from '../kernelCall';
import { zeroCalls } from '../matmul/clear';
import { floatsOf } from '../matmul/floats';
import { type Chunk, gatherCall, type Picture, scatterCall } from './columns';
import type { ConvAddresses, FilterGradientAddresses, InputGradientAddresses } from './conv';
import { type ConvSpec, paddedSource, positionsOf } from './convSpec';
import { cropCalls, padCalls } from './pad';

/** Bytes of rows of patches at a time: they stay in the second cache. One picture's may not take more. */
const CHUNK_BYTES = 640 << 10;

/** Elements of a row of a patch: shorter products do not pay. */
const LEAST_RUN = 64;

export interface Pictures {
  /** Rows of patches as patches of a filter of one row, at every row that the filter meets. */
  readonly inner: ConvSpec;
  /** Elements of a row of a patch, and of all of a picture. */
  readonly run: number;
  readonly size: number;
  /** Pictures whose rows of patches are in memory at a time. */
  readonly most: number;
}

/** How a convolution is done picture by picture; null where it is not. */
export function picturesOf(spec: ConvSpec): Pictures | null {
  const { filterHeight, filterWidth, inChannels, outHeight, outWidth } = spec;
  const run = filterWidth * inChannels;
  if (spec.strideHeight !== 1 || filterHeight === 1 || run < LEAST_RUN) return null;
  const rows = outHeight + (filterHeight - 1) * spec.dilationHeight;
  const size = rows * outWidth * run;
  const most = Math.floor(CHUNK_BYTES / (size * floatsOf(spec.dtype).bytes));
  if (most === 0) return null;
  return { inner: { ...spec, filterHeight: 1, outHeight: rows, dilationHeight: 1 }, run, size, most };
}

const aligned = (bytes: number) => Math.ceil(bytes / 64) * 64;

/** Bytes of workspace of all three. */
export function pictureWorkspace(spec: ConvSpec, { size, most }: Pictures): number {
  return aligned(paddedSource(spec).bytes) + Math.min(most, spec.batch) * size * floatsOf(spec.dtype).bytes;
}

/** Some pictures: the first one, how many, and their rows of patches as a chunk of the inner convolution. */
interface Part {
  readonly first: number;
  readonly count: number;
  readonly chunk: Chunk;
}

function partsOf({ batch, outWidth }: ConvSpec, { inner, most }: Pictures): Part[] {
  return Array.from({ length: Math.ceil(batch / most) }, (_, i) => {
    const first = i * most;
    const count = Math.min(most, batch - first);
    const [firstRow, rows] = [first * inner.outHeight, count * inner.outHeight];
    return { first, count, chunk: { firstRow, rows, first: firstRow * outWidth, count: rows * outWidth } };
  });
}

/** What the calls of a part need to know. */
interface Places {
  readonly picture: Picture;
  readonly patches: number;
  /** Elements of a picture's output, and bytes of an element. */
  readonly output: number;
  readonly bytes: number;
  /** From a row of the filter to the next: elements of the patches' rows, and of the filter. */
  readonly down: number;
  readonly taps: number;
}

function placesOf(spec: ConvSpec, { run }: Pictures, input: number, workspace: number): Places {
  const source = paddedSource(spec);
  return {
    picture: { source, at: source.copied ? workspace : input },
    patches: workspace + aligned(source.bytes),
    output: spec.outHeight * spec.outWidth * spec.outChannels,
    bytes: floatsOf(spec.dtype).bytes,
    down: spec.dilationHeight * spec.outWidth * run,
    taps: run * spec.outChannels,
  };
}

type Operands = Omit<BlasCall, 'kind' | 'dtype' | 'transposeB'>;

const blas = ({ dtype }: ConvSpec, operands: Operands): BlasCall => ({
  ...{ kind: 'blas', dtype, transposeB: false },
  ...operands,
});

/** output = the sum of rows of patches · rows of the filter. */
export function conv2dPictures(spec: ConvSpec, pictures: Pictures, addresses: ConvAddresses): KernelCall[] {
  const { input, filter, output, workspace } = addresses;
  const p = placesOf(spec, pictures, input, workspace);
  const [m, n, k] = [spec.outHeight * spec.outWidth, spec.outChannels, pictures.run];
  const operands = { transposeA: false, m, n, k, a: p.patches, lda: k, b: filter, ldb: n, ldc: n, accumulate: false };
  return [
    ...padCalls(spec, p.picture.source, input, workspace),
    ...partsOf(spec, pictures).flatMap(({ first, count, chunk }) => [
      gatherCall(pictures.inner, p.picture, chunk, p.patches),
      blas(spec, {
        ...operands,
        c: output + first * p.output * p.bytes,
        batch: { count, a: pictures.size, b: 0, c: p.output },
        terms: { count: spec.filterHeight, a: p.down, b: p.taps, c: 0 },
      }),
    ]),
  ];
}

/** gradient of rows of patches += output rows · each row of the filter, transposed. */
export function inputGradientPictures(
  spec: ConvSpec,
  pictures: Pictures,
  { filter, outGradient, inGradient, workspace }: InputGradientAddresses,
): KernelCall[] {
  const p = placesOf(spec, pictures, inGradient, workspace);
  const { source } = p.picture;
  const [m, n, k] = [spec.outHeight * spec.outWidth, pictures.run, spec.outChannels];
  const ldb = spec.filterHeight * n;
  const operands = { transposeA: false, m, n, k, lda: k, b: filter, ldb, c: p.patches, ldc: n, accumulate: true };
  const elements = spec.batch * spec.inHeight * spec.inWidth * spec.inChannels;
  return [
    ...zeroCalls(spec.dtype, source.copied ? source.bytes / p.bytes : elements, source.copied ? workspace : inGradient),
    ...partsOf(spec, pictures).flatMap(({ first, count, chunk }) => [
      ...zeroCalls(spec.dtype, count * pictures.size, p.patches),
      blas(spec, {
        ...operands,
        a: outGradient + first * p.output * p.bytes,
        batch: { count, a: p.output, b: 0, c: pictures.size },
        terms: { count: spec.filterHeight, a: 0, b: n, c: p.down },
      }),
      scatterCall(pictures.inner, p.picture, chunk, p.patches),
    ]),
    ...(source.copied ? cropCalls(spec, source, workspace, inGradient) : []),
  ];
}

/** gradient of each row of the filter += rows of patches, transposed · output rows. */
export function filterGradientPictures(
  spec: ConvSpec,
  pictures: Pictures,
  { input, outGradient, filterGradient, workspace }: FilterGradientAddresses,
): KernelCall[] {
  const p = placesOf(spec, pictures, input, workspace);
  const [m, n, k] = [pictures.run, spec.outChannels, positionsOf(spec) / spec.batch];
  const operands = { transposeA: true, m, n, k, a: p.patches, lda: m, ldb: n, c: filterGradient, ldc: n };
  return [
    ...padCalls(spec, p.picture.source, input, workspace),
    ...partsOf(spec, pictures).flatMap(({ first, count, chunk }) => [
      gatherCall(pictures.inner, p.picture, chunk, p.patches),
      blas(spec, {
        ...operands,
        b: outGradient + first * p.output * p.bytes,
        accumulate: first > 0,
        batch: { count: spec.filterHeight, a: p.down, b: 0, c: p.taps },
        terms: { count, a: pictures.size, b: p.output, c: 0 },
      }),
    ]),
  ];
}
