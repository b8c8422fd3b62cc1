/**
 * What dropout refuses, with TensorFlow's classes and texts, leaving the graph as it was.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { expectError, inGraph, x23 } from './support';

const { ValueError } = tf.errors;
const training = true;
type Options = tf.layers.DropoutOptions;
const any = <T>(value: unknown): T => value as T;

/** A layer with that rate and these options, called in training mode on x. */
const train = (rate: unknown, options: Options = {}, x: () => tf.Tensor = x23) => {
  const input = x();
  return () => new tf.layers.Dropout(any<number>(rate), options).apply(input, { training });
};

describe('tf.layers.Dropout: rates', () => {
  for (const [rate, text] of [
    [-0.1, '-0.1'],
    [1.5, '1.5'],
    [Number.NaN, 'nan'],
    [Number.POSITIVE_INFINITY, 'inf'],
  ] as const) {
    inGraph(`${rate} is refused by the constructor and by the function`, () => {
      const message = `Invalid value ${text} received for \`rate\`, expected a value between 0 and 1.`;
      expectError(ValueError, message, () => new tf.layers.Dropout(rate));
      expectError(ValueError, message, () => new tf.keras.layers.Dropout(rate));
      const x = x23();
      expectError(ValueError, message, () => tf.layers.dropout(x, { rate }));
    });
  }

  inGraph('1 is a rate of the layer, but not of the op', () => {
    const layer = new tf.layers.Dropout(1);
    expect(layer.apply(x23()).op.type).to.equal('Identity');
    const message = '`rate` must be a scalar tensor or a float in the range [0, 1). Received: rate=1';
    const x = x23();
    expectError(ValueError, message, () => layer.apply(x, { training }));
    const phase = tf.placeholder(tf.bool, []);
    expectError(ValueError, message, () => layer.apply(x, { training: phase }));
    expectError(ValueError, message, () => tf.nn.dropout(x, { rate: 1 }));
  });

  inGraph('what is neither number nor tensor fails when training only', () => {
    for (const [rate, text] of [
      ['a', 'a'],
      [null, 'None'],
      [[0.5], '[0.5]'],
    ] as const) {
      const call = train(rate);
      expect(new tf.layers.Dropout(any<number>(rate)).apply(x23()).op.type).to.equal('Identity');
      expectError(ValueError, `\`rate\` must be a scalar or scalar tensor. Received: rate=${text}`, call);
    }
  });

  inGraph('true is 1, as in Python', () => {
    const message = '`rate` must be a scalar tensor or a float in the range [0, 1). Received: rate=True';
    expectError(ValueError, message, train(true));
  });

  inGraph('a tensor must be a scalar of the input’s dtype; its value is not checked', () => {
    expectError(ValueError, 'Shape (2,) must have rank 0', train(tf.constant([0.1, 0.2])));
    expectError(
      ValueError,
      "`x.dtype` must be compatible with `rate.dtype`. Received: x.dtype=<dtype: 'float32'> and rate.dtype=<dtype: 'float64'>",
      train(tf.constant(0.1, tf.float64)),
    );
    expect(train(tf.placeholder(tf.float32, null))().shape.dims).to.deep.equal([2, 3]);
  });
});

