/**
 * What each kind of Keras layer computes when it is not trained, as nodes of a graph. Images are channels-last.
 */
import { applyUnary } from '../../graph/applyOp';
import { InvalidArgumentError } from '../../graph/errors';
import type { Tensor } from '../../graph/tensor';
import type { Config } from './layersConfig';

/** A layer being built. */
export interface Layer {
  readonly name: string;
  readonly className: string;
  readonly config: Config;
  /** The weight of that name, as a tensor. */
  weight(name: string): Tensor;
}

type Kind = (inputs: readonly Tensor[], layer: Layer) => Tensor;

function refuse({ name, className }: Layer, what: string): never {
  throw new InvalidArgumentError(`Layer '${name}' (${className}) ${what}, which is not supported.`);
}

/** An attribute that may be one number for both directions. */
function pair(layer: Layer, key: string, fallback: readonly number[]): readonly number[] {
  const value = layer.config[key] ?? fallback;
  const list = typeof value === 'number' ? [value, value] : value;
  if (Array.isArray(list) && list.length === 2 && list.every((item) => Number.isInteger(item))) return list;
  return refuse(layer, `has ${key} ${JSON.stringify(value)}`);
}

function number(layer: Layer, key: string, fallback: number): number {
  const value = layer.config[key] ?? fallback;
  return typeof value === 'number' ? value : refuse(layer, `has ${key} ${JSON.stringify(value)}`);
}

function padding(layer: Layer): string {
  const value = layer.config.padding ?? 'valid';
  return value === 'valid' || value === 'same' ? value.toUpperCase() : refuse(layer, `pads '${value}'`);
}

function requireChannelsLast(layer: Layer): void {
  if ((layer.config.data_format ?? 'channels_last') !== 'channels_last') refuse(layer, 'puts channels first');
}

const one = (op: string) => (x: Tensor) => applyUnary(op, { [inputName(op)]: x });
const inputName = (op: string): string =>
  ({
    Softmax: 'logits',
    Relu: 'features',
    Relu6: 'features',
    Elu: 'features',
    Selu: 'features',
    Softplus: 'features',
    Softsign: 'features',
  })[op] ?? 'x';

const clip = (x: Tensor, low: number, high: number) =>
  applyUnary('Minimum', { x: applyUnary('Maximum', { x, y: low }), y: high });

const activations: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  linear: (x) => x,
  relu: one('Relu'),
  relu6: one('Relu6'),
  sigmoid: one('Sigmoid'),
  tanh: one('Tanh'),
  softmax: one('Softmax'),
  elu: one('Elu'),
  selu: one('Selu'),
  softplus: one('Softplus'),
  softsign: one('Softsign'),
  swish: (x) => applyUnary('Mul', { x, y: applyUnary('Sigmoid', { x }) }),
  hard_sigmoid: (x) => clip(applyUnary('AddV2', { x: applyUnary('Mul', { x, y: 0.2 }), y: 0.5 }), 0, 1),
};

function activate(x: Tensor, layer: Layer): Tensor {
  const name = layer.config.activation ?? 'linear';
  const activation = typeof name === 'string' && Object.hasOwn(activations, name) ? activations[name] : null;
  return activation ? activation(x) : refuse(layer, `has the activation ${JSON.stringify(name)}`);
}

function withBias(x: Tensor, layer: Layer): Tensor {
  return layer.config.use_bias === false ? x : applyUnary('BiasAdd', { value: x, bias: layer.weight('bias') });
}

/** Strides and dilations as the ops of convolutions take them. */
function windows(layer: Layer) {
  requireChannelsLast(layer);
  if (number(layer, 'groups', 1) !== 1) refuse(layer, 'convolves in groups');
  return {
    strides: [1, ...pair(layer, 'strides', [1, 1]), 1],
    dilations: [1, ...pair(layer, 'dilation_rate', [1, 1]), 1],
    padding: padding(layer),
  };
}

