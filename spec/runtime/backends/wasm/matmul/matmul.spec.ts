import { expect } from 'chai';
import fc from 'fast-check';
import { blasMatmulCalls } from '../../../../../runtime/backends/wasm/matmul/blas';
import {
  type MatmulSpec,
  type Matrix,
  matmulCalls,
  matmulWorkspace,
} from '../../../../../runtime/backends/wasm/matmul/matmul';
import { cutsOf, TARGETS, TestMemory } from '../../../../support/wasm';

type Floats = Float32Array | Float64Array;

/** Layouts of a matrix: dense, transposed, with gaps, and, for what is only read, without strides. */
function layout(rows: number, columns: number, kind: number, batchGap: number): Matrix {
  const strides = [
    [columns, 1],
    [1, rows],
    [2 * columns + 3, 2],
    [columns + 5, 1],
    [0, 1],
    [1, 0],
    [0, 0],
  ][kind];
  const size = (rows - 1) * strides[0] + (columns - 1) * strides[1] + 1;
  return { rowStride: strides[0], columnStride: strides[1], batchStride: Math.max(size, rows * columns) + batchGap };
}

const sizes = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.integer({ min: 1, max: 17 }),
  fc.integer({ min: 1, max: 70 }),
  fc.constantFrom(96, 97, 130),
);

const specs: fc.Arbitrary<MatmulSpec> = fc
  .record({
    dtype: fc.constantFrom('float32' as const, 'float64' as const),
    batch: fc.constantFrom(1, 1, 1, 2, 3, 0),
    m: sizes,
    n: fc.oneof({ weight: 9, arbitrary: sizes }, fc.constantFrom(1, 600, 2501)),
    k: fc.oneof(sizes, sizes, fc.constantFrom(384, 385, 801)),
    aKind: fc.integer({ min: 0, max: 6 }),
    bKind: fc.integer({ min: 0, max: 6 }),
    cKind: fc.integer({ min: 0, max: 3 }),
    aShared: fc.boolean(),
    bShared: fc.boolean(),
    gap: fc.constantFrom(0, 7),
  })
  .map(({ dtype, batch, m, n, k, aKind, bKind, cKind, aShared, bShared, gap }) => {
    const a = layout(m, k, aKind, gap);
    const b = layout(k, n, bKind, gap);
    return {
      dtype,
      batch,
      m,
      n,
      k,
      a: aShared ? { ...a, batchStride: 0 } : a,
      b: bShared ? { ...b, batchStride: 0 } : b,
      c: layout(m, n, cKind, gap),
    };
  });

function reach({ rowStride, columnStride, batchStride }: Matrix, batch: number, rows: number, columns: number): number {
  if (batch * rows * columns === 0) return 0;
  return (batch - 1) * batchStride + (rows - 1) * rowStride + (columns - 1) * columnStride + 1;
}

/** Numbers that look random, between -1 and 1. */
function values(dtype: MatmulSpec['dtype'], length: number, seed: number): Floats {
  const out = dtype === 'float32' ? new Float32Array(length) : new Float64Array(length);
  let state = seed | 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    out[i] = state / 0x80000000;
  }
  return out;
}

interface Inputs {
  readonly a: Floats;
  readonly b: Floats;
  readonly c: Floats;
}

function inputsOf({ dtype, batch, m, n, k, a, b, c }: MatmulSpec): Inputs {
  return {
    a: values(dtype, reach(a, batch, m, k), 1),
    b: values(dtype, reach(b, batch, k, n), 2),
    c: values(dtype, reach(c, batch, m, n), 3),
  };
}

function product(
  memory: TestMemory,
  spec: MatmulSpec,
  { a, b, c }: Inputs,
  cut?: (extent: number, grain: number) => number[],
  accumulate = false,
) {
  const addresses = {
    a: memory.put(a),
    b: memory.put(b),
    c: memory.put(c),
    workspace: memory.allocate(matmulWorkspace(spec, false, accumulate)),
  };
  memory.run(matmulCalls(spec, addresses, null, accumulate), cut);
  return memory.read(c, addresses.c, c.length);
}

/** Compares each element with a sum in double precision, by the bound of a plain sum; what lies between must be untouched. */
function checkProduct(spec: MatmulSpec, inputs: Inputs, got: Floats, accumulate = false): void {
  const { dtype, batch, m, n, k, a, b, c } = spec;
  const unit = dtype === 'float32' ? 2 ** -24 : 2 ** -52;
  const rest = inputs.c.slice();
  for (let matrix = 0; matrix < batch; matrix++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        const at = matrix * c.batchStride + i * c.rowStride + j * c.columnStride;
        let sum = accumulate ? inputs.c[at] : 0;
        let magnitude = Math.abs(sum);
        for (let p = 0; p < k; p++) {
          const left = inputs.a[matrix * a.batchStride + i * a.rowStride + p * a.columnStride];
          const right = inputs.b[matrix * b.batchStride + p * b.rowStride + j * b.columnStride];
          sum += left * right;
          magnitude += Math.abs(left * right);
        }
        const isClose = Math.abs(got[at] - sum) <= magnitude * unit * (k + 2);
        if (!isClose) expect(got[at], `${JSON.stringify(spec)} [${matrix}, ${i}, ${j}]`).to.equal(sum);
        rest[at] = got[at];
      }
    }
  }
  expect(got).to.deep.equal(rest);
}

