/**
 * Plain kernels: cumulative sums, products and log-sum-exps along one axis.
 */
import { InvalidArgumentError } from '../../graph/errors';
import { allocate, NdArray, sizeOf } from '../../graph/ndarray';
import type { scanOps } from '../../graph/ops/scan';
import type { Kernel, KernelTable } from '../kernel';
import { checkComputable } from './elementwise';

interface Scan<N> {
  readonly initial: N;
  readonly step: (acc: N, x: N) => N;
}

/** log(e^a + e^b). */
function logAddExp(a: number, b: number): number {
  if (a === -Infinity) return b;
  if (b === -Infinity) return a;
  return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}

function scanAxis<N extends number | bigint>(
  x: NdArray,
  axis: number,
  exclusive: boolean,
  reverse: boolean,
  { initial, step }: Scan<N>,
): NdArray {
  const length = x.shape[axis];
  const inner = sizeOf(x.shape.slice(axis + 1));
  const out = allocate(x.dtype, x.size) as unknown as N[];
  const from = x.data as unknown as N[];
  const move = reverse ? -inner : inner;
  for (let block = 0; block < out.length; block += length * inner) {
    for (let column = 0; column < inner; column++) {
      let at = block + column + (reverse ? (length - 1) * inner : 0);
      let acc = initial;
      for (let k = 0; k < length; k++, at += move) {
        const next = step(acc, from[at]);
        out[at] = exclusive ? acc : next;
        acc = next;
      }
    }
  }
  return new NdArray(x.dtype, x.shape, out as never);
}

/** A scan kernel; integers of 32 bits and less may need another step than floats. */
function scan(floats: Scan<number>, bigInts?: Scan<bigint>, ints: Scan<number> = floats): Kernel {
  return ([x, axis], c) => {
    checkComputable(c, x.dtype);
    if (axis.rank !== 0) throw new InvalidArgumentError(`ScanOp: axis must be a scalar, not [${axis.shape.join(',')}]`);
    const [given, { rank }] = [Number(axis.data[0]), x];
    if (given < -rank || given >= rank) {
      throw new InvalidArgumentError(
        `ScanOp: Expected scan axis in the range [${rank === 0 ? 0 : -rank}, ${rank}), but got ${given}`,
      );
    }
    if (x.size === 0) return x;
    const index = given < 0 ? given + rank : given;
    const [exclusive, reverse] = [c.attr<boolean>('exclusive'), c.attr<boolean>('reverse')];
    if (x.dtype.isBigInt) return scanAxis(x, index, exclusive, reverse, bigInts!);
    return scanAxis(x, index, exclusive, reverse, x.dtype.isFloating ? floats : ints);
  };
}

export const scanKernels: KernelTable<typeof scanOps> = {
  Cumsum: scan({ initial: 0, step: (acc, x) => acc + x }, { initial: 0n, step: (acc, x) => acc + x }),
  Cumprod: scan(
    { initial: 1, step: (acc, x) => acc * x },
    { initial: 1n, step: (acc, x) => acc * x },
    { initial: 1, step: Math.imul },
  ),
  CumulativeLogsumexp: scan({ initial: -Infinity, step: logAddExp }),
};
