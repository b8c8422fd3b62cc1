/**
 * Models that were published as Keras layers: those of `nsfwjs` and `@upscalerjs/default-model`; and nsfwjs's model that was
 * published as a graph.
 */
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'chai';
import * as tf from '../../lib/index';
import type { GraphModel } from '../../lib/io/graphModel';
import { modelFile, modelModule, tfjs } from './cache';
import {
  compare,
  difference,
  handlerFor,
  inputsFor,
  type ModelFiles,
  type ModelJson,
  printReports,
  type Report,
  readModel,
} from './compare';

/** nsfwjs ships its files as modules: the JSON, and arrays of bytes. */
function nsfwModel(name: string): ModelFiles {
  const folder = dirname(modelFile('nsfwjs', 'dist', 'models', name, 'model.min.js'));
  const model = modelModule('nsfwjs', 'dist', 'models', name, 'model.min.js') as ModelJson;
  const shards = readdirSync(folder).filter((file) => file.startsWith('group'));
  const weights = shards.map((file) => {
    const bytes = modelModule('nsfwjs', 'dist', 'models', name, file) as Readonly<Record<number, number>>;
    return [file.replace('.min.js', ''), decoded(bytes)] as const;
  });
  return { model, weights: new Map(weights) };
}

/** Shards are base64 or the bytes themselves. */
const decoded = (bytes: unknown): Uint8Array =>
  typeof bytes === 'string' ? Buffer.from(bytes, 'base64') : Uint8Array.from(Object.values(bytes as object));

describe('models of nsfwjs and upscalerjs', function () {
  this.timeout(600_000);
  const reports: Report[] = [];
  after(() => printReports('nsfwjs, @upscalerjs/default-model', reports));

  /** A model of layers against tfjs's own layers. */
  async function compareLayers(
    name: string,
    files: ModelFiles,
    model: GraphModel,
    shape?: readonly number[],
  ): Promise<void> {
    const tfjsRuntime = await tfjs();
    const [[inputName, input]] = Object.entries(model.inputs);
    const value = inputsFor(model, shape ? { [input.op.name]: shape } : {}).get(input)!;
    const start = performance.now();
    const got = model.predict({ [inputName]: value });
    const middle = performance.now();
    const theirs = await tfjsRuntime.loadLayersModel(handlerFor(files));
    const tensor = tfjsRuntime.tensor(value.data as Float32Array, value.shape, 'float32');
    const loaded = performance.now();
    const results = theirs.predict(tensor);
    const list = Array.isArray(results) ? results : [results];
    const names = Object.keys(model.outputs);
    const differences = names.map((key, i) => difference(got[key], list[i], key));
    const report = {
      model: name,
      nodes: model.graph.operations.length,
      outputs: names.length,
      difference: Math.max(...differences),
      ours: middle - start,
      theirs: performance.now() - loaded,
    };
    reports.push(report);
    expect(report.difference).to.be.lessThan(1e-4);
  }

  for (const name of ['mobilenet_v2', 'inception_v3']) {
    it(`nsfwjs ${name}`, async () => {
      const files = nsfwModel(name);
      await compareLayers(`nsfwjs ${name}`, files, await tf.io.loadLayersModel(files));
    });
  }

  it('nsfwjs mobilenet_v2_mid', async () => {
    const files = nsfwModel('mobilenet_v2_mid');
    const model = await tf.io.loadGraphModel(files);
    const report = await compare('nsfwjs mobilenet_v2_mid', model, files, inputsFor(model));
    reports.push(report);
    expect(report.difference).to.be.lessThan(1e-4);
  });

  it('@upscalerjs/default-model', async () => {
    const path = modelFile('@upscalerjs', 'default-model', 'models', 'model.json');
    const model = await tf.io.loadLayersModel(path);
    await compareLayers('@upscalerjs/default-model', readModel(path), model, [1, 24, 32, 3]);
  });
});
