/**
 * The nodes of a GraphDef or of a function's body, added to a graph: each after what it needs, else in the order of the
 * file, as TensorFlow's importer does. Whoever calls it opens the transaction and reads the functions.
 *
 * A loop of the old control flow is a cycle through its Merge: the Merge is made without the NextIteration, which is
 * connected when all nodes are there. Any other cycle is an error.
 */
import { type Attrs, type AttrValue, FunctionReference } from '../attributes';
import { inferShapes } from '../createOp';
import type { DType } from '../dtypes';
import { InvalidArgumentError, ValueError } from '../errors';
import type { Graph } from '../graph';
import type { OpDef } from '../opDef';
import type { Operation } from '../operation';
import { findOp, type RegisteredOp } from '../registry';
import { TensorShape, unknownShape } from '../shape';
import { captureSite } from '../site';
import { contradiction, type Tensor } from '../tensor';
import { AttrReader } from './attrProto';
import { checkedAttrs, checkInputs } from './checkNode';
import { described, type Foreign, guessed, type Reader } from './foreignOps';
import { type ImportSource, NODE_NAME } from './importSource';
import { inputsOf, type WrittenInput, type WrittenInputs } from './nodeInputs';
import type { NodeDef } from './protos/generated/node_def_pb';
import { Ready } from './ready';

interface Entry {
  readonly node: NodeDef;
  readonly inputs: WrittenInputs;
  /** The definition: of the registry, else of the file, else none. */
  readonly registered: RegisteredOp | undefined;
  readonly def: OpDef | undefined;
  attrs: Attrs;
  readers: Reader[];
  op: Operation | null;
}

export const isMerge = (op: string) => op === 'Merge' || op === 'RefMerge';
export const isNextIteration = (op: string) => op === 'NextIteration' || op === 'RefNextIteration';

/** Imports the nodes of one body. */
export class NodeImporter {
  readonly #entries: Entry[];
  readonly #byName = new Map<string, number>();
  readonly #attrs: AttrReader;
  /** Inputs of Merge nodes that come later in the loop. */
  readonly #late: { readonly entry: Entry; readonly inputs: readonly WrittenInput[] }[] = [];

  constructor(
    readonly graph: Graph,
    nodes: readonly NodeDef[],
    readonly source: ImportSource,
  ) {
    this.#attrs = new AttrReader(source.budget);
    this.#entries = nodes.map((node, i) => this.#entry(findOp(node.op) ? node : source.asCall(node), i));
    this.#noteReaders();
  }

  #entry(node: NodeDef, index: number): Entry {
    const { name } = node;
    if (!NODE_NAME.test(name)) throw new ValueError(`Node '${name}': Node name contains invalid characters`);
    if (this.#byName.has(name)) throw new ValueError(`Node '${name}' is not unique`);
    this.#byName.set(name, index);
    const registered = findOp(node.op);
    const def = registered?.def ?? this.source.definitions.get(node.op);
    const inputs = inputsOf(node, this.source.parse);
    if (inputs.isMixed)
      throw new ValueError(`Node '${name}': Control dependencies must come after regular dependencies`);
    return { node, inputs, registered, def, attrs: this.#read(node, def), readers: [], op: null };
  }

  #read(node: NodeDef, def: OpDef | undefined): Attrs {
    const attrs: Record<string, AttrValue> = {};
    for (const [name, value] of Object.entries(node.attr)) {
      const kind = def?.attrByName.get(name)?.kind;
      attrs[name] = this.#attrs.read(value, kind, `Node '${node.name}': attr '${name}'`);
    }
    return attrs;
  }

