/**
 * Lowerings: values made of nothing.
 */
import type { sourceOps } from '../../graph/ops/source';
import type { TensorShape } from '../../graph/shape';
import { arg, scalarTypeOf } from '../ir/expression';
import { type LoweringTable, view } from './lowering';

export const sourceLowerings: LoweringTable<typeof sourceOps> = {
  Fill: (c) => {
    const dims = c.integers(0);
    const [, value] = c.inputs;
    if (!dims || dims.some((dim) => dim < 0) || c.inputs[0].shape.length !== 1 || value.shape.length !== 0) return null;
    return c.b.map(value.dtype, dims, [value], arg(0, scalarTypeOf(value.dtype)!));
  },
  EnsureShape: view((c) => (c.attr<TensorShape>('shape').isCompatibleWith(c.inputs[0].shape) ? c.inputs[0] : null)),
  ZerosLike: (c) => c.b.fill(c.outputTypes[0], c.inputs[0].shape, 0),
  OnesLike: (c) => c.b.fill(c.outputTypes[0], c.inputs[0].shape, 1),
};
