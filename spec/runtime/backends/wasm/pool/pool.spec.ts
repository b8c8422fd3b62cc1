import { expect } from 'chai';
import fc from 'fast-check';
import {
  averagePoolCalls,
  averagePoolGradientCalls,
  maxPoolCalls,
  maxPoolGradientCalls,
  type PoolSpec,
} from '../../../../../runtime/backends/wasm/pool/pool';
import { cutsOf, TARGETS, TestMemory } from '../../../../support/wasm';

type Floats = Float32Array | Float64Array;

/** No sum of the values below is larger, or it is infinite. */
const LARGEST = 4 * 4 * 4.25;

const small = (min: number, max: number) => fc.integer({ min, max });

/** One dimension, with what a window may cover of it: also windows that lie outside. */
const lines = fc.record({
  input: small(0, 9),
  window: small(1, 4),
  stride: small(1, 3),
  pad: small(0, 3),
  extra: small(0, 2),
});

const channels = fc.oneof(small(0, 9), fc.constantFrom(32, 33, 70));

/** Windows of 2 × 2 that tile the input. */
const tiled: fc.Arbitrary<PoolSpec> = fc
  .record({
    dtype: fc.constantFrom('float32' as const, 'float64' as const),
    batch: small(0, 3),
    channels,
    outHeight: small(0, 4),
    outWidth: small(0, 4),
  })
  .map(({ outHeight, outWidth, ...rest }) => {
    const sizes = { outHeight, outWidth, inHeight: 2 * outHeight, inWidth: 2 * outWidth };
    return {
      ...{ ...rest, ...sizes, windowHeight: 2, windowWidth: 2 },
      ...{ strideHeight: 2, strideWidth: 2, padTop: 0, padLeft: 0 },
    };
  });

const general: fc.Arbitrary<PoolSpec> = fc
  .record({
    dtype: fc.constantFrom('float32' as const, 'float64' as const),
    batch: small(0, 3),
    channels,
    height: lines,
    width: lines,
  })
  .map(({ dtype, batch, channels, height, width }) => {
    const outputs = ({ input, window, stride, pad, extra }: typeof height) =>
      Math.max(0, Math.floor((input + pad + extra - window) / stride) + 1);
    return {
      dtype,
      batch,
      channels,
      inHeight: height.input,
      inWidth: width.input,
      outHeight: outputs(height),
      outWidth: outputs(width),
      windowHeight: height.window,
      windowWidth: width.window,
      strideHeight: height.stride,
      strideWidth: width.stride,
      padTop: height.pad,
      padLeft: width.pad,
    };
  });

const specs = fc.oneof({ weight: 3, arbitrary: general }, { weight: 1, arbitrary: tiled });

/** Small whole numbers, so that there are ties, and some NaN, infinities and zeros of both signs. */
function values(dtype: PoolSpec['dtype'], length: number, seed: number): Floats {
  const out = dtype === 'float32' ? new Float32Array(length) : new Float64Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    const draw = (state >>> 8) % 64;
    const special = [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, -0];
    out[i] = draw < 4 ? special[draw] : (draw % 9) - 4.25;
  }
  return out;
}

/** The elements of each window in row-major order, channel by channel. */
function forEachWindow(s: PoolSpec, visit: (output: number, elements: number[]) => void): void {
  for (let output = 0; output < s.batch * s.outHeight * s.outWidth * s.channels; output++) {
    const channel = output % s.channels;
    const position = Math.floor(output / s.channels);
    const ox = position % s.outWidth;
    const oy = Math.floor(position / s.outWidth) % s.outHeight;
    const picture = Math.floor(position / s.outWidth / s.outHeight);
    const elements: number[] = [];
    for (let ky = 0; ky < s.windowHeight; ky++) {
      const y = oy * s.strideHeight - s.padTop + ky;
      for (let kx = 0; kx < s.windowWidth; kx++) {
        const x = ox * s.strideWidth - s.padLeft + kx;
        if (y < 0 || y >= s.inHeight || x < 0 || x >= s.inWidth) continue;
        elements.push(((picture * s.inHeight + y) * s.inWidth + x) * s.channels + channel);
      }
    }
    visit(output, elements);
  }
}

