/**
 * Lowerings: operations on the bits of integers. Shifts stay with the plain kernels.
 */
import type { bitwiseOps } from '../../graph/ops/bitwise';
import { apply } from '../ir/expression';
import { broadcasting, direct, isWhole, number } from './elementwise';
import type { LoweringTable } from './lowering';

export const bitwiseLowerings: LoweringTable<typeof bitwiseOps> = {
  BitwiseAnd: direct('and', isWhole),
  BitwiseOr: direct('or', isWhole),
  BitwiseXor: direct('xor', isWhole),
  Invert: broadcasting(([x], type) => (isWhole(type) ? apply('xor', x, number(type, -1)) : null)),
};
