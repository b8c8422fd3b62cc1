/**
 * Lowerings: the error function and its complement. Other special functions run their plain kernels.
 */
import type { specialOps } from '../../graph/ops/special';
import { floatFunction } from './elementwise';
import type { LoweringTable } from './lowering';

export const specialLowerings: LoweringTable<typeof specialOps> = {
  Erf: floatFunction('erf'),
  Erfc: floatFunction('erfc'),
};
