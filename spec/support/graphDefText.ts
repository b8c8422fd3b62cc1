/**
 * The canonical text of a GraphDef, made from the message alone: node lines as those of spec/golden/graphs, and the
 * library as spec/golden/function_defs has it. Knows nothing of the graph that was written, so it judges the writer.
 */
import { expect } from 'chai';
import { shortestFloat32 } from '../../graph/attributes';
import type { AttrValue, NameAttrList } from '../../graph/formats/protos/generated/attr_value_pb';
import type { FunctionDef } from '../../graph/formats/protos/generated/function_pb';
import type { GraphDef } from '../../graph/formats/protos/generated/graph_pb';
import type { NodeDef } from '../../graph/formats/protos/generated/node_def_pb';
import type { TensorProto } from '../../graph/formats/protos/generated/tensor_pb';
import type { TensorShapeProto } from '../../graph/formats/protos/generated/tensor_shape_pb';
import { DataType } from '../../graph/formats/protos/generated/types_pb';

const typeNames: Readonly<Record<string, string>> = { FLOAT: 'float32', DOUBLE: 'float64', HALF: 'float16' };

function typeName(type: DataType): string {
  const name = DataType[type].replace(/^DT_/, '');
  return typeNames[name] ?? name.toLowerCase();
}

/** Names for what is numbered per process, by first appearance. */
class Numbers {
  readonly names = new Map<string, string>();

  constructor(readonly prefix: string) {}

  of(name: string): string {
    if (!this.names.has(name)) this.names.set(name, `${this.prefix}${this.names.size}`);
    return this.names.get(name)!;
  }
}

const text = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

function numberText(value: number, isDouble = false): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return '0';
  return isDouble ? String(value) : shortestFloat32(value);
}

