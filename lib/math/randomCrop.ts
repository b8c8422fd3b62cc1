/**
 * tf.randomCrop: a block of a tensor at a random place.
 */

import { Assert } from '../../graph/controlFlow/assert';
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { int32 } from '../../graph/dtypes';
import { greaterEqual } from '../../graph/ops/compare';
import { composite } from '../../graph/ops/composite';
import { withDependencies } from '../../graph/ops/grouping';
import { randomUniform } from '../../graph/ops/random';
import { reduceAll } from '../../graph/ops/reduce';
import { shape } from '../../graph/ops/shapes';
import { slice } from '../../graph/ops/slice';
import type { Seed } from '../../graph/seeds';
import type { Tensor } from '../../graph/tensor';

/**
 * A block of shape `size` (one int32 for each dimension; a dimension that is not to be cropped takes its full length)
 * from `value`.
 *
 * Mirrors tf.image.random_crop (tf.compat.v1.random_crop). A block that does not fit is an InvalidArgumentError at run
 * time.
 */
export function randomCrop(
  value: TensorLike,
  size: TensorLike,
  options: { readonly seed?: Seed; readonly name?: string } = {},
): Tensor {
  return composite(options.name, 'random_crop', [value, size], (scope) => {
    const whole = convertToTensor(value, { name: 'value' });
    const block = convertToTensor(size, { dtype: int32, name: 'size' });
    const dims = shape(whole);
    const check = Assert(reduceAll(greaterEqual(dims, block)), ['Need value.shape >= size, got ', dims, block], {
      summarize: 1000,
    });
    const checked = check ? withDependencies([check], dims) : dims;
    const places = checked.sub(block).add(1);
    const drawn = randomUniform(shape(checked), { dtype: int32, maxval: int32.max as number, seed: options.seed });
    return slice(whole, drawn.mod(places), block, { name: scope });
  });
}
