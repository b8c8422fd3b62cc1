/**
 * `tf.debugging.assert*` on shapes and types. What is known while building is checked at once and leaves a NoOp.
 */
import { applyUnary } from '../../graph/applyOp';
import { Assert } from '../../graph/controlFlow/assert';
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { asDType, type DType, float32, int32 } from '../../graph/dtypes';
import { GraphTypeError, ValueError } from '../../graph/errors';
import { toNumbers } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import { composite } from '../../graph/ops/composite';
import { withDependencies } from '../../graph/ops/grouping';
import { rank as rankOf, shape as shapeOf } from '../../graph/ops/shapes';
import { noOp } from '../../graph/ops/source';
import { constantValue } from '../../graph/staticValue';
import type { Tensor } from '../../graph/tensor';
import { type AssertionOptions, messagePrefix } from './assertions';

interface Named {
  readonly message?: string;
  readonly name?: string;
}

/** Asserts that a tensor has that dtype, while building; yields a NoOp. Mirrors tf.compat.v1.debugging.assert_type. */
export function assertType(tensor: TensorLike, type: DType, { message, name }: Named = {}): Operation {
  const wanted = asDType(type);
  return composite(name, 'assert_type', [tensor], () => {
    const x = convertToTensor(tensor, { name: 'tensor' });
    if (x.dtype !== wanted) {
      throw new GraphTypeError(
        `${messagePrefix(message)}${x.name} must be of type tf.${wanted.name}; got tf.${x.dtype.name}`,
      );
    }
    return noOp({ name: 'statically_determined_correct_type' });
  });
}

/** Asserts that a tensor holds integers, while building; yields a NoOp. Mirrors tf.compat.v1.debugging.assert_integer. */
export function assertInteger(x: TensorLike, { message, name }: Named = {}): Operation {
  return composite(name, 'assert_integer', [x], () => {
    const tensor = convertToTensor(x, { name: 'x' });
    if (!tensor.dtype.isInteger) {
      throw new GraphTypeError(
        `${messagePrefix(message)}Expected "x" to be integer type.  Found: ${tensor.name} of dtype ${tensor.dtype}`,
      );
    }
    return noOp({ name: 'statically_determined_was_integer' });
  });
}

/** Asserts that a tensor is a scalar, while building; yields it. Mirrors tf.compat.v1.debugging.assert_scalar. */
export function assertScalar(tensor: TensorLike, { message, name }: Named = {}): Tensor {
  return composite(name, 'assert_scalar', [tensor], (scope) => {
    const x = convertToTensor(tensor, { name: scope });
    if (x.shape.rank !== 0) {
      throw new ValueError(`${messagePrefix(message)}Expected scalar shape for ${x.name}, saw shape: ${x.shape}.`);
    }
    return x;
  });
}

interface RankRule {
  readonly holds: (actual: number, given: readonly number[]) => boolean;
  readonly condition: (actual: Tensor, given: readonly Tensor[]) => Tensor;
}

const equalRanks = (x: Tensor, y: Tensor) => applyUnary('Equal', { x, y });

/** The rule applied while building where all ranks are known, else at run time. Null says that it holds already. */
function checkRanks(
  x: Tensor,
  ranks: readonly Tensor[],
  rule: RankRule,
  fail: (actual: number, given: readonly number[]) => never,
): Tensor | null {
  for (const rank of ranks) assertType(rank, int32);
  const known = ranks.map(constantValue);
  for (const value of known) if (value && value.rank !== 0) throw new ValueError('Rank must be a scalar.');
  const actual = x.shape.rank;
  if (known.every((value) => value !== null) && actual !== null) {
    const given = known.map((value) => toNumbers(value)[0]);
    if (!rule.holds(actual, given)) fail(actual, given);
    return null;
  }
  let condition = rule.condition(rankOf(x), ranks);
  ranks.forEach((rank, i) => {
    if (known[i]) return;
    const check = assertRank(rank, 0, { data: ['Rank must be a scalar. Received rank: ', rank] });
    condition = withDependencies([check], condition);
  });
  return condition;
}