describe('tf.layers.Dropout: inputs', () => {
  inGraph('dtypes that are not floating fail when training, also behind a switch', () => {
    const x = tf.placeholder(tf.int32, [2, 3]);
    const phase = tf.placeholder(tf.bool, []);
    const message =
      "`x.dtype` must be a floating point tensor as `x` will be scaled. Received: x_dtype=<dtype: 'int32'>";
    expectError(ValueError, message, () => tf.layers.dropout(x, { training }));
    expectError(ValueError, message, () => tf.layers.dropout(x, { training: phase }));
    expect(tf.layers.dropout(x).dtype).to.equal(tf.int32);
  });

  inGraph('null and nothing', () => {
    const layer = new tf.layers.Dropout();
    expectError(ValueError, "Tried to convert 'input' to a tensor and failed. Error: None values not supported.", () =>
      layer.apply(any<tf.Tensor>(null)),
    );
    expectError(ValueError, 'None values not supported.', () => layer.apply(any<tf.Tensor>(null), { training }));
    expectError(TypeError, "Layer.__call__() missing 1 required positional argument: 'inputs'", () =>
      layer.apply(any<tf.Tensor>(undefined)),
    );
  });

  inGraph('a tensor of another graph', () => {
    const foreign = new tf.Graph().asDefault(() => x23());
    const call = () => new tf.layers.Dropout().apply(tf.stack([foreign, x23()]));
    expect(call).to.throw(ValueError, 'must be from the same graph');
  });

  inGraph('an input spec is checked', () => {
    const layer = new tf.layers.Dropout();
    layer.inputSpec = new tf.layers.InputSpec({ ndim: 3 });
    const x = x23();
    expectError(
      ValueError,
      'Input 0 of layer "dropout_1" is incompatible with the layer: expected ndim=3, found ndim=2. Full shape received: (2, 3)',
      () => layer.apply(x),
    );
    expectError(TypeError, 'Layer input_spec must be an instance of InputSpec. Got: 3', () => {
      layer.inputSpec = any(3);
    });
  });
});

describe('tf.layers.Dropout: noise shapes', () => {
  const floats = "Value passed to parameter 'shape' has DataType float32 not in list of allowed values: int32, int64";
  const dims = (a: number, b: number, shapes: string) =>
    `Dimensions must be equal, but are ${a} and ${b} for '{{node dropout/dropout/SelectV2}} = SelectV2[T=DT_FLOAT](dropout/dropout/GreaterEqual, dropout/dropout/Mul, dropout/dropout/Const_1)' with input shapes: ${shapes}.`;
  const x24 = () => tf.placeholder(tf.float32, [2, 4], { name: 'x' });

  inGraph('a number', () => {
    expectError(TypeError, "'int' object is not iterable", train(0.5, { noiseShape: any(3) }));
  });
  inGraph('an empty list', () => expectError(TypeError, floats, train(0.5, { noiseShape: [] })));
  inGraph('fractions', () => expectError(TypeError, floats, train(0.5, { noiseShape: [1.5, 3] })));
  inGraph('dimensions that do not broadcast', () =>
    expectError(ValueError, dims(3, 2, '[3,4], [2,4], []'), train(0.5, { noiseShape: [3, 4] }, x24)),
  );
  inGraph('a higher rank that does not broadcast', () =>
    expectError(ValueError, dims(4, 2, '[2,4,1], [2,4], []'), train(0.5, { noiseShape: [2, 4, 1] }, x24)),
  );
  inGraph('more nulls than the input has dimensions', () =>
    expectError(
      ValueError,
      "slice index 2 of dimension 0 out of bounds. for '{{node dropout/strided_slice_2}} = StridedSlice[Index=DT_INT32, T=DT_INT32, begin_mask=0, ellipsis_mask=0, end_mask=0, new_axis_mask=0, shrink_axis_mask=1](dropout/Shape, dropout/strided_slice_2/stack, dropout/strided_slice_2/stack_1, dropout/strided_slice_2/stack_2)' with input shapes: [2], [1], [1], [1] and with computed input tensors: input[1] = <2>, input[2] = <3>, input[3] = <1>.",
      train(0.5, { noiseShape: [null, null, null] }),
    ),
  );
});

