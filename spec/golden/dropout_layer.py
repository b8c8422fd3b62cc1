"""Golden graphs of tf.layers.Dropout as a layer: seeds, names, scopes, reuse, losses; and of tf.nn.dropout."""

import tensorflow.compat.v1 as tf

from ._text import program, write


def image():
    """The input of most programs here."""
    return tf.placeholder(tf.float32, [2, 3], name='x')


# Seeds.


@program
def dropout_op_seed():
    return tf.layers.dropout(image(), seed=42, training=True)


@program
def dropout_op_seed_large_and_negative():
    x = image()
    a = tf.layers.dropout(x, seed=2**40, training=True)
    return tf.layers.dropout(a, seed=-3, training=True)


@program
def dropout_graph_seed():
    tf.set_random_seed(1234)
    h = tf.layers.dropout(image(), training=True)
    return tf.layers.dropout(h, training=True)


@program
def dropout_graph_and_op_seed():
    tf.set_random_seed(1234)
    h = tf.layers.dropout(image(), seed=7, training=True)
    return tf.layers.dropout(h, training=True)


@program
def dropout_zero_seeds():
    tf.set_random_seed(0)
    return tf.layers.dropout(image(), seed=0, training=True)


@program
def dropout_seed_over_calls():
    x = image()
    layer = tf.layers.Dropout(0.5, seed=42)
    return [layer(x, training=True), layer(x), layer(x, training=True), layer(x, training=True)]


@program
def dropout_seed_over_dynamic_calls():
    x = image()
    training = tf.placeholder(tf.bool, [], name='training')
    layer = tf.layers.Dropout(0.5, seed=42)
    return [layer(x, training=training), layer(x, training=training)]


@program
def dropout_graph_seed_dynamic():
    tf.set_random_seed(5)
    training = tf.placeholder(tf.bool, [], name='training')
    h = tf.layers.dropout(image(), training=training)
    return tf.layers.dropout(h, training=training)


@program
def dropout_graph_seed_after_other_random():
    tf.set_random_seed(5)
    x = tf.random_uniform([2, 3])
    return tf.layers.dropout(x, training=True)


@program
def dropout_graph_seed_rate_zero_first():
    tf.set_random_seed(5)
    h = tf.layers.dropout(image(), rate=0.0, training=True)
    return tf.layers.dropout(h, rate=0.5, training=True)


# Names, scopes and reuse.


@program
def dropout_named():
    x = image()
    return [tf.layers.dropout(x, training=True, name='drop'), tf.layers.dropout(x, training=True, name='drop')]


@program
def dropout_default_names():
    x = image()
    a = tf.layers.Dropout()
    b = tf.layers.Dropout()
    return [a(x), b(x), a.name, b.name, a.scope_name, b.scope_name]


@program
def dropout_calls_out_of_order():
    x = image()
    a = tf.layers.Dropout()
    b = tf.layers.Dropout()
    return [b(x), a(x), a.scope_name, b.scope_name]


@program
def dropout_name_with_slash():
    return tf.layers.dropout(image(), name='a/b', training=True)


@program
def dropout_repeated_calls():
    x = image()
    layer = tf.layers.Dropout(0.5)
    return [layer(x), layer(x, training=True), layer(x, training=True), layer(x), layer.apply(x, training=True)]


@program
def dropout_repeated_calls_training_placeholder():
    x = image()
    z = tf.placeholder(tf.float32, [None, 4], name='z')
    training = tf.placeholder(tf.bool, [], name='training')
    layer = tf.layers.Dropout(0.5)
    return [layer(x, training=training), layer(z, training=training)]


@program
def dropout_several_layers_chain():
    training = tf.placeholder(tf.bool, [], name='training')
    h = tf.layers.dropout(image(), 0.2, training=training)
    h = tf.layers.dropout(h, 0.3, training=training)
    return tf.layers.dropout(h, 0.4, training=training)


@program
def dropout_scope_argument():
    layer = tf.layers.Dropout(0.5, _scope='myscope')
    name = layer.scope_name
    return [layer(image(), training=True), name]


@program
def dropout_scope_argument_twice():
    x = image()
    a = tf.layers.Dropout(0.5, _scope='myscope')
    b = tf.layers.Dropout(0.5, _scope='myscope')
    return [a(x), b(x), a.scope_name, b.scope_name, a.name, b.name]


@program
def dropout_scope_object():
    with tf.variable_scope('outer') as scope:
        pass
    layer = tf.layers.Dropout(0.5, _scope=scope)
    return [layer(image(), training=True), layer.scope_name]


@program
def dropout_reuse():
    x = image()
    a = tf.layers.Dropout(0.5, name='foo')
    b = tf.layers.Dropout(0.5, name='foo', _reuse=True)
    c = tf.layers.Dropout(0.5, _scope='foo', _reuse=True)
    d = tf.layers.Dropout(0.5, name='foo', _reuse=tf.AUTO_REUSE)
    return [a(x), b(x), c(x), d(x), a.scope_name, b.scope_name, c.scope_name, d.scope_name]


@program
def dropout_scope_at_call():
    x = image()
    layer = tf.layers.Dropout(0.5)
    return [layer(x, scope='callscope'), layer(x, training=True), layer.scope_name]


@program
def dropout_in_name_scope():
    with tf.name_scope('ns'):
        y = tf.layers.dropout(image(), training=True)
    return y


@program
def dropout_layer_called_in_name_scope():
    layer = tf.layers.Dropout(0.5)
    x = image()
    with tf.name_scope('ns'):
        a = layer(x, training=True)
    with tf.name_scope('ns'):
        b = layer(x, training=True)
    return [a, b, layer(x), layer.scope_name]


