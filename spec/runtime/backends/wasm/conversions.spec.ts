import { expect } from 'chai';
import type { DType } from '../../../../graph/dtypes';
import * as dtypes from '../../../../graph/dtypes';
import { NdArray } from '../../../../graph/ndarray';
import type { FunctionBuilder, Local } from '../../../../runtime/backends/wasm/assembler/functionBuilder';
import * as conversions from '../../../../runtime/backends/wasm/math/conversions';
import {
  emitCompareInt64,
  emitMinMaxInt64,
  emitSignFloats,
  emitSignIntegers,
} from '../../../../runtime/backends/wasm/math/selection';
import type { KernelContext } from '../../../../runtime/kernel';
import { castKernels } from '../../../../runtime/kernels/cast';
import { instantiate, VectorKernel } from './vectorHarness';

const magnitudes = [
  0,
  0.5,
  1,
  1.5,
  127.9,
  255.99,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 31 - 0.5,
  2 ** 31 + 0.5,
  2 ** 32 - 1,
  2 ** 32,
];
const floats = [
  ...magnitudes,
  2 ** 32 + 12345.5,
  2 ** 53 + 2,
  2 ** 63 - 1024,
  2 ** 63,
  2 ** 63 + 2048,
  2 ** 64,
  1e300,
  Infinity,
  NaN,
].flatMap((x) => [x, -x]);

/** What the plain kernel of Cast makes of an array. */
function cast(x: NdArray, dtype: DType): ArrayLike<number | bigint> {
  const context = { outputTypes: [dtype], attr: () => false } as unknown as KernelContext;
  return (castKernels.Cast([x], context) as NdArray).data as ArrayLike<number | bigint>;
}

describe('conversions in WebAssembly', () => {
  for (const [name, emit, dtype] of [
    ['int32', conversions.emitFloat32ToInt32, dtypes.int32],
    ['uint32', conversions.emitFloat32ToUint32, dtypes.uint32],
  ] as const) {
    it(`cast float32 to ${name} as the plain kernel does`, () => {
      const kernel = new VectorKernel(Float32Array, 44, 1, emit);
      const [x] = kernel.operands;
      x.set(floats);
      kernel.run();
      const got = new Uint32Array(kernel.out.buffer, kernel.out.byteOffset, x.length);
      const want = Uint32Array.from(
        cast(new NdArray(dtypes.float32, [x.length], x.slice()), dtype) as ArrayLike<number>,
      );
      expect([...got]).to.deep.equal([...want]);
    });
  }

  for (const [name, emit, dtype] of [
    ['int32', conversions.emitFloat64ToInt32, dtypes.int32],
    ['uint32', conversions.emitFloat64ToUint32, dtypes.uint32],
  ] as const) {
    it(`cast float64 to ${name} as the plain kernel does`, () => {
      const kernel = new VectorKernel(Float64Array, floats.length, 1, emit);
      kernel.operands[0].set(floats);
      kernel.run();
      const words = new Uint32Array(kernel.out.buffer, kernel.out.byteOffset, 2 * floats.length);
      const got = floats.map((_, i) => words[4 * (i >> 1) + (i & 1)]);
      const want = cast(new NdArray(dtypes.float64, [floats.length], Float64Array.from(floats)), dtype);
      expect(got).to.deep.equal([...Uint32Array.from(want as ArrayLike<number>)]);
    });
  }

  for (const [name, emit, dtype] of [
    ['int64', conversions.emitFloat64ToInt64, dtypes.int64],
    ['uint64', conversions.emitFloat64ToUint64, dtypes.uint64],
  ] as const) {
    it(`cast float64 to ${name} as the plain kernel does`, () => {
      const { exports } = instantiate((module) => module.define('cast', ['f64'], ['i64'], emit));
      const want = [
        ...(cast(new NdArray(dtypes.float64, [floats.length], Float64Array.from(floats)), dtype) as BigInt64Array),
      ];
      const got = floats.map((x) => BigInt.asIntN(64, exports.cast(x) as unknown as bigint));
      expect(got).to.deep.equal(want.map((x) => BigInt.asIntN(64, x)));
    });
  }

  it('cast to bool what is not zero to true, NaN too', () => {
    const kernel = new VectorKernel(Float32Array, 8, 1, (f, x) => conversions.emitIsTrue(f, 'f32x4', x));
    kernel.operands[0].set([0, -0, 1e-45, NaN, 1, -1, Infinity, 0]);
    kernel.run();
    const got = new Int32Array(kernel.out.buffer, kernel.out.byteOffset, 8);
    expect([...got]).to.deep.equal([0, 0, -1, -1, -1, -1, -1, 0]);
  });
});

describe('selections in WebAssembly', () => {
  it('know the sign of floats, of zeros and NaN too', () => {
    for (const [type, shape] of [
      [Float32Array, 'f32x4'],
      [Float64Array, 'f64x2'],
    ] as const) {
      const values = [0, -0, 3, -3, Infinity, -Infinity, NaN, -1e-45];
      const kernel = new VectorKernel<Float32Array | Float64Array>(type, 8, 1, (f, x) => emitSignFloats(f, shape, x));
      kernel.operands[0].set(values);
      kernel.run();
      expect([...kernel.out]).to.deep.equal([...kernel.operands[0]].map(Math.sign));
    }
  });

  it('know the sign of integers', () => {
    const ints = new VectorKernel(Int32Array, 4, 1, (f, x) => emitSignIntegers(f, 'i32x4', x));
    ints.operands[0].set([0, -5, 7, -(2 ** 31)]);
    ints.run();
    expect([...ints.out]).to.deep.equal([0, -1, 1, -1]);
    const longs = new VectorKernel(BigInt64Array, 2, 1, (f, x) => emitSignIntegers(f, 'i64x2', x));
    longs.operands[0].set([-(2n ** 63n), 2n ** 40n]);
    longs.run();
    expect([...longs.out]).to.deep.equal([-1n, 1n]);
  });

  it('compare 64-bit lanes, signed and unsigned', () => {
    const pairs: [bigint, bigint][] = [1n, -1n, 0n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 32n, -(2n ** 32n) - 1n].flatMap(
      (x, _, all) => all.map((y): [bigint, bigint] => [x, y]),
    );
    pairs.push([5n, 5n]);
    const run = (emit: (f: FunctionBuilder, x: Local, y: Local) => void): bigint[] => {
      const kernel = new VectorKernel(BigInt64Array, pairs.length, 2, emit);
      pairs.forEach(([x, y], i) => {
        kernel.operands[0][i] = x;
        kernel.operands[1][i] = y;
      });
      kernel.run();
      return [...kernel.out];
    };
    for (const isSigned of [true, false]) {
      const seen = (x: bigint) => (isSigned ? x : BigInt.asUintN(64, x));
      const choose = (holds: (x: bigint, y: bigint) => boolean) =>
        pairs.map(([x, y]) => (holds(seen(x), seen(y)) ? x : y));
      const minimum = run((f, x, y) => emitMinMaxInt64(f, 'min', x, y, isSigned));
      expect(minimum).to.deep.equal(choose((x, y) => x < y));
      const maximum = run((f, x, y) => emitMinMaxInt64(f, 'max', x, y, isSigned));
      expect(maximum).to.deep.equal(choose((x, y) => x > y));
      const notGreater = run((f, x, y) => emitCompareInt64(f, 'le', x, y, isSigned));
      expect(notGreater).to.deep.equal(pairs.map(([x, y]) => (seen(x) <= seen(y) ? -1n : 0n)));
    }
  });
});
