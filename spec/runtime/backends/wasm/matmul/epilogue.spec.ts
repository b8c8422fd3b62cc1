import { expect } from 'chai';
import fc from 'fast-check';
import { forRange } from '../../../../../runtime/backends/wasm/assembler/loops';
import {
  backpropInputTakesEpilogue,
  conv2dBackpropInputCalls,
  conv2dBackpropInputWorkspace,
  conv2dCalls,
  conv2dWorkspace,
} from '../../../../../runtime/backends/wasm/conv/conv';
import type { KernelCall } from '../../../../../runtime/backends/wasm/kernelCall';
import { blasMatmulCalls } from '../../../../../runtime/backends/wasm/matmul/blas';
import {
  blasEpilogueCalls,
  blasScratchBytes,
  blasScratchRows,
} from '../../../../../runtime/backends/wasm/matmul/blasEpilogue';
import type { Epilogue } from '../../../../../runtime/backends/wasm/matmul/epilogue';
import { matmulCalls, matmulScratchRows, matmulWorkspace } from '../../../../../runtime/backends/wasm/matmul/matmul';
import { cutsOf, TARGETS, TestMemory } from '../../../../support/wasm';
import { convSpecs, LARGER_SPECS, tensorsOf, values } from '../conv/convCases';

/**
 * c[row, column] = 2 · c[row, column] + bias[column], for a dense float32 matrix of so many columns. With `scratchRows` the product is
 * in scratch memory and `c` is written from there.
 */
function twicePlusBias(c: number, columns: number, bias: number, scratchRows: number | null = null): Epilogue {
  return {
    key: `twicePlusBias ${scratchRows}`,
    args: [c, columns, bias],
    scratchRows,
    define: ({ module, args: [matrix, width, offsets] }) =>
      module.define(null, new Array(5).fill('i32'), [], (f, result, row, rowEnd, column, columnEnd) => {
        const [i, j, at, from] = ['i', 'j', 'at', 'from'].map(() => f.local('i32'));
        forRange(f, i, row, rowEnd, 1, () =>
          forRange(f, j, column, columnEnd, 1, () => {
            f.get(i).getGlobal(width).op('i32.mul').get(j).op('i32.add').i32(4).op('i32.mul');
            f.getGlobal(matrix).op('i32.add').tee(at).set(from);
            if (scratchRows !== null) {
              f.get(i).get(row).op('i32.sub').getGlobal(width).op('i32.mul').get(j).get(column).op('i32.sub');
              f.op('i32.add').i32(4).op('i32.mul').get(result).op('i32.add').set(from);
            }
            f.get(at).get(from).access('f32.load').f32(2).op('f32.mul');
            f.getGlobal(offsets).get(j).i32(4).op('i32.mul').op('i32.add').access('f32.load').op('f32.add');
            f.access('f32.store');
          }),
        );
      }),
  };
}

interface Product {
  readonly columns: number;
  readonly length: number;
  calls(memory: TestMemory, c: number, epilogue: Epilogue | null): readonly KernelCall[];
}

/** Runs a product with and without the epilogue, which must have met each element once. */
function check(
  { columns, length, calls }: Product,
  chances: Iterable<number>,
  scratchRows: number | null = null,
): void {
  const run = (make: (c: number, bias: number) => Epilogue | null, bias: Float32Array) => {
    const memory = new TestMemory(TARGETS[0]);
    const c = memory.put(new Float32Array(length).fill(Number.NaN));
    memory.run(calls(memory, c, make(c, memory.put(bias))), cutsOf(chances));
    return memory.read(new Float32Array(0), c, length);
  };
  const bias = values('float32', columns, 5) as Float32Array;
  const plain = run(() => null, bias);
  const fused = run((c, at) => twicePlusBias(c, columns, at, scratchRows), bias);
  expect(fused).to.deep.equal(plain.map((value, i) => Math.fround(2 * value) + bias[i % columns]));
}

const chances = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));
const size = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constantFrom(64, 200));

