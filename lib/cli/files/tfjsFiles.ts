/**
 * Kinds of files: models that were converted for tfjs, `model.json` with its weight files beside it; graphs, or Keras layers.
 */
import { InvalidArgumentError } from '../../../graph/errors';
import { readTfjsModel, readWeightGroups, type WeightGroup } from '../../../graph/formats/tfjsModel';
import type { NdArray } from '../../../graph/ndarray';
import type { Tensor } from '../../../graph/tensor';
import type { SessionConfig } from '../../../runtime/config';
import { dirname, isPlainName, joinPath } from '../../../runtime/files/paths';
import { readWeightGroup } from '../../../runtime/files/tfjsWeights';
import { Session } from '../../../runtime/session';
import { type GraphModel, graphModelOf } from '../../io/graphModel';
import { readLayersModel } from '../../io/layersConfig';
import { layersModelOf } from '../../io/layersModel';
import { graphReport } from '../graphs';
import { InputFile } from './inputFile';
import { jsonKeys } from './json';
import type { FileKind, LoadedGraph } from './kind';

const MODEL = 'model.json';

/** The file of the model, also of its folder. */
function modelFile(file: InputFile): InputFile | undefined {
  if (file.isDirectory) return file.names.includes(MODEL) ? modelFile(new InputFile(file.within(MODEL))) : undefined;
  return file.isFile && file.path !== '-' && jsonKeys(file)?.has('modelTopology') ? file : undefined;
}

function readWeights(groups: readonly WeightGroup[], folder: string): Map<string, NdArray> {
  const weights = new Map<string, NdArray>();
  for (const group of groups) {
    const parts = group.paths.map((path) => {
      if (!path.split('/').every(isPlainName))
        throw new InvalidArgumentError(`the model names a weight file '${path}', which is not beside it`);
      return new InputFile(joinPath(folder, path)).bytes;
    });
    for (const [name, value] of readWeightGroup(group, parts)) weights.set(name, value);
  }
  return weights;
}

interface ModelJson {
  readonly format?: unknown;
  readonly modelTopology?: { readonly model_config?: unknown };
  readonly weightsManifest?: unknown;
}

function readModel(file: InputFile): GraphModel {
  const json = JSON.parse(file.text) as ModelJson;
  const folder = dirname(file.path);
  if (json.format === 'layers-model' || json.modelTopology?.model_config !== undefined)
    return layersModelOf(
      readLayersModel(json.modelTopology),
      readWeights(readWeightGroups(json.weightsManifest), folder),
    );
  const model = readTfjsModel(json);
  return graphModelOf(model, readWeights(model.groups, folder));
}

const namesOf = (tensors: Readonly<Record<string, Tensor>>) =>
  Object.fromEntries(Object.entries(tensors).map(([key, { name }]) => [key, name]));

function loadModel(given: InputFile): LoadedGraph {
  const { graph, inputs, outputs, initializer } = readModel(modelFile(given) as InputFile);
  const signatures = new Map([['default', { inputs: namesOf(inputs), outputs: namesOf(outputs) }]]);
  if (initializer.length === 0) return { graph, signatures };
  const open = (config: SessionConfig): Session => {
    const session = new Session({ graph, config });
    session.runSync([...initializer]);
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
