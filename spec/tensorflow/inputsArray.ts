/**
 * What ops of shapes, layouts, joins and strings are called with.
 */
import * as dtypes from '../../graph/dtypes';
import { NdArray } from '../../graph/ndarray';
import { TensorShape } from '../../graph/shape';
import { eachType, f32, i32, i64, legal, type Maker, numbers, pairs, unaryShapes } from './generate';

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

const padded: readonly (readonly [readonly number[], readonly (readonly number[])[]])[] = [
  [[3], [[1, 2]]],
  [
    [2, 3],
    [
      [0, 0],
      [2, 1],
    ],
  ],
  [
    [2, 3, 2],
    [
      [1, 0],
      [0, 0],
      [1, 1],
    ],
  ],
  [
    [3, 3],
    [
      [1, 1],
      [2, 2],
    ],
  ],
  [[3], [[1, -1]]],
  [[3], [[4, 4]]],
];

const mirror =
  (grow: boolean): Maker =>
  (make, def) =>
    legal(def, 'T').flatMap((dtype) =>
      padded.slice(0, grow ? 6 : 4).flatMap(([shape, paddings]) =>
        ['REFLECT', 'SYMMETRIC'].map((mode) => ({
          inputs: {
            input: make.array(dtype, grow ? shape : shape.map((dim, i) => dim + paddings[i][0] + paddings[i][1])),
            paddings: i32(paddings),
          },
          attrs: { mode },
        })),
      ),
    );

const blocks: readonly (readonly [readonly number[], readonly number[], readonly (readonly number[])[]])[] = [
  [
    [1, 4, 4, 2],
    [2, 2],
    [
      [0, 0],
      [0, 0],
    ],
  ],
  [[2, 3, 4], [2], [[1, 0]]],
  [
    [1, 3, 5, 1],
    [2, 3],
    [
      [1, 0],
      [0, 1],
    ],
  ],
  [
    [1, 3, 3, 1],
    [2, 2],
    [
      [0, 0],
      [0, 0],
    ],
  ],
];
const unblocked: typeof blocks = [
  [
    [4, 2, 2, 2],
    [2, 2],
    [
      [0, 0],
      [0, 0],
    ],
  ],
  [[4, 2, 3], [2], [[1, 0]]],
  [
    [6, 2, 2, 1],
    [2, 3],
    [
      [1, 0],
      [0, 1],
    ],
  ],
  [
    [3, 2, 2, 1],
    [2, 2],
    [
      [0, 0],
      [0, 0],
    ],
  ],
];

const depths =
  (shapes: readonly (readonly number[])[]): Maker =>
  (make, def) =>
    legal(def, 'T').flatMap((dtype) =>
      shapes.map((shape) => ({ inputs: { input: make.array(dtype, shape) }, attrs: { block_size: 2 } })),
    );

