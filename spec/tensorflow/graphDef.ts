/**
 * A graph as protobuf's JSON of a GraphDef, for TensorFlow to import: nodes, attributes, and the functions of its library.
 */
import { type AttrValue, FunctionReference } from '../../graph/attributes';
import { DType } from '../../graph/dtypes';
import type { FuncGraph } from '../../graph/funcGraph';
import type { Graph } from '../../graph/graph';
import { NdArray } from '../../graph/ndarray';
import type { AttrKind } from '../../graph/opDef';
import type { Operation } from '../../graph/operation';
import { inputName } from '../../graph/print';
import { TensorShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';

type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json | undefined };

const bytes = (value: string | Uint8Array): string => Buffer.from(value).toString('base64');

function shapeJson(shape: TensorShape): Json {
  if (shape.dims === null) return { unknownRank: true };
  return { dim: shape.dims.map((size) => ({ size: String(size ?? -1) })) };
}

/** The bytes of an array of numbers or booleans; its strings, if it holds strings. */
export function contentOf({ data }: NdArray): { bytes: string } | { strings: string[] } {
  if (Array.isArray(data)) return { strings: data.map((element) => bytes(element as string | Uint8Array)) };
  const { buffer, byteOffset, byteLength } = data as Exclude<typeof data, unknown[]>;
  return { bytes: bytes(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)) };
}

function tensorJson(value: NdArray): Json {
  const content = contentOf(value);
  const tensorShape = { dim: [...value.shape].map((size) => ({ size: String(size) })) };
  const values = 'bytes' in content ? { tensorContent: content.bytes } : { stringVal: content.strings };
  return { dtype: value.dtype.protoName, tensorShape, ...values };
}

/** The field of an AttrValue and what goes into it. Attributes that no signature knows go by their JavaScript type. */
function field(value: AttrValue, kind: AttrKind | undefined): [name: string, value: Json] {
  if (value instanceof DType) return ['type', value.protoName];
  if (value instanceof TensorShape) return ['shape', shapeJson(value)];
  if (value instanceof NdArray) return ['tensor', tensorJson(value)];
  if (value instanceof FunctionReference) return ['func', { name: value.name }];
  if (typeof value === 'boolean') return ['b', value];
  if (typeof value === 'string' || value instanceof Uint8Array) return ['s', bytes(value)];
  if (typeof value === 'bigint' || kind === 'int') return ['i', String(value)];
  return ['f', Number.isFinite(value) ? (value as number) : String(value)];
}

function attrJson(value: AttrValue, kind: AttrKind | undefined): Json {
  if (!Array.isArray(value)) return Object.fromEntries([field(value, kind)]);
  const fields = value.map((item) => field(item as AttrValue, kind));
  return { list: fields.length === 0 ? {} : { [fields[0][0]]: fields.map((entry) => entry[1]) } };
}

function nodeJson(op: Operation, nameOf: (input: Tensor) => string): Json {
  const attrs = Object.entries(op.attrs).map(([name, value]) => [
    name,
    attrJson(value, op.def.attrByName.get(name)?.kind),
  ]);
  const controls = [...new Set(op.controlInputs.map((control) => `^${control.name}`))];
  const input = [...op.inputs.map(nameOf), ...controls];
  return { name: op.name, op: op.type, device: op.device, input, attr: Object.fromEntries(attrs) };
}

/** How a function's body names a tensor: `node:output argument:index`. */
function bodyName(tensor: Tensor): string {
  const { op } = tensor;
  let first = 0;
  for (const { name, numberAttr, typeListAttr } of op.def.outputs) {
    const count = typeListAttr
      ? (op.attrs[typeListAttr] as readonly DType[]).length
      : numberAttr
        ? Number(op.attrs[numberAttr])
        : 1;
    if (tensor.index < first + count) return `${op.name}:${name}:${tensor.index - first}`;
    first += count;
  }
  throw new Error(`${tensor.name} is no output of its op`);
}

function functionJson(func: FuncGraph): Json {
  const args = new Map(func.inputs.map((input, i) => [input, `arg${i}`]));
  const argOps = new Set(func.inputs.map((input) => input.op));
  const nameOf = (tensor: Tensor): string => args.get(tensor) ?? bodyName(tensor);
  const body = func.operations.filter((op) => !argOps.has(op));
  return {
    signature: {
      name: func.name,
      inputArg: func.inputs.map((input, i) => ({ name: `arg${i}`, type: input.dtype.protoName })),
      outputArg: func.outputs.map((output, i) => ({ name: `out${i}`, type: output.dtype.protoName })),
      controlOutput: func.controlOutputs.map((_, i) => `control${i}`),
      isStateful: body.some((op) => op.def.isStateful),
    },
    nodeDef: body.map((op) => nodeJson(op, nameOf)),
    ret: Object.fromEntries(func.outputs.map((output, i) => [`out${i}`, nameOf(output)])),
    controlRet: Object.fromEntries(func.controlOutputs.map((op, i) => [`control${i}`, op.name])),
  };
}

/** The GraphDef; what it needs of the library is all of it. */
export function graphDefJson(graph: Graph): Json {
  return {
    node: graph.operations.map((op) => nodeJson(op, inputName)),
    library: { function: [...graph.functions.values()].map(functionJson) },
    versions: { producer: 1645 },
  };
}
