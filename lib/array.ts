/**
 * Tensors made, reshaped, joined and picked: the part of `tf` that moves elements without computing.
 */
export {
  bitcast,
  expandDims,
  invertPermutation,
  matrixTranspose,
  reshape,
  reverse,
  reverseSequence,
  roll,
  squeeze,
  transpose,
} from '../graph/ops/array';
export { batchToSpaceND, depthToSpace, spaceToBatchND, spaceToDepth } from '../graph/ops/blocks';
export { newaxis, type SliceItem } from '../graph/ops/brackets';
export { broadcastDynamicShape, broadcastStaticShape, broadcastTo } from '../graph/ops/broadcast';
export { diag, diagPart, eye, matrixBandPart, matrixDiag, matrixDiagPart, matrixSetDiag } from '../graph/ops/diagonals';
export { gather, gatherNd } from '../graph/ops/gather';
export { concat, split, stack, unstack } from '../graph/ops/joining';
export { booleanMask, sequenceMask } from '../graph/ops/masking';
export { pad, tile } from '../graph/ops/padding';
export { dynamicPartition, dynamicStitch, parallelDynamicStitch } from '../graph/ops/partition';
export { oneHot, setdiff1d, unique, uniqueWithCounts } from '../graph/ops/picking';
export {
  scatterNd,
  tensorScatterNdAdd,
  tensorScatterNdMax,
  tensorScatterNdMin,
  tensorScatterNdSub,
  tensorScatterNdUpdate,
} from '../graph/ops/scatter';
export {
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
} from '../graph/ops/segment';
export { range, rank, shape, shapeN, size } from '../graph/ops/shapes';
export { slice, stridedSlice } from '../graph/ops/slice';
export {
  constant,
  ensureShape,
  fill,
  guaranteeConst,
  identity,
  identityN,
  noOp,
  ones,
  onesLike,
  placeholder,
  placeholderWithDefault,
  preventGradient,
  stopGradient,
  zeros,
  zerosLike,
} from '../graph/ops/source';
export { batchGather, linspace, meshgrid, repeat } from './math/sequences';
export { argsort, searchsorted, sort } from './math/sorting';
