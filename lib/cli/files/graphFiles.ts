/**
 * Kinds of files: graphs. Ours as JSON; TensorFlow's GraphDef, MetaGraphDef and SavedModel, each as bytes, text or JSON.
 */
import { type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { decodeMessage, formatOf } from '../../../graph/formats/codec';
import { GraphDefSchema } from '../../../graph/formats/protos/generated/graph_pb';
import { MetaGraphDefSchema } from '../../../graph/formats/protos/generated/meta_graph_pb';
import { SavedModelSchema } from '../../../graph/formats/protos/generated/saved_model_pb';
import { Graph } from '../../../graph/graph';
import { FORMAT } from '../../../graph/stateJson';
import type { SessionConfig } from '../../../runtime/config';
import { Session } from '../../../runtime/session';
import { fromJSON } from '../../inspect/json';
import type { Report } from '../../inspect/report';
import { readSavedModel } from '../../savedModel/files';
import { load } from '../../savedModel/load';
import { type GraphInfo, graphReport } from '../graphs';
import { chooseMetaGraph, fromGraphDef, fromMetaGraph, tagsOf } from './graphDefs';
import { InputFile } from './inputFile';
import { jsonKeys } from './json';
import type { FileKind, LoadedGraph } from './kind';

const MODEL_FILES = ['saved_model.pb', 'saved_model.pbtxt'];

/** The fields that messages begin with in text, and that their JSON has. */
const fields = {
  GraphDef: { text: ['node', 'versions', 'library'], json: ['node'] },
  MetaGraphDef: { text: ['meta_info_def', 'graph_def'], json: ['metaInfoDef', 'graphDef'] },
  SavedModel: { text: ['saved_model_schema_version', 'meta_graphs'], json: ['metaGraphs'] },
} as const;
type MessageName = keyof typeof fields;

/** Which message bytes are, by their first fields. */
function binaryMessage(head: Uint8Array): MessageName | undefined {
  const [first] = head;
  if (first === 0x08) return 'SavedModel';
  if (first === 0x0a) {
    // A node starts with its name and its type, which is a word; what a MetaGraphDef starts with does not.
    let at = 1;
    const varint = () => {
      let value = 0;
      for (let shift = 0; at < head.length; shift += 7) {
        const byte = head[at++];
        value += (byte & 127) * 2 ** shift;
        if (byte < 128) break;
      }
      return value;
    };
    varint();
    if (head[at++] !== 0x0a) return 'MetaGraphDef';
    const nameLength = varint();
    at += nameLength;
    if (head[at++] !== 0x12) return 'MetaGraphDef';
    const length = varint();
    const word = new TextDecoder('latin1').decode(head.subarray(at, at + length));
    return /^[A-Za-z_>]\w*$/.test(word) ? 'GraphDef' : 'MetaGraphDef';
  }
  return first === 0x22 || first === 0x12 ? 'GraphDef' : undefined;
}

function messageOf(file: InputFile): MessageName | undefined {
  if (!file.isFile || file.head.length === 0) return undefined;
  const form = formatOf(file.head);
  if (form === 'binary') return binaryMessage(file.head);
  const names = Object.keys(fields) as MessageName[];
  if (form === 'json') {
    const keys = jsonKeys(file);
    return keys && names.find((name) => fields[name].json.some((key) => keys.has(key)));
  }
  const [, word] = /^(?:\s|#[^\n]*(?:\n|$))*(\w+)/.exec(new TextDecoder('latin1').decode(file.head)) ?? [];
  return names.find((name) => (fields[name].text as readonly string[]).includes(word));
}

const decode = <Desc extends DescMessage>(schema: Desc, file: InputFile): MessageShape<Desc> =>
  decodeMessage(schema, file.bytes, { source: file.path });

function modelFile(folder: InputFile): InputFile | undefined {
  const name = MODEL_FILES.find((each) => folder.names.includes(each));
  return name === undefined ? undefined : new InputFile(folder.within(name));
}

function loadModel(folder: InputFile): LoadedGraph {
  const meta = chooseMetaGraph(readSavedModel(folder.fileSystem, folder.path), folder.part);
  const open = (config: SessionConfig): Session => {
    const session = new Session({ graph: new Graph(), config });
    load(session, meta.metaInfoDef?.tags ?? [], folder.path);
    return session;
  };
  return { ...fromMetaGraph(meta), open };
}

const single =
  (name: string, load: (file: InputFile) => LoadedGraph) =>
  (file: InputFile): Report<GraphInfo> =>
    graphReport(name, [{ ...load(file) }]);

const loadOwn = (file: InputFile): LoadedGraph => ({ graph: fromJSON(file.text) });
const loadGraphDef = (file: InputFile) => fromGraphDef(decode(GraphDefSchema, file));
const loadMetaGraph = (file: InputFile) => fromMetaGraph(decode(MetaGraphDefSchema, file));
const loadModelFile = (file: InputFile) => fromMetaGraph(chooseMetaGraph(decode(SavedModelSchema, file), file.part));

function modelReport(file: InputFile): Report<GraphInfo> {
  const model = decode(SavedModelSchema, file);
  const graphs = model.metaGraphs.map((meta) => ({ ...fromMetaGraph(meta), tags: tagsOf(meta) }));
  return graphReport('SavedModel', graphs);
}

export const graphKinds: readonly FileKind[] = [
  {
    name: 'sluice',
    about: 'a graph as JSON',
    matches: (file) => file.isFile && jsonKeys(file)?.has('nodes') === true && file.text.includes(FORMAT),
    overview: single('sluice', loadOwn),
    graph: loadOwn,
  },
  {
    name: 'GraphDef',
    about: 'a GraphDef',
    matches: (file) => messageOf(file) === 'GraphDef',
    overview: single('GraphDef', loadGraphDef),
    graph: loadGraphDef,
  },
  {
    name: 'MetaGraphDef',
    about: 'a MetaGraphDef',
    matches: (file) => messageOf(file) === 'MetaGraphDef',
    overview: single('MetaGraphDef', loadMetaGraph),
    graph: loadMetaGraph,
  },
  {
    name: 'SavedModel',
    about: 'a SavedModel',
    matches: (file) => modelFile(file) !== undefined,
    overview: (file) => modelReport(modelFile(file) as InputFile),
    graph: loadModel,
  },
  {
    name: 'SavedModel file',
    about: 'the graph of a SavedModel, without its variables',
    matches: (file) => messageOf(file) === 'SavedModel',
    overview: modelReport,
    graph: loadModelFile,
  },
  {
    // What claims to be JSON is told what is wrong with it.
    name: 'JSON',
    about: 'JSON',
    matches: (file) => file.path === '-' || (file.isFile && file.path.endsWith('.json')),
    overview: single('sluice', loadOwn),
    graph: loadOwn,
  },
];
