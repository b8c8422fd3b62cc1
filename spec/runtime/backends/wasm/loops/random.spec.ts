/**
 * Random words in loops: steps of eight vectors, of four, and single elements give every element the word that the plain kernels
 * give it, as a number, as a comparison, and as both; for any number of threads and from run to run.
 */
import { expect } from 'chai';
import * as tf from '../../../../../lib/index';

const sizes = [1, 3, 4, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 80, 95, 100, 1000, 70003];

const pipelines: Readonly<Record<string, (shape: number[]) => tf.Tensor>> = {
  'uniform numbers': (shape) => tf.randomUniform(shape, { seed: 3 }),
  'numbers of a range': (shape) => tf.randomUniform(shape, { minval: -2, maxval: 3, seed: 4 }),
  'comparisons with a rate': (shape) => tf.nn.dropout(tf.fill(shape, 2), { rate: 0.3, seed: 5 }),
  'comparisons with a rate close to one': (shape) => tf.nn.dropout(tf.fill(shape, 2), { rate: 0.999, seed: 5 }),
  'comparisons with a limit beyond all numbers': (shape) =>
    tf.where(tf.greaterEqual(tf.randomUniform(shape, { seed: 6 }), 1.5), tf.ones(shape), tf.zeros(shape)),
  'comparisons and numbers at once': (shape) => {
    const numbers = tf.randomUniform(shape, { seed: 7 });
    return tf.where(tf.greaterEqual(numbers, 0.25), numbers, numbers.mul(-1));
  },
  'numbers beside float64': (shape) =>
    tf
      .cast(tf.randomUniform(shape, { seed: 8 }), tf.float64)
      .mul(tf.fill(shape, tf.constant(2, { dtype: tf.float64 }))),
  'long expressions': (shape) => {
    let numbers = tf.randomUniform(shape, { seed: 9 });
    for (let i = 0; i < 14; i++) numbers = tf.maximum(numbers.mul(1 + i / 64), numbers.sub(0.25));
    return numbers;
  },
};

describe('random words in loops', () => {
  for (const [name, build] of Object.entries(pipelines))
    it(`are those of the plain kernels: ${name}`, () => {
      const graph = new tf.Graph();
      graph.asDefault(() => {
        tf.setRandomSeed(11);
        const tensors = [...sizes.map((size) => build([size])), build([5, 48]), build([7, 3])];
        const run = (config: tf.SessionConfig): number[][] => {
          const session = new tf.Session({ graph, config });
          const values = [1, 2].flatMap(() => session.runSync(tensors) as tf.NdArray[]);
          session.close();
          return values.map(({ data }) => Array.from(data as Float32Array));
        };
        const want = run({ backend: 'plain' });
        for (const threads of [1, 2])
          run({ threads }).forEach((numbers, i) => {
            const size = want[i].length;
            const differs = numbers.findIndex((x, at) => !Object.is(x, want[i][at]));
            expect(differs, `a difference in ${size} elements`).to.equal(-1);
          });
      });
    });
});
