/**
 * `tf.importGraphDef`: a GraphDef's nodes and functions added to a graph, all of them or, on any error, none.
 */
import { convertToTensor, type TensorLike } from '../convert';
import { getDefaultGraph } from '../defaultGraph';
import { GraphTypeError, InvalidArgumentError, repr, ValueError } from '../errors';
import type { Graph } from '../graph';
import type { OpDef } from '../opDef';
import type { Operation } from '../operation';
import { findOp } from '../registry';
import { VERSIONS } from '../state';
import { Tensor } from '../tensor';
import { decodeMessage } from './codec';
import { FunctionImporter } from './importFunctions';
import { NodeImporter } from './importNodes';
import { parseInput } from './nodeInputs';
import { opDefFromProto } from './opDefProto';
import { removeNewDefaults } from './producerOps';
import { type GraphDef, GraphDefSchema } from './protos/generated/graph_pb';
import type { OpList } from './protos/generated/op_def_pb';
import { ExpansionBudget } from './tensorProto';

export interface ImportOptions {
  /** Tensors of the graph to read in place of the file's, by their names in the file: `a`, `a:1`; `^a` maps to an operation. */
  readonly inputMap?: Readonly<Record<string, Tensor | Operation>> | ReadonlyMap<string, Tensor | Operation> | null;
  /** Names of operations (`a`) and tensors (`a:0`) of the file to return. */
  readonly returnElements?: readonly string[] | null;
  /** Scope of the new names: `import` by default, '' for none. */
  readonly name?: string | null;
  /** Definitions of the ops of the file, as its producer knew them. */
  readonly producerOpList?: OpList | null;
}

/** The oldest producer that is read. */
const MIN_PRODUCER = 0;

function checkVersions({ versions }: GraphDef): void {
  const { producer = 0, minConsumer = 0, badConsumers = [] } = versions ?? {};
  const own = VERSIONS.producer;
  if (producer < MIN_PRODUCER)
    throw new ValueError(
      `GraphDef producer version ${producer} below min producer ${MIN_PRODUCER} supported by sluice.  Please regenerate your graph.`,
    );
  if (own < minConsumer)
    throw new ValueError(
      `GraphDef min consumer version ${minConsumer} above current version ${own} for sluice.  Please upgrade sluice.`,
    );
  if (badConsumers.includes(own))
    throw new ValueError(
      `GraphDef disallows consumer version ${own}.  Please upgrade sluice: this version is likely buggy.`,
    );
}

type Mapped = { readonly tensors: Map<string, Tensor>; readonly controls: Map<string, Operation> };

/** What inputs map to, under `name:index`. */
function readInputMap(graph: Graph, given: ImportOptions['inputMap']): Mapped {
  const entries = given instanceof Map ? [...given] : Object.entries(given ?? {});
  const mapped: Mapped = { tensors: new Map(), controls: new Map() };
  for (const [key, value] of entries as [unknown, Tensor | Operation][]) {
    if (typeof key !== 'string')
      throw new GraphTypeError(
        `Argument \`input_map\` must be a dictionary mapping strings to Tensor objects. Obtained ${repr(key)}.`,
      );
    if (key.startsWith('^')) mapped.controls.set(key.slice(1), 'outputs' in value ? value : value.op);
    else {
      const tensor = value instanceof Tensor ? value : convertToTensor(value as unknown as TensorLike, { graph });
      const { node, index } = parseInput(key);
      mapped.tensors.set(`${node}:${index}`, graph.bringIn(tensor));
    }
  }
  return mapped;
}

function checkMapUsed(mapped: Mapped, used: ReadonlySet<string>): void {
  const keys = [...mapped.tensors.keys(), ...[...mapped.controls.keys()].map((name) => `^${name}`)];
  const unused = keys.filter((key) => !used.has(key)).sort();
  if (unused.length > 0)
    throw new ValueError(`Attempted to map inputs that were not found in graph_def: [${unused.join(', ')}]`);
}

