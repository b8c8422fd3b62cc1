/**
 * Lowerings: uniform random numbers, drawn from the node's stream by the kernel that uses them.
 */
import { float32 } from '../../graph/dtypes';
import type { randomOps } from '../../graph/ops/random';
import type { LoweringTable } from './lowering';

export const randomLowerings: LoweringTable<typeof randomOps> = {
  RandomUniform: (c) => {
    const shape = c.integers(0);
    if (!shape || shape.some((dim) => dim < 0) || c.inputs[0].shape.length !== 1 || c.outputTypes[0] !== float32)
      return null;
    return c.b.uniform(float32, shape, c.randomSource());
  },
};
