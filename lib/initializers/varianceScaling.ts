/**
 * Initializers whose scale depends on the shape: variance scaling, and its Glorot, He and LeCun cases.
 */
import type { DType } from '../../graph/dtypes';
import { ValueError } from '../../graph/errors';
import { NdArray } from '../../graph/ndarray';
import { randomNormal, randomUniform, truncatedNormal } from '../../graph/ops/random';
import type { Seed } from '../../graph/seeds';
import type { Tensor } from '../../graph/tensor';
import { Initializer, type InitializerOptions, maker, requireFloat, type SeededOptions } from './initializer';

export type FanMode = 'fan_in' | 'fan_out' | 'fan_avg';
export type Distribution = 'normal' | 'uniform' | 'truncated_normal' | 'untruncated_normal';

export interface VarianceScalingOptions extends SeededOptions {
  /** Positive; default 1. */
  readonly scale?: number;
  /** Default `fan_in`. */
  readonly mode?: FanMode;
  /** Default `truncated_normal`, of which `normal` is an older name. */
  readonly distribution?: Distribution;
}

/** Standard deviation of the standard normal distribution truncated to ±2. */
const TRUNCATED_STDDEV = 0.8796256610342398;

/** Numbers of inputs and outputs of a weight of that shape: of its last two dimensions, times what a kernel covers. */
export function computeFans(shape: readonly number[]): readonly [fanIn: number, fanOut: number] {
  if (shape.length === 0) return [1, 1];
  if (shape.length === 1) return [shape[0], shape[0]];
  const [inputs, outputs] = shape.slice(-2);
  const receptive = shape.slice(0, -2).reduce((product, dim) => product * dim, 1);
  return [inputs * receptive, outputs * receptive];
}

const MODES = ['fan_in', 'fan_out', 'fan_avg'];
const DISTRIBUTIONS = ['normal', 'uniform', 'truncated_normal', 'untruncated_normal'];

/** Random values of variance `scale / n`, n as `mode` says. Mirrors tf.compat.v1.variance_scaling_initializer. */
export class VarianceScaling extends Initializer {
  readonly scale: number;
  readonly mode: FanMode;
  readonly distribution: Distribution;
  readonly seed: Seed;

  /** ValueError for a scale that is not positive, and for unknown modes and distributions. */
  constructor({
    scale = 1,
    mode = 'fan_in',
    distribution = 'truncated_normal',
    seed = null,
    ...options
  }: VarianceScalingOptions = {}) {
    super(options);
    if (!(scale > 0)) throw new ValueError(`Argument \`scale\` must be a positive float. Received: ${scale}`);
    if (!MODES.includes(mode))
      throw new ValueError(`Argument \`mode\` should be one of ('fan_in', 'fan_out', 'fan_avg'). Received: ${mode}`);
    const wanted = distribution.toLowerCase() as Distribution;
    if (!DISTRIBUTIONS.includes(wanted)) {
      throw new ValueError(
        `Argument \`distribution\` should be one of ('normal', uniform', 'truncated_normal', 'untruncated_normal'). Received: ${wanted}`,
      );
    }
    requireFloat(this.dtype);
    this.scale = scale;
    this.mode = mode;
    this.distribution = wanted;
    this.seed = seed;
  }

  override call(shape: readonly number[], dtype?: DType | null): Tensor {
    const [fanIn, fanOut] = computeFans(shape);
    const fan = { fan_in: fanIn, fan_out: fanOut, fan_avg: (fanIn + fanOut) / 2 }[this.mode];
    const variance = this.scale / Math.max(1, fan);
    const options = { dtype: dtype ?? this.dtype, seed: this.seed };
    if (this.distribution === 'untruncated_normal')
      return randomNormal(shape, { ...options, stddev: Math.sqrt(variance) });
    if (this.distribution !== 'uniform')
      return truncatedNormal(shape, { ...options, stddev: Math.sqrt(variance) / TRUNCATED_STDDEV });
    const limit = NdArray.from(Math.sqrt(3 * variance), options.dtype);
    const negative = NdArray.from(-Math.sqrt(3 * variance), options.dtype);
    return randomUniform(shape, { ...options, minval: negative, maxval: limit });
  }

  override getConfig(): Record<string, unknown> {
    return {
      scale: this.scale,
      mode: this.mode,
      distribution: this.distribution,
      seed: this.seed,
      ...super.getConfig(),
    };
  }
}

/** Uniform with variance 2 / (fan-in + fan-out). Mirrors tf.compat.v1.glorot_uniform_initializer. */
export class GlorotUniform extends VarianceScaling {
  constructor({ seed, dtype }: SeededOptions = {}) {
    super({ scale: 1, mode: 'fan_avg', distribution: 'uniform', seed, dtype });
  }

  override getConfig(): Record<string, unknown> {
    return { seed: this.seed, dtype: this.dtype.name };
  }
}

/** Truncated normal with variance 2 / (fan-in + fan-out). Mirrors tf.compat.v1.glorot_normal_initializer. */
export class GlorotNormal extends VarianceScaling {
  constructor({ seed, dtype }: SeededOptions = {}) {
    super({ scale: 1, mode: 'fan_avg', distribution: 'truncated_normal', seed, dtype });
  }

  override getConfig(): Record<string, unknown> {
    return { seed: this.seed, dtype: this.dtype.name };
  }
}

type Seeded = InitializerOptions & { readonly seed?: Seed };

export const varianceScalingInitializer = maker((options: VarianceScalingOptions = {}) => new VarianceScaling(options));
export const glorotUniformInitializer = maker((options: Seeded = {}) => new GlorotUniform(options));
export const glorotNormalInitializer = maker((options: Seeded = {}) => new GlorotNormal(options));

/** Truncated normal with variance 2 / fan-in. Mirrors tf.compat.v1.initializers.he_normal. */
export const heNormal = maker(
  ({ seed }: { seed?: Seed } = {}) =>
    new VarianceScaling({ scale: 2, mode: 'fan_in', distribution: 'truncated_normal', seed }),
);

/** Uniform with variance 2 / fan-in. Mirrors tf.compat.v1.initializers.he_uniform. */
export const heUniform = maker(
  ({ seed }: { seed?: Seed } = {}) => new VarianceScaling({ scale: 2, mode: 'fan_in', distribution: 'uniform', seed }),
);

/** Truncated normal with variance 1 / fan-in. Mirrors tf.compat.v1.initializers.lecun_normal. */
export const lecunNormal = maker(
  ({ seed }: { seed?: Seed } = {}) =>
    new VarianceScaling({ scale: 1, mode: 'fan_in', distribution: 'truncated_normal', seed }),
);

/** Uniform with variance 1 / fan-in. Mirrors tf.compat.v1.initializers.lecun_uniform. */
export const lecunUniform = maker(
  ({ seed }: { seed?: Seed } = {}) => new VarianceScaling({ scale: 1, mode: 'fan_in', distribution: 'uniform', seed }),
);
