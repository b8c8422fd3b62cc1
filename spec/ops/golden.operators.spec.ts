/**
 * Twins of spec/golden/operators.py: operators on tensors, and the names that they give.
 */

import { getDefaultGraph } from '../../graph/defaultGraph';
import type { DType } from '../../graph/dtypes';
import * as dtypes from '../../graph/dtypes';
import * as activations from '../../graph/ops/activations';
import * as binary from '../../graph/ops/binary';
import { newaxis } from '../../graph/ops/brackets';
import { cast, saturateCast, toDouble, toFloat, toInt32, toInt64 } from '../../graph/ops/cast';
import { accumulateN, addN } from '../../graph/ops/combine';
import { equal, notEqual } from '../../graph/ops/compare';
import { stack, unstack } from '../../graph/ops/joining';
import { booleanMask } from '../../graph/ops/masking';
import { shape } from '../../graph/ops/shapes';
import { slice, stridedSlice } from '../../graph/ops/slice';
import '../../graph/ops/slicing';
import { constant, ones, placeholder } from '../../graph/ops/source';
import * as special from '../../graph/ops/special';
import * as trigonometric from '../../graph/ops/trigonometric';
import * as unary from '../../graph/ops/unary';
import { logSigmoid } from '../../lib/math/elementwise';
import { crelu, swish } from '../../lib/nn/activations';
import { logSoftmax, softmax } from '../../lib/nn/softmax';
import { goldenCases } from '../support/golden';
import { f32, i32 } from '../support/opCase';

const { float32, int32, int64 } = dtypes;

const input = (dtype: DType, shape: (number | null)[] | null, name: string) => placeholder(dtype, shape, { name });
const pair = (dtype: DType = float32) => [input(dtype, [2, 3], 'x'), input(dtype, [2, 3], 'y')] as const;

