/**
 * What dropout layers compute: TensorFlow's masks over successive runs, switches, noise shapes, gradients, and the rate on average.
 *
 * values/dropout.json holds what TensorFlow gives (spec/golden/values_dropout.py).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { evaluate, inGraph } from './support';

type Feed = [tf.Tensor, tf.ArrayLike][];
type Fetch = tf.Tensor | readonly tf.Tensor[];

const goldens = JSON.parse(readFileSync(join(__dirname, '../../golden/values/dropout.json'), 'utf8')) as Record<
  string,
  unknown[]
>;
const training = true;
const ones24 = () => tf.ones([2, 4]);
const eight = () =>
  tf.constant([
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ]);
const unfed = (count: number): Feed[] => Array.from({ length: count }, () => []);

function expectNear(got: unknown, want: unknown, tolerance: number): void {
  if (Array.isArray(want)) {
    expect((got as unknown[]).length).to.equal(want.length);
    want.forEach((item, i) => {
      expectNear((got as unknown[])[i], item, tolerance);
    });
  } else if (typeof want === 'number') expect(got).to.be.closeTo(want, tolerance);
  else expect(got).to.equal(want);
}

/** Runs a twin of the Python case of that name: the same fetch, run by run. */
function twin(name: string, build: () => readonly [Fetch, Feed[]], tolerance = 0): void {
  it(name, () => {
    new tf.Graph().asDefault(() => {
      const [fetch, feeds] = build();
      const session = new tf.Session();
      const got = feeds.map((feed) => {
        const results = session.runSync([fetch].flat() as tf.Tensor[], { feed }).map((value) => value.toArray());
        return Array.isArray(fetch) ? results : results[0];
      });
      expectNear(got, goldens[name], tolerance);
    });
  });
}

describe('tf.layers.Dropout: values equal to TensorFlow’s', () => {
  twin('op_seed', () => [tf.layers.dropout(ones24(), { rate: 0.5, seed: 42, training }), unfed(3)]);
  twin('graph_seed', () => {
    tf.setRandomSeed(1234);
    return [tf.layers.dropout(ones24(), { rate: 0.5, training }), unfed(3)];
  });
  twin('graph_and_op_seed', () => {
    tf.setRandomSeed(1234);
    return [tf.layers.dropout(ones24(), { rate: 0.5, seed: 7, training }), unfed(3)];
  });
  twin('rate_three_tenths', () => [tf.layers.dropout(ones24(), { rate: 0.3, seed: 1, training }), unfed(3)]);
  twin('rate_tensor', () => {
    const rate = tf.placeholder(tf.float32, []);
    const y = tf.layers.dropout(ones24(), { rate, seed: 1, training });
    return [y, [0.25, 0, 0.75, 1, 1.5].map((value): Feed => [[rate, value]])];
  });
  twin('float64', () => [tf.layers.dropout(tf.ones([2, 4], tf.float64), { rate: 0.3, seed: 1, training }), unfed(3)]);
  twin('second_call_of_a_layer', () => {
    const layer = new tf.layers.Dropout(0.5, { seed: 42 });
    const x = ones24();
    return [[layer.apply(x, { training }), layer.apply(x), layer.apply(x, { training })], unfed(3)];
  });
  twin('training_switched', () => {
    const phase = tf.placeholder(tf.bool, []);
    const y = tf.layers.dropout(ones24(), { rate: 0.5, seed: 42, training: phase });
    return [y, [true, false, true, false, true].map((value): Feed => [[phase, value]])];
  });
  twin('noise_shape_row', () => [
    tf.layers.dropout(tf.ones([3, 4]), { rate: 0.5, noiseShape: [3, 1], seed: 2, training }),
    unfed(3),
  ]);
  twin('noise_shape_null', () => {
    const x = tf.placeholder(tf.float32, [null, 4]);
    const y = tf.layers.dropout(x, { rate: 0.5, noiseShape: [null, 1], seed: 2, training });
    return [y, [2, 5].map((count): Feed => [[x, Array.from({ length: count }, () => [1, 2, 3, 4])]])];
  });
  twin('gradient', () => {
    const x = eight();
    const y = tf.layers.dropout(x, { rate: 0.5, seed: 42, training });
    return [[y, tf.gradients(y, [x])[0] as tf.Tensor], unfed(3)];
  });
  twin('gradient_under_placeholder', () => {
    const phase = tf.placeholder(tf.bool, []);
    const x = eight();
    const y = tf.layers.dropout(x, { rate: 0.5, seed: 42, training: phase });
    return [
      [y, tf.gradients(y, [x])[0] as tf.Tensor],
      [[[phase, true]], [[phase, false]]],
    ];
  });
  twin('infinite_inputs', () => {
    const row = [Number.POSITIVE_INFINITY, Number.NaN, 1, Number.NEGATIVE_INFINITY];
    return [tf.math.isFinite(tf.layers.dropout(tf.constant([row, row]), { rate: 0.5, seed: 42, training })), unfed(3)];
  });
  twin(
    'glorot_uniform_seed',
    () => [new tf.keras.initializers.GlorotUniform({ seed: 3 }).call([2, 3]), unfed(1)],
    1e-6,
  );
  twin('he_normal_seed', () => [new tf.keras.initializers.HeNormal({ seed: 3 }).call([2, 3]), unfed(1)], 1e-6);
  twin('random_normal_seed', () => [new tf.keras.initializers.RandomNormal({ seed: 3 }).call([2, 3]), unfed(1)], 1e-6);
});

