/**
 * All families of ops: importing this registers every op.
 */
import { arrayOps } from './array';
import { binaryOps } from './binary';
import { compareOps } from './compare';
import { controlOps } from './control';
import { convOps } from './conv';
import { gatherOps } from './gather';
import { listOps } from './list';
import { matmulOps } from './matmul';
import { nnOps } from './nn';
import { normOps } from './norm';
import { poolOps } from './pool';
import { randomOps } from './random';
import { reduceOps } from './reduce';
import { segmentOps } from './segment';
import { sliceOps } from './slice';
import { sourceOps } from './source';
import { stateOps } from './state';
import { stringOps } from './string';
import { trainingOps } from './training';
import { unaryOps } from './unary';

/** Every op of sluice by family; the families' tables together are the registry. */
export const opFamilies = {
  source: sourceOps,
  unary: unaryOps,
  binary: binaryOps,
  compare: compareOps,
  reduce: reduceOps,
  matmul: matmulOps,
  array: arrayOps,
  slice: sliceOps,
  gather: gatherOps,
  segment: segmentOps,
  conv: convOps,
  pool: poolOps,
  nn: nnOps,
  norm: normOps,
  state: stateOps,
  random: randomOps,
  control: controlOps,
  list: listOps,
  string: stringOps,
  training: trainingOps,
} as const;
