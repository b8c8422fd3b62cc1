/**
 * What all layers of tf.layers share: classes, names and scopes, building once, weights, losses and updates, configurations, users' own
 * layers.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import type { CustomGetter } from '../../../lib/variables/variableStore';
import { expectLegal } from '../../support/legal';
import { evaluate, expectError, inGraph, rows, x23 } from './support';

const { ValueError } = tf.errors;
const any = <T>(value: unknown): T => value as T;
const names = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name);

describe('tf.layers.Dropout: its place among the classes', () => {
  inGraph('tf.Module ← Keras Layer ← Keras Dropout and tf.layers.Layer ← tf.layers.Dropout', () => {
    const legacy = new tf.layers.Dropout();
    const classes = [tf.keras.layers.Dropout, tf.layers.Layer, tf.keras.layers.Layer, tf.Module, tf.layers.Dropout];
    for (const layerClass of classes) expect(legacy, layerClass.name).to.be.instanceOf(layerClass);
    expect(legacy).to.not.be.instanceOf(tf.layers.Dense);
    const keras = new tf.keras.layers.Dropout(0.5);
    for (const layerClass of [tf.keras.layers.Dropout, tf.keras.layers.Layer, tf.Module]) {
      expect(keras, layerClass.name).to.be.instanceOf(layerClass);
    }
    for (const layerClass of [tf.layers.Dropout, tf.layers.Layer]) expect(keras).to.not.be.instanceOf(layerClass);
    expect(null).to.not.be.instanceOf(tf.layers.Layer);
  });

  inGraph('a user’s class is its own', () => {
    class Mine extends tf.layers.Layer {}
    class Other extends tf.layers.Layer {}
    const mine = new Mine();
    expect(mine).to.be.instanceOf(Mine);
    expect(mine).to.be.instanceOf(tf.layers.Layer);
    expect(mine).to.not.be.instanceOf(Other);
    expect(new tf.layers.Dropout()).to.not.be.instanceOf(Mine);
  });

  inGraph('tf.compat.v1 has the same class', () => {
    expect(tf.compat.v1.layers.Dropout).to.equal(tf.layers.Dropout);
  });
});

describe('tf.layers.Dropout: members', () => {
  inGraph('before any call', (graph) => {
    const layer = new tf.layers.Dropout();
    const { rate, noiseShape, seed, trainable, built, dtype, stateful, dynamic, supportsMasking, inputSpec } = layer;
    expect({
      rate,
      noiseShape,
      seed,
      trainable,
      built,
      dtype,
      stateful,
      dynamic,
      supportsMasking,
      inputSpec,
    }).to.deep.equal({
      rate: 0.5,
      noiseShape: null,
      seed: null,
      trainable: true,
      built: false,
      dtype: null,
      stateful: false,
      dynamic: false,
      supportsMasking: true,
      inputSpec: null,
    });
    expect(layer.graph).to.equal(graph);
    for (const list of [
      layer.variables,
      layer.weights,
      layer.trainableVariables,
      layer.nonTrainableVariables,
      layer.trainableWeights,
      layer.nonTrainableWeights,
      layer.losses,
      layer.updates,
      layer.getLossesFor(null),
      layer.getLossesFor(x23()),
      layer.getUpdatesFor(null),
      layer.getUpdatesFor([]),
      layer.getWeights(),
      layer.submodules,
    ]) {
      expect(list).to.deep.equal([]);
    }
    expectError(
      ValueError,
      "You tried to call `count_params` on dropout_1, but the layer isn't built. You can build it manually via: `dropout_1.build(batch_input_shape)`.",
      () => layer.countParams(),
    );
    expectError(
      ValueError,
      'No name available for layer scope because the layer "dropout_1" has not been used yet. The scope name  is determined the first time the layer instance is called. You must therefore call the layer before querying `scope_name`.',
      () => layer.scopeName,
    );
  });

  inGraph('after a call', () => {
    const layer = new tf.layers.Dropout({ name: 'd' });
    layer.apply(tf.placeholder(tf.float64, [2]));
    expect([layer.built, layer.dtype, layer.scopeName, layer.countParams()]).to.deep.equal([true, tf.float64, 'd', 0]);
  });

  inGraph('graph: that of the first inputs; a layer may be used in another graph too', (graph) => {
    const layer = new tf.layers.Dropout();
    const other = new tf.Graph();
    const y = other.asDefault(() => layer.apply(x23()));
    expect(layer.graph).to.equal(other);
    expect([y.graph, y.name]).to.deep.equal([other, 'dropout/Identity:0']);
    const z = layer.apply(x23());
    expect([layer.graph, z.graph, z.name]).to.deep.equal([other, graph, 'dropout/Identity:0']);
  });

  inGraph('what only functional models have', () => {
    const layer = new tf.layers.Dropout({ name: 'foo' });
    const { AttributeError } = tf.errors;
    expectError(AttributeError, 'Layer foo is not connected, no input to return.', () => layer.input);
    expectError(AttributeError, 'Layer foo has no inbound nodes.', () => layer.output);
    expectError(
      AttributeError,
      'The layer "foo" has never been called and thus has no defined input shape. Note that the `input_shape` property is only available for Functional and Sequential models.',
      () => layer.inputShape,
    );
    expectError(
      AttributeError,
      'The layer has never been called and thus has no defined output shape.',
      () => layer.outputShape,
    );
  });

  inGraph('shapes and masks pass through', () => {
    const layer = new tf.layers.Dropout();
    expect(layer.computeOutputShape([null, 3]).dims).to.deep.equal([null, 3]);
    const mask = tf.placeholder(tf.bool, [2]);
    expect(layer.computeMask(x23(), mask)).to.equal(mask);
    expect(layer.computeMask(x23())).to.equal(null);
    expectError(
      TypeError,
      'Layer layer_1 does not support masking, but was passed an input_mask: Tensor("Placeholder:0", shape=(2,), dtype=bool)',
      () => new tf.layers.Layer().computeMask(mask, mask),
    );
  });

  inGraph('the configuration makes the same layer again', () => {
    const layer = new tf.layers.Dropout(0.3, { name: 'd', noiseShape: [null, 1], seed: 4, trainable: false });
    const config = layer.getConfig();
    expect(config).to.deep.equal({
      name: 'd',
      trainable: false,
      dtype: null,
      rate: 0.3,
      noiseShape: [null, 1],
      seed: 4,
    });
    expect(Object.keys(config)).to.deep.equal(['name', 'trainable', 'dtype', 'rate', 'noiseShape', 'seed']);
    const again = tf.layers.Dropout.fromConfig(config);
    expect(again).to.be.instanceOf(tf.layers.Dropout);
    expect(again.getConfig()).to.deep.equal(config);
    expect(tf.layers.Dropout.fromConfig(JSON.parse(JSON.stringify(config))).getConfig()).to.deep.equal(config);
    expect(new tf.layers.Dropout({ inputShape: [3], dynamic: true }).getConfig()).to.deep.include({
      batchInputShape: [null, 3],
      dynamic: true,
    });
    expectError(TypeError, "('Keyword argument not understood:', 'bogus')", () =>
      tf.layers.Dropout.fromConfig({ rate: 0.5, bogus: 1 }),
    );
    const keras = tf.keras.layers.Dropout.fromConfig({ rate: 0.5, name: 'd' });
    expect(keras.getConfig()).to.deep.include({ name: 'd', dtype: 'float32', rate: 0.5 });
  });
});

describe('tf.layers: names and scopes', () => {
  inGraph('default names count per graph, from 1, over all classes of that name', () => {
    expect(names([new tf.layers.Dropout(), new tf.layers.Dropout({ name: '' })])).to.deep.equal([
      'dropout_1',
      'dropout_2',
    ]);
    expect(names([new tf.keras.layers.Dense(1), new tf.keras.layers.Dense(1), new tf.layers.Dense(1)])).to.deep.equal([
      'dense',
      'dense_1',
      'dense_3',
    ]);
    expect(
      names([
        new tf.layers.Conv2D(1, 1),
        new tf.layers.MaxPooling2D(1, 1),
        new tf.layers.AveragePooling2D(1, 1),
        new tf.layers.BatchNormalization(),
        new tf.layers.Flatten(),
      ]),
    ).to.deep.equal(['conv2d_1', 'max_pooling2d_1', 'average_pooling2d_1', 'batch_normalization_1', 'flatten_1']);
    new tf.Graph().asDefault(() => expect(new tf.layers.Dropout().name).to.equal('dropout_1'));
  });

  inGraph('class names in snake case', () => {
    class MyHTTPLayer extends tf.layers.Layer {}
    class _Hidden extends tf.layers.Layer {}
    expect(names([new MyHTTPLayer(), new _Hidden()])).to.deep.equal(['my_http_layer_1', 'private__hidden_1']);
  });

  inGraph('scope names of layers with a scope, with sharing, and of plain ones', () => {
    class MyLayer extends tf.layers.Layer {
      override call(inputs: tf.Tensor): tf.Tensor {
        return tf.identity(inputs);
      }
    }
    const x = x23();
    const used = (layer: MyLayer) => {
      layer.apply(x);
      return layer.scopeName;
    };
    expect(used(new MyLayer({ name: 'fwd' }))).to.equal('fwd');
    expect(used(new MyLayer({ name: 'fwd', _reuse: true }))).to.equal('fwd');
    expect(used(new MyLayer({ _scope: 'given' }))).to.equal('given');
    expect(new MyLayer({ _scope: 'given' }).scopeName).to.equal('given');
    tf.variableScope('outer', () => expect(used(new MyLayer({ name: 'x' }))).to.equal('outer/x'));
    expect(used(new MyLayer())).to.equal('my_layer');
    expect(used(new MyLayer())).to.equal('my_layer_1');
  });

  inGraph('the name scope of a layer’s ops follows its variable scope', () => {
    const x = rows();
    const bias = (layer: tf.layers.Dense) => [layer.apply(x).op.name, layer.bias!.name];
    expect(bias(new tf.layers.Dense(1))).to.deep.equal(['dense/BiasAdd', 'dense/bias:0']);
    expect(bias(new tf.layers.Dense(1))).to.deep.equal(['dense_1/BiasAdd', 'dense_1/bias:0']);
    tf.nameScope('n', () => expect(bias(new tf.layers.Dense(1))).to.deep.equal(['n/dense/BiasAdd', 'dense_2/bias:0']));
  });
});

describe('tf.layers.Layer: users’ own', () => {
  class Linear extends tf.layers.Layer {
    static override readonly callArguments: readonly string[] | null = ['bonus'];
    builds = 0;
    weight: tf.Variable | null = null;

    override build(inputShape: tf.TensorShape): void {
      this.builds++;
      this.weight = this.addWeight('w', { shape: [inputShape.at(-1)], initializer: tf.initializers.ones() });
    }

    override call(inputs: tf.Tensor, { bonus = 0 }: { bonus?: number } = {}): tf.Tensor {
      return inputs.mul(this.weight!).add(bonus);
    }
  }

  inGraph('are built once and share their variables over calls', (graph) => {
    const layer = new Linear();
    const a = layer.apply(rows());
    const b = layer.apply(tf.ones([3, 4]), { bonus: 2 });
    expect([layer.builds, layer.built, names(layer.variables)]).to.deep.equal([1, true, ['linear/w:0']]);
    expect([a.name, b.name]).to.deep.equal(['linear/add:0', 'linear/add_1:0']);
    expect(evaluate(b)).to.deep.equal(Array.from({ length: 3 }, () => [3, 3, 3, 3]));
    const x = rows();
    expectError(TypeError, "Linear.call() got an unexpected keyword argument 'training_'", () =>
      layer.apply(x, { training_: 1 }),
    );
    expectLegal(graph);
  });

  inGraph('a call that returns nothing', () => {
    class None_ extends tf.layers.Layer {
      override call(): unknown {
        return null;
      }
    }
    const x = x23();
    expectError(
      ValueError,
      "A layer's `call` method should return a Tensor or a list of Tensors, not None (layer: none__1).",
      () => new None_().apply(x),
    );
  });

  inGraph('a call or build that fails leaves the graph and the layer as they were', () => {
    class Failing extends Linear {
      fails = true;

      override call(inputs: tf.Tensor): tf.Tensor {
        const y = super.call(inputs);
        this.addLoss(tf.reduceSum(y));
        this.addUpdate(tf.noOp());
        if (this.fails) throw new RangeError('no');
        return y;
      }
    }
    const x = rows();
    const layer = new Failing();
    expectError(RangeError, 'no', () => layer.apply(x));
    expect([layer.built, layer.variables, layer.losses, layer.updates]).to.deep.equal([false, [], [], []]);
    expect(tf.globalVariables()).to.deep.equal([]);
    expect(tf.getCollection(tf.GraphKeys.REGULARIZATION_LOSSES)).to.deep.equal([]);
    layer.fails = false;
    expect(layer.apply(x).name).to.equal('failing/add:0');
    expect([names(layer.variables), layer.losses.length, layer.updates.length]).to.deep.equal([['failing/w:0'], 1, 1]);
  });

  inGraph(
    'lines of a user’s call are the creation sites of its ops; a layer of sluice has the line that calls it',
    () => {
      const lineOf = ({ op }: tf.Tensor) => Number(/layer\.spec\.ts:(\d+):\d+$/.exec(op.creationSite!)![1]);
      const x = tf.ones([1, 4]);
      expect(lineOf(new Linear().apply(x))).to.be.lessThan(lineOf(x));
      expect(lineOf(new tf.layers.Dense(1).apply(x))).to.equal(lineOf(x) + 2);
    },
  );

  inGraph('objects and lists of tensors go in and out', () => {
    class Swap extends tf.layers.Layer {
      override call(inputs: { a: tf.Tensor; b: tf.Tensor }): unknown {
        return { label: inputs.b, logits: [inputs.a] };
      }
    }
    const [a, b] = [x23(), x23()];
    expect(new Swap().apply({ a, b })).to.deep.equal({ label: b, logits: [a] });
  });

  inGraph('layers in layers keep their variables to themselves in tf.layers, and share them in tf.keras', () => {
    class Legacy extends tf.layers.Layer {
      inner = new tf.layers.Dense(2);
      override call(inputs: tf.Tensor): tf.Tensor {
        return this.inner.apply(inputs);
      }
    }
    class Keras extends tf.keras.layers.Layer {
      parts = { inner: new tf.keras.layers.Dense(2), more: [new tf.keras.layers.Dense(3)] };
      override call(inputs: tf.Tensor): tf.Tensor {
        return this.parts.more[0].apply(this.parts.inner.apply(inputs));
      }
    }
    const [legacy, keras] = [new Legacy(), new Keras()];
    for (const layer of [legacy, keras]) layer.apply(rows());
    expect(legacy.variables).to.deep.equal([]);
    expect(legacy.submodules).to.deep.equal([legacy.inner]);
    expect(names(keras.variables)).to.deep.equal([
      'keras/dense_1/kernel:0',
      'keras/dense_1/bias:0',
      'keras/dense_2/kernel:0',
      'keras/dense_2/bias:0',
    ]);
    keras.trainable = false;
    expect(keras.parts.inner.trainable).to.equal(false);
    expect([keras.trainableVariables.length, keras.nonTrainableVariables.length]).to.deep.equal([0, 4]);
  });

  inGraph('inner layers take `training` from the call around them', () => {
    class Outer extends tf.layers.Layer {
      inner = new tf.keras.layers.Dropout(0.5);
      override call(inputs: tf.Tensor): tf.Tensor {
        return this.inner.apply(inputs);
      }
    }
    const x = x23();
    const outer = new Outer();
    expect(outer.apply(x, { training: true }).op.type).to.equal('SelectV2');
    expect(outer.apply(x, { training: false }).op.type).to.equal('Identity');
  });
});

describe('tf.layers.Layer: weights', () => {
  inGraph('addWeight: trainable or not, regularized, of a dtype', () => {
    const layer = new tf.layers.Layer({ name: 'my_layer' });
    const a = layer.addWeight('a', { shape: [2, 2] });
    expect(names(layer.trainableVariables)).to.deep.equal(['my_layer/a:0']);
    const b = layer.addWeight('b', { shape: [2, 2], trainable: false, dtype: tf.int32 });
    expect([names(layer.variables), b.dtype]).to.deep.equal([['my_layer/a:0', 'my_layer/b:0'], tf.int32]);
    expect(tf.trainableVariables()).to.deep.equal([a]);
    layer.addWeight('c', { regularizer: (w) => tf.reduceSum(any<tf.Tensor>(w)).mul(0.1) });
    expect(layer.losses.length).to.equal(1);
    expect(layer.getLossesFor(null).length).to.equal(1);
    expectError(TypeError, "('Unknown keyword argument:', 'foo')", () => layer.addWeight('d', any({ foo: 1 })));
    expectError(
      ValueError,
      'Synchronization value can be set to VariableSynchronization.ON_READ only for non-trainable variables. You have specified trainable=True and synchronization=VariableSynchronization.ON_READ.',
      () => layer.addWeight('d', { trainable: true, synchronization: tf.VariableSynchronization.ON_READ }),
    );
  });

  inGraph('a shared variable’s regularizer counts once in the collection', () => {
    const x = rows();
    const regularizer = tf.regularizers.l2(0.1);
    for (const reuse of [false, true]) tf.layers.dense(x, 2, { name: 'd', kernelRegularizer: regularizer, reuse });
    expect(tf.getCollection(tf.GraphKeys.REGULARIZATION_LOSSES).length).to.equal(1);
  });

  inGraph('a custom getter decides whether a weight is trained', () => {
    const untrained: CustomGetter = (getter, name, options) => getter(name, { ...options, trainable: false });
    const layer = new tf.layers.Dense(2);
    tf.variableScope('s', { customGetter: untrained }, () => layer.apply(rows()));
    expect([layer.trainableVariables.length, layer.nonTrainableVariables.length]).to.deep.equal([0, 2]);
  });

  inGraph('countParams, getWeights and setWeights', () => {
    const layer = new tf.layers.Dense(2, { biasInitializer: tf.initializers.constant(3) });
    const y = layer.apply(tf.ones([1, 3]));
    expect(layer.countParams()).to.equal(8);
    const session = new tf.Session();
    session.runSync(tf.globalVariablesInitializer());
    expect(layer.getWeights(session)[1].toArray()).to.deep.equal([3, 3]);
    layer.setWeights(
      [
        tf.NdArray.from([
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
        [10, 20],
      ],
      session,
    );
    expect(session.runSync(y).toArray()).to.deep.equal([[19, 32]]);
    expectError(
      ValueError,
      'You called `set_weights(weights)` on layer "dense_1" with a weight list of length 1, but the layer was expecting 2 weights. Provided weights: [1]...',
      () => layer.setWeights([1], session),
    );
    expectError(ValueError, 'Layer weight shape (3, 2) not compatible with provided weight shape (2,)', () =>
      layer.setWeights(
        [
          [1, 2],
          [1, 2],
        ],
        session,
      ),
    );
  });

  inGraph('variables of a layer that is first used in a branch belong to the graph outside', () => {
    const layer = new tf.layers.Dense(2);
    const x = tf.ones([1, 3]);
    const y = tf.cond(
      tf.placeholderWithDefault(true, []),
      () => layer.apply(x),
      () => tf.zeros([1, 2]),
    );
    expect(names(tf.globalVariables())).to.deep.equal(['dense/kernel:0', 'dense/bias:0']);
    expect((evaluate(y) as number[][])[0].length).to.equal(2);
  });
});

describe('tf.layers.Layer: input specs', () => {
  const { InputSpec } = tf.layers;
  const checked = (spec: tf.layers.InputSpec) => {
    const layer = new tf.layers.Layer({ name: 'l' });
    layer.inputSpec = spec;
    return layer;
  };
  const where = 'Input 0 of layer "l" is incompatible with the layer: ';
  const cases: readonly [tf.layers.InputSpec, (number | null)[] | null, string | null][] = [
    [new InputSpec({ ndim: 2 }), [1], 'expected ndim=2, found ndim=1. Full shape received: (1,)'],
    [new InputSpec({ ndim: 2 }), [1, 2], null],
    [new InputSpec({ ndim: 2 }), null, null],
    [new InputSpec({ minNdim: 2 }), [], 'expected min_ndim=2, found ndim=0. Full shape received: ()'],
    [new InputSpec({ maxNdim: 1 }), [1, 2], 'expected max_ndim=1, found ndim=2'],
    [new InputSpec({ dtype: tf.int32 }), [1], "expected dtype=int32, found dtype=<dtype: 'float32'>"],
    [
      new InputSpec({ axes: { [-1]: 2 } }),
      [3, 5],
      'expected axis -1 of input shape to have value 2, but received input with shape (3, 5)',
    ],
    [new InputSpec({ axes: { [-1]: 2 } }), [3, null], null],
    [new InputSpec({ shape: [null, 3] }), [2, 4], 'expected shape=(None, 3), found shape=(2, 4)'],
    [new InputSpec({ shape: [null, 3] }), [2, 3], null],
  ];
  for (const [spec, shape, problem] of cases) {
    inGraph(`${spec} and ${JSON.stringify(shape)}`, () => {
      const x = tf.placeholder(tf.float32, shape);
      if (problem === null) expect(checked(spec).apply(x)).to.equal(x);
      else expectError(ValueError, where + problem, () => checked(spec).apply(x));
    });
  }

  inGraph('the number of inputs, and what is no tensor', () => {
    const layer = checked(new InputSpec({ ndim: 2 }));
    const x = x23();
    expectError(
      ValueError,
      `Layer "l" expects 1 input(s), but it received 2 input tensors. Inputs received: [${x}, ${x}]`,
      () => layer.apply([x, x]),
    );
    expectError(
      TypeError,
      "Inputs to a layer should be tensors. Got 'text' (of type <class 'str'>) as input for layer 'l'.",
      () => layer.apply('text'),
    );
  });

  it('an axis beyond the rank', () => {
    expect(() => new InputSpec({ ndim: 2, axes: { 2: 3 } })).to.throw(
      ValueError,
      'Axis 2 is greater than the maximum allowed value: 1',
    );
  });
});
