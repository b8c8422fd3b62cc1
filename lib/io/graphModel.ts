/**
 * `tf.io.loadGraphModel`: models that were converted for tfjs, as graphs of ours.
 *
 * The model becomes an ordinary graph of TensorFlow's ops: it can be run, looked at, extended, and differentiated through.
 * What the files hold is read by graph/formats/tfjs*.ts and runtime/files/tfjsWeights.ts.
 */
import { InvalidArgumentError, ValueError } from '../../graph/errors';
import { importInto } from '../../graph/formats/importGraphDef';
import type { GraphDef } from '../../graph/formats/protos/generated/graph_pb';
import type { SignatureDef, TensorInfo } from '../../graph/formats/protos/generated/meta_graph_pb';
import { graphDefFromTfjs } from '../../graph/formats/tfjsGraph';
import { readTfjsModel, type TfjsModel } from '../../graph/formats/tfjsModel';
import { Graph } from '../../graph/graph';
import type { NdArray } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import { didYouMean } from '../../graph/suggest';
import { Tensor } from '../../graph/tensor';
import type { FeedValue } from '../../runtime/feeds';
import type { FileSystem } from '../../runtime/files/fileSystem';
import { readWeightGroup } from '../../runtime/files/tfjsWeights';
import { Session } from '../../runtime/session';
import { readModelFiles, type UrlLike } from './graphModelFiles';

/** A model whose files are at hand. */
export interface GraphModelFiles {
  /** What model.json holds: its text, its bytes, or the JSON. */
  readonly model: unknown;
  /** The weight files by the names that the model gives them. */
  readonly weights: Readonly<Record<string, Uint8Array>> | ReadonlyMap<string, Uint8Array>;
}

export interface GraphModelOptions {
  /** Where the model's nodes go. Default: a graph of its own. */
  readonly graph?: Graph;
  /** The scope of their names. Default: none, the names are those of the file. */
  readonly name?: string;
  /** Default: the machine's disk in Node, one in memory elsewhere. */
  readonly fileSystem?: FileSystem;
}

/** Values by the names of inputs or outputs. */
export type Named<V> = Readonly<Record<string, V>>;

/** A model in a graph, with what its signature says of inputs and outputs, and a session to run it in. */
export class GraphModel {
  #session: Session | null = null;

  constructor(
    readonly graph: Graph,
    /** The tensors to feed, by the signature's names; without a signature by those of the placeholders. */
    readonly inputs: Named<Tensor>,
    /** The results, by the signature's names; without a signature by those of the nodes that nobody reads. */
    readonly outputs: Named<Tensor>,
    readonly signature: SignatureDef | null,
    /** `userDefinedMetadata` of the file. */
    readonly metadata: Named<unknown>,
    readonly initializer: readonly Operation[],
  ) {}

  /** The session that `predict` runs in; it was made by the first call. */
  get session(): Session {
    if (!this.#session) {
      this.#session = new Session({ graph: this.graph });
      if (this.initializer.length > 0) this.#session.runSync([...this.initializer]);
    }
    return this.#session;
  }

  /**
   * The model's outputs for these inputs, by name; `outputs` says which ones, by the signature's names or as tensors of the
   * graph. A model with one input takes its value as it is. Mirrors tfjs's GraphModel.predict and execute.
   */
  predict(inputs: FeedValue | Named<FeedValue>, outputs?: readonly string[]): Record<string, NdArray> {
    const feed = this.#feeds(inputs);
    const names = outputs ?? Object.keys(this.outputs);
    const fetches = names.map((name) => this.outputs[name] ?? this.#tensor(name));
    const values = this.session.runSync(fetches, { feed }) as NdArray[];
    return Object.fromEntries(names.map((name, i) => [name, values[i]]));
  }

  #feeds(inputs: FeedValue | Named<FeedValue>): [Tensor, FeedValue][] {
    const names = Object.keys(this.inputs);
    const given = isNamed(inputs, names) ? inputs : null;
    if (!given) {
      if (names.length === 1) return [[this.inputs[names[0]], inputs as FeedValue]];
      throw new ValueError(`This model has ${names.length} inputs; give their values by name: ${names.join(', ')}.`);
    }
    return Object.entries(given).map(([name, value]) => {
      const tensor = this.inputs[name];
      if (tensor) return [tensor, value];
      throw new ValueError(
        `The model has no input '${name}'.${didYouMean(name, names)} Its inputs: ${names.join(', ')}.`,
      );
    });
  }