describe('tf.layers.Dropout: arguments', () => {
  for (const [value, text, type] of [
    ['yes', 'yes', 'str'],
    [2, '2', 'int'],
    [0.5, '0.5', 'float'],
  ] as const) {
    inGraph(`training: ${value}`, () => {
      const x = x23();
      expectError(
        TypeError,
        `Argument \`pred\` must be a Tensor, or a Python bool, or 1 or 0. Received: pred=${text} of type ${type}`,
        () => new tf.layers.Dropout().apply(x, { training: any(value) }),
      );
    });
  }

  inGraph('unknown keywords of the constructor, the call and the function', () => {
    const x = x23();
    expectError(TypeError, "('Keyword argument not understood:', 'foo')", () => new tf.layers.Dropout(any({ foo: 1 })));
    const layer = new tf.layers.Dropout();
    for (const keyword of ['foo', 'mask']) {
      const message = `Dropout.call() got an unexpected keyword argument '${keyword}'`;
      expectError(TypeError, message, () => layer.apply(x, { [keyword]: 1 }));
    }
    expectError(TypeError, "dropout() got an unexpected keyword argument 'foo'", () =>
      tf.layers.dropout(x, any({ foo: 1 })),
    );
  });

  inGraph('options that are no object', () => {
    expect(() => new tf.layers.Dropout().apply(x23(), any(true))).to.throw(TypeError, '{ training }');
    expect(() => tf.layers.dropout(x23(), any(0.4))).to.throw(TypeError, 'as an object');
  });

  inGraph('the Keras class needs a rate', () => {
    expectError(
      TypeError,
      "Dropout.__init__() missing 1 required positional argument: 'rate'",
      () => new tf.keras.layers.Dropout(any(undefined)),
    );
  });

  inGraph('names that are none fail at the call', () => {
    const x = x23();
    const bad = new tf.layers.Dropout({ name: 'bad name' });
    expectError(
      ValueError,
      "'bad name' is not a valid root scope name. A root scope name has to match the following pattern: ^[A-Za-z0-9.][A-Za-z0-9_.\\\\/>-]*$",
      () => bad.apply(x),
    );
    const number = new tf.layers.Dropout(any({ name: 3 }));
    expectError(TypeError, "expected string or bytes-like object, got 'int'", () => number.apply(x));
  });

  inGraph('texts as seeds, and what is no seed', () => {
    const seedsOf = (seed: string) => {
      const layer = new tf.layers.Dropout(0.5, { seed });
      return [0, 1].map(() => layer.apply(x23(), { training }).op.inputs[0].op.inputs[0].op.getAttr('seed2') as number);
    };
    const [first, second] = seedsOf('a text');
    expect(second).to.equal(first + 1);
    expect(seedsOf('a text')).to.deep.equal([first, second]);
    expectError(TypeError, "Expected int for argument 'seed' not 1.5 of type float.", train(0.5, { seed: 1.5 }));
  });

  inGraph('a learning phase other than 0 and 1', () => {
    expectError(ValueError, 'Expected learning phase to be 0 or 1.', () => tf.keras.backend.setLearningPhase(any(3)));
  });
});

describe('tf.layers.Dropout: after a failed call', () => {
  inGraph('the layer is as before: not built, without scope, and its seed not used up', () => {
    const layer = new tf.layers.Dropout(0.5, { seed: 42 });
    const ints = tf.placeholder(tf.int32, [2]);
    expect(() => layer.apply(ints, { training })).to.throw(ValueError);
    expect([layer.built, layer.dtype]).to.deep.equal([false, null]);
    expect(() => layer.scopeName).to.throw(ValueError);
    const y = layer.apply(tf.ones([2, 4]), { training });
    expect(y.name).to.equal('dropout/dropout/SelectV2:0');
    expect(y.op.inputs[0].op.inputs[0].op.getAttr('seed2')).to.equal(42);
  });
});

describe('tf.nn.dropout', () => {
  inGraph('keepProb and rate exclude each other, and one is needed', () => {
    const x = x23();
    expectError(ValueError, "Cannot specify both 'keep_prob' and 'rate'.", () => tf.nn.dropout(x, 0.5, { rate: 0.5 }));
    expectError(ValueError, '`rate` must be provided. Received: rate=None', () => tf.nn.dropout(x, {}));
  });

  inGraph('ranges', () => {
    const x = x23();
    for (const [keepProb, rate] of [
      [0, '1'],
      [1.5, '-0.5'],
    ] as const) {
      const message = `\`rate\` must be a scalar tensor or a float in the range [0, 1). Received: rate=${rate}`;
      expectError(ValueError, message, () => tf.nn.dropout(x, keepProb));
    }
    expectError(ValueError, '`keep_prob` must be a floating point number or Tensor. Received: keep_prob=a', () =>
      tf.nn.dropout(x, any('a')),
    );
  });
});
