/**
 * The fully connected layer of `tf.layers`, as class and function.
 */
import type { TensorLike } from '../../graph/convert';
import type { Tensor } from '../../graph/tensor';
import { zerosInitializer } from '../initializers/constants';
import { checkKeywords, namedArguments } from '../keras/arguments';
import { KERNEL_KEYWORDS, Dense as KerasDense, type DenseOptions as KerasDenseOptions } from '../keras/dense';
import { type LayerInput, ownClass } from '../keras/layer';
import type { Reuse } from '../variables/variableScope';
import { type LegacyLayerOptions, legacyLayer } from './base';

export interface DenseOptions extends KerasDenseOptions, LegacyLayerOptions {}

/**
 * `activation(inputs · kernel + bias)` over the last axis, with `units` outputs.
 *
 *     const layer = new tf.layers.Dense(10, { activation: tf.nn.relu });
 *     const y = layer.apply(x);                     // x: float [..., n], n known; y: [..., 10]
 *
 * Variables: `kernel` [n, units], by default Glorot uniform, and `bias` [units], zeros. See the Keras layer for errors.
 *
 * Mirrors tf.compat.v1.layers.Dense.
 */
export class Dense extends legacyLayer(KerasDense) {
  constructor(units: number, options?: DenseOptions);
  constructor(config: DenseOptions & { readonly units: number });
  constructor(...args: readonly unknown[]) {
    const named = namedArguments<DenseOptions>('Dense.__init__()', ['units'], args);
    super({ biasInitializer: zerosInitializer(), ...named } as LegacyLayerOptions);
  }
}

ownClass(Dense);

/** What the functions of layers with a kernel and a bias take. */
export interface KernelFunctionOptions
  extends Pick<
    KerasDenseOptions,
    | 'activation'
    | 'useBias'
    | 'kernelInitializer'
    | 'biasInitializer'
    | 'kernelRegularizer'
    | 'biasRegularizer'
    | 'activityRegularizer'
    | 'kernelConstraint'
    | 'biasConstraint'
    | 'trainable'
    | 'name'
  > {
  /** Share the variables of a layer of that name. */
  readonly reuse?: Reuse | null;
}

export const KERNEL_FUNCTION_KEYWORDS = [...KERNEL_KEYWORDS, 'activityRegularizer', 'trainable', 'name', 'reuse'];

/**
 * Makes a Dense layer and calls it: `units` outputs from the last axis of `inputs`. Mirrors tf.compat.v1.layers.dense.
 */
export function dense(inputs: TensorLike, units: number, options: KernelFunctionOptions = {}): Tensor {
  checkKeywords('dense', KERNEL_FUNCTION_KEYWORDS, options);
  const { reuse = null, ...rest } = options;
  return new Dense(units, { ...rest, _scope: rest.name ?? null, _reuse: reuse }).apply(inputs as LayerInput);
}
