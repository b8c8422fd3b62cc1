/**
 * The forms that `convert` and its like write, by the ending of the name: graphs, and files of arrays.
 */
import { encodeMessage } from '../../graph/formats/codec';
import { graphToProto } from '../../graph/formats/exportGraphDef';
import { MetaGraphDefSchema } from '../../graph/formats/protos/generated/meta_graph_pb';
import type { NdArray } from '../../graph/ndarray';
import { BundleWriter } from '../../runtime/files/bundle/bundleWriter';
import type { FileSystem } from '../../runtime/files/fileSystem';
import { nodeFileSystem } from '../../runtime/files/nodeFileSystem';
import { encodeNpy } from '../../runtime/files/npy';
import { encodeNpz } from '../../runtime/files/npz';
import { saveSafetensors } from '../../runtime/files/safetensors';
import type { Session } from '../../runtime/session';
import { toJSON } from '../inspect/json';
import { serializeGraphDef } from '../io/graphDef';
import { Builder } from '../savedModel/builder';
import { predictSignatureDef } from '../savedModel/signatures';
import { exportMetaGraph } from '../train/metaGraph/exportMetaGraph';
import { arrayJson } from './arrays';
import type { LoadedGraph, NamedArrays, Signature } from './files/kind';
import { type Context, FileError, toJson, UsageError, writeFile } from './output';

/** What is written: a graph, and where its form holds values a session that has them. */
export interface GraphToWrite extends LoadedGraph {
  readonly session: () => Session;
}

interface GraphForm {
  readonly about: string;
  readonly write: (path: string, given: GraphToWrite) => void;
  /** What of this graph has no place in it. */
  readonly lost: (given: LoadedGraph) => readonly string[];
}

const hasVariables = ({ graph }: LoadedGraph): boolean =>
  graph.operations.some(({ type }) => /^(VarHandleOp|VariableV2|Variable)$/.test(type));

const signaturesLost = ({ signatures }: LoadedGraph) =>
  Array.from(signatures?.keys() ?? [], (name) => `signature ${name}`);
const valuesLost = (given: LoadedGraph) =>
  given.open && hasVariables(given) ? ['values of variables (sluice freeze keeps them)'] : [];
const collectionsLost = ({ graph }: LoadedGraph) => graph.getAllCollectionKeys().map((key) => `collection ${key}`);

/** With the saver and the signatures of the MetaGraph that it came in. */
function writeMetaGraph(path: string, { graph, meta }: LoadedGraph): void {
  const written = exportMetaGraph({ graph, saverDef: meta?.saverDef });
  Object.assign(written.signatureDef, meta?.signatureDef);
  writeFile(path, encodeMessage(MetaGraphDefSchema, written, 'binary'));
}

/** The signature of a model for tfjs has no name there. */
const servedName = (name: string): string => (name === 'default' ? 'serving_default' : name);

function writeSavedModel(path: string, given: GraphToWrite): void {
  const session = given.session();
  const { graph } = session;
  if (hasVariables(given) && graph.getCollection('variables').length === 0)
    throw new UsageError(
      'which variables to save is told by a MetaGraph or a SavedModel; freeze the graph, or convert one of those',
    );
  const named = (names: Signature['inputs']) =>
    Object.fromEntries(Object.entries(names).map(([key, name]) => [key, graph.getTensorByName(name)]));
  const signatures = Array.from(given.signatures ?? [], ([name, { inputs, outputs }]) => [
    servedName(name),
    predictSignatureDef(named(inputs), named(outputs)),
  ]);
  const builder = new Builder(path, { fileSystem: session.fileSystem });
  builder.addMetaGraphAndVariables(session, ['serve'], { signatureDefMap: Object.fromEntries(signatures) });
  builder.save();
}

