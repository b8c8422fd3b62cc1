/**
 * Trainings that change sides in the middle: saved here with a MetaGraph, taken up by TensorFlow, and the other way. The
 * losses of both sides after the change agree, optimizer slots, dropout and old variables included.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { float32 } from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import type { NdArray } from '../../graph/ndarray';
import { Operation } from '../../graph/operation';
import { relu } from '../../graph/ops/activations';
import '../../graph/ops/index';
import { placeholder } from '../../graph/ops/source';
import { setRandomSeed } from '../../graph/seeds';
import type { Tensor } from '../../graph/tensor';
import { dense, dropout } from '../../lib/layers/index';
import { meanSquaredError } from '../../lib/losses/index';
import {
  AdagradOptimizer,
  AdamOptimizer,
  GradientDescentOptimizer,
  getOrCreateGlobalStep,
  importMetaGraph,
  MomentumOptimizer,
  type Optimizer,
  RMSPropOptimizer,
  Saver,
} from '../../lib/train/index';
import { globalVariablesInitializer } from '../../lib/variables/index';
import { Session } from '../../runtime/session';
import { python } from './wire';

/** As spec/golden/meta_graphs.py feeds. */
function inputs(step: number): [number[][], number[][]] {
  const rows = Array.from({ length: 4 }, (_, i) =>
    Array.from({ length: 3 }, (__, j) => ((i * 7 + j * 3 + step) % 11) / 10 - 0.2),
  );
  return [rows, rows.map((row) => [row.reduce((sum, x) => sum + x, 0)])];
}

function train(session: Session, loss: Tensor, op: Operation, steps: number): number[] {
  return Array.from({ length: steps }, (_, step) => {
    const [x, labels] = inputs(step);
    const fetches: readonly (Tensor | Operation)[] = [loss, op];
    return (session.runSync([...fetches], { feed: { 'x:0': x, 'labels:0': labels } }) as NdArray[])[0].item() as number;
  });
}

function tensorflow(...args: readonly string[]): number[] {
  const run = spawnSync(python(), ['-W', 'ignore', '-B', join(__dirname, 'meta_graph.py'), ...args], {
    encoding: 'utf8',
  });
  expect(run.status, `${run.error ?? ''}${run.stderr}`).to.equal(0);
  return JSON.parse(run.stdout);
}

function continueHere(prefix: string, steps: number): number[] {
  const graph = new Graph();
  const saver = graph.asDefault(() => importMetaGraph(`${prefix}.meta`));
  const session = new Session({ graph });
  saver!.restore(session, prefix);
  const [op] = graph.getCollection<Operation>('train_op');
  const [loss] = graph.getCollection<Tensor>('the_loss');
  return train(session, loss, op, steps);
}

function expectAgree(got: readonly number[], want: readonly number[]): void {
  expect(got.length).to.equal(want.length);
  got.forEach((loss, i) =>
    expect(loss, `loss ${i}: ${got} and ${want}`).to.be.closeTo(want[i], 2e-5 * Math.abs(want[i]) + 1e-7),
  );
}

const optimizers: Readonly<Record<string, () => Optimizer>> = {
  gradientDescent: () => new GradientDescentOptimizer(0.1),
  momentum: () => new MomentumOptimizer(0.05, 0.9, { useNesterov: true }),
  adam: () => new AdamOptimizer(0.1),
  rmsprop: () => new RMSPropOptimizer(0.05, { momentum: 0.5, centered: true }),
  adagrad: () => new AdagradOptimizer(0.2),
};

describe('trainings that change sides', function () {
  this.timeout(300_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-meta-'));
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [name, make] of Object.entries(optimizers)) {
    it(`${name}: from sluice to TensorFlow`, () => {
      const graph = new Graph();
      const prefix = join(folder, name);
      graph.asDefault(() => {
        setRandomSeed(7);
        const x = placeholder(float32, [null, 3], { name: 'x' });
        const labels = placeholder(float32, [null, 1], { name: 'labels' });
        const hidden = dense(x, 4, { activation: relu, name: 'hidden' });
        const output = dense(dropout(hidden, { rate: 0.25, seed: 3, training: true }), 1, { name: 'output' });
        const loss = meanSquaredError(labels, output);
        const op = make().minimize(loss, { globalStep: getOrCreateGlobalStep() as never });
        graph.addToCollection('the_loss', loss);
        const init = globalVariablesInitializer();
        const saver = new Saver();
        const session = new Session({ graph });
        session.runSync(init);
        train(session, loss, op as Operation, 3);
        saver.save(session, prefix);
      });
      expectAgree(continueHere(prefix, 5), tensorflow('continue', prefix, '5'));
    });
  }

  for (const program of ['training', 'references']) {
    it(`${program}: from TensorFlow to sluice`, () => {
      const prefix = join(folder, `tf-${program}`);
      const want = tensorflow('save', prefix, program);
      expectAgree(continueHere(prefix, 5), want);
    });
  }
});
