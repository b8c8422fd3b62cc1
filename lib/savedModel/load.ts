/**
 * `tf.savedModel.load`: the graph of a SavedModel in the graph of a session, its variables restored and its initialisation
 * run, and its signatures ready to be served.
 */
import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { GraphTypeError, InvalidArgumentError, RuntimeError, repr, ValueError } from '../../graph/errors';
import {
  type AssetFileDef,
  AssetFileDefSchema,
  type MetaGraphDef,
} from '../../graph/formats/protos/generated/meta_graph_pb';
import type { SavedModel } from '../../graph/formats/protos/generated/saved_model_pb';
import type { Graph } from '../../graph/graph';
import { type Element, NdArray } from '../../graph/ndarray';
import { Operation } from '../../graph/operation';
import { Tensor } from '../../graph/tensor';
import { defaultFileSystem, type FileSystem } from '../../runtime/files/fileSystem';
import { Session } from '../../runtime/session';
import { importWithSaver } from '../train/metaGraph/importMetaGraph';
import { prependScope } from '../variables/variableProto';
import { constants, INIT_OP_SIGNATURE_KEY } from './constants';
import { assetPath, findSavedModel, readSavedModel, variablesPath } from './files';
import { Signature } from './signature';

export interface LoadOptions {
  /** A name scope for all that is loaded. */
  readonly importScope?: string | null;
  readonly inputMap?: Readonly<Record<string, Tensor | Operation>> | null;
}

/** A model that was loaded into a session. */
export class LoadedModel {
  constructor(
    readonly session: Session,
    readonly metaGraphDef: MetaGraphDef,
    /** By the names under which they are served. */
    readonly signatures: ReadonlyMap<string, Signature>,
  ) {}

  get graph(): Graph {
    return this.session.graph;
  }

  /** The signature of that name; ValueError lists those there are. */
  signature(name = 'serving_default'): Signature {
    const found = this.signatures.get(name);
    if (found) return found;
    throw new ValueError(
      `The SavedModel has no signature ${repr(name)}; it has ${[...this.signatures.keys()].map(repr).join(', ') || 'none'}.`,
    );
  }

  /**
   * Runs a signature: values by the names of its inputs in, arrays by the names of its outputs out. ValueError for names that
   * it does not have or that are missing.
   */
  run(inputs: Readonly<Record<string, unknown>>, signature = 'serving_default'): Record<string, NdArray> {
    return this.signature(signature).run(this.session, inputs);
  }
}

/** Whether a folder holds a SavedModel. Mirrors tf.saved_model.contains_saved_model. */
export function contains(
  folder: string,
  { fileSystem = defaultFileSystem() }: { fileSystem?: FileSystem } = {},
): boolean {
  return findSavedModel(fileSystem, folder) !== null;
}

const sameTags = (a: ReadonlySet<string>, b: ReadonlySet<string>) =>
  a.size === b.size && [...a].every((tag) => b.has(tag));

function metaGraphWith(model: SavedModel, tags: readonly string[]): MetaGraphDef {
  const wanted = new Set(tags);
  const found = model.metaGraphs.find(({ metaInfoDef }) => sameTags(new Set(metaInfoDef?.tags), wanted));
  if (found) return found;
  const show = (list: readonly string[]) => `{${list.map(repr).join(', ')}}`;
  const available = model.metaGraphs.map(({ metaInfoDef }) => show(metaInfoDef?.tags ?? []));
  throw new RuntimeError(
    `MetaGraphDef associated with tags ${show(tags)} could not be found in SavedModel, with available tags '[${available.join(', ')}]'. To inspect available tag-sets in the SavedModel, please use \`sluice show\`.`,
  );
}

function assetsOf(meta: MetaGraphDef): AssetFileDef[] {
  const { kind } = meta.collectionDef[constants.ASSETS_KEY] ?? {};
  const packed =
    kind?.case === 'anyList' ? kind.value.value.flatMap((any) => anyUnpack(any, AssetFileDefSchema) ?? []) : [];
  if (kind?.case === 'bytesList')
    packed.push(...kind.value.value.map((bytes) => fromBinary(AssetFileDefSchema, bytes)));
  return packed.length > 0 ? packed : meta.assetFileDef;
}

/** What the tensors that hold the names of assets are fed. */
function assetFeeds(graph: Graph, folder: string, meta: MetaGraphDef, scope: string): [Tensor, string][] {
  return assetsOf(meta).map(({ tensorInfo, filename }) => {
    const path = assetPath(folder, filename);
    const name = tensorInfo?.encoding.case === 'name' ? tensorInfo.encoding.value : '';
    if (name === '')
      throw new InvalidArgumentError(`The SavedModel ${folder} names no tensor for the asset ${filename}.`);
    return [graph.getTensorByName(prependScope(name, scope)), path];
  });
}

/** What is to be run after restoring; null for nothing. */
function initOp(graph: Graph, meta: MetaGraphDef, scope: string): Operation | null {
  const named = meta.signatureDef[INIT_OP_SIGNATURE_KEY]?.outputs[INIT_OP_SIGNATURE_KEY];
  const find = (name: string) => {
    const found = graph.asGraphElement(prependScope(name, scope));
    return found instanceof Tensor ? found.op : found;
  };
  if (named?.encoding.case === 'name') return find(named.encoding.value);
  for (const key of [constants.MAIN_OP_KEY, constants.LEGACY_INIT_OP_KEY]) {
    const { kind } = meta.collectionDef[key] ?? {};
    if (kind === undefined) continue;
    const names = kind.case === 'nodeList' ? kind.value.value : [];
    if (names.length !== 1)
      throw new RuntimeError(`Expected exactly one SavedModel init op. Found ${names.length}: ${names.join(', ')}.`);
    return find(names[0]);
  }
  return null;
}

/**
 * Loads the MetaGraph with exactly these tags from a folder into the graph of the session, restores the variables and runs
 * the main (or legacy) initialisation with its assets in place.
 *
 * NotFoundError where there is no SavedModel, RuntimeError for tags that it does not have, DataLossError or
 * InvalidArgumentError for damaged files, ValueError for a graph that cannot be imported; the graph is then as it was.
 * Mirrors tf.compat.v1.saved_model.load; what comes back holds the MetaGraphDef and serves its signatures.
 */
export function load(
  session: Session,
  tags: readonly string[],
  folder: string,
  options: LoadOptions = {},
): LoadedModel {
  if (!(session instanceof Session)) throw new GraphTypeError(`'sess' must be a Session; ${repr(session)}`);
  const { graph, fileSystem } = session;
  const meta = metaGraphWith(readSavedModel(fileSystem, folder), typeof tags === 'string' ? [tags] : tags);
  const loaded = graph.asDefault(() =>
    graph.transaction(() => {
      const { importScope, inputMap } = options;
      const { saver, scope } = importWithSaver(meta, { importScope, inputMap });
      const feeds = assetFeeds(graph, folder, meta, scope);
      const init = initOp(graph, meta, scope);
      const signatures = new Map<string, Signature>();
      for (const [name, def] of Object.entries(meta.signatureDef)) {
        if (name !== INIT_OP_SIGNATURE_KEY) signatures.set(name, new Signature(graph, name, def, scope));
      }
      return { saver, feeds, init, signatures };
    }),
  );
  loaded.saver?.restore(session, variablesPath(folder));
  if (loaded.init)
    session.runSync(loaded.init, { feed: loaded.feeds.map(([tensor, path]) => [tensor, path as Element] as const) });
  return new LoadedModel(session, meta, loaded.signatures);
}