  /** Notes who reads nodes that nothing describes. */
  #noteReaders(): void {
    for (const { node, inputs, attrs } of this.#entries) {
      inputs.data.forEach((input, position) => {
        const read = this.#entries[this.#byName.get(input.node) ?? -1];
        if (read && !read.def) read.readers.push({ type: node.op, attrs, position, count: inputs.data.length, input });
      });
    }
  }

  /** Adds all nodes. ValueError, with TensorFlow's texts, when they are no legal graph. */
  run(): void {
    const waiting = this.#entries.map(() => 0);
    const dependents: number[][] = this.#entries.map(() => []);
    const ready = new Ready();
    this.#entries.forEach((entry, i) => {
      for (const needed of this.#needs(entry)) {
        dependents[needed].push(i);
        waiting[i]++;
      }
      if (waiting[i] === 0) ready.add(i);
    });
    let done = 0;
    for (let i = ready.take(); i !== undefined; i = ready.take()) {
      this.#add(this.#entries[i]);
      done++;
      for (const next of dependents[i]) if (--waiting[next] === 0) ready.add(next);
    }
    if (done < this.#entries.length) {
      const stuck = this.#entries.filter(({ op }) => op === null).map(({ node }) => node.name);
      const shown = stuck.slice(0, 5).join(', ');
      throw new ValueError(`${stuck.length} nodes in a cycle: ${shown}${stuck.length > 5 ? ', …' : ''}`);
    }
    for (const { entry, inputs } of this.#late) this.#connect(entry, inputs);
  }

  /** The nodes that must be there before that one. */
  *#needs({ node, inputs }: Entry): Generator<number> {
    for (const input of inputs.data) {
      if (this.source.outside(input) !== undefined) continue;
      const index = this.#byName.get(input.node);
      if (index === undefined) throw new ValueError(`Node '${node.name}': Unknown input node '${input.text}'`);
      if (!(isMerge(node.op) && isNextIteration(this.#entries[index].node.op))) yield index;
    }
    for (const name of inputs.controls) {
      if (this.source.outsideControl(name) !== undefined) continue;
      const index = this.#byName.get(name);
      if (index === undefined) throw new ValueError(`Node '${node.name}': Unknown input node '^${name}'`);
      yield index;
    }
  }

  #add(entry: Entry): void {
    const { node, registered } = entry;
    const isLoop = isMerge(node.op);
    const late: WrittenInput[] = [];
    const inputs: Tensor[] = [];
    for (const input of entry.inputs.data) {
      const tensor = this.#tensor(node, input);
      if (!tensor) late.push(input);
      else if (late.length === 0) inputs.push(tensor);
      else throw new ValueError(`Node '${node.name}': the NextIteration must be the last input of a Merge.`);
    }
    if (isLoop && late.length > 0) this.#late.push({ entry, inputs: late });
    const controlInputs = entry.inputs.controls.map((name) => this.#control(name));
    const name = this.source.prefix + node.name;
    const found = this.#describe(entry, name, inputs, late.length > 0);
    entry.op = this.graph.addImported(
      {
        name,
        def: found.def,
        inputs,
        controlInputs: [...new Set(controlInputs)],
        attrs: found.attrs,
        device: node.device,
        outputTypes: found.outputTypes,
        site: captureSite(),
      },
      found.shapes,
    );
    found.handles?.forEach((handle, i) => {
      if (handle) entry.op!.outputs[i].handleData = handle;
    });
    if (registered === undefined) this.source.foreign.add(entry.op);
  }

  /** Signature, attributes, dtypes and shapes of a new node. */
  #describe(entry: Entry, name: string, inputs: readonly Tensor[], isOpen: boolean) {
    const { node, registered, def } = entry;
    const placed = { ...node, name };
    const { _output_shapes: written, ...attrs } = this.#resolved(entry.attrs);
    if (registered === undefined) return this.#describeForeign(entry, placed, inputs, attrs, written);
    const complete = checkedAttrs(registered.def, placed, attrs);
    const { outputTypes } = checkInputs(registered, placed, complete, inputs, isOpen);
    if (isOpen)
      return { def: def!, attrs: complete, outputTypes, shapes: openShapes(outputTypes, written), handles: null };
    const parts = { name, type: node.op, device: node.device, attrs: complete, inputs, controlInputs: [] };
    const { shapes, handles } = inferShapes(registered, parts, outputTypes, null);
    return { def: def!, attrs: complete, outputTypes, shapes: mergeShapes(placed, shapes, written), handles };
  }

  #describeForeign(
    { node, def, readers }: Entry,
    placed: NodeDef,
    inputs: readonly Tensor[],
    attrs: Attrs,
    written: AttrValue | undefined,
  ) {
    const all: Attrs = written === undefined ? attrs : { ...attrs, _output_shapes: written };
    const found: Foreign = def
      ? described(def, checkedAttrs(def, placed, all))
      : guessed(
          { name: placed.name, op: node.op },
          all,
          inputs.map(({ dtype }) => dtype),
          readers,
        );
    return { ...found, attrs: def ? checkedAttrs(def, placed, attrs) : attrs, handles: null };
  }

  /** Attributes with the names that functions and colocated nodes have here. */
  #resolved(attrs: Attrs): Attrs {
    const resolve = (value: AttrValue): AttrValue => {
      if (value instanceof FunctionReference) return this.source.functionNamed(value);
      return Array.isArray(value) && value[0] instanceof FunctionReference ? value.map(resolve) : value;
    };
    const resolved = Object.entries(attrs).map(([name, value]) => [name, resolve(value)] as const);
    const result: Record<string, AttrValue> = Object.fromEntries(resolved);
    if (this.source.prefix !== '' && Array.isArray(result._class)) {
      result._class = result._class.map((group) => {
        const target = typeof group === 'string' && group.startsWith('loc:@') ? group.slice(5) : null;
        return target !== null && this.#byName.has(target) ? `loc:@${this.source.prefix}${target}` : group;
      });
    }
    return result;
  }

  #connect(entry: Entry, inputs: readonly WrittenInput[]): void {
    const op = entry.op!;
    const tensors = inputs.map((input) => this.#tensor(entry.node, input)!);
    this.graph.extendOp(op, { attrs: op.attrs, inputs: tensors, outputs: [] });
    const wrong = op.inputs.findIndex(({ dtype }) => dtype !== op.outputs[0].dtype);
    if (wrong >= 0)
      throw new ValueError(
        `Input ${wrong} of node ${op.name} was passed ${op.inputs[wrong].dtype.cppName} from ${op.inputs[wrong].name} incompatible with expected ${op.outputs[0].dtype.cppName}.`,
      );
  }

  #control(name: string): Operation {
    return this.source.outsideControl(name) ?? this.#entries[this.#byName.get(name)!].op!;
  }

  /** The tensor of an input; undefined when its node is not there yet. */
  #tensor(node: NodeDef, input: WrittenInput): Tensor | undefined {
    const outside = this.source.outside(input);
    if (outside) return outside;
    const { op } = this.#entries[this.#byName.get(input.node)!];
    if (op === null) return undefined;
    const index = input.argument === null ? input.index : outputIndex(op, input.argument, input.index);
    const tensor = op.outputs[index];
    if (tensor) return tensor;
    throw new ValueError(
      `Node '${this.source.prefix}${node.name}': Connecting to invalid output ${input.argument ?? input.index} of source node ${op.name} which has ${op.outputs.length} outputs.`,
    );
  }

  /** The operation that a node became. */
  find(name: string): Operation | undefined {
    return this.#entries[this.#byName.get(name) ?? -1]?.op ?? undefined;
  }
}

