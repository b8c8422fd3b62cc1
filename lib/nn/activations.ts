/**
 * Activation functions composed of other ops, and layers as functions of their weights. Those that are ops of their own
 * are in graph/ops/activations.ts.
 */
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { customGradient } from '../../graph/customGradient';
import { ValueError } from '../../graph/errors';
import { relu } from '../../graph/ops/activations';
import { pow } from '../../graph/ops/binary';
import { cast } from '../../graph/ops/cast';
import { composite } from '../../graph/ops/composite';
import { concat } from '../../graph/ops/joining';
import { matmul } from '../../graph/ops/matmul';
import { biasAdd } from '../../graph/ops/nn';
import { reduceSum } from '../../graph/ops/reduce';
import { erf } from '../../graph/ops/special';
import { sigmoid, square, tanh } from '../../graph/ops/unary';
import type { Tensor } from '../../graph/tensor';

interface Named {
  readonly name?: string;
}

/** The relu of `x` and of `-x`, one after the other along `axis` (the last by default). Mirrors tf.nn.crelu. */
export function crelu(features: TensorLike, { axis = -1, name }: Named & { readonly axis?: number } = {}): Tensor {
  return composite(name, 'CRelu', [features], (scope) => {
    const x = convertToTensor(features, { name: 'features' });
    return relu(concat([x, x.neg()], axis, { name: scope }));
  });
}

/**
 * `x · sigmoid(beta · x)`, with a gradient that computes the sigmoid anew instead of keeping it. Mirrors tf.nn.silu and
 * tf.nn.swish.
 */
export function silu(features: TensorLike, { beta = 1 }: { readonly beta?: TensorLike } = {}): Tensor {
  const x = convertToTensor(features, { name: 'features' });
  const slope = cast(convertToTensor(beta, { name: 'beta' }), x.dtype);
  return selfGated(x, slope);
}

/** Mirrors tf.nn.swish. */
export const swish = silu;

const selfGated = customGradient((x: Tensor, beta: Tensor) => {
  const gradient = (dy: Tensor) => {
    const gate = x.graph.controlDependencies([dy], () => sigmoid(beta.mul(x)));
    const slope = gate.mul(beta.mul(x).mul(gate.rsub(1)).radd(1));
    const forBeta = reduceSum(dy.mul(square(x)).mul(gate).mul(gate.rsub(1)));
    return [dy.mul(slope), forBeta];
  };
  return [x.mul(sigmoid(beta.mul(x))), gradient];
});

/**
 * `x · Φ(x)` with the distribution function Φ of the normal distribution, or an approximation of it by tanh. Mirrors
 * tf.nn.gelu.
 *
 * ValueError for tensors that are not floats.
 */
export function gelu(
  features: TensorLike,
  { approximate = false, name }: Named & { readonly approximate?: boolean } = {},
): Tensor {
  return composite(name, 'Gelu', [features], () => {
    const x = convertToTensor(features, { name: 'features' });
    if (!x.dtype.isFloating) {
      throw new ValueError(`\`features.dtype\` must be a floating point tensor.Received:features.dtype=${x.dtype}`);
    }
    const half = x.rmul(0.5);
    if (!approximate) return half.mul(erf(x.div(cast(Math.SQRT2, x.dtype))).radd(1));
    const cubed = cast(0.044715, x.dtype).mul(pow(x, 3));
    return half.mul(tanh(x.add(cubed).rmul(Math.sqrt(2 / Math.PI))).radd(1));
  });
}

/** `x · weights + biases`. Mirrors tf.nn.xw_plus_b. */
export function xwPlusB(x: TensorLike, weights: TensorLike, biases: TensorLike, { name }: Named = {}): Tensor {
  return composite(name, 'xw_plus_b', [x, weights, biases], (scope) => {
    const [input, matrix, vector] = converted(x, weights, biases);
    return biasAdd(matmul(input, matrix), vector, { name: scope });
  });
}

/** `relu(x · weights + biases)`. Mirrors tf.nn.relu_layer. */
export function reluLayer(x: TensorLike, weights: TensorLike, biases: TensorLike, { name }: Named = {}): Tensor {
  return composite(name, 'relu_layer', [x, weights, biases], (scope) => {
    const [input, matrix, vector] = converted(x, weights, biases);
    return relu(biasAdd(matmul(input, matrix), vector), { name: scope });
  });
}

function converted(x: TensorLike, weights: TensorLike, biases: TensorLike): [Tensor, Tensor, Tensor] {
  const input = convertToTensor(x, { name: 'x' });
  const matrix = convertToTensor(weights, { name: 'weights' });
  return [input, matrix, convertToTensor(biases, { name: 'biases' })];
}
