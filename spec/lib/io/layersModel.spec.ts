/**
 * Keras models that were converted for tfjs layer by layer, small ones; values are worked out by hand. Published ones are
 * compared with tfjs by `npm run test:models`.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { expectClose } from '../../support/close';
import { expectLegal } from '../../support/legal';
import { f32 } from '../../support/opCase';
import { floats, type Weight } from '../../support/tfjsModels';

const load = tf.io.loadLayersModel;

type Config = Readonly<Record<string, unknown>>;

const layer = (class_name: string, name: string, config: Config = {}, ...reads: readonly string[]) => ({
  class_name,
  name,
  config: { name, ...config },
  inbound_nodes: reads.length === 0 ? [] : [reads.map((read) => [read, 0, 0, {}])],
});

const input = (name: string, ...shape: readonly (number | null)[]) =>
  layer('InputLayer', name, { batch_input_shape: shape, dtype: 'float32' });

function filesOf(modelTopology: object, weights: readonly Weight[]) {
  const specs = weights.map(({ bytes: _, ...spec }) => spec);
  const bytes = new Uint8Array(Buffer.concat(weights.map((weight) => weight.bytes)));
  const model = { format: 'layers-model', modelTopology, weightsManifest: [{ paths: ['w.bin'], weights: specs }] };
  return { model, weights: { 'w.bin': bytes } };
}

function functional(
  layers: readonly object[],
  inputs: readonly string[],
  outputs: readonly string[],
  weights: readonly Weight[] = [],
) {
  const names = (list: readonly string[]) => list.map((name) => [name, 0, 0]);
  const config = { name: 'model', layers, input_layers: names(inputs), output_layers: names(outputs) };
  return filesOf({ keras_version: '2.15.0', model_config: { class_name: 'Functional', config } }, weights);
}

/** What one layer after an input makes of a value. */
async function one(
  kind: string,
  config: Config,
  value: tf.NdArray,
  weights: readonly Weight[] = [],
): Promise<tf.NdArray> {
  const shape = [null, ...value.shape.slice(1)];
  const model = await load(functional([input('x', ...shape), layer(kind, 'y', config, 'x')], ['x'], ['y'], weights));
  expectLegal(model.graph);
  return model.predict(value).y;
}

const image = f32([1, -2, 3, 4]).reshape([1, 2, 2, 1]);

