/**
 * Activations, initializers and regularizers that Keras knows by name, where a layer takes either a name or the thing itself.
 */
import { applyUnary } from '../../graph/applyOp';
import type { TensorLike } from '../../graph/convert';
import { repr, ValueError } from '../../graph/errors';
import { exp, sigmoid, tanh } from '../../graph/ops/unary';
import type { Tensor } from '../../graph/tensor';
import type { Initializer } from '../initializers/initializer';
import { l1, l1L2, l2 } from '../regularizers';
import type { InitializerLike, Regularizer } from '../variables/variableStore';
import * as initializers from './initializers';

export type Activation = (x: Tensor) => TensorLike;

/** An activation, or its name: `relu`, `tanh`, …; null and `linear` for none. */
export type ActivationLike = Activation | string | null;
/** An initializer, a value or a function, or a name: `zeros`, `glorot_uniform`, …. */
export type InitializerName = InitializerLike | string | null;
/** A function from a tensor to a loss, or a name: `l1`, `l2`, `l1_l2`. */
export type RegularizerName = Regularizer | string | null;

const feature = (type: string) => (features: Tensor) => applyUnary(type, { features });

const activations: Readonly<Record<string, Activation | null>> = {
  linear: null,
  relu: feature('Relu'),
  relu6: feature('Relu6'),
  elu: feature('Elu'),
  selu: feature('Selu'),
  softplus: feature('Softplus'),
  softsign: feature('Softsign'),
  softmax: (logits) => applyUnary('Softmax', { logits }),
  sigmoid: (x) => sigmoid(x),
  tanh: (x) => tanh(x),
  exponential: (x) => exp(x),
};

const makers: Readonly<Record<string, () => Initializer>> = {
  zeros: () => new initializers.Zeros(),
  ones: () => new initializers.Ones(),
  constant: () => new initializers.Constant(),
  random_uniform: () => new initializers.RandomUniform(),
  random_normal: () => new initializers.RandomNormal(),
  truncated_normal: () => new initializers.TruncatedNormal(),
  variance_scaling: () => new initializers.VarianceScaling(),
  glorot_uniform: () => new initializers.GlorotUniform(),
  glorot_normal: () => new initializers.GlorotNormal(),
  lecun_uniform: () => new initializers.LecunUniform(),
  lecun_normal: () => new initializers.LecunNormal(),
  he_uniform: () => new initializers.HeUniform(),
  he_normal: () => new initializers.HeNormal(),
  orthogonal: () => new initializers.Orthogonal(),
  identity: () => new initializers.Identity(),
};

const regularizers: Readonly<Record<string, () => Regularizer>> = {
  l1: () => l1(),
  l2: () => l2(),
  l1_l2: () => l1L2(),
};

function named<T>(kind: string, table: Readonly<Record<string, T>>, name: string): T {
  if (Object.hasOwn(table, name)) return table[name];
  throw new ValueError(`Unknown ${kind}: ${repr(name)}. Known names are ${Object.keys(table).map(repr).join(', ')}.`);
}

/** ValueError for unknown names. Mirrors tf.keras.activations.get. */
export function getActivation(activation: ActivationLike | undefined): Activation | null {
  return typeof activation === 'string' ? named('activation function', activations, activation) : (activation ?? null);
}

/** ValueError for unknown names. Mirrors tf.keras.initializers.get. */
export function getInitializer(initializer: InitializerName | undefined): InitializerLike | null {
  return typeof initializer === 'string' ? named('initializer', makers, initializer)() : (initializer ?? null);
}

/** ValueError for unknown names. Mirrors tf.keras.regularizers.get. */
export function getRegularizer(regularizer: RegularizerName | undefined): Regularizer | null {
  return typeof regularizer === 'string' ? named('regularizer', regularizers, regularizer)() : (regularizer ?? null);
}
