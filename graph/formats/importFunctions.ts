/**
 * The function library of a GraphDef, as bodies in the library of a graph.
 *
 * A function that the graph has already, node for node, is shared; one whose name another function has gets a new name.
 * Bodies are made empty first, each within the graph that calls it first, then filled: functions may call each other.
 */
import { toBinary } from '@bufbuild/protobuf';
import { type Attrs, type AttrValue, FunctionReference } from '../attributes';
import { type DType, resource } from '../dtypes';
import { ValueError } from '../errors';
import { FuncGraph } from '../funcGraph';
import type { Graph } from '../graph';
import { findOp } from '../registry';
import { onRollback } from '../rollback';
import { TensorShape, unknownShape } from '../shape';
import { captureSite } from '../site';
import type { Tensor } from '../tensor';
import { AttrReader, attrToProto } from './attrProto';
import { dtypeOf } from './dtypeProto';
import { NodeImporter, outputIndex } from './importNodes';
import type { ImportSource } from './importSource';
import { parseFunctionInput } from './nodeInputs';
import type { AttrValue as AttrValueProto } from './protos/generated/attr_value_pb';
import { type FunctionDef, type FunctionDefLibrary, FunctionDefSchema } from './protos/generated/function_pb';
import type { NodeDef } from './protos/generated/node_def_pb';
import type { OpDef_ArgDef } from './protos/generated/op_def_pb';
import { shapeFromProto } from './shapeProto';

type Shared = Pick<ImportSource, 'budget' | 'definitions' | 'functionNamed' | 'asCall' | 'foreign'>;

/** What the functions of files were read from, to know them again. */
const origins = new WeakMap<FuncGraph, Uint8Array>();

const sameBytes = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** The functions that the attributes of these nodes name. */
function* calledBy(nodes: readonly NodeDef[]): Generator<string> {
  const walk = function* ({ value }: AttrValueProto): Generator<string> {
    if (value.case === 'func') yield value.value.name;
    else if (value.case === 'list') for (const { name } of value.value.func) yield name;
  };
  for (const { op, attr } of nodes) {
    if (findOp(op) === undefined) yield op;
    for (const value of Object.values(attr)) yield* walk(value);
  }
}

/** Reads the functions of one file into one graph. */
export class FunctionImporter {
  readonly #defs: ReadonlyMap<string, FunctionDef>;
  readonly #bodies = new Map<string, FuncGraph>();
  readonly #names = new Map<string, string>();

  constructor(
    readonly graph: Graph,
    library: FunctionDefLibrary | undefined,
  ) {
    const defs = new Map<string, FunctionDef>();
    for (const func of library?.function ?? []) {
      const name = func.signature?.name ?? '';
      if (name === '') throw new ValueError('A function of the library has no name.');
      if (defs.has(name)) throw new ValueError(`Function '${name}' is defined twice in the library.`);
      defs.set(name, func);
    }
    this.#defs = defs;
  }

  /** The reference by the name that the function has in this graph. */
  readonly named = (reference: FunctionReference): FunctionReference => {
    const name = this.#names.get(reference.name);
    return name === undefined || name === reference.name ? reference : new FunctionReference(name, reference.attrs);
  };

  /** Old files call a function by a node of its name; here a call is an op that names the function. */
  readonly asCall = (node: NodeDef): NodeDef => {
    const signature = this.#defs.get(node.op)?.signature;
    if (!signature) return node;
    const types = (args: readonly OpDef_ArgDef[]) =>
      attrToProto(
        args.map(({ type }) => dtypeOf(type, node.name)),
        'type',
      );
    const call = { Tin: types(signature.inputArg), Tout: types(signature.outputArg) };
    const f = attrToProto(new FunctionReference(node.op), 'func');
    return { ...node, op: 'StatefulPartitionedCall', attr: { ...node.attr, ...call, f } };
  };

