/**
 * Plain kernels: the special functions of runtime/specialFunctions.ts, element by element.
 */
import type { specialOps } from '../../graph/ops/special';
import type { KernelTable } from '../kernel';
import { digamma, erf, erfc, erfInverse, logGamma, normalQuantile, polygamma, zeta } from '../specialFunctions';
import { each, floatKernel, pairKernel } from './elementwise';

export const specialKernels: KernelTable<typeof specialOps> = {
  Erf: floatKernel(each(erf)),
  Erfc: floatKernel(each(erfc)),
  Erfinv: floatKernel(each(erfInverse)),
  Ndtri: floatKernel(each(normalQuantile)),
  Lgamma: floatKernel(each(logGamma)),
  Digamma: floatKernel(each(digamma)),
  Polygamma: pairKernel(polygamma),
  Zeta: pairKernel(zeta),
};
