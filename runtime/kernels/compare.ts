/**
 * Plain kernels: comparison, logic, and choosing elements by a condition.
 */
import { bool } from '../../graph/dtypes';
import { InvalidArgumentError } from '../../graph/errors';
import { allocate, NdArray, type StringElement, sizeOf } from '../../graph/ndarray';
import type { compareOps } from '../../graph/ops/compare';
import { broadcastShapes, broadcastStrides, forEachRun } from '../broadcast';
import type { Kernel, KernelTable } from '../kernel';
import { type BinaryLoop, broadcastPair, checkComputable, eachPair, type Numbers, unsupported } from './elementwise';

type Loop = BinaryLoop<Numbers>;

const lessLoop: Loop = (out, at, n, x, i, di, y, j, dj) => {
  for (let k = 0; k < n; k++) out[at + k] = x[i + k * di] < y[j + k * dj] ? 1 : 0;
};

const lessEqualLoop: Loop = (out, at, n, x, i, di, y, j, dj) => {
  for (let k = 0; k < n; k++) out[at + k] = x[i + k * di] <= y[j + k * dj] ? 1 : 0;
};

const equalLoop: Loop = (out, at, n, x, i, di, y, j, dj) => {
  for (let k = 0; k < n; k++) out[at + k] = x[i + k * di] === y[j + k * dj] ? 1 : 0;
};

const notEqualLoop: Loop = (out, at, n, x, i, di, y, j, dj) => {
  for (let k = 0; k < n; k++) out[at + k] = x[i + k * di] !== y[j + k * dj] ? 1 : 0;
};

const swap =
  (loop: Loop): Loop =>
  (out, at, n, x, i, di, y, j, dj) =>
    loop(out, at, n, y, j, dj, x, i, di);

function sameString(x: StringElement, y: StringElement): boolean {
  if (typeof x === 'string' || typeof y === 'string') return x === y;
  return x.length === y.length && x.every((byte, k) => byte === y[k]);
}

/** Strings may be bytes, which are compared one by one. */
const equalStrings = eachPair<Numbers>((x, y) => (sameString(x as never, y as never) ? 1 : 0));
const notEqualStrings = eachPair<Numbers>((x, y) => (sameString(x as never, y as never) ? 0 : 1));

function comparison(loop: Loop): Kernel {
  return ([x, y], c) => {
    checkComputable(c, x.dtype);
    return broadcastPair(x, y, bool, loop);
  };
}

/** Equality also of strings and bools; incompatible shapes may count as unequal. */
function equality(loop: Loop, strings: Loop, ofIncompatible: boolean): Kernel {
  return ([x, y], c) => {
    checkComputable(c, x.dtype);
    if (!c.attr<boolean>('incompatible_shape_error') && !fits(x.shape, y.shape))
      return NdArray.from(ofIncompatible, bool);
    return broadcastPair(x, y, bool, x.dtype.name === 'string' ? strings : loop);
  };
}

function fits(a: readonly number[], b: readonly number[]): boolean {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  return short.every(
    (dim, i) => dim === 1 || long[i + long.length - short.length] === 1 || dim === long[i + long.length - short.length],
  );
}

const spelled = ({ shape }: NdArray): string => `[${shape.join(',')}]`;

const sameShape = (a: NdArray, b: NdArray): boolean =>
  a.rank === b.rank && a.shape.every((dim, i) => dim === b.shape[i]);

const approximateEqual: Kernel = ([x, y], c) => {
  checkComputable(c, x.dtype);
  if (!x.dtype.isFloating) throw unsupported(c, x.dtype);
  if (!sameShape(x, y)) {
    throw new InvalidArgumentError(`x and y must be of the same shape. x shape: ${spelled(x)}. y shape: ${spelled(y)}`);
  }
  const tolerance = c.attr<number>('tolerance');
  return broadcastPair(
    x,
    y,
    bool,
    eachPair<Numbers>((a, b) => (Math.abs(a - b) < tolerance ? 1 : 0)),
  );
};

/** An operand of a select, from an offset on. */
interface Part<A> {
  readonly data: A;
  readonly from: number;
  readonly step: number;
}

