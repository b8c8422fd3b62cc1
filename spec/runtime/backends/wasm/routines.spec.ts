import { expect } from 'chai';
import { float32, float64, int32, int64 } from '../../../../graph/dtypes';
import { NdArray } from '../../../../graph/ndarray';
import type { WasmCall } from '../../../../runtime/backends/wasm/kernelCall';
import { type ArgExtremeSpec, argExtremeCall } from '../../../../runtime/backends/wasm/routines/argExtreme';
import { type TransposeSpec, transposeCall } from '../../../../runtime/backends/wasm/routines/transpose';
import type { KernelContext } from '../../../../runtime/kernel';
import { reduceKernels } from '../../../../runtime/kernels/reduce';

const SOURCE = 256;
const SCRATCH = 1 << 18;
const TARGET = 1 << 19;

/** Runs a call in parts of so many units of its range, over a memory that holds the bytes of `source`; gives the memory. */
function run(call: WasmCall, source: Uint8Array, part: number): ArrayBuffer {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });
  const scratch = new WebAssembly.Global({ value: 'i32', mutable: false }, SCRATCH);
  const module = new WebAssembly.Module(call.module.build({ shared: false, relaxed: false }));
  const { exports } = new WebAssembly.Instance(module, { env: { memory, scratch } });
  new Uint8Array(memory.buffer).fill(0xaa);
  new Uint8Array(memory.buffer, SOURCE).set(source);
  const { extent } = call.range!;
  for (let begin = 0; begin < extent; begin += part) {
    (exports[call.exportName] as (...args: number[]) => void)(...call.args, begin, Math.min(begin + part, extent));
  }
  return memory.buffer;
}

describe('transposing in WebAssembly', () => {
  const shapes = [
    [1, 1, 1],
    [1, 4, 4],
    [2, 16, 16],
    [1, 17, 5],
    [3, 3, 35],
    [2, 50, 6],
    [1, 1, 100],
    [1, 100, 1],
    [1, 70, 67],
    // Rows a whole way of the cache apart.
    [1, 19, 1021],
  ];
  for (const elementBytes of [4, 8] as const) {
    it(`exchanges rows and columns of elements of ${elementBytes} bytes`, () => {
      for (const [batch, rows, columns] of shapes) {
        for (const padding of [0, 3]) {
          const words = elementBytes / 4;
          const [sourceStride, targetStride] = [columns + padding, rows + padding].map((n) => n * elementBytes);
          const spec: TransposeSpec = {
            ...{ elementBytes, batch, rows, columns, sourceStride, targetStride },
            sourceBatchStride: rows * sourceStride,
            targetBatchStride: columns * targetStride,
          };
          const source = Uint32Array.from({ length: (batch * spec.sourceBatchStride) / 4 }, (_, i) => i + 1);
          for (const part of [1000, 1]) {
            const buffer = run(transposeCall(spec, SOURCE, TARGET)!, new Uint8Array(source.buffer), part);
            const want = new Uint32Array((batch * spec.targetBatchStride) / 4).fill(0xaaaaaaaa);
            for (let b = 0; b < batch; b++)
              for (let i = 0; i < rows; i++)
                for (let j = 0; j < columns; j++)
                  for (let word = 0; word < words; word++) {
                    const from = (b * rows + i) * (columns + padding) + j;
                    const to = (b * columns + j) * (rows + padding) + i;
                    want[to * words + word] = source[from * words + word];
                  }
            const got = new Uint32Array(buffer, TARGET, want.length + 1);
            expect([...got], `${batch} × ${rows} × ${columns}`).to.deep.equal([...want, 0xaaaaaaaa]);
          }
        }
      }
    });
  }

  it('has nothing to do for empty matrices', () => {
    const strides = { sourceStride: 0, targetStride: 0, sourceBatchStride: 0, targetBatchStride: 0 };
    expect(transposeCall({ elementBytes: 4, batch: 1, rows: 0, columns: 5, ...strides }, 0, 0)).to.equal(null);
  });
});

describe('ArgMax and ArgMin in WebAssembly', () => {
  const types = {
    f32: [Float32Array, float32],
    f64: [Float64Array, float64],
    i32: [Int32Array, int32],
    i64: [BigInt64Array, int64],
  } as const;
  const shapes = [
    [1, 1, 1],
    [5, 10, 1],
    [3, 100, 1],
    [2, 67, 1],
    [2, 9, 4],
    [3, 5, 7],
    [1, 20, 33],
  ];

  /** Few different values, so that many are equal; extremes and, among floats, NaN. */
  function valueOf(i: number, isFloat: boolean, lowest: number): number {
    const choice = Math.imul(i + 7, 0x9e3779b1) >>> 24;
    if (choice < 12) return isFloat ? NaN : 3;
    if (choice < 24) return lowest;
    return (choice % 9) - 4;
  }

  for (const which of ['max', 'min'] as const) {
    for (const [type, [arrayType, dtype]] of Object.entries(types)) {
      it(`finds the first ${which === 'max' ? 'greatest' : 'smallest'} ${type} as the plain kernel does`, () => {
        for (const indexType of ['i32', 'i64'] as const) {
          for (const [outer, axis, inner] of shapes) {
            for (const onlyWorst of [false, true]) {
              const length = outer * axis * inner;
              const worst = type === 'i32' || type === 'i64' ? (which === 'max' ? -(2 ** 31) : 2 ** 31 - 1) : -Infinity;
              const values = Array.from({ length }, (_, i) => (onlyWorst ? worst : valueOf(i, type[0] === 'f', worst)));
              const from = arrayType.from.bind(arrayType) as (values: readonly unknown[]) => Float32Array;
              const source = from(type === 'i64' ? values.map(BigInt) : values);
              const outputType = indexType === 'i32' ? int32 : int64;
              const context = { op: { type: 'ArgMax' }, outputTypes: [outputType] } as unknown as KernelContext;
              const inputs = [
                new NdArray(dtype, [outer, axis, inner], source),
                new NdArray(int32, [], Int32Array.of(1)),
              ];
              const kernel = which === 'max' ? reduceKernels.ArgMax : reduceKernels.ArgMin;
              const want = [
                ...((kernel(inputs, context) as NdArray).data as ArrayLike<number | bigint> & Iterable<unknown>),
              ];
              const spec: ArgExtremeSpec = { which, type: type as 'f32', indexType, outer, axis, inner };
              for (const part of [1000, 3]) {
                const buffer = run(argExtremeCall(spec, SOURCE, TARGET)!, new Uint8Array(source.buffer), part);
                const outputs = indexType === 'i32' ? Int32Array : BigInt64Array;
                const got = [...new outputs(buffer, TARGET, outer * inner)] as unknown[];
                expect(got, `${outer} × ${axis} × ${inner}`).to.deep.equal(want);
              }
            }
          }
        }
      });
    }
  }
});
