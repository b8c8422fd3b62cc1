/**
 * The table of all lowerings. An op that is not here runs its plain kernel; docs/ops.md says which.
 */
import { activationsLowerings } from './activations';
import { arrayLowerings } from './array';
import { binaryLowerings } from './binary';
import { bitwiseLowerings } from './bitwise';
import { blocksLowerings } from './blocks';
import { broadcastLowerings } from './broadcast';
import { castLowerings } from './cast';
import { combineLowerings } from './combine';
import { compareLowerings } from './compare';
import { convLowerings } from './conv';
import { depthwiseLowerings } from './depthwise';
import { diagonalsLowerings } from './diagonals';
import { einsumLowerings } from './einsum';
import { gatherLowerings } from './gather';
import { imageLowerings } from './image';
import { joiningLowerings } from './joining';
import type { Lowering } from './lowering';
import { matmulLowerings } from './matmul';
import { nnLowerings } from './nn';
import { normLowerings } from './norm';
import { paddingLowerings } from './padding';
import { pickingLowerings } from './picking';
import { poolLowerings } from './pool';
import { randomLowerings } from './random';
import { randomStatelessLowerings } from './randomStateless';
import { reduceLowerings } from './reduce';
import { scanLowerings } from './scan';
import { scatterLowerings } from './scatter';
import { segmentLowerings } from './segment';
import { sliceLowerings } from './slice';
import { sourceLowerings } from './source';
import { sparseTrainingLowerings } from './sparseTraining';
import { specialLowerings } from './special';
import { stateLowerings } from './state';
import { stateScatterLowerings } from './stateScatter';
import { trainingLowerings } from './training';
import { trigonometricLowerings } from './trigonometric';
import { unaryLowerings } from './unary';

export const lowerings: Readonly<Record<string, Lowering | undefined>> = {
  ...sourceLowerings,
  ...unaryLowerings,
  ...trigonometricLowerings,
  ...castLowerings,
  ...binaryLowerings,
  ...combineLowerings,
  ...compareLowerings,
  ...reduceLowerings,
  ...matmulLowerings,
  ...activationsLowerings,
  ...stateLowerings,
  ...arrayLowerings,
  ...blocksLowerings,
  ...broadcastLowerings,
  ...imageLowerings,
  ...joiningLowerings,
  ...sliceLowerings,
  ...paddingLowerings,
  ...trainingLowerings,
  ...sparseTrainingLowerings,
  ...nnLowerings,
  ...normLowerings,
  ...convLowerings,
  ...poolLowerings,
  ...specialLowerings,
  ...randomLowerings,
  ...randomStatelessLowerings,
  ...bitwiseLowerings,
  ...depthwiseLowerings,
  ...diagonalsLowerings,
  ...einsumLowerings,
  ...gatherLowerings,
  ...pickingLowerings,
  ...scanLowerings,
  ...scatterLowerings,
  ...segmentLowerings,
  ...stateScatterLowerings,
};
