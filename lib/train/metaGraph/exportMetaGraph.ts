/**
 * `tf.train.exportMetaGraph`: a graph with its collections, its saver, and the definitions of its ops.
 */
import { clone, create } from '@bufbuild/protobuf';
import { getDefaultGraph } from '../../../graph/defaultGraph';
import { ValueError } from '../../../graph/errors';
import { encodeMessage } from '../../../graph/formats/codec';
import { stripDefaults, strippedOpList } from '../../../graph/formats/defaultAttrs';
import { graphToProto } from '../../../graph/formats/exportGraphDef';
import { type GraphDef, GraphDefSchema } from '../../../graph/formats/protos/generated/graph_pb';
import {
  type MetaGraphDef,
  type MetaGraphDef_MetaInfoDef,
  MetaGraphDef_MetaInfoDefSchema,
  MetaGraphDefSchema,
} from '../../../graph/formats/protos/generated/meta_graph_pb';
import type { SaverDef } from '../../../graph/formats/protos/generated/saver_pb';
import type { Graph } from '../../../graph/graph';
import { defaultFileSystem, type FileSystem, writeFileAtomically } from '../../../runtime/files/fileSystem';
import { dirname } from '../../../runtime/files/paths';
import { stripScope } from '../../variables/variableProto';
import { collectionToProto } from './collections';

/** The TensorFlow whose graphs these are. */
const TENSORFLOW_VERSION = '2.15.0';

/** What stands in place of an input from outside of the exported scope. */
export const UNBOUND = '$unbound_inputs_';

export interface ExportMetaGraphOptions {
  /** Writes the MetaGraph there, too. */
  readonly filename?: string | null;
  readonly metaInfoDef?: MetaGraphDef_MetaInfoDef | null;
  /** A GraphDef to take in place of the graph's own. */
  readonly graphDef?: GraphDef | null;
  readonly saverDef?: SaverDef | null;
  /** The collections to take along. Default: all that have a form in files. */
  readonly collectionList?: readonly string[] | null;
  /** The file as text. */
  readonly asText?: boolean;
  /** Default: the default graph. */
  readonly graph?: Graph | null;
  /** Only what is in that name scope, without the scope's name. Inputs from outside become `$unbound_inputs_…`. */
  readonly exportScope?: string | null;
  readonly clearDevices?: boolean;
  readonly clearExtraneousSavers?: boolean;
  /** Leaves attributes out that have their default value. */
  readonly stripDefaultAttrs?: boolean;
  readonly fileSystem?: FileSystem;
}

interface ScopedGraph {
  readonly graphDef: GraphDef;
  /** Names of inputs from outside. */
  readonly unbound: readonly string[];
}

/** The part of a GraphDef that lies in a scope. */
function scoped(graphDef: GraphDef, scope: string): ScopedGraph {
  if (scope === '') return { graphDef, unbound: [] };
  const prefix = scope.endsWith('/') ? scope : `${scope}/`;
  const unbound = new Set<string>();
  const inside = (name: string) => name.replace(/^\^/, '').startsWith(prefix);
  const node = graphDef.node
    .filter(({ name }) => name.startsWith(prefix))
    .map((each) => {
      const copy = { ...each, name: stripScope(each.name, scope), attr: { ...each.attr } };
      copy.input = each.input.map((input) => {
        if (inside(input)) return stripScope(input, scope);
        const name = input.startsWith('^') ? `^${UNBOUND}${input.slice(1)}` : UNBOUND + input;
        unbound.add(name);
        return name;
      });
      const group = copy.attr._class?.value;
      if (group?.case === 'list') {
        const s = group.value.s.map((bytes) => encoder.encode(stripScope(decoder.decode(bytes), scope)));
        copy.attr._class = { ...copy.attr._class, value: { case: 'list', value: { ...group.value, s } } };
      }
      return copy;
    });
  return { graphDef: { ...graphDef, node }, unbound: [...unbound] };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Names of collections that no file holds. */
const isPrivate = (key: string) => key.startsWith('__');

/**
 * The MetaGraph of a graph; with `filename`, written there as well.
 *
 * ValueError for a collection that is asked for by name and has members that no file can hold; of all collections, those
 * are left out. Mirrors tf.compat.v1.train.export_meta_graph.
 */
export function exportMetaGraph(options: ExportMetaGraphOptions = {}): MetaGraphDef {
  const graph = options.graph ?? getDefaultGraph();
  const scope = options.exportScope ?? '';
  const whole = options.graphDef ? clone(GraphDefSchema, options.graphDef) : graphToProto(graph, { addShapes: true });
  const { graphDef, unbound } = scoped(whole, scope);
  if (scope !== '' && graphDef.node.length === 0)
    throw new ValueError(`The graph has no nodes in the scope '${scope}' to export.`);
  if (options.clearDevices) for (const node of graphDef.node) node.device = '';
  const info = options.metaInfoDef
    ? clone(MetaGraphDef_MetaInfoDefSchema, options.metaInfoDef)
    : create(MetaGraphDef_MetaInfoDefSchema);
  info.strippedOpList = strippedOpList(graphDef, info.strippedOpList?.op);
  info.tensorflowVersion = TENSORFLOW_VERSION;
  info.tensorflowGitVersion = 'sluice';
  if (options.stripDefaultAttrs) {
    stripDefaults(graphDef);
    info.strippedDefaultAttrs = true;
  }
  const meta = create(MetaGraphDefSchema, { metaInfoDef: info, graphDef, saverDef: options.saverDef ?? undefined });
  for (const key of keysOf(graph, options)) {
    const items = graph.getCollection(key);
    const collection = collectionToProto(key, items, scope);
    if (collection) meta.collectionDef[key] = collection;
    else if (options.collectionList)
      throw new ValueError(
        `The collection ${key} has members that a MetaGraph cannot hold: ${items.map(String).join(', ')}.`,
      );
  }
  if (unbound.length > 0) {
    const value = unbound.map((name) => encoder.encode(name));
    meta.collectionDef.unbound_inputs = {
      $typeName: 'tensorflow.CollectionDef',
      kind: { case: 'bytesList', value: { $typeName: 'tensorflow.CollectionDef.BytesList', value } },
    };
  }
  if (options.filename) write(meta, options.filename, options);
  return meta;
}

function keysOf(graph: Graph, { collectionList, clearExtraneousSavers, saverDef }: ExportMetaGraphOptions): string[] {
  const keys = collectionList
    ? [...collectionList]
    : graph
        .getAllCollectionKeys()
        .filter((key) => !isPrivate(key))
        .sort();
  const withMembers = keys.filter((key) => graph.getCollection(key).length > 0);
  // The nodes of other savers stay; only the collection forgets them.
  return clearExtraneousSavers && saverDef ? withMembers.filter((key) => key !== 'savers') : withMembers;
}

function write(meta: MetaGraphDef, filename: string, { asText = false, fileSystem }: ExportMetaGraphOptions): void {
  const target = fileSystem ?? defaultFileSystem();
  const bytes = encodeMessage(MetaGraphDefSchema, meta, asText ? 'text' : 'binary');
  const folder = dirname(filename);
  if (folder !== '') target.makeDirectory(folder);
  writeFileAtomically(target, filename, (file) => file.write(bytes));
}
