/**
 * Twins of spec/golden/math_gradients.py: the graphs of gradients of arithmetic, elementwise functions and reductions.
 */
import { float32, float64, int32 } from '../../graph/dtypes';
import { gradients } from '../../graph/gradients';
import * as activations from '../../graph/ops/activations';
import * as binary from '../../graph/ops/binary';
import { cast } from '../../graph/ops/cast';
import { matmul } from '../../graph/ops/matmul';
import * as reduce from '../../graph/ops/reduce';
import { cumprod, cumsum } from '../../graph/ops/scan';
import { placeholder } from '../../graph/ops/source';
import * as special from '../../graph/ops/special';
import * as trigonometric from '../../graph/ops/trigonometric';
import * as unary from '../../graph/ops/unary';
import type { Tensor } from '../../graph/tensor';
import { einsum } from '../../lib/math/einsum';
import { reduceLogsumexp } from '../../lib/math/reductions';
import { tensordot } from '../../lib/math/tensordot';
import { swish } from '../../lib/nn/activations';
import { moments } from '../../lib/nn/moments';
import { logSoftmax, softmax } from '../../lib/nn/softmax';
import { goldenCases } from '../support/golden';

const input = (shape: (number | null)[] | null, name: string) => placeholder(float32, shape, { name });

const matrix = () => input([2, 3], 'x');
const batch = () => input([null, 3], 'x');
const pair = () => [matrix(), input([2, 3], 'y')] as const;
/** A matrix and a row that is broadcast to it, both known. */
const uneven = () => [matrix(), input([3], 'y')] as const;
/** Two matrices whose broadcasting is known only at run time. */
const dynamic = () => [batch(), input([null, 3], 'y')] as const;

type Inputs = readonly [Tensor, Tensor];

/** The gradients of a function of two tensors. */
const ofPair = (inputs: () => Inputs, f: (x: Tensor, y: Tensor) => Tensor) => () => {
  const [x, y] = inputs();
  return gradients(f(x, y), [x, y]);
};

/** The gradients of functions of one tensor, each on its own. */
const ofEach =
  (make: () => Tensor, ...functions: ((x: Tensor) => Tensor)[]) =>
  () => {
    const x = make();
    return functions.map((f) => gradients(f(x), x));
  };

