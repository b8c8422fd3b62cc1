/**
 * Text forms of nodes and graphs: TensorFlow's one-line node summary for messages, and the canonical listing that specs
 * compare with TensorFlow's own graphs (spec/golden/README.md describes it).
 */
import { type Attrs, type AttrValue, FunctionReference, shortestFloat32, summarizeAttr } from './attributes';
import { DType } from './dtypes';
import type { FuncGraph } from './funcGraph';
import type { Graph } from './graph';
import { NdArray } from './ndarray';
import type { AttrDef, OpDef } from './opDef';
import { TensorShape } from './shape';

/** What a summary needs of a node; a node that could not be made has it too. */
export interface NodeLike {
  readonly name: string;
  readonly type: string;
  readonly device: string;
  readonly attrs: Attrs;
  readonly inputs: readonly { readonly op: { readonly name: string }; readonly index: number }[];
  readonly controlInputs: readonly { readonly name: string }[];
}

/** How a node's definition names an input: `a`, `a:1`. */
export function inputName(input: { readonly op: { readonly name: string }; readonly index: number }): string {
  return input.index === 0 ? input.op.name : `${input.op.name}:${input.index}`;
}

/** `{{node c}} = Add[T=DT_FLOAT](a, b, ^d)`, as TensorFlow's C++ messages print nodes. */
export function summarizeNode(node: NodeLike): string {
  const attrs = Object.keys(node.attrs)
    .sort()
    .map((name) => `${name}=${summarizeAttr(node.attrs[name])}`);
  if (node.device !== '') attrs.push(`_device="${node.device}"`);
  const inputs = [...node.inputs.map(inputName), ...node.controlInputs.map((op) => `^${op.name}`)];
  return `{{node ${node.name}}} = ${node.type}[${attrs.join(', ')}](${inputs.join(', ')})`;
}

/** Renames what TensorFlow numbers per process, by first appearance: `fn0`, `fn1`, …. */
class Numbering {
  readonly #names = new Map<string, string>();

  constructor(readonly prefix: string) {}

  of(name: string): string {
    if (!this.#names.has(name)) this.#names.set(name, `${this.prefix}${this.#names.size}`);
    return this.#names.get(name)!;
  }

  get originals(): readonly string[] {
    return [...this.#names.keys()];
  }
}

interface Listing {
  readonly functions: Numbering;
  readonly gradients: Numbering;
}

/** Constants of more elements than this are listed by their first few and a checksum. */
const LISTED_ELEMENTS = 64;

function numberText(value: number, dtype: DType): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return String(value);
  return value === 0 ? '0' : dtype.name === 'float32' ? shortestFloat32(value) : String(value);
}

function elementText(value: NdArray, index: number): string {
  const element = value.flatAt(index);
  if (typeof element === 'number') return numberText(element, value.dtype);
  return typeof element === 'string'
    ? JSON.stringify(element)
    : element instanceof Uint8Array
      ? summarizeAttr(element)
      : String(element);
}

function tensorText(value: NdArray): string {
  const shown = value.size > LISTED_ELEMENTS ? 8 : value.size;
  const elements = Array.from({ length: shown }, (_, i) => elementText(value, i));
  const rest = value.size > shown ? `, … crc32=${crc32(value).toString(16).padStart(8, '0')}` : '';
  return `${value.dtype.name}[${value.shape.join(', ')}]{${elements.join(', ')}${rest}}`;
}

/** CRC-32 (zlib's) of the little-endian bytes of an array of numbers. */
function crc32(value: NdArray): number {
  const { buffer, byteOffset, byteLength } = value.data as Exclude<typeof value.data, unknown[]>;
  let crc = 0xffffffff;
  for (const byte of new Uint8Array(buffer, byteOffset, byteLength)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function attrText(value: AttrValue, def: AttrDef | undefined, listing: Listing): string {
  if (value instanceof DType) return value.name;
  if (value instanceof TensorShape) return value.toString();
  if (value instanceof NdArray) return tensorText(value);
  if (value instanceof FunctionReference) return listing.functions.of(value.name);
  if (Array.isArray(value)) return `[${value.map((item) => attrText(item as AttrValue, def, listing)).join(', ')}]`;
  if (typeof value === 'number' && def?.kind === 'float') return numberText(value, FLOAT);
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

const FLOAT = { name: 'float32' } as DType;

type Rename = (name: string) => string;

function nodeText(node: NodeLike & { readonly def: OpDef }, listing: Listing, rename: Rename = (name) => name): string {
  const attrs = Object.keys(node.attrs)
    .sort()
    .map((name) => {
      const value = node.attrs[name];
      const isCustomGradient = name === '_gradient_op_type' && typeof value === 'string' && /-\d+$/.test(value);
      return `${name}=${isCustomGradient ? JSON.stringify(listing.gradients.of(value)) : attrText(value, node.def.attrByName.get(name), listing)}`;
    });
  const controls = [...new Set(node.controlInputs.map((op) => `^${op.name}`))].sort();
  const device = node.device === '' ? '' : ` @${node.device}`;
  const inputs = [...node.inputs.map((input) => rename(inputName(input))), ...controls];
  return `${node.name} = ${node.type}[${attrs.join(', ')}](${inputs.join(', ')})${device}`;
}

function functionText(func: FuncGraph, listing: Listing): string[] {
  const short = listing.functions.of(func.name);
  const rename: Rename = (name) => name.replace(/^.*(?=___redundant_placeholder)/, '');
  const args = func.inputs.map((input) => `${rename(input.op.name)}: ${input.dtype.name} ${input.shape}`);
  const results = [
    ...func.outputs.map((tensor, i) => `out${i} = ${rename(tensor.name)}`),
    ...func.controlOutputs.map((op) => `^${op.name}`),
  ];
  const inputs = new Set(func.inputs.map((input) => input.op));
  const nodes = func.operations.filter((op) => !inputs.has(op)).map((op) => `  ${nodeText(op, listing, rename)}`);
  return [`function ${short}(${args.join(', ')}) -> (${results.join(', ')})`, ...nodes];
}

/** The canonical listing of a graph and the functions it uses: one line per node in creation order. */
export function listGraph(graph: Graph): string {
  const listing: Listing = { functions: new Numbering('fn'), gradients: new Numbering('grad') };
  const lines = graph.operations.map((op) => nodeText(op, listing));
  for (let i = 0; i < listing.functions.originals.length; i++) {
    const func = graph.outermost.functions.get(listing.functions.originals[i]);
    if (func) lines.push(...functionText(func, listing));
  }
  return lines.join('\n');
}
