/**
 * Products for the specs of BLAS: a gemm written out in JavaScript, which stands in for native code where the machine has none
 * and says what native code must give, and the shapes that both are tried on.
 */
import { expect } from 'chai';
import type { BlasOnMemory } from '../../../../runtime/backends/blas/blas';
import { type Gemm, NO_TRANSPOSE, ROW_MAJOR, TRANSPOSE } from '../../../../runtime/backends/blas/library';
import type { BlasCall } from '../../../../runtime/backends/wasm/kernelCall';
import type { LinearMemory } from '../../../../runtime/backends/wasm/memory';

/** A gemm over the bytes of a buffer whose first byte is said to have the address `base`. */
export function ownGemm(buffer: () => ArrayBuffer, base: () => number, isDouble: boolean): Gemm {
  return (_layout, ta, tb, m, n, k, alpha, pa, lda, pb, ldb, beta, pc, ldc) => {
    const View = isDouble ? Float64Array : Float32Array;
    const [a, b, c] = [pa, pb, pc].map((address) => new View(buffer(), address - base()));
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let l = 0; l < k; l++) {
          sum += a[ta === TRANSPOSE ? l * lda + i : i * lda + l] * b[tb === TRANSPOSE ? j * ldb + l : l * ldb + j];
        }
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
] as const;

/** Compares products of many shapes, transposed or not, added or not, in rows with gaps, with `ownGemm`. */
export function checkProducts(products: BlasOnMemory, memory: LinearMemory): void {
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
        const wrong = got.findIndex((value, i) => value !== want[i]);
        expect(wrong, `first wrong element of ${dtype} ${m}×${k}×${n}, kind ${kind}`).to.equal(-1);
        for (const address of [a, b, c]) memory.free(address);
      }
    }
  }
}
