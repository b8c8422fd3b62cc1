"""Golden graphs of tf.layers: dense, conv2d, pooling, flatten, and what all layers share."""

import tensorflow.compat.v1 as tf

from ._text import program, write


def rows():
    """A batch of vectors of unknown number."""
    return tf.placeholder(tf.float32, [None, 4], name='x')


def images():
    """A batch of pictures of unknown number."""
    return tf.placeholder(tf.float32, [None, 8, 8, 3], name='x')


def l2(scale):
    """A regularizer as users write them."""
    return lambda w: scale * tf.nn.l2_loss(w)


# dense.


@program
def dense_plain():
    return tf.layers.dense(rows(), 3)


@program
def dense_relu():
    return tf.layers.dense(rows(), 3, activation=tf.nn.relu, name='hidden')


@program
def dense_softmax():
    return tf.layers.dense(rows(), 3, activation=tf.nn.softmax)


@program
def dense_no_bias():
    return tf.layers.dense(rows(), 3, use_bias=False)


@program
def dense_static_batch():
    x = tf.placeholder(tf.float32, [2, 4], name='x')
    return tf.layers.dense(x, 3)


@program
def dense_rank_3():
    x = tf.placeholder(tf.float32, [None, 5, 4], name='x')
    return tf.layers.dense(x, 3, activation=tf.nn.relu)


@program
def dense_rank_3_static():
    x = tf.placeholder(tf.float32, [2, 5, 4], name='x')
    return tf.layers.dense(x, 3)


@program
def dense_rank_3_two_unknown():
    x = tf.placeholder(tf.float32, [None, None, 4], name='x')
    return tf.layers.dense(x, 3, use_bias=False)


@program
def dense_float64():
    x = tf.placeholder(tf.float64, [None, 4], name='x')
    return tf.layers.dense(x, 3)


@program
def dense_initializers():
    kernel = tf.truncated_normal_initializer(stddev=0.1, seed=2)
    return tf.layers.dense(rows(), 3, kernel_initializer=kernel, bias_initializer=tf.constant_initializer(0.5))


@program
def dense_graph_seed():
    tf.set_random_seed(7)
    h = tf.layers.dense(rows(), 5)
    return tf.layers.dense(h, 2)


@program
def dense_regularizers():
    return tf.layers.dense(rows(), 3, kernel_regularizer=l2(0.01), bias_regularizer=l2(0.02))


@program
def dense_regularizers_losses():
    layer = tf.layers.Dense(3, kernel_regularizer=l2(0.01), bias_regularizer=l2(0.02))
    y = layer(rows())
    return [y, layer.losses]


@program
def dense_activity_regularizer():
    layer = tf.layers.Dense(3, activity_regularizer=l2(0.01))
    x = rows()
    y = layer(x)
    return [y, layer.losses, layer.get_losses_for(x)]


@program
def dense_keras_l2():
    regularizer = tf.keras.regularizers.l2(0.01)
    return tf.layers.dense(rows(), 3, kernel_regularizer=regularizer)


@program
def dense_called_twice():
    a = tf.placeholder(tf.float32, [None, 4], name='a')
    b = tf.placeholder(tf.float32, [2, 4], name='b')
    layer = tf.layers.Dense(3)
    return [layer(a), layer(b), layer.kernel, layer.bias, layer.name, layer.scope_name]


@program
def dense_reuse():
    x = rows()
    a = tf.layers.dense(x, 3, name='d')
    b = tf.layers.dense(x, 3, name='d', reuse=True)
    return [a, b]


@program
def dense_reuse_by_scope():
    x = rows()
    with tf.variable_scope('model'):
        a = tf.layers.dense(x, 3, name='d', kernel_regularizer=l2(0.01))
    with tf.variable_scope('model', reuse=True):
        b = tf.layers.dense(x, 3, name='d', kernel_regularizer=l2(0.01))
    return [a, b]


