/**
 * What ops of arithmetic are called with, as far as they are not elementwise: reductions, scans, products of matrices, sums
 * of lists, casts, random numbers from keys.
 */
import * as dtypes from '../../graph/dtypes';
import { NdArray } from '../../graph/ndarray';
import { TensorShape } from '../../graph/shape';
import { type Case, eachType, floats, i32, i64, type Make, type Maker, numbers, pairs, unaryShapes } from './generate';

const reduced: readonly (readonly [readonly number[], number | readonly number[]])[] = [
  [[2, 3], [1]],
  [[2, 3], 0],
  [
    [2, 3, 4],
    [0, 2],
  ],
  [
    [3, 2, 2],
    [-1, 1],
  ],
  [[2, 3], []],
  [[], []],
  [[4], -1],
  [[0, 3], [0]],
  [[0, 3], [1]],
  [[2, 3], [2]],
  [
    [2, 3],
    [0, 0],
  ],
  [[33, 7], [0]],
];

/** Axes as int32 and int64, kept or not. */
const reduction = (attr: string): Maker =>
  eachType(attr, reduced, (make, dtype, [shape, axes]) => ({
    inputs: {
      input: make.array(dtype, shape, { special: shape.length === 3 }),
      reduction_indices: make.unit() < 0.3 ? i64(asBig(axes)) : i32(axes as never),
    },
    attrs: { keep_dims: make.unit() < 0.5 },
  }));

const asBig = (axes: number | readonly number[]) =>
  typeof axes === 'number' ? BigInt(axes) : axes.map((axis) => BigInt(axis));

const arg = (outputs: readonly dtypes.DType[]): Maker =>
  eachType(
    'T',
    [
      [[5], 0],
      [[2, 3], 1],
      [[2, 3, 2], -2],
      [[3, 4], 2],
      [[0, 3], 1],
      [[0, 3], 0],
    ] as const,
    (make, dtype, [shape, axis]) => ({
      inputs: { input: make.array(dtype, shape, { low: -1, high: 2 }), dimension: i32(axis) },
      attrs: { output_type: outputs[make.integer(0, outputs.length)] },
    }),
  );

const scan: Maker = eachType(
  'T',
  [
    [[4], 0],
    [[2, 3], 1],
    [[2, 3, 2], -3],
    [[2, 3], 2],
    [[0, 2], 0],
    [[3, 1], 0],
  ].flatMap(([shape, axis]) =>
    [0, 1, 2, 3].map((flags) => ({ shape: shape as number[], axis: axis as number, flags })),
  ),
  (make, dtype, { shape, axis, flags }) => ({
    inputs: { x: make.array(dtype, shape), axis: i32(axis) },
    attrs: { exclusive: (flags & 1) === 1, reverse: flags > 1 },
  }),
);

const matrices = [
  [2, 3, 4],
  [1, 1, 1],
  [0, 3, 2],
  [2, 0, 3],
  [5, 7, 3],
  [17, 9, 33],
] as const;

const matMul: Maker = eachType(
  'T',
  matrices.flatMap((sizes) => [0, 1, 2, 3].map((flags) => [...sizes, flags] as const)),
  (make, dtype, [m, k, n, flags]) => {
    const [left, right] = [flags % 2 === 1, flags > 1];
    const inputs = {
      a: make.array(dtype, left ? [k, m] : [m, k]),
      b: make.array(dtype, right ? [n, k] : [k, n]),
    };
    return { inputs, attrs: { transpose_a: left, transpose_b: right } };
  },
);

const batchMatMul = (broadcast: boolean): Maker =>
  eachType(
    'T',
    [
      [[2, 2, 3], [2, 3, 4], 0],
      [[2, 3, 2], [2, 4, 3], 3],
      [[2, 3], [3, 1], 0],
      [[2, 1, 2, 3], broadcast ? [3, 3, 2] : [2, 1, 3, 2], 0],
      [[0, 2, 3], [0, 3, 1], 0],
      [[2, 3], [2, 3], 0],
    ] as const,
    (make, dtype, [x, y, flags]) => ({
      inputs: { x: make.array(dtype, x), y: make.array(dtype, y) },
      attrs: { adj_x: flags > 0, adj_y: flags > 0 },
    }),
  );

