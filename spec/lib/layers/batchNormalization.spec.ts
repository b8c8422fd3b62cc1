/**
 * tf.layers.BatchNormalization: values, moving averages, switches, shapes, configurations and errors.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { evaluate, expectError, images, inGraph, rows } from './support';

const { ValueError } = tf.errors;
const any = <T>(value: unknown): T => value as T;
const names = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name);

const BATCH = [
  [1, 10],
  [3, 30],
  [5, 20],
  [7, 40],
];

function columns(values: readonly (readonly number[])[]): number[][] {
  return values[0].map((_, i) => values.map((row) => row[i]));
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[]) => mean(values.map((value) => (value - mean(values)) ** 2));

function expectNear(got: readonly number[], want: readonly number[], tolerance = 1e-5): void {
  expect(got.length).to.equal(want.length);
  got.forEach((value, i) => {
    expect(value).to.be.closeTo(want[i], tolerance);
  });
}

function started(): tf.Session {
  const session = new tf.Session();
  session.runSync(tf.globalVariablesInitializer());
  return session;
}

describe('tf.layers.BatchNormalization', () => {
  inGraph('while training: zero mean and unit variance of each column; then the moving statistics', () => {
    const x = tf.constant(BATCH);
    const trained = evaluate(tf.layers.batchNormalization(x, { training: true, epsilon: 0 })) as number[][];
    for (const column of columns(trained)) {
      expect(mean(column)).to.be.closeTo(0, 1e-5);
      expect(variance(column)).to.be.closeTo(1, 1e-4);
    }
    const options = {
      epsilon: 0,
      movingMeanInitializer: tf.initializers.constant([1, 10]),
      movingVarianceInitializer: tf.initializers.constant([4, 100]),
      gammaInitializer: tf.initializers.constant([1, 2]),
      betaInitializer: tf.initializers.constant([0, 5]),
    };
    const inferred = evaluate(tf.layers.batchNormalization(x, options)) as number[][];
    expectNear(inferred.flat(), [0, 5, 1, 9, 2, 7, 3, 11]);
  });

  inGraph('moving averages change only when the update ops run', () => {
    const x = tf.constant(BATCH);
    const layer = new tf.layers.BatchNormalization({ momentum: 0.75 });
    const y = layer.apply(x, { training: true });
    const session = started();
    const read = () =>
      session.runSync([layer.movingMean!, layer.movingVariance!]).map((value) => value.toArray() as number[]);
    session.runSync(y);
    expect(read()).to.deep.equal([
      [0, 0],
      [1, 1],
    ]);
    let [means, variances] = [
      [0, 0],
      [1, 1],
    ];
    for (let step = 0; step < 2; step++) {
      session.runSync(tf.getCollection(tf.GraphKeys.UPDATE_OPS) as tf.Operation[]);
      means = means.map((value, i) => value * 0.75 + mean(columns(BATCH)[i]) * 0.25);
      variances = variances.map((value, i) => value * 0.75 + variance(columns(BATCH)[i]) * 0.25);
      const [gotMeans, gotVariances] = read();
      expectNear(gotMeans, means);
      expectNear(gotVariances, variances);
    }
  });

  for (const fused of [true, false]) {
    inGraph(`a placeholder switches batch and moving statistics, and the updates (fused: ${fused})`, () => {
      const training = tf.placeholder(tf.bool, []);
      const values = Float32Array.from({ length: 48 }, (_, i) => (i * 7) % 11);
      const x = tf.constant(tf.NdArray.from({ data: values, shape: [2, 4, 3, 2] }));
      const layer = new tf.layers.BatchNormalization({ fused, momentum: 0.5 });
      const y = layer.apply(x, { training });
      expect(layer.fused).to.equal(fused);
      const session = started();
      const updates = tf.getCollection(tf.GraphKeys.UPDATE_OPS) as tf.Operation[];
      const movingMean = () => session.runSync(layer.movingMean!).toArray() as number[];
      session.runSync(updates, { feed: [[training, false]] });
      expect(movingMean()).to.deep.equal([0, 0]);
      const still = session.runSync(y, { feed: [[training, false]] }).data as Float32Array;
      expectNear(
        [...still.slice(0, 4)],
        [...values.slice(0, 4)].map((value) => value / Math.sqrt(1.001)),
      );
      session.runSync(updates, { feed: [[training, true]] });
      const channel = (c: number) => [...values].filter((_, i) => i % 2 === c);
      expectNear(movingMean(), [mean(channel(0)) / 2, mean(channel(1)) / 2]);
      const normalized = session.runSync(y, { feed: [[training, true]] }).data as Float32Array;
      const first = [...normalized].filter((_, i) => i % 2 === 0);
      expect(mean(first)).to.be.closeTo(0, 1e-5);
      expect(variance(first)).to.be.closeTo(1, 1e-2);
    });
  }

  inGraph('any axis, from either end, and several', () => {
    const x = tf.constant(
      tf.NdArray.from({ data: Float32Array.from({ length: 24 }, (_, i) => i ** 1.5), shape: [2, 3, 4] }),
    );
    const flat = (y: tf.Tensor) => (evaluate(tf.reshape(y, [-1])) as number[]) ?? [];
    const middle = flat(tf.layers.batchNormalization(x, { axis: 1, training: true }));
    expectNear(flat(tf.layers.batchNormalization(x, { axis: -2, training: true })), middle);
    const moved = tf.layers.batchNormalization(tf.transpose(x, [0, 2, 1]), { training: true });
    expectNear(flat(tf.transpose(moved, [0, 2, 1])), middle);
    const layer = new tf.layers.BatchNormalization({ axis: [1, 2] });
    const both = layer.apply(x, { training: true });
    expect([layer.gamma!.shape.dims, layer.axis, both.shape.dims]).to.deep.equal([
      [1, 3, 4],
      [1, 2],
      [2, 3, 4],
    ]);
    const joined = tf.layers.batchNormalization(tf.reshape(x, [2, 12]), { training: true });
    expectNear(flat(both), flat(joined), 1e-4);
  });

  inGraph('has the variables that it needs', () => {
    const layer = new tf.layers.BatchNormalization();
    layer.apply(rows());
    expect(names(layer.weights)).to.deep.equal(
      ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((name) => `batch_normalization/${name}:0`),
    );
    expect([layer.countParams(), names(layer.trainableVariables).length]).to.deep.equal([16, 2]);
    const bare = new tf.layers.BatchNormalization({ center: false, scale: false, name: 'bare' });
    bare.apply(images());
    expect(names(bare.weights)).to.deep.equal(['bare/moving_mean:0', 'bare/moving_variance:0']);
    expect(names(tf.trainableVariables())).to.deep.equal(names(layer.trainableVariables));
  });

  inGraph('the fused op is used for pictures with channels first or last, in float32', () => {
    const typeOf = (x: tf.Tensor, options: tf.layers.BatchNormalizationOptions = {}) => {
      const layer = new tf.layers.BatchNormalization(options);
      layer.apply(x);
      return layer.fused;
    };
    expect(typeOf(images())).to.equal(true);
    expect(typeOf(images(), { axis: 1 })).to.equal(true);
    expect(typeOf(tf.placeholder(tf.float32, [2, 3, 3, 3, 4]))).to.equal(true);
    expect(typeOf(images(), { axis: 2 })).to.equal(false);
    expect(typeOf(images(), { fused: false })).to.equal(false);
    expect(typeOf(rows(), { fused: true })).to.equal(false);
    expect(typeOf(tf.placeholder(tf.float64, [2, 3, 3, 4]))).to.equal(false);
  });

  inGraph('configuration', () => {
    const layer = new tf.layers.BatchNormalization({ name: 'b', momentum: 0.9, scale: false });
    const config = layer.getConfig();
    expect(config).to.deep.include({ axis: -1, momentum: 0.9, epsilon: 0.001, center: true, scale: false });
    expect(tf.layers.BatchNormalization.fromConfig(config).getConfig()).to.deep.equal(config);
    expect(layer.computeOutputShape([2, 3]).dims).to.deep.equal([2, 3]);
  });

  inGraph('errors', () => {
    const x = tf.placeholder(tf.float32, [2, 4]);
    const axis = (given: string) =>
      `Invalid value for \`axis\` argument. Expected 0 <= axis < inputs.rank (with inputs.rank=2). Received: axis=${given}`;
    const normalize =
      (options: unknown, input = x) =>
      () =>
        tf.layers.batchNormalization(input, any(options));
    expectError(ValueError, axis('(5,)'), normalize({ axis: 5 }));
    expectError(ValueError, axis('(-1,)'), normalize({ axis: -3 }));
    expectError(ValueError, 'Duplicate axis: (1, 1)', normalize({ axis: [1, 1] }));
    expectError(
      TypeError,
      "Expected an int or a list/tuple of ints for the argument 'axis', but received: 'a'",
      normalize({ axis: 'a' }),
    );
    const open = tf.placeholder(tf.float32, [2, null]);
    expectError(
      ValueError,
      'Input has undefined `axis` dimension. Received input with shape (2, None) and axis=(1,)',
      normalize({}, open),
    );
    const unknown = tf.placeholder(tf.float32, null);
    expectError(ValueError, 'Input has undefined rank. Received: input_shape=<unknown>.', normalize({}, unknown));
    for (const [name, value] of Object.entries({ renorm: true, virtualBatchSize: 2, adjustment: () => null })) {
      expect(normalize({ [name]: value })).to.throw(tf.errors.NotImplementedError, name);
    }
    expectError(TypeError, "batch_normalization() got an unexpected keyword argument 'foo'", normalize({ foo: 1 }));
  });
});
