/**
 * Kinds of files: models that were converted for tfjs, `model.json` with its weight files beside it.
 */
import { InvalidArgumentError } from '../../../graph/errors';
import { importInto } from '../../../graph/formats/importGraphDef';
import { graphDefFromTfjs } from '../../../graph/formats/tfjsGraph';
import { readTfjsModel, type TfjsModel } from '../../../graph/formats/tfjsModel';
import { Graph } from '../../../graph/graph';
import type { NdArray } from '../../../graph/ndarray';
import type { SessionConfig } from '../../../runtime/config';
import { dirname, isPlainName, joinPath } from '../../../runtime/files/paths';
import { readWeightGroup } from '../../../runtime/files/tfjsWeights';
import { Session } from '../../../runtime/session';
import { graphReport } from '../graphs';
import { signatureOf } from './graphDefs';
import { InputFile } from './inputFile';
import { jsonKeys } from './json';
import type { FileKind, LoadedGraph } from './kind';

const MODEL = 'model.json';

/** The file of the model, also of its folder. */
function modelFile(file: InputFile): InputFile | undefined {
  if (file.isDirectory) return file.names.includes(MODEL) ? modelFile(new InputFile(file.within(MODEL))) : undefined;
  return file.isFile && file.path !== '-' && jsonKeys(file)?.has('modelTopology') ? file : undefined;
}

function readWeights(model: TfjsModel, folder: string): Map<string, NdArray> {
  const weights = new Map<string, NdArray>();
  for (const group of model.groups) {
    const parts = group.paths.map((path) => {
      if (!path.split('/').every(isPlainName))
        throw new InvalidArgumentError(`the model names a weight file '${path}', which is not beside it`);
      return new InputFile(joinPath(folder, path)).bytes;
    });
    for (const [name, value] of readWeightGroup(group, parts)) weights.set(name, value);
  }
  return weights;
}

function loadModel(given: InputFile): LoadedGraph {
  const file = modelFile(given) as InputFile;
  const model = readTfjsModel(JSON.parse(file.text));
  const weights = readWeights(model, dirname(file.path));
  const graph = new Graph();
  graph.asDefault(() => importInto(graph, graphDefFromTfjs(model.graph, weights), { name: '' }));
  const signatures = new Map(model.signature ? [['default', signatureOf(model.signature)] as const] : []);
  if (!model.initializer) return { graph, signatures };
  const def = graphDefFromTfjs(model.initializer, weights);
  const before = graph.operations.length;
  graph.asDefault(() => importInto(graph, def, { name: 'initializer' }));
  const ops = graph.operations
    .slice(before)
    .filter(({ type, outputs }) => type !== 'Const' && outputs.every((output) => output.consumers().length === 0));
  const open = (config: SessionConfig): Session => {
    const session = new Session({ graph, config });
    if (ops.length > 0) session.runSync([...ops]);
    return session;
  };
  return { graph, signatures, open };
}

export const tfjsKind: FileKind = {
  name: 'tfjs',
  about: 'a model for tfjs',
  matches: (file) => modelFile(file) !== undefined,
  overview: (file) => graphReport('tfjs', [loadModel(file)]),
  graph: loadModel,
};