goldenCases('math_gradients', {
  gradient_add: ofPair(pair, (x, y) => x.add(y)),
  gradient_add_broadcast: ofPair(uneven, (x, y) => x.add(y)),
  gradient_add_dynamic: ofPair(dynamic, (x, y) => x.add(y)),
  gradient_sub_broadcast: ofPair(uneven, (x, y) => y.sub(x)),
  gradient_mul: ofPair(pair, (x, y) => x.mul(y)),
  gradient_mul_broadcast: ofPair(uneven, (x, y) => x.mul(y)),
  gradient_mul_dynamic: ofPair(dynamic, (x, y) => x.mul(y)),
  gradient_mul_scalar: ofEach(matrix, (x) => x.rmul(2)),
  gradient_div: ofPair(pair, (x, y) => x.div(y)),
  gradient_div_broadcast: ofPair(uneven, (x, y) => x.div(y)),
  gradient_div_dynamic: ofPair(dynamic, (x, y) => x.div(y)),
  gradient_div_no_nan: ofPair(uneven, (x, y) => binary.divNoNan(x, y)),
  gradient_pow: ofPair(pair, (x, y) => x.pow(y)),
  gradient_pow_number: ofEach(matrix, (x) => x.pow(3)),
  gradient_maximum_minimum: () => {
    const [x, y] = uneven();
    return [gradients(binary.maximum(x, y), [x, y]), gradients(binary.minimum(x, y), [x, y])];
  },
  gradient_maximum_zero: ofEach(batch, (x) => binary.maximum(x, 0)),
  gradient_squared_difference: ofPair(uneven, (x, y) => binary.squaredDifference(x, y)),
  gradient_floor_mod: () => {
    const [x, y] = pair();
    return [gradients(x.mod(y), [x, y]), gradients(x.floordiv(y), [x, y])];
  },
  gradient_atan2: ofPair(pair, (x, y) => trigonometric.atan2(x, y)),
  gradient_roots_and_powers: ofEach(
    matrix,
    unary.square,
    unary.sqrt,
    unary.rsqrt,
    unary.reciprocal,
    unary.abs,
    unary.negative,
  ),
  gradient_exponentials: ofEach(matrix, unary.exp, unary.expm1, unary.log, unary.log1p, unary.tanh, unary.sigmoid),
  gradient_trigonometry: () => {
    const { sin, cos, tan, asin, acos, atan, sinh, cosh, asinh, acosh, atanh } = trigonometric;
    return ofEach(matrix, sin, cos, tan, asin, acos, atan, sinh, cosh, asinh, acosh, atanh)();
  },
  gradient_special_functions: () => {
    const { erf, erfc, lgamma } = special;
    return ofEach(matrix, erf, erfc, lgamma, unary.sign, unary.floor, unary.ceil, unary.round)();
  },
  gradient_cast: ofEach(
    matrix,
    (x) => cast(x, float64),
    (x) => cast(cast(x, int32), float32),
  ),
  gradient_reduce_sum: ofEach(
    matrix,
    (x) => reduce.reduceSum(x),
    (x) => reduce.reduceSum(x, 1),
  ),
  gradient_reduce_sum_dynamic: ofEach(
    batch,
    (x) => reduce.reduceSum(x),
    (x) => reduce.reduceSum(x, 1),
  ),
  gradient_reduce_sum_keepdims: ofEach(batch, (x) => reduce.reduceSum(x, 0, { keepdims: true })),
  gradient_reduce_mean: ofEach(
    matrix,
    (x) => reduce.reduceMean(x),
    (x) => reduce.reduceMean(x, 0),
  ),
  gradient_reduce_mean_dynamic: ofEach(
    batch,
    (x) => reduce.reduceMean(x),
    (x) => reduce.reduceMean(x, 1),
  ),
  gradient_reduce_max_min: ofEach(
    batch,
    (x) => reduce.reduceMax(x),
    (x) => reduce.reduceMin(x, 1),
  ),
  gradient_reduce_prod: ofEach(batch, (x) => reduce.reduceProd(x, 1)),
  gradient_reduce_logsumexp: ofEach(batch, (x) => reduceLogsumexp(x, 1)),
  gradient_cumulative: ofEach(
    matrix,
    (x) => cumsum(x, 1),
    (x) => cumprod(x, 1),
    (x) => cumsum(x, 0, { exclusive: true, reverse: true }),
  ),
  gradient_activations: () => {
    const { relu, relu6, elu, selu, leakyRelu, softplus, softsign } = activations;
    return ofEach(matrix, relu, relu6, elu, selu, leakyRelu, softplus, softsign)();
  },
  gradient_matmul: () => {
    const [a, b] = [input([null, 3], 'a'), input([3, 4], 'b')];
    return gradients(matmul(a, b), [a, b]);
  },
  gradient_matmul_transposed: () => {
    const [a, b] = [input([3, 3], 'a'), input([3, 3], 'b')];
    const options = [{ transposeA: true }, { transposeB: true }, { transposeA: true, transposeB: true }];
    return options.map((option) => gradients(matmul(a, b, option), [a, b]));
  },
  gradient_batch_matmul: () => {
    const [a, b] = [input([5, 2, 3], 'a'), input([5, 3, 4], 'b')];
    return gradients(matmul(a, b), [a, b]);
  },
  gradient_batch_matmul_broadcast: () => {
    const [a, b] = [input([null, 2, 3], 'a'), input([3, 4], 'b')];
    return gradients(matmul(a, b), [a, b]);
  },
  gradient_softmax: ofEach(
    batch,
    (x) => softmax(x),
    (x) => logSoftmax(x),
  ),
  gradient_einsum: () => {
    const [a, b] = [input([5, 2, 3], 'a'), input([3, 4], 'b')];
    return gradients(einsum('bij,jk->bik', a, b), [a, b]);
  },
  gradient_tensordot: () => {
    const [a, b] = [input([2, 3, 4], 'a'), input([4, 5], 'b')];
    return gradients(tensordot(a, b, 1), [a, b]);
  },
  gradient_swish: () => {
    const x = matrix();
    return gradients(swish(x), x);
  },
  gradient_moments: () => {
    const x = batch();
    return gradients(moments(x, [0]), x);
  },
});
