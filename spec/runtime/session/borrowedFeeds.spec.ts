import { expect } from 'chai';
import * as tf from '../../../lib/index';

describe('feeds that the caller fills again', () => {
  it('are read during a run only: results, variables and lists keep what they got', () => {
    const graph = new tf.Graph();
    graph.asDefault(() => {
      const x = tf.placeholder(tf.float32, [3]);
      const variable = tf.getVariable('v', { shape: [3], initializer: tf.zerosInitializer() });
      const assign = variable.assign(x);
      const accumulated = tf.whileLoop(
        (i: tf.Tensor) => tf.less(i, 2),
        (i: tf.Tensor, a: tf.Tensor) => [tf.add(i, 1), tf.add(a, x)],
        [tf.constant(0, { dtype: tf.int32 }), x],
      )[1];
      const session = new tf.Session();
      session.runSync(tf.globalVariablesInitializer());
      const data = Float32Array.of(1, 2, 3);
      const fetches = [x, assign, accumulated] as const;
      for (let round = 0; round < 3; round++) {
        data.set([round, round + 1, round + 2]);
        const [same, assigned, sum] = session.runSync(fetches, { feed: [[x, { data, shape: [3] }]] });
        data.fill(-1);
        expect([...same.data], `round ${round}`).to.deep.equal([round, round + 1, round + 2]);
        expect([...assigned.data]).to.deep.equal([round, round + 1, round + 2]);
        expect([...sum.data]).to.deep.equal([3 * round, 3 * round + 3, 3 * round + 6]);
        expect([...session.runSync(variable.value()).data]).to.deep.equal([round, round + 1, round + 2]);
      }
    });
  });
});
