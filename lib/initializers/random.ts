/**
 * Initializers that draw from one distribution, whatever the shape.
 */

import type { DType } from '../../graph/dtypes';
import type { ArrayLike } from '../../graph/ndarray';
import { NdArray } from '../../graph/ndarray';
import { randomNormal, randomUniform, truncatedNormal } from '../../graph/ops/random';
import type { Seed } from '../../graph/seeds';
import { Tensor } from '../../graph/tensor';
import { Initializer, maker, requireFloat, type SeededOptions } from './initializer';

/** A number or a scalar tensor. */
export type Parameter = number | Tensor;

export interface RandomUniformInitializerOptions extends SeededOptions {
  /** Default 0. */
  readonly minval?: Parameter;
  /** Default 1 for floats; integers need it. */
  readonly maxval?: Parameter | null;
}

/** Bounds are given as floats, as Python's `0.` is, so that they are always nodes. */
function bound(value: Parameter, dtype: DType): Tensor | ArrayLike {
  return value instanceof Tensor ? value : NdArray.from(value, dtype);
}

/** Uniformly distributed values. Mirrors tf.compat.v1.random_uniform_initializer. */
export class RandomUniform extends Initializer {
  readonly minval: Parameter;
  readonly maxval: Parameter | null;
  readonly seed: Seed;

  constructor({ minval = 0, maxval = null, seed = null, ...options }: RandomUniformInitializerOptions = {}) {
    super(options);
    this.minval = minval;
    this.maxval = maxval;
    this.seed = seed;
  }

  override call(shape: readonly number[], dtype?: DType | null): Tensor {
    const type = dtype ?? this.dtype;
    return randomUniform(shape, {
      minval: bound(this.minval, type),
      maxval: this.maxval === null ? null : bound(this.maxval, type),
      dtype: type,
      seed: this.seed,
    });
  }

  override getConfig(): Record<string, unknown> {
    return { minval: this.minval, maxval: this.maxval, seed: this.seed, ...super.getConfig() };
  }
}

export interface NormalOptions extends SeededOptions {
  /** Default 0. */
  readonly mean?: Parameter;
  /** Default 1. */
  readonly stddev?: Parameter;
}

abstract class Normal extends Initializer {
  readonly mean: Parameter;
  readonly stddev: Parameter;
  readonly seed: Seed;

  constructor({ mean = 0, stddev = 1, seed = null, ...options }: NormalOptions = {}) {
    super(options);
    requireFloat(this.dtype);
    this.mean = mean;
    this.stddev = stddev;
    this.seed = seed;
  }

  override getConfig(): Record<string, unknown> {
    return { mean: this.mean, stddev: this.stddev, seed: this.seed, ...super.getConfig() };
  }
}

/** Normally distributed values. Mirrors tf.compat.v1.random_normal_initializer. */
export class RandomNormal extends Normal {
  override call(shape: readonly number[], dtype?: DType | null): Tensor {
    return randomNormal(shape, { mean: this.mean, stddev: this.stddev, dtype: dtype ?? this.dtype, seed: this.seed });
  }
}

/** Normally distributed values within two standard deviations. Mirrors tf.compat.v1.truncated_normal_initializer. */
export class TruncatedNormal extends Normal {
  override call(shape: readonly number[], dtype?: DType | null): Tensor {
    return truncatedNormal(shape, {
      mean: this.mean,
      stddev: this.stddev,
      dtype: dtype ?? this.dtype,
      seed: this.seed,
    });
  }
}

export interface UniformUnitScalingOptions extends SeededOptions {
  /** Multiplies the bounds. Default 1. */
  readonly factor?: number;
}

/**
 * Uniform values that keep the scale of the inputs: ±√(3 / fan-in) · factor. Mirrors
 * tf.compat.v1.uniform_unit_scaling_initializer.
 */
export class UniformUnitScaling extends Initializer {
  readonly factor: number;
  readonly seed: Seed;

  constructor({ factor = 1, seed = null, ...options }: UniformUnitScalingOptions = {}) {
    super(options);
    requireFloat(this.dtype);
    this.factor = factor;
    this.seed = seed;
  }

  override call(shape: readonly number[], dtype?: DType | null): Tensor {
    const fanIn = Math.max(
      1,
      shape.slice(0, -1).reduce((product, dim) => product * dim, 1),
    );
    const limit = Math.sqrt(3 / fanIn) * this.factor;
    const type = dtype ?? this.dtype;
    return randomUniform(shape, {
      minval: bound(-limit, type),
      maxval: bound(limit, type),
      dtype: type,
      seed: this.seed,
    });
  }

  override getConfig(): Record<string, unknown> {
    return { factor: this.factor, seed: this.seed, ...super.getConfig() };
  }
}

export const randomUniformInitializer = maker(
  (options: RandomUniformInitializerOptions = {}) => new RandomUniform(options),
);
export const randomNormalInitializer = maker((options: NormalOptions = {}) => new RandomNormal(options));
export const truncatedNormalInitializer = maker((options: NormalOptions = {}) => new TruncatedNormal(options));
export const uniformUnitScalingInitializer = maker(
  (options: UniformUnitScalingOptions = {}) => new UniformUnitScaling(options),
);
