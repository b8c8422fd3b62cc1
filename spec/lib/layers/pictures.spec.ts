/**
 * tf.layers.Conv2D, MaxPooling2D and AveragePooling2D: values, shapes, configurations and errors.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { expectClose } from '../../support/close';
import { evaluate, expectError, images, inGraph } from './support';

const { ValueError } = tf.errors;
const any = <T>(value: unknown): T => value as T;
const picture = (values: readonly (readonly number[])[]) =>
  tf.constant([values.map((row) => row.map((value) => [value]))]);
const plain = (value: unknown) => (value as number[][][][])[0].map((row) => row.map(([channel]) => channel));
const square = () =>
  picture([
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ]);

describe('tf.layers.Conv2D', () => {
  const kernelInitializer = tf.initializers.ones();

  inGraph('sums windows, valid, same, strided and dilated', () => {
    const conv = (options: tf.layers.Conv2DFunctionOptions, size = 2) =>
      plain(evaluate(tf.layers.conv2d(square(), 1, size, { kernelInitializer, ...options })));
    expect(conv({})).to.deep.equal([
      [12, 16],
      [24, 28],
    ]);
    expect(conv({ padding: 'same' })).to.deep.equal([
      [12, 16, 9],
      [24, 28, 15],
      [15, 17, 9],
    ]);
    expect(conv({ strides: 2, padding: 'same' })).to.deep.equal([
      [12, 9],
      [15, 9],
    ]);
    expect(conv({ dilationRate: 2 })).to.deep.equal([[20]]);
    expect(conv({ biasInitializer: tf.initializers.constant(-14), activation: tf.nn.relu })).to.deep.equal([
      [0, 2],
      [10, 14],
    ]);
  });

  inGraph('channels first and last agree', () => {
    const x = tf.constant(
      tf.NdArray.from({ data: Float32Array.from({ length: 32 }, (_, i) => i), shape: [1, 4, 4, 2] }),
    );
    const options = {
      kernelInitializer: tf.initializers.randomUniform({ seed: 1 }),
      reuse: tf.AUTO_REUSE,
      name: 'c',
    } as const;
    const last = tf.layers.conv2d(x, 3, 2, options);
    const first = tf.layers.conv2d(tf.transpose(x, [0, 3, 1, 2]), 3, 2, { ...options, dataFormat: 'channels_first' });
    const session = new tf.Session();
    session.runSync(tf.globalVariablesInitializer());
    const [a, b] = session.runSync([last, tf.transpose(first, [0, 2, 3, 1])]);
    // Compiled kernels use fused multiply-adds, plain ones, which do channels first, do not.
    expectClose(b, a);
  });

  inGraph('shapes, static and computed', () => {
    const table: readonly [tf.layers.Conv2DFunctionOptions, (number | null)[]][] = [
      [{}, [null, 6, 6, 4]],
      [{ padding: 'same' }, [null, 8, 8, 4]],
      [{ padding: 'SAME', strides: [2, 3] }, [null, 4, 3, 4]],
      [{ dilationRate: 3 }, [null, 2, 2, 4]],
    ];
    for (const [options, want] of table) {
      const layer = new tf.layers.Conv2D(4, 3, options);
      expect(layer.computeOutputShape([null, 8, 8, 3]).dims).to.deep.equal(want);
      expect(layer.apply(images()).shape.dims).to.deep.equal(want);
    }
    const first = new tf.layers.Conv2D(4, 3, { dataFormat: 'channels_first' });
    expect(first.computeOutputShape([null, 3, 8, 7]).dims).to.deep.equal([null, 4, 6, 5]);
  });

  inGraph('configuration', () => {
    const layer = new tf.layers.Conv2D(4, 3, { name: 'c', padding: 'SAME', strides: 2 });
    expect(layer.getConfig()).to.deep.include({
      filters: 4,
      kernelSize: [3, 3],
      strides: [2, 2],
      padding: 'same',
      dataFormat: 'channels_last',
      dilationRate: [1, 1],
      activation: 'linear',
      useBias: true,
    });
    expect(tf.layers.Conv2D.fromConfig(layer.getConfig()).getConfig()).to.deep.equal(layer.getConfig());
  });

  inGraph('errors', () => {
    const conv =
      (options: unknown, size: unknown = 3, filters = 4) =>
      () =>
        new tf.layers.Conv2D(filters, any(size), any(options));
    const tuple = (name: string, rest: string) =>
      `The \`${name}\` argument must be a tuple of 2 integers. Received: ${rest}`;
    const zero = 'that does not satisfy the requirement `> 0`.';
    expectError(ValueError, tuple('kernel_size', '(3, 3, 3)'), conv({}, [3, 3, 3]));
    expectError(ValueError, tuple('kernel_size', '3.5'), conv({}, 3.5));
    expectError(ValueError, tuple('kernel_size', `0 including {0} ${zero}`), conv({}, 0));
    expectError(ValueError, tuple('kernel_size', `(3, -1) including {-1} ${zero}`), conv({}, [3, -1]));
    expectError(ValueError, 'The argument `strides` cannot contains 0(s). Received: (0, 0)', conv({ strides: 0 }));
    expectError(
      ValueError,
      tuple('strides', '-1 including {-1} that does not satisfy the requirement `>= 0`.'),
      conv({ strides: -1 }),
    );
    expectError(
      ValueError,
      '`strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: strides=(2, 2) and dilation_rate=(2, 2)',
      conv({ strides: 2, dilationRate: 2 }),
    );
    expectError(
      ValueError,
      'The `padding` argument must be a list/tuple or one of "valid", "same" (or "causal", only for `Conv1D). Received: foo',
      conv({ padding: 'foo' }),
    );
    expectError(
      ValueError,
      'Causal padding is only supported for `Conv1D`and `SeparableConv1D`.',
      conv({ padding: 'causal' }),
    );
    expectError(
      ValueError,
      'The `data_format` argument must be one of "channels_first", "channels_last". Received: foo',
      conv({ dataFormat: 'foo' }),
    );
    expectError(
      ValueError,
      'Invalid value for argument `filters`. Expected a strictly positive value. Received filters=0.',
      conv({}, 3, 0),
    );
    const open = tf.placeholder(tf.float32, [null, 8, 8, null]);
    expectError(
      ValueError,
      'The channel dimension of the inputs should be defined. The input_shape received is (None, 8, 8, None), where axis -1 (0-based) is the channel dimension, which found to be `None`.',
      () => tf.layers.conv2d(open, 3, 3),
    );
    const flat = tf.placeholder(tf.float32, [8, 8, 3]);
    expectError(
      ValueError,
      'Input 0 of layer "c" is incompatible with the layer: expected min_ndim=4, found ndim=3. Full shape received: (8, 8, 3)',
      () => tf.layers.conv2d(flat, 3, 3, { name: 'c' }),
    );
    const x = tf.placeholder(tf.float32, [null, 8, 8, 1], { name: 'x' });
    expectError(
      ValueError,
      `Negative dimension size caused by subtracting 9 from 8 for '{{node conv2d/Conv2D}} = Conv2D[T=DT_FLOAT, data_format="NHWC", dilations=[1, 1, 1, 1], explicit_paddings=[], padding="VALID", strides=[1, 1, 1, 1], use_cudnn_on_gpu=true](x, conv2d/Conv2D/ReadVariableOp)' with input shapes: [?,8,8,1], [9,9,1,5].`,
      () => tf.layers.conv2d(x, 5, 9),
    );
    expectError(TypeError, "conv2d() got an unexpected keyword argument 'foo'", () =>
      tf.layers.conv2d(x, 5, 3, any({ foo: 1 })),
    );
    expectError(
      TypeError,
      "Conv2D.__init__() missing 2 required positional arguments: 'filters' and 'kernelSize'",
      () => new tf.layers.Conv2D(any(undefined), any(undefined)),
    );
  });
});

describe('tf.layers.MaxPooling2D and AveragePooling2D', () => {
  inGraph('the largest and the mean of windows; padding does not count', () => {
    const x = square();
    expect(plain(evaluate(tf.layers.maxPooling2d(x, 2, 1)))).to.deep.equal([
      [5, 6],
      [8, 9],
    ]);
    expect(plain(evaluate(tf.layers.averagePooling2d(x, 2, 1)))).to.deep.equal([
      [3, 4],
      [6, 7],
    ]);
    expect(plain(evaluate(tf.layers.maxPooling2d(x, 2, 2, { padding: 'same' })))).to.deep.equal([
      [5, 6],
      [8, 9],
    ]);
    expect(plain(evaluate(tf.layers.averagePooling2d(x, 2, 2, { padding: 'same' })))).to.deep.equal([
      [3, 4.5],
      [7.5, 9],
    ]);
  });

  inGraph('shapes and configurations', () => {
    const layer = new tf.layers.MaxPooling2D([2, 3], [1, 2], { padding: 'same', name: 'p' });
    expect(layer.apply(images()).shape.dims).to.deep.equal([null, 8, 4, 3]);
    expect(layer.computeOutputShape([null, 8, 7, 3]).dims).to.deep.equal([null, 8, 4, 3]);
    expect(layer.getConfig()).to.deep.equal({
      name: 'p',
      trainable: true,
      dtype: 'float32',
      poolSize: [2, 3],
      padding: 'same',
      strides: [1, 2],
      dataFormat: 'channels_last',
    });
    const config = layer.getConfig();
    expect(tf.layers.MaxPooling2D.fromConfig(config).getConfig()).to.deep.equal(config);
    expect(tf.layers.AveragePooling2D.fromConfig(config).getConfig()).to.deep.equal(config);
    expect(new tf.keras.layers.MaxPooling2D({ poolSize: 3 }).strides).to.deep.equal([3, 3]);
  });

  inGraph('errors', () => {
    for (const [layerClass, pool, name] of [
      [tf.layers.MaxPooling2D, tf.layers.maxPooling2d, 'max_pooling2d'],
      [tf.layers.AveragePooling2D, tf.layers.averagePooling2d, 'average_pooling2d'],
    ] as const) {
      expectError(ValueError, 'Argument `strides` must not be None.', () => new layerClass(2, any(null)));
      expectError(
        TypeError,
        `${layerClass.name}.__init__() missing 1 required positional argument: 'strides'`,
        () => new layerClass(2, any(undefined)),
      );
      expectError(
        ValueError,
        'The `pool_size` argument must be a tuple of 2 integers. Received: (2, 2, 2)',
        () => new layerClass([2, 2, 2], 2),
      );
      const flat = tf.placeholder(tf.float32, [8, 8, 3]);
      expectError(
        ValueError,
        'Input 0 of layer "p" is incompatible with the layer: expected ndim=4, found ndim=3. Full shape received: (8, 8, 3)',
        () => pool(flat, 2, 2, { name: 'p' }),
      );
      const x = images();
      expect(() => pool(x, 9, 1)).to.throw(ValueError, 'Negative dimension size caused by subtracting 9 from 8 for');
      expect(() => pool(x, 2, 0)).to.throw(ValueError, 'Stride must be > 0, but got 0 for');
      expectError(TypeError, `${name}() got an unexpected keyword argument 'foo'`, () =>
        pool(x, 2, 2, any({ foo: 1 })),
      );
    }
  });
});
