/**
 * From an error of a kernel to the error a user sees: TensorFlow's class and text, then the node, its type, its device and
 * the user's line that made it.
 */
import { InternalError, OpError, opErrorByCode, ResourceExhaustedError } from '../graph/errors';
import { FuncGraph } from '../graph/funcGraph';
import type { Operation } from '../graph/operation';

/** The op error of that code. */
export function makeOpError(code: number, message: string, op: Operation): OpError {
  const OpErrorClass = opErrorByCode[code as keyof typeof opErrorByCode];
  return new OpErrorClass(message, op, op.nodeDef);
}

/** `{{node q}}`, then what a reader needs to find the node. */
export function nodeText(op: Operation): string {
  const site = op.creationSite;
  const device = op.device === '' ? '' : `, device: ${op.device}`;
  return `\n\t [[{{node ${op.name}}}]]\nNode: '${op.name}' (op type: ${op.type}${device})${site ? `, made at ${site}` : ''}`;
}

/** Names the op in an error that its kernel threw; errors that name an op already pass unchanged. */
export function attributeError(error: unknown, op: Operation): unknown {
  if (error instanceof OpError)
    return error.op === null ? makeOpError(error.errorCode, `${error.message}${nodeText(op)}`, op) : error;
  if (error instanceof RangeError && error.message.includes('call stack')) {
    const calls =
      op.graph instanceof FuncGraph ? `Calls within calls, down to one of function ${op.graph.name},` : 'This';
    return new ResourceExhaustedError(
      `${calls} took all of the stack. A function that calls itself has to come to an end by a condition, before some hundreds of ` +
        `calls; a tf.whileLoop needs no stack.${nodeText(op)}`,
      op,
      op.nodeDef,
    );
  }
  const message = error instanceof Error ? error.message : String(error);
  const wrapped = new InternalError(`${message}${nodeText(op)}`, op, op.nodeDef);
  wrapped.cause = error;
  return wrapped;
}
