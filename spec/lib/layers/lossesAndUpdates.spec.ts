/**
 * Losses and updates of layers: collections, functions evaluated anew, and which belong to which inputs.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { expectError, inGraph, rows, x23 } from './support';

const any = <T>(value: unknown): T => value as T;
const { REGULARIZATION_LOSSES, UPDATE_OPS, LOSSES } = tf.GraphKeys;

describe('layer.addLoss', () => {
  inGraph('null asks for the unconditional ones, inputs for those that depend on one of them', () => {
    const [x, z] = [x23(), x23()];
    const layer = new tf.layers.Dropout();
    const y = layer.apply(x);
    const [first, second, third] = [tf.reduceSum(x), tf.constant(1), tf.reduceSum(y)];
    layer.addLoss(first, { inputs: x });
    layer.addLoss(second);
    layer.addLoss([third], { inputs: [x] });
    expect(layer.losses).to.deep.equal([first, second, third]);
    const table: readonly [unknown, tf.Tensor[]][] = [
      [null, [second]],
      [x, [first, third]],
      [[x], [first, third]],
      [z, []],
      [y, [third]],
      [[], []],
      [[z, y], [third]],
      [{ a: z, b: [x] }, [first, third]],
      [third, [third]],
      [x.op, [first, third]],
      [y.op, [third]],
    ];
    for (const [inputs, want] of table) expect(layer.getLossesFor(inputs)).to.deep.equal(want);
    expectError(TypeError, 'Expected tf.Operation, tf.Variable, or tf.Tensor. Received: q', () =>
      layer.getLossesFor('q'),
    );
    expectError(TypeError, 'Expected tf.Operation, tf.Variable, or tf.Tensor. Received: q', () =>
      layer.getUpdatesFor('q'),
    );
  });

  inGraph('reaches through control edges and variables', () => {
    const x = x23();
    const variable = tf.getVariable('v', [], { initializer: tf.initializers.zeros() });
    const layer = new tf.layers.Dropout();
    const late = tf.controlDependencies([tf.identity(x)], () => tf.constant(1));
    const read = tf.multiply(variable, 2);
    for (const loss of [late, read]) layer.addLoss(loss, { inputs: x });
    expect(layer.getLossesFor(x)).to.deep.equal([late]);
    expect(layer.getLossesFor(variable)).to.deep.equal([read]);
  });

  inGraph('numbers become constants, null is skipped, functions are evaluated at each access', (graph) => {
    const layer = new tf.layers.Dropout();
    let calls = 0;
    layer.addLoss([
      0.5,
      null,
      () => {
        calls++;
        return tf.constant(2, { name: 'made' });
      },
      () => null,
    ]);
    expect(calls).to.equal(1);
    expect(layer.losses.map(({ name }) => name)).to.deep.equal(['Const:0', 'made_1:0']);
    expect(layer.losses.map(({ name }) => name)).to.deep.equal(['Const:0', 'made_2:0']);
    expect(layer.getLossesFor(null).length).to.equal(2);
    expect(graph.getCollection<tf.Tensor>(REGULARIZATION_LOSSES).map(({ name }) => name)).to.deep.equal([
      'Const:0',
      'made:0',
    ]);
    expect(graph.getCollection(LOSSES)).to.deep.equal([]);
    expectError(TypeError, "Expected float32, but got q of type 'str'.", () => layer.addLoss('q'));
  });

  inGraph('an activity regularizer adds a loss of each call, divided by the batch', () => {
    const layer = new tf.layers.Dropout(0.5, { activityRegularizer: (t) => tf.reduceSum(any<tf.Tensor>(t)) });
    const [x, z] = [tf.ones([4, 3]), tf.ones([2, 5])];
    layer.apply(x);
    layer.apply(z);
    const session = new tf.Session();
    expect(session.runSync(layer.losses).map((loss) => loss.item())).to.deep.equal([3, 5]);
    expect(layer.getLossesFor(x)).to.deep.equal([layer.losses[0]]);
    expect(layer.getLossesFor(z)).to.deep.equal([layer.losses[1]]);
    expect(layer.getLossesFor(null)).to.deep.equal([]);
    expect(tf.getCollection(REGULARIZATION_LOSSES)).to.deep.equal(layer.losses);
  });

  inGraph('an activity regularizer that returns nothing', () => {
    const layer = new tf.layers.Dropout(0.5, { activityRegularizer: () => null });
    const x = x23();
    expectError(tf.errors.ValueError, 'None values not supported.', () => layer.apply(x));
  });
});

describe('layer.addUpdate', () => {
  inGraph('outside of a call all are unconditional, and reach the collection at the next call', (graph) => {
    const x = x23();
    const layer = new tf.layers.Dropout();
    const y = layer.apply(x);
    expect(graph.getAllCollectionKeys()).to.include(UPDATE_OPS);
    const update = tf.identity(y);
    layer.addUpdate(update);
    expect([layer.updates, layer.getUpdatesFor(null), layer.getUpdatesFor(x)]).to.deep.equal([
      [update.op],
      [update.op],
      [],
    ]);
    expect(tf.getCollection(UPDATE_OPS)).to.deep.equal([]);
    layer.apply(x);
    layer.apply(x);
    expect(tf.getCollection(UPDATE_OPS)).to.deep.equal([update.op]);
  });

  inGraph('operations, tensors, functions and lists', () => {
    const layer = new tf.layers.Dropout();
    const op = tf.noOp();
    const tensor = tf.constant(1);
    const variable = tf.getVariable('v', [], { initializer: tf.initializers.zeros() });
    layer.addUpdate([op, tensor, () => tensor, variable, () => () => op]);
    expect(layer.updates).to.deep.equal([op, tensor.op, tensor.op, variable.op, op]);
    expectError(TypeError, "Layer.add_update() got an unexpected keyword argument 'inputs'", () =>
      layer.addUpdate(op, { inputs: true }),
    );
  });

  inGraph('layers that are not trained have none, unless stateful', () => {
    const layer = new tf.layers.Dropout({ trainable: false });
    layer.addUpdate(tf.noOp());
    expect(layer.updates).to.deep.equal([]);
    layer.stateful = true;
    expect(layer.updates.length).to.equal(1);
  });

  inGraph('batch normalization: the updates of each call belong to its inputs', () => {
    const [x, z] = [rows(), rows()];
    const layer = new tf.layers.BatchNormalization();
    for (const input of [x, z]) layer.apply(input, { training: true });
    expect(layer.updates.length).to.equal(4);
    expect(layer.getUpdatesFor(x)).to.deep.equal(layer.updates.slice(0, 2));
    expect(layer.getUpdatesFor(z)).to.deep.equal(layer.updates.slice(2));
    expect(layer.getUpdatesFor([x, z])).to.deep.equal(layer.updates);
    expect(layer.getUpdatesFor(null)).to.deep.equal([]);
    expect(tf.getCollection(UPDATE_OPS)).to.deep.equal(layer.updates);
    const frozen = new tf.layers.BatchNormalization({ trainable: false });
    frozen.apply(x, { training: true });
    expect(frozen.updates).to.deep.equal([]);
  });
});
