/**
 * `tf.debugging`: assertions in the graph, and checks of numbers.
 */
export { checkNumerics } from '../../graph/ops/checks';
export {
  assertEqual,
  assertGreater,
  assertGreaterEqual,
  assertLess,
  assertLessEqual,
  assertNear,
  assertNegative,
  assertNoneEqual,
  assertNonNegative,
  assertNonPositive,
  assertPositive,
} from './assertions';
export { addCheckNumericsOps, verifyTensorAllFinite } from './numerics';
export {
  assertInteger,
  assertRank,
  assertRankAtLeast,
  assertRankIn,
  assertSameFloatDtype,
  assertScalar,
  assertType,
} from './ranks';
