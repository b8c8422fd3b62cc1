/**
 * Ops that lowerings write as formulas of some length, in sizes that use vectors: normalization by neighbouring channels, and the steps of
 * optimizers that imported graphs have. Equal to the plain kernels' within rounding.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { compareBackends, fed, table } from './compareBackends';

function op(type: string, inputs: tf.Tensor[], attrs: Record<string, unknown> = {}): tf.Operation {
  return tf.getDefaultGraph().createOp(type, inputs, { attrs: attrs as never });
}

describe('normalization by neighbouring channels in compiled plans', () => {
  for (const attrs of [
    { depth_radius: 5, bias: 1, alpha: 1e-3, beta: 0.75 },
    { depth_radius: 2, bias: 2, alpha: 0.1, beta: 0.5 },
    { depth_radius: 0, bias: 1, alpha: 1, beta: 1 },
  ])
    it(`is that of the plain kernel, radius ${attrs.depth_radius}`, () => {
      const onHost = compareBackends(() => {
        const feeds = [
          [2, 5, 3, 37],
          [1, 1, 1, 4],
          [1, 2, 2, 1],
          [0, 2, 2, 3],
        ].map((shape) => fed(table(shape, tf.float32)));
        const fetch = feeds.flatMap(([x]) => {
          const y = op('LRN', [x], attrs).outputs[0];
          return [y, op('LRNGrad', [tf.sin(x), x, y], attrs).outputs[0]];
        });
        return { fetch, feed: feeds };
      });
      expect(onHost).to.deep.equal([]);
    });
});

describe('steps of optimizers in compiled plans', () => {
  for (const dtype of [tf.float32, tf.float64])
    it(`are those of plain kernels: ${dtype.name}`, () => {
      const onHost = compareBackends(() => {
        const number = (value: number) => tf.constant(value, { dtype });
        const grad = fed(table([9, 7], dtype));
        const power = fed(tf.NdArray.from(-0.6, dtype));
        const fetch: tf.Tensor[] = [];
        const step = (type: string, slots: readonly number[], inputs: readonly tf.Tensor[], attrs = {}) => {
          const variables = slots.map((start) => new tf.Variable(tf.fill([9, 7], number(start)), { dtype }));
          const update = op(type, [...variables.map((variable) => variable.handle), ...inputs], { T: dtype, ...attrs });
          fetch.push(...update.graph.controlDependencies([update], () => variables.map((v) => v.readValue())));
        };
        for (const l1 of [0, 0.1]) {
          step('ResourceApplyProximalGradientDescent', [0.5], [number(0.01), number(l1), number(0.2), grad[0]]);
          step('ResourceApplyProximalAdagrad', [0.5, 0.1], [number(0.1), number(l1), number(0.2), grad[0]]);
          for (const byLearningRate of [false, true])
            for (const exponent of [number(-0.5), power[0]]) {
              const attrs = { multiply_linear_by_lr: byLearningRate };
              const scalars = [grad[0], number(0.1), number(l1), number(0.3)];
              step('ResourceApplyFtrl', [0.5, 0.2, 0.1], [...scalars, exponent], attrs);
              step('ResourceApplyFtrlV2', [0.5, 0.2, 0.1], [...scalars, number(0.05), exponent], attrs);
            }
        }
        return { fetch, feed: [grad, power] };
      });
      expect(onHost).to.deep.equal([]);
    });
});
