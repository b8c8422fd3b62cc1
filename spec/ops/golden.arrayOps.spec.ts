/**
 * Twins of spec/golden/array_ops.py, and of the programs of spec/golden/ops.py about constants, shapes, segments and checks.
 */

import { Assert } from '../../graph/controlFlow/assert';
import { convertToTensor } from '../../graph/convert';
import * as dtypes from '../../graph/dtypes';
import * as array from '../../graph/ops/array';
import { broadcastTo } from '../../graph/ops/broadcast';
import { checkNumerics, Print, print } from '../../graph/ops/checks';
import { where, whereV2 } from '../../graph/ops/compare';
import { diag, eye, matrixDiag } from '../../graph/ops/diagonals';
import { gather, gatherNd } from '../../graph/ops/gather';
import { concat, split, stack, unstack } from '../../graph/ops/joining';
import { booleanMask, sequenceMask } from '../../graph/ops/masking';
import { pad, tile } from '../../graph/ops/padding';
import { dynamicPartition, dynamicStitch } from '../../graph/ops/partition';
import { inTopK, oneHot, topK, unique } from '../../graph/ops/picking';
import { reduceAll } from '../../graph/ops/reduce';
import { scatterNd, tensorScatterNdAdd, tensorScatterNdUpdate } from '../../graph/ops/scatter';
import * as segment from '../../graph/ops/segment';
import { range, rank, shape, shapeN, size } from '../../graph/ops/shapes';
import '../../graph/ops/operators';
import '../../graph/ops/slicing';
import * as source from '../../graph/ops/source';
import { assertEqual, assertLess, assertPositive } from '../../lib/debugging/assertions';
import { addCheckNumericsOps, verifyTensorAllFinite } from '../../lib/debugging/numerics';
import { assertRank, assertRankAtLeast } from '../../lib/debugging/ranks';
import { batchGather, linspace, meshgrid, repeat } from '../../lib/math/sequences';
import { argsort, sort } from '../../lib/math/sorting';
import { goldenCases, readGoldens } from '../support/golden';
import { f32, i32, i64 } from '../support/opCase';

const { bool, float32, float64, int32, int64, string } = dtypes;
const { constant, fill, ones, onesLike, placeholder, placeholderWithDefault, zeros, zerosLike } = source;

type Dims = (number | null)[] | null;
const input = (dims: Dims, name: string, dtype: dtypes.DType = float32) => placeholder(dtype, dims, { name });
const matrix = () => input([2, 3], 'x');
const batch = () => input([null, 3], 'x');