/** Types of the ops that a run executes, those of branches included. */
function executed(session: tf.Session, fetch: tf.Tensor, feed: Feed): string[] {
  const metadata: tf.RunMetadata = {};
  session.runSync(fetch, { feed, options: { traceLevel: tf.TraceLevel.FULL_TRACE }, metadata });
  return metadata.stepStats!.flatMap(({ nodeStats }) =>
    nodeStats.flatMap(({ ops }) => ops.map((name) => name.split('/').at(-1)!)),
  );
}

describe('tf.layers.Dropout: training switched while running', () => {
  const switches = {
    'a placeholder': () => {
      const phase = tf.placeholder(tf.bool, []);
      return { phase, feedOf: (value: boolean): Feed => [[phase, value]] };
    },
    'a placeholder with a default': () => {
      const phase = tf.placeholderWithDefault(false, []);
      return { phase, feedOf: (value: boolean): Feed => (value ? [[phase, true]] : []) };
    },
    'a computed tensor': () => {
      const step = tf.placeholder(tf.int32, []);
      return { phase: tf.less(step, 10), feedOf: (value: boolean): Feed => [[step, value ? 3 : 30]] };
    },
    'the Keras learning phase': () => ({
      phase: null,
      feedOf: (value: boolean): Feed =>
        value ? [[tf.getDefaultGraph().getTensorByName('keras_learning_phase:0'), true]] : [],
    }),
  };
  for (const [title, make] of Object.entries(switches)) {
    inGraph(`${title}: drops when true, passes through when false`, () => {
      const { phase, feedOf } = make();
      const x = eight();
      const y = tf.layers.dropout(x, { rate: 0.5, seed: 42, training: phase });
      const session = new tf.Session();
      expect(session.runSync(y, { feed: feedOf(false) }).toArray()).to.deep.equal(session.runSync(x).toArray());
      expect(session.runSync(y, { feed: feedOf(true) }).toArray()).to.deep.equal([
        [2, 4, 6, 8],
        [0, 12, 0, 0],
      ]);
    });
  }

  inGraph('a variable', () => {
    const phase = new tf.Variable(false, { trainable: false });
    const y = tf.layers.dropout(ones24(), { rate: 0.5, seed: 42, training: phase });
    const session = new tf.Session();
    session.runSync(tf.globalVariablesInitializer());
    expect(session.runSync(y).toArray()).to.deep.equal(session.runSync(ones24()).toArray());
    phase.load(true, session);
    expect(session.runSync(y).toArray()).to.deep.equal([
      [2, 2, 2, 2],
      [0, 2, 0, 0],
    ]);
  });

  inGraph('the random op does not run when training is false, and its stream stands still', () => {
    const phase = tf.placeholder(tf.bool, []);
    const y = tf.layers.dropout(ones24(), { rate: 0.5, seed: 42, training: phase });
    const session = new tf.Session();
    expect(executed(session, y, [[phase, false]])).to.not.include('RandomUniform');
    expect(session.rngState.nodes).to.deep.equal({});
    expect(executed(session, y, [[phase, true]])).to.include('RandomUniform');
    const { nodes } = session.rngState;
    session.runSync(y, { feed: [[phase, false]] });
    expect(session.rngState.nodes).to.deep.equal(nodes);
  });

  inGraph('a number 0 as rate never needs the switch', () => {
    const phase = tf.placeholder(tf.bool, []);
    const y = tf.layers.dropout(eight(), { rate: 0, training: phase });
    expect(evaluate(y)).to.deep.equal(evaluate(eight()));
    expect(y.op.type).to.equal('Identity');
  });

  inGraph('int32 for training builds and fails when it runs', () => {
    const phase = tf.placeholder(tf.int32, []);
    const y = tf.layers.dropout(ones24(), { rate: 0.5, training: phase });
    expect(() => new tf.Session().runSync(y, { feed: [[phase, 1]] })).to.throw(tf.errors.InvalidArgumentError);
  });
});

