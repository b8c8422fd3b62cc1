"""Golden graphs of training: optimizers, global steps, clipping, learning-rate decays."""

import tensorflow.compat.v1 as tf

from ._text import program, write


def model():
    """A loss of a vector and of a scalar."""
    w = tf.get_variable('w', [2], initializer=tf.ones_initializer())
    b = tf.get_variable('b', [], initializer=tf.zeros_initializer())
    return tf.reduce_sum(tf.square(w)) + b * 3.0


def embedding():
    """A loss that reads a few rows of a table."""
    table = tf.get_variable('table', [5, 2], initializer=tf.ones_initializer())
    ids = tf.placeholder(tf.int32, [None], name='ids')
    return tf.reduce_sum(tf.square(tf.nn.embedding_lookup(table, ids)))


def slots(optimizer):
    """The optimizer's slots, in the order of the variables and of the slot names."""
    names = optimizer.get_slot_names()
    return [names] + [optimizer.get_slot(v, name) for v in tf.trainable_variables() for name in names]


# The optimizers.


@program
def gradient_descent():
    return tf.train.GradientDescentOptimizer(0.1).minimize(model())


@program
def gradient_descent_global_step():
    step = tf.train.get_or_create_global_step()
    return tf.train.GradientDescentOptimizer(0.1).minimize(model(), global_step=step)


@program
def gradient_descent_sparse():
    return tf.train.GradientDescentOptimizer(0.1).minimize(embedding())


@program
def momentum():
    optimizer = tf.train.MomentumOptimizer(0.1, 0.9)
    return [optimizer.minimize(model()), slots(optimizer), optimizer.variables()]


@program
def momentum_nesterov():
    return tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True).minimize(model())


@program
def momentum_sparse():
    return tf.train.MomentumOptimizer(0.1, 0.9).minimize(embedding())


@program
def adam():
    optimizer = tf.train.AdamOptimizer()
    return [optimizer.minimize(model()), slots(optimizer), optimizer.variables()]


@program
def adam_options():
    return tf.train.AdamOptimizer(0.01, beta1=0.8, beta2=0.99, epsilon=1e-4, name='Other').minimize(model())


@program
def adam_global_step():
    step = tf.train.get_or_create_global_step()
    return tf.train.AdamOptimizer(0.01).minimize(model(), global_step=step)


@program
def adam_sparse():
    return tf.train.AdamOptimizer(0.01).minimize(embedding())


@program
def adam_twice():
    loss = model()
    return [tf.train.AdamOptimizer(0.01).minimize(loss), tf.train.AdamOptimizer(0.01).minimize(loss)]


@program
def rmsprop():
    optimizer = tf.train.RMSPropOptimizer(0.1)
    return [optimizer.minimize(model()), slots(optimizer), optimizer.variables()]


@program
def rmsprop_centered():
    optimizer = tf.train.RMSPropOptimizer(0.1, decay=0.8, momentum=0.5, centered=True)
    return [optimizer.minimize(model()), slots(optimizer), optimizer.variables()]


@program
def rmsprop_sparse():
    return tf.train.RMSPropOptimizer(0.1).minimize(embedding())


@program
def adagrad():
    optimizer = tf.train.AdagradOptimizer(0.1)
    return [optimizer.minimize(model()), slots(optimizer), optimizer.variables()]


@program
def adagrad_sparse():
    return tf.train.AdagradOptimizer(0.1, initial_accumulator_value=0.5).minimize(embedding())


# How they are called.


@program
def minimize_var_list():
    loss = model()
    return tf.train.GradientDescentOptimizer(0.1).minimize(loss, var_list=[tf.trainable_variables()[0]])


@program
def minimize_named():
    return tf.train.GradientDescentOptimizer(0.1).minimize(model(), name='train_op')


@program
def minimize_named_with_global_step():
    step = tf.train.create_global_step()
    return tf.train.AdamOptimizer(0.1).minimize(model(), global_step=step, name='train_op')


@program
def minimize_in_name_scope():
    loss = model()
    with tf.name_scope('training'):
        return tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss)


@program
def minimize_in_variable_scope():
    loss = model()
    with tf.variable_scope('training'):
        return tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss)


@program
def minimize_gate_none():
    return tf.train.GradientDescentOptimizer(0.1).minimize(model(), gate_gradients=tf.train.Optimizer.GATE_NONE)


@program
def minimize_gate_graph():
    return tf.train.GradientDescentOptimizer(0.1).minimize(model(), gate_gradients=tf.train.Optimizer.GATE_GRAPH)


@program
def minimize_colocated():
    optimizer = tf.train.GradientDescentOptimizer(0.1)
    return optimizer.minimize(model(), colocate_gradients_with_ops=True)


@program
def minimize_grad_loss():
    loss = model()
    return tf.train.GradientDescentOptimizer(0.1).minimize(loss, grad_loss=tf.constant(2.0, name='scale'))


@program
def learning_rate_tensor():
    rate = tf.placeholder(tf.float32, [], name='rate')
    return tf.train.AdamOptimizer(rate).minimize(model())


@program
def learning_rate_function():
    return tf.train.GradientDescentOptimizer(lambda: 0.5).minimize(model())