const sums = (accumulate: boolean): Maker =>
  eachType(
    'T',
    [
      [1, [2]],
      [2, [2, 3]],
      [5, []],
      [9, [0, 2]],
    ] as const,
    (make, dtype, [count, shape]) => ({
      inputs: { inputs: Array.from({ length: count }, () => make.array(dtype, shape)) },
      attrs: accumulate ? { shape: new TensorShape(shape) } : {},
    }),
  );

const equations: readonly (readonly [string, ...(readonly number[])[]])[] = [
  ['ij,jk->ik', [2, 3], [3, 4]],
  ['ij->ji', [2, 3]],
  ['ij->', [2, 3]],
  ['ii->i', [3, 3]],
  ['bij,bjk->bik', [2, 2, 3], [2, 3, 2]],
  ['...ij,jk->...ik', [2, 1, 2, 3], [3, 2]],
  ['i,j->ij', [2], [3]],
  ['ij,ij->j', [2, 3], [2, 3]],
  ['ij,jk->ik', [2, 3], [2, 4]],
];

const cast: Maker = (make) => {
  const all = [...numbers, dtypes.bool, dtypes.int8, dtypes.uint16];
  return all.flatMap((from) =>
    all.map((to) => ({
      // Negative fractions to unsigned integers are undefined in C++.
      inputs: { x: make.array(from, [2, 4], from.isFloating ? { low: to.isUnsigned ? 0 : -99, high: 120 } : {}) },
      attrs: { DstT: to },
    })),
  );
};

const bounds: Maker = eachType(
  'T',
  [
    [1, 4, 5],
    [3, 7, 2],
    [2, 0, 2],
  ] as const,
  (make, dtype, [rows, n, m]) => {
    const sorted = make.array(dtype, [rows, n]);
    const { data } = sorted as { data: Float64Array };
    for (let row = 0; row < rows; row++) data.subarray?.(row * n, (row + 1) * n).sort();
    return {
      inputs: { sorted_inputs: sorted, values: make.array(dtype, [rows, m]) },
      attrs: { out_type: make.unit() < 0.5 ? dtypes.int32 : dtypes.int64 },
    };
  },
);

const keyOf = (make: Make) => i64([BigInt(make.integer(0, 1 << 30)), BigInt(make.integer(0, 1 << 30))]);
const drawn = [[], [3], [2, 5], [0], [257]] as const;

const stateless =
  (types: readonly dtypes.DType[], withRange: boolean): Maker =>
  (make) =>
    types.flatMap((dtype) =>
      drawn.map((shape) => ({
        inputs: {
          shape: i32(shape),
          seed: keyOf(make),
          ...(withRange
            ? { minval: make.array(dtype, [], { high: 0 }), maxval: make.array(dtype, [], { low: 3, high: 99 }) }
            : {}),
        },
        ...(withRange ? {} : { attrs: { dtype } }),
      })),
    );

const statelessV2 =
  (types: readonly dtypes.DType[], withRange: boolean): Maker =>
  (make) =>
    types.flatMap((dtype) =>
      drawn.map((shape) => ({
        inputs: {
          shape: i32(shape),
          key: make.array(dtypes.uint64, [1], { high: 1 << 30 }),
          counter: make.array(dtypes.uint64, [2], { high: 1 << 30 }),
          alg: i32(1),
          ...(withRange
            ? { minval: make.array(dtype, [], { high: 0 }), maxval: make.array(dtype, [], { low: 3, high: 99 }) }
            : {}),
        },
        ...(withRange ? {} : { attrs: { dtype } }),
      })),
    );

const wholes = [dtypes.int32, dtypes.int64];
const seedOnly: Maker = (make) => [0, 1, 2].map(() => ({ inputs: { seed: keyOf(make) } }));

/** The reductions' cases over booleans. */
const asBools =
  (make: Make) =>
  ({ inputs, attrs }: Case): Case => ({
    inputs: { ...inputs, input: make.array(dtypes.bool, (inputs.input as NdArray).shape) },
    attrs,
  });

const scalarOf = (dtype: dtypes.DType, value: number) =>
  NdArray.from(dtype.isBigInt ? BigInt(value) : Math.max(value, dtype.isUnsigned ? 0 : value), dtype);

