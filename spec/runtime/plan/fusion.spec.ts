/**
 * What fusion makes of the shapes that matter, as the text of its kernels: what is one pass, and what has to be copied.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';

const zeros = (...shape: number[]) =>
  tf.NdArray.from({ data: new Array(shape.reduce((n, d) => n * d, 1)).fill(0), shape }, tf.float32);

/** The kernels of what `build` fetches, with zeros fed to all placeholders, without the names of ops. */
function kernelsOf(build: () => tf.Fetch, fusion = true): string {
  const graph = new tf.Graph();
  const fetches = graph.asDefault(build);
  const session = new tf.Session({ graph, config: { threads: 1, blas: 'off', seed: 1, fusion } });
  const initializers = graph.operations.filter(({ type }) => type === 'AssignVariableOp');
  session.runSync(initializers.filter(({ name }) => name.endsWith('/Assign')));
  const feed = graph.operations
    .filter(({ type }) => type === 'Placeholder')
    .map((op) => [op.outputs[0], zeros(...op.outputs[0].shape.asNumbers())] as const);
  const { kernels } = session.explain(fetches, { feed }).data;
  return kernels.map(({ text }) => text.replace(/ {3};.*/, '')).join('\n');
}

const matrix = (rows: number, columns: number) => tf.placeholder(tf.float32, [rows, columns]);

describe('fusion', () => {
  it('makes one kernel of dropout, without a mask in memory', () => {
    expect(kernelsOf(() => tf.nn.dropout(matrix(8, 32), { rate: 0.5 }))).to.equal(`\
loop [8, 32]
  %0 = i0:float32[256]{32,1}
  %1 = a1:float32[256]{32,1}
    %1 <- select(ge(uniform0, 0.5:f32), mul(%0, 2:f32), 0:f32)`);
  });

  it('makes one kernel of three phases of softmax and cross-entropy', () => {
    const loss = () => tf.nn.softmaxCrossEntropyWithLogitsV2({ logits: matrix(8, 32), labels: matrix(8, 32) });
    expect(kernelsOf(loss)).to.equal(`\
loop [8, (32)]
  %0 = i0:float32[256]{32,1}
  %1 = a3:float32[256]{32,1}
  %2 = i1:float32[256]{32,1}
  %3 = a7:float32[8]{1,0}
  phase 0
    acc0 <- max %0
  phase 1
    t0 = sub(%0, acc0)
    %1 <- t0
    acc1 <- sum exp(t0)
  phase 2
    acc2 <- sum mul(%2, sub(log(acc1), %1))
    row %3 <- acc2`);
  });

  it('updates a variable and its slots in one pass', () => {
    const train = () => {
      const v = new tf.Variable(zeros(8, 32), { name: 'v' });
      return new tf.train.AdamOptimizer(0.1).applyGradients([[matrix(8, 32), v]]);
    };
    const text = kernelsOf(train);
    const loops = text.split('\n').filter((line) => line.startsWith('loop'));
    expect(loops, text).to.deep.equal(['loop [8, 32]', 'loop []']);
    const stores = text.split('\n').filter((line) => line.includes('<-'));
    expect(stores.length, 'stores to v, m, v and the powers of both betas').to.equal(5);
    for (const name of ['v', 'v/Adam', 'v/Adam_1'])
      expect(text.match(new RegExp(`@localhost/${name}:float32\\[256\\]`, 'g'))?.length, name).to.equal(1);
  });

  it('copies what was read of a variable before it is written', () => {
    const readThenWrite = () => {
      const v = new tf.Variable(zeros(32), { name: 'v' });
      const read = v.readValue();
      const reversed = tf.add(tf.reverse(read, [0]), 1);
      return [read, v.graph.controlDependencies([read.op], () => v.assign(reversed, { readValue: false }))];
    };
    expect(kernelsOf(readThenWrite)).to.equal(`\
loop [32]
  %0 = @localhost/v:float32[32]{1}
  %1 = a1:float32[32]{1}
    %1 <- %0
loop [32]
  %0 = a1:float32[32]+31{-1}
  %1 = @localhost/v:float32[32]{1}
    %1 <- add(%0, 1:f32)`);
  });

  it('makes one kernel of bias and activation after a product', () => {
    const layer = () =>
      tf.nn.relu(tf.nn.biasAdd(tf.matmul(matrix(8, 32), matrix(32, 16)), tf.placeholder(tf.float32, [16])));
    expect(kernelsOf(layer)).to.equal(`\
matmul 8×32·32×16: a3:float32[128] <- i0:float32[256], i1:float32[512]
loop [8, 16]
  %0 = a3:float32[128]{16,1}
  %1 = i2:float32[16]{0,1}
  %2 = a4:float32[128]{16,1}
    t0 = add(%0, %1)
    %2 <- select(le(t0, 0:f32), 0:f32, t0)`);
  });

  it('reads transposes and slices where they lie', () => {
    const strided = () => tf.exp(tf.stridedSlice(tf.transpose(matrix(8, 32)), [1, 0], [32, 8], [2, 1]));
    expect(kernelsOf(strided)).to.equal(`\
loop [16, 8]
  %0 = i0:float32[256]+1{2,32}
  %1 = a1:float32[128]{8,1}
    %1 <- exp(%0)`);
  });

  it('can be turned off: a kernel and a buffer for every value', () => {
    expect(kernelsOf(() => tf.exp(tf.negative(matrix(4, 4))), false)).to.equal(`\
loop [4, 4]
  %0 = i0:float32[16]{4,1}
  %1 = a1:float32[16]{4,1}
    %1 <- neg(%0)
loop [4, 4]
  %0 = a1:float32[16]{4,1}
  %1 = a2:float32[16]{4,1}
    %1 <- exp(%0)`);
  });
});