describe('epilogues', () => {
  it('meet every element of a batch of products once', () => {
    fc.assert(
      fc.property(
        fc.record({ batch: fc.integer({ min: 0, max: 3 }), m: size, n: size, k: size }),
        chances,
        (s, cuts) => {
          const { batch, m, n, k } = s;
          const dense = (rows: number, columns: number) => ({
            rowStride: columns,
            columnStride: 1,
            batchStride: rows * columns,
          });
          const spec = { dtype: 'float32' as const, ...s, a: dense(m, k), b: dense(k, n), c: dense(m, n) };
          const product: Product = {
            columns: n,
            length: batch * m * n,
            calls: (memory, c, epilogue) => {
              const a = memory.put(values('float32', batch * m * k, 1));
              const b = memory.put(values('float32', batch * k * n, 2));
              const workspace = memory.allocate(matmulWorkspace(spec, epilogue !== null));
              return matmulCalls(spec, { a, b, c, workspace }, epilogue);
            },
          };
          check(product, cuts);
          const scratchRows = matmulScratchRows(spec);
          if (scratchRows > 0) check(product, cuts, scratchRows);
        },
      ),
      { numRuns: 60, seed: 41 },
    );
  });

  it('meet every element of a product by BLAS once, that is never stored', () => {
    const of = (rowStride: number, columnStride: number) => ({ rowStride, columnStride, batchStride: 0 });
    for (const [m, n, k] of [
      [701, 1000, 2],
      [100, 16000, 1],
      [2500, 300, 3],
    ]) {
      const shared = { dtype: 'float32', batch: 1, m, n, k, c: of(n, 1) } as const;
      for (const spec of [
        { ...shared, a: of(k, 1), b: of(n, 1) },
        { ...shared, a: of(1, m), b: of(1, k) },
      ]) {
        const scratchRows = blasScratchRows(spec);
        expect(scratchRows).to.be.within(1, m - 1);
        const calls = (memory: TestMemory, c: number, epilogue: Epilogue | null): readonly KernelCall[] => {
          const a = memory.put(values('float32', m * k, 1));
          const b = memory.put(values('float32', k * n, 2));
          if (epilogue === null) return blasMatmulCalls(spec, { a, b, c })!;
          const workspace = memory.allocate(blasScratchBytes(spec));
          return blasEpilogueCalls(spec, { a, b, c, workspace }, epilogue);
        };
        check({ columns: n, length: m * n, calls }, [0.3, 0.9, 0.1, 0.5], scratchRows);
      }
    }
    const small = {
      dtype: 'float32',
      batch: 1,
      m: 512,
      n: 512,
      k: 64,
      a: of(64, 1),
      b: of(512, 1),
      c: of(512, 1),
    } as const;
    expect(blasScratchRows(small), 'where all of it would be in the workspace').to.equal(0);
  });

  it('meet every element of a convolution and of its gradient once', () => {
    const specs = fc
      .oneof(convSpecs, fc.constantFrom(...LARGER_SPECS))
      .map((s) => ({ ...s, dtype: 'float32' as const }));
    fc.assert(
      fc.property(specs, chances, (spec, cuts) => {
        const { input, filter, output } = tensorsOf(spec);
        check(
          {
            columns: spec.outChannels,
            length: output.length,
            calls: (memory, c, epilogue) => {
              const workspace = memory.allocate(conv2dWorkspace(spec));
              const addresses = { input: memory.put(input), filter: memory.put(filter), output: c, workspace };
              return conv2dCalls(spec, addresses, epilogue);
            },
          },
          cuts,
        );
        const gradient: Product = {
          columns: spec.inChannels,
          length: input.length,
          calls: (memory, c, epilogue) => {
            const workspace = memory.allocate(conv2dBackpropInputWorkspace(spec));
            const [outGradient, weights] = [memory.put(output), memory.put(filter)];
            const addresses = { filter: weights, outGradient, inGradient: c, workspace };
            return conv2dBackpropInputCalls(spec, addresses, epilogue);
          },
        };
        if (backpropInputTakesEpilogue(spec)) check(gradient, cuts);
        else if (gradient.length > 0) {
          expect(() => gradient.calls(new TestMemory(TARGETS[0]), 0, twicePlusBias(0, 1, 0))).to.throw(
            'takes no epilogue',
          );
        }
      }),
      { numRuns: 60, seed: 42 },
    );
  });
});
