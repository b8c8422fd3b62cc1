/**
 * From an error of a kernel to the error a user sees: TensorFlow's class and text, then the node, its type, its device and
 * the user's line that made it.
 */
import { InternalError, OpError, opErrorByCode } from '../graph/errors';
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
  const message = error instanceof Error ? error.message : String(error);
  const wrapped = new InternalError(`${message}${nodeText(op)}`, op, op.nodeDef);
  wrapped.cause = error;
  return wrapped;
}
