/**
 * `smartCond`: a branch whose condition is known while building is built in place; others become a `cond`.
 */
import type { TensorLike } from '../convert';
import { GraphTypeError, repr, typeWord } from '../errors';
import { FuncGraph } from '../funcGraph';
import { constantValue } from '../staticValue';
import { Tensor } from '../tensor';
import { type AsTensors, cond, isSymbolic } from './cond';

/**
 * The truth of `pred` where it is known while building, else null.
 *
 * Booleans, 0 and 1 are known, tensors of constant value too; variables never are. TypeError for anything else.
 * Mirrors smart_module.smart_constant_value.
 */
export function smartConstantValue(pred: unknown): boolean | null {
  if (pred instanceof Tensor) {
    const value = constantValue(beyondCaptures(pred));
    return value === null ? null : value.size === 1 ? Boolean(Number(value.data[0])) : null;
  }
  if (isSymbolic(pred)) return null;
  if (pred === true || pred === false || pred === 0 || pred === 1) return Boolean(pred);
  throw new GraphTypeError(
    `Argument \`pred\` must be a Tensor, or a Python bool, or 1 or 0. Received: pred=${text(pred)} of type ${typeWord(pred)}`,
  );
}

/** The tensor that an argument of a function body stands for: captures have one value, other arguments may have many. */
function beyondCaptures(tensor: Tensor): Tensor {
  const outer = tensor.graph instanceof FuncGraph ? tensor.graph.outerOf(tensor) : undefined;
  return outer ? beyondCaptures(outer) : tensor;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : repr(value);
}

/**
 * `trueFn()` or `falseFn()`: at once where `pred` is known while building, else through `cond`.
 *
 * Mirrors smart_module.smart_cond.
 */
export function smartCond<T>(
  pred: TensorLike,
  trueFn: () => T,
  falseFn: () => T,
  options: { name?: string | null } = {},
): T | AsTensors<T> {
  if (typeof trueFn !== 'function')
    throw new GraphTypeError(`Argument \`true_fn\` must be callable. Received ${repr(trueFn)}`);
  if (typeof falseFn !== 'function')
    throw new GraphTypeError(`Argument \`false_fn\` must be callable. Received ${repr(falseFn)}`);
  const known = smartConstantValue(pred);
  if (known !== null) return known ? trueFn() : falseFn();
  return cond(pred, trueFn, falseFn, options);
}
