/**
 * Sums of matrix products, as weights that are used many times get as gradients: one routine, equal to the plain kernels.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { type Case, compareBackends, fed, table } from './compareBackends';

interface Sum {
  /** The inner dimension of each product. */
  readonly depths: readonly number[];
  readonly transposed?: boolean;
  /** Whether the sum has an input that is no product, and whether one product is fetched, too. */
  readonly others?: boolean;
}

const [ROWS, COLUMNS] = [21, 34];

function sumCase({ depths, transposed = false, others = false }: Sum): Case {
  const feed: (readonly [tf.Tensor, tf.NdArray])[] = [];
  const given = (...shape: number[]) => {
    feed.push(fed(table(shape, tf.float32)));
    return feed.at(-1)![0];
  };
  const products = depths.map((depth) =>
    transposed
      ? tf.matmul(given(depth, ROWS), given(COLUMNS, depth), { transposeA: true, transposeB: true })
      : tf.matmul(given(ROWS, depth), given(depth, COLUMNS)),
  );
  const rest = others ? [tf.identity(given(ROWS, COLUMNS))] : [];
  const sum = tf.addN([products[0], ...rest, ...products.slice(1)]);
  return { fetch: others ? [sum, tf.square(sum), products[1]] : [sum, tf.square(sum)], feed };
}

/** The texts of the routines that a case runs. */
function routinesOf(build: () => Case, config: tf.SessionConfig = { blas: 'off' }): string[] {
  const graph = new tf.Graph();
  const { fetch, feed } = graph.asDefault(build);
  const session = new tf.Session({ graph, config: { threads: 1, ...config } });
  const { kernels } = session.explain(fetch, { feed }).data;
  session.close();
  return kernels.filter(({ kind }) => kind === 'routine').map(({ text }) => text.split('\n')[0]);
}

describe('sums of matrix products', () => {
  const sums: Record<string, Sum> = {
    'of one size': { depths: [5, 5, 5] },
    'of several sizes': { depths: [1, 7, 12, 2] },
    transposed: { depths: [3, 11], transposed: true },
    'and other tensors': { depths: [5, 6, 7], others: true },
    'over nothing': { depths: [0, 4, 0] },
  };
  for (const [name, sum] of Object.entries(sums))
    it(`are one routine: ${name}`, () => {
      expect(compareBackends(() => sumCase(sum))).to.deep.equal([]);
      const routines = routinesOf(() => sumCase(sum));
      expect(routines.filter((text) => text.includes('sum of'))).to.have.length(1);
      expect(routines).to.have.length(sum.others ? 2 : 1);
    });

  it('stay apart where their operands are larger than they are', () => {
    const build = () => sumCase({ depths: [40, 40] });
    expect(compareBackends(build)).to.deep.equal([]);
    expect(routinesOf(build)).to.have.length(2);
  });

  it('stay apart where something else reads a product', () => {
    const build = () => {
      const { fetch, feed } = sumCase({ depths: [5, 5, 5] });
      const [sum] = fetch as tf.Tensor[];
      return { fetch: [sum, ...sum.op.inputs.map((product) => tf.exp(product.mul(1e-3)))], feed };
    };
    expect(compareBackends(build)).to.deep.equal([]);
    expect(routinesOf(build)).to.have.length(3);
  });

  it('end in the update of the weights', () => {
    const build = () => {
      const weights = new tf.Variable(table([13, 22], tf.float32), { name: 'weights' });
      const feed: (readonly [tf.Tensor, tf.NdArray])[] = [];
      let h: tf.Tensor = tf.zeros([4, 22]);
      for (let step = 0; step < 5; step++) {
        feed.push(fed(table([4, 13], tf.float32)));
        h = tf.tanh(tf.matmul(feed[step][0].mul(1e-2), weights).mul(1e-2).add(h));
      }
      const train = new tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduceSum(h));
      const after = weights.graph.controlDependencies([train], () => weights.readValue());
      return { fetch: [after], feed };
    };
    expect(compareBackends(build)).to.deep.equal([]);
    expect(routinesOf(build).filter((text) => text.includes('sum of 5'))).to.have.length(1);
  });
});