const graphForms: Readonly<Record<string, GraphForm>> = {
  json: {
    about: 'our JSON',
    write: (path, { graph }) => writeFile(path, toJSON(graph)),
    lost: (given) => [...signaturesLost(given), ...valuesLost(given)],
  },
  pb: {
    about: 'a GraphDef',
    write: (path, { graph }) => writeFile(path, serializeGraphDef(graphToProto(graph), 'binary')),
    lost: (given) => [...collectionsLost(given), ...signaturesLost(given), ...valuesLost(given)],
  },
  pbtxt: {
    about: 'a GraphDef as text',
    write: (path, { graph }) => writeFile(path, serializeGraphDef(graphToProto(graph), 'text')),
    lost: (given) => [...collectionsLost(given), ...signaturesLost(given), ...valuesLost(given)],
  },
  meta: {
    about: 'a MetaGraphDef',
    write: writeMetaGraph,
    lost: (given) => [...(given.meta ? [] : signaturesLost(given)), ...valuesLost(given)],
  },
  savedmodel: { about: 'a SavedModel', write: writeSavedModel, lost: () => [] },
};

function readAll(arrays: NamedArrays): Record<string, NdArray> {
  return Object.fromEntries(arrays.names.map((name) => [name, arrays.read(name)]));
}

function writeCheckpoint(prefix: string, arrays: NamedArrays): void {
  try {
    const writer = new BundleWriter(nodeFileSystem() as FileSystem, prefix);
    try {
      for (const name of arrays.names) writer.add(name, arrays.read(name));
    } catch (error) {
      writer.abandon();
      throw error;
    }
    writer.finish();
  } catch (error) {
    throw new FileError(`cannot write ${prefix}: ${(error as Error).message}`);
  }
}

function writeSafetensors(path: string, arrays: NamedArrays): void {
  try {
    saveSafetensors(path, readAll(arrays), { fileSystem: nodeFileSystem() });
  } catch (error) {
    throw new FileError(`cannot write ${path}: ${(error as Error).message}`);
  }
}

const arrayForms: Readonly<Record<string, (path: string, arrays: NamedArrays) => void>> = {
  npy: (path, arrays) => {
    const [name, ...others] = arrays.names;
    if (name === undefined || others.length > 0)
      throw new UsageError(`${arrays.names.length} arrays need an archive: name a .npz`);
    writeFile(path, encodeNpy(arrays.read(name)));
  },
  safetensors: writeSafetensors,
  npz: (path, arrays) => writeFile(path, encodeNpz(readAll(arrays))),
  json: (path, arrays) => {
    const values = Object.entries(readAll(arrays)).map(([name, value]) => [name, arrayJson(value)]);
    writeFile(path, `${toJson(Object.fromEntries(values))}\n`);
  },
  ckpt: writeCheckpoint,
};

/** What `--to` takes. */
export const formNames = [...new Set([...Object.keys(graphForms), ...Object.keys(arrayForms)])].join(', ');

/** The form that a name ends in. */
function formOf<Form>(forms: Readonly<Record<string, Form>>, path: string, to: string | undefined, what: string): Form {
  const ending = to ?? /\.([^./\\]+)$/.exec(path)?.[1] ?? '';
  if (Object.hasOwn(forms, ending)) return forms[ending];
  const names = Object.keys(forms).map((name) => `.${name}`);
  throw new UsageError(`${what} are written as ${names.join(', ')}; '${path}' is none of them (--to says which)`);
}

/** Writes a graph in the form that the path ends in, and tells what is lost. */
export function writeGraphFile({ output }: Context, given: GraphToWrite, path: string, to?: string): void {
  const form = formOf(graphForms, path, to, 'graphs');
  form.write(path, given);
  for (const lost of form.lost(given)) output.writeError(`sluice: ${form.about} has no place for: ${lost}\n`);
}

/** Writes arrays in the form that the path ends in. */
export function writeArrays(arrays: NamedArrays, path: string, to?: string): void {
  formOf(arrayForms, path, to, 'arrays')(path, arrays);
}