const conv2d: Kind = ([input], layer) =>
  activate(withBias(applyUnary('Conv2D', { input, filter: layer.weight('kernel'), ...windows(layer) }), layer), layer);

const depthwise = (input: Tensor, layer: Layer) =>
  applyUnary('DepthwiseConv2dNative', { input, filter: layer.weight('depthwise_kernel'), ...windows(layer) });

const dense: Kind = ([x], layer) => {
  if (x.shape.rank !== 2) refuse(layer, `reads a tensor of shape ${x.shape}`);
  return activate(withBias(applyUnary('MatMul', { a: x, b: layer.weight('kernel') }), layer), layer);
};

const batchNormalization: Kind = ([x], layer) => {
  const rank = x.shape.rank ?? refuse(layer, 'reads a tensor of unknown rank');
  const axis = Array.isArray(layer.config.axis) ? layer.config.axis[0] : (layer.config.axis ?? -1);
  if (axis !== -1 && axis !== rank - 1) refuse(layer, `normalizes along axis ${axis}`);
  const variance = applyUnary('AddV2', { x: layer.weight('moving_variance'), y: number(layer, 'epsilon', 1e-3) });
  const deviation = applyUnary('Rsqrt', { x: variance });
  const scale =
    layer.config.scale === false ? deviation : applyUnary('Mul', { x: deviation, y: layer.weight('gamma') });
  const centered = applyUnary('Mul', { x: layer.weight('moving_mean'), y: scale });
  const offset =
    layer.config.center === false
      ? applyUnary('Neg', { x: centered })
      : applyUnary('Sub', { x: layer.weight('beta'), y: centered });
  return applyUnary('AddV2', { x: applyUnary('Mul', { x, y: scale }), y: offset });
};

const relu: Kind = ([x], layer) => {
  const slope = number(layer, 'negative_slope', 0);
  if (number(layer, 'threshold', 0) !== 0) refuse(layer, 'has a threshold');
  const positive =
    slope === 0 ? applyUnary('Relu', { features: x }) : applyUnary('LeakyRelu', { features: x, alpha: slope });
  const most = layer.config.max_value;
  return typeof most === 'number' ? applyUnary('Minimum', { x: positive, y: most }) : positive;
};

const pool =
  (op: string, input: string): Kind =>
  ([x], layer) => {
    requireChannelsLast(layer);
    const size = pair(layer, 'pool_size', [2, 2]);
    return applyUnary(op, {
      [input]: x,
      ksize: [1, ...size, 1],
      strides: [1, ...pair(layer, 'strides', size), 1],
      padding: padding(layer),
    });
  };

const globalPool =
  (op: string): Kind =>
  ([input], layer) => {
    requireChannelsLast(layer);
    return applyUnary(op, { input, reduction_indices: [1, 2], keep_dims: layer.config.keepdims === true });
  };

/** `[[top, bottom], [left, right]]`, or fewer numbers. */
function margins(layer: Layer, key: string): number[][] {
  const value = layer.config[key] ?? 1;
  const [rows, columns] = typeof value === 'number' ? [value, value] : (value as readonly unknown[]);
  const both = (side: unknown) => (typeof side === 'number' ? [side, side] : (side as number[]));
  const all = [both(rows), both(columns)];
  if (all.flat().length === 4 && all.flat().every((item) => Number.isInteger(item) && item >= 0)) return all;
  return refuse(layer, `has ${key} ${JSON.stringify(value)}`);
}

const upSampling: Kind = ([images], layer) => {
  requireChannelsLast(layer);
  const kind = layer.config.interpolation ?? 'nearest';
  if (kind !== 'nearest' && kind !== 'bilinear') refuse(layer, `interpolates by '${kind}'`);
  const shape = applyUnary('StridedSlice', {
    input: applyUnary('Shape', { input: images }),
    begin: [1],
    end: [3],
    strides: [1],
  });
  const size = applyUnary('Mul', { x: shape, y: [...pair(layer, 'size', [2, 2])] });
  return applyUnary(kind === 'nearest' ? 'ResizeNearestNeighbor' : 'ResizeBilinear', { images, size });
};

