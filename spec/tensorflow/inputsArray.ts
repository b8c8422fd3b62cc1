/**
 * What ops of shapes, joins and copies are called with.
 */
import * as dtypes from '../../graph/dtypes';
import { NdArray } from '../../graph/ndarray';
import { TensorShape } from '../../graph/shape';
import { eachType, i32, i64, type Maker, numbers, unaryShapes } from './generate';

const one = (name: string, attrs: object = {}): Maker =>
  eachType('T', unaryShapes, (make, dtype, shape) => ({
    inputs: { [name]: make.array(dtype, shape) },
    attrs: attrs as never,
  }));

const sized: Maker = eachType('T', unaryShapes, (make, dtype, shape) => ({
  inputs: { input: make.array(dtype, shape) },
  attrs: { out_type: make.unit() < 0.5 ? dtypes.int32 : dtypes.int64 },
}));

const shapePairs: Maker = eachType(
  'T',
  [
    [[2, 3], [3]],
    [[], [4]],
    [
      [2, 1],
      [1, 5],
    ],
    [[3], [4]],
    [[0, 2], [1]],
  ],
  (_, dtype, [a, b]) => ({
    inputs: { s0: NdArray.from(a, dtype), s1: NdArray.from(b, dtype) },
  }),
);

const joined: readonly (readonly [number, readonly (readonly number[])[]])[] = [
  [0, [[2], [3]]],
  [
    1,
    [
      [2, 3],
      [2, 1],
      [2, 4],
    ],
  ],
  [
    -1,
    [
      [2, 2, 1],
      [2, 2, 3],
    ],
  ],
  [
    0,
    [
      [0, 2],
      [3, 2],
    ],
  ],
  [
    0,
    [
      [2, 2],
      [3, 3],
    ],
  ],
  [
    3,
    [
      [2, 2],
      [2, 2],
    ],
  ],
];

const stacked: readonly (readonly [number, number, readonly number[]])[] = [
  [0, 2, []],
  [0, 3, [2]],
  [1, 2, [2, 3]],
  [-1, 2, [2, 3]],
  [0, 1, [0, 2]],
  [4, 2, [2]],
];

