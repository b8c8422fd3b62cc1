/**
 * Small models as tfjs's converter writes them: a graph as JSON, and weights as bytes.
 */
type Json = Readonly<Record<string, unknown>>;

const base64 = (text: string): string => Buffer.from(text).toString('base64');

export const attr = {
  type: (type: string): Json => ({ type }),
  text: (text: string): Json => ({ s: base64(text) }),
  texts: (...list: string[]): Json => ({ list: { s: list.map(base64) } }),
  ints: (...list: number[]): Json => ({ list: { i: list.map(String) } }),
  int: (value: number): Json => ({ i: String(value) }),
  float: (f: number): Json => ({ f }),
  shape: (...dims: number[]): Json => ({ shape: { dim: dims.map((size) => ({ size: String(size) })) } }),
};

export const node = (name: string, op: string, input: readonly string[] = [], attrs: Json = {}): Json => ({
  name,
  op,
  input,
  attr: attrs,
});

export const FLOAT = attr.type('DT_FLOAT');

export const placeholder = (name: string, ...dims: number[]): Json =>
  node(name, 'Placeholder', [], { dtype: FLOAT, shape: attr.shape(...dims) });

/** A constant whose value is a weight, as the converter leaves it. */
export const weightNode = (name: string, type = 'DT_FLOAT'): Json =>
  node(name, 'Const', [], { dtype: attr.type(type), value: { tensor: { dtype: type, tensorShape: {} } } });

export interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly bytes: Uint8Array;
  readonly quantization?: Json;
}

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

export const floats = (name: string, shape: readonly number[], values: readonly number[]): Weight => ({
  name,
  shape,
  dtype: 'float32',
  bytes: bytesOf(Float32Array.from(values)),
});

export const ints = (name: string, shape: readonly number[], values: readonly number[]): Weight => ({
  name,
  shape,
  dtype: 'int32',
  bytes: bytesOf(Int32Array.from(values)),
});

export const quantised = (
  name: string,
  stored: Uint8Array | Uint16Array,
  quantization: Json,
  dtype = 'float32',
): Weight => ({ name, shape: [stored.length], dtype, bytes: bytesOf(stored), quantization });

export const texts = (name: string, values: readonly string[]): Weight => {
  const parts = values.flatMap((value) => {
    const bytes = new TextEncoder().encode(value);
    return [bytesOf(Uint32Array.of(bytes.length)), bytes];
  });
  return { name, shape: [values.length], dtype: 'string', bytes: Buffer.concat(parts) };
};

/** A model and its one weight file, `weights.bin`. */
export function tfjsModel(nodes: readonly Json[], weights: readonly Weight[], more: Json = {}) {
  const specs = weights.map(({ bytes: _, ...spec }) => spec);
  const model = {
    format: 'graph-model',
    generatedBy: '2.15.0',
    convertedBy: 'TensorFlow.js Converter v4.22.0',
    modelTopology: { node: nodes, library: {}, versions: { producer: 1482 } },
    weightsManifest: [{ paths: ['weights.bin'], weights: specs }],
    ...more,
  };
  const bytes = new Uint8Array(Buffer.concat(weights.map((weight) => weight.bytes)));
  return { model: model as Json, weights: { 'weights.bin': bytes } };
}
