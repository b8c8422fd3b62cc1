/**
 * Products for the specs of BLAS: a gemm written out in JavaScript, which stands in for native code where the machine has none
 * and says what native code must give, and the shapes that both are tried on.
 */
import { expect } from 'chai';
import type { Blas, BlasProducts } from '../../../../runtime/backends/blas/blas';
import { type Gemm, NO_TRANSPOSE, ROW_MAJOR, TRANSPOSE } from '../../../../runtime/backends/blas/library';
import type { BlasCall } from '../../../../runtime/backends/wasm/kernelCall';
import { LinearMemory } from '../../../../runtime/backends/wasm/memory';
import { ThreadPool } from '../../../../runtime/backends/wasm/threads/pool';

/** A gemm over the bytes of a buffer whose first byte is said to have the address `base`. */
export function ownGemm(buffer: () => ArrayBuffer, base: () => number, isDouble: boolean): Gemm {
  return (_layout, ta, tb, m, n, k, alpha, pa, lda, pb, ldb, beta, pc, ldc) => {
    const View = isDouble ? Float64Array : Float32Array;
    const sizes = [(ta === TRANSPOSE ? k : m) * lda, (tb === TRANSPOSE ? n : k) * ldb];
    // Copies of one type, which engines read quickest.
    const [a, b] = [pa, pb].map((address, i) => new Float64Array(new View(buffer(), address - base(), sizes[i])));
    const c = new View(buffer(), pc - base());
    const [aRow, aStep] = ta === TRANSPOSE ? [1, lda] : [lda, 1];
    const [bStep, bColumn] = tb === TRANSPOSE ? [1, ldb] : [ldb, 1];
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let l = 0; l < k; l++) sum += a[i * aRow + l * aStep] * b[l * bStep + j * bColumn];
        c[i * ldc + j] = alpha * sum + (beta === 0 ? 0 : beta * c[i * ldc + j]);
      }
    }
  };
}

export const blasCall = (over: Partial<BlasCall>): BlasCall => ({
  kind: 'blas',
  dtype: 'float32',
  transposeA: false,
  transposeB: false,
  ...{ m: 1, n: 1, k: 1, a: 0, lda: 1, b: 0, ldb: 1, c: 0, ldc: 1 },
  accumulate: false,
  ...over,
});

const SHAPES = [
  [1, 1, 1],
  [1, 7, 5],
  [9, 1, 4],
  [3, 5, 0],
  [0, 4, 3],
  [17, 33, 65],
  [70, 35, 50],
  [40, 400, 90],
  [421, 40, 70],
] as const;

/** Compares products of many shapes, transposed or not, added or not, in rows with gaps, with `ownGemm`. */
export function checkProducts(products: BlasProducts, memory: LinearMemory): void {
  for (const dtype of ['float32', 'float64'] as const) {
    const isDouble = dtype === 'float64';
    const own = ownGemm(
      () => memory.memory.buffer,
      () => 0,
      isDouble,
    );
    for (const [m, n, k] of SHAPES) {
      for (let kind = 0; kind < 8; kind++) {
        const [transposeA, transposeB, accumulate] = [(kind & 1) > 0, (kind & 2) > 0, (kind & 4) > 0];
        const [lda, ldb, ldc] = [(transposeA ? m : k) + 3, (transposeB ? k : n) + 1, n + 2];
        const sizes = [(transposeA ? k : m) * lda, (transposeB ? n : k) * ldb, m * ldc];
        const [a, b, c] = sizes.map((size) => memory.allocate(size * (isDouble ? 8 : 4)));
        const [aView, bView, got] = [a, b, c].map((address, i) =>
          isDouble ? memory.f64(address, sizes[i]) : memory.f32(address, sizes[i]),
        );
        // Small integers: their sums are exact in every order.
        for (const view of [aView, bView]) for (let i = 0; i < view.length; i++) view[i] = ((i * 7) % 11) - 5;
        // What is not added to may hold anything; the gaps between rows are nobody's business.
        const before = got.map((_, i) => (i % ldc >= n ? 9 : accumulate ? 2 : Number.NaN));
        got.set(before);
        own(
          ...([ROW_MAJOR, transposeA ? TRANSPOSE : NO_TRANSPOSE, transposeB ? TRANSPOSE : NO_TRANSPOSE] as const),
          ...([m, n, k, 1, a, lda, b, ldb, accumulate ? 1 : 0, c, ldc] as const),
        );
        const want = got.slice();
        got.set(before);
        products.run(blasCall({ dtype, transposeA, transposeB, m, n, k, a, lda, b, ldb, c, ldc, accumulate }));
        let wrong = -1;
        for (let i = 0; i < want.length && wrong < 0; i++) if (got[i] !== want[i]) wrong = i;
        expect(wrong, `first wrong element of ${dtype} ${m}×${k}×${n}, kind ${kind}`).to.equal(-1);
        for (const address of [a, b, c]) memory.free(address);
      }
    }
  }
}

