/**
 * `tf.debugging.assert*` on values: operations that fail a run when a comparison does not hold. What is known while building is
 * checked at once.
 *
 * Something must wait for the operations, by `controlDependencies`. Assertions on shapes and types are in ./ranks.ts.
 */
import { applyUnary } from '../../graph/applyOp';
import { Assert } from '../../graph/controlFlow/assert';
import { convertToTensor, ownDType, type TensorLike } from '../../graph/convert';
import { InvalidArgumentError, repr } from '../../graph/errors';
import type { Element, NdArray } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import { equal, greater, greaterEqual, less, lessEqual, notEqual } from '../../graph/ops/compare';
import { composite } from '../../graph/ops/composite';
import { reduceAll } from '../../graph/ops/reduce';
import { noOp } from '../../graph/ops/source';
import { broadcastStaticShape, TensorShape } from '../../graph/shape';
import { constantValue } from '../../graph/staticValue';
import { Tensor } from '../../graph/tensor';

export interface AssertionOptions {
  /** What to show when it fails. Default: which condition, and the tensors. */
  readonly data?: readonly TensorLike[];
  /** How many elements of each tensor to show. */
  readonly summarize?: number;
  /** Put before the default message. */
  readonly message?: string;
  readonly name?: string;
}

/** A message as the start of a longer one. */
export function messagePrefix(message: string | undefined): string {
  return message ? `${message}.  ` : '';
}

/** What can be shown of a value in a message that is made while building. */
function staticText(value: TensorLike): string {
  if (!(value instanceof Tensor)) return String(value);
  const known = constantValue(value);
  return known ? arrayText(known) : String(value);
}

/** An array much as numpy prints it, on one line: whole floats in vectors end in a point. */
function arrayText(value: NdArray): string {
  const item = (element: unknown) => {
    if (typeof element === 'boolean') return repr(element);
    if (typeof element === 'string') return `b${repr(element)}`;
    return value.dtype.isFloating && Number.isInteger(element)
      ? `${element}.${value.rank === 0 ? '0' : ''}`
      : String(element);
  };
  const text = (part: unknown): string => (Array.isArray(part) ? `[${part.map(text).join(' ')}]` : item(part));
  return text(value.toArray());
}

