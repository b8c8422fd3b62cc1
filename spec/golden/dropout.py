"""Golden graphs of tf.layers.Dropout: rates, inputs, noise shapes, training."""

import numpy as np
import tensorflow.compat.v1 as tf

from ._text import program, write


def image():
    """The input of most programs here."""
    return tf.placeholder(tf.float32, [2, 3], name='x')


# Rates.


@program
def dropout_number_rate():
    return tf.layers.dropout(image(), rate=0.4, training=True)


@program
def dropout_default_rate():
    return tf.layers.dropout(image(), training=True)


@program
def dropout_inference():
    return tf.layers.dropout(image(), rate=0.4)


@program
def dropout_training_false():
    return tf.layers.dropout(image(), rate=0.4, training=False)


@program
def dropout_rate_zero_training():
    return tf.layers.dropout(image(), rate=0.0, training=True)


@program
def dropout_rate_int_zero_placeholder():
    training = tf.placeholder(tf.bool, [], name='training')
    return tf.layers.dropout(image(), rate=0, training=training)


@program
def dropout_rate_one_inference():
    return tf.layers.dropout(image(), rate=1, training=False)


@program
def dropout_rate_placeholder():
    rate = tf.placeholder(tf.float32, [], name='rate')
    return tf.layers.dropout(image(), rate=rate, training=True)


@program
def dropout_rate_const_tensor():
    return tf.layers.dropout(image(), rate=tf.constant(0.25), training=True)


@program
def dropout_rate_zero_tensor():
    return tf.layers.dropout(image(), rate=tf.constant(0.0, name='rate'), training=True)


@program
def dropout_rate_unknown_rank():
    rate = tf.placeholder(tf.float32, None, name='rate')
    return tf.layers.dropout(image(), rate=rate, training=True)


@program
def dropout_rate_placeholder_training_placeholder():
    rate = tf.placeholder(tf.float32, [], name='rate')
    training = tf.placeholder(tf.bool, [], name='training')
    return tf.layers.dropout(image(), rate=rate, training=training)


@program
def dropout_rate_variable():
    rate = tf.get_variable('rate', [], initializer=tf.zeros_initializer(), trainable=False)
    return tf.layers.dropout(image(), rate=rate.read_value(), training=True)


# dtypes and shapes of the input.


@program
def dropout_float64():
    x = tf.placeholder(tf.float64, [2, 3], name='x')
    return tf.layers.dropout(x, rate=0.3, training=True)


@program
def dropout_dtype_is_recorded_not_cast():
    layer = tf.layers.Dropout(0.5, dtype=tf.float64)
    y = layer(image(), training=True)
    return [y, tf.as_dtype(layer.dtype)]


@program
def dropout_int_inference():
    x = tf.placeholder(tf.int32, [2, 3], name='x')
    return tf.layers.dropout(x, rate=0.5)


@program
def dropout_string_inference():
    x = tf.placeholder(tf.string, [2], name='x')
    return tf.layers.dropout(x, rate=0.5)


@program
def dropout_dynamic_batch():
    x = tf.placeholder(tf.float32, [None, 3], name='x')
    return tf.layers.dropout(x, rate=0.5, training=True)


@program
def dropout_unknown_rank():
    x = tf.placeholder(tf.float32, None, name='x')
    return tf.layers.dropout(x, rate=0.5, training=True)


@program
def dropout_scalar():
    x = tf.placeholder(tf.float32, [], name='x')
    return tf.layers.dropout(x, rate=0.5, training=True)


@program
def dropout_rank_4():
    x = tf.placeholder(tf.float32, [None, 28, 28, 1], name='x')
    return tf.layers.dropout(x, rate=0.5, training=True)


@program
def dropout_constant_input():
    return tf.layers.dropout(tf.ones([2, 4]), rate=0.5, training=True)


@program
def dropout_number_list_input_inference():
    return tf.layers.dropout([[1.0, 2.0], [3.0, 4.0]], rate=0.5)


@program
def dropout_number_list_input_training():
    return tf.layers.dropout([[1.0, 2.0], [3.0, 4.0]], rate=0.5, training=True)


@program
def dropout_array_input_training():
    return tf.layers.dropout(np.array([[1, 2], [3, 4]], np.float32), rate=0.5, training=True)


@program
def dropout_tensor_list_input_training():
    a = tf.placeholder(tf.float32, [3], name='a')
    b = tf.placeholder(tf.float32, [3], name='b')
    return tf.layers.dropout([a, b], rate=0.5, training=True)


# noise_shape.


@program
def dropout_noise_shape_numbers():
    x = tf.placeholder(tf.float32, [None, 3], name='x')
    return tf.layers.dropout(x, noise_shape=[1, 3], training=True)


@program
def dropout_noise_shape_none():
    x = tf.placeholder(tf.float32, [None, 3], name='x')
    return tf.layers.dropout(x, noise_shape=[None, 1], training=True)


@program
def dropout_noise_shape_two_nones():
    x = tf.placeholder(tf.float32, [None, None, 8], name='x')
    return tf.layers.dropout(x, noise_shape=[None, 1, None], training=True)


