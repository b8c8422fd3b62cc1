/**
 * Random graphs of many kinds of ops, computed by the plain kernels and by compiled kernels: with and without fusion, with one
 * thread and with two. All must agree, in both of two runs; the second sees what the first wrote to variables.
 *
 * Functions keep numbers in a moderate range, and graphs are drawn from fixed seeds: a difference is a mistake, not bad luck.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import * as tf from '../../../lib/index';
import type { SessionConfig } from '../../../runtime/config';

type Value = tf.Tensor;

/** One instruction: what to do, to which values, and a number that decides the details. */
type Instruction = readonly [what: number, first: number, second: number, detail: number];

interface Size {
  readonly rows: number;
  readonly columns: number;
}

const configs: readonly SessionConfig[] = [
  { threads: 1, blas: 'off' },
  { threads: 2, blas: 'off' },
  { threads: 1, blas: 'off', fusion: false },
];

const isMatrix = (x: Value): boolean => x.shape.rank === 2;
const transposed = (x: Value): Value => (isMatrix(x) ? tf.transpose(x) : x);
const axisOf = (x: Value, detail: number): number => detail % Math.max(1, x.shape.rank!);

/** Rearrangements, of any dtype. */
const moves: readonly ((x: Value, y: Value, detail: number) => Value)[] = [
  transposed,
  (x, _, detail) => (isMatrix(x) ? tf.reverse(x, [detail % 2]) : x),
  (x, y, detail) => (x.shape.rank === y.shape.rank && isMatrix(x) ? tf.concat([x, x, x], detail % 2) : x),
  (x, _, detail) => (isMatrix(x) ? tf.stridedSlice(x, [0, 0], [1e6, 1e6], [1 + (detail % 2), 2 - (detail % 2)]) : x),
  (x, _, detail) => (isMatrix(x) ? tf.stridedSlice(x, [detail % 2, 0], [1e6, 1e6], [1, 1]) : x),
  (x) => tf.reshape(x, [-1]),
  (x, _, detail) =>
    isMatrix(x)
      ? tf.pad(x, [
          [detail % 2, 1],
          [0, detail % 3],
        ])
      : x,
  (x) => (isMatrix(x) ? tf.tile(x, [1, 2]) : x),
  (x, y) => (x.shape.isFullyDefined() && String(x.shape) === String(y.shape) ? tf.stack([x, y]) : x),
  (x) => (x.shape.rank === 3 ? tf.unstack(x)[0] : x),
  (x) => tf.identity(x),
  (x, _, detail) => (hasRows(x) ? tf.gather(x, someRows(x, detail)) : x),
  (x, y, detail) =>
    hasRows(x) && hasRows(y) && !x.dtype.isBool
      ? tf.tensorScatterNdAdd(x, tf.expandDims(someRows(x, detail), 1), like(x, y))
      : x,
  (x, _, detail) => (hasRows(x) ? tf.gatherNd(x, tf.expandDims(someRows(x, detail), 1)) : x),
  (x, _, detail) => (hasRows(x) ? tf.roll(x, 1 + (detail % 3), detail % 2) : x),
  (x) => (isMatrix(x) && !x.dtype.isBool ? tf.einsum('ij->j', x) : x),
];

const hasRows = (x: Value): boolean => isMatrix(x) && x.shape.isFullyDefined() && x.shape.asNumbers()[0] > 0;

/** Three rows of a matrix, one of them twice where there are few. */
const someRows = (x: Value, detail: number): Value => {
  const [rows] = x.shape.asNumbers();
  return tf.constant([detail % rows, 0, (detail * 7) % rows], { dtype: detail % 2 ? tf.int32 : tf.int64 });
};

/** Three rows for `someRows` of x, made of numbers of y. */
const like = (x: Value, y: Value): Value =>
  tf.multiply(tf.ones([3, x.shape.asNumbers()[1]], x.dtype), tf.reduceMax(y, [0, 1]));

const unaryFloats: readonly ((x: Value, detail: number) => Value)[] = [
  (x) => tf.tanh(x),
  (x) => tf.sigmoid(x),
  (x) => tf.nn.relu(x),
  (x) => tf.exp(tf.minimum(x, tf.cast(1, x.dtype))),
  (x) => tf.sqrt(tf.abs(x)),
  (x) => tf.negative(x),
  (x) => tf.square(tf.tanh(x)),
  (x) => tf.log1p(tf.abs(x)),
  (x, detail) => tf.reduceSum(tf.tanh(x), axisOf(x, detail), { keepdims: true }),
  (x, detail) => tf.reduceMax(x, axisOf(x, detail), { keepdims: detail % 3 > 0 }),
  (x, detail) => tf.reduceMin(x, axisOf(x, detail), { keepdims: true }),
  (x, detail) => tf.reduceMean(x, axisOf(x, detail), { keepdims: true }),
  (x) => tf.reduceMean(x),
  (x, detail) => tf.cumsum(tf.tanh(x), axisOf(x, detail), { exclusive: detail % 2 > 0, reverse: detail % 3 > 0 }),
  (x) => (isMatrix(x) ? tf.nn.softmax(x) : x),
  (x) => (isMatrix(x) ? tf.nn.logSoftmax(x) : x),
];