  #tensor(name: string): Tensor {
    return this.graph.getTensorByName(name.includes(':') ? name : `${name}:0`);
  }

  /** Ends the session, if there is one. */
  close(): void {
    this.#session?.close();
    this.#session = null;
  }

  toString(): string {
    return `<GraphModel of ${this.graph}: ${Object.keys(this.inputs).join(', ')} -> ${Object.keys(this.outputs).join(', ')}>`;
  }
}

/** Whether these are values by name, and not one value: an array's data and shape, say. */
function isNamed(value: unknown, names: readonly string[]): value is Named<FeedValue> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) return false;
  const keys = Object.keys(value);
  return keys.some((key) => names.includes(key)) || !('data' in value && 'shape' in value);
}

/** The tensor that a signature means: `name`, or `name:1`. */
function tensorOf(info: TensorInfo, key: string, find: (name: string) => Operation | undefined): Tensor {
  const text = info.encoding.case === 'name' ? info.encoding.value : '';
  const [, name, index] = /^(.*?)(?::(\d+))?$/.exec(text)!;
  const tensor = find(name)?.outputs[Number(index ?? 0)];
  if (tensor) return tensor;
  throw new InvalidArgumentError(
    `The signature's '${key}' is the tensor '${text || 'without a name'}', which the graph does not have.`,
  );
}

function namedTensors(
  infos: Named<TensorInfo> | undefined,
  find: (name: string) => Operation | undefined,
): Record<string, Tensor> | null {
  const entries = Object.entries(infos ?? {});
  if (entries.length === 0) return null;
  return Object.fromEntries(entries.map(([key, info]) => [key, tensorOf(info, key, find)]));
}

/** Adds the nodes of a GraphDef; gives back how to find them, and them. */
function add(graph: Graph, def: GraphDef, name: string) {
  return graph.asDefault(() =>
    graph.transaction(() => {
      const { find } = importInto(graph, def, { name });
      return { find, ops: def.node.flatMap((node) => find(node.name) ?? []) };
    }),
  );
}

/** Nodes of which something happens when they run. */
const isActive = ({ type, outputs }: Operation): boolean =>
  type !== 'Const' && type !== 'NoOp' && outputs.every((output) => output.consumers().length === 0);

/** The model whose JSON and weights were read. */
export function graphModelOf(
  model: TfjsModel,
  weights: ReadonlyMap<string, NdArray>,
  options: GraphModelOptions = {},
): GraphModel {
  const graph = options.graph ?? new Graph();
  const { find, ops } = add(graph, graphDefFromTfjs(model.graph, weights), options.name ?? '');
  const starting = model.initializer
    ? add(graph, graphDefFromTfjs(model.initializer, weights), `${options.name ? `${options.name}/` : ''}initializer`)
        .ops
    : [];
  const placeholders = ops.filter(({ type }) => type === 'Placeholder' || type === 'PlaceholderWithDefault');
  const last = ops.filter(
    (op) =>
      op.type !== 'Const' && op.outputs.length > 0 && op.outputs.every((output) => output.consumers().length === 0),
  );
  const byName = (list: readonly Operation[]) => Object.fromEntries(list.map((op) => [op.name, op.outputs[0]]));
  return new GraphModel(
    graph,
    namedTensors(model.signature?.inputs, find) ?? byName(placeholders),
    namedTensors(model.signature?.outputs, find) ?? byName(last),
    model.signature,
    model.metadata,
    starting.filter(isActive),
  );
}

/**
 * Loads a model that was converted for tfjs: `model.json` and the weight files that it names.
 *
 * @param source the path or URL of model.json, whose weight files lie beside it; or the files themselves.
 *
 * InvalidArgumentError for a model that is not valid, DataLossError for weight files that are too short or too long,
 * NotFoundError for files that are not there. Mirrors tf.loadGraphModel of tfjs.
 */
export async function loadGraphModel(
  source: string | UrlLike | GraphModelFiles,
  options: GraphModelOptions = {},
): Promise<GraphModel> {
  const files = await readModelFiles(source, options.fileSystem);
  const model = readTfjsModel(files.json);
  const weights = new Map<string, NdArray>();
  for (const group of model.groups) {
    const parts: Uint8Array[] = [];
    for (const path of group.paths) parts.push(await files.read(path));
    for (const [name, value] of readWeightGroup(group, parts)) weights.set(name, value);
  }
  return graphModelOf(model, weights, options);
}