const equality: Maker = eachType('T', pairs, (make, dtype, [x, y]) => ({
  inputs: { x: make.array(dtype, x, { special: true }), y: make.array(dtype, y, { special: true }) },
  attrs: { incompatible_shape_error: make.unit() < 0.7 },
}));

export const mathInputs: Readonly<Record<string, Maker>> = {
  ...Object.fromEntries(['Sum', 'Mean', 'Prod', 'Max', 'Min', 'EuclideanNorm'].map((op) => [op, reduction('T')])),
  All: (make, def) => reduction('Tidx')(make, def).map(asBools(make)),
  Any: (make, def) => reduction('Tidx')(make, def).map(asBools(make)),
  ArgMax: arg([dtypes.int32, dtypes.int64]),
  ArgMin: arg([dtypes.int32, dtypes.int64]),
  Cumsum: scan,
  Cumprod: scan,
  CumulativeLogsumexp: scan,
  MatMul: matMul,
  BatchMatMul: batchMatMul(false),
  BatchMatMulV2: batchMatMul(true),
  AddN: sums(false),
  AccumulateNV2: sums(true),
  Einsum: (make) =>
    [...floats, dtypes.int32].flatMap((dtype) =>
      equations.map(([equation, ...shapes]) => ({
        inputs: { inputs: shapes.map((shape) => make.array(dtype, shape)) },
        attrs: { equation },
      })),
    ),
  Cast: cast,
  ClipByValue: eachType('T', [[2, 3], [], [0]], (make, dtype, shape) => ({
    inputs: {
      t: make.array(dtype, shape),
      clip_value_min: make.array(dtype, [], { high: 1 }),
      clip_value_max: make.array(dtype, shape, { low: 1 }),
    },
  })),
  ApproximateEqual: eachType('T', pairs, (make, dtype, [x]) => ({
    inputs: { x: make.array(dtype, x), y: make.array(dtype, x) },
    attrs: { tolerance: 1.5 },
  })),
  Equal: equality,
  NotEqual: equality,
  LowerBound: bounds,
  UpperBound: bounds,
  Bincount: eachType('T', [0, 6], (make, dtype, count) => ({
    inputs: {
      arr: make.array(dtypes.int32, [count], { low: 0, high: 5 }),
      size: i32(4),
      weights: make.array(dtype, [count]),
    },
  })),
  LinSpace: eachType('T', [1, 2, 7, 0], (make, dtype, count) => ({
    inputs: { start: make.array(dtype, []), stop: make.array(dtype, []), num: i32(count) },
  })),
  Range: eachType(
    'Tidx',
    [
      [0, 5, 1],
      [7, -3, -2],
      [3, 3, 1],
      [0, 5, 0],
      [0, 5, -1],
    ] as const,
    (_, dtype, row) => {
      const [start, limit, delta] = row.map((value) => scalarOf(dtype, value));
      return { inputs: { start, limit, delta } };
    },
  ),
  L2Loss: eachType('T', unaryShapes, (make, dtype, shape) => ({ inputs: { t: make.array(dtype, shape) } })),
  StatelessRandomUniform: stateless(floats, false),
  StatelessRandomNormal: stateless(floats, false),
  StatelessTruncatedNormal: stateless(floats, false),
  StatelessRandomUniformFullInt: stateless(wholes, false),
  StatelessRandomUniformInt: stateless(wholes, true),
  StatelessRandomUniformV2: statelessV2(floats, false),
  StatelessRandomNormalV2: statelessV2(floats, false),
  StatelessTruncatedNormalV2: statelessV2(floats, false),
  StatelessRandomUniformFullIntV2: statelessV2(wholes, false),
  StatelessRandomUniformIntV2: statelessV2(wholes, true),
  StatelessRandomGetKeyCounter: seedOnly,
  StatelessRandomGetKeyCounterAlg: seedOnly,
  StatelessMultinomial: eachType(
    'T',
    [
      [1, 3, 5],
      [4, 2, 9],
    ] as const,
    (make, dtype, [rows, classes, samples]) => ({
      inputs: { logits: make.array(dtype, [rows, classes]), num_samples: i32(samples), seed: keyOf(make) },
    }),
  ),
};
