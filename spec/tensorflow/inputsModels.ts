/**
 * What the ops are called with that published models brought along: images, boxes, sparse tensors, words.
 */
import * as dtypes from '../../graph/dtypes';
import { NdArray } from '../../graph/ndarray';
import { type Case, eachType, f32, floats, i32, i64, legal, type Make, type Maker, numbers } from './generate';
import type { Attributes } from './oracle';

type Dims = readonly number[];

const centers: readonly Attributes[] = [{}, { align_corners: true }, { half_pixel_centers: true }];

/** Sizes before and after. */
const sizes: readonly (readonly [Dims, Dims])[] = [
  [
    [2, 3],
    [5, 4],
  ],
  [
    [7, 5],
    [3, 3],
  ],
  [
    [4, 4],
    [4, 4],
  ],
  [
    [1, 6],
    [2, 1],
  ],
];

const each = <Row>(
  dtypesOf: readonly dtypes.DType[],
  build: (dtype: dtypes.DType, attrs: Attributes, from: Dims, to: Dims) => Row,
): Row[] =>
  dtypesOf.flatMap((dtype) => centers.flatMap((attrs) => sizes.map(([from, to]) => build(dtype, attrs, from, to))));

const resize: Maker = (make, def) =>
  each(legal(def, 'T'), (dtype, attrs, from, to) => ({
    inputs: { images: make.array(dtype, [2, ...from, 3]), size: i32([...to]) },
    attrs,
    // Weights of pixels are sums of roundings on either side.
    tolerance: { absolute: 2e-6, relative: 1e-5 },
  }));

/** Boxes of which some overlap, with scores of which some are equal. */
function boxes(make: Make, count: number) {
  const corners = Array.from({ length: count }, () => {
    const [y, x] = [make.unit() * 3, make.unit() * 3];
    return [y, x, y + 0.2 + make.unit() * 2, x + 0.2 + make.unit() * 2];
  });
  return {
    boxes: f32(corners.flat()).reshape([count, 4]),
    scores: f32(Array.from({ length: count }, () => make.integer(0, 8) / 8)),
  };
}

const suppress =
  (names: readonly string[], attrs: readonly Attributes[] = [{}]): Maker =>
  (make) =>
    [
      [20, 30, 0.5, 0.1, 0],
      [20, 5, 0.2, 0.3, 0.5],
      [3, 2, 1, -1, 0],
      [0, 2, 0.5, 0, 0],
    ].flatMap(([count, most, iou, score, sigma]) =>
      attrs.map((some) => {
        const thresholds = { iou_threshold: f32(iou), score_threshold: f32(score), soft_nms_sigma: f32(sigma) };
        const given = Object.entries(thresholds).filter(([name]) => names.includes(name));
        return {
          inputs: { ...boxes(make, count), max_output_size: i32(most), ...Object.fromEntries(given) },
          attrs: names.includes('attr') ? { iou_threshold: iou } : some,
        };
      }),
    );

const toDense: readonly (readonly [NdArray, NdArray, Dims])[] = [
  [
    i32([
      [0, 1],
      [1, 2],
    ]),
    i32([2, 3]),
    [2],
  ],
  [i64([1, 3]), i64([5]), []],
  [i32(2), i32([4]), []],
  [i32([3, 1]), i32([4]), [2]],
  [i32([1, 7]), i32([4]), [2]],
];

/** Rows by index in segments that do not fall; the last ones are no legal calls. */
const segmentRows: readonly (readonly [Dims, readonly number[], readonly number[]])[] = [
  [
    [5, 3],
    [0, 4, 2],
    [0, 0, 1],
  ],
  [[4], [3, 3], [1, 3]],
  [[4, 2], [], []],
  [
    [4, 2],
    [0, 9],
    [0, 1],
  ],
  [
    [4, 2],
    [0, 1],
    [1, 0],
  ],
];

const segments: Maker = (make, def) =>
  legal(def, 'T').flatMap((dtype) =>
    segmentRows.map(([shape, indices, ids]) => ({
      inputs: { data: make.array(dtype, shape), indices: i32([...indices]), segment_ids: i64([...ids]) },
    })),
  );

const segmentGradients: Maker = (make, def) =>
  legal(def, 'T').map((dtype) => ({
    inputs: {
      grad: make.array(dtype, [3, 2]),
      indices: i32([1, 1, 4]),
      segment_ids: i32([0, 2, 2]),
      output_dim0: i32(5),
    },
  }));

const words = (list: readonly string[]) => NdArray.from([...list], dtypes.string);
const sentences = words(['a b  c', '', ' d,e f ', 'ünï cödé', 'x']);