/** The position of an output by its argument; -1 for none. */
export function outputIndex(op: Operation, argument: string, index: number): number {
  let start = 0;
  let seen = 0;
  for (const arg of op.def.outputs) {
    const list = arg.typeListAttr ? (op.attrs[arg.typeListAttr] as readonly DType[]).length : null;
    const count = list ?? (arg.numberAttr ? Number(op.attrs[arg.numberAttr]) : 1);
    if (arg.name === argument) {
      if (index < seen + count) return start + index - seen;
      // Guessed outputs of one argument stand there one by one.
      seen += count;
    }
    start += count;
  }
  return -1;
}

function openShapes(types: readonly DType[], written: AttrValue | undefined): TensorShape[] {
  const list = Array.isArray(written) ? written : [];
  return types.map((_, i) => (list[i] instanceof TensorShape ? list[i] : unknownShape));
}

/** Inferred shapes, refined by those that the producer of the file knew. */
function mergeShapes(
  node: NodeDef,
  inferred: readonly TensorShape[],
  written: AttrValue | undefined,
): readonly TensorShape[] {
  if (written === undefined) return inferred;
  if (!Array.isArray(written) || written.some((shape) => !(shape instanceof TensorShape)))
    throw new InvalidArgumentError(`Node '${node.name}': attr '_output_shapes' is no list of shapes.`);
  // Of a list of another length TensorFlow takes nothing either.
  if (written.length !== inferred.length) return inferred;
  return inferred.map((shape, i) => {
    const given = written[i] as TensorShape;
    if (shape.isCompatibleWith(given)) return shape.mergeWith(given);
    throw new ValueError(
      `Node '${node.name}' has an _output_shapes attribute inconsistent with the GraphDef for output #${i}: ${contradiction(shape, given)}`,
    );
  });
}