export const arrayInputs: Readonly<Record<string, Maker>> = {
  Shape: sized,
  Size: sized,
  ShapeN: eachType(
    'T',
    [
      [[2], []],
      [[0, 3], [1, 2], [4]],
    ] as const,
    (make, dtype, shapes) => ({
      inputs: { input: shapes.map((shape) => make.array(dtype, shape)) },
      attrs: { out_type: dtypes.int64 },
    }),
  ),
  Rank: one('input'),
  Identity: one('input'),
  StopGradient: one('input'),
  PreventGradient: one('input'),
  GuaranteeConst: one('input'),
  EnsureShape: eachType('T', [[2, 3], [null, 3], [2], null], (make, dtype, dims) => ({
    inputs: { input: make.array(dtype, [2, 3]) },
    attrs: { shape: new TensorShape(dims as never) },
  })),
  IdentityN: (make) => [{ inputs: { input: numbers.map((dtype) => make.array(dtype, [2])) } }],
  CheckNumerics: eachType('T', [[2, 3], []], (make, dtype, shape) => ({
    inputs: { tensor: make.array(dtype, shape, { special: make.unit() < 0.5 }) },
    attrs: { message: 'found' },
  })),
  CheckNumericsV2: eachType('T', [[2, 3], []], (make, dtype, shape) => ({
    inputs: { tensor: make.array(dtype, shape, { special: make.unit() < 0.5 }) },
    attrs: { message: 'found' },
  })),
  Bitcast: (make) =>
    [dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64, dtypes.uint8].flatMap((from) =>
      [dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64, dtypes.uint8].map((type) => ({
        inputs: { input: make.array(from, [3, type.size > from.size ? type.size / from.size : 2]) },
        attrs: { type },
      })),
    ),
  BroadcastArgs: shapePairs,
  BroadcastGradientArgs: shapePairs,
  BroadcastTo: eachType(
    'T',
    [
      [[], [2, 3]],
      [[3], [2, 3]],
      [
        [2, 1],
        [4, 2, 3],
      ],
      [[1], [0]],
      [[3], [2]],
      [[2], [2, 3]],
    ],
    (make, dtype, [from, to]) => ({
      inputs: { input: make.array(dtype, from), shape: make.unit() < 0.5 ? i32(to) : i64(to) },
    }),
  ),
  Fill: eachType('T', [[], [0], [2, 3], [-1]], (make, dtype, dims) => ({
    inputs: { dims: i32(dims), value: make.array(dtype, []) },
  })),
  Reshape: eachType('T', [[6], [-1], [3, -1], [1, 2, 3], [4], [-1, -1], [-1, 4]], (make, dtype, shape) => ({
    inputs: { tensor: make.array(dtype, [2, 3]), shape: make.unit() < 0.5 ? i32(shape) : i64(shape) },
  })),
  ExpandDims: eachType('T', [0, 1, -1, 2, -3, 3, -4], (make, dtype, dim) => ({
    inputs: { input: make.array(dtype, [2, 3]), dim: i32(dim) },
  })),
  Squeeze: eachType('T', [[], [0], [-1], [0, 2], [1], [4]], (make, dtype, dims) => ({
    inputs: { input: make.array(dtype, [1, 2, 1]) },
    attrs: { squeeze_dims: dims },
  })),
  Transpose: eachType(
    'T',
    [
      [
        [2, 3],
        [1, 0],
      ],
      [
        [2, 3, 4],
        [2, 0, 1],
      ],
      [
        [0, 2],
        [1, 0],
      ],
      [[], []],
      [
        [2, 3],
        [0, 0],
      ],
      [[2, 3], [0]],
    ],
    (make, dtype, [shape, perm]) => ({
      inputs: { x: make.array(dtype, shape), perm: i32(perm) },
    }),
  ),
  Tile: eachType(
    'T',
    [
      [[2], [3]],
      [
        [2, 3],
        [2, 1],
      ],
      [
        [2, 3],
        [0, 2],
      ],
      [[], []],
      [[2], [1, 2]],
      [[2], [-1]],
    ],
    (make, dtype, [shape, multiples]) => ({
      inputs: { input: make.array(dtype, shape), multiples: i32(multiples) },
    }),
  ),
  Concat: eachType('T', joined, (make, dtype, [axis, shapes]) => ({
    inputs: { concat_dim: i32(axis), values: shapes.map((shape) => make.array(dtype, shape)) },
  })),
  ConcatV2: eachType('T', joined, (make, dtype, [axis, shapes]) => ({
    inputs: { values: shapes.map((shape) => make.array(dtype, shape)), axis: i32(axis) },
  })),
  ConcatOffset: () =>
    joined.map(([axis, shapes]) => ({ inputs: { concat_dim: i32(axis), shape: shapes.map((shape) => i32(shape)) } })),
  Pack: eachType('T', stacked, (make, dtype, [axis, count, shape]) => ({
    inputs: { values: Array.from({ length: count }, () => make.array(dtype, shape)) },
    attrs: { axis },
  })),
  Unpack: eachType(
    'T',
    [
      [0, 2, [2]],
      [1, 3, [2, 3]],
      [-1, 2, [3, 2]],
      [0, 0, [0, 2]],
      [0, 3, [2]],
      [2, 2, [2]],
    ] as const,
    (make, dtype, [axis, num, shape]) => ({
      inputs: { value: make.array(dtype, shape) },
      attrs: { axis, num },
    }),
  ),
  Split: eachType(
    'T',
    [
      [0, 2, [4]],
      [1, 3, [2, 3]],
      [-1, 2, [3, 4]],
      [0, 2, [0, 2]],
      [0, 3, [4]],
      [2, 2, [2]],
    ] as const,
    (make, dtype, [axis, count, shape]) => ({
      inputs: { split_dim: i32(axis), value: make.array(dtype, shape) },
      attrs: { num_split: count },
    }),
  ),
  SplitV: eachType(
    'T',
    [
      [[1, 3], 0, [4]],
      [[2, -1, 1], 1, [2, 6]],
      [[0, 2], -1, [2]],
      [[1, 1], 0, [4]],
      [[-1, -1], 0, [4]],
    ] as const,
    (make, dtype, [sizes, axis, shape]) => ({
      inputs: {
        value: make.array(dtype, shape),
        size_splits: i64(sizes.map((size) => BigInt(size))),
        split_dim: i32(axis),
      },
      attrs: { num_split: sizes.length },
    }),
  ),
};
