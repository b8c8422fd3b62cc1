/**
 * `tf.image`: images of other sizes, and choosing boxes in them.
 */
export { type NonMaxSuppressionOptions, nonMaxSuppression } from '../../graph/ops/detection';
export { type ResizeOptions, resizeBilinear, resizeNearestNeighbor } from '../../graph/ops/image';