@program
def dropout_noise_shape_none_static():
    return tf.layers.dropout(image(), noise_shape=[None, 1], training=True)


@program
def dropout_noise_shape_lower_rank():
    return tf.layers.dropout(image(), noise_shape=[3], training=True)


@program
def dropout_noise_shape_tuple():
    return tf.layers.dropout(image(), noise_shape=(2, 1), training=True)


@program
def dropout_noise_shape_inference():
    return tf.layers.dropout(image(), noise_shape=[None, 1])


@program
def dropout_noise_shape_training_placeholder():
    x = tf.placeholder(tf.float32, [None, 3], name='x')
    training = tf.placeholder(tf.bool, [], name='training')
    return tf.layers.dropout(x, noise_shape=[None, 1], training=training)


@program
def dropout_noise_shape_rate_tensor():
    rate = tf.placeholder(tf.float32, [], name='rate')
    return tf.layers.dropout(image(), rate=rate, noise_shape=[None, 1], training=True)


@program
def dropout_noise_shape_unknown_rank():
    x = tf.placeholder(tf.float32, None, name='x')
    return tf.layers.dropout(x, noise_shape=[None, 1], training=True)


# training.


@program
def dropout_training_placeholder():
    training = tf.placeholder(tf.bool, [], name='training')
    return tf.layers.dropout(image(), rate=0.4, training=training)


@program
def dropout_training_placeholder_dynamic_batch():
    x = tf.placeholder(tf.float32, [None, 3], name='x')
    training = tf.placeholder(tf.bool, [], name='training')
    return tf.layers.dropout(x, rate=0.4, training=training)


@program
def dropout_training_placeholder_unknown_rank():
    training = tf.placeholder(tf.bool, name='training')
    return tf.layers.dropout(image(), rate=0.4, training=training)


@program
def dropout_training_placeholder_rank_1():
    training = tf.placeholder(tf.bool, [1], name='training')
    return tf.layers.dropout(image(), rate=0.4, training=training)


@program
def dropout_training_int_placeholder():
    training = tf.placeholder(tf.int32, [], name='training')
    return tf.layers.dropout(image(), rate=0.4, training=training)


@program
def dropout_training_placeholder_with_default():
    training = tf.placeholder_with_default(False, [], name='training')
    return tf.layers.dropout(image(), rate=0.4, training=training)


@program
def dropout_training_const_true():
    return tf.layers.dropout(image(), rate=0.4, training=tf.constant(True, name='training'))


@program
def dropout_training_const_false():
    return tf.layers.dropout(image(), rate=0.4, training=tf.constant(False, name='training'))


@program
def dropout_training_one_and_zero():
    x = image()
    return [tf.layers.dropout(x, training=1), tf.layers.dropout(x, training=0)]


@program
def dropout_training_comparison():
    step = tf.placeholder(tf.int32, [], name='step')
    return tf.layers.dropout(image(), rate=0.4, training=tf.less(step, 10, name='early'))


@program
def dropout_training_constant_folded():
    training = tf.equal(tf.constant(2, name='a'), tf.constant(2, name='b'), name='same')
    return tf.layers.dropout(image(), rate=0.4, training=training)


@program
def dropout_training_logical_not():
    test = tf.placeholder(tf.bool, [], name='test')
    return tf.layers.dropout(image(), rate=0.4, training=tf.logical_not(test))


@program
def dropout_training_variable():
    training = tf.Variable(False, trainable=False, name='training')
    return tf.layers.dropout(image(), rate=0.4, training=training)


@program
def dropout_training_variable_read():
    training = tf.Variable(False, trainable=False, name='training')
    return tf.layers.dropout(image(), rate=0.4, training=training.read_value())


@program
def dropout_training_placeholder_float64():
    x = tf.placeholder(tf.float64, [2, 3], name='x')
    training = tf.placeholder(tf.bool, [], name='training')
    return tf.layers.dropout(x, rate=0.25, training=training)


@program
def dropout_training_placeholder_gradient():
    x = image()
    training = tf.placeholder(tf.bool, [], name='training')
    y = tf.layers.dropout(x, rate=0.4, training=training)
    return tf.gradients(y, x)


@program
def dropout_gradient():
    x = image()
    return tf.gradients(tf.layers.dropout(x, rate=0.4, training=True), x)


@program
def dropout_gradient_dynamic_batch():
    x = tf.placeholder(tf.float32, [None, 3], name='x')
    return tf.gradients(tf.layers.dropout(x, noise_shape=[None, 1], training=True), x)


@program
def dropout_learning_phase():
    return tf.layers.Dropout(0.4)(image(), training=None)


@program
def dropout_learning_phase_two_layers():
    h = tf.layers.Dropout(0.4)(image(), training=None)
    return tf.layers.Dropout(0.2)(h, training=None)


@program
def dropout_learning_phase_set():
    tf.keras.backend.set_learning_phase(1)
    x = image()
    layer = tf.layers.Dropout(0.4)
    return [layer(x), layer(x, training=None), layer(x, training=False)]


@program
def keras_dropout_training():
    return tf.keras.layers.Dropout(0.4, seed=3)(tf.ones([2, 3]), training=True)


if __name__ == '__main__':
    write(__file__)
