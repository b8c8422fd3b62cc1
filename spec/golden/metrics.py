"""Golden graphs of tf.metrics.accuracy and tf.metrics.mean."""

import tensorflow.compat.v1 as tf

from ._text import program, write


@program
def mean():
    values = tf.placeholder(tf.float32, [None], name='values')
    return tf.metrics.mean(values)


@program
def mean_of_scalar():
    return tf.metrics.mean(tf.placeholder(tf.float32, [], name='value'))


@program
def mean_weighted():
    values = tf.placeholder(tf.float32, [None], name='values')
    weights = tf.placeholder(tf.float32, [None], name='weights')
    return tf.metrics.mean(values, weights)


@program
def mean_weight_number():
    values = tf.placeholder(tf.float32, [2, 3], name='values')
    return tf.metrics.mean(values, 0.5)


@program
def mean_named_twice():
    values = tf.placeholder(tf.float32, [None], name='values')
    return [tf.metrics.mean(values, name='loss'), tf.metrics.mean(values, name='loss')]


@program
def mean_of_ints():
    return tf.metrics.mean(tf.placeholder(tf.int32, [None], name='values'))


@program
def mean_collections():
    values = tf.placeholder(tf.float32, [None], name='values')
    return tf.metrics.mean(values, metrics_collections=['values'], updates_collections=['updates'])


@program
def mean_in_scopes():
    values = tf.placeholder(tf.float32, [None], name='values')
    with tf.name_scope('ns'):
        a = tf.metrics.mean(values)
    with tf.variable_scope('vs'):
        b = tf.metrics.mean(values)
    return [a, b]


@program
def accuracy():
    labels = tf.placeholder(tf.int64, [None], name='labels')
    predictions = tf.placeholder(tf.int64, [None], name='predictions')
    return tf.metrics.accuracy(labels, predictions)


@program
def accuracy_cast():
    labels = tf.placeholder(tf.int32, [None], name='labels')
    predictions = tf.placeholder(tf.int64, [None], name='predictions')
    return tf.metrics.accuracy(labels, predictions)


@program
def accuracy_weighted():
    labels = tf.placeholder(tf.int64, [None], name='labels')
    predictions = tf.placeholder(tf.int64, [None], name='predictions')
    weights = tf.placeholder(tf.float32, [None], name='weights')
    return tf.metrics.accuracy(labels, predictions, weights)


@program
def accuracy_column_labels():
    labels = tf.placeholder(tf.int64, [None, 1], name='labels')
    predictions = tf.placeholder(tf.int64, [None], name='predictions')
    return tf.metrics.accuracy(labels, predictions)


@program
def accuracy_of_logits():
    labels = tf.placeholder(tf.int64, [None], name='labels')
    logits = tf.placeholder(tf.float32, [None, 3], name='logits')
    value, update = tf.metrics.accuracy(labels, tf.argmax(logits, 1), name='acc')
    return [value, update, tf.local_variables_initializer()]


@program
def mean_squared_error():
    labels = tf.placeholder(tf.float32, [None], name='labels')
    predictions = tf.placeholder(tf.float32, [None], name='predictions')
    return tf.metrics.mean_squared_error(labels, predictions)


if __name__ == '__main__':
    write(__file__)
