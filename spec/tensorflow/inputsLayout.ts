/**
 * What ops that pad, reorder and lay out in blocks or diagonals are called with.
 */
import * as dtypes from '../../graph/dtypes';
import { eachType, f32, i32, i64, legal, type Maker } from './generate';

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

export const layoutInputs: Readonly<Record<string, Maker>> = {
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
