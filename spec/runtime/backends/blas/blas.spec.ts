import { expect } from 'chai';
import fc from 'fast-check';
import { InternalError } from '../../../../graph/errors';
import { Blas } from '../../../../runtime/backends/blas/blas';
import { panelsOf, unpackedBlocksOf } from '../../../../runtime/backends/blas/blocks';
import type { BlasLibrary, Koffi } from '../../../../runtime/backends/blas/library';
import { LinearMemory } from '../../../../runtime/backends/wasm/memory';
import { blasCall, checkProducts, checkSteps, ownGemm } from './support';

/** A library in JavaScript for a memory that lies at `base`. */
function own(memory: LinearMemory, base: () => number = () => 1 << 20, told: number[] = [], unpackedProduct = 0): Blas {
  const buffer = () => memory.memory.buffer;
  const declaration = { name: 'none', result: 'void', args: [] };
  const library: BlasLibrary = {
    name: 'own',
    version: 'own 1.0',
    sgemm: ownGemm(buffer, base, false),
    dgemm: ownGemm(buffer, base, true),
    setThreads: (count) => void told.push(count),
    unpackedProduct,
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

  it('multiplies batches, and adds up terms, also such whose results overlap', () => {
    const memory = new LinearMemory({ shared: false });
    for (const limit of [0, 5000]) checkSteps(own(memory, undefined, [], limit).on(memory), memory);
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
      [{ c: end - 100, batch: { count: 2, a: 0, b: 0, c: 16 } }, 'C'],
      [{ b: end - 100, terms: { count: 2, a: 0, b: 16, c: 0 } }, 'B'],
      [{ terms: { count: 2, a: -1, b: 0, c: 0 } }, 'A'],
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

const product = (m: number, n: number, k: number) =>
  ({ m, n, k, dtype: 'float32', transposeA: false, transposeB: false }) as const;

describe('panelsOf', () => {
  it('cuts the longer side into at most 8 panels, which cover it', () => {
    expect(panelsOf(product(512, 512, 512))).to.deep.equal({ rows: 512, columns: 128, depth: 512 });
    expect(panelsOf(product(9800, 64, 800))).to.deep.equal({ rows: 1232, columns: 64, depth: 800 });
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), fc.nat(5000), (m, n, k) => {
        const { rows, columns, depth } = panelsOf(product(m, n, k));
        const [extent, width] = m > n ? [m, rows] : [n, columns];
        expect(m > n ? columns : rows).to.equal(Math.max(1, m > n ? n : m));
        expect(depth).to.equal(Math.max(1, k));
        expect(Math.ceil(extent / width)).to.be.at.most(8);
        expect(width % 16).to.equal(0);
      }),
    );
  });

  it('leaves small products whole', () => {
    for (const size of [1, 64, 100]) expect(panelsOf(product(size, size, size)).columns).to.be.at.least(size);
    expect(panelsOf(product(1, 100_000, 5)).columns).to.be.at.least(100_000);
  });
});

describe('unpackedBlocksOf', () => {
  it('keeps within what the library multiplies unpacked', () => {
    const extent = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 10_000 }));
    fc.assert(
      fc.property(extent, extent, extent, fc.nat(3), fc.boolean(), (m, n, k, kind, isDouble) => {
        const [transposeA, transposeB, dtype] = [kind > 1, kind % 2 > 0, isDouble ? 'float64' : 'float32'] as const;
        const blocks = unpackedBlocksOf({ m, n, k, dtype, transposeA, transposeB }, 1e6);
        if (blocks === null) return;
        const { rows, columns, depth } = blocks;
        expect(rows * columns * depth).to.be.at.most(1e6);
        if (transposeB) expect(rows * columns).to.be.at.most(1200);
        expect(Math.min(rows, columns, depth)).to.be.at.least(1);
      }),
      { seed: 5, numRuns: 2000 },
    );
  });

  it('is for products that are neither small nor large', () => {
    expect(unpackedBlocksOf(product(100, 100, 100), 1e6)).to.equal(null);
    expect(unpackedBlocksOf(product(1024, 1024, 1024), 1e6)).to.equal(null);
    expect(unpackedBlocksOf(product(512, 512, 512), 0)).to.equal(null);
    expect(unpackedBlocksOf(product(3136, 1024, 50), 1e6)).to.include({ rows: 12, columns: 1024, depth: 50 });
    expect(unpackedBlocksOf(product(196, 64, 800), 1e6)).to.deep.equal({ rows: 66, columns: 64, depth: 200 });
  });

  it('cuts products that come out the same', () => {
    const memory = new LinearMemory({ shared: false });
    checkProducts(own(memory, undefined, [], 5000).on(memory), memory);
  });
});
