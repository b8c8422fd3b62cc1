/**
 * `tf.math`, and the part of it that `tf` repeats: elementwise functions, comparisons, reductions, products.
 */
export {
  add,
  div,
  divide,
  divNoNan,
  floorDiv,
  floordiv,
  floormod,
  maximum,
  minimum,
  mod,
  multiply,
  multiplyNoNan,
  pow,
  realdiv,
  scalarMul,
  squaredDifference,
  subtract,
  truediv,
  truncatediv,
  truncatemod,
  xdivy,
  xlog1py,
  xlogy,
} from '../../graph/ops/binary';
export { bitwiseAnd, bitwiseOr, bitwiseXor, invert, leftShift, rightShift } from '../../graph/ops/bitwise';
export { cast, saturateCast, toDouble, toFloat, toInt32, toInt64 } from '../../graph/ops/cast';
export { accumulateN, addN } from '../../graph/ops/combine';
export {
  approximateEqual,
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  notEqual,
  where,
  whereV2,
} from '../../graph/ops/compare';
export { matmul, matvec } from '../../graph/ops/matmul';
export {
  argmax,
  argmin,
  reduceAll,
  reduceAny,
  reduceEuclideanNorm,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceProd,
  reduceSum,
} from '../../graph/ops/reduce';
export { cumprod, cumsum, cumulativeLogsumexp } from '../../graph/ops/scan';
export { digamma, erf, erfc, erfcinv, erfinv, lgamma, ndtri, polygamma, zeta } from '../../graph/ops/special';
export { acos, acosh, asin, asinh, atan, atan2, atanh, cos, cosh, sin, sinh, tan } from '../../graph/ops/trigonometric';
export {
  abs,
  ceil,
  exp,
  expm1,
  floor,
  isFinite,
  isInf,
  isNan,
  log,
  log1p,
  negative,
  reciprocal,
  rint,
  round,
  rsqrt,
  sigmoid,
  sign,
  sqrt,
  square,
  tanh,
} from '../../graph/ops/unary';
export { clipByAverageNorm, clipByGlobalNorm, clipByNorm, clipByValue, globalNorm } from './clip';
export { einsum } from './einsum';
export { logSigmoid, reciprocalNoNan } from './elementwise';
export { norm } from './norm';
export { countNonzero, reduceLogsumexp, reduceStd, reduceVariance } from './reductions';
export { tensordot } from './tensordot';
