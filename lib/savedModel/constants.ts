/**
 * The names of the parts of a SavedModel. Mirrors tf.saved_model.constants, tag_constants and signature_constants.
 */

/** Tags of MetaGraphs. Mirrors tf.compat.v1.saved_model.tag_constants. */
export const tagConstants = { SERVING: 'serve', TRAINING: 'train', EVAL: 'eval', GPU: 'gpu', TPU: 'tpu' } as const;

/** Mirrors tf.compat.v1.saved_model.signature_constants. */
export const signatureConstants = {
  DEFAULT_SERVING_SIGNATURE_DEF_KEY: 'serving_default',
  CLASSIFY_INPUTS: 'inputs',
  CLASSIFY_METHOD_NAME: 'tensorflow/serving/classify',
  CLASSIFY_OUTPUT_CLASSES: 'classes',
  CLASSIFY_OUTPUT_SCORES: 'scores',
  PREDICT_INPUTS: 'inputs',
  PREDICT_METHOD_NAME: 'tensorflow/serving/predict',
  PREDICT_OUTPUTS: 'outputs',
  REGRESS_INPUTS: 'inputs',
  REGRESS_METHOD_NAME: 'tensorflow/serving/regress',
  REGRESS_OUTPUTS: 'outputs',
} as const;

/** Mirrors tf.compat.v1.saved_model.constants. */
export const constants = {
  ASSETS_DIRECTORY: 'assets',
  ASSETS_KEY: 'saved_model_assets',
  LEGACY_INIT_OP_KEY: 'legacy_init_op',
  MAIN_OP_KEY: 'saved_model_main_op',
  SAVED_MODEL_FILENAME_PB: 'saved_model.pb',
  SAVED_MODEL_FILENAME_PBTXT: 'saved_model.pbtxt',
  SAVED_MODEL_SCHEMA_VERSION: 1,
  VARIABLES_DIRECTORY: 'variables',
  VARIABLES_FILENAME: 'variables',
} as const;

/** The signature that names what to run after restoring, in newer files. */
export const INIT_OP_SIGNATURE_KEY = '__saved_model_init_op';
