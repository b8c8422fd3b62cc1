/**
 * Plain kernels: sums of many tensors of one shape, and clipping to bounds.
 */
import { InvalidArgumentError } from '../../graph/errors';
import { allocate, NdArray } from '../../graph/ndarray';
import type { combineOps } from '../../graph/ops/combine';
import type { Kernel, KernelTable } from '../kernel';
import { VariantValue } from '../values';
import { addVariants } from '../variants';
import { addLoop } from './binary';
import { type BigInts, type BinaryLoop, broadcastPair, checkComputable, eachPair, type Numbers } from './elementwise';

const sumAll: Kernel = (inputs, c) => {
  const [first, ...rest] = inputs;
  if (first instanceof VariantValue)
    return rest.reduce<NdArray>((sum, part) => addVariants(sum as VariantValue, part as VariantValue), first);
  const odd = rest.findIndex(
    ({ shape }) => shape.length !== first.shape.length || shape.some((dim, i) => dim !== first.shape[i]),
  );
  if (odd >= 0) {
    const [name, shapes] = [c.op.name, [first, rest[odd]].map(({ shape }) => `[${shape.join(',')}]`)];
    throw new InvalidArgumentError(
      `Inputs to operation ${name} of type ${c.op.type} must have the same size and shape.  Input 0: ${shapes[0]} != input ${odd + 1}: ${shapes[1]}`,
    );
  }
  checkComputable(c, first.dtype);
  const loop = first.dtype.isBigInt ? (eachPair<BigInts>((x, y) => x + y) as BinaryLoop<never>) : addLoop;
  return rest.reduce((sum, part) => broadcastPair(sum, part, first.dtype, loop as BinaryLoop<Numbers>), first);
};

const clip: Kernel = ([t, low, high], c) => {
  checkComputable(c, t.dtype);
  const fits = ({ shape }: NdArray) =>
    shape.length === 0 || (shape.length === t.shape.length && shape.every((dim, i) => dim === t.shape[i]));
  if (!fits(low) || !fits(high)) {
    const [shape, lowShape, highShape] = [t, low, high].map((part) => `[${part.shape.join(',')}]`);
    throw new InvalidArgumentError(
      `clip_value_min and clip_value_max must be either of the same shape as input, or a scalar. input shape: ${shape}clip_value_min shape: ${lowShape}clip_value_max shape: ${highShape}`,
    );
  }
  const out = allocate(t.dtype, t.size) as Numbers;
  const [x, a, b] = [t.data as Numbers, low.data as Numbers, high.data as Numbers];
  const [da, db] = [low.rank === 0 ? 0 : 1, high.rank === 0 ? 0 : 1];
  for (let k = 0; k < out.length; k++) {
    const below = x[k] > b[k * db] ? b[k * db] : x[k];
    out[k] = below < a[k * da] ? a[k * da] : below;
  }
  return new NdArray(t.dtype, t.shape, out as NdArray['data']);
};

export const combineKernels: KernelTable<typeof combineOps> = {
  AddN: sumAll,
  AccumulateNV2: sumAll,
  ClipByValue: clip,
};
