/**
 * Checks that plain kernels make of shapes, used by lowerings: where one refuses, the op is left to the plain kernel, which says so.
 */
import { OpError } from '../../graph/errors';
import { NdArray } from '../../graph/ndarray';
import type { Value } from '../ir/value';

/** The result of a check, or null when it throws an error of an op. */
export function attempt<R>(check: () => R): R | null {
  try {
    return check();
  } catch (error) {
    if (error instanceof OpError) return null;
    throw error;
  }
}

/** An array of the value's dtype and shape without elements: for checks of shapes. */
export function standIn({ dtype, shape }: Value): NdArray {
  return new NdArray(dtype, shape, [] as never);
}
