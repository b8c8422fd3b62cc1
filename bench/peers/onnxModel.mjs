/**
 * ONNX models of a few nodes, as bytes: a writer for the part of protobuf that they need.
 *
 * A model is float32 inputs, nodes in order, and one output.
 */

const text = new TextEncoder();

function varint(value) {
  const bytes = [];
  for (let left = BigInt.asUintN(64, BigInt(value)); ; left >>= 7n) {
    const byte = Number(left & 127n);
    if (left < 128n) return [...bytes, byte];
    bytes.push(byte | 128);
  }
}

/** A field of that number: a number as varint, text or bytes with their length; a float is `{ float }`. */
function field(number, value) {
  if (typeof value === 'number' || typeof value === 'bigint') return [...varint(number << 3), ...varint(value)];
  if (value.float !== undefined)
    return [...varint((number << 3) | 5), ...new Uint8Array(Float32Array.of(value.float).buffer)];
  const bytes = typeof value === 'string' ? text.encode(value) : value;
  return [...varint((number << 3) | 2), ...varint(bytes.length), ...bytes];
}

const [FLOAT_TYPE, INT64_TYPE] = [1, 7];

function attribute(name, value) {
  if (value.float !== undefined) return [...field(1, name), ...field(2, value), ...field(20, 1)];
  if (Array.isArray(value)) return [...field(1, name), ...value.flatMap((each) => field(8, each)), ...field(20, 7)];
  return [...field(1, name), ...field(3, value), ...field(20, 2)];
}

function node({ op, inputs, output, attrs = {} }) {
  return [
    ...inputs.flatMap((name) => field(1, name)),
    ...field(2, output),
    ...field(4, op),
    ...Object.entries(attrs).flatMap(([name, value]) => field(5, attribute(name, value))),
  ];
}

function valueInfo(name, shape) {
  const dims = shape.flatMap((dim) => field(1, field(1, dim)));
  return [...field(1, name), ...field(2, field(1, [...field(1, FLOAT_TYPE), ...field(2, dims)]))];
}

/** A constant: floats, or int64 for lists of axes. */
function initializer(name, { data, shape = [], isInt64 = false }) {
  const bytes = isInt64
    ? new Uint8Array(BigInt64Array.from(data, BigInt).buffer)
    : new Uint8Array(Float32Array.from(data).buffer);
  const dims = shape.flatMap((dim) => field(1, dim));
  return [...dims, ...field(2, isInt64 ? INT64_TYPE : FLOAT_TYPE), ...field(8, name), ...field(9, bytes)];
}

/** The bytes of a model: inputs and the output by name and shape, constants by name. */
export function onnxModel({ inputs, output, nodes, constants = {} }) {
  const graph = [
    ...nodes.flatMap((each) => field(1, node(each))),
    ...field(2, 'bench'),
    ...Object.entries(constants).flatMap(([name, value]) => field(5, initializer(name, value))),
    ...Object.entries(inputs).flatMap(([name, shape]) => field(11, valueInfo(name, shape))),
    ...Object.entries(output).flatMap(([name, shape]) => field(12, valueInfo(name, shape))),
  ];
  const opset = field(2, 17);
  return Uint8Array.from([...field(1, 8), ...field(7, graph), ...field(8, opset)]);
}
