/**
 * What ops that pick, scatter, group and slice are called with.
 */
import * as dtypes from '../../graph/dtypes';
import { eachType, i32, i64, type Maker } from './generate';

const pick = (withAxis: boolean): Maker =>
  eachType(
    'Tparams',
    [
      [[5], [3], 0, 0],
      [[5, 2], [2, 2], 0, 0],
      [[2, 5, 3], [4], withAxis ? 1 : 0, 0],
      [[2, 5], [2, 3], withAxis ? -1 : 0, withAxis ? 1 : 0],
      [[5], [], 0, 0],
      [[5], [0], 0, 0],
    ] as const,
    (make, dtype, [params, shape, axis, batch]) => {
      const size = params.at(axis) ?? 0;
      const indices = make.array(make.unit() < 0.5 ? dtypes.int32 : dtypes.int64, shape, {
        low: 0,
        high: make.unit() < 0.15 ? size + 3 : size,
      });
      const inputs = { params: make.array(dtype, params), indices };
      return withAxis ? { inputs: { ...inputs, axis: i32(axis) }, attrs: { batch_dims: batch } } : { inputs };
    },
  );

const segment: Maker = eachType(
  'T',
  [
    [[4], [0, 0, 1, 2]],
    [
      [4, 3],
      [0, 1, 1, 4],
    ],
    [
      [2, 2],
      [1, 1],
    ],
    [[0, 2], []],
    [[3], [1, 0, 2]],
    [[3], [0, 1]],
  ],
  (make, dtype, [shape, ids]) => ({
    inputs: { data: make.array(dtype, shape), segment_ids: make.unit() < 0.5 ? i32(ids) : i64(ids) },
  }),
);

const unsorted: Maker = eachType(
  'T',
  [
    [[4], [2, 0, 2, 1], 3],
    [[4, 3], [0, -1, 1, 0], 5],
    [[3, 2], [1, 1, 1], 2],
    [[0, 2], [], 2],
    [[2], [0, 1], 0],
    [[2], [0, 5], 3],
  ] as const,
  (make, dtype, [shape, ids, count]) => ({
    inputs: { data: make.array(dtype, shape), segment_ids: i32(ids), num_segments: i32(count) },
  }),
);

const scattered = [
  [[5], [[1], [3], [1]], [3]],
  [
    [3, 2],
    [[2], [0]],
    [2, 2],
  ],
  [
    [3, 2],
    [
      [2, 1],
      [0, 0],
    ],
    [2],
  ],
  [[5], [[7]], [1]],
  [[5], [[1], [2]], [3]],
] as const;

const tensorScatter: Maker = eachType('T', scattered, (make, dtype, [shape, indices, updates]) => ({
  inputs: {
    tensor: make.array(dtype, shape),
    indices: make.unit() < 0.5 ? i32(indices) : i64(indices),
    updates: make.array(dtype, updates),
  },
}));

const sliced: readonly (readonly [readonly number[], readonly number[], readonly number[], object])[] = [
  [[1, 0], [4, 2], [1, 1], {}],
  [[-1, 2], [0, -4], [-2, -1], { end_mask: 2 }],
  [[1, 0], [2, 0], [1, 1], { shrink_axis_mask: 1, end_mask: 2 }],
  [[0, 0, 1], [0, 0, 2], [1, 1, 1], { new_axis_mask: 1, ellipsis_mask: 2 }],
  [[3, 0], [1, 2], [1, 1], {}],
  [[0, 0], [0, 0], [2, 1], { begin_mask: 3, end_mask: 3 }],
  [[0], [2], [0], {}],
  [[9], [10], [1], { shrink_axis_mask: 1 }],
  [[0, 0, 0], [1, 1, 1], [1, 1, 1], {}],
];

/** What the slices above pick of a [5, 3]. */
const pickedShapes = [[3, 2], [3, 3], [3], [1, 5, 1], [0, 2], [3, 3], [5, 3], [3], [1]];

const choose: Maker = eachType(
  'T',
  [
    [[], [2, 3], [2, 3]],
    [[2], [2, 3], [2, 3]],
    [
      [2, 3],
      [2, 3],
      [2, 3],
    ],
    [[0], [0], [0]],
    [[2, 1], [1, 3], []],
    [[3], [2], [2]],
  ],
  (make, dtype, [condition, t, e]) => ({
    inputs: { condition: make.array(dtypes.bool, condition), t: make.array(dtype, t), e: make.array(dtype, e) },
  }),
);

const unique = (axis: boolean): Maker =>
  eachType('T', axis ? [[6], [4, 2], [2, 5]] : [[6], [0], [30], [2, 2]], (make, dtype, shape) => ({
    inputs: {
      x: make.array(dtype, shape, { low: 0, high: 2 }),
      ...(axis ? { axis: i64(make.unit() < 0.5 && shape.length > 1 ? [1n] : [0n]) } : {}),
    },
    attrs: { out_idx: make.unit() < 0.5 ? dtypes.int32 : dtypes.int64 },
  }));

const topRows = [
  [[5], 2],
  [[2, 6], 6],
  [[2, 3], 0],
  [[2, 3], 4],
  [[0, 3], 2],
  [[3, 17], 5],
] as const;

const inTop = (k: boolean): Maker =>
  eachType('T', [1, 2, 5, 0], (make, dtype, count) => ({
    inputs: {
      predictions: make.array(dtypes.float32, [4, 3]),
      targets: make.array(dtype, [4], { low: 0, high: 4 }),
      ...(k ? { k: make.array(dtype, [], { low: count, high: count + 1 }) } : {}),
    },
    attrs: k ? {} : { k: count },
  }));

