/**
 * Generated convolutions, and sums in double precision over everything that an output depends on, term by term, with the sum of
 * their magnitudes: what a kernel's error is measured by.
 */
import fc from 'fast-check';
import type { ConvSpec } from '../../../../../runtime/backends/wasm/conv/conv';

export type Floats = Float32Array | Float64Array;

const small = (min: number, max: number) => fc.integer({ min, max });

/** One dimension: input, filter, stride, dilation, and the padding before. */
const lines = fc
  .record({
    input: fc.oneof(small(0, 3), small(1, 11)),
    filter: fc.oneof(small(1, 3), small(1, 5), small(0, 1)),
    stride: small(1, 3),
    dilation: small(1, 2),
    padding: fc.constantFrom('SAME', 'VALID', 'EXPLICIT'),
    before: small(0, 3),
    after: small(0, 3),
  })
  .map(({ input, filter, stride, dilation, padding, before, after }) => {
    const reach = Math.max(0, (filter - 1) * dilation + 1);
    if (padding === 'SAME') {
      const output = Math.ceil(input / stride);
      const needed = Math.max(0, (output - 1) * stride + reach - input);
      return { input, filter, stride, dilation, pad: Math.floor(needed / 2), output };
    }
    const [low, high] = padding === 'EXPLICIT' ? [before, after] : [0, 0];
    const output = Math.max(0, Math.floor((input + low + high - reach + stride) / stride));
    return { input, filter, stride, dilation, pad: low, output };
  });

export const convSpecs: fc.Arbitrary<ConvSpec> = fc
  .record({
    dtype: fc.constantFrom('float32' as const, 'float64' as const),
    batch: small(0, 3),
    inChannels: fc.oneof(small(0, 5), fc.constantFrom(8, 13, 32)),
    outChannels: fc.oneof(small(0, 5), fc.constantFrom(8, 11, 20)),
    height: lines,
    width: lines,
  })
  .map(({ dtype, batch, inChannels, outChannels, height, width }) => ({
    dtype,
    batch,
    inHeight: height.input,
    inWidth: width.input,
    inChannels,
    outHeight: height.output,
    outWidth: width.output,
    outChannels,
    filterHeight: height.filter,
    filterWidth: width.filter,
    strideHeight: height.stride,
    strideWidth: width.stride,
    dilationHeight: height.dilation,
    dilationWidth: width.dilation,
    padTop: height.pad,
    padLeft: width.pad,
  }));

/** Convolutions that take several blocks of rows and of k, and several chunks of patches or of pictures. */
export const LARGER_SPECS: readonly ConvSpec[] = [
  { height: 20, width: 21, from: 24, to: 10, size: 5, stride: 1, dilation: 1, pad: 2, batch: 2 },
  { height: 12, width: 14, from: 32, to: 5, size: 5, stride: 1, dilation: 1, pad: 0, batch: 13 },
  { height: 11, width: 15, from: 33, to: 6, size: 3, stride: 1, dilation: 2, pad: 2, batch: 7 },
  { height: 43, width: 40, from: 24, to: 3, size: 5, stride: 1, dilation: 1, pad: 1, batch: 2 },
  { height: 61, width: 37, from: 31, to: 5, size: 4, stride: 2, dilation: 2, pad: 3, batch: 4 },
].map(({ height, width, from, to, size, stride, dilation, pad, batch }) => {
  const outputs = (input: number) => Math.floor((input + 2 * pad - (size - 1) * dilation - 1) / stride) + 1;
  return {
    dtype: 'float32',
    batch,
    inHeight: height,
    inWidth: width,
    inChannels: from,
    outHeight: outputs(height),
    outWidth: outputs(width),
    outChannels: to,
    filterHeight: size,
    filterWidth: size,
    strideHeight: stride,
    strideWidth: stride,
    dilationHeight: dilation,
    dilationWidth: dilation,
    padTop: pad,
    padLeft: pad,
  };
});

/** Numbers that look random, between -1 and 1. */
export function values(dtype: ConvSpec['dtype'], length: number, seed: number): Floats {
  const out = dtype === 'float32' ? new Float32Array(length) : new Float64Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    out[i] = state / 0x80000000;
  }
  return out;
}

export interface Tensors {
  readonly input: Floats;
  readonly filter: Floats;
  readonly output: Floats;
}

export function tensorsOf(spec: ConvSpec): Tensors {
  const { dtype, batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = spec;
  return {
    input: values(dtype, batch * inHeight * inWidth * inChannels, 1),
    filter: values(dtype, spec.filterHeight * spec.filterWidth * inChannels * outChannels, 2),
    output: values(dtype, batch * outHeight * outWidth * outChannels, 3),
  };
}

/** Calls `visit` with the indices of every product that a convolution sums: of input, filter and output. */
export function forEachProduct(s: ConvSpec, visit: (input: number, filter: number, output: number) => void): void {
  for (let b = 0; b < s.batch; b++) {
    for (let oy = 0; oy < s.outHeight; oy++) {
      for (let ox = 0; ox < s.outWidth; ox++) {
        for (let ky = 0; ky < s.filterHeight; ky++) {
          const y = oy * s.strideHeight - s.padTop + ky * s.dilationHeight;
          if (y < 0 || y >= s.inHeight) continue;
          for (let kx = 0; kx < s.filterWidth; kx++) {
            const x = ox * s.strideWidth - s.padLeft + kx * s.dilationWidth;
            if (x < 0 || x >= s.inWidth) continue;
            for (let ci = 0; ci < s.inChannels; ci++) {
              for (let co = 0; co < s.outChannels; co++) {
                visit(
                  ((b * s.inHeight + y) * s.inWidth + x) * s.inChannels + ci,
                  ((ky * s.filterWidth + kx) * s.inChannels + ci) * s.outChannels + co,
                  ((b * s.outHeight + oy) * s.outWidth + ox) * s.outChannels + co,
                );
              }
            }
          }
        }
      }
    }
  }
}

export type Role = keyof Tensors;

/** Sums in double precision, with what bounds the error of any order of adding them up. */
export interface Sums {
  readonly sums: Float64Array;
  /** Sums of the terms' magnitudes, and how many terms there are. */
  readonly magnitudes: Float64Array;
  readonly terms: Int32Array;
}

export function emptySums(length: number): Sums {
  return { sums: new Float64Array(length), magnitudes: new Float64Array(length), terms: new Int32Array(length) };
}

export function addTerm({ sums, magnitudes, terms }: Sums, at: number, term: number): void {
  sums[at] += term;
  magnitudes[at] += Math.abs(term);
  terms[at]++;
}

/** The sums that belong to one of the three tensors, of products of the other two. */
export function sumsFor(spec: ConvSpec, { input, filter, output }: Tensors, role: Role): Sums {
  const sums = emptySums({ input, filter, output }[role].length);
  forEachProduct(spec, (i, f, o) => {
    if (role === 'output') addTerm(sums, o, input[i] * filter[f]);
    else if (role === 'input') addTerm(sums, i, output[o] * filter[f]);
    else addTerm(sums, f, input[i] * output[o]);
  });
  return sums;
}

/** The first element that is further from its sum than rounding explains. */
export function firstWrong(got: Floats, { sums, magnitudes, terms }: Sums): string | null {
  const unit = got instanceof Float32Array ? 2 ** -24 : 2 ** -52;
  for (let i = 0; i < got.length; i++) {
    const isClose = Math.abs(got[i] - sums[i]) <= magnitudes[i] * unit * (terms[i] + 2);
    if (!isClose) return `[${i}] is ${got[i]}, not ${sums[i]}`;
  }
  return null;
}