describe('tf.layers.Dropout: masks', () => {
  inGraph('kept values are scaled by 1 / (1 − rate), dropped ones are 0', () => {
    const y = tf.layers.dropout(tf.ones([1000]), { rate: 0.75, seed: 5, training });
    const values = new Set((evaluate(y) as number[]).map(String));
    expect([...values].sort()).to.deep.equal(['0', '4']);
  });

  inGraph('each run has a new mask; a new session repeats the sequence of a seeded one', () => {
    const y = tf.layers.dropout(tf.ones([64]), { rate: 0.5, seed: 11, training });
    const [first, second] = [new tf.Session(), new tf.Session()];
    const sequence = [0, 1, 2].map(() => first.runSync(y).toArray());
    expect(new Set(sequence.map(String)).size).to.equal(3);
    expect([0, 1, 2].map(() => second.runSync(y).toArray())).to.deep.equal(sequence);
  });

  inGraph('without a seed, sessions differ; the session’s state replays one', () => {
    const y = tf.layers.dropout(tf.ones([256]), { rate: 0.5, training });
    const [first, second] = [new tf.Session(), new tf.Session()];
    const state = first.rngState;
    const drawn = first.runSync(y).toArray();
    expect(second.runSync(y).toArray()).to.not.deep.equal(drawn);
    second.rngState = state;
    expect(second.runSync(y).toArray()).to.deep.equal(drawn);
  });

  inGraph('masks of two layers, and of two calls of one layer, differ in one run', () => {
    const x = tf.ones([256]);
    const layer = new tf.layers.Dropout(0.5, { seed: 1 });
    const other = new tf.layers.Dropout(0.5);
    const results = new tf.Session().runSync([
      layer.apply(x, { training }),
      layer.apply(x, { training }),
      other.apply(x, { training }),
    ]);
    expect(new Set(results.map((value) => String(value.toArray()))).size).to.equal(3);
  });

  inGraph('the gradient has the mask of the forward pass of the same run', () => {
    const phase = tf.placeholder(tf.bool, []);
    for (const on of [true, phase]) {
      const x = tf.ones([64]);
      const y = tf.layers.dropout(x, { rate: 0.25, training: on });
      const fetches = [y, tf.gradients(y, [x])[0] as tf.Tensor];
      const session = new tf.Session();
      for (let run = 0; run < 3; run++) {
        const [value, gradient] = session.runSync(fetches, { feed: [[phase, true]] });
        expect(gradient.toArray()).to.deep.equal(value.toArray());
      }
    }
  });

  for (const rate of [0.1, 0.4, 0.9]) {
    inGraph(`drops ${rate} of the units on average, and keeps their mean`, () => {
      const count = 100_000;
      const y = tf.layers.dropout(tf.ones([count]), { rate, seed: 3, training });
      const values = evaluate(y) as number[];
      // Four standard deviations of a binomial share.
      const spread = 4 * Math.sqrt((rate * (1 - rate)) / count);
      expect(values.filter((value) => value === 0).length / count).to.be.closeTo(rate, spread);
      expect(values.reduce((sum, value) => sum + value, 0) / count).to.be.closeTo(1, spread / (1 - rate));
    });
  }

  inGraph('a noise shape shares decisions along its axes of size 1', () => {
    const x = tf.ones([8, 16]);
    const shared = evaluate(tf.layers.dropout(x, { rate: 0.5, noiseShape: [8, 1], seed: 4, training })) as number[][];
    for (const row of shared) expect(new Set(row).size).to.equal(1);
    expect(new Set(shared.map(([first]) => first)).size).to.equal(2);
    const columns = evaluate(tf.layers.dropout(x, { rate: 0.5, noiseShape: [16], seed: 4, training })) as number[][];
    for (const row of columns) expect(row).to.deep.equal(columns[0]);
  });

  inGraph('null in a noise shape is the input’s own dimension', () => {
    const x = tf.placeholder(tf.float32, [null, null, 3]);
    const y = tf.layers.dropout(x, { rate: 0.5, noiseShape: [null, 1, null], seed: 4, training });
    const input = Array.from({ length: 4 }, () => Array.from({ length: 5 }, () => [1, 1, 1]));
    const value = new tf.Session().runSync(y, { feed: [[x, input]] }).toArray() as number[][][];
    for (const sample of value) for (const step of sample) expect(step).to.deep.equal(sample[0]);
    expect(new Set(value.map((sample) => String(sample[0]))).size).to.be.greaterThan(1);
  });

  inGraph('an int32 tensor as noise shape, known or not', () => {
    const x = tf.ones([6, 4]);
    const same = { rate: 0.5, seed: 4, training } as const;
    const want = evaluate(tf.layers.dropout(x, { ...same, noiseShape: [6, 1] }));
    expect(evaluate(tf.layers.dropout(x, { ...same, noiseShape: tf.constant([6, 1], tf.int32) }))).to.deep.equal(want);
    const shape = tf.placeholder(tf.int32, [2]);
    const y = tf.layers.dropout(x, { ...same, noiseShape: shape });
    expect(evaluate(y, [[shape, [6, 1]]])).to.deep.equal(want);
    expect(evaluate(tf.layers.dropout(x, { ...same, noiseShape: [tf.shape(x).at(0), 1] }))).to.deep.equal(want);
  });

  inGraph('a noise shape that does not broadcast while running is an error of the op', () => {
    const x = tf.placeholder(tf.float32, [null, 3]);
    const y = tf.layers.dropout(x, { noiseShape: [3, 1], training });
    expect(() =>
      new tf.Session().runSync(y, {
        feed: [
          [
            x,
            [
              [1, 1, 1],
              [1, 1, 1],
            ],
          ],
        ],
      }),
    )
      .to.throw(tf.errors.InvalidArgumentError)
      .with.property('message')
      .that.contains('condition [3,1], then [2,3], and else [] must be broadcastable');
  });

  inGraph('plain arrays, lists of tensors and any rank are inputs', () => {
    const layer = new tf.layers.Dropout(0.5, { seed: 1 });
    expect(
      evaluate(
        layer.apply([
          [1, 2],
          [3, 4],
        ]),
      ),
    ).to.deep.equal([
      [1, 2],
      [3, 4],
    ]);
    expect(evaluate(layer.apply(tf.NdArray.from([1.5, 2])))).to.deep.equal([1.5, 2]);
    expect(layer.apply([tf.constant([1, 2]), tf.constant([3, 4])], { training }).shape.dims).to.deep.equal([2, 2]);
    expect(layer.apply(tf.placeholder(tf.float32, null), { training }).shape.dims).to.equal(null);
    expect(layer.apply(7, { training }).shape.dims).to.deep.equal([]);
  });

  inGraph('inputs without elements stay so', () => {
    expect(evaluate(tf.layers.dropout(tf.zeros([0, 3]), { training }))).to.deep.equal([]);
  });

  inGraph('trainable has no effect on what is computed', () => {
    const layer = new tf.layers.Dropout(0.5, { seed: 42, trainable: false });
    expect(evaluate(layer.apply(ones24(), { training }))).to.deep.equal([
      [2, 2, 2, 2],
      [0, 2, 0, 0],
    ]);
  });
});
