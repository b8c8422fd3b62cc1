/**
 * Ops: the activation functions of neural networks that are ops of their own, and their gradients.
 *
 * Composite ones (crelu, silu, gelu) are in lib/nn/activations.ts; sigmoid and tanh are elementwise ops.
 */
import { applyUnary } from '../applyOp';
import { convertToTensor, type TensorLike } from '../convert';
import { float32 } from '../dtypes';
import { GraphTypeError, repr } from '../errors';
import type { Operation } from '../operation';
import { defineOps, type Gradient } from '../registry';
import { type ShapeContext, sameShape } from '../shapeContext';
import type { Tensor } from '../tensor';
import { cast } from './cast';
import { where } from './compare';
import { composite } from './composite';
import type { NameOptions } from './elementwise';
import { zerosLike } from './source';
import { exp, sigmoid } from './unary';

const real = '{float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, uint32, uint64}';
const floating = '{float16, bfloat16, float32, float64}';

const mergedShape = (c: ShapeContext) => [c.merge(c.shape(0), c.shape(1))];

const activation = (types: string) => `(features: T) -> (activations: T)
      T: ${types}`;
const ofFeatures = (types: string) => `(gradients: T, features: T) -> (backprops: T)
      T: ${types}`;
const ofOutputs = (types: string) => `(gradients: T, outputs: T) -> (backprops: T)
      T: ${types}`;

/** The gradient of an activation as a function of its output. */
const fromOutput = (type: string, input: 'features' | 'outputs') => (op: Operation, grad: Tensor) => [
  applyUnary(type, { gradients: grad, [input]: op.outputs[0] }),
];

/** The gradient of an op that is linear in its first input and, but for steps, constant in its second. */
const stepwise =
  (type: string) =>
  (op: Operation, grad: Tensor): readonly Gradient[] => {
    const [, features] = op.inputs;
    return [applyUnary(type, { gradients: grad, features }), zerosLike(features)];
  };

/** The gradient of EluGrad and SeluGrad: where the output is negative, they are products of their inputs. */
const exponential =
  (type: string) =>
  (op: Operation, grad: Tensor): readonly Gradient[] => {
    const [gradients, outputs] = op.inputs;
    const first = applyUnary(type, { gradients: grad, outputs });
    return [first, where(outputs.less(0), grad.mul(gradients), zerosLike(outputs))];
  };