const inputSize = (s: PoolSpec) => s.batch * s.inHeight * s.inWidth * s.channels;
const outputSize = (s: PoolSpec) => s.batch * s.outHeight * s.outWidth * s.channels;

interface Case {
  run(
    memory: TestMemory,
    spec: PoolSpec,
    x: number,
    dy: number,
    out: number,
    cut: (e: number, g: number) => number[],
  ): void;
  /** The result, as runtime/kernels/pool.ts has it. */
  want(spec: PoolSpec, x: Floats, dy: Floats, out: Floats): void;
  readonly isGradient: boolean;
  /** How far results may be off, in units of the largest value. */
  readonly tolerance: number;
}

function firstMaximum(x: Floats, elements: readonly number[]): number {
  return elements.reduce((best, at) => (x[at] > x[best] ? at : best), elements[0]);
}

const CASES: Record<string, Case> = {
  maxPoolCalls: {
    isGradient: false,
    tolerance: 0,
    run: (memory, spec, input, _dy, output, cut) => memory.run(maxPoolCalls(spec, { input, output }), cut),
    want: (spec, x, _dy, out) => {
      const lowest = spec.dtype === 'float32' ? -3.4028234663852886e38 : -Number.MAX_VALUE;
      forEachWindow(spec, (to, elements) => {
        out[to] = elements.reduce((best, at) => (x[at] > best ? x[at] : best), lowest);
      });
    },
  },
  averagePoolCalls: {
    isGradient: false,
    tolerance: 1e-6,
    run: (memory, spec, input, _dy, output, cut) => memory.run(averagePoolCalls(spec, { input, output }), cut),
    want: (spec, x, _dy, out) =>
      forEachWindow(spec, (to, elements) => {
        out[to] = elements.reduce((sum, at) => sum + x[at], 0) / elements.length;
      }),
  },
  maxPoolGradientCalls: {
    isGradient: true,
    tolerance: 0,
    run: (memory, spec, input, outGradient, inGradient, cut) =>
      memory.run(maxPoolGradientCalls(spec, { input, outGradient, inGradient }), cut),
    want: (spec, x, dy, out) => {
      out.fill(0);
      forEachWindow(spec, (from, elements) => {
        if (elements.length > 0) out[firstMaximum(x, elements)] += dy[from];
      });
    },
  },
  averagePoolGradientCalls: {
    isGradient: true,
    tolerance: 1e-6,
    run: (memory, spec, _input, outGradient, inGradient, cut) =>
      memory.run(averagePoolGradientCalls(spec, { outGradient, inGradient }), cut),
    want: (spec, _x, dy, out) => {
      out.fill(0);
      forEachWindow(spec, (from, elements) => {
        for (const at of elements) out[at] += dy[from] / elements.length;
      });
    },
  },
};

for (const [name, { run, want, isGradient, tolerance }] of Object.entries(CASES)) {
  describe(name, () => {
    for (const target of TARGETS) {
      it(`agrees with the plain kernel, ties and NaN included (${JSON.stringify(target)})`, () => {
        fc.assert(
          fc.property(specs, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (spec, chances) => {
            const x = values(spec.dtype, inputSize(spec), 1);
            const dy = values(spec.dtype, outputSize(spec), 2);
            const out = values(spec.dtype, isGradient ? x.length : dy.length, 3);
            const memory = new TestMemory(target);
            const address = memory.put(out);
            run(memory, spec, memory.put(x), memory.put(dy), address, cutsOf(chances));
            const got = memory.read(out, address, out.length);
            want(spec, x, dy, out);
            for (let i = 0; i < out.length; i++) {
              const isClose = Object.is(got[i], out[i]) || Math.abs(got[i] - out[i]) <= tolerance * LARGEST;
              if (!isClose) expect.fail(`${JSON.stringify(spec)}: [${i}] is ${got[i]}, not ${out[i]}`);
            }
          }),
          { numRuns: 60, seed: 21 },
        );
      });
    }
  });
}