function assertRanks(
  fallback: string,
  what: string,
  x: TensorLike,
  ranks: readonly TensorLike[],
  rule: RankRule,
  expected: (given: readonly number[]) => string,
  { data, summarize, message, name }: AssertionOptions,
): Operation {
  return composite(name, fallback, [x, ...ranks, ...(data ?? [])], () => {
    const tensor = convertToTensor(x, { name: 'x' });
    const given = ranks.map((rank) => convertToTensor(rank, { name: 'rank', preferredDtype: int32 }));
    const prefix = messagePrefix(message);
    const shown = data ?? [
      prefix,
      `Tensor ${tensor.name} must have rank${what}`,
      ...given,
      'Received shape: ',
      shapeOf(tensor),
    ];
    const condition = checkRanks(tensor, given, rule, (actual, known) => {
      throw new ValueError(
        `${prefix}Tensor ${tensor.name} must have rank${what} ${expected(known)}.  Received rank ${actual}, shape ${tensor.shape}`,
      );
    });
    return condition ? Assert(condition, shown, { summarize }) : noOp({ name: 'static_checks_determined_all_ok' });
  });
}

/** Asserts that x has that rank. Mirrors tf.compat.v1.debugging.assert_rank. ValueError where it is known to have another. */
export function assertRank(x: TensorLike, rank: TensorLike, options: AssertionOptions = {}): Operation {
  const rule = {
    holds: (actual: number, [given]: readonly number[]) => actual === given,
    condition: (actual: Tensor, [given]: readonly Tensor[]) => equalRanks(actual, given),
  };
  return assertRanks('assert_rank', '', x, [rank], rule, ([given]) => String(given), options);
}

/** Asserts that x has at least that rank. Mirrors tf.compat.v1.debugging.assert_rank_at_least. */
export function assertRankAtLeast(x: TensorLike, rank: TensorLike, options: AssertionOptions = {}): Operation {
  const rule = {
    holds: (actual: number, [given]: readonly number[]) => actual >= given,
    condition: (actual: Tensor, [given]: readonly Tensor[]) => applyUnary('GreaterEqual', { x: actual, y: given }),
  };
  return assertRanks('assert_rank_at_least', ' at least', x, [rank], rule, ([given]) => String(given), options);
}

/** Asserts that x has one of those ranks. Mirrors tf.compat.v1.debugging.assert_rank_in. */
export function assertRankIn(x: TensorLike, ranks: readonly TensorLike[], options: AssertionOptions = {}): Operation {
  const rule = {
    holds: (actual: number, given: readonly number[]) => given.includes(actual),
    condition: (actual: Tensor, given: readonly Tensor[]) => {
      if (given.length === 0) return convertToTensor(false);
      const each = (rank: Tensor) => equalRanks(rank, actual);
      return given.slice(1).reduce((any, rank) => applyUnary('LogicalOr', { x: any, y: each(rank) }), each(given[0]));
    },
  };
  return assertRanks(
    'assert_rank_in',
    ' in',
    x,
    ranks,
    rule,
    (given) => `(${given.join(', ')}${given.length === 1 ? ',' : ''})`,
    options,
  );
}

/**
 * The float dtype that all tensors have (default float32), which must be `dtype` if that is given.
 *
 * Mirrors tf.debugging.assert_same_float_dtype. ValueError when they differ or are no floats.
 */
export function assertSameFloatDtype(tensors: readonly Tensor[] = [], dtype?: DType): DType {
  const [first] = tensors;
  const expected = dtype ? asDType(dtype) : first?.dtype;
  for (const tensor of tensors) {
    if (tensor.dtype !== expected) {
      const as = dtype ? '' : ` as ${first.name}`;
      throw new ValueError(`${tensor.name}, type=${tensor.dtype}, must be of the same type (${expected})${as}.`);
    }
  }
  const found = expected ?? float32;
  if (!found.isFloating) throw new ValueError(`Expected floating point type, got ${found}.`);
  return found;
}
