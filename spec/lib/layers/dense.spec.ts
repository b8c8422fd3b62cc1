/**
 * tf.layers.Dense and Flatten: values, shapes, sharing, configurations and errors.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { evaluate, expectError, inGraph, rows } from './support';

const { ValueError } = tf.errors;
const any = <T>(value: unknown): T => value as T;
const floats = (shape: readonly (number | null)[] | null) => tf.placeholder(tf.float32, shape, { name: 'x' });

describe('tf.layers.Dense', () => {
  inGraph('has the properties it was made with', () => {
    const layer = new tf.layers.Dense(2, { activation: tf.nn.relu, name: 'my_dense' });
    const { units, activation, useBias, name, built, kernel, bias } = layer;
    expect({ units, activation, useBias, name, built, kernel, bias }).to.deep.equal({
      units: 2,
      activation: tf.nn.relu,
      useBias: true,
      name: 'my_dense',
      built: false,
      kernel: null,
      bias: null,
    });
  });

  inGraph('multiplies, adds and activates', () => {
    const options = {
      kernelInitializer: tf.initializers.constant([1, -1, 2, -2]),
      biasInitializer: tf.initializers.constant([10, 0.5]),
    };
    const x = tf.constant([[1, 2]]);
    expect(evaluate(tf.layers.dense(x, 2, options))).to.deep.equal([[15, -4.5]]);
    expect(evaluate(tf.layers.dense(x, 2, { ...options, activation: tf.nn.relu }))).to.deep.equal([[15, 0]]);
    expect(evaluate(tf.layers.dense(x, 2, { ...options, activation: 'relu' }))).to.deep.equal([[15, 0]]);
    expect(evaluate(tf.layers.dense(x, 2, { ...options, useBias: false }))).to.deep.equal([[5, -5]]);
  });

  inGraph('works on the last of any number of axes', () => {
    const kernelInitializer = tf.initializers.ones();
    const x = tf.constant([
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ]);
    expect(evaluate(tf.layers.dense(x, 1, { kernelInitializer }))).to.deep.equal([[[3], [7], [11]]]);
    for (const shape of [
      [null, 4],
      [2, 3, 4],
      [null, null, 4],
      [1, null, 2, 4],
    ]) {
      expect(tf.layers.dense(floats(shape), 7).shape.dims).to.deep.equal([...shape.slice(0, -1), 7]);
    }
  });

  inGraph('variables: trainable or not, of the input’s dtype, kept apart by name', () => {
    const layer = new tf.layers.Dense(2, { trainable: false });
    layer.apply(tf.placeholder(tf.float64, [1, 3]));
    expect(layer.variables).to.deep.equal([layer.kernel, layer.bias]);
    expect([layer.trainableVariables, layer.nonTrainableVariables.length]).to.deep.equal([[], 2]);
    expect(tf.trainableVariables()).to.deep.equal([]);
    expect(layer.kernel!.dtype).to.equal(tf.float64);
    const plain = new tf.layers.Dense(2, { useBias: false });
    plain.apply(rows());
    expect(plain.variables).to.deep.equal([plain.kernel]);
  });

  inGraph('constraints are the variables’', () => {
    const [kernelConstraint, biasConstraint] = [(w: tf.Tensor) => w.mul(2), (b: tf.Tensor) => b];
    const layer = new tf.layers.Dense(2, { kernelConstraint, biasConstraint });
    layer.apply(rows());
    expect([layer.kernel!.constraint, layer.bias!.constraint]).to.deep.equal([kernelConstraint, biasConstraint]);
  });

  inGraph('functions share variables by name, by scope, and by AUTO_REUSE', () => {
    const x = rows();
    tf.layers.dense(x, 2, { name: 'd' });
    tf.layers.dense(x, 2, { name: 'd', reuse: true });
    expect(tf.globalVariables().length).to.equal(2);
    tf.variableScope('s', () => tf.layers.dense(x, 2, { name: 'd' }));
    tf.variableScope('s', { reuse: true }, () => tf.layers.dense(x, 2, { name: 'd' }));
    tf.variableScope('s', { reuse: tf.AUTO_REUSE }, () => tf.layers.dense(x, 2, { name: 'd' }));
    expect(tf.globalVariables().length).to.equal(4);
    tf.layers.dense(x, 2);
    tf.layers.dense(x, 2);
    expect(tf.globalVariables().length).to.equal(8);
  });

  inGraph('the initializer of the scope comes before the default', () => {
    const y = tf.variableScope('s', { initializer: tf.initializers.ones() }, () => tf.layers.dense(tf.ones([1, 3]), 2));
    expect(evaluate(y)).to.deep.equal([[3, 3]]);
  });

  inGraph('the same graph seed and program give the same weights; without, a state of the source does', () => {
    const program = () =>
      new tf.Graph().asDefault((graph) => {
        const y = tf.layers.dense(tf.layers.dense(tf.ones([1, 3]), 4), 2);
        return [graph, y] as const;
      });
    const valueOf = ([graph, y]: ReturnType<typeof program>) => graph.asDefault(() => evaluate(y));
    const seeded = (seed: number) =>
      new tf.Graph().asDefault(() => {
        tf.setRandomSeed(seed);
        return evaluate(tf.layers.dense(tf.layers.dense(tf.ones([1, 3]), 4), 2));
      });
    expect(seeded(1)).to.deep.equal(seeded(1));
    expect(seeded(1)).to.not.deep.equal(seeded(2));
    expect(valueOf(program())).to.not.deep.equal(valueOf(program()));
  });

  inGraph('computeOutputShape and configurations', () => {
    const layer = new tf.layers.Dense(3, { activation: tf.nn.relu, useBias: false, name: 'd' });
    expect(layer.computeOutputShape([null, 5, 2]).dims).to.deep.equal([null, 5, 3]);
    expectError(
      ValueError,
      'The last dimension of the input shape of a Dense layer should be defined. Found None. Received: input_shape=(2, None)',
      () => layer.computeOutputShape([2, null]),
    );
    expect(() => layer.computeOutputShape([2])).to.throw(ValueError, 'must have rank at least 2');
    const again = tf.layers.Dense.fromConfig(layer.getConfig());
    expect(again.getConfig()).to.deep.equal(layer.getConfig());
    expect(layer.getConfig()).to.deep.include({ units: 3, useBias: false, activation: tf.nn.relu, name: 'd' });
  });

  inGraph('errors', () => {
    const x = rows();
    const d1 = (text: string) => `Input 0 of layer "d" is incompatible with the layer: ${text}`;
    const layer = new tf.layers.Dense(2, { name: 'd' });
    const vector = floats([4]);
    expectError(ValueError, d1('expected min_ndim=2, found ndim=1. Full shape received: (4,)'), () =>
      layer.apply(vector),
    );
    layer.apply(x);
    const nine = floats([2, 9]);
    expectError(
      ValueError,
      d1('expected axis -1 of input shape to have value 4, but received input with shape (2, 9)'),
      () => layer.apply(nine),
    );
    const open = floats([2, null]);
    expectError(
      ValueError,
      'The last dimension of the inputs to a Dense layer should be defined. Found None. Full input shape received: (2, None)',
      () => tf.layers.dense(open, 2),
    );
    const ints = tf.placeholder(tf.int32, [2, 4]);
    expectError(
      TypeError,
      "A Dense layer can only be built with a floating-point dtype. Received: dtype=<dtype: 'int32'>",
      () => tf.layers.dense(ints, 2),
    );
    expectError(
      ValueError,
      'Received an invalid value for `units`, expected a positive integer. Received: units=-1',
      () => new tf.layers.Dense(-1),
    );
    expectError(
      TypeError,
      "Dense.__init__() missing 1 required positional argument: 'units'",
      () => new tf.layers.Dense(any(undefined)),
    );
    expectError(TypeError, "dense() got an unexpected keyword argument 'foo'", () =>
      tf.layers.dense(x, 3, any({ foo: 1 })),
    );
    expectError(
      TypeError,
      "('Keyword argument not understood:', 'foo')",
      () => new tf.layers.Dense(3, any({ foo: 1 })),
    );
    expect(() => tf.layers.dense(x, 3, { activation: 'bogus' })).to.throw(
      ValueError,
      "Unknown activation function: 'bogus'",
    );
    expect(() => tf.layers.dense(x, 2, { name: 'd' })).to.throw(
      ValueError,
      'Variable d/kernel already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in VarScope?',
    );
    expect(() => tf.layers.dense(x, 2, { name: 'e', reuse: true })).to.throw(
      ValueError,
      'Variable e/kernel does not exist, or was not created with tf.get_variable(). Did you mean to set reuse=tf.AUTO_REUSE in VarScope?',
    );
    const five = floats([2, 5]);
    expectError(
      ValueError,
      'Trying to share variable d/kernel, but specified shape (5, 2) and found shape (4, 2).',
      () => tf.layers.dense(five, 2, { name: 'd', reuse: true }),
    );
  });
});

describe('tf.layers.Flatten', () => {
  inGraph('keeps the batch and joins the rest', () => {
    const x = tf.constant([
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
    ]);
    expect(evaluate(tf.layers.flatten(x))).to.deep.equal([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]);
    expect(evaluate(tf.layers.flatten(tf.constant([1, 2])))).to.deep.equal([[1], [2]]);
    expect(evaluate(tf.layers.flatten(x, { dataFormat: 'channels_first' }))).to.deep.equal([
      [1, 3, 2, 4],
      [5, 7, 6, 8],
    ]);
  });

  inGraph('knows its shape as far as the input’s is known', () => {
    const table: readonly [(number | null)[] | null, (number | null)[]][] = [
      [
        [null, 2, 3],
        [null, 6],
      ],
      [
        [2, null, 3],
        [2, null],
      ],
      [
        [null, null, 3],
        [null, null],
      ],
      [[null], [null, 1]],
      [null, [null, null]],
    ];
    const layer = new tf.layers.Flatten();
    for (const [shape, want] of table) {
      expect(tf.layers.flatten(floats(shape)).shape.dims).to.deep.equal(want);
      if (shape) expect(layer.computeOutputShape(shape).dims).to.deep.equal(want);
    }
    const x = floats([null, null, 3]);
    expect(
      evaluate(tf.layers.flatten(x), [
        [
          x,
          [
            [
              [1, 2, 3],
              [4, 5, 6],
            ],
          ],
        ],
      ]),
    ).to.deep.equal([[1, 2, 3, 4, 5, 6]]);
  });

  inGraph('errors and configuration', () => {
    const scalar = floats([]);
    expectError(
      ValueError,
      'Input 0 of layer "flatten_1" is incompatible with the layer: expected min_ndim=1, found ndim=0. Full shape received: ()',
      () => tf.layers.flatten(scalar),
    );
    expectError(
      ValueError,
      'The `data_format` argument must be one of "channels_first", "channels_last". Received: x',
      () => new tf.layers.Flatten(any({ dataFormat: 'x' })),
    );
    expect(new tf.layers.Flatten({ name: 'f' }).getConfig()).to.deep.equal({
      name: 'f',
      trainable: true,
      dtype: null,
      dataFormat: 'channels_last',
    });
  });
});