describe('matmulCalls', () => {
  for (const target of TARGETS) {
    it(`computes products of any shape and strides (${JSON.stringify(target)})`, () => {
      fc.assert(
        fc.property(specs, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (spec, chances) => {
          const inputs = inputsOf(spec);
          checkProduct(spec, inputs, product(new TestMemory(target), spec, inputs, cutsOf(chances)));
        }),
        { numRuns: 50, seed: 7 },
      );
    });
  }

  it('adds products to what is there', () => {
    fc.assert(
      fc.property(specs, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (spec, chances) => {
        const inputs = inputsOf(spec);
        const memory = new TestMemory(TARGETS[0]);
        checkProduct(spec, inputs, product(memory, spec, inputs, cutsOf(chances), true), true);
        const whole = product(memory, spec, inputs, undefined, true);
        expect(product(memory, spec, inputs, everyGrain, true)).to.deep.equal(whole);
      }),
      { numRuns: 60, seed: 13 },
    );
  });

  it('multiplies vectors by matrices, and matrices by vectors', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('float32' as const, 'float64' as const),
        fc.constantFrom(1, 2),
        fc.constantFrom(1, 15, 512, 513, 2600),
        fc.constantFrom(1, 5, 6, 21),
        fc.boolean(),
        fc.constantFrom(0, 1),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (dtype, batch, size, k, isRow, kind, chances) => {
          const [m, n] = isRow ? [1, size] : [size, 1];
          const strides = {
            a: layout(m, k, isRow ? 0 : kind, 0),
            b: layout(k, n, isRow ? kind : 0, 0),
            c: layout(m, n, 0, 0),
          };
          const spec = { dtype, batch, m, n, k, ...strides };
          const inputs = inputsOf(spec);
          checkProduct(spec, inputs, product(new TestMemory(TARGETS[0]), spec, inputs, cutsOf(chances)));
          const memory = new TestMemory(TARGETS[0]);
          expect(product(memory, spec, inputs, everyGrain)).to.deep.equal(product(memory, spec, inputs));
        },
      ),
      { numRuns: 60, seed: 10 },
    );
  });

  it('reaches beyond 2 GiB', () => {
    for (const [m, n, k] of [
      [30, 20, 10],
      [200, 70, 600],
      [1, 50, 40],
      [50, 1, 40],
    ]) {
      const strides = { a: layout(m, k, 0, 0), b: layout(k, n, 0, 0), c: layout(m, n, 0, 0) };
      const spec: MatmulSpec = { dtype: 'float32', batch: 1, m, n, k, ...strides };
      const inputs = inputsOf(spec);
      checkProduct(spec, inputs, product(new TestMemory(TARGETS[0], 2 ** 31 - 8192), spec, inputs));
    }
  });

  it('gives products that BLAS can compute to BLAS', () => {
    let given = 0;
    fc.assert(
      fc.property(specs, (spec) => {
        const inputs = inputsOf(spec);
        const memory = new TestMemory(TARGETS[0]);
        const addresses = { a: memory.put(inputs.a), b: memory.put(inputs.b), c: memory.put(inputs.c) };
        const calls = blasMatmulCalls(spec, addresses);
        if (calls === null) return;
        for (const { m, n, k, lda, ldb, ldc, transposeA, transposeB } of calls) {
          expect(lda).to.be.at.least(transposeA ? m : k);
          expect(ldb).to.be.at.least(transposeB ? k : n);
          expect(ldc).to.be.at.least(n);
        }
        memory.run(calls);
        checkProduct(spec, inputs, memory.read(inputs.c, addresses.c, inputs.c.length));
        given++;
      }),
      { numRuns: 40, seed: 9 },
    );
    expect(given).to.be.at.least(8);
  });

  it('gives the same numbers however work is split', () => {
    fc.assert(
      fc.property(specs, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (spec, chances) => {
        const inputs = inputsOf(spec);
        const memory = new TestMemory(TARGETS[0]);
        const whole = product(memory, spec, inputs);
        expect(product(memory, spec, inputs, cutsOf(chances))).to.deep.equal(whole);
        expect(product(memory, spec, inputs, everyGrain)).to.deep.equal(whole);
      }),
      { numRuns: 60, seed: 8 },
    );
  });

  it('lets NaN and infinities through, and only where they belong', () => {
    const spec: MatmulSpec = {
      dtype: 'float32',
      batch: 1,
      m: 13,
      n: 21,
      k: 11,
      a: layout(13, 11, 0, 0),
      b: layout(11, 21, 0, 0),
      c: layout(13, 21, 0, 0),
    };
    const inputs = inputsOf(spec);
    inputs.a[3 * 11 + 4] = Number.NaN;
    inputs.b[2 * 21 + 20] = Number.POSITIVE_INFINITY;
    const got = product(new TestMemory(TARGETS[0]), spec, inputs);
    for (let i = 0; i < 13; i++) {
      for (let j = 0; j < 21; j++) {
        const value = got[i * 21 + j];
        if (i === 3) expect(value).to.be.NaN;
        else if (j === 20) expect(Math.abs(value)).to.equal(Number.POSITIVE_INFINITY);
        else expect(Number.isFinite(value)).to.equal(true);
      }
    }
  });
});

function everyGrain(extent: number, grain: number): number[] {
  return Array.from({ length: Math.max(0, Math.ceil(extent / grain) - 1) }, (_, i) => (i + 1) * grain);
}