/** Whether a comparison holds for all pairs of elements of two arrays, broadcast to each other. */
function holdsForAll(x: NdArray, y: NdArray, holds: (a: Element, b: Element) => boolean): boolean {
  const shape = broadcastStaticShape(new TensorShape(x.shape), new TensorShape(y.shape))!.asNumbers();
  const size = shape.reduce((product, dim) => product * dim, 1);
  const flat = (value: NdArray, position: readonly number[]) =>
    value.shape.reduce((at, dim, axis) => at * dim + (dim === 1 ? 0 : position[axis + shape.length - value.rank]), 0);
  for (let i = 0; i < size; i++) {
    let rest = i;
    const position = shape.map(() => 0);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position[axis] = rest % shape[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    if (!holds(x.flatAt(flat(x, position)), y.flatAt(flat(y, position)))) return false;
  }
  return true;
}

interface Comparison {
  readonly symbol: string;
  readonly name: string;
  readonly op: (x: Tensor, y: Tensor) => Tensor;
  readonly holds: (a: Element, b: Element) => boolean;
}

const comparisons = {
  equal: { symbol: '==', name: 'assert_equal', op: equal, holds: (a, b) => a === b },
  noneEqual: { symbol: '!=', name: 'assert_none_equal', op: notEqual, holds: (a, b) => a !== b },
  less: { symbol: '<', name: 'assert_less', op: less, holds: (a, b) => a < b },
  lessEqual: { symbol: '<=', name: 'assert_less_equal', op: lessEqual, holds: (a, b) => a <= b },
  greater: { symbol: '>', name: 'assert_greater', op: greater, holds: (a, b) => a > b },
  greaterEqual: { symbol: '>=', name: 'assert_greater_equal', op: greaterEqual, holds: (a, b) => a >= b },
} satisfies Record<string, Comparison>;

/** Both operands as tensors; a plain one takes the dtype of the other. */
function convertPair(x: TensorLike, y: TensorLike): [Tensor, Tensor] {
  const first = convertToTensor(x, { name: 'x', preferredDtype: ownDType(y) });
  return [first, convertToTensor(y, { name: 'y', preferredDtype: first.dtype })];
}

function assertBinary(comparison: Comparison, x: TensorLike, y: TensorLike, options: AssertionOptions): Operation {
  const { data, summarize, message, name } = options;
  return composite(name, comparison.name, [x, y, ...(data ?? [])], () => {
    const [a, b] = convertPair(x, y);
    const shown = data ?? [
      `Condition x ${comparison.symbol} y did not hold element-wise:`,
      `x (${a.name}) = `,
      a,
      `y (${b.name}) = `,
      b,
    ];
    const all = message === undefined ? shown : [message, ...shown];
    const condition = reduceAll(comparison.op(a, b));
    const [left, right] = [constantValue(a), constantValue(b)];
    if (left && right && !holdsForAll(left, right, comparison.holds)) {
      throw new InvalidArgumentError(all.map(staticText).join('\n'));
    }
    return Assert(condition, all, { summarize });
  });
}

/** Asserts x == y elementwise, broadcasting. Mirrors tf.compat.v1.debugging.assert_equal. */
export function assertEqual(x: TensorLike, y: TensorLike, options: AssertionOptions = {}): Operation {
  const same = composite(options.name, 'assert_equal', [x, y], () => (x === y ? noOp() : null));
  return same ?? assertBinary(comparisons.equal, x, y, options);
}

/** Asserts x != y for every pair of elements, broadcasting. Mirrors tf.compat.v1.debugging.assert_none_equal. */
export function assertNoneEqual(x: TensorLike, y: TensorLike, options: AssertionOptions = {}): Operation {
  return assertBinary(comparisons.noneEqual, x, y, options);
}

/** Asserts x < y elementwise. Mirrors tf.compat.v1.debugging.assert_less. */
export function assertLess(x: TensorLike, y: TensorLike, options: AssertionOptions = {}): Operation {
  return assertBinary(comparisons.less, x, y, options);
}

/** Asserts x <= y elementwise. Mirrors tf.compat.v1.debugging.assert_less_equal. */
export function assertLessEqual(x: TensorLike, y: TensorLike, options: AssertionOptions = {}): Operation {
  return assertBinary(comparisons.lessEqual, x, y, options);
}

/** Asserts x > y elementwise. Mirrors tf.compat.v1.debugging.assert_greater. */
export function assertGreater(x: TensorLike, y: TensorLike, options: AssertionOptions = {}): Operation {
  return assertBinary(comparisons.greater, x, y, options);
}

/** Asserts x >= y elementwise. Mirrors tf.compat.v1.debugging.assert_greater_equal. */
export function assertGreaterEqual(x: TensorLike, y: TensorLike, options: AssertionOptions = {}): Operation {
  return assertBinary(comparisons.greaterEqual, x, y, options);
}

type Compare = (x: TensorLike, y: TensorLike, options: AssertionOptions) => Operation;

/** An assertion on the sign of x: a comparison with zero, under a name of its own. */
function assertSign(
  name: string,
  symbol: string,
  x: TensorLike,
  options: AssertionOptions,
  compare: Compare,
  zeroFirst: boolean,
): Operation {
  const { summarize } = options;
  return composite(options.name, name, [x, ...(options.data ?? [])], () => {
    const tensor = convertToTensor(x, { name: 'x' });
    const data = options.data ?? [
      messagePrefix(options.message),
      `Condition x ${symbol} 0 did not hold element-wise:`,
      `x (${tensor.name}) = `,
      tensor,
    ];
    const zero = convertToTensor(0, { dtype: tensor.dtype });
    return zeroFirst ? compare(zero, tensor, { data, summarize }) : compare(tensor, zero, { data, summarize });
  });
}

/** Asserts x < 0 elementwise. Mirrors tf.compat.v1.debugging.assert_negative. */
export function assertNegative(x: TensorLike, options: AssertionOptions = {}): Operation {
  return assertSign('assert_negative', '<', x, options, assertLess, false);
}

/** Asserts x > 0 elementwise. Mirrors tf.compat.v1.debugging.assert_positive. */
export function assertPositive(x: TensorLike, options: AssertionOptions = {}): Operation {
  return assertSign('assert_positive', '>', x, options, assertLess, true);
}

/** Asserts x >= 0 elementwise. Mirrors tf.compat.v1.debugging.assert_non_negative. */
export function assertNonNegative(x: TensorLike, options: AssertionOptions = {}): Operation {
  return assertSign('assert_non_negative', '>=', x, options, assertLessEqual, true);
}

/** Asserts x <= 0 elementwise. Mirrors tf.compat.v1.debugging.assert_non_positive. */
export function assertNonPositive(x: TensorLike, options: AssertionOptions = {}): Operation {
  return assertSign('assert_non_positive', '<=', x, options, assertLessEqual, false);
}

export interface AssertNearOptions extends AssertionOptions {
  /** Relative tolerance. Default 10 times the machine epsilon of the dtype. */
  readonly rtol?: TensorLike;
  /** Absolute tolerance. Default as for rtol. */
  readonly atol?: TensorLike;
}

const epsilons: Readonly<Record<string, number>> = {
  float16: 2 ** -10,
  bfloat16: 2 ** -7,
  float32: 2 ** -23,
  float64: 2 ** -52,
};

/** Asserts |x - y| < atol + rtol·|y| elementwise. Mirrors tf.compat.v1.debugging.assert_near. */
export function assertNear(x: TensorLike, y: TensorLike, options: AssertNearOptions = {}): Operation {
  const { summarize, message, name } = options;
  return composite(name, 'assert_near', [x, y], () => {
    const a = convertToTensor(x, { name: 'x', preferredDtype: ownDType(y) });
    const b = convertToTensor(y, { name: 'y', dtype: a.dtype });
    const small = 10 * (epsilons[a.dtype.name] ?? 0);
    const rtol = convertToTensor(options.rtol ?? small, { name: 'rtol', dtype: a.dtype });
    const atol = convertToTensor(options.atol ?? small, { name: 'atol', dtype: a.dtype });
    const data = options.data ?? [
      messagePrefix(message),
      `x and y not equal to tolerance rtol = ${rtol}, atol = ${atol}`,
      `x (${a.name}) = `,
      a,
      `y (${b.name}) = `,
      b,
    ];
    const scaled = applyUnary('Mul', { x: rtol, y: applyUnary('Abs', { x: b }) }, 'mul');
    const tolerance = applyUnary('AddV2', { x: atol, y: scaled }, 'add');
    const difference = applyUnary('Abs', { x: applyUnary('Sub', { x: a, y: b }, 'sub') });
    return Assert(reduceAll(less(difference, tolerance)), data, { summarize });
  });
}
