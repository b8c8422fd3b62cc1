/**
 * Lowerings: trigonometric and hyperbolic functions.
 */
import type { trigonometricOps } from '../../graph/ops/trigonometric';
import { floatFunction } from './elementwise';
import type { LoweringTable } from './lowering';

export const trigonometricLowerings: LoweringTable<typeof trigonometricOps> = {
  Sin: floatFunction('sin'),
  Cos: floatFunction('cos'),
  Tan: floatFunction('tan'),
  Asin: floatFunction('asin'),
  Acos: floatFunction('acos'),
  Atan: floatFunction('atan'),
  Atan2: floatFunction('atan2'),
  Sinh: floatFunction('sinh'),
  Cosh: floatFunction('cosh'),
  Asinh: floatFunction('asinh'),
  Acosh: floatFunction('acosh'),
  Atanh: floatFunction('atanh'),
};