/** Compares batches of sums of products with one product after another: whole, added, and with results that overlap. */
export function checkSteps(products: BlasProducts, memory: LinearMemory): void {
  for (const [m, n, k, isShifted] of [
    [5, 7, 3, false],
    [60, 33, 20, false],
    [60, 33, 20, true],
    [130, 40, 90, true],
  ] as const) {
    const batch = { count: 3, a: m * k + 1, b: 0, c: 2 * m * n };
    const terms = { count: 4, a: 2 * k, b: k * n, c: isShifted ? 5 * n : 0 };
    const sizes = [4 * (m * k + 2 * k) + 8 * k, 4 * k * n, 3 * batch.c + 4 * terms.c];
    const [a, b, c] = sizes.map((size) => memory.allocate(4 * size));
    const [aView, bView, got] = [a, b, c].map((address, i) => memory.f32(address, sizes[i]));
    for (const view of [aView, bView]) for (let i = 0; i < view.length; i++) view[i] = ((i * 7) % 11) - 5;
    const call = blasCall({ m, n, k, a, lda: k, b, ldb: n, c, ldc: n, accumulate: isShifted });
    got.fill(2);
    for (let matrix = 0; matrix < batch.count; matrix++)
      for (let term = 0; term < terms.count; term++) {
        const at = (name: 'a' | 'b' | 'c') => call[name] + 4 * (matrix * batch[name] + term * terms[name]);
        products.run({ ...call, a: at('a'), b: at('b'), c: at('c'), accumulate: isShifted || term > 0 });
      }
    const want = got.slice();
    got.fill(2);
    products.run({ ...call, batch, terms });
    expect(
      got.findIndex((value, i) => value !== want[i]),
      `first wrong element of ${m}×${k}×${n}`,
    ).to.equal(-1);
    for (const address of [a, b, c]) memory.free(address);
  }
}

/**
 * Checks a library: its products with one thread and several, on memory that is shared and not; and that results do not depend
 * on how many threads there were, to the last bit.
 */
export async function checkBlas(blas: Blas): Promise<void> {
  const results: Float32Array[] = [];
  for (const threads of [0, 1, 2, 3]) {
    const memory = new LinearMemory({ shared: threads > 0 });
    const pool = threads === 0 ? null : new ThreadPool(memory, threads);
    await pool?.ready();
    const products = blas.on(memory, pool);
    checkProducts(products, memory);
    checkSteps(products, memory);
    results.push(roundedProducts(products, memory));
    pool?.close();
  }
  for (const result of results) {
    expect(result.findIndex((value, i) => !Object.is(value, results[0][i]))).to.equal(-1);
  }
}

/** Products whose sums are rounded, many times over, one after another. */
function roundedProducts(products: BlasProducts, memory: LinearMemory): Float32Array {
  const results: number[] = [];
  for (const [m, n, k] of [
    [300, 410, 500],
    [800, 64, 700],
    [7, 620, 685],
  ]) {
    for (const [transposeA, transposeB] of [
      [false, false],
      [true, false],
      [false, true],
    ]) {
      const [a, b, c] = [m * k, k * n, m * n].map((size) => memory.allocate(4 * size));
      for (const view of [memory.f32(a, m * k), memory.f32(b, k * n)]) {
        for (let i = 0; i < view.length; i++) view[i] = Math.sin(i * 0.7 + m);
      }
      const [lda, ldb, ldc] = [transposeA ? m : k, transposeB ? k : n, n];
      for (let i = 0; i < 3; i++) products.run(blasCall({ transposeA, transposeB, m, n, k, a, lda, b, ldb, c, ldc }));
      for (const value of memory.f32(c, m * n)) results.push(value);
      for (const address of [a, b, c]) memory.free(address);
    }
  }
  return Float32Array.from(results);
}
