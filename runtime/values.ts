/**
 * Values that are no arrays of numbers, at run time: handles to resources, and variants (lists of tensors, optionals).
 *
 * Each is a scalar NdArray of dtype resource or variant with a payload, so that plans and kernels pass all values alike.
 */
import { type DType, resource, variant } from '../graph/dtypes';
import { NdArray } from '../graph/ndarray';
import type { TensorShape } from '../graph/shape';

/** A reference to a session's resource, such as a variable. */
export class ResourceHandle extends NdArray<'resource'> {
  constructor(
    readonly container: string,
    readonly key: string,
    /** dtype and shape of a variable's value. */
    readonly valueType: DType,
    readonly valueShape: TensorShape,
  ) {
    super(resource, [], [] as never);
  }

  override get size(): number {
    return 1;
  }
}

/**
 * A reference to a variable of TensorFlow v1. Ops that ask for a reference get it; all others get the value that it has
 * when they run.
 */
export class VariableReference extends ResourceHandle {
  constructor(
    container: string,
    readonly name: string,
    valueType: DType,
    valueShape: TensorShape,
  ) {
    // Resource variables and these have names of their own.
    super(container, `reference ${name}`, valueType, valueShape);
  }
}

/** A variant scalar; `payload` is immutable. */
export class VariantValue<P = unknown> extends NdArray<'variant'> {
  constructor(readonly payload: P) {
    super(variant, [], [] as never);
  }

  override get size(): number {
    return 1;
  }
}
