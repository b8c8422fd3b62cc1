/**
 * SavedModels written here, served by TensorFlow: by the loader of v1 and by that of TensorFlow 2.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { cond } from '../../graph/controlFlow/cond';
import { whileLoop } from '../../graph/controlFlow/whileLoop';
import { float32, int32 } from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { NdArray } from '../../graph/ndarray';
import { add, multiply } from '../../graph/ops/binary';
import { greater, less } from '../../graph/ops/compare';
import { group } from '../../graph/ops/grouping';
import '../../graph/ops/index';
import { reduceSum } from '../../graph/ops/reduce';
import { constant, identity, placeholder } from '../../graph/ops/source';
import type { Tensor } from '../../graph/tensor';
import { Zeros } from '../../lib/initializers/constants';
import { batchNormalization, conv2d, dense, dropout, flatten } from '../../lib/layers/index';
import { Builder, load, predictSignatureDef } from '../../lib/savedModel/index';
import { getVariable, globalVariablesInitializer } from '../../lib/variables/index';
import { Session } from '../../runtime/session';
import { expectClose } from '../support/close';
import { python } from './wire';

type Tensors = Readonly<Record<string, Tensor>>;

const models: Readonly<
  Record<
    string,
    { readonly build: () => { inputs: Tensors; outputs: Tensors }; readonly feeds: Record<string, unknown> }
  >
> = {
  layers: {
    build: () => {
      const x = placeholder(float32, [null, 6, 6, 2], { name: 'x' });
      const training = constant(false);
      const image = batchNormalization(conv2d(x, 3, 3), { training });
      const scores = dense(dropout(flatten(image), { rate: 0.5, training: false }), 4, { name: 'scores' });
      return { inputs: { x }, outputs: { scores, image: identity(image) } };
    },
    feeds: { x: [Array.from({ length: 6 }, (_, i) => Array.from({ length: 6 }, (__, j) => [i / 6, (j - i) / 5]))] },
  },
  controlFlow: {
    build: () => {
      const x = placeholder(float32, [null], { name: 'x' });
      const scale = getVariable('scale', [], { initializer: new Zeros() });
      const [, grown] = whileLoop(
        (i) => less(i, 3),
        (i, y) => [add(i, constant(1, { dtype: int32 })), multiply(y, add(scale, 2))],
        [constant(0, { dtype: int32 }), x],
      ) as Tensor[];
      const y = cond(
        greater(reduceSum(x), 0),
        () => grown,
        () => multiply(x, -1),
      ) as Tensor;
      return { inputs: { x }, outputs: { y } };
    },
    feeds: { x: [1, -0.5, 2] },
  },
};

describe('SavedModels of sluice in TensorFlow', function () {
  this.timeout(300_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-saved-model-'));
    writeFileSync(join(folder, 'words.txt'), 'one\ntwo\n');
  });

  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [name, { build, feeds }] of Object.entries(models)) {
    it(name, () => {
      const graph = new Graph();
      const session = new Session({ graph });
      const target = join(folder, name);
      graph.asDefault(() => {
        const { inputs, outputs } = build();
        const count = getVariable('count', [], { initializer: new Zeros() });
        const words = constant(join(folder, 'words.txt'), { name: 'words' });
        const mainOp = group(count.assignAdd(5, { readValue: false }), { name: 'main' });
        const signatureDefMap = {
          serving_default: predictSignatureDef(inputs, { ...outputs, count: identity(count) }),
        };
        session.runSync(globalVariablesInitializer());
        const builder = new Builder(target);
        builder.addMetaGraphAndVariables(session, ['serve'], { signatureDefMap, assetsCollection: [words], mainOp });
        builder.save();
      });
      const got = load(new Session({ graph: new Graph() }), ['serve'], target).run(feeds);
      const run = spawnSync(python(), ['-W', 'ignore', '-B', join(__dirname, 'saved_model.py')], {
        input: JSON.stringify({ folder: target, tags: ['serve'], signature: 'serving_default', inputs: feeds }),
        encoding: 'utf8',
      });
      expect(run.status, `${run.error ?? ''}${run.stderr}`).to.equal(0);
      const answers: Record<string, Record<string, number[]>> = JSON.parse(run.stdout);
      for (const [loader, outputs] of Object.entries(answers)) {
        expect(Object.keys(outputs).sort(), loader).to.deep.equal(Object.keys(got).sort());
        for (const [key, want] of Object.entries(outputs)) expectClose(got[key], NdArray.from(want, got[key].dtype));
      }
      expect(got.count.item()).to.equal(5);
    });
  }
});
