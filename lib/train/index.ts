/**
 * `tf.train`: optimizers, learning-rate decays and the global step; reading event files.
 */

export { summaryIterator } from '../../runtime/files/eventFile';
export { writeGraph } from '../io/graphDef';
export { AdagradOptimizer } from './adagrad';
export { AdamOptimizer, type AdamOptions } from './adam';
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
export { MomentumOptimizer } from './momentum';
export { type GradientAndVariable, Optimizer } from './optimizer';
export { RMSPropOptimizer } from './rmsprop';