/** The shape behind the batch; -1 is what is left over. */
function reshaped(x: Tensor, shape: readonly number[]): Tensor {
  const batch = applyUnary('StridedSlice', {
    input: applyUnary('Shape', { input: x }),
    begin: [0],
    end: [1],
    strides: [1],
  });
  return applyUnary('Reshape', { tensor: x, shape: applyUnary('ConcatV2', { values: [batch, [...shape]], axis: 0 }) });
}

/** Combines the inputs two by two, from the left. */
const fold =
  (op: string): Kind =>
  (inputs) =>
    inputs.reduce((x, y) => applyUnary(op, { x, y }));

const unchanged: Kind = ([x]) => applyUnary('Identity', { input: x });

/** The layers that are known, by their class. */
export const layerKinds: Readonly<Record<string, Kind>> = {
  Conv2D: conv2d,
  DepthwiseConv2D: ([x], layer) => activate(withBias(depthwise(x, layer), layer), layer),
  SeparableConv2D: ([x], layer) => {
    const spread = depthwise(x, layer);
    const mixed = applyUnary('Conv2D', {
      input: spread,
      filter: layer.weight('pointwise_kernel'),
      strides: [1, 1, 1, 1],
      padding: 'VALID',
    });
    return activate(withBias(mixed, layer), layer);
  },
  Dense: dense,
  BatchNormalization: batchNormalization,
  Activation: ([x], layer) => activate(x, layer),
  ReLU: relu,
  LeakyReLU: ([features], layer) => applyUnary('LeakyRelu', { features, alpha: number(layer, 'alpha', 0.3) }),
  ELU: ([features], layer) =>
    number(layer, 'alpha', 1) === 1 ? applyUnary('Elu', { features }) : refuse(layer, 'has an alpha'),
  Softmax: ([logits], layer) => {
    const axis = number(layer, 'axis', -1);
    return axis === -1 || axis === (logits.shape.rank ?? 0) - 1
      ? applyUnary('Softmax', { logits })
      : refuse(layer, `has axis ${axis}`);
  },
  PReLU: ([x], layer) => {
    const negative = applyUnary('Relu', { features: applyUnary('Neg', { x }) });
    const scaled = applyUnary('Mul', { x: layer.weight('alpha'), y: negative });
    return applyUnary('Sub', { x: applyUnary('Relu', { features: x }), y: scaled });
  },
  MaxPooling2D: pool('MaxPool', 'input'),
  AveragePooling2D: pool('AvgPool', 'value'),
  GlobalAveragePooling2D: globalPool('Mean'),
  GlobalMaxPooling2D: globalPool('Max'),
  ZeroPadding2D: ([input], layer) => {
    requireChannelsLast(layer);
    return applyUnary('Pad', { input, paddings: [[0, 0], ...margins(layer, 'padding'), [0, 0]] });
  },
  UpSampling2D: upSampling,
  Flatten: ([x]) => reshaped(x, [-1]),
  Reshape: ([x], layer) =>
    reshaped(
      x,
      (layer.config.target_shape as (number | null)[]).map((size) => size ?? -1),
    ),
  Concatenate: (inputs, layer) => applyUnary('ConcatV2', { values: [...inputs], axis: number(layer, 'axis', -1) }),
  Add: fold('AddV2'),
  Subtract: fold('Sub'),
  Multiply: fold('Mul'),
  Maximum: fold('Maximum'),
  Minimum: fold('Minimum'),
  Average: (inputs, layer) => applyUnary('RealDiv', { x: fold('AddV2')(inputs, layer), y: inputs.length }),
  // These do something only in training.
  Dropout: unchanged,
  SpatialDropout2D: unchanged,
  AlphaDropout: unchanged,
  GaussianDropout: unchanged,
  GaussianNoise: unchanged,
};
