import { expect } from 'chai';
import * as tf from '../../../lib/index';

describe('random ops whose numbers nobody reads', () => {
  for (const [title, make] of [
    ['uniform', () => tf.randomUniform([3], { seed: 7 })],
    ['normal', () => tf.randomNormal([3], { seed: 7 })],
    ['of which only the shape is read', () => tf.randomUniform([3], { seed: 7 })],
  ] as const) {
    it(`take their stream on: ${title}`, () => {
      const graph = new tf.Graph();
      graph.asDefault(() => {
        const numbers = make();
        const shape = tf.shape(numbers);
        const source = numbers.graph.operations.find(({ type }) => type.startsWith('Random'))!;
        const target = title.includes('shape') ? shape : source;
        const run = (config: tf.SessionConfig) => {
          const session = new tf.Session({ config });
          session.runSync(target);
          return session.runSync(numbers).toArray();
        };
        expect(run({})).to.deep.equal(run({ backend: 'plain' }));
      });
    });
  }
});
