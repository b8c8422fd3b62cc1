/**
 * All families of ops: importing this registers every op.
 */
import { activationsOps } from './activations';
import { arrayOps } from './array';
import { binaryOps } from './binary';
import { bitwiseOps } from './bitwise';
import { blocksOps } from './blocks';
import { broadcastOps } from './broadcast';
import { callsOps } from './calls';
import { castOps } from './cast';
import { checkpointOps } from './checkpoint';
import { checksOps } from './checks';
import { combineOps } from './combine';
import { compareOps } from './compare';
import { controlOps } from './control';
import { convOps } from './conv';
import { conv3dOps } from './conv3d';
import { depthwiseOps } from './depthwise';
import { detectionOps } from './detection';
import { diagonalsOps } from './diagonals';
import { einsumOps } from './einsum';
import { flowOps } from './flow';
import { gatherOps } from './gather';
import { imageOps } from './image';
import { joiningOps } from './joining';
import { linalgOps } from './linalg';
import { listOps } from './list';
import { matmulOps } from './matmul';
import { nnOps } from './nn';
import { normOps } from './norm';
import { paddingOps } from './padding';
import { partitionOps } from './partition';
import { pickingOps } from './picking';
import { poolOps } from './pool';
import { pool3dOps } from './pool3d';
import { randomOps } from './random';
import { randomStatelessOps } from './randomStateless';
import { reduceOps } from './reduce';
import { referencesOps } from './references';
import { scanOps } from './scan';
import { scatterOps } from './scatter';
import { segmentOps } from './segment';
import { setsOps } from './sets';
import { shapesOps } from './shapes';
import { sliceOps } from './slice';
import { sourceOps } from './source';
import { sparseOps } from './sparse';
import { specialOps } from './special';
import { stacksOps } from './stacks';
import { stateOps } from './state';
import { stateScatterOps } from './stateScatter';
import { stringOps } from './string';
import { summaryOps } from './summary';
import { tablesOps } from './tables';
import { tensorArraysOps } from './tensorArrays';
import { tokensOps } from './tokens';
import { trainingOps } from './training';
import { trainingReferencesOps } from './trainingReferences';
import { trigonometricOps } from './trigonometric';
import { unaryOps } from './unary';
import './operators';

/** Every op of sluice by family; the families' tables together are the registry. */
export const opFamilies = {
  source: sourceOps,
  sets: setsOps,
  shapes: shapesOps,
  checks: checksOps,
  checkpoint: checkpointOps,
  unary: unaryOps,
  trigonometric: trigonometricOps,
  special: specialOps,
  cast: castOps,
  binary: binaryOps,
  combine: combineOps,
  bitwise: bitwiseOps,
  compare: compareOps,
  broadcast: broadcastOps,
  reduce: reduceOps,
  scan: scanOps,
  matmul: matmulOps,
  einsum: einsumOps,
  array: arrayOps,
  padding: paddingOps,
  joining: joiningOps,
  diagonals: diagonalsOps,
  blocks: blocksOps,
  slice: sliceOps,
  gather: gatherOps,
  partition: partitionOps,
  picking: pickingOps,
  scatter: scatterOps,
  segment: segmentOps,
  conv: convOps,
  conv3d: conv3dOps,
  depthwise: depthwiseOps,
  pool: poolOps,
  pool3d: pool3dOps,
  activations: activationsOps,
  nn: nnOps,
  norm: normOps,
  state: stateOps,
  stateScatter: stateScatterOps,
  random: randomOps,
  randomStateless: randomStatelessOps,
  linalg: linalgOps,
  control: controlOps,
  list: listOps,
  string: stringOps,
  summary: summaryOps,
  training: trainingOps,
  flow: flowOps,
  calls: callsOps,
  references: referencesOps,
  trainingReferences: trainingReferencesOps,
  tensorArrays: tensorArraysOps,
  stacks: stacksOps,
  image: imageOps,
  detection: detectionOps,
  sparse: sparseOps,
  tokens: tokensOps,
  tables: tablesOps,
} as const;
