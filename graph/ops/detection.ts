/**
 * Ops: choosing boxes. Of boxes that overlap much, the one of the highest score stays.
 */
import { applyUnary } from '../applyOp';
import { convertToTensor, type TensorLike } from '../convert';
import { defineOps, none } from '../registry';
import { scalarShape, TensorShape } from '../shape';
import type { ShapeContext } from '../shapeContext';
import type { Tensor } from '../tensor';
import { composite } from './composite';

const noGradient = none('which boxes stay does not change smoothly');

function checkBoxes(c: ShapeContext): void {
  const boxes = c.ranked(0, 2);
  const scores = c.ranked(1, 1);
  for (let i = 2; i < c.inputs.length; i++) c.ranked(i, 0);
  c.mergeDims(boxes.at(0), scores.at(0));
  const width = boxes.at(1);
  if (width !== null && width !== 4) c.fail(`Dimension must be 4 but is ${width}`);
}

/** How many boxes stay is known when the list is filled up to the most there may be. */
function chosen(c: ShapeContext): TensorShape {
  checkBoxes(c);
  const most = c.attr<boolean | undefined>('pad_to_max_output_size') ? c.value(2) : null;
  if (most === null) return new TensorShape([null]);
  const count = Number(most.data[0]);
  if (count < 0) c.fail(`Dimension ${count} must be >= 0`);
  return new TensorShape([count]);
}

const TYPES = `T: {float16, float32} = float32
  T_threshold: {float16, float32} = float32`;

export const detectionOps = defineOps({
  NonMaxSuppression: {
    signature: `(boxes: float32, scores: float32, max_output_size: int32) -> (selected_indices: int32)
      iou_threshold: float = 0.5`,
    shape: (c) => [chosen(c)],
    gradient: noGradient,
  },
  NonMaxSuppressionV2: {
    signature: `(boxes: T, scores: T, max_output_size: int32, iou_threshold: T_threshold) -> (selected_indices: int32)
      ${TYPES}`,
    shape: (c) => [chosen(c)],
    gradient: noGradient,
  },
  NonMaxSuppressionV3: {
    signature: `(boxes: T, scores: T, max_output_size: int32, iou_threshold: T_threshold, score_threshold: T_threshold) -> (selected_indices: int32)
      ${TYPES}`,
    shape: (c) => [chosen(c)],
    gradient: noGradient,
  },
  NonMaxSuppressionV4: {
    signature: `(boxes: T, scores: T, max_output_size: int32, iou_threshold: T_threshold, score_threshold: T_threshold) -> (selected_indices: int32, valid_outputs: int32)
      ${TYPES}
      pad_to_max_output_size: bool = false`,
    shape: (c) => [chosen(c), scalarShape],
    gradient: noGradient,
  },
  NonMaxSuppressionV5: {
    signature: `(boxes: T, scores: T, max_output_size: int32, iou_threshold: T, score_threshold: T, soft_nms_sigma: T) -> (selected_indices: int32, selected_scores: T, valid_outputs: int32)
      T: {float16, float32} = float32
      pad_to_max_output_size: bool = false`,
    shape: (c) => [chosen(c), chosen(c), scalarShape],
    gradient: noGradient,
  },
});

export interface NonMaxSuppressionOptions {
  /** Boxes that overlap more than that part of their union are taken for one. Default 0.5. */
  readonly iouThreshold?: TensorLike;
  /** Boxes below this score are left out. Default: none. */
  readonly scoreThreshold?: TensorLike;
  readonly name?: string;
}

/**
 * The indices, as int32, of at most `maxOutputSize` boxes [n, 4] (y1, x1, y2, x2) by falling `scores` [n], without those
 * that overlap one that was chosen before. Mirrors tf.image.non_max_suppression.
 */
export function nonMaxSuppression(
  boxes: TensorLike,
  scores: TensorLike,
  maxOutputSize: TensorLike,
  { iouThreshold = 0.5, scoreThreshold = Number.NEGATIVE_INFINITY, name }: NonMaxSuppressionOptions = {},
): Tensor {
  return composite(name ?? null, 'non_max_suppression', [boxes, scores], () =>
    applyUnary('NonMaxSuppressionV3', {
      boxes,
      scores,
      max_output_size: maxOutputSize,
      iou_threshold: convertToTensor(iouThreshold, { name: 'iou_threshold' }),
      score_threshold: convertToTensor(scoreThreshold, { name: 'score_threshold' }),
    }),
  );
}