  /** Makes all bodies, still empty, and enters them in the library. `nodes` are those of the main graph. */
  declare(nodes: readonly NodeDef[]): void {
    const outermost = this.graph.outermost;
    // Breadth first: a function belongs to the graph that calls it first.
    const queue: { readonly outer: Graph; readonly nodes: readonly NodeDef[] }[] = [{ outer: this.graph, nodes }];
    const enter = (outer: Graph, name: string) => {
      const def = this.#defs.get(name);
      if (!def || this.#names.has(name)) return;
      const body = this.#body(outer, name, def);
      if (body) queue.push({ outer: body, nodes: def.nodeDef });
    };
    const drain = () => {
      for (let next = queue.shift(); next; next = queue.shift())
        for (const name of calledBy(next.nodes)) enter(next.outer, name);
    };
    drain();
    for (const name of this.#defs.keys()) {
      enter(outermost, name);
      drain();
    }
    for (const name of this.#defs.keys()) {
      const body = this.#bodies.get(name);
      if (!body) continue;
      outermost.addFunction(body);
      onRollback(() => outermost.removeFunction(body.name));
    }
  }

  /** A new body, or null where the graph has that function. */
  #body(outer: Graph, name: string, def: FunctionDef): FuncGraph | null {
    const bytes = toBinary(FunctionDefSchema, def);
    const known = this.graph.functions.get(name);
    const origin = known && origins.get(known);
    if (origin && sameBytes(origin, bytes)) {
      this.#names.set(name, name);
      return null;
    }
    const taken = new Set([...this.graph.functions.keys(), ...this.#names.values()]);
    let own = name;
    for (let i = 1; taken.has(own) || (own !== name && this.#defs.has(own)); i++) own = `${name}_${i}`;
    this.#names.set(name, own);
    const body = new FuncGraph(own, outer);
    origins.set(body, bytes);
    this.#bodies.set(name, body);
    return body;
  }

  /** Fills the bodies that `declare` made. */
  fill(shared: Shared): void {
    for (const [name, body] of this.#bodies) {
      try {
        fillBody(body, this.#defs.get(name)!, shared);
      } catch (error) {
        if (error instanceof ValueError) throw new ValueError(`Function '${name}': ${error.message}`);
        throw error;
      }
    }
  }

  /** The gradients of functions that the file names. */
  addGradients(library: FunctionDefLibrary | undefined): void {
    const { gradientFunctions } = this.graph.outermost;
    const named = (name: string) => this.#names.get(name) ?? name;
    for (const { functionName, gradientFunc } of library?.gradient ?? []) {
      const key = named(functionName);
      const before = gradientFunctions.get(key);
      if (before !== undefined && before !== named(gradientFunc))
        throw new ValueError(
          `Cannot assign gradient function '${gradientFunc}' to '${functionName}' because it already has gradient function '${before}'`,
        );
      gradientFunctions.set(key, named(gradientFunc));
      if (before === undefined) onRollback(() => gradientFunctions.delete(key));
    }
  }
}

function fillBody(body: FuncGraph, def: FunctionDef, shared: Shared): void {
  const signature = def.signature!;
  if (signature.attr.length > 0)
    throw new ValueError(
      `It is generic in its attributes (${signature.attr.map(({ name }) => name).join(', ')}), which cannot be read. Export the graph with its functions instantiated.`,
    );
  const reader = new AttrReader(shared.budget);
  const attrs = readAttrs(reader, def.attr, 'attr');
  const args = new Map<string, Tensor>();
  signature.inputArg.forEach((arg, i) => {
    const own = readAttrs(reader, def.argAttr[i]?.attr ?? {}, `argument '${arg.name}'`);
    const id = def.resourceArgUniqueId[i];
    const all = id === undefined ? own : { ...own, _resource_arg_unique_id: BigInt(id) };
    if (args.has(arg.name)) throw new ValueError(`Argument '${arg.name}' is not unique`);
    args.set(arg.name, addArgument(body, arg, all, (attrs._input_shapes as readonly TensorShape[] | undefined)?.[i]));
  });
  body.inputs = [...args.values()];
  const importer = new NodeImporter(body, def.nodeDef, {
    ...shared,
    prefix: '',
    parse: parseFunctionInput,
    outside: ({ node, argument, index }) => (argument === null && index === 0 ? args.get(node) : undefined),
    outsideControl: (name) => args.get(name)?.op,
  });
  body.asDefault(() => importer.run());
  const result = (text: string): Tensor => {
    const input = parseFunctionInput(text);
    const argument = input.argument === null ? args.get(input.node) : undefined;
    if (argument) return argument;
    const op = importer.find(input.node);
    const index = op && input.argument !== null ? outputIndex(op, input.argument, input.index) : input.index;
    const tensor = op?.outputs[index];
    if (!tensor) throw new ValueError(`Its result '${text}' is no tensor of it`);
    return tensor;
  };
  body.outputs = signature.outputArg.map(({ name, type }) => {
    const text = def.ret[name];
    if (text === undefined) throw new ValueError(`return missing value for output '${name}'`);
    const tensor = result(text);
    if (tensor.dtype !== dtypeOf(type, `Output '${name}'`))
      throw new ValueError(`Its output '${name}' is declared otherwise than ${text}, which is ${tensor.dtype.name}`);
    return tensor;
  });
  body.controlOutputs = signature.controlOutput.map((name) => {
    const op = importer.find(def.controlRet[name] ?? '');
    if (!op) throw new ValueError(`control return missing for '${name}'`);
    return op;
  });
  body.declared = {
    attrs,
    outputNames: signature.outputArg.map(({ name }) => name),
    controlOutputNames: [...signature.controlOutput],
  };
}

function readAttrs(reader: AttrReader, attrs: { readonly [key: string]: AttrValueProto }, what: string): Attrs {
  return Object.fromEntries(
    Object.entries(attrs).map(([name, value]) => [name, reader.read(value, undefined, `${what} '${name}'`)]),
  );
}

/** The placeholder that stands for an argument. Its static shape stands beside the signature. */
function addArgument(body: FuncGraph, arg: OpDef_ArgDef, own: Attrs, declared: TensorShape | undefined): Tensor {
  if (arg.numberAttr || arg.typeListAttr || arg.typeAttr)
    throw new ValueError(`Argument '${arg.name}' takes its type from an attribute, which cannot be read`);
  const dtype: DType = dtypeOf(arg.type, `Argument '${arg.name}'`);
  const { _output_shapes: written, ...attrs } = own;
  const given = (written as readonly AttrValue[] | undefined)?.[0] ?? declared;
  const shape = given instanceof TensorShape ? given : unknownShape;
  const { def } = findOp('Placeholder')!;
  const isHandle = dtype === resource;
  const parts = {
    name: arg.name,
    def,
    inputs: [],
    controlInputs: [],
    attrs: { dtype, shape, ...attrs },
    device: '',
    outputTypes: [dtype],
    site: captureSite(),
  };
  const tensor = body.addImported(parts, [shape]).output;
  const [data] = arg.handleData;
  if (isHandle && data)
    tensor.handleData = {
      dtype: dtypeOf(data.dtype, `Argument '${arg.name}'`),
      shape: data.shape ? shapeFromProto(data.shape, `Argument '${arg.name}'`) : unknownShape,
    };
  return tensor;
}
