/**
 * Rows: sums, means, products and extremes over segments.
 */
import * as dtypes from '../../graph/dtypes';
import { NdArray } from '../../graph/ndarray';
import {
  segmentMax,
  segmentMean,
  segmentMin,
  segmentProd,
  segmentSum,
  unsortedSegmentMax,
  unsortedSegmentMean,
  unsortedSegmentMin,
  unsortedSegmentProd,
  unsortedSegmentSqrtN,
  unsortedSegmentSum,
} from '../../graph/ops/segment';
import { f32, f64, i32, i64, opCase, u8 } from '../support/opCase';

const data = f32([
  [1, 2],
  [3, 4],
  [5, 6],
]);
const empty = NdArray.zeros(dtypes.float32, [0, 2]);
for (const [type, build, first, gap, ints, beyond] of [
  ['SegmentSum', segmentSum, [4, 6], 0, [12n, -2n], 3],
  ['SegmentMean', segmentMean, [2, 3], 0, [6n, -2n], 1],
  ['SegmentProd', segmentProd, [3, 8], 1, [35n, -2n], 2],
  ['SegmentMax', segmentMax, [3, 4], 0, [7n, -2n], 2],
  ['SegmentMin', segmentMin, [1, 2], 0, [5n, -2n], 1],
] as const) {
  opCase(type, 'rows, a segment without any', {
    inputs: [data, i32([0, 0, 2])],
    build,
    want: f32([[...first], [gap, gap], [5, 6]]),
  });
  opCase(type, 'int64', { inputs: [i64([5n, 7n, -2n]), i64([0, 0, 1])], build, want: i64([...ints]) });
  opCase(type, 'int32, nothing before', { inputs: [i32([1, 2]), i32([2, 2])], build, want: i32([gap, gap, beyond]) });
  opCase(type, 'nothing', { inputs: [empty, i32([])], build, want: empty });
  opCase(type, 'gradient', {
    inputs: [
      f64([
        [1, 2],
        [3, 0.5],
        [5, 6],
      ]),
      i32([0, 0, 1]),
    ],
    build,
    gradient: true,
  });
  opCase(type, 'ids that decrease', {
    inputs: [f32([0, 1, 2]), i32([1, 0, 2])],
    build,
    fails: /^segment ids are not increasing/,
  });
  opCase(type, 'negative id', {
    inputs: [f32([0, 1, 2]), i32([-1, 0, 2])],
    build,
    fails: /^Segment id -1 out of range \[0, 3\), possibly because 'segment_ids' input is not sorted\./,
  });
  opCase(type, 'too few ids', {
    inputs: [f32([0, 1, 2]), i32([0, 1])],
    build,
    fails: /^segment_ids should be the same size as dimension 0 of input\./,
  });
  opCase(type, 'ids of rank 2', {
    inputs: [f32([0, 1, 2]), i32([[0, 1, 1]])],
    build,
    fails: /^Shape must be rank 1 but is rank 2 for|^segment_ids should be a vector\./,
  });
  opCase(type, 'scalar', {
    inputs: [f32(1), i32([0])],
    build,
    fails: /^Shape must be at least rank 1 but is rank 0 for|^input must be at least rank 1/,
  });
}
opCase('SegmentProd', 'gradient with zeros', {
  inputs: [f64([2, 0, 3, 0, 0, 5]), i32([0, 0, 0, 1, 1, 1])],
  build: segmentProd,
  gradient: true,
});
opCase('SegmentMax', 'infinity', {
  inputs: [f32([-Infinity, -Infinity]), i32([0, 0])],
  build: segmentMax,
  want: f32([-Infinity]),
});