@program
def compute_and_apply_gradients():
    optimizer = tf.train.GradientDescentOptimizer(0.1)
    gradients = optimizer.compute_gradients(model())
    return [[gradient for gradient, _ in gradients], optimizer.apply_gradients(gradients)]


@program
def apply_clipped_gradients():
    optimizer = tf.train.GradientDescentOptimizer(0.1)
    gradients, variables = zip(*optimizer.compute_gradients(model()))
    clipped, norm = tf.clip_by_global_norm(gradients, 1.0)
    return [optimizer.apply_gradients(zip(clipped, variables)), norm]


@program
def apply_clipped_sparse_gradients():
    optimizer = tf.train.AdamOptimizer(0.1)
    gradients, variables = zip(*optimizer.compute_gradients(embedding()))
    clipped, norm = tf.clip_by_global_norm(gradients, 1.0)
    return [clipped, optimizer.apply_gradients(zip(clipped, variables)), norm]


@program
def apply_gradients_named_with_global_step():
    step = tf.train.create_global_step()
    optimizer = tf.train.MomentumOptimizer(0.1, 0.9)
    gradients = optimizer.compute_gradients(model())
    return optimizer.apply_gradients(gradients, global_step=step, name='apply')


@program
def apply_gradients_unused_variable():
    loss = model()
    tf.get_variable('unused', [3], initializer=tf.zeros_initializer())
    return tf.train.AdamOptimizer(0.1).minimize(loss)


@program
def train_float64():
    w = tf.get_variable('w', [2], dtype=tf.float64, initializer=tf.ones_initializer())
    return tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(w * w))


@program
def train_with_update_ops():
    x = tf.placeholder(tf.float32, [None, 2], name='x')
    y = tf.layers.batch_normalization(x, training=True)
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        return tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_mean(tf.square(y)))


@program
def train_dense_with_dropout():
    x = tf.placeholder(tf.float32, [None, 4], name='x')
    labels = tf.placeholder(tf.int64, [None], name='labels')
    training = tf.placeholder_with_default(False, [], name='training')
    h = tf.layers.dense(x, 8, activation=tf.nn.relu)
    h = tf.layers.dropout(h, rate=0.5, training=training)
    logits = tf.layers.dense(h, 3)
    loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
    return [loss, tf.train.AdamOptimizer(0.001).minimize(loss)]


@program
def moving_averages():
    w = tf.get_variable('w', [2], initializer=tf.ones_initializer())
    average = tf.train.ExponentialMovingAverage(0.99)
    return [average.apply([w]), average.average(w), average.average_name(w)]


@program
def moving_averages_num_updates():
    w = tf.get_variable('w', [2], initializer=tf.ones_initializer())
    step = tf.train.create_global_step()
    average = tf.train.ExponentialMovingAverage(0.99, num_updates=step)
    return average.apply([w])


# Learning-rate decays.


@program
def exponential_decay():
    step = tf.train.create_global_step()
    return [
        tf.train.exponential_decay(0.1, step, 10, 0.9),
        tf.train.exponential_decay(0.1, step, 10, 0.9, staircase=True),
    ]


@program
def exponential_decay_in_optimizer():
    step = tf.train.create_global_step()
    rate = tf.train.exponential_decay(0.1, step, 10, 0.9, name='rate')
    return tf.train.GradientDescentOptimizer(rate).minimize(model(), global_step=step)


@program
def natural_exp_decay():
    step = tf.train.create_global_step()
    return [
        tf.train.natural_exp_decay(0.1, step, 10, 0.5),
        tf.train.natural_exp_decay(0.1, step, 10, 0.5, staircase=True),
    ]


@program
def inverse_time_decay():
    step = tf.train.create_global_step()
    return [
        tf.train.inverse_time_decay(0.1, step, 10, 0.5),
        tf.train.inverse_time_decay(0.1, step, 10, 0.5, staircase=True),
    ]


@program
def polynomial_decay():
    step = tf.train.create_global_step()
    return tf.train.polynomial_decay(0.1, step, 10, end_learning_rate=0.01, power=2.0)


@program
def polynomial_decay_cycle():
    step = tf.train.create_global_step()
    return tf.train.polynomial_decay(0.1, step, 10, end_learning_rate=0.01, cycle=True)


@program
def piecewise_constant():
    step = tf.train.create_global_step()
    return tf.train.piecewise_constant(step, [10, 20], [0.1, 0.05, 0.01])


@program
def cosine_decay():
    step = tf.train.create_global_step()
    return tf.train.cosine_decay(0.1, step, 10, alpha=0.1)


@program
def cosine_decay_restarts():
    step = tf.train.create_global_step()
    return tf.train.cosine_decay_restarts(0.1, step, 10)


@program
def linear_cosine_decay():
    step = tf.train.create_global_step()
    return tf.train.linear_cosine_decay(0.1, step, 10)


@program
def decay_of_placeholder_step():
    step = tf.placeholder(tf.int32, [], name='step')
    return tf.train.exponential_decay(0.1, step, 10, 0.9)


if __name__ == '__main__':
    write(__file__)
