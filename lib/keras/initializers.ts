/**
 * Keras's initializers, which draw a seed of their own while the graph is built and use stateless random ops with it.
 *
 * They are the defaults of layers. An object draws its seed once, at its first call, unless it has one. Those of
 * `tf.initializers` (lib/initializers) use the graph's seeds and stateful ops instead.
 */

import { getDefaultGraph } from '../../graph/defaultGraph';
import { drawSeed } from '../../graph/drawnSeeds';
import { type DType, float32 } from '../../graph/dtypes';
import { repr, ValueError } from '../../graph/errors';
import type { ArrayLike } from '../../graph/ndarray';
import { matrixTranspose, reshape } from '../../graph/ops/array';
import { diagPart, eye } from '../../graph/ops/diagonals';
import { qr } from '../../graph/ops/linalg';
import {
  statelessRandomNormal,
  statelessRandomUniform,
  statelessTruncatedNormal,
} from '../../graph/ops/randomStateless';
import { constant, ones, zeros } from '../../graph/ops/source';
import { sign } from '../../graph/ops/unary';
import type { Tensor } from '../../graph/tensor';
import { Initializer } from '../initializers/initializer';
import { computeFans, type Distribution, type FanMode } from '../initializers/varianceScaling';

type Dims = readonly number[];

export interface SeedOptions {
  /** Without it, the initializer draws one. */
  readonly seed?: number | null;
}

/** An initializer whose values depend on the shape and dtype it is called with, and on what its configuration says. */
abstract class KerasInitializer extends Initializer {
  override getConfig(): Record<string, unknown> {
    return {};
  }
}

function requireFloating(dtype: DType | null | undefined): DType {
  const wanted = dtype ?? float32;
  if (!wanted.isFloating) throw new ValueError(`Expected floating point type, got ${wanted}.`);
  return wanted;
}

function requireNumber(dtype: DType | null | undefined): DType {
  const wanted = dtype ?? float32;
  const isKnown = wanted.isFloating || wanted.isInteger || wanted.isBool;
  if (!isKnown) throw new ValueError(`Expected numeric or boolean dtype, got ${wanted}.`);
  return wanted;
}

/** Mirrors tf.keras.initializers.Zeros. */
export class Zeros extends KerasInitializer {
  override call(shape: Dims, dtype?: DType | null): Tensor {
    return zeros(shape, requireNumber(dtype));
  }
}

/** Mirrors tf.keras.initializers.Ones. */
export class Ones extends KerasInitializer {
  override call(shape: Dims, dtype?: DType | null): Tensor {
    return ones(shape, requireNumber(dtype));
  }
}

/** One value, or an array of the shape. Mirrors tf.keras.initializers.Constant. */
export class Constant extends KerasInitializer {
  readonly value: ArrayLike;

  constructor(value: ArrayLike | { readonly value: ArrayLike } = 0) {
    super();
    const isConfig = typeof value === 'object' && value !== null && 'value' in value;
    this.value = isConfig ? (value as { value: ArrayLike }).value : (value as ArrayLike);
  }

  override call(shape: Dims, dtype?: DType | null): Tensor {
    return constant(this.value, { dtype: dtype ?? float32, shape: [...shape] });
  }

  override getConfig(): Record<string, unknown> {
    return { value: this.value };
  }
}

/** What the random ones share: the seed. */
abstract class Seeded extends KerasInitializer {
  readonly seed: number | null;
  #drawn: number | null = null;

  constructor({ seed = null }: SeedOptions) {
    super();
    this.seed = seed;
  }

  /** The two numbers that stateless ops take. */
  protected get stream(): readonly [number, number] {
    this.#drawn ??= this.seed ?? drawSeed(getDefaultGraph());
    return [this.#drawn, 0];
  }
}

export interface RandomUniformOptions extends SeedOptions {
  /** Default -0.05. */
  readonly minval?: number;
  /** Default 0.05. */
  readonly maxval?: number;
}

/** Uniform in [minval, maxval); integers too. Mirrors tf.keras.initializers.RandomUniform. */
export class RandomUniform extends Seeded {
  readonly minval: number;
  readonly maxval: number;

  constructor({ minval = -0.05, maxval = 0.05, ...options }: RandomUniformOptions = {}) {
    super(options);
    this.minval = minval;
    this.maxval = maxval;
  }

