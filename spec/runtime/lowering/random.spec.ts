/**
 * Random numbers that routines of compiled plans draw: those of the plain kernels, bit for bit, from run to run, for any number of
 * threads; and a stream goes on where a session of another backend left it.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';

const draws: Readonly<Record<string, (shape: number[]) => tf.Tensor>> = {
  'normal numbers': (shape) => tf.randomNormal(shape, { mean: 1, stddev: 2, seed: 3 }),
  'truncated normal numbers': (shape) => tf.truncatedNormal(shape, { seed: 4 }),
  'uniform float64': (shape) => tf.randomUniform(shape, { minval: -1, maxval: 1, dtype: tf.float64, seed: 5 }),
  'int32 of a range': (shape) => tf.randomUniform(shape, { minval: -7, maxval: 1000, dtype: tf.int32, seed: 6 }),
  'int64 of a range': (shape) => tf.randomUniform(shape, { minval: -7, maxval: 123456789, dtype: tf.int64, seed: 7 }),
};

const shapes = [[], [0], [1], [3, 5], [64], [100, 133]];

describe('random numbers of routines', () => {
  for (const [name, draw] of Object.entries(draws))
    it(`${name} are those of the plain kernels`, () => {
      const graph = new tf.Graph();
      graph.asDefault(() => {
        tf.setRandomSeed(11);
        const tensors = shapes.map(draw);
        const run = (config: tf.SessionConfig) => {
          const session = new tf.Session({ graph, config });
          const values = [1, 2].flatMap(() => session.runSync(tensors) as tf.NdArray[]);
          if (config.backend !== 'plain') {
            const kinds = session.explain(tensors).data.kernels.map(({ kind }) => kind);
            expect(kinds).to.include('routine').and.not.include('host');
          }
          return values;
        };
        const want = run({ backend: 'plain' });
        for (const threads of [1, 2]) {
          const got = run({ threads });
          got.forEach((value, i) => {
            expect([...value.shape]).to.deep.equal([...want[i].shape]);
            expect(Array.from(value.data as Float32Array)).to.deep.equal(Array.from(want[i].data as Float32Array));
          });
        }
        expect(want[5].data).to.not.deep.equal(want[11].data);
      });
    });

  it('refuse an empty range as the plain kernel does', () => {
    new tf.Graph().asDefault(() => {
      const numbers = tf.randomUniform([4], { minval: 5, maxval: 5, dtype: tf.int32 });
      expect(() => new tf.Session().runSync(numbers)).to.throw(tf.errors.InvalidArgumentError, /Need minval < maxval/);
    });
  });
});
