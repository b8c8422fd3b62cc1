/**
 * Which layers are being called right now: nested calls inherit `training`, and updates ask for the inputs.
 */
import type { TensorLike } from '../../graph/convert';

export interface CallContext {
  readonly inputs: unknown;
  /** The `training` that inner layers inherit; undefined when nothing was said. */
  readonly training: TensorLike | undefined;
}

const stack: CallContext[] = [];

/** The innermost call in progress, or undefined outside of calls. */
export function currentCall(): CallContext | undefined {
  return stack.at(-1);
}

export function enterCall<R>(context: CallContext, body: () => R): R {
  stack.push(context);
  try {
    return body();
  } finally {
    stack.pop();
  }
}