  override call(shape: Dims, dtype: DType | null = null): Tensor {
    const { minval, maxval } = this;
    const wanted = dtype ?? float32;
    if (!wanted.isFloating && !wanted.isInteger)
      throw new ValueError(`Expected float or integer dtype, got ${wanted}.`);
    return statelessRandomUniform(shape, this.stream, { minval, maxval, dtype: wanted });
  }

  override getConfig(): Record<string, unknown> {
    return { minval: this.minval, maxval: this.maxval, seed: this.seed };
  }
}

export interface NormalOptions extends SeedOptions {
  /** Default 0. */
  readonly mean?: number;
  /** Default 0.05. */
  readonly stddev?: number;
}

abstract class Normal extends Seeded {
  readonly mean: number;
  readonly stddev: number;

  constructor({ mean = 0, stddev = 0.05, ...options }: NormalOptions = {}) {
    super(options);
    this.mean = mean;
    this.stddev = stddev;
  }

  override getConfig(): Record<string, unknown> {
    return { mean: this.mean, stddev: this.stddev, seed: this.seed };
  }
}

/** Mirrors tf.keras.initializers.RandomNormal. */
export class RandomNormal extends Normal {
  override call(shape: Dims, dtype?: DType | null): Tensor {
    const { mean, stddev } = this;
    return statelessRandomNormal(shape, this.stream, { mean, stddev, dtype: requireFloating(dtype) });
  }
}

/** Normal values within two standard deviations. Mirrors tf.keras.initializers.TruncatedNormal. */
export class TruncatedNormal extends Normal {
  override call(shape: Dims, dtype?: DType | null): Tensor {
    const { mean, stddev } = this;
    return statelessTruncatedNormal(shape, this.stream, { mean, stddev, dtype: requireFloating(dtype) });
  }
}

export interface VarianceScalingOptions extends SeedOptions {
  /** Default 1. */
  readonly scale?: number;
  /** Default `fan_in`. */
  readonly mode?: FanMode;
  /** Default `truncated_normal`, also written `normal`. */
  readonly distribution?: Distribution;
}

const MODES = ['fan_in', 'fan_out', 'fan_avg'];
const DISTRIBUTIONS = ['uniform', 'truncated_normal', 'untruncated_normal'];

/** Standard deviation of the standard normal distribution truncated to ±2. */
const TRUNCATED_STDDEV = 0.8796256610342398;

/** Random values of variance `scale / n`, n as `mode` says. Mirrors tf.keras.initializers.VarianceScaling. */
export class VarianceScaling extends Seeded {
  readonly scale: number;
  readonly mode: FanMode;
  readonly distribution: Distribution;

  /** ValueError for a scale that is not positive, and for unknown modes and distributions. */
  constructor({
    scale = 1,
    mode = 'fan_in',
    distribution = 'truncated_normal',
    ...options
  }: VarianceScalingOptions = {}) {
    super(options);
    if (!(scale > 0)) throw new ValueError(`\`scale\` must be positive float. Received: scale=${scale}.`);
    if (!MODES.includes(mode)) {
      throw new ValueError(`Invalid \`mode\` argument: ${mode}. Please use one of the ${repr(MODES)}.`);
    }
    const lower = distribution.toLowerCase();
    const wanted = (lower === 'normal' ? 'truncated_normal' : lower) as Distribution;
    if (!DISTRIBUTIONS.includes(wanted)) {
      throw new ValueError(
        `Invalid \`distribution\` argument: ${wanted}.Allowed distributions: ${repr(DISTRIBUTIONS)}.`,
      );
    }
    this.scale = scale;
    this.mode = mode;
    this.distribution = wanted;
  }

  override call(shape: Dims, dtype?: DType | null): Tensor {
    const wanted = requireFloating(dtype);
    const [fanIn, fanOut] = computeFans(shape);
    const fan = { fan_in: fanIn, fan_out: fanOut, fan_avg: (fanIn + fanOut) / 2 }[this.mode];
    const variance = this.scale / Math.max(1, fan);
    if (this.distribution === 'uniform') {
      const limit = Math.sqrt(3 * variance);
      return statelessRandomUniform(shape, this.stream, { minval: -limit, maxval: limit, dtype: wanted });
    }
    const stddev = Math.sqrt(variance);
    return this.distribution === 'untruncated_normal'
      ? statelessRandomNormal(shape, this.stream, { stddev, dtype: wanted })
      : statelessTruncatedNormal(shape, this.stream, { stddev: stddev / TRUNCATED_STDDEV, dtype: wanted });
  }

