"""Golden graphs of tf.initializers, as tf.get_variable calls them."""

import tensorflow.compat.v1 as tf

from ._text import program, write


@program
def zeros_initializer():
    init = tf.zeros_initializer()
    return [tf.get_variable('a', [2, 2], initializer=init), tf.get_variable('b', [2], tf.int64, init)]


@program
def zeros_initializer_large():
    return tf.get_variable('w', [40, 50], initializer=tf.zeros_initializer())


@program
def ones_initializer():
    init = tf.ones_initializer()
    return [tf.get_variable('a', [2, 2], initializer=init), tf.get_variable('b', [40, 50], initializer=init)]


@program
def constant_initializer():
    a = tf.get_variable('a', [2, 2], initializer=tf.constant_initializer(0.5))
    b = tf.get_variable('b', [3], initializer=tf.constant_initializer([1.0, 2.0, 3.0]))
    c = tf.get_variable('c', [2], dtype=tf.int32, initializer=tf.constant_initializer(7))
    d = tf.get_variable('d', [40, 50], initializer=tf.constant_initializer(0.1))
    return [a, b, c, d]


@program
def random_uniform_initializer():
    a = tf.get_variable('a', [2, 3], initializer=tf.random_uniform_initializer(-0.5, 0.5, seed=1))
    b = tf.get_variable('b', [2, 3], initializer=tf.random_uniform_initializer(seed=1))
    c = tf.get_variable('c', [2, 3], dtype=tf.int32, initializer=tf.random_uniform_initializer(0, 10, seed=1))
    return [a, b, c]


@program
def random_normal_initializer():
    a = tf.get_variable('a', [2, 3], initializer=tf.random_normal_initializer(seed=1))
    b = tf.get_variable('b', [2, 3], initializer=tf.random_normal_initializer(mean=1.0, stddev=0.1))
    return [a, b]


@program
def truncated_normal_initializer():
    a = tf.get_variable('a', [2, 3], initializer=tf.truncated_normal_initializer(stddev=0.1, seed=1))
    b = tf.get_variable('b', [2, 3], dtype=tf.float64, initializer=tf.truncated_normal_initializer())
    return [a, b]


@program
def uniform_unit_scaling_initializer():
    return tf.get_variable('w', [2, 3], initializer=tf.uniform_unit_scaling_initializer(factor=1.5, seed=1))


@program
def variance_scaling_initializer_fan_in():
    return tf.get_variable('w', [4, 3], initializer=tf.variance_scaling_initializer(seed=1))


@program
def variance_scaling_initializer_fan_out_untruncated():
    init = tf.variance_scaling_initializer(2.0, mode='fan_out', distribution='untruncated_normal', seed=1)
    return tf.get_variable('w', [4, 3], initializer=init)


@program
def variance_scaling_initializer_fan_avg_uniform():
    init = tf.variance_scaling_initializer(1.0, mode='fan_avg', distribution='uniform', seed=1)
    return tf.get_variable('w', [3, 3, 2, 4], initializer=init)


@program
def glorot_initializers():
    a = tf.get_variable('a', [4, 3], initializer=tf.glorot_uniform_initializer(seed=1))
    b = tf.get_variable('b', [4, 3], initializer=tf.glorot_normal_initializer(seed=1))
    return [a, b]


@program
def he_initializers():
    a = tf.get_variable('a', [4, 3], initializer=tf.initializers.he_uniform(seed=1))
    b = tf.get_variable('b', [4, 3], initializer=tf.initializers.he_normal(seed=1))
    return [a, b]


@program
def lecun_initializers():
    a = tf.get_variable('a', [4, 3], initializer=tf.initializers.lecun_uniform(seed=1))
    b = tf.get_variable('b', [4, 3], initializer=tf.initializers.lecun_normal(seed=1))
    return [a, b]


@program
def orthogonal_initializer():
    a = tf.get_variable('a', [4, 3], initializer=tf.orthogonal_initializer(seed=1))
    b = tf.get_variable('b', [2, 3], initializer=tf.orthogonal_initializer(gain=2.0, seed=1))
    return [a, b]


@program
def identity_initializer():
    a = tf.get_variable('a', [3, 3], initializer=tf.initializers.identity())
    b = tf.get_variable('b', [2, 3], initializer=tf.initializers.identity(gain=2.0))
    return [a, b]


@program
def initializers_unseeded_with_graph_seed():
    tf.set_random_seed(11)
    a = tf.get_variable('a', [2], initializer=tf.random_uniform_initializer())
    b = tf.get_variable('b', [2], initializer=tf.random_normal_initializer())
    c = tf.get_variable('c', [2], initializer=tf.truncated_normal_initializer(seed=5))
    d = tf.get_variable('d', [2, 2], initializer=tf.glorot_uniform_initializer())
    return [a, b, c, d]


if __name__ == '__main__':
    write(__file__)
