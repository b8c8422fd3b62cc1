/**
 * Tensor's method `at`: Python's brackets. `x.at(0, [1, 5], [null, null, -1], newaxis, '...')` is
 * `x[0, 1:5, ::-1, tf.newaxis, ...]`, and so is `x.at('0, 1:5, ::-1, newaxis, ...')`.
 *
 * Importing this file adds the method.
 */
import type { TensorLike } from '../convert';
import { bool } from '../dtypes';
import { NdArray } from '../ndarray';
import { Tensor } from '../tensor';
import { type SliceItem, sliceAt } from './brackets';
import { booleanMask } from './masking';

/** A mask that picks elements: a bool tensor or array of known rank. */
export type BooleanIndex = Tensor | NdArray | readonly boolean[];

declare module '../tensor' {
  interface Tensor {
    /**
     * A part of the tensor, as Python's brackets take it. Mirrors Tensor.__getitem__.
     *
     * An index drops its axis; a range keeps it; `newaxis` adds one; `'...'` stands for all axes that no other item names. A bool
     * mask alone picks elements, as tf.boolean_mask does. TypeError for anything that is no index, ValueError (while running
     * InvalidArgumentError) for an index out of bounds.
     */
    at(...items: readonly SliceItem[]): Tensor;
    at(mask: BooleanIndex): Tensor;
  }
}

function isMask(items: readonly unknown[]): boolean {
  const [only] = items;
  if (items.length !== 1) return false;
  if (only instanceof Tensor || only instanceof NdArray) return only.dtype === bool;
  return Array.isArray(only) && only.length > 0 && only.every((value) => typeof value === 'boolean');
}

Tensor.prototype.at = function at(this: Tensor, ...items: readonly unknown[]): Tensor {
  return isMask(items) ? booleanMask(this, items[0] as TensorLike) : sliceAt(this, items as readonly SliceItem[]);
};