goldenCases('array_ops', {
  concat: () => {
    const [x, y] = [matrix(), input([null, 3], 'y')];
    return [concat([x, y], 0), concat([x, x], -1), concat([x], 0), concat([x, y], 0, { name: 'joined' })];
  },
  split: () => {
    const x = input([4, 6], 'x');
    return [split(x, 2), split(x, 3, { axis: 1 }), split(x, [1, 2, 3], { axis: 1 }), split(x, [1, -1], { axis: 0 })];
  },
  stack_unstack: () => {
    const [x, y] = [matrix(), input([2, 3], 'y')];
    return [
      stack([x, y]),
      stack([x, y], { axis: 1 }),
      stack([i32(1), i32(2), i32(3)]),
      unstack(x),
      unstack(x, { axis: 1, name: 'columns' }),
    ];
  },
  stack_mixed: () => {
    const n = input([], 'n', int32);
    return [
      stack([n, 2, 3]),
      convertToTensor([n, 2]),
      convertToTensor([
        [n, 1],
        [2, n],
      ]),
    ];
  },
  tile_pad: () => {
    const x = batch();
    return [
      tile(x, [2, 1]),
      pad(x, [
        [1, 1],
        [0, 2],
      ]),
      pad(
        x,
        [
          [1, 1],
          [0, 2],
        ],
        { constantValues: 1 },
      ),
      pad(
        x,
        [
          [0, 0],
          [1, 1],
        ],
        { mode: 'REFLECT' },
      ),
      pad(
        x,
        [
          [0, 0],
          [1, 1],
        ],
        { mode: 'SYMMETRIC', name: 'mirrored' },
      ),
    ];
  },
  transpose: () => {
    const [x, y, z] = [batch(), input(null, 'y'), input([2, 3, 4], 'z')];
    return [
      array.transpose(x),
      array.transpose(z, [2, 0, 1]),
      array.transpose(y),
      array.matrixTranspose(z),
      array.transpose(x, null, { name: 't' }),
    ];
  },
  reshape: () => {
    const x = batch();
    return [
      array.reshape(x, [-1]),
      array.reshape(x, [-1, 3, 1]),
      array.reshape(x, stack([shape(x).at(0), 3])),
      array.expandDims(x, 0),
      array.expandDims(x, -1),
      array.squeeze(array.expandDims(x, 1)),
      array.squeeze(array.expandDims(x, 1), [1]),
      broadcastTo(constant([1, 2, 3]), [4, 3]),
    ];
  },
  reverse: () => {
    const x = batch();
    return [array.reverse(x, [1]), array.reverse(x, [0, -1]), array.reverse(x, [0], { name: 'upside_down' })];
  },
  repeat: () => {
    const x = input([2, 3], 'x');
    return [repeat(x, 2, 1), meshgrid([constant(i32([1, 2])), constant(i32([3, 4, 5]))])];
  },
  where: () => {
    const [x, y] = [matrix(), input([2, 3], 'y')];
    const mask = input([2, 3], 'mask', bool);
    const row = input([2], 'row', bool);
    return [where(mask, x, y), where(row, x, y), where(mask), whereV2(mask, x, 0), whereV2(row, 1, 2)];
  },
  gather: () => {
    const x = batch();
    const ids = input([null], 'ids', int32);
    const nd = input([null, 2], 'nd', int32);
    return [gather(x, ids), gather(x, [0, 2], { axis: 1 }), gather(x, 1), gatherNd(x, nd)];
  },
  gather_batch_dims: () => {
    const x = input([2, 5], 'x');
    const ids = input([2, 3], 'ids', int32);
    return [gather(x, ids, { axis: 1, batchDims: 1 }), batchGather(x, ids)];
  },
  scatter: () => {
    const nd = constant(i32([[0], [2]]), { name: 'nd' });
    const updates = constant([1, 2], { name: 'updates' });
    const x = input([4], 'x');
    return [scatterNd(nd, updates, [4]), tensorScatterNdAdd(x, nd, updates), tensorScatterNdUpdate(x, nd, updates)];
  },
  boolean_mask: () => {
    const x = batch();
    const mask = input([null], 'mask', bool);
    return [booleanMask(x, mask), booleanMask(x, [true, false, true], { axis: 1 })];
  },
  top_k: () => {
    const x = batch();
    const targets = input([null], 'targets', int32);
    const { values, indices } = topK(x, 2);
    return [values, indices, topK(x, 1, { sorted: false, name: 'best' }).values, inTopK(x, targets, 1)];
  },
  sort_and_unique: () => {
    const x = input([null], 'x');
    const { y, idx } = unique(x);
    return [sort(x), argsort(x, -1, { direction: 'DESCENDING' }), y, idx];
  },
  invert_permutation_and_dynamic_stitch: () => {
    const x = input([3], 'x', int32);
    return [
      array.invertPermutation(x),
      dynamicStitch([[0, 2], [1]], [x.at([null, 2]), x.at([2, null])]),
      dynamicPartition(x, [0, 1, 0], 2),
    ];
  },
  sequence_mask: () => {
    const lengths = input([null], 'lengths', int32);
    return [sequenceMask(lengths, 5), sequenceMask(lengths, 5, { dtype: float32 }), sequenceMask(lengths)];
  },
});

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