@program
def dense_auto_reuse():
    x = rows()
    outputs = []
    for _ in range(2):
        with tf.variable_scope('model', reuse=tf.AUTO_REUSE):
            outputs.append(tf.layers.dense(x, 3, name='d'))
    return outputs


@program
def dense_default_names():
    h = tf.layers.dense(rows(), 3)
    h = tf.layers.dense(h, 3)
    with tf.name_scope('ns'):
        h = tf.layers.dense(h, 3)
    with tf.variable_scope('vs'):
        h = tf.layers.dense(h, 3)
    return h


@program
def dense_not_trainable():
    layer = tf.layers.Dense(3, trainable=False)
    y = layer(rows())
    return [y, layer.trainable_variables, layer.non_trainable_variables]


@program
def dense_scope_initializer():
    with tf.variable_scope('vs', initializer=tf.ones_initializer(), regularizer=l2(0.1)):
        return tf.layers.dense(rows(), 3)


@program
def dense_activation_method():
    return tf.layers.dense(rows(), 3, activation=lambda t: tf.tanh(t) * 2.0)


@program
def dense_gradient():
    x = rows()
    layer = tf.layers.Dense(3, activation=tf.nn.relu)
    y = layer(x)
    return tf.gradients(y, [x, layer.kernel, layer.bias])


@program
def dense_rank_3_gradient():
    x = tf.placeholder(tf.float32, [None, 5, 4], name='x')
    layer = tf.layers.Dense(3)
    return tf.gradients(layer(x), [x, layer.kernel, layer.bias])


# conv2d.


@program
def conv2d_valid():
    return tf.layers.conv2d(images(), 4, 3)


@program
def conv2d_same_relu():
    return tf.layers.conv2d(images(), 4, [3, 5], padding='same', activation=tf.nn.relu)


@program
def conv2d_strides():
    return tf.layers.conv2d(images(), 4, (3, 3), strides=(2, 1), padding='same')


@program
def conv2d_dilation():
    return tf.layers.conv2d(images(), 4, 3, dilation_rate=2)


@program
def conv2d_dilation_same():
    return tf.layers.conv2d(images(), 4, 3, padding='same', dilation_rate=(2, 1))


@program
def conv2d_no_bias_named():
    return tf.layers.conv2d(images(), 4, 3, use_bias=False, name='c')


@program
def conv2d_channels_first():
    x = tf.placeholder(tf.float32, [None, 3, 8, 8], name='x')
    return tf.layers.conv2d(x, 4, 3, data_format='channels_first')


@program
def conv2d_unknown_size():
    x = tf.placeholder(tf.float32, [None, None, None, 3], name='x')
    return tf.layers.conv2d(x, 4, 3, padding='same')


@program
def conv2d_regularizers():
    return tf.layers.conv2d(images(), 4, 3, kernel_regularizer=l2(0.01), bias_regularizer=l2(0.02))


@program
def conv2d_reuse():
    x = images()
    a = tf.layers.conv2d(x, 4, 3, name='c')
    b = tf.layers.conv2d(x, 4, 3, name='c', reuse=True)
    return [a, b]


@program
def conv2d_gradient():
    x = images()
    layer = tf.layers.Conv2D(4, 3, strides=2, padding='same')
    return tf.gradients(layer(x), [x, layer.kernel, layer.bias])


# Pooling and flatten.


@program
def max_pooling2d_plain():
    return tf.layers.max_pooling2d(images(), 2, 2)


@program
def max_pooling2d_same():
    return tf.layers.max_pooling2d(images(), [3, 2], [2, 1], padding='same', name='pool')


@program
def average_pooling2d_plain():
    return tf.layers.average_pooling2d(images(), 2, 2)


@program
def average_pooling2d_same():
    return tf.layers.average_pooling2d(images(), 3, 1, padding='same')