const unaryWholes: readonly ((x: Value, detail: number) => Value)[] = [
  (x) => tf.negative(x),
  (x) => tf.abs(x),
  (x) => tf.sign(x),
  (x, detail) => tf.reduceSum(x, axisOf(x, detail), { keepdims: true }),
  (x, detail) => tf.reduceMax(x, axisOf(x, detail), { keepdims: true }),
  (x, detail) => tf.cumsum(x, axisOf(x, detail)),
  (x) => tf.floorDiv(x, tf.cast(-3, x.dtype)),
  (x) => tf.mod(tf.cast(1000, x.dtype), tf.add(tf.abs(tf.minimum(x, tf.cast(5, x.dtype))), tf.cast(1, x.dtype))),
];

const unaryBools: readonly ((x: Value, detail: number) => Value)[] = [
  (x) => tf.logicalNot(x),
  (x, detail) => tf.reduceAny(x, axisOf(x, detail), { keepdims: true }),
  (x, detail) => tf.reduceAll(x, axisOf(x, detail), { keepdims: true }),
];

const binaryNumbers: readonly ((x: Value, y: Value) => Value)[] = [
  (x, y) => tf.add(x, y),
  (x, y) => tf.subtract(x, y),
  (x, y) => tf.multiply(x, y),
  (x, y) => tf.maximum(x, y),
  (x, y) => tf.minimum(x, y),
  (x, y) => tf.less(x, y),
  (x, y) => tf.greaterEqual(x, y),
  (x, y) => tf.where(tf.less(x, tf.add(y, tf.cast(1, y.dtype))), x, y),
];

const binaryBools: readonly ((x: Value, y: Value) => Value)[] = [
  (x, y) => tf.logicalAnd(x, y),
  (x, y) => tf.logicalOr(x, y),
];

/** Numbers of another dtype. Floats are moderate before they become integers, and apart from a border. */
function converted(x: Value, detail: number): Value {
  const [from, to] = [x.dtype, [tf.float32, tf.float64, tf.int32, tf.int64, tf.bool][detail % 5]];
  if (from.isBool && to.isBool) return x;
  if (from.isFloating && !to.isFloating)
    return to.isBool ? x : tf.cast(tf.add(tf.multiply(tf.tanh(x), tf.cast(7, from)), tf.cast(0.37, from)), to);
  return tf.cast(x, to);
}

const pick = <T>(list: readonly T[], at: number): T => list[at % list.length];

/** Follows the instructions; those that do not fit the shapes that they meet are left out. */
function build(instructions: readonly Instruction[], inputs: readonly Value[], variable: tf.Variable): Value[] {
  const graph = inputs[0].graph;
  const values: Value[] = [...inputs];
  let writes: tf.Operation[] = [];
  const after = (make: () => Value): Value => graph.controlDependencies(writes, make);
  const step = ([what, i, j, detail]: Instruction): Value => {
    const x = pick(values, i);
    const partners = values.filter(({ dtype }) => dtype === x.dtype);
    const y = pick(partners, j);
    switch (what % 8) {
      case 0:
        return pick(moves, detail)(x, y, j);
      case 1:
        return converted(x, detail);
      case 2:
        return x.dtype.isBool ? pick(binaryBools, detail)(x, y) : pick(binaryNumbers, detail)(x, y);
      case 3:
        if (!x.dtype.isFloating || !isMatrix(x) || !isMatrix(y)) return x;
        return tf.tanh(tf.matmul(x, y, { transposeA: detail % 2 === 0, transposeB: detail % 3 === 0 }));
      case 4:
        return x.dtype === tf.float32 ? tf.nn.dropout(x, { rate: 0.3, seed: detail }) : x;
      case 5:
        return after(() => variable.readValue());
      case 6: {
        const value = tf.tanh(
          tf.multiply(
            tf.reduceMean(tf.cast(x, tf.float32)),
            after(() => variable.readValue()),
          ),
        );
        const how = { readValue: false } as const;
        graph.controlDependencies(writes, () => {
          const write = [() => variable.assign(value, how), () => variable.assignAdd(value, how)];
          if (hasRows(value)) {
            const indices = someRows(value, j);
            const rows = new tf.IndexedSlices(tf.gather(value, indices), indices);
            write.push(
              () => variable.scatterAdd(rows).op,
              () => variable.scatterUpdate(rows).op,
            );
          }
          writes = [pick(write, detail)()];
        });
        return after(() => variable.readValue());
      }
      default:
        if (x.dtype.isFloating) return pick(unaryFloats, detail)(x, j);
        return pick(x.dtype.isBool ? unaryBools : unaryWholes, detail)(x, j);
    }
  };
  for (const instruction of instructions) {
    try {
      values.push(step(instruction));
    } catch (error) {
      if (!(error instanceof tf.errors.ValueError)) throw error;
    }
  }
  return values.slice(inputs.length);
}

