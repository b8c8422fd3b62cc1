/**
 * `tf.train`: optimizers, learning-rate decays, the global step, savers and what reads checkpoints; reading event files.
 */

export { summaryIterator } from '../../runtime/files/eventFile';
export { writeGraph } from '../io/graphDef';
export { SaveSliceInfo, setSaveSliceInfo } from '../variables/saveSliceInfo';
export { AdagradOptimizer } from './adagrad';
export { AdamOptimizer, type AdamOptions } from './adam';
export { decodeExample, encodeExample } from './example';
export { assertGlobalStep, createGlobalStep, getGlobalStep, getOrCreateGlobalStep, globalStep } from './globalStep';
export { GradientDescentOptimizer } from './gradientDescent';
export {
  cosineDecay,
  cosineDecayRestarts,
  exponentialDecay,
  inverseTimeDecay,
  linearCosineDecay,
  naturalExpDecay,
  piecewiseConstant,
  polynomialDecay,
} from './learningRateDecay';
export { type ExportMetaGraphOptions, exportMetaGraph } from './metaGraph/exportMetaGraph';
export {
  type ImportMetaGraphOptions,
  importMetaGraph,
  importScopedMetaGraph,
  readMetaGraph,
} from './metaGraph/importMetaGraph';
export { MomentumOptimizer } from './momentum';
export { type GradientAndVariable, Optimizer } from './optimizer';
export { RMSPropOptimizer } from './rmsprop';
export {
  type CheckpointState,
  checkpointExists,
  generateCheckpointStateProto,
  getCheckpointMtimes,
  getCheckpointState,
  type InFileSystem,
  latestCheckpoint,
  removeCheckpoint,
  type StateOptions,
  type UpdateStateOptions,
  updateCheckpointState,
} from './saver/checkpointState';
export { type AssignmentMap, initFromCheckpoint, type WarmStartOptions, warmStart } from './saver/initFromCheckpoint';
export {
  CheckpointReader,
  listVariables,
  loadCheckpoint,
  loadVariable,
  newCheckpointReader as NewCheckpointReader,
} from './saver/reading';
export type { Savable, VarList } from './saver/saveables';
export { type RestoreOptions, type SaveOptions, Saver, type SaverOptions } from './saver/saver';
