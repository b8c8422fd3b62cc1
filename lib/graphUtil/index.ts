/**
 * `tf.graphUtil`: GraphDefs cut down to what inference needs, and made trainable again.
 */
export { convertVariablesToConstants } from './convertVariables';
export { extractSubGraph } from './extractSubGraph';
export { foldConstants } from './foldConstants';
export { removeTrainingNodes } from './removeTrainingNodes';
export { type Chosen, type UnfreezeOptions, type Unfrozen, unfreeze } from './unfreeze';
