/**
 * What all initializers share: a dtype, a configuration, and `call`, which makes a value of a shape.
 */
import { asDType, type DType, type DTypeName, float32 } from '../../graph/dtypes';
import { ValueError } from '../../graph/errors';
import type { Seed } from '../../graph/seeds';
import type { Tensor } from '../../graph/tensor';

export interface InitializerOptions {
  /** Used where a call names none. Default float32. */
  readonly dtype?: DType | DTypeName;
}

export interface SeededOptions extends InitializerOptions {
  readonly seed?: Seed;
}

const makers = new WeakSet<object>();

/** Mirrors tf.compat.v1.initializers.Initializer. */
export abstract class Initializer {
  readonly dtype: DType;

  constructor({ dtype = float32 }: InitializerOptions = {}) {
    this.dtype = asDType(dtype);
  }

  /** A tensor of that shape, made in the default graph. */
  abstract call(shape: readonly number[], dtype?: DType | null): Tensor;

  /** What `fromConfig` makes the same initializer of, as JSON. */
  getConfig(): Record<string, unknown> {
    return { dtype: this.dtype.name };
  }

  /** An initializer from what `getConfig` returned. */
  static fromConfig<I extends Initializer>(
    this: new (
      config: never,
    ) => I,
    config: Readonly<Record<string, unknown>>,
  ): I {
    return new this(config as never);
  }

  /** Whether a function is one like `tf.zerosInitializer`, which may stand for its result. */
  static isMaker(value: object): value is () => Initializer {
    return makers.has(value);
  }
}

/** Marks a function that makes initializers. */
export function maker<F extends (...args: never[]) => Initializer>(make: F): F {
  makers.add(make);
  return make;
}

/** ValueError unless floating. */
export function requireFloat(dtype: DType): void {
  if (!dtype.isFloating)
    throw new ValueError(`Argument \`dtype\` is expected to be floating point. Received: ${dtype}.`);
}
