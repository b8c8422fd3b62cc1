/**
 * The commands of `sluice` as a transcript: commands.txt holds each command line, what it prints (standard error behind `! `)
 * and its exit code. SLUICE_REWRITE=1 writes the transcript anew; then read the difference.
 *
 * `files/` is spec/golden/files, files that TensorFlow and numpy wrote; `made/` holds what the specs make, and what commands write.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { main } from '../../../lib/cli/main';
import * as tf from '../../../lib/index';
import { version } from '../../../package.json';
import { smallModel } from '../inspect/support';

const TRANSCRIPT = join(__dirname, 'commands.txt');
const FILES = join(__dirname, '..', '..', 'golden', 'files');

interface Entry {
  readonly command: string;
  readonly text: string;
}

/** Words of a command line; those in single quotes may hold spaces. */
const wordsOf = (command: string): string[] =>
  Array.from(command.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, bare]) => quoted ?? bare);

function readTranscript(): Entry[] {
  const parts = readFileSync(TRANSCRIPT, 'utf8').split(/^\$ sluice ?/m);
  return parts.slice(1).map((part) => {
    const end = part.indexOf('\n');
    return { command: part.slice(0, end), text: part.slice(end + 1).trimEnd() };
  });
}

/** A log of two runs with fixed times; the second file ends inside an event. */
function makeLog(folder: string): void {
  const at = (step: number) => ({ wallTime: 1700000000 + step, step: BigInt(step) });
  const scalar = (tag: string, value: number) => ({ tag, value: { case: 'simpleValue' as const, value } });
  const write = (run: string, steps: number) => {
    const graph = new tf.Graph();
    const pictures = graph.asDefault(() => {
      const picture = tf.summary.image('../up', tf.NdArray.zeros(tf.uint8, [1, 2, 2, 3]), { maxOutputs: 1 });
      return tf.summary.merge([picture, tf.summary.audio('beep', tf.NdArray.zeros(tf.float32, [1, 4]), 8000)]);
    });
    const picture = new tf.Session({ graph }).runSync(pictures);
    const texts = graph.asDefault(() => tf.summary.text('note', tf.constant(['hello', '*you*'])));
    graph.asDefault(() => tf.add(tf.placeholder(tf.float32, [2], { name: 'x' }), 1, { name: 'y' }));
    const text = new tf.Session({ graph }).runSync(texts);
    using writer = new tf.summary.FileWriter(join(folder, run));
    writer.addGraph(graph);
    for (let step = 0; step < steps; step++) {
      const value = [scalar('loss', 1 / (step + 1)), scalar('acc/train', step / 10)];
      writer.addEvent({ ...at(step), what: { case: 'summary', value: { value } } });
    }
    writer.addSummary(picture, steps);
    writer.addSummary(text, steps);
    writer.close();
    return writer.path as string;
  };
  write('log/first', 3);
  const path = write('log/second', 2);
  const content = readFileSync(path);
  writeFileSync(path, content.subarray(0, content.length - 5));
}

/** A model for tfjs in layers: a dense one. */
function makeLayers(folder: string): void {
  const layer = (className: string, name: string, config: object) => ({
    class_name: className,
    config: { name, ...config },
  });
  const layers = [
    layer('InputLayer', 'input', { batch_input_shape: [null, 2], dtype: 'float32' }),
    layer('Dense', 'dense', { units: 1, activation: 'linear', use_bias: false }),
  ];
  const ordered = layers.map((one, i) => ({
    ...one,
    name: one.config.name,
    inbound_nodes: i === 0 ? [] : [[['input', 0, 0, {}]]],
  }));
  const config = { name: 'model', layers: ordered, input_layers: [['input', 0, 0]], output_layers: [['dense', 0, 0]] };
  const model = {
    format: 'layers-model',
    modelTopology: { model_config: { class_name: 'Model', config } },
    weightsManifest: [{ paths: ['w.bin'], weights: [{ name: 'dense/kernel', shape: [2, 1], dtype: 'float32' }] }],
  };
  mkdirSync(folder);
  writeFileSync(join(folder, 'model.json'), JSON.stringify(model));
  writeFileSync(join(folder, 'w.bin'), new Uint8Array(Float32Array.of(2, -1).buffer));
}

