"""Golden graphs of tf.layers.batch_normalization."""

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


@program
def batch_normalization_inference():
    return tf.layers.batch_normalization(rows())


@program
def batch_normalization_training():
    return tf.layers.batch_normalization(rows(), training=True)


@program
def batch_normalization_training_placeholder():
    training = tf.placeholder(tf.bool, [], name='training')
    return tf.layers.batch_normalization(rows(), training=training)


@program
def batch_normalization_no_scale_no_center():
    x = rows()
    a = tf.layers.batch_normalization(x, scale=False, training=True)
    b = tf.layers.batch_normalization(x, center=False, training=True)
    c = tf.layers.batch_normalization(x, scale=False, center=False)
    return [a, b, c]


@program
def batch_normalization_momentum_epsilon():
    return tf.layers.batch_normalization(rows(), momentum=0.9, epsilon=1e-5, training=True, name='bn')


@program
def batch_normalization_fused_inference():
    return tf.layers.batch_normalization(images())


@program
def batch_normalization_fused_training():
    return tf.layers.batch_normalization(images(), training=True)


@program
def batch_normalization_fused_training_placeholder():
    training = tf.placeholder(tf.bool, [], name='training')
    return tf.layers.batch_normalization(images(), training=training)


@program
def batch_normalization_fused_no_scale_no_center():
    return tf.layers.batch_normalization(images(), scale=False, center=False, training=True)


@program
def batch_normalization_fused_channels_first():
    x = tf.placeholder(tf.float32, [None, 3, 8, 8], name='x')
    return tf.layers.batch_normalization(x, axis=1)


@program
def batch_normalization_not_fused_rank_4():
    return tf.layers.batch_normalization(images(), fused=False, training=True)


@program
def batch_normalization_axis_1():
    x = tf.placeholder(tf.float32, [None, 3, 5], name='x')
    return tf.layers.batch_normalization(x, axis=1, training=True)


@program
def batch_normalization_static_batch():
    x = tf.placeholder(tf.float32, [2, 4], name='x')
    return tf.layers.batch_normalization(x, training=True)


@program
def batch_normalization_updates():
    x = rows()
    z = tf.placeholder(tf.float32, [None, 4], name='z')
    layer = tf.layers.BatchNormalization()
    layer(x, training=True)
    layer(z, training=True)
    return [layer.updates, layer.get_updates_for(x), layer.get_updates_for(z), layer.get_updates_for(None)]


@program
def batch_normalization_not_trainable():
    layer = tf.layers.BatchNormalization(trainable=False)
    y = layer(rows(), training=True)
    return [y, layer.updates, layer.trainable_variables, layer.non_trainable_variables]


@program
def batch_normalization_regularizers():
    return tf.layers.batch_normalization(rows(), gamma_regularizer=l2(0.1), beta_regularizer=l2(0.2))


@program
def batch_normalization_reuse():
    x = rows()
    a = tf.layers.batch_normalization(x, training=True, name='bn')
    b = tf.layers.batch_normalization(x, training=True, name='bn', reuse=True)
    return [a, b]


@program
def batch_normalization_gradient():
    x = rows()
    layer = tf.layers.BatchNormalization()
    return tf.gradients(layer(x, training=True), [x, layer.gamma, layer.beta])


@program
def batch_normalization_fused_gradient():
    x = images()
    layer = tf.layers.BatchNormalization()
    return tf.gradients(layer(x, training=True), [x, layer.gamma, layer.beta])


@program
def batch_normalization_train_op():
    y = tf.layers.batch_normalization(rows(), training=True)
    loss = tf.reduce_mean(y)
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        return tf.identity(loss, name='train_loss')


if __name__ == '__main__':
    write(__file__)
