/**
 * `import * as tf from 'sluice'`: the one public door. Names are those of tf.compat.v1 in camelCase.
 */
import '../graph/formats/exportGraphDef';
import '../graph/ops/index';
import '../graph/ops/slicing';
import '../runtime/eval';

// Graphs and what they are made of.
export { AggregationMethod } from '../graph/aggregateGradients';
export { GraphKeys } from '../graph/collections';
export { convertToTensor, type TensorLike } from '../graph/convert';
export { getDefaultGraph, resetDefaultGraph } from '../graph/defaultGraph';
export * from '../graph/dtypes';
export { asDType as asDtype, DType } from '../graph/dtypes';
export * as errors from '../graph/errors';
export type { ExportOptions } from '../graph/formats/exportGraphDef';
export { type ImportOptions, importGraphDef } from '../graph/formats/importGraphDef';
export * from '../graph/framework';
export { type GradientOptions, gradients } from '../graph/gradients';
export { Graph } from '../graph/graph';
export { hessians } from '../graph/hessians';
export { IndexedSlices } from '../graph/indexedSlices';
export { type ArrayLike, NdArray } from '../graph/ndarray';
export { Operation } from '../graph/operation';
export { Print, print } from '../graph/ops/checks';
export { multinomial, randomNormal, randomShuffle, randomUniform, truncatedNormal } from '../graph/ops/random';
export { asString, reduceJoin, stringJoin, substr } from '../graph/ops/string';
export { listGraph } from '../graph/print';
export { type Gradient, type GradientRule, registerGradient } from '../graph/registry';
export { setRandomSeed } from '../graph/seeds';
export { asShape, type ShapeLike, TensorShape } from '../graph/shape';
export { constantValue as getStaticValue } from '../graph/staticValue';
export { Tensor } from '../graph/tensor';
// Running.
export { type NodeStats, type RunMetadata, type RunOptions, type SessionConfig, TraceLevel } from '../runtime/config';
export type { Feeds, FeedValue } from '../runtime/feeds';
export type { Fetch, Fetched, IndexedSlicesValue } from '../runtime/fetches';
export { InteractiveSession } from '../runtime/interactiveSession';
export { type RngState, Session, type SessionOptions } from '../runtime/session';
export type { SessionBuffer } from '../runtime/sessionBuffer';
export { getDefaultSession } from '../runtime/sessionStack';
export { type TracedKernel, type TracedStep, type TraceMark, Tracer } from '../runtime/tracer';
// Ops.
export * from './array';
// Namespaces.
export * as compat from './compat';
export * from './controlFlow';
export * as debugging from './debugging/index';
export * from './debugging/index';
export * as graphUtil from './graphUtil/index';
export * as image from './image/index';
export {
  constantInitializer,
  onesInitializer,
  zerosInitializer,
} from './initializers/constants';
export * as initializers from './initializers/index';
export { identityInitializer, orthogonalInitializer } from './initializers/matrices';
export {
  randomNormalInitializer,
  randomUniformInitializer,
  truncatedNormalInitializer,
  uniformUnitScalingInitializer,
} from './initializers/random';
export * as inspect from './inspect/index';
export * as io from './io/index';
export * as keras from './keras/index';
export * as layers from './layers/index';
export * as losses from './losses/index';
export * from './math/index';
export * as math from './math/index';
export * as metrics from './metrics/index';
export { Module } from './module';
export * as nn from './nn/index';
export * as pythonIo from './pythonIo';
export * as random from './random';
export * as regularizers from './regularizers';
export * as savedModel from './savedModel/index';
export * as strings from './strings';
export * as summary from './summary/index';
export * as train from './train/index';
// Variables.
export * from './variables/index';
