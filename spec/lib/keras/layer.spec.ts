/**
 * Keras's own layers in a graph: names, variables, dtypes, the learning phase; and tf.Module.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { evaluate, expectError, inGraph, rows, x23 } from '../layers/support';

const names = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name);

class Scale extends tf.keras.layers.Layer {
  weight: tf.Variable | null = null;

  override build(inputShape: tf.TensorShape): void {
    this.weight = this.addWeight('w', { shape: [inputShape.at(-1)], regularizer: tf.keras.regularizers.l2(0.1) });
    this.addWeight('count', { dtype: tf.int32, trainable: false });
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor): tf.Tensor {
    return inputs.mul(this.weight!);
  }
}

describe('tf.keras.layers.Layer', () => {
  inGraph('names from 0; each call has a scope of its own; variables are named after the first', () => {
    const [first, second] = [new Scale(), new Scale()];
    expect(names([first, second])).to.deep.equal(['scale', 'scale_1']);
    expect(names([first.apply(rows()), first.apply(rows()), second.apply(rows())])).to.deep.equal([
      'scale/mul:0',
      'scale_1/mul:0',
      'scale_1_1/mul:0',
    ]);
    expect(names(first.weights)).to.deep.equal(['scale/w:0', 'scale/count:0']);
    expect(names(second.weights)).to.deep.equal(['scale_1_1/w:0', 'scale_1_1/count:0']);
    expect(names(tf.globalVariables()).length).to.equal(4);
    expect(names(tf.trainableVariables())).to.deep.equal(['scale/w:0', 'scale_1_1/w:0']);
  });

  inGraph('regularizers are losses of the layer, made anew at each access, and in no collection', () => {
    const layer = new Scale();
    layer.apply(rows());
    expect(names(layer.losses)).to.deep.equal(['scale/w/Regularizer/mul:0']);
    expect(names(layer.losses)).to.deep.equal(['scale/w/Regularizer_1/mul:0']);
    expect(layer.getLossesFor(null).length).to.equal(1);
    expect(tf.getCollection(tf.GraphKeys.REGULARIZATION_LOSSES)).to.deep.equal([]);
    expect(tf.getCollection(tf.GraphKeys.UPDATE_OPS)).to.deep.equal([]);
  });

  inGraph('floating inputs take the layer’s dtype', () => {
    const layer = new tf.keras.layers.Dense(2);
    const y = layer.apply(tf.placeholder(tf.float64, [1, 2]));
    expect([layer.dtype, y.dtype]).to.deep.equal([tf.float32, tf.float32]);
    expect(new tf.keras.layers.Dropout(0, { dtype: 'float64' }).apply(x23()).dtype).to.equal(tf.float64);
    expect(new tf.keras.layers.Flatten().apply(tf.placeholder(tf.int32, [2, 2, 2])).dtype).to.equal(tf.int32);
  });

  inGraph('dense, convolution, pooling, flattening and normalization work as in tf.layers', () => {
    const { Conv2D, MaxPooling2D, AveragePooling2D, Flatten, Dense, BatchNormalization } = tf.keras.layers;
    const x = tf.ones([2, 8, 8, 3]);
    const h = new AveragePooling2D({ poolSize: 2 }).apply(
      new MaxPooling2D().apply(new Conv2D(4, 3, { padding: 'same', kernelInitializer: 'ones' }).apply(x)),
    );
    const y = new Dense(5).apply(new BatchNormalization().apply(new Flatten().apply(h), { training: true }));
    expect(y.shape.dims).to.deep.equal([2, 5]);
    expect((evaluate(y) as number[][]).length).to.equal(2);
  });

  inGraph('weights given at construction are stored in the default session', () => {
    const session = new tf.Session();
    const layer = new tf.keras.layers.Dense(1, { weights: [[[2], [3]], [4]], kernelInitializer: 'zeros' });
    const y = session.asDefault(() => layer.apply(tf.ones([1, 2])));
    expect(session.runSync(y).toArray()).to.deep.equal([[9]]);
  });

  inGraph('does not say what shape its outputs have', () => {
    expect(() => new Scale().computeOutputShape([1])).to.throw(tf.errors.NotImplementedError, 'computeOutputShape');
  });
});

describe('the Keras learning phase', () => {
  inGraph('is one placeholder of the graph, false by default', (graph) => {
    const y = new tf.keras.layers.Dropout(0.5).apply(x23());
    tf.nameScope('scope', () => new tf.keras.layers.Dropout(0.5).apply(y));
    const phases = graph.operations.filter(({ name }) => name.includes('keras_learning_phase'));
    expect(names(phases)).to.deep.equal(['keras_learning_phase/input', 'keras_learning_phase']);
    expect(tf.keras.backend.learningPhase()).to.equal(phases[1].output);
  });

  inGraph('a fixed phase decides for layers that are told nothing, in that graph only', () => {
    tf.keras.backend.setLearningPhase(1);
    const x = x23();
    expect(new tf.keras.layers.Dropout(0.5).apply(x).op.type).to.equal('SelectV2');
    expect(new tf.keras.layers.Dropout(0.5).apply(x, { training: false }).op.type).to.equal('Identity');
    expect(new tf.layers.Dropout(0.5).apply(x).op.type).to.equal('Identity');
    expect(new tf.layers.Dropout(0.5).apply(x, { training: null }).op.type).to.equal('SelectV2');
    tf.keras.backend.setLearningPhase(0);
    expect(new tf.keras.layers.Dropout(0.5).apply(x).op.type).to.equal('Identity');
    const other = new tf.Graph().asDefault(() => new tf.keras.layers.Dropout(0.5).apply(x23()).op.name);
    expect(other).to.equal('dropout/cond/Identity');
  });
});

describe('tf.Module', () => {
  class Part extends tf.Module {
    readonly v = new tf.Variable(1, { name: 'v' });
  }
  class Whole extends tf.Module {
    readonly second = new Part();
    readonly first = { deep: [new Part()], frozen: new tf.Variable(2, { trainable: false, name: 'f' }) };
  }

  inGraph('collects variables and modules from its properties, by sorted name, each once', () => {
    const whole = new Whole();
    expect(whole.submodules).to.deep.equal([whole.first.deep[0], whole.second]);
    expect(whole.variables).to.deep.equal([whole.first.frozen, whole.first.deep[0].v, whole.second.v]);
    expect(whole.trainableVariables).to.deep.equal([whole.first.deep[0].v, whole.second.v]);
    expect(whole.nonTrainableVariables).to.deep.equal([whole.first.frozen]);
  });

  inGraph('names', () => {
    class MyBigModule extends tf.Module {}
    expect([new MyBigModule().name, new tf.Module({ name: 'MyName' }).name]).to.deep.equal(['my_big_module', 'MyName']);
    expectError(
      tf.errors.ValueError,
      "'a b' is not a valid module name. Module names must be valid Python identifiers (e.g. a valid class name).",
      () => new tf.Module({ name: 'a b' }),
    );
    expect(new MyBigModule().nameScope(() => tf.noOp().name)).to.equal('my_big_module/NoOp');
  });
});
