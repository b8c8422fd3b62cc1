/**
 * Runs a model here and in tfjs on the same inputs, and compares all of its outputs.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { float32, int32 } from '../../graph/dtypes';
import { NdArray, sizeOf } from '../../graph/ndarray';
import { registeredOps } from '../../graph/registry';
import type { Tensor } from '../../graph/tensor';
import type { GraphModel } from '../../lib/io/graphModel';
import { type TfjsTensor, tfjs } from './cache';

/** Of the outputs of one model: how far they are from those of tfjs, as a part of their largest value. */
export interface Report {
  readonly model: string;
  readonly nodes: number;
  readonly outputs: number;
  readonly difference: number;
  readonly ours: number;
  readonly theirs: number;
}

export interface ModelFiles {
  readonly model: ModelJson;
  readonly weights: ReadonlyMap<string, Uint8Array>;
}

export interface ModelJson {
  readonly modelTopology: {
    readonly node?: readonly NodeJson[];
    readonly library?: { readonly function?: readonly { nodeDef: readonly NodeJson[] }[] };
  };
  readonly weightsManifest: readonly { readonly paths: readonly string[]; readonly weights: readonly object[] }[];
}

interface NodeJson {
  readonly name: string;
  readonly op: string;
}

/** A model.json and the weight files beside it. */
export function readModel(path: string): ModelFiles {
  const model = JSON.parse(readFileSync(path, 'utf8')) as ModelJson;
  const files = model.weightsManifest.flatMap(({ paths }) => paths);
  return { model, weights: new Map(files.map((name) => [name, readFileSync(join(dirname(path), name))])) };
}

/** The nodes of a model, those of its functions too. */
export function nodesOf({ modelTopology: { node = [], library } }: ModelJson): NodeJson[] {
  return [...node, ...(library?.function ?? []).flatMap((func) => func.nodeDef)];
}

/** Ops of tfjs that are written out as others when a model is read. */
const writtenOut = ['_FusedConv2D', '_FusedMatMul', 'FusedDepthwiseConv2dNative', 'Prelu'];

/** The op types of a model that sluice lacks. */
export function opsLacking(model: ModelJson): string[] {
  const types = new Set(nodesOf(model).map(({ op }) => op));
  return [...types].filter((type) => !registeredOps().has(type) && !writtenOut.includes(type));
}

/** How tfjs is given a model: as one that it would load over the network. */
export function handlerFor({ model, weights }: ModelFiles): object {
  const parts = model.weightsManifest.flatMap(({ paths }) => paths.map((path) => weights.get(path)!));
  const bytes = new Uint8Array(Buffer.concat(parts));
  const weightSpecs = model.weightsManifest.flatMap((group) => group.weights);
  return { load: () => Promise.resolve({ ...model, weightSpecs, weightData: bytes.buffer }) };
}

/** Numbers from 0 to 1 like those of a picture or a sound: they change slowly, with a little noise. */
export function likeAPicture(shape: readonly number[]): Float32Array {
  let state = 12345;
  const width = (shape.at(-2) ?? 1) * (shape.at(-1) ?? 1);
  return Float32Array.from({ length: sizeOf(shape) }, (_, i) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    const [y, x] = [Math.floor(i / width), i % width];
    const wave = Math.sin(y * 0.071 + (i % 3)) * Math.cos(x * 0.013) * 0.4 + 0.5;
    return Math.min(1, Math.max(0, wave + (state / 2 ** 32 - 0.5) * 0.1));
  });
}

/** A value for each input: of the known shape, with these sizes where it is open. */
export function inputsFor(
  model: GraphModel,
  shapes: Readonly<Record<string, readonly number[]>> = {},
): Map<Tensor, NdArray> {
  return new Map(
    Object.values(model.inputs).map((tensor) => {
      const shape = shapes[tensor.op.name] ?? tensor.shape.dims?.map((dim, i) => dim ?? [1, 128, 128, 3][i]);
      if (!shape) return expect.fail(`${tensor.name} needs a shape`);
      const values = likeAPicture(shape);
      if (tensor.dtype === float32) return [tensor, new NdArray(float32, shape, values)] as const;
      const whole = Int32Array.from(values, (value) => Math.round(value * 255));
      return [tensor, NdArray.from({ data: whole, shape }, tensor.dtype)] as const;
    }),
  );
}

/** The largest difference of two arrays, as a part of the largest value. */
export function difference(got: NdArray, want: TfjsTensor, name: string): number {
  expect([...got.shape], `shape of ${name}`).to.deep.equal([...want.shape]);
  const values = want.dataSync();
  let [largest, apart] = [1e-6, 0];
  for (let i = 0; i < values.length; i++) {
    const [a, b] = [Number(got.data[i]), Number(values[i])];
    expect(Number.isNaN(a), `NaN in ${name}`).to.equal(Number.isNaN(b));
    largest = Math.max(largest, Math.abs(b) || 0);
    apart = Math.max(apart, Math.abs(a - b) || 0);
  }
  return apart / largest;
}

/** Runs both; the report says how far apart they are. */
export async function compare(
  name: string,
  model: GraphModel,
  files: ModelFiles,
  inputs: ReadonlyMap<Tensor, NdArray>,
): Promise<Report> {
  const tf = await tfjs();
  const outputs = Object.entries(model.outputs);
  const byName = Object.fromEntries(Object.entries(model.inputs).map(([key, tensor]) => [key, inputs.get(tensor)!]));
  const start = performance.now();
  const got = model.predict(byName);
  const middle = performance.now();
  const theirModel = await tf.loadGraphModel(handlerFor(files));
  const feeds = [...inputs].map(([tensor, value]) => {
    const dtype = value.dtype === float32 ? 'float32' : int32.name;
    return [tensor.name, tf.tensor(value.data as Float32Array, value.shape, dtype)] as const;
  });
  const loaded = performance.now();
  const names = outputs.map(([, tensor]) => tensor.name);
  const results = await theirModel.executeAsync(Object.fromEntries(feeds), names);
  const end = performance.now();
  const want = Array.isArray(results) ? results : [results];
  const differences = outputs.map(([key], i) => difference(got[key], want[i], key));
  theirModel.dispose();
  return {
    model: name,
    nodes: model.graph.operations.length,
    outputs: outputs.length,
    difference: Math.max(...differences),
    ours: middle - start,
    theirs: end - loaded,
  };
}

/** Prints the reports as a table when all specs of a file have run. */
export function printReports(title: string, reports: readonly Report[]): void {
  const lines = reports.map(
    ({ model, nodes, outputs, difference: apart, ours, theirs }) =>
      `${model.padEnd(28)} ${String(nodes).padStart(5)} ${String(outputs).padStart(7)}   ${apart.toExponential(1)} ${(ours / 1000).toFixed(2).padStart(8)} s ${(theirs / 1000).toFixed(2).padStart(8)} s`,
  );
  console.log(`\n${title}: nodes, outputs, largest difference of the largest value, time here, time in tfjs`);
  console.log(lines.join('\n'));
}
