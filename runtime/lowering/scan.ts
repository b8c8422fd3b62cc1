/**
 * Lowerings: cumulative sums, products and log-sum-exps along an axis that is known.
 */
import { sizeOf } from '../../graph/ndarray';
import type { scanOps } from '../../graph/ops/scan';
import { type ScanSpec, scanCall } from '../backends/wasm/routines/scan';
import { identityAccess } from '../ir/access';
import { scalarTypeOf } from '../ir/expression';
import { isComputed } from './elementwise';
import { type Lowering, type LoweringTable, listOf, routine } from './lowering';

/** Operations for an element, for traces. */
const costs = { sum: 1, prod: 1, logSumExp: 40 } as const;

const scan =
  (combine: ScanSpec['combine']): Lowering =>
  (c) => {
    const [x] = c.inputs;
    const { shape, dtype } = x;
    const axes = c.integers(1);
    if (!isComputed(dtype) || dtype.isBool || axes?.length !== 1 || c.inputs[1].shape.length !== 0) return null;
    const axis = axes[0] < 0 ? axes[0] + shape.length : axes[0];
    if (axis < 0 || axis >= shape.length) return null;
    if (shape.includes(0)) return x;
    const spec: ScanSpec = {
      combine,
      type: scalarTypeOf(dtype) as ScanSpec['type'],
      outer: sizeOf(shape.slice(0, axis)),
      length: shape[axis],
      inner: sizeOf(shape.slice(axis + 1)),
      exclusive: c.attr<boolean>('exclusive'),
      reverse: c.attr<boolean>('reverse'),
    };
    const [result] = c.b.routine(
      {
        inputs: [{ value: x, maps: identityAccess(shape) }],
        strided: false,
        make: () => ({
          name: `cumulative ${combine}`,
          text: `${spec.outer}×${spec.length}×${spec.inner}${spec.reverse ? ', backwards' : ''}`,
          flops: sizeOf(shape) * costs[combine],
          workspaceBytes: 0,
          calls: ({ inputs: [source], outputs: [target] }) => listOf(scanCall(spec, source, target)),
        }),
      },
      [{ dtype, shape }],
    );
    return result;
  };

export const scanLowerings: LoweringTable<typeof scanOps> = {
  Cumsum: routine(scan('sum')),
  Cumprod: routine(scan('prod')),
  CumulativeLogsumexp: routine(scan('logSumExp')),
};
