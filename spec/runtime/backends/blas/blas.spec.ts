import { expect } from 'chai';
import { InternalError } from '../../../../graph/errors';
import { Blas } from '../../../../runtime/backends/blas/blas';
import type { Koffi } from '../../../../runtime/backends/blas/library';
import { LinearMemory } from '../../../../runtime/backends/wasm/memory';
import { blasCall, checkProducts, ownGemm } from './support';

/** A library in JavaScript for a memory that lies at `base`. */
function own(memory: LinearMemory, base: () => number = () => 1 << 20, threads: number[] = []): Blas {
  const buffer = () => memory.memory.buffer;
  const library = {
    name: 'own',
    version: 'own 1.0',
    sgemm: ownGemm(buffer, base, false),
    dgemm: ownGemm(buffer, base, true),
    setThreads: (count: number) => void threads.push(count),
  };
  return new Blas({ address: () => BigInt(base()) } as unknown as Koffi, library, 'own.so');
}

describe('Blas', () => {
  it('passes shapes, transpositions and strides on', () => {
    const memory = new LinearMemory({ shared: false });
    checkProducts(own(memory).on(memory), memory);
    expect(memory.usedBytes).to.equal(0);
  });

  it('follows a memory that moves when it grows', () => {
    const memory = new LinearMemory({ shared: false });
    const products = own(memory, () => memory.capacityBytes * 16).on(memory);
    const [a, b, c] = [memory.allocate(4), memory.allocate(4), memory.allocate(4)];
    memory.heapF32[a / 4] = 3;
    memory.heapF32[b / 4] = 5;
    products.run(blasCall({ a, b, c }));
    expect(memory.heapF32[c / 4]).to.equal(15);
    memory.allocate(1 << 20);
    products.run(blasCall({ a, b, c, accumulate: true }));
    expect(memory.heapF32[c / 4]).to.equal(30);
  });

  it('refuses operands outside of the memory', () => {
    const memory = new LinearMemory({ shared: false });
    const products = own(memory).on(memory);
    const address = memory.allocate(64);
    const whole = { m: 4, n: 4, k: 4, lda: 4, ldb: 4, ldc: 4, a: address, b: address, c: address };
    const end = memory.capacityBytes;
    products.run(blasCall({ ...whole, a: end - 64 }));
    for (const [wrong, name] of [
      [{ a: end - 60 }, 'A'],
      [{ b: end - 60 }, 'B'],
      [{ c: end - 60 }, 'C'],
      [{ a: -64 }, 'A'],
      [{ ldb: 3 }, 'B'],
      [{ k: -1 }, 'A'],
      [{ dtype: 'float64', c: end - 64 }, 'C'],
    ] as const) {
      expect(() => products.run(blasCall({ ...whole, ...wrong }))).to.throw(
        InternalError,
        `Operand ${name} of a matrix product`,
      );
    }
  });

  it('tells the library how many threads only when that changes', () => {
    const told: number[] = [];
    const blas = own(new LinearMemory({ shared: false }), undefined, told);
    for (const threads of [1, 1, 2, 2, 1]) blas.setThreads(threads);
    expect(told).to.deep.equal([1, 2, 1]);
  });
});