export const activationsOps = defineOps({
  Relu: {
    signature: activation(real),
    shape: sameShape,
    gradient: fromOutput('ReluGrad', 'features'),
  },
  ReluGrad: { signature: ofFeatures(real), shape: mergedShape, gradient: stepwise('ReluGrad') },
  Relu6: {
    signature: activation(real),
    shape: sameShape,
    gradient: fromOutput('Relu6Grad', 'features'),
  },
  Relu6Grad: { signature: ofFeatures(real), shape: mergedShape, gradient: stepwise('Relu6Grad') },
  Elu: { signature: activation(floating), shape: sameShape, gradient: fromOutput('EluGrad', 'outputs') },
  EluGrad: { signature: ofOutputs(floating), shape: mergedShape, gradient: exponential('EluGrad') },
  Selu: { signature: activation(floating), shape: sameShape, gradient: fromOutput('SeluGrad', 'outputs') },
  SeluGrad: { signature: ofOutputs(floating), shape: mergedShape, gradient: exponential('SeluGrad') },
  LeakyRelu: {
    signature: `(features: T) -> (activations: T)
      alpha: float = 0.20000000298023224
      T: ${floating} = float32`,
    shape: sameShape,
    gradient: (op, grad) => [leakyReluGrad(grad, op.inputs[0], op)],
  },
  LeakyReluGrad: {
    signature: `(gradients: T, features: T) -> (backprops: T)
      alpha: float = 0.20000000298023224
      T: ${floating} = float32`,
    shape: mergedShape,
    gradient: (op, grad) => [leakyReluGrad(grad, op.inputs[1], op), zerosLike(op.inputs[1])],
  },
  Softplus: {
    signature: activation(floating),
    shape: sameShape,
    gradient: (op, grad) => [grad.mul(sigmoid(op.inputs[0]))],
  },
  SoftplusGrad: {
    signature: ofFeatures(floating),
    shape: mergedShape,
    gradient: (op, grad) =>
      op.graph.controlDependencies([grad], () => {
        const [gradients, features] = op.inputs;
        const first = applyUnary('SoftplusGrad', { gradients: grad, features });
        const product = grad.mul(gradients);
        const cosh = exp(features.neg()).add(2).add(exp(features));
        return [first, product.div(cosh)];
      }),
  },
  Softsign: {
    signature: activation(floating),
    shape: sameShape,
    gradient: (op, grad) => [applyUnary('SoftsignGrad', { gradients: grad, features: op.inputs[0] })],
  },
  SoftsignGrad: {
    signature: ofFeatures(floating),
    shape: mergedShape,
    gradient: (op, grad) => {
      const [gradients, features] = op.inputs;
      const first = applyUnary('SoftsignGrad', { gradients: grad, features });
      // d/dx g / (1 + |x|)² = -2 g sign(x) / (1 + |x|)³; TensorFlow has no gradient here.
      const distance = features.abs().add(1);
      const sign = applyUnary('Sign', { x: features });
      return [first, grad.mul(gradients).mul(sign).mul(-2).div(distance.mul(distance).mul(distance))];
    },
  },
});

function leakyReluGrad(gradients: Tensor, features: Tensor, op: Operation): Tensor {
  return applyUnary('LeakyReluGrad', { gradients, features, alpha: op.attrs.alpha });
}

/** `max(x, 0)`. Mirrors tf.nn.relu. */
export function relu(features: TensorLike, options: NameOptions = {}): Tensor {
  return applyUnary('Relu', { features }, options.name);
}

/** `min(max(x, 0), 6)`. Mirrors tf.nn.relu6. */
export function relu6(features: TensorLike, options: NameOptions = {}): Tensor {
  return applyUnary('Relu6', { features }, options.name);
}

/** `x` where it is positive, `exp(x) - 1` elsewhere. Mirrors tf.nn.elu. */
export function elu(features: TensorLike, options: NameOptions = {}): Tensor {
  return applyUnary('Elu', { features }, options.name);
}

/** The scaled exponential linear function of self-normalizing networks. Mirrors tf.nn.selu. */
export function selu(features: TensorLike, options: NameOptions = {}): Tensor {
  return applyUnary('Selu', { features }, options.name);
}

export interface LeakyReluOptions extends NameOptions {
  /** Slope where x is negative; a number. Default 0.2. */
  readonly alpha?: number;
}

/** `x` where it is positive, `alpha · x` elsewhere; integers become float32. Mirrors tf.nn.leaky_relu. */
export function leakyRelu(features: TensorLike, { alpha = 0.2, name }: LeakyReluOptions = {}): Tensor {
  if (typeof alpha !== 'number') throw new GraphTypeError(`Expected float for argument 'alpha' not ${repr(alpha)}.`);
  return composite(name, 'LeakyRelu', [features], (scope) => {
    const x = convertToTensor(features, { name: 'features' });
    return applyUnary('LeakyRelu', { features: x.dtype.isInteger ? cast(x, float32) : x, alpha }, scope);
  });
}

/** `log(exp(x) + 1)`. Mirrors tf.nn.softplus. */
export function softplus(features: TensorLike, options: NameOptions = {}): Tensor {
  return applyUnary('Softplus', { features }, options.name);
}

/** `x / (|x| + 1)`. Mirrors tf.nn.softsign. */
export function softsign(features: TensorLike, options: NameOptions = {}): Tensor {
  return applyUnary('Softsign', { features }, options.name);
}
