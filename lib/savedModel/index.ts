/**
 * `tf.savedModel`: models with their variables, assets and signatures, as TensorFlow serves them.
 */
export { type AddMetaGraphOptions, Builder, Builder as SavedModelBuilder, simpleSave } from './builder';
export { constants, signatureConstants, tagConstants } from './constants';
export { contains, LoadedModel, type LoadOptions, load } from './load';
export { Signature } from './signature';
export {
  buildSignatureDef,
  buildTensorInfo,
  classificationSignatureDef,
  predictSignatureDef,
  regressionSignatureDef,
} from './signatures';
