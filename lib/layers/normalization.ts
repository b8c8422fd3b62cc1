/**
 * The batch normalization layer of `tf.layers`, as class and function.
 */
import type { TensorLike } from '../../graph/convert';
import type { Tensor } from '../../graph/tensor';
import { checkKeywords } from '../keras/arguments';
import {
  BatchNormalization as KerasBatchNormalization,
  type BatchNormalizationOptions as KerasOptions,
} from '../keras/batchNormalization';
import { type LayerInput, ownClass } from '../keras/layer';
import type { Reuse } from '../variables/variableScope';
import { type LegacyCallOptions, type LegacyLayerOptions, legacyLayer } from './base';

export interface BatchNormalizationOptions extends KerasOptions, LegacyLayerOptions {}

/**
 * Normalizes its inputs over all axes but one; see the Keras layer for the formula.
 *
 * While training, its moving averages change only when their update ops run: they are in the collection
 * `tf.GraphKeys.UPDATE_OPS`, for the training op to wait for. Mirrors tf.compat.v1.layers.BatchNormalization.
 */
export class BatchNormalization extends legacyLayer(KerasBatchNormalization) {
  constructor(options: BatchNormalizationOptions = {}) {
    super(options);
  }

  override call(inputs: LayerInput, { training = false }: LegacyCallOptions = {}): Tensor {
    return super.call(inputs, { training });
  }
}

ownClass(BatchNormalization);

export interface BatchNormalizationFunctionOptions extends KerasOptions {
  /** Boolean or boolean tensor. Default false. */
  readonly training?: TensorLike | null;
  /** Share the variables of a layer of that name. */
  readonly reuse?: Reuse | null;
}

const FUNCTION_KEYWORDS = [...KerasBatchNormalization.keywords, 'training', 'trainable', 'name', 'reuse'];

/** Makes a BatchNormalization layer and calls it. Mirrors tf.compat.v1.layers.batch_normalization. */
export function batchNormalization(inputs: TensorLike, options: BatchNormalizationFunctionOptions = {}): Tensor {
  checkKeywords('batch_normalization', FUNCTION_KEYWORDS, options);
  const { training = false, reuse = null, ...rest } = options;
  return new BatchNormalization({ ...rest, _reuse: reuse, _scope: rest.name ?? null }).apply(inputs as LayerInput, {
    training,
  });
}
