/**
 * Reductions in vectors: NaN and zeros of both signs at every position of a step, of single vectors and of what is left over;
 * sums that are as precise as they were short.
 */
import { expect } from 'chai';
import { type DType, float32, float64, int32 } from '../../../../../graph/dtypes';
import { Graph } from '../../../../../graph/graph';
import { NdArray } from '../../../../../graph/ndarray';
import { greater } from '../../../../../graph/ops/compare';
import { reduceAll, reduceAny, reduceMax, reduceMin, reduceSum } from '../../../../../graph/ops/reduce';
import { placeholder } from '../../../../../graph/ops/source';
import type { Tensor } from '../../../../../graph/tensor';
import { softmax } from '../../../../../lib/nn/softmax';
import { Session } from '../../../../../runtime/session';

function compute(x: NdArray, build: (x: Tensor) => Tensor, backend: 'plain' | 'wasm' = 'wasm'): number[] {
  const graph = new Graph();
  return graph.asDefault(() => {
    const input = placeholder(x.dtype, x.shape);
    const session = new Session({ graph, config: { backend } });
    const { data } = session.runSync(build(input), { feed: [[input, x]] });
    session.close();
    return Array.from(data as Float32Array);
  });
}

/** Rows of one number with others put in: one row for each position and pair. */
function rowsOf(dtype: DType, filler: number, pairs: readonly (readonly [number, number])[], length: number): NdArray {
  const rows = pairs.flatMap(([first, second]) =>
    Array.from({ length }, (_, at) =>
      Array.from({ length }, (__, i) => (i === at ? first : i === (at + 5) % length ? second : filler)),
    ),
  );
  return NdArray.from(rows.flat(), dtype).reshape([rows.length, length]);
}

const LENGTH = 43;

describe('the largest and smallest in vectors', () => {
  const pairs = [
    [NaN, 1],
    [NaN, Infinity],
    [NaN, -Infinity],
    [0, -0],
    [-0, -0],
    [0, 0],
    [-0, NaN],
    [Infinity, -Infinity],
    [1e-45, -1e-45],
    [3e38, -3e38],
  ] as const;
  for (const dtype of [float32, float64]) {
    for (const filler of [-Infinity, -1, -0, 0, 1, Infinity]) {
      it(`have NaN and the sign of zero as plain kernels do, of ${dtype.name} among ${filler}`, () => {
        const x = rowsOf(dtype, filler, pairs, LENGTH);
        const rows = x.shape[0];
        const turned = NdArray.from(
          Array.from({ length: rows * LENGTH }, (_, i) => Number(x.data[(i % rows) * LENGTH + Math.floor(i / rows)])),
          dtype,
        ).reshape([LENGTH, rows]);
        for (const reduce of [reduceMax, reduceMin]) {
          const want = compute(x, (t) => reduce(t, 1), 'plain');
          expect(compute(x, (t) => reduce(t, 1))).to.deep.equal(want);
          for (const length of [2, 3, 7, 10, 18]) {
            const short = rowsOf(dtype, filler, pairs, length);
            expect(compute(short, (t) => reduce(t, 1))).to.deep.equal(compute(short, (t) => reduce(t, 1), 'plain'));
          }
          expect(compute(turned, (t) => reduce(t, 0))).to.deep.equal(want);
        }
      });
    }
  }

  it('are those of integers', () => {
    const x = rowsOf(int32, 3, [[-(2 ** 31), 2 ** 31 - 1]], LENGTH);
    expect(compute(x, (t) => reduceMax(t, 1))).to.deep.equal(new Array(LENGTH).fill(2 ** 31 - 1));
    expect(compute(x, (t) => reduceMin(t, 1))).to.deep.equal(new Array(LENGTH).fill(-(2 ** 31)));
  });
});

describe('sums in vectors', () => {
  const sums = (x: Float32Array, columns: number): { readonly exact: number[]; readonly sizes: number[] } => {
    const [exact, sizes] = [new Array<number>(columns).fill(0), new Array<number>(columns).fill(0)];
    x.forEach((each, i) => {
      exact[i % columns] += each;
      sizes[i % columns] += Math.abs(each);
    });
    return { exact, sizes };
  };

  for (const [rows, columns] of [
    [1, 100003],
    [50021, 3],
    [4099, 37],
    [67, 1030],
  ]) {
    it(`lose no more than three roundings, however long: ${rows}x${columns}`, () => {
      const x = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i) * 10 ** (i % 5));
      const array = NdArray.from(x).reshape([rows, columns]);
      const { exact, sizes } = rows === 1 ? sums(x, 1) : sums(x, columns);
      compute(array, (t) => reduceSum(t, rows === 1 ? 1 : 0)).forEach((sum, i) => {
        expect(sum).to.be.closeTo(exact[i], 2 ** -22.4 * sizes[i]);
      });
    });
  }

  it('of infinities and NaN are what they are in any order', () => {
    const x = rowsOf(
      float32,
      1,
      [
        [Infinity, 1],
        [-Infinity, 1],
        [Infinity, -Infinity],
        [NaN, 1],
      ],
      LENGTH,
    );
    const want = [Infinity, -Infinity, NaN, NaN].flatMap((sum) => new Array<number>(LENGTH).fill(sum));
    expect(compute(x, (t) => reduceSum(t, 1))).to.deep.equal(want);
  });
});

