/**
 * What a tfjs model.json says, checked: its graph, its signature, and which weights lie where in its files.
 *
 * JSON from strangers: everything is looked at before it is used, and errors name the path within the JSON. The values of
 * the weights are runtime/files/tfjsWeights.ts; the graph becomes a GraphDef in tfjsGraph.ts.
 */
import { fromJson, type JsonValue } from '@bufbuild/protobuf';
import { type DType, findDType } from '../dtypes';
import { InvalidArgumentError } from '../errors';
import { type GraphDef, GraphDefSchema } from './protos/generated/graph_pb';
import { type SignatureDef, SignatureDefSchema } from './protos/generated/meta_graph_pb';

/** How the numbers of a weight are stored, where it is not as they are. */
export interface Quantization {
  readonly dtype: 'uint8' | 'uint16' | 'float16';
  /** value = stored · scale + min; not for float16. */
  readonly scale: number;
  readonly min: number;
}

/** One weight: its values follow those of the weight before it. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly quantization: Quantization | null;
}

/** Weights whose values lie in these files, one after the other. */
export interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly WeightSpec[];
}

export interface TfjsModel {
  readonly graph: GraphDef;
  /** What must run once before anything else: it fills tables. */
  readonly initializer: GraphDef | null;
  readonly signature: SignatureDef | null;
  readonly groups: readonly WeightGroup[];
  /** What the model's author noted. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The remaining notes: who made and converted it. */
  readonly generatedBy: string | null;
  readonly convertedBy: string | null;
}

type Fields = Readonly<Record<string, unknown>>;

function fail(path: string, wanted: string): never {
  throw new InvalidArgumentError(`The tfjs model is not valid: ${path} must be ${wanted}.`);
}

function fieldsOf(value: unknown, path: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  return fail(path, 'an object');
}

function listOf(value: unknown, path: string): readonly unknown[] {
  return Array.isArray(value) ? value : fail(path, 'a list');
}

function textOf(value: unknown, path: string): string {
  return typeof value === 'string' ? value : fail(path, 'a string');
}

function numberOf(value: unknown, path: string): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fail(path, 'a number');
}

/** More elements than any machine holds: a shape that claims them is damaged. */
const MOST_ELEMENTS = 2 ** 40;

function shapeOf(value: unknown, path: string): number[] {
  const shape = listOf(value, path).map((dim, i) => {
    const isSize = typeof dim === 'number' && Number.isInteger(dim) && dim >= 0;
    return isSize ? dim : fail(`${path}[${i}]`, 'a whole number from 0 on');
  });
  if (shape.reduce((size, dim) => size * dim, 1) > MOST_ELEMENTS) fail(path, 'a shape of fewer elements');
  return shape;
}

const weightTypes = ['float32', 'int32', 'bool', 'string', 'complex64', 'float16'];

function weightOf(value: unknown, path: string): WeightSpec {
  const fields = fieldsOf(value, path);
  const typeName = textOf(fields.dtype, `${path}.dtype`);
  const dtype = weightTypes.includes(typeName) ? findDType(typeName) : undefined;
  return {
    name: textOf(fields.name, `${path}.name`),
    shape: shapeOf(fields.shape, `${path}.shape`),
    dtype: dtype ?? fail(`${path}.dtype`, `one of ${weightTypes.join(', ')}`),
    quantization:
      fields.quantization === undefined ? null : quantizationOf(fields.quantization, typeName, `${path}.quantization`),
  };
}

function quantizationOf(value: unknown, original: string, path: string): Quantization {
  const { dtype, scale = 1, min = 0 } = fieldsOf(value, path);
  if (original !== 'float32' && original !== 'int32') fail(path, 'absent for a weight that is no float32 or int32');
  if (dtype === 'float16') {
    if (original !== 'float32') fail(`${path}.dtype`, 'uint8 or uint16 for a weight that is no float32');
    return { dtype, scale: 1, min: 0 };
  }
  if (dtype !== 'uint8' && dtype !== 'uint16') return fail(`${path}.dtype`, 'uint8, uint16 or float16');
  return { dtype, scale: numberOf(scale, `${path}.scale`), min: numberOf(min, `${path}.min`) };
}

function groupOf(value: unknown, path: string): WeightGroup {
  const fields = fieldsOf(value, path);
  return {
    paths: listOf(fields.paths, `${path}.paths`).map((each, i) => textOf(each, `${path}.paths[${i}]`)),
    weights: listOf(fields.weights, `${path}.weights`).map((each, i) => weightOf(each, `${path}.weights[${i}]`)),
  };
}

/** The weights of a model, by the files that hold them. InvalidArgumentError for a list that is not valid. */
export function readWeightGroups(manifest: unknown): WeightGroup[] {
  return listOf(manifest ?? [], 'weightsManifest').map((each, i) => groupOf(each, `weightsManifest[${i}]`));
}

/** tfjs writes protos as JSON, with what it adds of its own beside them. */
function graphOf(value: unknown, path: string): GraphDef {
  try {
    return fromJson(GraphDefSchema, value as JsonValue, { ignoreUnknownFields: true });
  } catch (error) {
    throw new InvalidArgumentError(`The tfjs model is not valid: ${path} is no GraphDef: ${(error as Error).message}`);
  }
}

function signatureOf(value: unknown, path: string): SignatureDef {
  try {
    return fromJson(SignatureDefSchema, value as JsonValue, { ignoreUnknownFields: true });
  } catch (error) {
    throw new InvalidArgumentError(
      `The tfjs model is not valid: ${path} is no SignatureDef: ${(error as Error).message}`,
    );
  }
}

const isFilled = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0;

/** Reads the JSON of a graph model. InvalidArgumentError names what in it cannot be read. */
export function readTfjsModel(json: unknown): TfjsModel {
  const fields = fieldsOf(json, 'the model');
  const topology = fields.modelTopology;
  if (fields.format === 'layers-model' || (topology as Fields | undefined)?.model_config !== undefined) {
    throw new InvalidArgumentError(
      'This is a tfjs layers model: it describes Keras layers, not a graph. Load it with tf.io.loadLayersModel.',
    );
  }
  if (fields.format !== undefined && fields.format !== 'graph-model') fail('format', 'graph-model');
  if (!isFilled(topology)) fail('modelTopology', 'the graph');
  const metadata = isFilled(fields.userDefinedMetadata) ? fieldsOf(fields.userDefinedMetadata, 'metadata') : {};
  const signature = isFilled(fields.signature) ? fields.signature : metadata.signature;
  return {
    graph: graphOf(topology, 'modelTopology'),
    initializer: isFilled(fields.modelInitializer) ? graphOf(fields.modelInitializer, 'modelInitializer') : null,
    signature: isFilled(signature) ? signatureOf(signature, 'signature') : null,
    groups: readWeightGroups(fields.weightsManifest),
    metadata,
    generatedBy: typeof fields.generatedBy === 'string' ? fields.generatedBy : null,
    convertedBy: typeof fields.convertedBy === 'string' ? fields.convertedBy : null,
  };
}
