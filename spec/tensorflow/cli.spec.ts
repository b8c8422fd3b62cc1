/**
 * What the command line writes is TensorFlow's to read: frozen and optimised graphs, SavedModels, MetaGraphs, checkpoints. They are
 * made from files that TensorFlow wrote (spec/golden/models.py) and must compute what it computed then.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { main } from '../../lib/cli/main';
import * as tf from '../../lib/index';
import { expectClose } from '../support/close';
import { decode, python, type WireArray } from './wire';

const FILES = join(__dirname, '..', 'golden', 'files');

type Answer = Readonly<Record<string, WireArray>> & { readonly arrays: Readonly<Record<string, WireArray>> };

describe('what the command line writes, read by TensorFlow', function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-cli-tensorflow-'));
  const [files, made] = [(name: string) => join(FILES, name), (name: string) => join(folder, name)];
  let answer: Answer;

  function sluice(...args: string[]): void {
    let err = '';
    const write = () => undefined;
    const code = main(args, { write, writeError: (text) => (err += text) });
    expect(code, err).to.equal(0);
  }

  before(() => {
    sluice('freeze', files('mlp_saved'), '--fetch', 'y', '-o', made('frozen.pb'));
    sluice('optimize', made('frozen.pb'), '--fetch', 'y', '-o', made('small.pb'));
    sluice('convert', files('mlp_saved'), made('served'), '--to', 'savedmodel');
    sluice('convert', files('mlp.meta'), made('again.meta'));
    sluice('convert', files('mlp.ckpt'), made('weights.npz'));
    sluice('convert', made('weights.npz'), made('copy.ckpt'));
    const session = new tf.Session({ graph: new tf.Graph() });
    session.graph.asDefault(() => {
      tf.importGraphDef(tf.io.readGraphDef(made('frozen.pb')), { name: '' });
      const tensor = (name: string) => session.graph.getTensorByName(name);
      tf.savedModel.simpleSave(session, made('served_frozen'), { x: tensor('x:0') }, { y: tensor('y:0') });
    });
    copyFileSync(files('mlp_x.npy'), made('x.npy'));
    const run = spawnSync(python(), ['-W', 'ignore', join(__dirname, 'cli.py'), folder], { encoding: 'utf8' });
    expect(run.status, `${run.error ?? ''}${run.stderr}`).to.equal(0);
    answer = JSON.parse(run.stdout.trim().split('\n').at(-1) as string);
  });

  after(() => rmSync(folder, { recursive: true }));

  for (const name of ['frozen', 'small', 'served', 'served frozen', 'restored']) {
    it(name, () => expectClose(decode(answer[name]), tf.io.loadNpy(files('mlp_y.npy'))));
  }

  it('arrays of a checkpoint', () => {
    const want = tf.io.loadNpz(made('weights.npz'));
    expect(Object.keys(answer.arrays).sort()).to.deep.equal([...want.keys()].sort());
    for (const [name, value] of want) expectClose(decode(answer.arrays[name]), value);
  });
});