describe('reductions of many columns', () => {
  const [rows, columns] = [38, 261];
  const numbers = (dtype: DType) =>
    NdArray.from(
      Array.from({ length: rows * columns }, (_, i) =>
        i % 101 === 7 ? Number.NaN : i % 3 === 0 ? -0 : ((i * 37) % 50) - 25,
      ),
      dtype,
    ).reshape([rows, columns]);

  for (const dtype of [float32, float64])
    it(`are those of the plain kernels, of ${dtype.name}`, () => {
      for (const reduce of [reduceMax, reduceMin, reduceSum]) {
        const build = (t: Tensor) => reduce(t, 0);
        expect(compute(numbers(dtype), build)).to.deep.equal(compute(numbers(dtype), build, 'plain'));
      }
    });

  it('may store what they add up, and share rows and columns with others', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const [x, bias] = [placeholder(float32, [rows, columns]), placeholder(float32, [columns])];
      const shifted = x.sub(bias);
      const fetched = [shifted, reduceSum(shifted, 0), reduceMax(x.mul(bias), 0), reduceSum(shifted, 0).mul(2)];
      const small = (size: number) => Float32Array.from({ length: size }, (_, i) => ((i * 37) % 50) - 25);
      const feed = [
        [x, NdArray.from(small(rows * columns)).reshape([rows, columns])],
        [bias, NdArray.from(small(columns))],
      ] as const;
      const run = (backend: 'plain' | 'wasm', threads: number) => {
        const session = new Session({ graph, config: { backend, threads } });
        const values = session.runSync(fetched, { feed }).map(({ data }) => Array.from(data as Float32Array));
        session.close();
        return values;
      };
      for (const threads of [1, 2]) expect(run('wasm', threads)).to.deep.equal(run('plain', 1));
    });
  });

  it('are those of the plain kernels, of integers, bools, and over several axes', () => {
    const whole = NdArray.from(Int32Array.from({ length: 3 * rows * columns }, (_, i) => ((i * 7919) % 1000) - 500));
    const shaped = whole.reshape([3, rows, columns]);
    const builds: ((t: Tensor) => Tensor)[] = [
      (t) => reduceSum(t, 1),
      (t) => reduceMax(t, [0, 1]),
      (t) => reduceSum(t, [0, 1]),
      (t) => reduceAny(greater(t, t.mul(2)), 1),
      (t) => reduceAll(greater(t, -499), [0, 1]),
    ];
    for (const build of builds) expect(compute(shaped, build)).to.deep.equal(compute(shaped, build, 'plain'));
  });
});

describe('reductions of everything', () => {
  it('are shared by threads, and do not depend on their number', () => {
    const x = NdArray.from(Float32Array.from({ length: 7 * 40 * 1024 }, (_, i) => Math.sin(i) * (i % 7))).reshape([
      7, 40, 1024,
    ]);
    const graph = new Graph();
    graph.asDefault(() => {
      const input = placeholder(float32, x.shape);
      const all = [reduceSum, reduceMax, reduceMin].map((reduce) => reduce(input));
      const run = (threads: number) => {
        const session = new Session({ graph, config: { threads } });
        const values = session.runSync(all, { feed: [[input, x]] }).map(({ data }) => Number(data[0]));
        session.close();
        return values;
      };
      const [sum, max, min] = run(1);
      expect(run(2)).to.deep.equal([sum, max, min]);
      const numbers = Array.from(x.data as Float32Array);
      const [exact, size] = [(each: number) => each, Math.abs].map((of) =>
        numbers.reduce((s, each) => s + of(each), 0),
      );
      expect(sum).to.be.closeTo(exact, 2 ** -22 * size);
      expect([max, min]).to.deep.equal([Math.max, Math.min].map((of) => numbers.reduce((a, b) => of(a, b))));
    });
  });
});

describe('softmax', () => {
  it('is that of the plain kernel for all exponents, infinite ones too', () => {
    const x = NdArray.from(
      Float32Array.from({ length: 40 * 57 }, (_, i) => (i % 57 === 5 ? -Infinity : Math.sin(i) * (i / 20))),
    ).reshape([40, 57]);
    const want = compute(x, (t) => softmax(t), 'plain');
    compute(x, (t) => softmax(t)).forEach((share, i) => {
      // x − max(x) is rounded to float32 here, and the larger it is, the more that matters.
      const rounding = want[i] === 0 ? 0 : 2 ** -23 * (8 - Math.log(want[i])) * want[i];
      expect(share).to.be.closeTo(want[i], rounding + 3e-45);
    });
  });

  it('is NaN in a row with NaN or +infinity, and in no other', () => {
    const x = rowsOf(
      float32,
      0,
      [
        [NaN, 0],
        [Infinity, 0],
        [-Infinity, 0],
      ],
      19,
    );
    const isNaNs = compute(x, (t) => softmax(t)).map(Number.isNaN);
    expect(isNaNs.indexOf(false)).to.equal(2 * 19 * 19);
    expect(isNaNs.lastIndexOf(true)).to.equal(2 * 19 * 19 - 1);
  });
});
