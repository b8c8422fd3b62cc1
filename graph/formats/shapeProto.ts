/**
 * TensorShapeProto to TensorShape and back.
 */
import { InvalidArgumentError } from '../errors';
import { type Dimension, TensorShape, unknownShape } from '../shape';
import type { TensorShapeProto } from './protos/generated/tensor_shape_pb';

/** More dimensions than TensorFlow's own shapes can have. */
const MOST_DIMENSIONS = 254;

/** A partial shape; InvalidArgumentError, starting with `what`, for dimensions that no shape has. */
export function shapeFromProto(proto: TensorShapeProto, what: string): TensorShape {
  if (proto.unknownRank) {
    if (proto.dim.length > 0)
      throw new InvalidArgumentError(`${what}: An unknown shape must not have any dimensions set.`);
    return unknownShape;
  }
  if (proto.dim.length > MOST_DIMENSIONS)
    throw new InvalidArgumentError(
      `${what}: Shape with ${proto.dim.length} dimensions; more than ${MOST_DIMENSIONS} are not supported.`,
    );
  const dims = proto.dim.map(({ size }): Dimension => {
    if (size < -1n)
      throw new InvalidArgumentError(`${what}: Shape has dimensions with values below -1 (where -1 means unknown)`);
    if (size > BigInt(Number.MAX_SAFE_INTEGER))
      throw new InvalidArgumentError(`${what}: Dimension ${size} is too large to be exact`);
    return size === -1n ? null : Number(size);
  });
  return new TensorShape(dims);
}

export function shapeToProto(shape: TensorShape | readonly number[]): TensorShapeProto {
  const dims = shape instanceof TensorShape ? shape.dims : shape;
  return {
    $typeName: 'tensorflow.TensorShapeProto',
    unknownRank: dims === null,
    dim: (dims ?? []).map((size) => ({
      $typeName: 'tensorflow.TensorShapeProto.Dim',
      name: '',
      size: BigInt(size ?? -1),
    })),
  };
}
