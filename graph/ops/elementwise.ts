/**
 * What the families of elementwise ops share: their signatures, lists of dtypes as TensorFlow registers them, and the
 * scope in which gradient rules wait for the incoming gradient.
 */
import { convertToTensor, graphFromInputs, ownDType, type TensorLike } from '../convert';
import type { OpDefinition } from '../registry';
import { broadcastShape, sameShape } from '../shapeContext';
import type { Tensor } from '../tensor';

export interface NameOptions {
  readonly name?: string;
}

export const realFloats = 'bfloat16, float16, float32, float64';
export const floats = `${realFloats}, complex64, complex128`;
export const integers = 'int8, int16, int32, int64, uint8, uint16, uint32, uint64';
export const signed = `${realFloats}, int8, int16, int32, int64`;
export const numbers = `${realFloats}, ${integers}, complex64, complex128`;

type Gradient = OpDefinition['gradient'];

/** `y = f(x)` of one shape and dtype. */
export function unaryOp(types: string, gradient: Gradient): OpDefinition {
  return { signature: `(x: T) -> (y: T)\n T: {${types}}`, shape: sameShape, gradient };
}

/** `z = f(x, y)` of one dtype, with broadcasting. */
export function binaryOp(types: string, gradient: Gradient): OpDefinition {
  return { signature: `(x: T, y: T) -> (z: T)\n T: {${types}}`, shape: broadcastShape, gradient };
}

/** `z = f'(x)·dy` computed from the output `y = f(x)`. */
export function outputGradientOp(gradient: Gradient): OpDefinition {
  return { signature: `(y: T, dy: T) -> (z: T)\n T: {${floats}}`, shape: sameShape, gradient };
}

/** Builds the nodes of a gradient so that they wait for the incoming one: none of them is computed too early. */
export function afterGradient<R>(grad: Tensor, build: () => R): R {
  return graphFromInputs([grad]).controlDependencies([grad], build);
}

/** Both operands as tensors, in the scope that is open; a plain one takes the other's dtype where it can. */
export function convertPair(x: TensorLike, y: TensorLike): [Tensor, Tensor] {
  const a = convertToTensor(x, { preferredDtype: ownDType(y), name: 'x' });
  return [a, convertToTensor(y, { preferredDtype: a.dtype, name: 'y' })];
}
