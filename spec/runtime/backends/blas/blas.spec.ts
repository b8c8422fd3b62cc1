import { expect } from 'chai';
import fc from 'fast-check';
import { InternalError } from '../../../../graph/errors';
import { Blas } from '../../../../runtime/backends/blas/blas';
import type { BlasLibrary, Koffi } from '../../../../runtime/backends/blas/library';
import { panelsOf } from '../../../../runtime/backends/blas/panels';
import { LinearMemory } from '../../../../runtime/backends/wasm/memory';
import { blasCall, checkProducts, ownGemm } from './support';

/** A library in JavaScript for a memory that lies at `base`. */
function own(memory: LinearMemory, base: () => number = () => 1 << 20, told: number[] = []): Blas {
  const buffer = () => memory.memory.buffer;
  const declaration = { name: 'none', result: 'void', args: [] };
  const library: BlasLibrary = {
    name: 'own',
    version: 'own 1.0',
    sgemm: ownGemm(buffer, base, false),
    dgemm: ownGemm(buffer, base, true),
    setThreads: (count) => void told.push(count),
    declarations: { sgemm: declaration, dgemm: declaration, setThreads: declaration },
  };
  return new Blas({ address: () => BigInt(base()) } as unknown as Koffi, 'koffi', library, 'own.so');
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

  it('lets the library use no threads of its own', () => {
    const told: number[] = [];
    own(new LinearMemory({ shared: false }), undefined, told);
    expect(told).to.deep.equal([1]);
  });
});

describe('panelsOf', () => {
  it('cuts the longer side into at most 8 panels, which cover it', () => {
    expect(panelsOf({ m: 512, n: 512, k: 512 })).to.deep.equal({ count: 4, width: 128, byRows: false });
    expect(panelsOf({ m: 9800, n: 64, k: 800 })).to.deep.equal({ count: 8, width: 1232, byRows: true });
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), fc.nat(5000), (m, n, k) => {
        const { count, width, byRows } = panelsOf({ m, n, k });
        const extent = byRows ? m : n;
        expect(byRows).to.equal(m > n);
        expect(count).to.be.within(1, 8);
        expect(width % 16).to.equal(0);
        expect(count * width).to.be.at.least(extent);
        if (extent > 0) expect((count - 1) * width).to.be.lessThan(extent);
      }),
    );
  });

  it('leaves small products whole', () => {
    for (const size of [0, 1, 64, 100]) expect(panelsOf({ m: size, n: size, k: size }).count).to.equal(1);
    expect(panelsOf({ m: 1, n: 100_000, k: 5 }).count).to.equal(1);
  });
});
