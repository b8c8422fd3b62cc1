/**
 * From the messages of graph files to graphs that can be looked at and run: GraphDef, MetaGraphDef, SavedModel.
 */

import { importGraphDef } from '../../../graph/formats/importGraphDef';
import type { GraphDef } from '../../../graph/formats/protos/generated/graph_pb';
import type { MetaGraphDef, SignatureDef } from '../../../graph/formats/protos/generated/meta_graph_pb';
import type { SavedModel } from '../../../graph/formats/protos/generated/saved_model_pb';
import { Graph } from '../../../graph/graph';
import type { Session } from '../../../runtime/session';
import { importScopedMetaGraph } from '../../train/metaGraph/importMetaGraph';
import { UsageError } from '../output';
import type { LoadedGraph, Signature } from './kind';

/** The signature that names what to run before a model is used. */
const INIT_SIGNATURE = '__saved_model_init_op';
const INIT_COLLECTIONS = ['saved_model_main_op', 'legacy_init_op'];
const SERVING = 'serve';

export function fromGraphDef(def: GraphDef): LoadedGraph {
  const graph = new Graph();
  graph.asDefault(() => importGraphDef(def, { name: '' }));
  return { graph };
}

export function signatureOf({ inputs, outputs }: SignatureDef): Signature {
  const names = (infos: SignatureDef['inputs']) =>
    Object.fromEntries(
      Object.entries(infos).flatMap(([key, { encoding }]) => (encoding.case === 'name' ? [[key, encoding.value]] : [])),
    );
  return { inputs: names(inputs), outputs: names(outputs) };
}

function signaturesOf(meta: MetaGraphDef): Map<string, Signature> {
  const entries = Object.entries(meta.signatureDef).filter(([name]) => name !== INIT_SIGNATURE);
  return new Map(entries.map(([name, def]) => [name, signatureOf(def)]));
}

/** The operations that prepare a restored model: tables, mostly. */
function initOps(meta: MetaGraphDef): string[] {
  const [signed] = Object.values(meta.signatureDef[INIT_SIGNATURE]?.outputs ?? {});
  if (signed?.encoding.case === 'name') return [signed.encoding.value.replace(/:\d+$/, '')];
  for (const key of INIT_COLLECTIONS) {
    const kind = meta.collectionDef[key]?.kind;
    if (kind?.case === 'nodeList' && kind.value.value.length > 0) return kind.value.value.slice(0, 1);
  }
  return [];
}

/** Restores variables as the file's own saver does, and runs what it wants run. */
function restorer(meta: MetaGraphDef, prefix: string, assets: string): ((session: Session) => void) | undefined {
  const { saverDef } = meta;
  const ops = initOps(meta);
  if (!saverDef && ops.length === 0) return undefined;
  return (session) => {
    if (saverDef && saverDef.restoreOpName !== '')
      session.runSync(saverDef.restoreOpName, { feed: { [saverDef.filenameTensorName]: prefix } });
    const feed = Object.fromEntries(
      meta.assetFileDef.flatMap(({ tensorInfo, filename }) =>
        tensorInfo?.encoding.case === 'name' ? [[tensorInfo.encoding.value, `${assets}/${filename}`]] : [],
      ),
    );
    for (const op of ops) session.runSync(op, { feed });
  };
}

/** Where a model keeps what its graph does not hold. */
export interface ModelFiles {
  readonly variables: string;
  readonly assets: string;
}

export function fromMetaGraph(meta: MetaGraphDef, files?: ModelFiles): LoadedGraph {
  if (!meta.graphDef) throw new UsageError('the MetaGraphDef has no graph');
  const graph = new Graph();
  graph.asDefault(() => importScopedMetaGraph(meta));
  const restore = files && restorer(meta, files.variables, files.assets);
  return { graph, signatures: signaturesOf(meta), ...(restore && { restore }) };
}

export const tagsOf = (meta: MetaGraphDef): string => (meta.metaInfoDef?.tags ?? []).join(',');

/** The graph of a model with these tags; without any, the only one, or the one for serving. */
export function chooseMetaGraph({ metaGraphs }: SavedModel, tags: string | undefined): MetaGraphDef {
  const all = metaGraphs.map(tagsOf);
  const wanted = tags ?? (metaGraphs.length === 1 ? all[0] : SERVING);
  const found = metaGraphs[all.indexOf(wanted)];
  if (found) return found;
  throw new UsageError(`no graph with the tags '${wanted}'; there are ${all.map((each) => `#${each}`).join(', ')}`);
}