const twins: Record<string, () => unknown> = {
  constants: () => [
    constant(i32(1)),
    constant(1.5),
    constant(true),
    constant('text'),
    constant(i32([1, 2, 3])),
    constant([
      [1, 2],
      [3, 4],
    ]),
    constant([1, 2], { dtype: float64 }),
    constant(7, { dtype: int32, shape: [2, 2], name: 'sevens' }),
    constant([], { dtype: float32 }),
    constant(['a', 'b']),
    constant(2n ** 40n, { dtype: int64 }),
  ],
  constant_large: () => [constant(f32(upTo(100))), constant(i64(upTo(70)))],
  zeros_ones_fill: () => [
    zeros([2, 3]),
    zeros([40, 50]),
    zeros([2], int32),
    ones([2, 3]),
    ones([], float64),
    ones([40, 50], float32, { name: 'many' }),
    fill([2, 3], 9),
    zeros([2], bool),
    zeros([2], string),
  ],
  zeros_of_dynamic_shape: () => {
    const x = batch();
    return [zeros(shape(x)), ones(shape(x), int32), zeros([shape(x).at(0), 4]), fill([shape(x).at(0)], i32(2))];
  },
  zeros_like_ones_like: () => {
    const [x, y] = [matrix(), input([null, 3], 'y')];
    return [zerosLike(x), onesLike(x), zerosLike(y), onesLike(y), zerosLike(y, int32), onesLike(x, int32)];
  },
  ranges: () => {
    const n = input([], 'n', int32);
    return [range(5), range(1, 10, 2), range(n), range(0, 1, 0.25), range(2, n, 1, { name: 'up' })];
  },
  linspace: () => [linspace(0, 1, 5), linspace(0, 1, 5, { name: 'steps' })],
  one_hot: () => {
    const labels = input([null], 'labels', int64);
    return [oneHot(labels, 10), oneHot(labels, 3, { onValue: 5, offValue: 0, dtype: int32, axis: 0 })];
  },
  eye_and_diag: () => {
    const v = input([3], 'v');
    return [eye(3), eye(2, { numColumns: 3, dtype: float64 }), diag(v), matrixDiag(v)];
  },
  shapes: () => {
    const [x, y] = [matrix(), input([null, 3], 'y')];
    return [shape(x), shape(y), size(x), size(y), rank(x), rank(y), shape(y, { outType: int64 }), shapeN([x, y])];
  },
  placeholders: () => [
    placeholder(float32),
    input([], 'scalar', int32),
    input([null, 2], 'texts', string),
    placeholderWithDefault(1, []),
    placeholderWithDefault(i32([[1, 2]]), [null, 2], { name: 'defaulted' }),
  ],
  segments: () => {
    const x = batch();
    const ids = input([null], 'ids', int32);
    return [
      segment.segmentSum(x, ids),
      segment.segmentMean(x, ids),
      segment.segmentMax(x, ids),
      segment.unsortedSegmentSum(x, ids, 4),
      segment.unsortedSegmentMean(x, ids, 4),
      segment.unsortedSegmentMax(x, ids, 4),
    ];
  },
  identities: () => {
    const x = matrix();
    return [
      source.identity(x),
      source.stopGradient(x),
      source.identityN([x, x]),
      checkNumerics(x, 'bad'),
      source.noOp(),
      source.ensureShape(x, [2, null]),
    ];
  },
  asserts: () => {
    const [x, y] = [matrix(), input([2, 3], 'y')];
    return [Assert(reduceAll(x.greater(0)), [x, y]), assertEqual(x, y), assertLess(x, 1, { message: 'small' })];
  },
  asserts_static: () => {
    const x = matrix();
    return [assertRank(x, 2), assertPositive(constant([1, 2])), assertEqual(constant(i32(1)), constant(i32(1)))];
  },
  asserts_rank_dynamic: () => {
    const x = input(null, 'x');
    return [assertRank(x, 2), assertRankAtLeast(x, 1)];
  },
  printing: () => {
    const x = matrix();
    return [Print(x, [x, shape(x)], { message: 'x: ' }), print('x', x)];
  },
  verify_finite: () => [verifyTensorAllFinite(matrix(), 'not finite'), addCheckNumericsOps()],
};

const others = [...readGoldens('ops').keys()].filter((name) => !(name in twins));
goldenCases('ops', twins, Object.fromEntries(others.map((name) => [name, 'belongs to another spec'])));
