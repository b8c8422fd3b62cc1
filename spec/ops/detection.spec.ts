/**
 * Choosing boxes, compared with TensorFlow's choice (spec/golden/values_image.py), and its errors.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyOp, type OpArguments } from '../../graph/applyOp';
import * as dtypes from '../../graph/dtypes';
import { NdArray } from '../../graph/ndarray';
import { nonMaxSuppression } from '../../graph/ops/detection';
import { f32, i32, opCase } from '../support/opCase';

interface Values {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

interface Golden {
  readonly op: string;
  readonly boxes: Values;
  readonly scores: Values;
  readonly most: number;
  readonly iou: number;
  readonly score: number;
  readonly sigma: number;
  readonly want: readonly Values[];
}

const { chosen } = JSON.parse(readFileSync(join(__dirname, '..', 'golden', 'values', 'image.json'), 'utf8')) as {
  chosen: Golden[];
};
const arrayOf = ({ shape, values }: Values, dtype: dtypes.DType = dtypes.float32) =>
  NdArray.from([...values], dtype).reshape([...shape]);

function settings(op: string, { iou, score, sigma }: Pick<Golden, 'iou' | 'score' | 'sigma'>): OpArguments {
  if (op === 'NonMaxSuppression' || op === 'NonMaxSuppressionV2') return { iou_threshold: iou };
  const both = { iou_threshold: iou, score_threshold: score };
  if (op === 'NonMaxSuppressionV4') return { ...both, pad_to_max_output_size: true };
  return op === 'NonMaxSuppressionV5' ? { ...both, soft_nms_sigma: sigma } : both;
}

for (const row of chosen) {
  const { op, boxes, scores, most, want } = row;
  opCase(op, `${boxes.shape[0]} boxes, at most ${most}, ${JSON.stringify(settings(op, row))}`, {
    inputs: [arrayOf(boxes), arrayOf(scores), i32(most)],
    build: (b, s, count) => applyOp(op, { boxes: b, scores: s, max_output_size: count, ...settings(op, row) }).outputs,
    want: want.map((value, i) => arrayOf(value, op.endsWith('V5') && i === 1 ? dtypes.float32 : dtypes.int32)),
  });
}

opCase('NonMaxSuppressionV3', 'the public function', {
  inputs: [
    f32([
      [0, 0, 1, 1],
      [0, 0, 1, 0.9],
      [2, 2, 3, 3],
    ]),
    f32([0.5, 0.9, 0.7]),
  ],
  build: (boxes, scores) => nonMaxSuppression(boxes, scores, 2),
  want: i32([1, 2]),
});

const box = f32([[0, 0, 1, 1]]);
const failing: readonly (readonly [string, NdArray, NdArray, OpArguments, RegExp])[] = [
  [
    'boxes of three numbers',
    f32([[0, 0, 1]]),
    f32([1]),
    {},
    /Dimension must be 4 but is 3|boxes must have 4 columns\[1,3\]/,
  ],
  [
    'more scores than boxes',
    box,
    f32([1, 2]),
    {},
    /Dimensions must be equal, but are 1 and 2|scores has incompatible shape/,
  ],
  ['an overlap above one', box, f32([1]), { iou_threshold: 1.5 }, /iou_threshold must be in \[0, 1\]/],
  [
    'a negative count',
    box,
    f32([1]),
    { max_output_size: -1 },
    /output size must be non-negative|Dimension -1 must be >= 0/,
  ],
];
for (const [title, boxes, scores, args, fails] of failing) {
  opCase('NonMaxSuppressionV3', title, {
    inputs: [boxes, scores],
    build: (b, s) =>
      applyOp('NonMaxSuppressionV3', {
        boxes: b,
        scores: s,
        max_output_size: 3,
        iou_threshold: 0.5,
        score_threshold: 0,
        ...args,
      }).outputs,
    fails,
  });
}