  override getConfig(): Record<string, unknown> {
    return { scale: this.scale, mode: this.mode, distribution: this.distribution, seed: this.seed };
  }
}

/** A class of variance scaling with everything but the seed fixed. */
abstract class FixedScaling extends VarianceScaling {
  override getConfig(): Record<string, unknown> {
    return { seed: this.seed };
  }
}

/** The default of layers: uniform, variance 2 / (fan-in + fan-out). Mirrors tf.keras.initializers.GlorotUniform. */
export class GlorotUniform extends FixedScaling {
  constructor({ seed }: SeedOptions = {}) {
    super({ scale: 1, mode: 'fan_avg', distribution: 'uniform', seed });
  }
}

/** Mirrors tf.keras.initializers.GlorotNormal. */
export class GlorotNormal extends FixedScaling {
  constructor({ seed }: SeedOptions = {}) {
    super({ scale: 1, mode: 'fan_avg', distribution: 'truncated_normal', seed });
  }
}

/** Mirrors tf.keras.initializers.LecunUniform. */
export class LecunUniform extends FixedScaling {
  constructor({ seed }: SeedOptions = {}) {
    super({ scale: 1, mode: 'fan_in', distribution: 'uniform', seed });
  }
}

/** Mirrors tf.keras.initializers.LecunNormal. */
export class LecunNormal extends FixedScaling {
  constructor({ seed }: SeedOptions = {}) {
    super({ scale: 1, mode: 'fan_in', distribution: 'truncated_normal', seed });
  }
}

/** Mirrors tf.keras.initializers.HeUniform. */
export class HeUniform extends FixedScaling {
  constructor({ seed }: SeedOptions = {}) {
    super({ scale: 2, mode: 'fan_in', distribution: 'uniform', seed });
  }
}

/** Mirrors tf.keras.initializers.HeNormal. */
export class HeNormal extends FixedScaling {
  constructor({ seed }: SeedOptions = {}) {
    super({ scale: 2, mode: 'fan_in', distribution: 'truncated_normal', seed });
  }
}

export interface OrthogonalOptions extends SeedOptions {
  /** Multiplies the matrix. Default 1. */
  readonly gain?: number;
}

/** A random orthogonal matrix; all dimensions but the last count as rows. Mirrors tf.keras.initializers.Orthogonal. */
export class Orthogonal extends Seeded {
  readonly gain: number;

  constructor({ gain = 1, ...options }: OrthogonalOptions = {}) {
    super(options);
    this.gain = gain;
  }

  override call(shape: Dims, dtype?: DType | null): Tensor {
    const wanted = requireFloating(dtype);
    if (shape.length < 2) {
      throw new ValueError(
        `The tensor to initialize must be at least two-dimensional. Received: shape=${repr([...shape])} of rank ${shape.length}.`,
      );
    }
    const columns = shape.at(-1)!;
    const rows = shape.slice(0, -1).reduce((product, dim) => product * dim, 1);
    const flat = [Math.max(rows, columns), Math.min(rows, columns)];
    const { q, r } = qr(statelessRandomNormal(flat, this.stream, { dtype: wanted }));
    // With the signs of r's diagonal the distribution is uniform over all orthogonal matrices.
    const uniform = q.mul(sign(diagPart(r)));
    return reshape(rows < columns ? matrixTranspose(uniform) : uniform, [...shape]).rmul(this.gain);
  }

  override getConfig(): Record<string, unknown> {
    return { gain: this.gain, seed: this.seed };
  }
}

/** The identity matrix times `gain`. Mirrors tf.keras.initializers.Identity. ValueError unless two dimensions. */
export class Identity extends KerasInitializer {
  readonly gain: number;

  constructor({ gain = 1 }: { readonly gain?: number } = {}) {
    super();
    this.gain = gain;
  }

  override call(shape: Dims, dtype?: DType | null): Tensor {
    const wanted = requireFloating(dtype);
    if (shape.length !== 2) {
      throw new ValueError(
        `Identity matrix initializer can only be used for 2D matrices. Received: shape=${repr([...shape])} of rank ${shape.length}.`,
      );
    }
    return eye(shape[0], { numColumns: shape[1], dtype: wanted }).rmul(this.gain);
  }

  override getConfig(): Record<string, unknown> {
    return { gain: this.gain };
  }
}
