"""Golden graphs of tf.gradients: how gradients are seeded, summed, stopped and grouped."""

import tensorflow.compat.v1 as tf

from ._text import program, write


def matrix():
    """A matrix of known shape."""
    return tf.placeholder(tf.float32, [2, 3], name='x')


def pair():
    """Two matrices of one known shape."""
    return matrix(), tf.placeholder(tf.float32, [2, 3], name='y')


@program
def gradients_sum_of_uses():
    x = matrix()
    return tf.gradients(x * x + x, x)


@program
def gradients_aggregation_tree():
    x = matrix()
    y = x * 2.0 + x * 3.0 + tf.exp(x)
    return tf.gradients(y, x, aggregation_method=tf.AggregationMethod.EXPERIMENTAL_TREE)


@program
def gradients_several_ys():
    x, y = pair()
    return tf.gradients([x * y, x + y], [x, y])


@program
def gradients_grad_ys():
    x, y = pair()
    z = x * y
    return [tf.gradients(z, x, grad_ys=tf.fill([2, 3], 2.0)), tf.gradients([z, x], x, grad_ys=[None, y])]


@program
def gradients_of_itself():
    x = matrix()
    return [tf.gradients(x, x), tf.gradients([x, x * 2.0], x)]


@program
def gradients_named():
    x = matrix()
    return [tf.gradients(x * 2.0, x, name='g'), tf.gradients(x * 3.0, x, name='g')]


@program
def gradients_in_name_scope():
    x = matrix()
    with tf.name_scope('s'):
        y = tf.tanh(x)
        return tf.gradients(y, x)


@program
def gradients_unconnected():
    x, y = pair()
    return [tf.gradients(x * 2.0, [x, y]), tf.gradients(x * 2.0, [x, y], unconnected_gradients='zero')]


@program
def gradients_stop_gradient():
    x = matrix()
    return [tf.gradients(tf.stop_gradient(x) * x, x), tf.gradients(tf.stop_gradient(x * 2.0), x)]


@program
def gradients_stop_gradients():
    x = matrix()
    y = tf.exp(x)
    return [tf.gradients(x * y, [x, y], stop_gradients=[x, y]), tf.gradients(y * 2.0, x, stop_gradients=y)]


@program
def gradients_colocated():
    a = tf.placeholder(tf.float32, [2, 3], name='a')
    b = tf.placeholder(tf.float32, [3, 4], name='b')
    y = tf.tanh(tf.matmul(a, b))
    return tf.gradients(y, [a, b], colocate_gradients_with_ops=True)


@program
def gradients_gated():
    x, y = pair()
    return tf.gradients(tf.tanh(x) * tf.exp(y), [x, y], gate_gradients=True)


@program
def gradients_indexed_slices_summed():
    x = matrix()
    a = tf.gather(x, [0, 1])
    b = tf.gather(x, [1])
    return tf.gradients([a, b], x)


@program
def gradients_indexed_slices_and_dense():
    x = matrix()
    return tf.gradients([tf.gather(x, [0, 1]), x * 2.0], x)


@program
def gradients_indexed_slices_of_variable():
    table = tf.get_variable('table', [5, 2], initializer=tf.zeros_initializer())
    ids = tf.placeholder(tf.int32, [None], name='ids')
    return tf.gradients(tf.nn.embedding_lookup(table, ids), table)


@program
def gradients_unused_output():
    x = tf.placeholder(tf.float32, [4], name='x')
    a, b = tf.unstack(tf.reshape(x, [2, 2]))
    values, _ = tf.nn.top_k(a, 1)
    return tf.gradients([values, tf.reduce_sum(b)], x)


@program
def gradients_int_path():
    x = matrix()
    n = tf.cast(tf.shape(x)[0], tf.float32)
    return tf.gradients(tf.reduce_sum(x) / n, x)


@program
def gradients_empty_lists():
    x = matrix()
    return [tf.gradients(x, []), tf.gradients([], [x])]


@program
def gradients_of_chain():
    x = matrix()
    y = x
    for _ in range(4):
        y = tf.tanh(y)
    return tf.gradients(y, x)


@program
def hessians():
    x = tf.placeholder(tf.float32, [2], name='x')
    return tf.hessians(tf.reduce_sum(x * x * x), x)


@program
def custom_gradient():
    @tf.custom_gradient
    def clip(x):
        y = tf.identity(x, name='forward')

        def backward(dy):
            return tf.clip_by_value(dy, -1.0, 1.0, name='clipped')

        return y, backward

    x = matrix()
    y = clip(x * 2.0)
    return [y, tf.gradients(y, x)]


@program
def gradient_override_with_registered():
    x = matrix()
    graph = tf.get_default_graph()
    with graph.gradient_override_map({'Identity': 'Tanh'}):
        y = tf.identity(x)
    return tf.gradients(y, x)


if __name__ == '__main__':
    write(__file__)
