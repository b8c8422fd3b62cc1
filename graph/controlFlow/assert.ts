/**
 * `tf.Assert`: an op that fails the run when its condition is false.
 */
import { applyOp } from '../applyOp';
import { convertToTensor, type TensorLike } from '../convert';
import { int32 } from '../dtypes';
import type { Operation } from '../operation';
import { composite } from '../ops/composite';
import { noOp } from '../ops/source';
import { cond } from './cond';

export interface AssertOptions {
  /** Print that many elements of each tensor of `data`. */
  readonly summarize?: number;
  readonly name?: string;
}

/**
 * An operation that throws InvalidArgumentError with the values of `data` when `condition` (a bool scalar) is false.
 *
 * Something must wait for it, by `controlDependencies`. Data other than strings and int32 is only looked at when the
 * condition is false. Mirrors tf.Assert.
 */
export function Assert(
  condition: TensorLike,
  data: readonly TensorLike[],
  { summarize, name }: AssertOptions = {},
): Operation {
  return composite(name, 'Assert', [condition, ...data], () => {
    const tensors = data.map((value) => convertToTensor(value));
    const assert = () => applyOp('Assert', { condition: pred, data, summarize }, 'Assert');
    if (tensors.every(({ dtype }) => dtype === int32 || dtype.name === 'string')) {
      return applyOp('Assert', { condition, data, summarize }, 'Assert');
    }
    const pred = convertToTensor(condition, { name: 'Condition' });
    return cond(pred, () => noOp(), assert, { name: 'AssertGuard' }).op;
  });
}