/** `n` elements of t where the condition holds, of e elsewhere. */
function choose(
  out: Numbers,
  at: number,
  n: number,
  condition: Part<Uint8Array>,
  t: Part<Numbers>,
  e: Part<Numbers>,
): void {
  const [c, a, b] = [condition.data, t.data, e.data];
  const [dc, da, db] = [condition.step, t.step, e.step];
  let [ci, ai, bi] = [condition.from, t.from, e.from];
  for (let k = at; k < at + n; k++) {
    out[k] = c[ci] !== 0 ? a[ai] : b[bi];
    ci += dc;
    ai += da;
    bi += db;
  }
}

/** All three operands broadcast to each other. */
function broadcastSelect(condition: NdArray, t: NdArray, e: NdArray, shape: readonly number[]): NdArray {
  const out = allocate(t.dtype, sizeOf(shape));
  const strides = [condition, t, e].map((operand) => broadcastStrides(operand.shape, shape));
  forEachRun(shape, strides, (at, n, offsets, steps) => {
    const part = <A>(operand: NdArray, i: number): Part<A> => ({
      data: operand.data as A,
      from: offsets[i],
      step: steps[i],
    });
    choose(out as Numbers, at, n, part(condition, 0), part(t, 1), part(e, 2));
  });
  return new NdArray(t.dtype, shape, out);
}

/** Version 1: elementwise, or whole rows by a vector, or all by a scalar; no broadcasting. */
const select: Kernel = ([condition, t, e], c) => {
  const mismatch = (other: NdArray, index: number, first: NdArray) =>
    new InvalidArgumentError(
      `Inputs to operation ${c.op.name} of type ${c.op.type} must have the same size and shape.  Input 0: ${spelled(first)} != input ${index}: ${spelled(other)}`,
    );
  if (condition.rank === 0) {
    if (!sameShape(t, e)) throw mismatch(e, 2, t);
    return condition.data[0] !== 0 ? t : e;
  }
  if (condition.rank === 1 && !sameShape(condition, t)) {
    if (t.rank === 0) throw new InvalidArgumentError(`'then' must be at least a vector, but saw shape: ${spelled(t)}`);
    if (t.shape[0] !== condition.shape[0]) {
      throw new InvalidArgumentError(
        `Number of batches of 'then' must match size of 'cond', but saw: ${t.shape[0]} vs. ${condition.shape[0]}`,
      );
    }
    if (!sameShape(t, e)) throw mismatch(e, 2, t);
    const column = condition.reshape([condition.size, ...t.shape.slice(1).map(() => 1)]);
    return broadcastSelect(column, t, e, t.shape);
  }
  if (!sameShape(condition, t)) throw mismatch(t, 1, condition);
  if (!sameShape(condition, e)) throw mismatch(e, 2, condition);
  return broadcastSelect(condition, t, e, t.shape);
};

const selectV2: Kernel = ([condition, t, e]) => {
  const joint = fits(t.shape, e.shape) ? broadcastShapes(t.shape, e.shape) : null;
  if (!joint || !fits(joint, condition.shape)) {
    throw new InvalidArgumentError(
      `condition ${spelled(condition)}, then ${spelled(t)}, and else ${spelled(e)} must be broadcastable`,
    );
  }
  return broadcastSelect(condition, t, e, broadcastShapes(joint, condition.shape));
};

export const compareKernels: KernelTable<typeof compareOps> = {
  Equal: equality(equalLoop, equalStrings, false),
  NotEqual: equality(notEqualLoop, notEqualStrings, true),
  Less: comparison(lessLoop),
  LessEqual: comparison(lessEqualLoop),
  Greater: comparison(swap(lessLoop)),
  GreaterEqual: comparison(swap(lessEqualLoop)),
  ApproximateEqual: approximateEqual,
  LogicalAnd: comparison((out, at, n, x, i, di, y, j, dj) => {
    for (let k = 0; k < n; k++) out[at + k] = x[i + k * di] & y[j + k * dj];
  }),
  LogicalOr: comparison((out, at, n, x, i, di, y, j, dj) => {
    for (let k = 0; k < n; k++) out[at + k] = x[i + k * di] | y[j + k * dj];
  }),
  LogicalNot: ([x]) => {
    const out = new Uint8Array(x.size);
    const from = x.data as Uint8Array;
    for (let k = 0; k < out.length; k++) out[k] = from[k] ^ 1;
    return new NdArray(bool, x.shape, out);
  },
  Select: select,
  SelectV2: selectV2,
};
