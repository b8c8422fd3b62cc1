/**
 * `tf.io.loadLayersModel`: Keras models that were converted for tfjs layer by layer, as graphs of ours, with their weights as
 * constants. They compute what the layers compute when they are not trained.
 */
import { asDType, type DTypeName } from '../../graph/dtypes';
import { InvalidArgumentError } from '../../graph/errors';
import { readWeightGroups } from '../../graph/formats/tfjsModel';
import { Graph } from '../../graph/graph';
import type { NdArray } from '../../graph/ndarray';
import { constant, placeholder } from '../../graph/ops/source';
import { didYouMean } from '../../graph/suggest';
import type { Tensor } from '../../graph/tensor';
import { readWeightGroup } from '../../runtime/files/tfjsWeights';
import { GraphModel, type GraphModelFiles, type GraphModelOptions } from './graphModel';
import { readModelFiles, type UrlLike } from './graphModelFiles';
import {
  invalid,
  type LayerConfig,
  type LayerOutput,
  type ModelConfig,
  readLayersModel,
  recordOf,
} from './layersConfig';
import { type Layer, layerKinds } from './layersKinds';

/** The weights of the file, each of which some layer must take. */
class Weights {
  readonly #taken = new Map<string, Tensor>();

  constructor(readonly values: ReadonlyMap<string, NdArray>) {}

  take(layer: string, name: string): Tensor {
    const key = `${layer}/${name}`;
    const known = this.#taken.get(key);
    if (known) return known;
    const value = this.values.get(key);
    if (!value)
      throw new InvalidArgumentError(`The model has no weight '${key}'.${didYouMean(key, [...this.values.keys()])}`);
    const tensor = constant(value, { name });
    this.#taken.set(key, tensor);
    return tensor;
  }

  checkAllTaken(): void {
    const left = [...this.values.keys()].filter((name) => !this.#taken.has(name));
    if (left.length === 0) return;
    throw new InvalidArgumentError(
      `No layer takes these weights of the model: ${left.slice(0, 5).join(', ')}${left.length > 5 ? ', …' : ''}.`,
    );
  }
}

const keyOf = ({ layer, call }: LayerOutput) => `${layer} ${call}`;

class Builder {
  readonly #results = new Map<string, readonly Tensor[]>();

  constructor(
    readonly model: ModelConfig,
    readonly graph: Graph,
    readonly weights: Weights,
  ) {}

  /** Builds all layers, each when what it reads is there, given the inputs of a model within another. */
  build(given: readonly Tensor[] | null): Tensor[] {
    if (given) this.model.inputs.forEach((input, i) => this.#results.set(keyOf(input), [given[i]]));
    const waiting = this.model.layers.flatMap((layer) =>
      layer.className === 'InputLayer'
        ? this.#addInput(layer)
        : layer.calls.map((reads, call) => ({ layer, reads, call })),
    );
    for (let left = waiting; left.length > 0; ) {
      const later = left.filter(({ layer, reads, call }) => !this.#add(layer, reads, call));
      if (later.length === left.length) {
        const [{ layer, reads }] = later;
        invalid(
          `layer '${layer.name}'`,
          `reads ${reads.map((read) => `'${read.layer}'`).join(', ')}, which is not there`,
        );
      }
      left = later;
    }
    return this.model.outputs.map((output) => this.find(output) ?? invalid('output_layers', `names '${output.layer}'`));
  }

  #addInput({ name, config }: LayerConfig): [] {
    if (this.#results.has(`${name} 0`)) return [];
    const shape = config.batch_input_shape ?? config.batch_shape;
    if (!Array.isArray(shape)) invalid(`layer '${name}'`, 'must have a batch_input_shape');
    const dtype = asDType((config.dtype ?? 'float32') as DTypeName);
    this.#results.set(`${name} 0`, [placeholder(dtype, shape as (number | null)[], { name })]);
    return [];
  }

  find(output: LayerOutput): Tensor | undefined {
    return this.#results.get(keyOf(output))?.[output.output];
  }

  /** Whether the layer could be built. */
  #add(config: LayerConfig, reads: readonly LayerOutput[], call: number): boolean {
    const inputs = reads.map((read) => this.find(read));
    if (inputs.includes(undefined)) return false;
    const key = `${config.name} ${call}`;
    this.graph.nameScope(config.name, () => {
      this.#results.set(key, this.#compute(config, inputs as Tensor[]));
    });
    return true;
  }

  #compute(config: LayerConfig, inputs: readonly Tensor[]): readonly Tensor[] {
    if (config.model) return new Builder(config.model, this.graph, this.weights).build(inputs);
    const kind = Object.hasOwn(layerKinds, config.className) ? layerKinds[config.className] : null;
    if (!kind)
      throw new InvalidArgumentError(
        `Layer '${config.name}' is a ${config.className}, which is not known.${didYouMean(config.className, Object.keys(layerKinds))} Known: ${Object.keys(layerKinds).join(', ')}.`,
      );
    const layer: Layer = {
      name: config.name,
      className: config.className,
      config: config.config,
      weight: (name) => this.weights.take(config.name, name),
    };
    return [kind(inputs, layer)];
  }
}

/**
 * Loads a Keras model that was converted for tfjs as layers: `model.json` and the weight files that it names. Its inputs and
 * outputs have the names of their layers.
 *
 * @param source the path or URL of model.json, whose weight files lie beside it; or the files themselves.
 *
 * InvalidArgumentError for a model that is not valid or has a layer that is not known, DataLossError for weight files that
 * are too short or too long. Mirrors tf.loadLayersModel of tfjs, for models that are not trained further.
 */
export async function loadLayersModel(
  source: string | UrlLike | GraphModelFiles,
  options: GraphModelOptions = {},
): Promise<GraphModel> {
  const files = await readModelFiles(source, options.fileSystem);
  const json = recordOf(files.json, 'the model');
  const model = readLayersModel(json.modelTopology);
  const values = new Map<string, NdArray>();
  for (const group of readWeightGroups(json.weightsManifest)) {
    const parts: Uint8Array[] = [];
    for (const path of group.paths) parts.push(await files.read(path));
    for (const [name, value] of readWeightGroup(group, parts)) values.set(name, value);
  }
  return layersModelOf(model, values, options);
}

/** The model whose configuration and weights were read. */
export function layersModelOf(
  model: ModelConfig,
  values: ReadonlyMap<string, NdArray>,
  options: GraphModelOptions = {},
): GraphModel {
  const graph = options.graph ?? new Graph();
  const weights = new Weights(values);
  return graph.asDefault(() =>
    graph.transaction(() => {
      const builder = new Builder(model, graph, weights);
      const build = () => builder.build(null);
      const outputs = options.name ? graph.nameScope(options.name, build) : build();
      weights.checkAllTaken();
      const named = (list: readonly LayerOutput[], tensors: readonly Tensor[]) =>
        Object.fromEntries(
          list.map(({ layer, output }, i) => [output === 0 ? layer : `${layer}:${output}`, tensors[i]]),
        );
      const inputs = model.inputs.map((input) => builder.find(input)!);
      return new GraphModel(graph, named(model.inputs, inputs), named(model.outputs, outputs), null, {}, []);
    }),
  );
}
