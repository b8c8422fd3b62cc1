/**
 * Initializers of matrices with structure: orthogonal ones and the identity.
 */
import type { DType } from '../../graph/dtypes';
import { repr, ValueError } from '../../graph/errors';
import { matrixTranspose, reshape } from '../../graph/ops/array';
import { diagPart, eye } from '../../graph/ops/diagonals';
import { qr } from '../../graph/ops/linalg';
import { randomNormal } from '../../graph/ops/random';
import { sign } from '../../graph/ops/unary';
import type { Seed } from '../../graph/seeds';
import type { Tensor } from '../../graph/tensor';
import { Initializer, type InitializerOptions, maker, requireFloat, type SeededOptions } from './initializer';

export interface OrthogonalOptions extends SeededOptions {
  /** Multiplies the matrix. Default 1. */
  readonly gain?: number;
}

/**
 * A random orthogonal matrix, or for more dimensions one whose last dimension counts the columns. Mirrors
 * tf.compat.v1.orthogonal_initializer.
 *
 * A call with fewer than two dimensions is a ValueError.
 */
export class Orthogonal extends Initializer {
  readonly gain: number;
  readonly seed: Seed;

  constructor({ gain = 1, seed = null, ...options }: OrthogonalOptions = {}) {
    super(options);
    requireFloat(this.dtype);
    this.gain = gain;
    this.seed = seed;
  }

  override call(shape: readonly number[], dtype?: DType | null): Tensor {
    if (shape.length < 2) throw tooFewDimensions(shape);
    const columns = shape.at(-1)!;
    const rows = shape.slice(0, -1).reduce((product, dim) => product * dim, 1);
    const isWide = rows < columns;
    const random = randomNormal(isWide ? [columns, rows] : [rows, columns], {
      dtype: dtype ?? this.dtype,
      seed: this.seed,
    });
    const { q, r } = qr(random);
    // With the signs of r's diagonal the distribution is uniform over all orthogonal matrices.
    const uniform = q.mul(sign(diagPart(r)));
    return reshape(isWide ? matrixTranspose(uniform) : uniform, [...shape]).rmul(this.gain);
  }

  override getConfig(): Record<string, unknown> {
    return { gain: this.gain, seed: this.seed, ...super.getConfig() };
  }
}

export interface IdentityOptions extends InitializerOptions {
  /** Multiplies the matrix. Default 1. */
  readonly gain?: number;
}

/**
 * The identity matrix, or the part of it that fits. Mirrors tf.compat.v1.initializers.identity. ValueError unless two
 * dimensions.
 */
export class Identity extends Initializer {
  readonly gain: number;

  constructor({ gain = 1, ...options }: IdentityOptions = {}) {
    super(options);
    requireFloat(this.dtype);
    this.gain = gain;
  }

  override call(shape: readonly number[], dtype?: DType | null): Tensor {
    if (shape.length !== 2) throw tooFewDimensions(shape);
    return eye(shape[0], { numColumns: shape[1], dtype: dtype ?? this.dtype }).rmul(this.gain);
  }

  override getConfig(): Record<string, unknown> {
    return { gain: this.gain, ...super.getConfig() };
  }
}

function tooFewDimensions(shape: readonly number[]): ValueError {
  return new ValueError(
    `The tensor to initialize, specified by argument \`shape\` must be at least two-dimensional. Received shape=${repr([...shape])}`,
  );
}

export const orthogonalInitializer = maker((options: OrthogonalOptions = {}) => new Orthogonal(options));
export const identityInitializer = maker((options: IdentityOptions = {}) => new Identity(options));