describe('tf.io.loadLayersModel', () => {
  const kinds: readonly (readonly [string, Config, tf.NdArray, readonly Weight[], tf.NdArray])[] = [
    [
      'Dense',
      { activation: 'relu' },
      f32([[1, 2]]),
      [floats('y/kernel', [2, 2], [1, -1, 2, -2]), floats('y/bias', [2], [0.5, 0])],
      f32([[5.5, 0]]),
    ],
    [
      'Dense',
      { use_bias: false, activation: 'hard_sigmoid' },
      f32([[1, 2]]),
      [floats('y/kernel', [2, 1], [1, -1])],
      f32([[0.3]]),
    ],
    [
      'Conv2D',
      { kernel_size: [1, 1], strides: 1, padding: 'same' },
      image,
      [floats('y/kernel', [1, 1, 1, 1], [2]), floats('y/bias', [1], [1])],
      f32([3, -3, 7, 9]).reshape([1, 2, 2, 1]),
    ],
    [
      'DepthwiseConv2D',
      { use_bias: false, padding: 'valid' },
      image,
      [floats('y/depthwise_kernel', [2, 2, 1, 1], [1, 1, 1, 1])],
      f32([6]).reshape([1, 1, 1, 1]),
    ],
    [
      'SeparableConv2D',
      { use_bias: false },
      image,
      [floats('y/depthwise_kernel', [2, 2, 1, 1], [1, 1, 1, 1]), floats('y/pointwise_kernel', [1, 1, 1, 2], [1, -1])],
      f32([6, -6]).reshape([1, 1, 1, 2]),
    ],
    [
      'BatchNormalization',
      { epsilon: 0 },
      f32([[3, 5]]),
      [
        floats('y/gamma', [2], [2, 1]),
        floats('y/beta', [2], [0, 1]),
        floats('y/moving_mean', [2], [1, 1]),
        floats('y/moving_variance', [2], [4, 16]),
      ],
      f32([[2, 2]]),
    ],
    [
      'BatchNormalization',
      { epsilon: 0, scale: false, center: false },
      f32([[3, 5]]),
      [floats('y/moving_mean', [2], [1, 1]), floats('y/moving_variance', [2], [4, 16])],
      f32([[1, 1]]),
    ],
    ['ReLU', { max_value: 6 }, f32([[-1, 7]]), [], f32([[0, 6]])],
    ['ReLU', { negative_slope: 0.5 }, f32([[-1, 7]]), [], f32([[-0.5, 7]])],
    ['LeakyReLU', {}, f32([[-1, 7]]), [], f32([[-0.3, 7]])],
    ['PReLU', {}, f32([[-1, 7]]), [floats('y/alpha', [2], [3, 3])], f32([[-3, 7]])],
    ['Softmax', {}, f32([[0, 0]]), [], f32([[0.5, 0.5]])],
    ['Activation', { activation: 'swish' }, f32([[0]]), [], f32([[0]])],
    ['MaxPooling2D', {}, image, [], f32([4]).reshape([1, 1, 1, 1])],
    ['AveragePooling2D', { pool_size: 2 }, image, [], f32([1.5]).reshape([1, 1, 1, 1])],
    ['GlobalAveragePooling2D', {}, image, [], f32([[1.5]])],
    [
      'ZeroPadding2D',
      {
        padding: [
          [1, 0],
          [0, 1],
        ],
      },
      image,
      [],
      f32([0, 0, 0, 1, -2, 0, 3, 4, 0]).reshape([1, 3, 3, 1]),
    ],
    ['UpSampling2D', { size: [1, 2] }, image, [], f32([1, 1, -2, -2, 3, 3, 4, 4]).reshape([1, 2, 4, 1])],
    [
      'UpSampling2D',
      { size: 2, interpolation: 'bilinear' },
      f32([1, 3]).reshape([1, 1, 2, 1]),
      [],
      f32([1, 2, 3, 3, 1, 2, 3, 3]).reshape([1, 2, 4, 1]),
    ],
    ['Flatten', {}, image, [], f32([[1, -2, 3, 4]])],
    ['Reshape', { target_shape: [4, 1] }, image, [], f32([1, -2, 3, 4]).reshape([1, 4, 1])],
    ['Dropout', { rate: 0.5 }, image, [], image],
  ];
  for (const [kind, config, value, weights, want] of kinds) {
    it(`${kind} ${JSON.stringify(config)}`, async () => expectClose(await one(kind, config, value, weights), want));
  }

  it('models whose layers meet again, in any order', async () => {
    const merges: readonly (readonly [string, number[]])[] = [
      ['Add', [5, 5]],
      ['Subtract', [-3, -1]],
      ['Multiply', [4, 6]],
      ['Average', [2.5, 2.5]],
      ['Maximum', [4, 3]],
      ['Concatenate', [1, 2, 4, 3]],
    ];
    const layers = [
      ...merges.map(([kind]) => layer(kind, kind, {}, 'a', 'b')),
      input('a', null, 2),
      input('b', null, 2),
    ];
    const model = await load(
      functional(
        layers,
        ['a', 'b'],
        merges.map(([kind]) => kind),
      ),
    );
    const results = model.predict({ a: f32([[1, 2]]), b: f32([[4, 3]]) });
    for (const [kind, want] of merges) expectClose(results[kind], f32([want]));
  });

  it('a layer that is called twice, and a model within the model', async () => {
    const inner = {
      class_name: 'Sequential',
      name: 'inner',
      config: {
        name: 'inner',
        layers: [layer('Dense', 'd', { use_bias: false, batch_input_shape: [null, 1] }), layer('ReLU', 'r')],
      },
      inbound_nodes: [[['x', 0, 0, {}]], [['inner', 0, 0, {}]]],
    };
    const sum = {
      ...layer('Add', 'sum'),
      inbound_nodes: [
        [
          ['inner', 0, 0, {}],
          ['inner', 1, 0, {}],
        ],
      ],
    };
    const model = await load(
      functional([input('x', null, 1), inner, sum], ['x'], ['sum'], [floats('d/kernel', [1, 1], [3])]),
    );
    expectClose(model.predict(f32([[2]])).sum, f32([[6 + 18]]));
  });

  it('a model of layers one after the other', async () => {
    const layers = [
      layer('Dense', 'first', { use_bias: false, batch_input_shape: [null, 2] }),
      layer('Activation', 'last', { activation: 'tanh' }),
    ];
    const model = await load(
      filesOf({ class_name: 'Sequential', config: { layers } }, [floats('first/kernel', [2, 1], [1, 1])]),
    );
    expect(Object.keys(model.inputs)).to.deep.equal(['first_input']);
    expectClose(model.predict(f32([[1, -1]])).last, f32([[0]]));
  });

  it('what it cannot load, by the name of the layer', async () => {
    const x = input('x', null, 2);
    const weights = [floats('y/kernel', [2, 1], [1, 1])];
    const wrong: readonly (readonly [object, RegExp])[] = [
      [
        functional([x, layer('LSTM', 'y', {}, 'x')], ['x'], ['y']),
        /Layer 'y' is a LSTM, which is not known\.[\s\S]*Known: Conv2D/,
      ],
      [functional([x, layer('Dense', 'y', {}, 'x')], ['x'], ['y'], weights), /The model has no weight 'y\/bias'\./],
      [
        functional([x, layer('ReLU', 'y', {}, 'x')], ['x'], ['y'], weights),
        /No layer takes these weights of the model: y\/kernel\./,
      ],
      [functional([x, layer('ReLU', 'y', {}, 'z')], ['x'], ['y']), /layer 'y' reads 'z', which is not there/],
      [
        functional([x, layer('Activation', 'y', { activation: 'mish' }, 'x')], ['x'], ['y']),
        /Layer 'y' \(Activation\) has the activation "mish", which is not supported\./,
      ],
      [
        functional([x, layer('UpSampling2D', 'y', { data_format: 'channels_first' }, 'x')], ['x'], ['y']),
        /Layer 'y' \(UpSampling2D\) puts channels first/,
      ],
      [functional([x], ['x'], ['y']), /output_layers names 'y'/],
      [filesOf({ class_name: 'Other', config: {} }, []), /must be one of Model, Functional, Sequential/],
    ];
    for (const [files, message] of wrong) {
      const error = await load(files as never).then(
        () => null,
        (reason: Error) => reason,
      );
      expect(error?.message).to.match(message);
      expect(error).to.be.instanceOf(tf.errors.OpError);
    }
  });
});
