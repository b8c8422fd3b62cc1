/**
 * `tf.train.importMetaGraph`: the graph of a MetaGraph, its variables and collections, added to the default graph.
 */
import { clone } from '@bufbuild/protobuf';
import { getDefaultGraph } from '../../../graph/defaultGraph';
import { GraphTypeError, InvalidArgumentError, ValueError } from '../../../graph/errors';
import { decodeMessage, type MessageFormat } from '../../../graph/formats/codec';
import { type Imported, importInto } from '../../../graph/formats/importGraphDef';
import { GraphDefSchema } from '../../../graph/formats/protos/generated/graph_pb';
import { type MetaGraphDef, MetaGraphDefSchema } from '../../../graph/formats/protos/generated/meta_graph_pb';
import type { Operation } from '../../../graph/operation';
import type { Tensor } from '../../../graph/tensor';
import { defaultFileSystem, type FileSystem } from '../../../runtime/files/fileSystem';
import { readMessageFile } from '../../io/graphDef';
import { globalVariables } from '../../variables/collections';
import type { RefVariable } from '../../variables/refVariable';
import type { Variable } from '../../variables/variable';
import { Saver, type SaverOptions } from '../saver/saver';
import { CollectionReader } from './collections';
import { UNBOUND } from './exportMetaGraph';

export interface ImportMetaGraphOptions {
  readonly clearDevices?: boolean;
  /** A name scope for all that is imported. Default: none, the names of the file. */
  readonly importScope?: string | null;
  /** See importGraphDef; names of inputs from outside may stand without `$unbound_inputs_`. */
  readonly inputMap?: Readonly<Record<string, Tensor | Operation>> | null;
  readonly returnElements?: readonly string[] | null;
  /** Which collections come along. Default: all. */
  readonly restoreCollectionsPredicate?: (key: string) => boolean;
  /** Default: found out from the bytes. */
  readonly format?: MessageFormat;
  readonly fileSystem?: FileSystem;
}

/** A MetaGraph of a file, as bytes or text. NotFoundError, DataLossError or InvalidArgumentError name the file. */
export function readMetaGraph(
  path: string,
  { fileSystem = defaultFileSystem(), format }: Pick<ImportMetaGraphOptions, 'fileSystem' | 'format'> = {},
): MetaGraphDef {
  return decodeMessage(MetaGraphDefSchema, readMessageFile(fileSystem, path), { source: path, format });
}

/** What an import of a MetaGraph brought. */
export interface ImportedMetaGraph {
  readonly meta: MetaGraphDef;
  readonly variables: readonly (Variable | RefVariable)[];
  readonly elements: Imported['elements'];
  /** The scope of the names: '' or `name`. */
  readonly scope: string;
}

/** Inputs that the file leaves open, under the names that its nodes use. */
function openInputs(meta: MetaGraphDef, given: ImportMetaGraphOptions['inputMap']) {
  const map: Record<string, Tensor | Operation> = { ...given };
  const { kind } = meta.collectionDef.unbound_inputs ?? {};
  if (kind?.case !== 'bytesList') return map;
  const missing: string[] = [];
  for (const bytes of kind.value.value) {
    const name = new TextDecoder().decode(bytes);
    const short = name.replace(UNBOUND, '');
    if (Object.hasOwn(map, short)) {
      map[name] = map[short];
      delete map[short];
    } else if (!Object.hasOwn(map, name)) missing.push(short);
  }
  if (missing.length > 0)
    throw new ValueError(
      `Graph contains unbound inputs: ${missing.join(', ')}. Must provide these inputs through inputMap.`,
    );
  return map;
}

/** All or nothing: what `importMetaGraph` does, without a saver. */
export function importScopedMetaGraph(
  pathOrProto: string | MetaGraphDef,
  options: ImportMetaGraphOptions = {},
): ImportedMetaGraph {
  const meta = typeof pathOrProto === 'string' ? readMetaGraph(pathOrProto, options) : pathOrProto;
  if (meta?.$typeName !== 'tensorflow.MetaGraphDef')
    throw new GraphTypeError('Argument `meta_graph_or_file` must be a MetaGraphDef or the path of one.');
  if (!meta.graphDef)
    throw new ValueError(`${typeof pathOrProto === 'string' ? pathOrProto : 'The MetaGraph'} holds no graph.`);
  const graphDef = options.clearDevices ? clone(GraphDefSchema, meta.graphDef) : meta.graphDef;
  if (options.clearDevices) for (const node of graphDef.node) node.device = '';
  const graph = getDefaultGraph();
  return graph.transaction(() => {
    try {
      const { elements, prefix } = importInto(graph, graphDef, {
        name: options.importScope ?? '',
        inputMap: openInputs(meta, options.inputMap),
        returnElements: options.returnElements,
        producerOpList: meta.metaInfoDef?.strippedOpList,
      });
      const scope = prefix.replace(/\/$/, '');
      const reader = new CollectionReader(graph, scope);
      const wanted = options.restoreCollectionsPredicate ?? (() => true);
      for (const key of Object.keys(meta.collectionDef).sort()) {
        if (key === 'unbound_inputs' || !wanted(key)) continue;
        for (const item of reader.read(key, meta.collectionDef[key])) graph.addToCollection(key, item);
      }
      return { meta, variables: reader.variables, elements, scope };
    } catch (error) {
      if (error instanceof InvalidArgumentError) throw new ValueError(error.message);
      throw error;
    }
  });
}

export type ImportWithSaverOptions = ImportMetaGraphOptions &
  Pick<SaverOptions, 'maxToKeep' | 'padStepNumber' | 'saveRelativePaths'>;

/** What `importMetaGraph` does, and what it brought. */
export function importWithSaver(
  pathOrProto: string | MetaGraphDef,
  options: ImportWithSaverOptions = {},
): ImportedMetaGraph & { readonly saver: Saver | null } {
  return getDefaultGraph().transaction(() => {
    const imported = importScopedMetaGraph(pathOrProto, options);
    const { maxToKeep, padStepNumber, saveRelativePaths } = options;
    const own = { maxToKeep, padStepNumber, saveRelativePaths };
    const { saverDef } = imported.meta;
    const name = imported.scope === '' ? undefined : imported.scope;
    if (saverDef) return { ...imported, saver: new Saver(null, { ...own, saverDef, name }) };
    return { ...imported, saver: globalVariables(name).length > 0 ? new Saver(null, own) : null };
  });
}

/**
 * Adds the graph of a MetaGraph to the default graph, with its variables and collections, and returns the saver that it
 * was saved with: `saver.restore(session, prefix)` then reads the checkpoint beside it. Without a saver in the file, a new
 * one for all variables; null where there are none.
 *
 * NotFoundError, DataLossError or InvalidArgumentError for the file; ValueError for a graph that cannot be imported. The
 * default graph is then as it was. Mirrors tf.compat.v1.train.import_meta_graph.
 */
export function importMetaGraph(
  pathOrProto: string | MetaGraphDef,
  options: ImportWithSaverOptions = {},
): Saver | null {
  return importWithSaver(pathOrProto, options).saver;
}