const fill: Maker = (make, def) =>
  legal(def, 'T').flatMap((dtype): Case[] =>
    [
      [
        [
          [0, 1],
          [2, 0],
          [2, 3],
        ],
        [5, 4],
      ],
      [
        [
          [2, 3],
          [0, 1],
          [2, 0],
        ],
        [4, 4],
      ],
      [[[7, 3]], [4, 4]],
    ].map(([indices, shape]) => ({
      inputs: {
        indices: i64(indices as number[][]),
        values: make.array(dtype, [indices.length]),
        dense_shape: i64(shape as number[]),
        default_value: make.array(dtype, []),
      },
    })),
  );

export const modelInputs: Readonly<Record<string, Maker>> = {
  ResizeBilinear: resize,
  ResizeNearestNeighbor: resize,
  ResizeBilinearGrad: (make) =>
    each(floats, (dtype, attrs, from, to) => ({
      inputs: { grads: make.array(dtypes.float32, [2, ...to, 3]), original_image: make.array(dtype, [2, ...from, 3]) },
      attrs,
      tolerance: { absolute: 1e-5, relative: 1e-5 },
    })),
  ResizeNearestNeighborGrad: (make, def) =>
    each(
      legal(def, 'T').filter((dtype) => numbers.includes(dtype)),
      (dtype, attrs, from, to) => ({
        inputs: { grads: make.array(dtype, [2, ...to, 3]), size: i32([...from]) },
        attrs,
        tolerance: { absolute: 1e-5, relative: 1e-5 },
      }),
    ),
  NonMaxSuppression: suppress(['attr']),
  NonMaxSuppressionV2: suppress(['iou_threshold']),
  NonMaxSuppressionV3: suppress(['iou_threshold', 'score_threshold']),
  NonMaxSuppressionV4: suppress(['iou_threshold', 'score_threshold'], [{}, { pad_to_max_output_size: true }]),
  NonMaxSuppressionV5: suppress(
    ['iou_threshold', 'score_threshold', 'soft_nms_sigma'],
    [{}, { pad_to_max_output_size: true }],
  ),
  SparseToDense: eachType('T', toDense, (make, dtype, [sparse_indices, output_shape, shape]) => ({
    inputs: {
      sparse_indices,
      output_shape,
      sparse_values: make.array(dtype, shape),
      default_value: make.array(dtype, []),
    },
  })),
  SparseReshape: () =>
    [[3, -1], [6], [4, -1], [-1, -1], [5], [1, 2, -1]].map((shape) => ({
      inputs: {
        input_indices: i64([
          [0, 1],
          [1, 2],
        ]),
        input_shape: i64([2, 3]),
        new_shape: i64(shape),
      },
    })),
  SparseFillEmptyRows: fill,
  SparseFillEmptyRowsGrad: eachType('T', [0], (make, dtype) => ({
    inputs: { reverse_index_map: i64([2, 0]), grad_values: make.array(dtype, [4]) },
  })),
  SparseSegmentSum: segments,
  SparseSegmentMean: segments,
  SparseSegmentSqrtN: segments,
  SparseSegmentSumGrad: segmentGradients,
  SparseSegmentMeanGrad: segmentGradients,
  SparseSegmentSqrtNGrad: segmentGradients,
  StringSplit: () =>
    [' ', ' ,', ''].flatMap((delimiter) =>
      [true, false].map((skip_empty) => ({
        inputs: { input: sentences, delimiter: NdArray.from(delimiter) },
        attrs: { skip_empty },
      })),
    ),
  StringSplitV2: () =>
    [' ', '', ', ', 'ï'].flatMap((sep) =>
      [-1, 1, 2].map((maxsplit) => ({ inputs: { input: sentences, sep: NdArray.from(sep) }, attrs: { maxsplit } })),
    ),
  StringNGrams: () =>
    [
      [[2], 0, false],
      [[3, 1], -1, false],
      [[4], 1, true],
      [[5], 0, true],
    ].map(([ngram_widths, pad_width, preserve_short_sequences]) => ({
      inputs: { data: words(['a', 'b', 'ü', 'd', '']), data_splits: i64([0, 3, 3, 5]) },
      attrs: {
        separator: ' ',
        ngram_widths: ngram_widths as number[],
        left_pad: '<',
        right_pad: '>',
        pad_width: pad_width as number,
        preserve_short_sequences: preserve_short_sequences as boolean,
      },
    })),
  StringToHashBucketFast: (make) =>
    [0, 1, 3, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 300].map((length) => ({
      inputs: {
        input: words([Array.from({ length }, () => String.fromCharCode(make.integer(32, 127))).join('')]),
      },
      attrs: { num_buckets: 2 ** 40 + 15 },
    })),
};
