/**
 * Workloads a to c: single matrix products, elementwise passes, random numbers, and passes over rows.
 */
import * as tf from '../../lib/index';
import { type Builder, number, numbers, resident, storing } from './built';

/** a: one matrix product. */
export const product: Builder = (params) => {
  const [m, k, n] = ['m', 'k', 'n'].map((name) => number(params, name));
  return storing(() => tf.matmul(resident([m, k], 1), resident([k, n], 2)));
};

/** b: `max(1.5x + y, 0) · 0.5 + x`; dropout; uniform numbers. */
export const elementwise: Builder = (params) => {
  const size = number(params, 'size');
  switch (params.op) {
    case 'chain':
      return storing(() => {
        const [x, y] = [resident([size], 1), resident([size], 2)].map((variable) => tf.convertToTensor(variable));
        return tf.nn.relu(x.mul(1.5).add(y)).mul(0.5).add(x);
      });
    case 'dropout':
      return storing(
        () => tf.nn.dropout(tf.convertToTensor(resident([size], 1)), { rate: 0.5 }),
        ({ data }) => {
          const kept = (data as Float32Array).filter((each) => each !== 0);
          return [kept.length / size, kept.reduce((sum, each) => sum + Math.abs(each), 0) / kept.length];
        },
      );
    case 'uniform':
      return storing(
        () => tf.randomUniform([size]),
        ({ data }) => {
          const all = data as Float32Array;
          const mean = (f: (x: number) => number) => all.reduce((sum, each) => sum + f(each), 0) / size;
          return [mean((x) => x), mean((x) => x * x)];
        },
      );
    default:
      throw new TypeError(`No elementwise workload '${String(params.op)}'.`);
  }
};

/** c: softmax and layer norm of the last axis, sums over an axis or all. */
export const rows: Builder = (params) => {
  const shape = numbers(params, 'shape');
  return storing(() => {
    const x = tf.convertToTensor(resident(shape, 1));
    switch (params.op) {
      case 'softmax':
        return tf.nn.softmax(x);
      case 'layerNorm': {
        const [mean, variance] = tf.nn.moments(x, [-1], { keepdims: true });
        return tf.nn.batchNormalization(x, mean, variance, null, null, 1e-5);
      }
      case 'sum':
        return tf.reduceSum(x, params.axis as number | null);
      default:
        throw new TypeError(`No workload over rows '${String(params.op)}'.`);
    }
  });
};