function shapeText({ unknownRank, dim }: TensorShapeProto): string {
  if (unknownRank) return '<unknown>';
  const dims = dim.map(({ size }) => (size < 0n ? 'None' : String(size)));
  return dims.length === 1 ? `(${dims[0]},)` : `(${dims.join(', ')})`;
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** How elements of a dtype lie in `tensor_content`: their size, how one is read and how it is written. */
const layouts: Readonly<
  Record<
    string,
    { size: number; get: (view: DataView, at: number) => unknown; put?: (view: DataView, value: never) => void }
  >
> = {
  float32: { size: 4, get: (v, at) => v.getFloat32(at, true), put: (v, x) => v.setFloat32(0, x, true) },
  float64: { size: 8, get: (v, at) => v.getFloat64(at, true), put: (v, x) => v.setFloat64(0, x, true) },
  int32: { size: 4, get: (v, at) => v.getInt32(at, true), put: (v, x) => v.setInt32(0, x, true) },
  int64: { size: 8, get: (v, at) => v.getBigInt64(at, true), put: (v, x) => v.setBigInt64(0, x, true) },
  uint64: { size: 8, get: (v, at) => v.getBigUint64(at, true), put: (v, x) => v.setBigUint64(0, x, true) },
  uint32: { size: 4, get: (v, at) => v.getUint32(at, true), put: (v, x) => v.setUint32(0, x, true) },
  int16: { size: 2, get: (v, at) => v.getInt16(at, true), put: (v, x) => v.setInt16(0, x, true) },
  uint16: { size: 2, get: (v, at) => v.getUint16(at, true), put: (v, x) => v.setUint16(0, x, true) },
  int8: { size: 1, get: (v, at) => v.getInt8(at), put: (v, x) => v.setInt8(0, x) },
  uint8: { size: 1, get: (v, at) => v.getUint8(at), put: (v, x) => v.setUint8(0, x) },
  bool: { size: 1, get: (v, at) => v.getUint8(at) !== 0, put: (v, x) => v.setUint8(0, x ? 1 : 0) },
};

const listOf = (proto: TensorProto): readonly unknown[] =>
  [
    proto.floatVal,
    proto.doubleVal,
    proto.intVal,
    proto.int64Val,
    proto.boolVal,
    proto.uint32Val,
    proto.uint64Val,
    proto.stringVal.map(text),
  ].find((list) => list.length > 0) ?? [];

function tensorText(proto: TensorProto): string {
  const name = typeName(proto.dtype);
  const shape = proto.tensorShape?.dim.map(({ size }) => Number(size)) ?? [];
  const size = shape.reduce((product, dim) => product * dim, 1);
  const layout = layouts[name];
  const { tensorContent: content } = proto;
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const list = listOf(proto);
  const element = (i: number): unknown =>
    content.length > 0 ? layout.get(view, i * layout.size) : list[Math.min(i, list.length - 1)];
  const one = (value: unknown): string => {
    if (typeof value === 'string') return JSON.stringify(value);
    return typeof value === 'number' && /^float/.test(name) ? numberText(value, name === 'float64') : String(value);
  };
  const shown = size > 64 ? 8 : size;
  const elements = Array.from({ length: shown }, (_, i) => one(element(i)));
  if (size > shown) {
    const bytes = new Uint8Array(size * layout.size);
    for (let i = 0; i < size; i++) layout.put!(new DataView(bytes.buffer, i * layout.size), element(i) as never);
    elements.push(`… crc32=${crc32(bytes).toString(16).padStart(8, '0')}`);
  }
  return `${name}[${shape.join(', ')}]{${elements.join(', ')}}`;
}

export class GraphDefText {
  readonly #functions = new Numbers('fn');
  readonly #gradients = new Numbers('grad');
  readonly #definitions: ReadonlyMap<string, FunctionDef>;

  constructor(readonly graphDef: GraphDef) {
    this.#definitions = new Map((graphDef.library?.function ?? []).map((def) => [def.signature!.name, def]));
  }

  #item(key: string, kind: string, value: unknown): string {
    switch (kind) {
      case 's': {
        const string = text(value as Uint8Array);
        return JSON.stringify(
          key === '_gradient_op_type' && /-\d+$/.test(string) ? this.#gradients.of(string) : string,
        );
      }
      case 'f':
        return numberText(value as number);
      case 'type':
        return typeName(value as DataType);
      case 'shape':
        return shapeText(value as TensorShapeProto);
      case 'tensor':
        return tensorText(value as TensorProto);
      case 'func':
        expect((value as NameAttrList).attr).to.deep.equal({});
        return this.#functions.of((value as NameAttrList).name);
      default:
        return String(value);
    }
  }

  #attr(key: string, { value }: AttrValue): string {
    if (value.case !== 'list') return this.#item(key, value.case!, value.value);
    const { $typeName: _, $unknown: __, ...lists } = value.value;
    const found = Object.entries(lists).filter(([, list]) => list.length > 0);
    expect(found.length).to.be.lessThan(2);
    return `[${found.flatMap(([kind, list]) => list.map((item) => this.#item(key, kind, item))).join(', ')}]`;
  }

  #attrs(attrs: { readonly [key: string]: AttrValue }): string[] {
    return Object.keys(attrs)
      .sort()
      .map((key) => `${key}=${this.#attr(key, attrs[key])}`);
  }

  /** `Op[attributes]`, the part of a node line that is the same in a graph and in a function. */
  #what(node: NodeDef): string {
    return `${node.op}[${this.#attrs(node.attr).join(', ')}]`;
  }

  /** The lines of the graph's own nodes. */
  nodeLines(): string[] {
    return this.graphDef.node.map(
      (node) => `${node.name} = ${this.#what(node)}(${node.input.join(', ')})${node.device && ` @${node.device}`}`,
    );
  }

  /** For each function in order of use, what its nodes are: without names and inputs. */
  functionNodes(): string[][] {
    const all: string[][] = [];
    for (const name of this.#functions.names.keys()) {
      const nodes = this.#definitions.get(name)!.nodeDef;
      all.push(nodes.map((node) => `${this.#what(node)}${node.device && ` @${node.device}`}`));
    }
    return all;
  }

  /** The text of spec/golden/function_defs. Call it last: it goes by the order in which the functions are used. */
  functionLines(): string[] {
    const short = (name: string) => name.replace(/^.*(?=___redundant_placeholder)/, '');
    const braces = (attrs: readonly string[]) => (attrs.length > 0 ? ` {${attrs.join(', ')}}` : '');
    return [...this.#functions.names].flatMap(([name, number]) => {
      const { signature, argAttr, ret, controlRet, nodeDef, attr } = this.#definitions.get(name)!;
      const args = signature!.inputArg.map(
        (arg, i) => `${short(arg.name)}: ${typeName(arg.type)}${braces(this.#attrs(argAttr[i]?.attr ?? {}))}`,
      );
      const results = signature!.outputArg.map((arg) => `${arg.name}: ${typeName(arg.type)} = ${short(ret[arg.name])}`);
      const controls = signature!.controlOutput.map((control) => `^${control} = ${controlRet[control]}`);
      const kind = signature!.isStateful ? 'stateful' : 'stateless';
      const head = `${number}(${args.join(', ')}) -> (${[...results, ...controls].join(', ')}) ${kind}${braces(this.#attrs(attr))}`;
      return [head, ...nodeDef.map((node) => `  ${node.name} = ${node.op}(${node.input.map(short).join(', ')})`)];
    });
  }
}
