/**
 * Plain kernels: trigonometric and hyperbolic functions and their inverses.
 */
import type { trigonometricOps } from '../../graph/ops/trigonometric';
import type { KernelTable } from '../kernel';
import { each, floatKernel, pairKernel } from './elementwise';

export const trigonometricKernels: KernelTable<typeof trigonometricOps> = {
  Sin: floatKernel(each(Math.sin)),
  Cos: floatKernel(each(Math.cos)),
  Tan: floatKernel(each(Math.tan)),
  Asin: floatKernel(each(Math.asin)),
  Acos: floatKernel(each(Math.acos)),
  Atan: floatKernel(each(Math.atan)),
  Sinh: floatKernel(each(Math.sinh)),
  Cosh: floatKernel(each(Math.cosh)),
  Asinh: floatKernel(each(Math.asinh)),
  Acosh: floatKernel(each(Math.acosh)),
  Atanh: floatKernel(each(Math.atanh)),
  Atan2: pairKernel(Math.atan2),
};
