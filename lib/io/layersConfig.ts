/**
 * What a tfjs layers model says: layers of Keras, which of them reads which, and their weights. Checked as it is read;
 * errors name the layer. What each kind of layer computes is layersKinds.ts.
 */
import { InvalidArgumentError } from '../../graph/errors';

export type Config = Readonly<Record<string, unknown>>;

/** An output of a call of a layer: which layer, which of its calls, which of its outputs. */
export interface LayerOutput {
  readonly layer: string;
  readonly call: number;
  readonly output: number;
}

export interface LayerConfig {
  readonly name: string;
  readonly className: string;
  readonly config: Config;
  /** For each call, what it reads. */
  readonly calls: readonly (readonly LayerOutput[])[];
  /** For a model within the model. */
  readonly model: ModelConfig | null;
}

export interface ModelConfig {
  readonly layers: readonly LayerConfig[];
  readonly inputs: readonly LayerOutput[];
  readonly outputs: readonly LayerOutput[];
}

export function invalid(where: string, text: string): never {
  throw new InvalidArgumentError(`The tfjs model is not valid: ${where} ${text}.`);
}

export function recordOf(value: unknown, where: string): Config {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Config;
  return invalid(where, 'must be an object');
}

function listOf(value: unknown, where: string): readonly unknown[] {
  return Array.isArray(value) ? value : invalid(where, 'must be a list');
}

/** `[layer, call, output, …]` */
function outputOf(value: unknown, where: string): LayerOutput {
  const [layer, call = 0, output = 0] = listOf(value, where);
  if (typeof layer !== 'string' || !Number.isInteger(call) || !Number.isInteger(output))
    invalid(where, 'must be the name of a layer, the number of its call and the number of its output');
  return { layer: layer as string, call: call as number, output: output as number };
}

/** One output stands there bare, several in a list. */
function outputsOf(value: unknown, where: string): LayerOutput[] {
  const list = listOf(value, where);
  return typeof list[0] === 'string'
    ? [outputOf(list, where)]
    : list.map((each, i) => outputOf(each, `${where}[${i}]`));
}

const models = ['Model', 'Functional', 'Sequential'];

function layerOf(value: unknown, where: string): LayerConfig {
  const { class_name, config, inbound_nodes = [], name } = recordOf(value, where);
  if (typeof class_name !== 'string') invalid(`${where}.class_name`, 'must be a string');
  const fields = Array.isArray(config) ? { layers: config } : recordOf(config, `${where}.config`);
  const ownName = name ?? fields.name;
  if (typeof ownName !== 'string') invalid(`${where}.name`, 'must be a string');
  return {
    name: ownName as string,
    className: class_name as string,
    config: fields,
    calls: listOf(inbound_nodes, `${where}.inbound_nodes`).map((call, i) =>
      outputsOf(call, `${where}.inbound_nodes[${i}]`),
    ),
    model: models.includes(class_name as string) ? modelOf(class_name as string, fields, `${where}.config`) : null,
  };
}

function modelOf(className: string, config: Config, where: string): ModelConfig {
  const layers = listOf(config.layers, `${where}.layers`).map((layer, i) => layerOf(layer, `${where}.layers[${i}]`));
  if (className === 'Sequential') return inSequence(layers, where);
  return {
    layers,
    inputs: outputsOf(config.input_layers, `${where}.input_layers`),
    outputs: outputsOf(config.output_layers, `${where}.output_layers`),
  };
}

/** Layers one after the other; the first one may say itself what it reads. */
function inSequence(layers: readonly LayerConfig[], where: string): ModelConfig {
  if (layers.length === 0) invalid(`${where}.layers`, 'must not be empty');
  const [first] = layers;
  const all = [...layers];
  if (first.className !== 'InputLayer') {
    const shape = first.config.batch_input_shape ?? invalid(`${where}.layers[0]`, 'must say the shape of its input');
    const name = `${first.name}_input`;
    all.unshift({
      name,
      className: 'InputLayer',
      config: { batch_input_shape: shape, dtype: first.config.dtype },
      calls: [],
      model: null,
    });
  }
  const output = (layer: LayerConfig): LayerOutput => ({ layer: layer.name, call: 0, output: 0 });
  const chained = all.map((layer, i) => (i === 0 ? layer : { ...layer, calls: [[output(all[i - 1])]] }));
  return { layers: chained, inputs: [output(chained[0])], outputs: [output(chained[chained.length - 1])] };
}

/** Reads `modelTopology` of a layers model, with or without what Keras wraps around it. */
export function readLayersModel(topology: unknown): ModelConfig {
  const fields = recordOf(topology, 'modelTopology');
  const { class_name, config } = recordOf(fields.model_config ?? fields, 'modelTopology.model_config');
  if (!models.includes(class_name as string))
    invalid('modelTopology.model_config.class_name', `must be one of ${models.join(', ')}`);
  const own = Array.isArray(config) ? { layers: config } : recordOf(config, 'modelTopology.model_config.config');
  return modelOf(class_name as string, own, 'modelTopology.model_config.config');
}