function readDefinitions(list: OpList | null | undefined): ReadonlyMap<string, OpDef> {
  const foreign = (list?.op ?? []).filter(({ name }) => findOp(name) === undefined);
  return new Map(foreign.map((op) => [op.name, opDefFromProto(op)]));
}

function returned(importer: NodeImporter, names: readonly string[]): (Operation | Tensor)[] {
  return names.map((name) => {
    if (typeof name !== 'string')
      throw new GraphTypeError(`Argument \`return_elements\` must be a list of strings. Obtained ${repr(names)}.`);
    const isTensor = name.includes(':');
    const { node, index } = isTensor ? parseInput(name) : { node: name, index: 0 };
    const op = importer.find(node);
    if (!op)
      throw new ValueError(`Requested return ${isTensor ? 'tensor' : 'operation'} '${name}' not found in graph def`);
    if (!isTensor) return op;
    if (index >= op.outputs.length)
      throw new ValueError(
        `Invalid return output ${index} of node '${node}', which has ${op.outputs.length} output(s)`,
      );
    return op.outputs[index];
  });
}

function asGraphDef(value: GraphDef | Uint8Array): GraphDef {
  if (value instanceof Uint8Array)
    return decodeMessage(GraphDefSchema, value, { source: 'the GraphDef', format: 'binary' });
  if (value?.$typeName !== 'tensorflow.GraphDef')
    throw new GraphTypeError('Argument `graph_def` must be a GraphDef proto.');
  return value;
}

/**
 * Adds the nodes of a GraphDef to the default graph, under a name scope, and returns the elements asked for; null when
 * none were. Nodes of op types that sluice does not know come in too; running them is an error.
 *
 * ValueError, with TensorFlow's texts, when the GraphDef is no legal graph, is too new, or does not have an input that
 * is mapped or an element that is asked for; the graph is then as it was. Mirrors tf.import_graph_def.
 */
export function importGraphDef(
  graphDef: GraphDef | Uint8Array,
  options: ImportOptions = {},
): (Operation | Tensor)[] | null {
  const def = asGraphDef(graphDef);
  const graph = getDefaultGraph();
  return graph.transaction(() => {
    try {
      return importInto(graph, def, options).elements;
    } catch (error) {
      // What op definitions refuse is a ValueError in Python.
      if (error instanceof InvalidArgumentError) throw new ValueError(error.message);
      throw error;
    }
  });
}

/** What an import added. */
export interface Imported {
  readonly elements: (Operation | Tensor)[] | null;
  /** The operation that a node of the file became. */
  readonly find: (name: string) => Operation | undefined;
  readonly prefix: string;
}

/** The import itself; the caller holds the transaction. */
export function importInto(graph: Graph, given: GraphDef, options: ImportOptions): Imported {
  checkVersions(given);
  const def = options.producerOpList ? removeNewDefaults(given, options.producerOpList) : given;
  const scope = options.name === '' ? null : graph.enterNameScope(options.name ?? 'import');
  scope?.exit();
  const prefix = scope?.value ?? '';
  const mapped = readInputMap(graph, options.inputMap);
  const used = new Set<string>();
  const functions = new FunctionImporter(graph, def.library);
  functions.declare(def.node);
  const shared = {
    budget: new ExpansionBudget(),
    definitions: readDefinitions(options.producerOpList),
    functionNamed: functions.named,
    asCall: functions.asCall,
    foreign: new Set<Operation>(),
  };
  functions.fill(shared);
  functions.addGradients(def.library);
  const importer = new NodeImporter(graph, def.node, {
    ...shared,
    prefix,
    parse: parseInput,
    outside: ({ node, index }) => {
      if (mapped.tensors.size === 0) return undefined;
      const key = `${node}:${index}`;
      const tensor = mapped.tensors.get(key);
      if (tensor) used.add(key);
      return tensor;
    },
    outsideControl: (name) => {
      const op = mapped.controls.get(name);
      if (op) used.add(`^${name}`);
      return op;
    },
  });
  importer.run();
  checkMapUsed(mapped, used);
  const elements = options.returnElements ? returned(importer, options.returnElements) : null;
  return { elements, find: (name) => importer.find(name), prefix };
}