const stitch: Maker = eachType('T', [[], [2], [0]], (make, dtype, inner) => ({
  inputs: {
    indices: [
      i32([0, 3]),
      i32(1),
      i32([
        [2, 3],
        [5, 4],
      ]),
    ],
    data: [[2], [], [2, 2]].map((outer) => make.array(dtype, [...outer, ...inner])),
  },
}));

export const indexInputs: Readonly<Record<string, Maker>> = {
  Gather: pick(false),
  GatherV2: pick(true),
  GatherNd: eachType(
    'Tparams',
    [
      [
        [4, 3],
        [[1], [3]],
      ],
      [
        [4, 3],
        [
          [1, 2],
          [0, 0],
        ],
      ],
      [[4], [[[1]], [[2]]]],
      [[4, 3], [[]]],
      [[4], [[4]]],
      [[4], [[-1]]],
    ] as const,
    (make, dtype, [shape, indices]) => ({
      inputs: { params: make.array(dtype, shape), indices: i32(indices as never) },
    }),
  ),
  ScatterNd: eachType('T', scattered, (make, dtype, [shape, indices, updates]) => ({
    inputs: { indices: i32(indices), updates: make.array(dtype, updates), shape: i32(shape) },
  })),
  ...Object.fromEntries(['Add', 'Sub', 'Max', 'Min', 'Update'].map((name) => [`TensorScatter${name}`, tensorScatter])),
  ...Object.fromEntries(['Sum', 'Mean', 'Prod', 'Max', 'Min'].map((name) => [`Segment${name}`, segment])),
  ...Object.fromEntries(['Sum', 'Prod', 'Max', 'Min'].map((name) => [`UnsortedSegment${name}`, unsorted])),
  Slice: eachType(
    'T',
    [
      [
        [1, 0],
        [2, 3],
      ],
      [
        [0, 1],
        [-1, -1],
      ],
      [
        [4, 3],
        [0, 0],
      ],
      [
        [2, 0],
        [4, 1],
      ],
      [
        [-1, 0],
        [1, 1],
      ],
      [[0], [1]],
    ],
    (make, dtype, [begin, size]) => ({
      inputs: { input: make.array(dtype, [4, 3]), begin: i32(begin), size: i32(size) },
    }),
  ),
  StridedSlice: eachType('T', sliced, (make, dtype, [begin, end, strides, attrs]) => ({
    inputs: { input: make.array(dtype, [5, 3]), begin: i32(begin), end: i32(end), strides: i32(strides) },
    attrs: attrs as never,
  })),
  StridedSliceGrad: eachType('T', sliced, (make, dtype, [begin, end, strides, attrs]) => ({
    inputs: {
      shape: i32([5, 3]),
      begin: i32(begin),
      end: i32(end),
      strides: i32(strides),
      dy: make.array(dtype, pickedShapes[sliced.findIndex((row) => row[0] === begin)]),
    },
    attrs: attrs as never,
  })),
  TensorStridedSliceUpdate: eachType('T', sliced, (make, dtype, [begin, end, strides, attrs]) => ({
    inputs: {
      input: make.array(dtype, [5, 3]),
      begin: i32(begin),
      end: i32(end),
      strides: i32(strides),
      value: make.array(dtype, pickedShapes[sliced.findIndex((row) => row[0] === begin)]),
    },
    attrs: attrs as never,
  })),
  Select: choose,
  SelectV2: choose,
  Where: eachType('T', [[5], [2, 3], [0], [2, 2, 2], []], (make, dtype, shape) => ({
    inputs: { input: make.array(dtype, shape, { low: -1, high: 2 }) },
  })),
  Unique: unique(false),
  UniqueWithCounts: unique(false),
  UniqueV2: unique(true),
  ListDiff: eachType(
    'T',
    [
      [6, 3],
      [0, 2],
      [4, 0],
    ],
    (make, dtype, [x, y]) => ({
      inputs: { x: make.array(dtype, [x]), y: make.array(dtype, [y]) },
    }),
  ),
  OneHot: eachType(
    'T',
    [
      [[3], -1],
      [[2, 2], 1],
      [[], 0],
      [[0], -1],
      [[2], 3],
    ] as const,
    (make, dtype, [shape, axis]) => ({
      inputs: {
        indices: make.array(make.unit() < 0.5 ? dtypes.int32 : dtypes.int64, shape, { low: -1, high: 5 }),
        depth: i32(4),
        on_value: make.array(dtype, []),
        off_value: make.array(dtype, []),
      },
      attrs: { axis },
    }),
  ),
  TopK: eachType('T', topRows, (make, dtype, [shape, k]) => ({
    inputs: { input: make.array(dtype, shape) },
    attrs: { k },
  })),
  TopKV2: eachType('T', topRows, (make, dtype, [shape, k]) => ({
    inputs: { input: make.array(dtype, shape), k: i32(k) },
  })),
  InTopK: inTop(false),
  InTopKV2: inTop(true),
  DynamicPartition: eachType('T', [[], [2]], (make, dtype, inner) => ({
    inputs: { data: make.array(dtype, [5, ...inner]), partitions: make.array(dtypes.int32, [5], { low: 0, high: 3 }) },
    attrs: { num_partitions: make.unit() < 0.8 ? 3 : 2 },
  })),
  DynamicStitch: stitch,
  ParallelDynamicStitch: stitch,
  DenseToDenseSetOperation: (make, def) =>
    (def.attrByName.get('T')?.allowedTypes ?? [])
      .filter((dtype) => ['int32', 'int64', 'uint8', 'string'].includes(dtype.name))
      .flatMap((dtype) =>
        ['a-b', 'b-a', 'intersection', 'union', 'other'].map((operation) => ({
          inputs: { set1: make.array(dtype, [2, 4]), set2: make.array(dtype, [2, 3]) },
          attrs: { set_operation: operation },
        })),
      ),
};
