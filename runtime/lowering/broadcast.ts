/**
 * Lowering: repetition along axes, as a view.
 */
import type { broadcastOps } from '../../graph/ops/broadcast';
import { broadcastDims } from './elementwise';
import { type LoweringTable, view } from './lowering';

export const broadcastLowerings: LoweringTable<typeof broadcastOps> = {
  BroadcastTo: view((c) => {
    const shape = c.integers(1);
    const [x] = c.inputs;
    if (!shape || c.inputs[1].shape.length !== 1 || shape.some((dim) => dim < 0)) return null;
    return broadcastDims(x.shape, shape)?.join() === shape.join() ? c.b.broadcast(x, shape) : null;
  }),
};
