/**
 * From the messages of graph files to graphs that can be looked at and run: GraphDef, MetaGraphDef, SavedModel.
 */

import { importGraphDef } from '../../../graph/formats/importGraphDef';
import type { GraphDef } from '../../../graph/formats/protos/generated/graph_pb';
import type { MetaGraphDef, SignatureDef } from '../../../graph/formats/protos/generated/meta_graph_pb';
import type { SavedModel } from '../../../graph/formats/protos/generated/saved_model_pb';
import { Graph } from '../../../graph/graph';
import { importScopedMetaGraph } from '../../train/metaGraph/importMetaGraph';
import { UsageError } from '../output';
import type { LoadedGraph, Signature } from './kind';

/** The signature that names what to run before a model is used. */
const INIT_SIGNATURE = '__saved_model_init_op';
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

export function fromMetaGraph(meta: MetaGraphDef): LoadedGraph {
  if (!meta.graphDef) throw new UsageError('the MetaGraphDef has no graph');
  const graph = new Graph();
  graph.asDefault(() => importScopedMetaGraph(meta));
  return { graph, signatures: signaturesOf(meta), meta };
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