goldenCases('operators', {
  operators_on_tensors: () => {
    const [x, y] = pair();
    return [x.add(y), x.sub(y), x.mul(y), x.div(y), x.floordiv(y), x.mod(y), x.pow(y), x.neg(), x.abs()];
  },
  operators_with_number_right: () => {
    const [x] = pair();
    return [x.add(2), x.sub(2), x.mul(2), x.div(2), x.floordiv(2), x.mod(2), x.pow(2)];
  },
  operators_with_number_left: () => {
    const [x] = pair();
    return [x.radd(2), x.rsub(2), x.rmul(2), x.rdiv(2), x.rfloordiv(2), x.rmod(2), x.rpow(2)];
  },
  operators_on_ints: () => {
    const [x, y] = pair(int32);
    return [x.add(y), x.sub(y), x.mul(y), x.div(y), x.floordiv(y), x.mod(y), x.pow(y), x.neg(), x.abs()];
  },
  operators_on_ints_with_numbers: () => {
    const [x] = pair(int64);
    return [x.add(2), x.rsub(2), x.mul(2), x.div(2), x.floordiv(2), x.rmod(7)];
  },
  operators_broadcast: () => {
    const x = input(float32, [null, 3], 'x');
    const y = input(float32, [3], 'y');
    const z = input(float32, null, 'z');
    return [x.add(y), x.mul(z), y.sub(x), ones([4, 1]).mul(y)];
  },
  operators_with_arrays: () => {
    const [x] = pair();
    return [x.add(Float32Array.of(1, 2, 3)), x.mul([1, 2, 3]), x.rsub([[1], [2]])];
  },
  operators_in_name_scope: () => {
    const [x, y] = pair();
    const [a, b] = getDefaultGraph().nameScope('s', () => {
      const sum = x.add(y);
      return [sum, sum.add(1)];
    });
    return [b, a.add(b), a.add(2)];
  },
  operators_matmul: () => {
    const [x, y] = [input(float32, [2, 3], 'x'), input(float32, [3, 4], 'y')];
    const [a, b] = [input(float32, [null, 2, 3], 'a'), input(float32, [null, 3, 4], 'b')];
    return [x.matmul(y), a.matmul(b), a.matmul(y)];
  },
  operators_comparison: () => {
    const [x, y] = pair();
    return [x.less(y), x.lessEqual(y), x.greater(y), x.greaterEqual(y), x.less(1), x.greater(1)];
  },
  operators_equality: () => {
    const [x, y] = pair();
    return [equal(x, y), notEqual(x, y), x.equal(0)];
  },
  operators_logic: () => {
    const [a, b] = ['a', 'b'].map((name) => input(dtypes.bool, [2], name));
    return [a.and(b), a.or(b), a.xor(b), a.invert(), a.and(true), a.ror(false)];
  },
  operators_bitwise: () => {
    const a = input(int32, [2], 'a');
    return [a.and(3), a.or(4), a.xor(a), a.invert()];
  },
  functions_named_like_operators: () => {
    const [x, y] = pair();
    const functions = [
      binary.add,
      binary.subtract,
      binary.multiply,
      binary.divide,
      binary.div,
      binary.truediv,
      binary.realdiv,
      binary.floordiv,
      binary.mod,
      binary.floormod,
      binary.truncatemod,
      binary.pow,
      (a: typeof x) => unary.negative(a),
      binary.divNoNan,
      binary.squaredDifference,
      binary.maximum,
      binary.minimum,
      trigonometric.atan2,
      binary.floorDiv,
    ];
    return functions.map((f) => f(x, y));
  },
  functions_with_numbers: () => {
    const [x] = pair();
    const { add, multiply, maximum, pow, divide, truediv } = binary;
    return [add(x, 1), multiply(2, x), maximum(x, 0), pow(x, 2), divide(x, 2), truediv(i32(1), i32(2))];
  },
  integer_division_functions: () => {
    const [x, y] = pair(int32);
    const { div, truediv, divide, floordiv, truncatediv, mod } = binary;
    return [div, truediv, divide, floordiv, truncatediv, mod].map((f) => f(x, y));
  },
  functions_named: () => {
    const [x, y] = pair();
    return [
      binary.add(x, y, { name: 'sum' }),
      binary.add(x, 1, { name: 'more' }),
      binary.divide(x, y, { name: 'ratio' }),
      binary.truediv(x, 2, { name: 'half' }),
    ];
  },
  add_n_and_accumulate: () => {
    const [x, y] = pair();
    return [addN([x, y, x]), addN([x]), addN([x, y], { name: 'total' }), accumulateN([x, y])];
  },
  constants_only: () => [constant(f32(1)).add(constant(f32(2))), constant(i32([1, 2])).mul(3), constant(f32(2)).pow(3)],
  unary_math: () => {
    const x = input(float32, [3], 'x');
    const {
      abs,
      sign,
      square,
      sqrt,
      rsqrt,
      reciprocal,
      exp,
      expm1,
      log,
      log1p,
      sigmoid,
      floor,
      ceil,
      round,
      rint,
      tanh,
    } = unary;
    const { sin, cos, tan, asin, acos, atan, sinh, cosh, asinh, acosh, atanh } = trigonometric;
    const functions = [
      ...[abs, sign, square, sqrt, rsqrt, reciprocal, exp, expm1, log, log1p],
      ...[sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh],
      ...[sigmoid, floor, ceil, round, rint, special.erf, special.erfc, special.lgamma, special.digamma],
      ...[unary.isNan, unary.isInf, unary.isFinite],
    ];
    return functions.map((f) => f(x));
  },
  rounding_of_ints: () => {
    const x = input(int32, [3], 'x');
    return [unary.round(x), unary.abs(x), unary.sign(x), unary.square(x)];
  },
  casts: () => {
    const x = input(float32, [3], 'x');
    return [
      cast(x, int32),
      cast(x, float32),
      toFloat(constant(i32(1))),
      toInt32(x),
      toInt64(x),
      toDouble(x),
      cast(true, float32),
      cast(i32(3), float32, { name: 'three' }),
      saturateCast(x, dtypes.uint8),
    ];
  },
  slice_index: () => {
    const x = input(float32, [4, 5, 6], 'x');
    return [x.at(0), x.at(-1), x.at(1, 2), x.at(1, 2, 3)];
  },
  slice_ranges: () => {
    const x = input(float32, [4, 5, 6], 'x');
    return ['1:3', ':2', '2:', ':', '::2', '::-1', '1:4:2, -2:'].map((items) => x.at(items));
  },
  slice_new_axis_and_ellipsis: () => {
    const x = input(float32, [4, 5, 6], 'x');
    return [x.at(newaxis), x.at('...', newaxis), x.at('...', 0), x.at(0, '...', [1, 3]), x.at([], newaxis, 2)];
  },
  slice_dynamic: () => {
    const x = input(float32, [null, 5], 'x');
    const i = input(int32, [], 'i');
    return [x.at(i), x.at([null, i]), x.at([i, i.add(1)], 2), x.at(-1), x.at([], [1, null])];
  },
  slice_of_shape: () => {
    const x = input(float32, [null, 5], 'x');
    return [shape(x).at(0), shape(x).at([1, null]), shape(x).at(-1)];
  },
  slice_with_mask: () => {
    const x = input(float32, [4], 'x');
    return [x.at(x.greater(0)), booleanMask(x, [true, false, true, true])];
  },
  slice_functions: () => {
    const x = input(float32, [4, 5], 'x');
    return [
      slice(x, [1, 0], [2, 3]),
      slice(x, [1, 0], [-1, -1]),
      stridedSlice(x, [0, 1], [3, 4]),
      stridedSlice(x, [0, 1], [3, 4], [2, 1], { name: 'every_other' }),
      stridedSlice(x, [0], [1], null, { shrinkAxisMask: 1 }),
    ];
  },
  tensor_array_protocol: () => {
    const x = input(float32, [3, 2], 'x');
    const rows = unstack(x);
    return [rows, stack([...rows].reverse())];
  },
  softmax_other_axis: () => {
    const x = input(float32, [2, 3, 4], 'x');
    return [softmax(x, { axis: 1 }), logSoftmax(x, { axis: 0 }), softmax(x, { axis: -1 })];
  },
  unary_activations: () => {
    const x = input(float32, [2, 3], 'x');
    const { relu, relu6, elu, selu, leakyRelu, softplus, softsign } = activations;
    return [
      ...[relu, relu6, elu, selu, crelu, leakyRelu].map((f) => f(x)),
      leakyRelu(x, { alpha: 0.1 }),
      ...[softplus, softsign, unary.sigmoid, unary.tanh].map((f) => f(x)),
      softmax(x),
      logSoftmax(x),
    ];
  },
  swish_and_log_sigmoid: () => {
    const x = input(float32, [2, 3], 'x');
    return [swish(x), logSigmoid(x)];
  },
});