@program
def pooling2d_channels_first():
    x = tf.placeholder(tf.float32, [None, 3, 8, 8], name='x')
    return tf.layers.max_pooling2d(x, 2, 2, data_format='channels_first')


@program
def pooling2d_gradients():
    x = images()
    a = tf.layers.max_pooling2d(x, 2, 2)
    b = tf.layers.average_pooling2d(x, 2, 2)
    return [tf.gradients(a, x), tf.gradients(b, x)]


@program
def flatten_static_tail():
    return tf.layers.flatten(images())


@program
def flatten_static():
    x = tf.placeholder(tf.float32, [2, 3, 4], name='x')
    return tf.layers.flatten(x)


@program
def flatten_unknown_tail():
    x = tf.placeholder(tf.float32, [2, None, 4], name='x')
    return tf.layers.flatten(x)


@program
def flatten_two_unknown():
    x = tf.placeholder(tf.float32, [None, None, 4], name='x')
    return tf.layers.flatten(x)


@program
def flatten_unknown_rank():
    x = tf.placeholder(tf.float32, None, name='x')
    return tf.layers.flatten(x)


@program
def flatten_rank_1():
    x = tf.placeholder(tf.float32, [None], name='x')
    return tf.layers.flatten(x)


@program
def flatten_rank_2():
    return tf.layers.flatten(rows(), name='flat')


@program
def flatten_channels_first():
    x = tf.placeholder(tf.float32, [None, 3, 8, 8], name='x')
    return tf.layers.flatten(x, data_format='channels_first')


# Whole models.


@program
def model_dense_dropout():
    x = tf.placeholder(tf.float32, [None, 784], name='x')
    training = tf.placeholder_with_default(False, [], name='training')
    h = tf.layers.dense(x, 512, activation=tf.nn.relu)
    d = tf.layers.dropout(h, rate=0.5, seed=1, training=training)
    return tf.layers.dense(d, 10)


@program
def model_convolutional():
    x = tf.placeholder(tf.float32, [None, 28, 28, 1], name='x')
    training = tf.placeholder(tf.bool, [], name='training')
    h = tf.layers.conv2d(x, 32, 5, padding='same', activation=tf.nn.relu)
    h = tf.layers.max_pooling2d(h, 2, 2)
    h = tf.layers.flatten(h)
    h = tf.layers.dense(h, 64, activation=tf.nn.relu)
    h = tf.layers.dropout(h, rate=0.4, training=training)
    return tf.layers.dense(h, 10)


@program
def layer_subclass():
    class Scale(tf.layers.Layer):
        def build(self, input_shape):
            self.factor = self.add_weight('factor', [int(input_shape[-1])], initializer=tf.ones_initializer())
            self.built = True

        def call(self, inputs):
            return inputs * self.factor

    layer = Scale()
    x = rows()
    return [layer(x), layer(x), layer.name, layer.scope_name, layer.trainable_variables]


@program
def layer_add_weight_options():
    class Weights(tf.layers.Layer):
        def build(self, input_shape):
            self.add_weight('a', [2], regularizer=l2(0.1))
            self.add_weight('b', [2], dtype=tf.int32, trainable=False)
            self.add_weight('c', [], initializer=tf.constant_initializer(3.0))
            self.built = True

        def call(self, inputs):
            return tf.identity(inputs)

    layer = Weights(name='w')
    y = layer(rows())
    return [y, layer.trainable_variables, layer.non_trainable_variables]


@program
def layer_updates_in_call():
    class Counter(tf.layers.Layer):
        def call(self, inputs):
            self.add_update(tf.identity(inputs, name='conditional'))
            self.add_update(tf.no_op(name='unconditional'))
            self.add_loss(tf.reduce_sum(inputs), inputs=True)
            return inputs + 1.0

    x = rows()
    layer = Counter()
    y = layer(x)
    return [y, layer.updates, layer.get_updates_for(x), layer.get_updates_for(None), layer.losses]


if __name__ == '__main__':
    write(__file__)
