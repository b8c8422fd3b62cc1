/**
 * Elementwise functions composed of several ops.
 */
import { applyUnary } from '../../graph/applyOp';
import { constantIn, convertToTensor, type TensorLike } from '../../graph/convert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { NdArray } from '../../graph/ndarray';
import { composite } from '../../graph/ops/composite';
import { negative } from '../../graph/ops/unary';
import type { Tensor } from '../../graph/tensor';

interface NameOptions {
  readonly name?: string;
}

/** `log(sigmoid(x))`, precise for all x. Mirrors tf.log_sigmoid. */
export function logSigmoid(x: TensorLike, options: NameOptions = {}): Tensor {
  return composite(options.name, 'LogSigmoid', [x], (scope) => {
    const tensor = convertToTensor(x, { name: 'x' });
    return negative(applyUnary('Softplus', { features: tensor.neg() }), { name: scope });
  });
}

/** `1 / x`, but 0 where x is 0. Mirrors tf.math.reciprocal_no_nan. */
export function reciprocalNoNan(x: TensorLike, options: NameOptions = {}): Tensor {
  return composite(options.name, 'reciprocal_no_nan', [x], (scope) => {
    const tensor = convertToTensor(x, { name: 'x' });
    const one = constantIn(getDefaultGraph(), NdArray.from(1, tensor.dtype), 'one');
    return applyUnary('DivNoNan', { x: one, y: tensor }, scope);
  });
}
