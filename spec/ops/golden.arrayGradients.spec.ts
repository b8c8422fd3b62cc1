/**
 * Twins of the programs of spec/golden/array_gradients.py about shapes and indexing.
 */
import * as dtypes from '../../graph/dtypes';
import { gradients } from '../../graph/gradients';
import { expandDims, reshape, reverse, squeeze, transpose } from '../../graph/ops/array';
import { broadcastTo } from '../../graph/ops/broadcast';
import { where, whereV2 } from '../../graph/ops/compare';
import { gather, gatherNd } from '../../graph/ops/gather';
import { concat, split, stack, unstack } from '../../graph/ops/joining';
import { booleanMask } from '../../graph/ops/masking';
import { pad, tile } from '../../graph/ops/padding';
import { topK } from '../../graph/ops/picking';
import { scatterNd } from '../../graph/ops/scatter';
import { segmentSum, unsortedSegmentSum } from '../../graph/ops/segment';
import { slice } from '../../graph/ops/slice';
import '../../graph/ops/slicing';
import { fill, placeholder } from '../../graph/ops/source';
import { goldenCases, readGoldens } from '../support/golden';

const { bool, float32, int32 } = dtypes;
const input = (dims: (number | null)[] | null, name = 'x', dtype: dtypes.DType = float32) =>
  placeholder(dtype, dims, { name });
const matrix = () => input([2, 3]);
const batch = () => input([null, 3]);
const pair = () => [matrix(), input([2, 3], 'y')] as const;

const twins: Record<string, () => unknown> = {
  gradient_reshape_transpose: () => {
    const x = batch();
    return [gradients(reshape(x, [-1]), x), gradients(transpose(x), x)];
  },
  gradient_expand_squeeze: () => {
    const x = matrix();
    return [gradients(expandDims(x, 1), x), gradients(squeeze(expandDims(x, 0)), x)];
  },
  gradient_concat: () => {
    const [x, y] = [batch(), input([null, 3], 'y')];
    return gradients(concat([x, y], 0), [x, y]);
  },
  gradient_concat_static: () => {
    const [x, y] = pair();
    return gradients(concat([x, y], 1), [x, y]);
  },
  gradient_split: () => {
    const x = input([4, 6]);
    const [a, b] = split(x, 2, { axis: 1 });
    return [gradients([a, b], x), gradients(a, x)];
  },
  gradient_split_sizes: () => {
    const x = input([4, 6]);
    return gradients(split(x, [2, 4], { axis: 1 })[1], x);
  },
  gradient_stack_unstack: () => {
    const [x, y] = pair();
    return [gradients(stack([x, y], { axis: 1 }), [x, y]), gradients(unstack(x)[0], x)];
  },
  gradient_tile_pad: () => {
    const x = batch();
    return [
      gradients(tile(x, [2, 1]), x),
      gradients(
        pad(x, [
          [1, 1],
          [0, 2],
        ]),
        x,
      ),
    ];
  },
  gradient_mirror_pad: () => {
    const x = matrix();
    return gradients(
      pad(
        x,
        [
          [1, 1],
          [0, 0],
        ],
        { mode: 'REFLECT' },
      ),
      x,
    );
  },
  gradient_slice: () => {
    const x = batch();
    return [gradients(slice(x, [0, 1], [-1, 2]), x), gradients(x.at(0), x), gradients(x.at(':, 1:'), x)];
  },
  gradient_reverse: () => {
    const x = matrix();
    return gradients(reverse(x, [1]), x);
  },
  gradient_broadcast_to: () => {
    const x = input([3]);
    return gradients(broadcastTo(x, [4, 3]), x);
  },
  gradient_fill: () => {
    const v = input([], 'v');
    return gradients(fill([2, 3], v), v);
  },
  gradient_gather: () => {
    const [x, ids] = [matrix(), input([null], 'ids', int32)];
    return [gradients(gather(x, ids), x), gradients(gather(x, ids, { axis: 1 }), x)];
  },
  gradient_gather_nd: () => {
    const [x, ids] = [matrix(), input([null, 2], 'ids', int32)];
    return gradients(gatherNd(x, ids), x);
  },
  gradient_scatter_nd: () => {
    const updates = input([2], 'updates');
    return gradients(scatterNd([[0], [2]], updates, [4]), updates);
  },
  gradient_segment_sum: () => {
    const [x, ids] = [batch(), input([null], 'ids', int32)];
    return [gradients(segmentSum(x, ids), x), gradients(unsortedSegmentSum(x, ids, 4), x)];
  },
  gradient_top_k: () => {
    const x = batch();
    return gradients(topK(x, 2).values, x);
  },
  gradient_where: () => {
    const [x, y] = pair();
    const mask = input([2, 3], 'mask', bool);
    return gradients(where(mask, x, y), [x, y]);
  },
  gradient_where_v2: () => {
    const [x, y] = [matrix(), input([3], 'y')];
    const mask = input([2, 3], 'mask', bool);
    return gradients(whereV2(mask, x, y), [x, y]);
  },
  gradient_boolean_mask: () => {
    const [x, mask] = [batch(), input([null], 'mask', bool)];
    return gradients(booleanMask(x, mask), x);
  },
};

const others = [...readGoldens('array_gradients').keys()].filter((name) => !(name in twins));
goldenCases('array_gradients', twins, Object.fromEntries(others.map((name) => [name, 'belongs to another spec'])));
