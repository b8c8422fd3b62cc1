/**
 * Names an op in errors that come of a kernel.
 */
import type { Kernel } from '../ir/kernel';
import { attributeError } from '../opErrors';

/** The error with an op of the kernel, if the kernel has any. */
export function named(error: unknown, kernel: Kernel | undefined): unknown {
  const op = kernel?.ops.at(-1);
  return op ? attributeError(error, op) : error;
}

/** Does some work for a kernel; what goes wrong names its op. */
export function naming<R>(kernel: Kernel, work: () => R): R {
  try {
    return work();
  } catch (error) {
    throw named(error, kernel);
  }
}
