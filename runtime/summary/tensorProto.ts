/**
 * A value as a TensorProto, as tensor summaries hold it: numbers as one block of little-endian bytes, strings as a list.
 */
import { create } from '@bufbuild/protobuf';
import { UnimplementedError } from '../../graph/errors';
import { type TensorProto, TensorProtoSchema } from '../../graph/formats/protos/generated/tensor_pb';
import type { NdArray, NumericArray, StringElement } from '../../graph/ndarray';

const encoder = new TextEncoder();

function contentOf(value: NdArray): Pick<TensorProto, 'stringVal'> | Pick<TensorProto, 'tensorContent'> {
  if (value.dtype.name === 'string') {
    const elements = value.data as unknown as StringElement[];
    return { stringVal: elements.map((item) => (typeof item === 'string' ? encoder.encode(item) : item)) };
  }
  if (value.dtype.size === 0) throw new UnimplementedError(`Values of type ${value.dtype.name} have no proto here.`);
  const data = value.data as NumericArray;
  return { tensorContent: new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice() };
}

/** The proto of a value; UnimplementedError for handles and variants. */
export function tensorProto(value: NdArray): TensorProto {
  return create(TensorProtoSchema, {
    dtype: value.dtype.asDatatypeEnum,
    tensorShape: { dim: value.shape.map((size) => ({ size: BigInt(size) })) },
    ...contentOf(value),
  });
}