/** A model for tfjs: y = x · w. */
function makeTfjs(folder: string): void {
  const node = (name: string, op: string, input: string[], attr: object) => ({ name, op, input, attr });
  const type = { type: 'DT_FLOAT' };
  const shape = { shape: { dim: [{ size: '-1' }, { size: '2' }] } };
  const model = {
    format: 'graph-model',
    modelTopology: {
      node: [
        node('x', 'Placeholder', [], { dtype: type, shape }),
        node('w', 'Const', [], { dtype: type }),
        node('y', 'MatMul', ['x', 'w'], { T: type, transpose_a: { b: false }, transpose_b: { b: false } }),
      ],
      versions: {},
    },
    weightsManifest: [{ paths: ['w.bin'], weights: [{ name: 'w', shape: [2, 1], dtype: 'float32' }] }],
  };
  mkdirSync(folder);
  writeFileSync(join(folder, 'model.json'), JSON.stringify(model));
  writeFileSync(join(folder, 'w.bin'), new Uint8Array(Float32Array.of(2, -1).buffer));
}

describe('the commands of sluice', () => {
  let made: string;
  const entries = readTranscript();
  const isRewriting = process.env.SLUICE_REWRITE !== undefined;
  const places = () => [
    ['files', FILES],
    ['made', made],
  ];

  before(() => {
    made = mkdtempSync(join(tmpdir(), 'sluice-commands-'));
    makeLog(made);
    makeTfjs(join(made, 'web'));
    makeLayers(join(made, 'layers'));
    writeFileSync(join(made, 'model.json'), tf.inspect.toJSON(smallModel()));
    writeFileSync(join(made, 'broken.npy'), readFileSync(join(FILES, 'float32.npy')).subarray(0, 140));
    writeFileSync(join(made, 'broken.pb'), readFileSync(join(FILES, 'mlp.pb')).subarray(0, 1000));
    writeFileSync(
      join(made, 'noise.bin'),
      Uint8Array.from({ length: 100 }, (_, i) => (i * 89 + 3) % 256),
    );
    writeFileSync(join(made, 'x.json'), '[[0, 1, 2]]');
    const changed = tf.io.loadNpz(join(FILES, 'stored.npz'));
    tf.io.saveNpz(join(made, 'changed.npz'), { a: tf.NdArray.from([0, 1.5, 2]), c: changed.get('b/ü') as tf.NdArray });
  });
  after(() => {
    rmSync(made, { recursive: true });
    if (isRewriting)
      writeFileSync(TRANSCRIPT, entries.map(({ command, text }) => `$ sluice ${command}\n${text}\n`).join('\n'));
  });

  function run(command: string): string {
    const args = wordsOf(command).map((word) =>
      places().reduce((text, [name, path]) => text.replace(new RegExp(`(^|[@=])${name}/`), `$1${path}/`), word),
    );
    let [out, err] = ['', ''];
    const code = main(args, {
      write: (text) => {
        out += text;
      },
      writeError: (text) => {
        err += text;
      },
    });
    const errors =
      err === ''
        ? []
        : err
            .trimEnd()
            .split('\n')
            .map((line) => `! ${line}`);
    const all = [...(out === '' ? [] : [out.trimEnd()]), ...errors, `[${code}]`].join('\n');
    const short = places().reduce((text, [name, path]) => text.replaceAll(path, name), all);
    return short.replace(/events\.out\.tfevents\.\d+\.[^:\s]+/g, 'events.out.tfevents.TIME.HOST');
  }

  // The last digits of products depend on the machine: its BLAS, its multiply-adds.
  const rounded = (text: string) => text.replace(/\d\.\d{5,}/g, (digits) => Number(digits).toFixed(5));

  for (const { command, text } of entries) {
    it(command === '' ? 'without a command' : command, () => {
      const got = run(command);
      if (isRewriting) Object.assign(entries.find((entry) => entry.command === command) as Entry, { text: got });
      else expect(rounded(got)).to.equal(rounded(text));
    });
  }

  it('--version', () => expect(run('--version')).to.equal(`${version}\n[0]`));

  it('are all in the transcript', () => {
    const used = new Set(entries.map(({ command }) => command.split(' ')[0]));
    const names = Array.from(run('--help').matchAll(/^ {2}([a-z]+) .*/gm), ([, name]) => name);
    expect(names.filter((name) => !used.has(name) && !['help', 'sluice'].includes(name))).to.deep.equal([]);
  });
});