const text =
  (name: string, attrs: readonly object[]): Maker =>
  (make) =>
    unaryShapes.flatMap((shape) =>
      attrs.map((some) => ({ inputs: { [name]: make.array(dtypes.string, shape) }, attrs: some as never })),
    );

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
  Pad: eachType('T', padded, (make, dtype, [shape, paddings]) => ({
    inputs: { input: make.array(dtype, shape), paddings: i32(paddings) },
  })),
  PadV2: eachType('T', padded, (make, dtype, [shape, paddings]) => ({
    inputs: { input: make.array(dtype, shape), paddings: i32(paddings), constant_values: make.array(dtype, []) },
  })),
  MirrorPad: mirror(true),
  MirrorPadGrad: mirror(false),
  Roll: eachType(
    'T',
    [
      [[5], [2], [0]],
      [
        [2, 3],
        [-1, 4],
        [0, 1],
      ],
      [
        [2, 3],
        [1, 1],
        [1, 1],
      ],
      [[0], [1], [0]],
      [[2], [1], [1]],
    ],
    (make, dtype, [shape, shift, axis]) => ({
      inputs: { input: make.array(dtype, shape), shift: i32(shift), axis: i32(axis) },
    }),
  ),
  ReverseV2: eachType(
    'T',
    [
      [[4], [0]],
      [[2, 3], [1]],
      [
        [2, 3, 2],
        [0, -1],
      ],
      [[2], []],
      [[2], [0, 0]],
      [[2], [1]],
    ],
    (make, dtype, [shape, axis]) => ({
      inputs: { tensor: make.array(dtype, shape), axis: i32(axis) },
    }),
  ),
  ReverseSequence: eachType(
    'T',
    [
      [1, 0, [3, 2]],
      [0, 1, [2, 2, 1, 0]],
      [1, 0, [3, 9]],
    ] as const,
    (make, dtype, [seq, batch, lengths]) => ({
      inputs: { input: make.array(dtype, [2, 4, 2]), seq_lengths: i64(lengths) },
      attrs: { seq_dim: seq, batch_dim: batch },
    }),
  ),
  SpaceToBatchND: eachType('T', blocks, (make, dtype, [shape, block, paddings]) => ({
    inputs: { input: make.array(dtype, shape), block_shape: i32(block), paddings: i32(paddings) },
  })),
  BatchToSpaceND: eachType('T', unblocked, (make, dtype, [shape, block, crops]) => ({
    inputs: { input: make.array(dtype, shape), block_shape: i32(block), crops: i32(crops) },
  })),
  SpaceToDepth: depths([
    [1, 4, 2, 3],
    [2, 2, 2, 1],
    [1, 3, 2, 1],
  ]),
  DepthToSpace: depths([
    [1, 2, 3, 4],
    [2, 1, 1, 8],
    [1, 2, 2, 3],
  ]),
  Diag: eachType('T', [[3], [2, 2], [0]], (make, dtype, shape) => ({ inputs: { diagonal: make.array(dtype, shape) } })),
  DiagPart: eachType(
    'T',
    [
      [3, 3],
      [2, 3, 2, 3],
      [2, 3],
    ],
    (make, dtype, shape) => ({ inputs: { input: make.array(dtype, shape) } }),
  ),
  MatrixBandPart: eachType(
    'T',
    [
      [0, 0],
      [-1, 0],
      [1, 2],
      [-1, -1],
      [9, 0],
    ],
    (make, dtype, [lower, upper]) => ({
      inputs: { input: make.array(dtype, [2, 3, 4]), num_lower: i64(BigInt(lower)), num_upper: i64(BigInt(upper)) },
    }),
  ),
  MatrixDiagV3: eachType(
    'T',
    [
      [[3], 0, -1, -1],
      [[2, 3], 1, -1, -1],
      [[3, 4], [-1, 1], 4, 4],
      [[2], 0, 3, 2],
      [[2, 2, 3], [0, 1], 3, 4],
    ] as const,
    (make, dtype, [shape, k, rows, columns]) => ({
      inputs: {
        diagonal: make.array(dtype, shape),
        k: i32(k),
        num_rows: i32(rows),
        num_cols: i32(columns),
        padding_value: make.array(dtype, []),
      },
      attrs: { align: ['LEFT_RIGHT', 'RIGHT_LEFT', 'LEFT_LEFT', 'RIGHT_RIGHT'][make.integer(0, 4)] },
    }),
  ),
  MatrixDiagPartV3: eachType('T', [0, 1, -2, [-1, 1], [-2, 0], [0, 3], 9], (make, dtype, k) => ({
    inputs: { input: make.array(dtype, [2, 3, 4]), k: i32(k), padding_value: make.array(dtype, []) },
    attrs: { align: ['LEFT_RIGHT', 'RIGHT_LEFT', 'LEFT_LEFT', 'RIGHT_RIGHT'][make.integer(0, 4)] },
  })),
  MatrixSetDiagV3: eachType(
    'T',
    [
      [[2, 3], 0],
      [[2, 3], 1],
      [[2, 1], -2],
      [
        [2, 3, 3],
        [-1, 1],
      ],
      [[2, 2], 0],
    ] as const,
    (make, dtype, [shape, k]) => ({
      inputs: { input: make.array(dtype, [2, 3, 4]), diagonal: make.array(dtype, shape), k: i32(k) },
      attrs: { align: ['LEFT_RIGHT', 'RIGHT_LEFT', 'LEFT_LEFT', 'RIGHT_RIGHT'][make.integer(0, 4)] },
    }),
  ),
  AsString: eachType(
    'T',
    [{}, { width: 6, fill: '0' }, { precision: 3 }, { scientific: true }, { shortest: true }],
    (make, dtype, attrs) => ({
      inputs: { input: make.array(dtype, [7], { special: true }) },
      attrs: attrs as never,
    }),
  ),
  StringJoin: (make) =>
    pairs.map(([x]) => ({
      inputs: { inputs: [make.array(dtypes.string, x), make.array(dtypes.string, []), make.array(dtypes.string, x)] },
      attrs: { separator: ', ' },
    })),
  StringLength: text('input', [{}, { unit: 'UTF8_CHAR' }]),
  StringLower: text('input', [{}, { encoding: 'utf-8' }]),
  StringUpper: text('input', [{}, { encoding: 'utf-8' }]),
  StringStrip: text('input', [{}]),
  StringFormat: (make) =>
    numbers.map((dtype) => ({
      inputs: { inputs: [make.array(dtype, [9]), make.array(dtype, [])] },
      attrs: { template: 'a %s b %s', summarize: 2 },
    })),
  StringToNumber: (_, def) =>
    legal(def, 'out_type').flatMap((type) =>
      ['1', '-17', ' 3 ', '2.5', 'x', '', '1e3', 'nan'].map((word) => ({
        inputs: { string_tensor: NdArray.from([word], dtypes.string) },
        attrs: { out_type: type },
      })),
    ),
  Substr: (make) =>
    [
      [0, 2],
      [-2, 2],
      [1, 9],
      [0, 0],
      [5, 1],
    ].flatMap(([pos, len]) =>
      ['BYTE', 'UTF8_CHAR'].map((unit) => ({
        inputs: {
          input: NdArray.from(['hello', make.unit() < 0.5 ? 'ab' : 'ünïcö'], dtypes.string),
          pos: i32([pos, pos]),
          len: i32([len, len]),
        },
        attrs: { unit },
      })),
    ),
  ReduceJoin: (make) =>
    [[0], [1], [0, 1], [1, 0], [], [-1], [2]].map((axes) => ({
      inputs: { inputs: make.array(dtypes.string, [2, 3]), reduction_indices: i32(axes) },
      attrs: { separator: '-', keep_dims: make.unit() < 0.5 },
    })),
  InvertPermutation: (make) => [
    ...[0, 1, 6].map((size) => ({ inputs: { x: i32(make.permutation(size)) } })),
    { inputs: { x: i32([0, 0]) } },
    { inputs: { x: i32([0, 5]) } },
  ],
  Qr: eachType(
    'T',
    [
      [3, 3],
      [4, 2],
      [2, 4],
      [2, 3, 3],
    ],
    (make, dtype, shape) => ({
      inputs: { input: make.array(dtype, shape) },
      attrs: { full_matrices: make.unit() < 0.5 },
      tolerance: dtype === dtypes.float32 ? { absolute: 1e-5, relative: 1e-4 } : undefined,
    }),
  ),
  LRN: (make) =>
    [
      [2, 3, 2, 7],
      [1, 1, 1, 1],
      [1, 2, 2, 12],
    ].flatMap((shape) =>
      [{}, { depth_radius: 2, bias: 2, alpha: 0.3, beta: 0.75 }].map((attrs) => ({
        inputs: { input: make.array(dtypes.float32, shape) },
        attrs,
      })),
    ),
  LRNGrad: (make) => {
    const shape = [2, 2, 3, 7];
    const [input_grads, input_image, output_image] = [0, 1, 2].map(() => make.array(f32([]).dtype, shape));
    return [{ inputs: { input_grads, input_image, output_image } }];
  },
};
