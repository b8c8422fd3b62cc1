/**
 * `tf.train.Example` protos, the usual content of record files: named lists of integers, numbers or bytes, written and read.
 *
 * They stand for `tf.train.Example(…).SerializeToString()` and `tf.train.Example.FromString(…)`. Parsing by ops of a graph is
 * not here.
 */
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { float32, int64, string } from '../../graph/dtypes';
import { DataLossError, GraphTypeError } from '../../graph/errors';
import { ExampleSchema } from '../../graph/formats/protos/generated/example_pb';
import type { FeatureSchema } from '../../graph/formats/protos/generated/feature_pb';
import { NdArray, type StringElement, toStringElement, type ArrayLike as ValueLike } from '../../graph/ndarray';

const encoder = new TextEncoder();

function featureOf(name: string, given: ValueLike): MessageInitShape<typeof FeatureSchema> {
  const { dtype, data } = NdArray.from(given);
  if (dtype === string) {
    const value = (data as unknown as StringElement[]).map((item) =>
      typeof item === 'string' ? encoder.encode(item) : item,
    );
    return { kind: { case: 'bytesList', value: { value } } };
  }
  const numbers = data as unknown as ArrayLike<number | bigint>;
  if (dtype.isInteger || dtype.isBool)
    return { kind: { case: 'int64List', value: { value: Array.from(numbers, (item) => BigInt(item)) } } };
  if (dtype.isFloating && dtype.size > 2)
    return { kind: { case: 'floatList', value: { value: Array.from(numbers, (item) => Math.fround(Number(item))) } } };
  throw new GraphTypeError(`Feature '${name}' is ${dtype.name}; examples hold integers, float32 and strings.`);
}

/**
 * A serialized Example of named values: integers (bigints, arrays of integers, booleans) become int64, plain numbers and
 * floats float32, text and bytes bytes. Shapes are not kept: examples hold lists. TypeError for other types.
 */
export function encodeExample(features: Readonly<Record<string, ValueLike>>): Uint8Array {
  // In the order of the names: equal examples are equal bytes.
  const names = Object.keys(features).sort();
  const feature = Object.fromEntries(names.map((name) => [name, featureOf(name, features[name])]));
  return toBinary(ExampleSchema, create(ExampleSchema, { features: { feature } }));
}

/** The values of a serialized Example by name: vectors of int64, float32 or strings. DataLossError for bytes that are none. */
export function decodeExample(bytes: Uint8Array): Record<string, NdArray> {
  let features: Record<string, MessageInitShape<typeof FeatureSchema>>;
  try {
    features = fromBinary(ExampleSchema, bytes).features?.feature ?? {};
  } catch (error) {
    throw new DataLossError(`These ${bytes.length} bytes are no Example: ${(error as Error).message}`);
  }
  return Object.fromEntries(Object.entries(features).map(([name, { kind }]) => [name, valuesOf(kind)]));
}

function valuesOf(kind: MessageInitShape<typeof FeatureSchema>['kind']): NdArray {
  const list = kind?.value?.value ?? [];
  if (kind?.case === 'int64List') return new NdArray(int64, [list.length], BigInt64Array.from(list as bigint[]));
  if (kind?.case === 'bytesList')
    return new NdArray(string, [list.length], (list as Uint8Array[]).map(toStringElement));
  return new NdArray(float32, [list.length], Float32Array.from(list as number[]));
}