@program
def dropout_in_variable_scope():
    x = image()
    with tf.variable_scope('vs'):
        a = tf.layers.Dropout()
        first = a(x, training=True)
        second = tf.layers.dropout(x, training=True)
    with tf.variable_scope('vs'):
        b = tf.layers.Dropout()
        third = b(x, training=True)
    return [first, second, third, a.scope_name, b.scope_name, a.name, b.name]


@program
def dropout_in_nested_scopes():
    x = image()
    with tf.variable_scope('outer'):
        with tf.name_scope('mid'):
            with tf.variable_scope('inner'):
                y = tf.layers.dropout(x, training=True, name='d')
    return y


@program
def dropout_in_reusing_variable_scope():
    x = image()
    with tf.variable_scope('vs'):
        a = tf.layers.dropout(x, name='d')
    with tf.variable_scope('vs', reuse=True):
        b = tf.layers.dropout(x, name='d')
    with tf.variable_scope('vs', reuse=tf.AUTO_REUSE):
        c = tf.layers.dropout(x, name='d')
    return [a, b, c]


@program
def dropout_in_default_name_scope():
    x = image()
    with tf.variable_scope(None, default_name='block'):
        a = tf.layers.dropout(x, training=True)
    with tf.variable_scope(None, default_name='block'):
        b = tf.layers.dropout(x, training=True)
    return [a, b]


@program
def dropout_training_placeholder_in_scopes():
    training = tf.placeholder(tf.bool, [], name='training')
    with tf.variable_scope('vs'):
        with tf.name_scope('ns'):
            return tf.layers.dropout(image(), name='d', training=training)


@program
def dropout_under_control_dependencies():
    x = image()
    with tf.control_dependencies([tf.no_op(name='first')]):
        return tf.layers.dropout(x, training=True)


@program
def dropout_on_device():
    x = image()
    training = tf.placeholder(tf.bool, [], name='training')
    with tf.device('/cpu:0'):
        return [tf.layers.dropout(x, training=True), tf.layers.dropout(x, training=training)]


@program
def dropout_inside_cond():
    x = image()
    p = tf.placeholder(tf.bool, [], name='p')
    layer = tf.layers.Dropout(0.5, seed=1)
    return tf.cond(p, lambda: layer(x, training=True), lambda: layer(x, training=False))


# Regularizers and losses.


@program
def dropout_activity_regularizer():
    layer = tf.layers.Dropout(0.5, activity_regularizer=lambda t: tf.reduce_sum(t))
    y = layer(image(), training=True)
    return [y, layer.losses]


@program
def dropout_activity_regularizer_two_calls():
    x = tf.placeholder(tf.float32, [None, 3], name='x')
    layer = tf.layers.Dropout(0.5, activity_regularizer=lambda t: 0.1 * tf.nn.l2_loss(t))
    return [layer(x), layer(x, training=True), layer.losses]


@program
def dropout_add_loss():
    x = image()
    layer = tf.layers.Dropout(0.5)
    y = layer(x)
    layer.add_loss(tf.reduce_sum(y, name='conditional'), inputs=x)
    layer.add_loss(tf.constant(1.0, name='unconditional'))
    layer.add_loss(0.5)
    return [layer.losses, layer.get_losses_for(None), layer.get_losses_for(x)]


@program
def dropout_add_update():
    x = image()
    layer = tf.layers.Dropout(0.5)
    y = layer(x)
    layer.add_update(tf.identity(y, name='update'))
    z = layer(y)
    return [z, layer.updates, layer.get_updates_for(None)]


# tf.nn.dropout.


@program
def nn_dropout_rate():
    return tf.nn.dropout(image(), rate=0.4)


@program
def nn_dropout_keep_prob():
    return tf.nn.dropout(image(), keep_prob=0.75)


@program
def nn_dropout_keep_prob_tensor():
    keep_prob = tf.placeholder(tf.float32, [], name='keep_prob')
    return tf.nn.dropout(image(), keep_prob)


@program
def nn_dropout_rate_tensor():
    rate = tf.placeholder(tf.float32, [], name='rate')
    return tf.nn.dropout(image(), rate=rate)


@program
def nn_dropout_rate_zero():
    tf.set_random_seed(9)
    x = image()
    y = tf.nn.dropout(x, rate=0.0)
    return [y, tf.nn.dropout(y, rate=0.5)]


@program
def nn_dropout_keep_prob_one():
    return tf.nn.dropout(image(), keep_prob=1.0)


@program
def nn_dropout_noise_shape():
    return tf.nn.dropout(image(), rate=0.4, noise_shape=[2, 1], seed=3)


@program
def nn_dropout_noise_shape_tensor():
    x = tf.placeholder(tf.float32, [None, 3], name='x')
    noise_shape = tf.stack([tf.shape(x)[0], 1])
    return tf.nn.dropout(x, rate=0.4, noise_shape=noise_shape)


@program
def nn_dropout_noise_shape_unknown_dim():
    return tf.nn.dropout(image(), rate=0.4, noise_shape=tf.TensorShape([None, 1]))


@program
def nn_dropout_named():
    x = image()
    return [tf.nn.dropout(x, rate=0.4, name='drop'), tf.nn.dropout(x, rate=0.4, name='drop')]


@program
def nn_dropout_dynamic_shape():
    x = tf.placeholder(tf.float32, [None, None], name='x')
    return tf.nn.dropout(x, rate=0.5, seed=1)


@program
def nn_dropout_list_input():
    return tf.nn.dropout([1.0, 2.0, 3.0], rate=0.5)


if __name__ == '__main__':
    write(__file__)
