"""What dropout layers and seeded initial values give over successive runs: values/dropout.json, by name a list of results, one per run."""

import json
import pathlib

import tensorflow
import tensorflow.compat.v1 as tf

CASES = {}


def case(build):
    """`build` returns the fetch, and the feeds of each run."""
    CASES[build.__name__] = build
    return build


def three():
    return [{}] * 3


@case
def op_seed():
    return tf.layers.dropout(tf.ones([2, 4]), 0.5, seed=42, training=True), three()


@case
def graph_seed():
    tf.set_random_seed(1234)
    return tf.layers.dropout(tf.ones([2, 4]), 0.5, training=True), three()


@case
def graph_and_op_seed():
    tf.set_random_seed(1234)
    return tf.layers.dropout(tf.ones([2, 4]), 0.5, seed=7, training=True), three()


@case
def rate_three_tenths():
    return tf.layers.dropout(tf.ones([2, 4]), 0.3, seed=1, training=True), three()


@case
def rate_tensor():
    rate = tf.placeholder(tf.float32, [])
    y = tf.layers.dropout(tf.ones([2, 4]), rate, seed=1, training=True)
    return y, [{rate: value} for value in [0.25, 0.0, 0.75, 1.0, 1.5]]


@case
def float64():
    return tf.layers.dropout(tf.ones([2, 4], tf.float64), 0.3, seed=1, training=True), three()


@case
def second_call_of_a_layer():
    layer = tf.layers.Dropout(0.5, seed=42)
    x = tf.ones([2, 4])
    return [layer(x, training=True), layer(x), layer(x, training=True)], three()


@case
def training_switched():
    training = tf.placeholder(tf.bool, [])
    y = tf.layers.dropout(tf.ones([2, 4]), 0.5, seed=42, training=training)
    return y, [{training: value} for value in [True, False, True, False, True]]


@case
def noise_shape_row():
    return tf.layers.dropout(tf.ones([3, 4]), 0.5, noise_shape=[3, 1], seed=2, training=True), three()


@case
def noise_shape_null():
    x = tf.placeholder(tf.float32, [None, 4])
    y = tf.layers.dropout(x, 0.5, noise_shape=[None, 1], seed=2, training=True)
    return y, [{x: [[1, 2, 3, 4]] * count} for count in [2, 5]]


@case
def gradient():
    x = tf.constant([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]])
    y = tf.layers.dropout(x, 0.5, seed=42, training=True)
    return [y, tf.gradients(y, x)[0]], three()


@case
def gradient_under_placeholder():
    training = tf.placeholder(tf.bool, [])
    x = tf.constant([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]])
    y = tf.layers.dropout(x, 0.5, seed=42, training=training)
    return [y, tf.gradients(y, x)[0]], [{training: True}, {training: False}]


@case
def infinite_inputs():
    x = tf.constant([[float('inf'), float('nan'), 1.0, float('-inf')]] * 2)
    return tf.is_finite(tf.layers.dropout(x, 0.5, seed=42, training=True)), three()


@case
def glorot_uniform_seed():
    return tensorflow.keras.initializers.GlorotUniform(seed=3)([2, 3]), [{}]


@case
def he_normal_seed():
    return tensorflow.keras.initializers.HeNormal(seed=3)([2, 3]), [{}]


@case
def random_normal_seed():
    return tensorflow.keras.initializers.RandomNormal(seed=3)([2, 3]), [{}]


def text(value):
    return value.tolist()


def main():
    values = {}
    for name, build in CASES.items():
        with tf.Graph().as_default():
            fetch, feeds = build()
            with tf.Session() as session:
                values[name] = [tf.nest.map_structure(text, session.run(fetch, feed)) for feed in feeds]
    path = pathlib.Path(__file__).parent / 'values' / 'dropout.json'
    lines = [f'{json.dumps(name)}: {json.dumps(results)}' for name, results in values.items()]
    path.write_text('{\n' + ',\n'.join(lines) + '\n}\n')


if __name__ == '__main__':
    tf.disable_eager_execution()
    main()
