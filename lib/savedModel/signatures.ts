/**
 * Signatures of SavedModels: which tensors go in and come out, under names for the outside.
 */
import { create } from '@bufbuild/protobuf';
import { string } from '../../graph/dtypes';
import { GraphTypeError, ValueError } from '../../graph/errors';
import {
  type SignatureDef,
  SignatureDefSchema,
  type TensorInfo,
  TensorInfoSchema,
} from '../../graph/formats/protos/generated/meta_graph_pb';
import { shapeToProto } from '../../graph/formats/shapeProto';
import { Tensor } from '../../graph/tensor';
import { signatureConstants } from './constants';

/** Name, dtype and shape of a tensor. Mirrors tf.compat.v1.saved_model.build_tensor_info. */
export function buildTensorInfo(tensor: Tensor): TensorInfo {
  if (!(tensor instanceof Tensor)) throw new GraphTypeError(`Expected a tensor, got ${String(tensor)}`);
  return create(TensorInfoSchema, {
    encoding: { case: 'name', value: tensor.name },
    dtype: tensor.dtype.asDatatypeEnum,
    tensorShape: shapeToProto(tensor.shape),
  });
}

/** Mirrors tf.compat.v1.saved_model.build_signature_def. */
export function buildSignatureDef(
  inputs: Readonly<Record<string, TensorInfo>> = {},
  outputs: Readonly<Record<string, TensorInfo>> = {},
  methodName = '',
): SignatureDef {
  return create(SignatureDefSchema, { inputs: { ...inputs }, outputs: { ...outputs }, methodName });
}

const infosOf = (tensors: Readonly<Record<string, Tensor>>): Record<string, TensorInfo> =>
  Object.fromEntries(Object.entries(tensors).map(([key, tensor]) => [key, buildTensorInfo(tensor)]));

const isEmpty = (tensors: Readonly<Record<string, Tensor>> | null | undefined) =>
  !tensors || Object.keys(tensors).length === 0;

/** Mirrors tf.compat.v1.saved_model.predict_signature_def. ValueError without inputs or outputs. */
export function predictSignatureDef(
  inputs: Readonly<Record<string, Tensor>>,
  outputs: Readonly<Record<string, Tensor>>,
): SignatureDef {
  if (isEmpty(inputs)) throw new ValueError('Prediction `inputs` cannot be None or empty.');
  if (isEmpty(outputs)) throw new ValueError('Prediction `outputs` cannot be None or empty.');
  return buildSignatureDef(infosOf(inputs), infosOf(outputs), signatureConstants.PREDICT_METHOD_NAME);
}

/** Of strings (serialised examples) to numbers. Mirrors tf.compat.v1.saved_model.regression_signature_def. */
export function regressionSignatureDef(examples: Tensor, predictions: Tensor): SignatureDef {
  requireStrings('Regression', examples);
  return buildSignatureDef(
    { [signatureConstants.REGRESS_INPUTS]: buildTensorInfo(examples) },
    { [signatureConstants.REGRESS_OUTPUTS]: buildTensorInfo(predictions) },
    signatureConstants.REGRESS_METHOD_NAME,
  );
}

/** Of strings to classes, scores or both. Mirrors tf.compat.v1.saved_model.classification_signature_def. */
export function classificationSignatureDef(
  examples: Tensor,
  classes: Tensor | null,
  scores: Tensor | null,
): SignatureDef {
  requireStrings('Classification', examples);
  if (classes === null && scores === null)
    throw new ValueError('Classification `classes` and `scores` cannot both be None.');
  const outputs = {
    ...(classes ? { [signatureConstants.CLASSIFY_OUTPUT_CLASSES]: buildTensorInfo(classes) } : {}),
    ...(scores ? { [signatureConstants.CLASSIFY_OUTPUT_SCORES]: buildTensorInfo(scores) } : {}),
  };
  const inputs = { [signatureConstants.CLASSIFY_INPUTS]: buildTensorInfo(examples) };
  return buildSignatureDef(inputs, outputs, signatureConstants.CLASSIFY_METHOD_NAME);
}

function requireStrings(what: string, examples: Tensor): void {
  if (examples.dtype !== string)
    throw new ValueError(
      `${what} input tensors must be of type string. Found tensors with type ${examples.dtype.name}`,
    );
}
