/**
 * Memory layouts: nothing that is alive at the same time overlaps, and training steps need little more than the least that any layout
 * takes.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import { float32 } from '../../../graph/dtypes';
import * as tf from '../../../lib/index';
import { type Buffer, type Kernel, type KernelProgram, type LoopKernel, workspaceOf } from '../../../runtime/ir/kernel';
import { bytesOf, layOut } from '../../../runtime/plan/memory';

/** A program of kernels that each write a value and read some of those before; numbers say how far back, or how large. */
function programOf(steps: readonly (readonly number[])[], results: readonly number[]): KernelProgram {
  const buffers: Buffer[] = [];
  const kernels = steps.map(([elements, ...reads], id): Kernel => {
    buffers.push({ id, dtype: float32, elements, place: { kind: 'arena' } });
    const used = [buffers[id], ...reads.filter((back) => back <= id && back > 0).map((back) => buffers[id - back])];
    const loop: LoopKernel = {
      kind: 'loop',
      domain: [],
      reduced: [],
      accesses: used.map((buffer) => ({ buffer, offset: 0, strides: [] })),
      phases: [
        {
          stores: [{ access: 0, expression: { kind: 'const', type: 'f32', value: 0 } }],
          reductions: [],
          rowStores: [],
        },
      ],
      streams: [],
      ops: [],
    };
    if (elements % 3 > 0) return loop;
    const routine = { name: '', text: '', workspaceBytes: 64 * (elements % 7), flops: 0, calls: () => [] };
    const inputs = used.slice(1).map((buffer) => ({ buffer, offset: 0 }));
    return { kind: 'routine', routine, inputs, outputs: [used[0]], streams: [], epilogue: null, ops: [] };
  });
  return { kernels, results: results.filter((i) => i < buffers.length).map((i) => buffers[i]), inputs: new Map() };
}

/** First and last kernel of each buffer and workspace, with its place. */
function blocksOf({ kernels, results }: KernelProgram, { offsets, workspaces }: ReturnType<typeof layOut>) {
  const lives = new Map<Buffer, { first: number; last: number }>();
  kernels.forEach((kernel, at) => {
    const used =
      kernel.kind === 'loop'
        ? kernel.accesses.map(({ buffer }) => buffer)
        : kernel.kind === 'routine'
          ? [...kernel.outputs, ...kernel.inputs.map(({ buffer }) => buffer)]
          : [];
    for (const buffer of used) {
      const life = lives.get(buffer);
      if (life) life.last = at;
      else lives.set(buffer, { first: at, last: at });
    }
  });
  for (const buffer of results) lives.get(buffer)!.last = kernels.length;
  const blocks = [...lives].map(([buffer, life]) => ({ ...life, begin: offsets.get(buffer)!, bytes: bytesOf(buffer) }));
  kernels.forEach((kernel, at) => {
    const bytes = workspaceOf(kernel);
    if (bytes > 0) blocks.push({ first: at, last: at, begin: workspaces.get(at)!, bytes });
  });
  return blocks;
}

/** Looks at every `stride`-th kernel. */
function check(program: KernelProgram, stride = 1): void {
  const layout = layOut(program);
  const blocks = blocksOf(program, layout);
  let least = 0;
  for (let at = 0; at <= program.kernels.length; at += stride) {
    const alive = blocks.filter(({ first, last }) => first <= at && at <= last).sort((a, b) => a.begin - b.begin);
    let end = 0;
    for (const { begin, bytes } of alive) {
      if (begin < end) expect.fail(`at kernel ${at}, a block at ${begin} begins before ${end}`);
      if (begin % 64 !== 0) expect.fail(`a block at ${begin} is not aligned`);
      end = begin + bytes;
    }
    expect(end).to.be.at.most(layout.bytes);
    least = Math.max(
      least,
      alive.reduce((sum, { bytes }) => sum + bytes, 0),
    );
  }
  if (stride === 1) expect(layout.lowerBound).to.equal(least);
}

describe('memory layouts', () => {
  const step = fc.tuple(fc.nat(5000), fc.nat(9), fc.nat(40), fc.nat(3));

  it('keep apart what is alive at the same time', () => {
    const steps = fc.array(step, { maxLength: 60 });
    fc.assert(
      fc.property(steps, fc.array(fc.nat(60), { maxLength: 4 }), (s, results) => check(programOf(s, results))),
      { numRuns: 200, seed: 61 },
    );
  });

  it('keep it apart in plans that are laid out in order of time, too', () => {
    const [sample] = fc.sample(fc.array(step, { minLength: 4500, maxLength: 4500 }), { numRuns: 1, seed: 62 });
    check(programOf(sample, [0, 17, 4499]), 37);
  });
});

describe('the arena of a training step', () => {
  const weights = (...shape: number[]) => new tf.Variable(tf.fill(shape, 0.01), { dtype: tf.float32 });

  /** The arena of an Adam step, as a multiple of the least possible. */
  function ratioOf(inputShape: readonly number[], model: (x: tf.Tensor) => tf.Tensor): number {
    const graph = new tf.Graph();
    return graph.asDefault(() => {
      const x = tf.placeholder(tf.float32, inputShape);
      const labels = tf.placeholder(tf.int32, [inputShape[0]]);
      const losses = tf.nn.sparseSoftmaxCrossEntropyWithLogits({ labels, logits: model(x) });
      const step = new tf.train.AdamOptimizer().minimize(tf.reduceMean(losses)) as tf.Operation;
      const session = new tf.Session({ graph, config: { threads: 1, blas: 'off' } });
      const size = inputShape.reduce((n, dim) => n * dim, 1);
      const feed: tf.Feeds = [
        [x, { data: new Array(size).fill(0), shape: [...inputShape] }],
        [labels, new Array(inputShape[0]).fill(0)],
      ];
      const { arenaBytes, lowerBoundBytes } = session.explain(step, { feed }).data.memory;
      session.close();
      expect(lowerBoundBytes).to.be.greaterThan(0);
      return arenaBytes / lowerBoundBytes;
    });
  }

  const dense = (x: tf.Tensor, inputs: number, units: number) =>
    tf.nn.biasAdd(tf.matmul(x, weights(inputs, units)), weights(units));

  it('of an MLP with dropout is at most 1.3 times the least possible', () => {
    const hidden = (x: tf.Tensor, inputs: number) => tf.nn.dropout(tf.nn.relu(dense(x, inputs, 512)), { rate: 0.5 });
    const ratio = ratioOf([128, 784], (x) => dense(hidden(hidden(x, 784), 512), 512, 10));
    expect(ratio).to.be.within(1, 1.3);
  });

  it('of a CNN is at most 1.3 times the least possible', () => {
    const conv = (x: tf.Tensor, inputs: number, filters: number) => {
      const product = tf.nn.conv2d(x, weights(5, 5, inputs, filters), 1, 'SAME');
      return tf.nn.maxPool(tf.nn.relu(tf.nn.biasAdd(product, weights(filters))), 2, 2, 'SAME');
    };
    const ratio = ratioOf([50, 28, 28, 1], (x) => {
      const flat = tf.reshape(conv(conv(x, 1, 32), 32, 64), [50, 3136]);
      return dense(tf.nn.dropout(tf.nn.relu(dense(flat, 3136, 1024)), { rate: 0.5 }), 1024, 10);
    });
    expect(ratio).to.be.within(1, 1.3);
  });
});