function isSame(got: number | bigint, want: number | bigint, isFloating: boolean): boolean {
  if (Object.is(got, want) || got === want) return true;
  return isFloating && Math.abs(Number(got) - Number(want)) <= 2e-5 * Math.abs(Number(want)) + 2e-5;
}

function compare(got: tf.NdArray, want: tf.NdArray, where: () => string): void {
  expect(got.dtype.name, where()).to.equal(want.dtype.name);
  expect([...got.shape], where()).to.deep.equal([...want.shape]);
  for (let i = 0; i < want.data.length; i++) {
    const [g, w] = [got.data[i] as number, want.data[i] as number];
    if (!isSame(g, w, got.dtype.isFloating)) expect.fail(`${where()}: element ${i} is ${g}, plain ${w}`);
  }
}

function check(instructions: readonly Instruction[], { rows, columns }: Size): void {
  const graph = new tf.Graph();
  graph.asDefault(() => {
    tf.setRandomSeed(7);
    const shape = [rows, columns];
    const data = (f: (i: number) => number) => Array.from({ length: rows * columns }, (_, i) => f(i));
    const feed = [
      [tf.placeholder(tf.float32, shape), { data: data((i) => Math.sin(i * 1.3) * 2), shape }],
      [tf.placeholder(tf.float64, shape), { data: data((i) => Math.cos(i * 0.7) * 2), shape }],
      [tf.placeholder(tf.int32, shape), { data: data((i) => ((i * 7) % 11) - 5), shape }],
      [tf.placeholder(tf.int64, shape), { data: data((i) => ((i * 5) % 13) - 6), shape }],
      [
        tf.placeholder(tf.float32, [columns]),
        { data: Array.from({ length: columns }, (_, i) => Math.cos(i)), shape: [columns] },
      ],
    ] as const;
    const variable = new tf.Variable(tf.fill(shape, 0.25), { name: 'v', dtype: tf.float32 });
    const values = build(
      instructions,
      feed.map(([placeholder]) => placeholder),
      variable,
    );
    const outputs = values.filter((_, i) => i % 2 === 0 || i === values.length - 1);
    if (outputs.length === 0) return;
    const run = (config: SessionConfig): tf.NdArray[] => {
      const session = new tf.Session({ graph, config: { ...config, seed: 1 } });
      session.runSync(variable.initializer);
      const twice = [1, 2].flatMap(() => [...(session.runSync(outputs, { feed: [...feed] }) as tf.NdArray[])]);
      twice.push(session.runSync(variable.readValue()) as tf.NdArray);
      session.close();
      return twice;
    };
    const want = run({ backend: 'plain' });
    const names = [...outputs, ...outputs].map(({ op }) => op.type).concat('the variable');
    for (const config of configs) {
      const got = run(config);
      got.forEach((value, i) => compare(value, want[i], () => `${JSON.stringify(config)}, output ${i} (${names[i]})`));
    }
  });
}

describe('dropout', () => {
  for (const size of [
    { rows: 1, columns: 1 },
    { rows: 3, columns: 5 },
    { rows: 8, columns: 32 },
  ]) {
    it(`of dropout draws from two streams, ${size.rows}×${size.columns}`, () =>
      check(
        [
          [4, 0, 0, 1],
          [4, 5, 0, 2],
          [4, 6, 0, 3],
        ],
        size,
      ));

    it(`draws all its words beside a conversion to 64 bits, ${size.rows}×${size.columns}`, () =>
      check(
        [
          [1, 0, 0, 3],
          [9, 6, 0, 0],
          [4, 0, 0, 1],
        ],
        size,
      ));
  }
});

describe('random graphs', function () {
  this.timeout(0);
  const instruction = fc.tuple(fc.nat(999), fc.nat(999), fc.nat(999), fc.nat(999));

  const agree = (size: fc.Arbitrary<Size>, longest: number, numRuns: number, seed: number) =>
    fc.assert(
      fc.property(fc.array(instruction, { minLength: 1, maxLength: longest }), size, (instructions, s) => {
        check(instructions, s);
      }),
      { numRuns, seed },
    );
  const sizes = (rows: readonly number[], columns: readonly number[]) =>
    fc.record({ rows: fc.constantFrom(...rows), columns: fc.constantFrom(...columns) });

  it('agree over small and odd shapes', () => agree(sizes([1, 2, 3, 5, 16, 33], [1, 2, 4, 17, 32]), 18, 60, 11));

  it('agree over shapes without elements', () => agree(sizes([0, 1, 3], [0, 2, 5]), 12, 25, 12));

  it('agree over shapes that are worth two threads', () => agree(sizes([61, 256, 515], [64, 127, 257]), 8, 10, 13));
});
