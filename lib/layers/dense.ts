/**
 * The fully connected and the flattening layer of `tf.layers`, as classes and functions.
 */
import type { TensorLike } from '../../graph/convert';
import type { Tensor } from '../../graph/tensor';
import { namedArguments } from '../keras/arguments';
import { Dense as KerasDense, type DenseOptions as KerasDenseOptions } from '../keras/dense';
import { Flatten as KerasFlatten, type FlattenOptions as KerasFlattenOptions } from '../keras/flatten';
import { type LayerInput, ownClass } from '../keras/layer';
import type { Reuse } from '../variables/variableScope';
import { legacyLayer, type LegacyLayerOptions } from './base';

export interface DenseOptions extends KerasDenseOptions, LegacyLayerOptions {}
export interface FlattenOptions extends KerasFlattenOptions, LegacyLayerOptions {}

/**
 * activation(inputs · kernel + bias): variables `kernel` [in, units] and `bias` [units]. Mirrors tf.compat.v1.layers.Dense.
 *
 *     const y = new tf.layers.Dense(10, { activation: tf.nn.relu }).apply(x);
 */
export class Dense extends legacyLayer(KerasDense) {
  constructor(units: number, options?: DenseOptions);
  constructor(config: DenseOptions & { readonly units: number });
  constructor(...args: readonly unknown[]) {
    super(namedArguments<LegacyLayerOptions>('Dense.__init__()', ['units'], args));
  }
}

/** Everything but the batch as one axis. Mirrors tf.compat.v1.layers.Flatten. */
export class Flatten extends legacyLayer(KerasFlatten) {
  constructor(options: FlattenOptions = {}) {
    super(options);
  }
}

for (const layerClass of [Dense, Flatten]) ownClass(layerClass);

export interface DenseFunctionOptions extends Omit<KerasDenseOptions, 'units'> {
  /** Share the variables of a layer of that name. */
  readonly reuse?: Reuse | null;
}

/** Makes a Dense layer and calls it. Mirrors tf.compat.v1.layers.dense. */
export function dense(inputs: TensorLike, units: number, options: DenseFunctionOptions = {}): Tensor {
  const { reuse = null, ...rest } = options;
  return new Dense(units, { ...rest, _scope: rest.name ?? null, _reuse: reuse }).apply(inputs as LayerInput);
}

/** Makes a Flatten layer and calls it. Mirrors tf.compat.v1.layers.flatten. */
export function flatten(inputs: TensorLike, options: Pick<KerasFlattenOptions, 'name' | 'dataFormat'> = {}): Tensor {
  return new Flatten(options).apply(inputs as LayerInput);
}