const lowest = -3.4028234663852886e38;
for (const [type, build, rows, ints, gap] of [
  [
    'UnsortedSegmentSum',
    unsortedSegmentSum,
    [
      [3, 4],
      [6, 8],
    ],
    [5n, 0n],
    [7, 0],
  ],
  [
    'UnsortedSegmentProd',
    unsortedSegmentProd,
    [
      [3, 4],
      [5, 12],
    ],
    [-14n, 1n],
    [12, 1],
  ],
  [
    'UnsortedSegmentMax',
    unsortedSegmentMax,
    [
      [3, 4],
      [5, 6],
    ],
    [7n, -(2n ** 63n)],
    [4, 0],
  ],
  [
    'UnsortedSegmentMin',
    unsortedSegmentMin,
    [
      [3, 4],
      [1, 2],
    ],
    [-2n, 2n ** 63n - 1n],
    [3, 255],
  ],
] as const) {
  const none = {
    UnsortedSegmentSum: 0,
    UnsortedSegmentProd: 1,
    UnsortedSegmentMax: lowest,
    UnsortedSegmentMin: -lowest,
  }[type];
  opCase(type, 'rows, segments without any', {
    inputs: [data, i32([2, 0, 2]), i32(4)],
    build,
    want: f32([[...rows[0]], [none, none], [...rows[1]], [none, none]]),
  });
  opCase(type, 'negative ids, int64', {
    inputs: [i64([5n, 7n, -2n]), i64([-1, 0, 0]), i64(2)],
    build,
    want: i64([...ints]),
  });
  opCase(type, 'a matrix of ids, uint8, a scalar', {
    inputs: [u8([[3], [4]]), i32([[0], [0]]), f32(3), i32(1), i32(2)],
    build: (x, ids, one, id, count) => [build(x, ids, count), build(one, id, count)],
    want: [u8([...gap]), f32([none, 3])],
  });
  opCase(type, 'gradient', {
    inputs: [
      f64([
        [1, 2],
        [3, 0.5],
        [5, 6],
        [7, 8],
      ]),
      i32([1, -1, 1, 0]),
      i32(2),
    ],
    build,
    gradient: true,
  });
  opCase(type, 'id out of range', {
    inputs: [
      f32([
        [0, 1],
        [2, 3],
      ]),
      i32([
        [0, 5],
        [0, 0],
      ]),
      i32(3),
    ],
    build,
    fails: /^segment_ids\[0,1\] = 5 is out of range \[0, 3\)/,
  });
  opCase(type, 'too few ids', {
    inputs: [f32([0, 1, 2]), i32([0, 1]), i32(3)],
    build,
    fails:
      /^Dimensions must be equal, but are 3 and 2 for|^data\.shape = \[3\] does not start with segment_ids\.shape = \[2\]/,
  });
  opCase(type, 'negative number of segments', {
    inputs: [f32([0]), i32([0]), i32(-1)],
    build,
    fails:
      /^Dimension size, given by scalar input 2, must be non-negative but is -1 for|^Input num_segments == -1 must not be negative\./,
  });
  opCase(type, 'number of segments of rank 1', {
    inputs: [f32([0]), i32([0]), i32([3])],
    build,
    fails: /^Shape must be rank 0 but is rank 1 for|^num_segments should be a scalar, not shape \[1\]/,
  });
}
opCase('UnsortedSegmentSum', 'means and sums by roots', {
  inputs: [data, i32([2, 0, 2])],
  build: (x, ids) => [unsortedSegmentMean(x, ids, 3), unsortedSegmentSqrtN(x, ids, 3)],
  want: [
    f32([
      [3, 4],
      [0, 0],
      [3, 4],
    ]),
    f32([
      [3, 4],
      [0, 0],
      [6 / Math.SQRT2, 8 / Math.SQRT2],
    ]),
  ],
});
opCase('UnsortedSegmentSum', 'gradient of means', {
  inputs: [
    f64([
      [1, 2],
      [3, 4],
      [5, 6],
    ]),
    i32([2, 0, 2]),
  ],
  build: (x, ids) => unsortedSegmentMean(x, ids, 3),
  gradient: true,
});

// The product needs more bits than a double holds exactly.
const factors = i32([123456789, 987654321, 3]);
const wrapped = i32([Math.imul(123456789, 987654321), 3]);
opCase('SegmentProd', 'int32 that wraps', { inputs: [factors, i32([0, 0, 1])], build: segmentProd, want: wrapped });
opCase('UnsortedSegmentProd', 'int32 that wraps', {
  inputs: [factors, i32([0, 0, 1])],
  build: (x, ids) => unsortedSegmentProd(x, ids, 2),
  want: wrapped,
});
