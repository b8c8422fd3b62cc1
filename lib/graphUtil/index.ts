/**
 * `tf.graphUtil`: GraphDefs cut down to what inference needs.
 */
export { convertVariablesToConstants } from './convertVariables';
export { extractSubGraph } from './extractSubGraph';
export { foldConstants } from './foldConstants';
export { removeTrainingNodes } from './removeTrainingNodes';
