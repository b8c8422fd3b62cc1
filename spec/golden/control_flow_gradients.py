"""Golden graphs of gradients of control flow: nested, second, sparse, of layers; TensorArray, folds, custom gradients."""

import tensorflow.compat.v1 as tf
from tensorflow.python.ops import control_flow_util_v2

from ._text import program, write


def scalar(name='x'):
    """A float that is fed."""
    return tf.placeholder(tf.float32, [], name=name)


class all_intermediates:
    """What the call of a Keras layer does to cond and while_loop inside it."""

    def __enter__(self):
        control_flow_util_v2._EXPERIMENTAL_OUTPUT_ALL_INTERMEDIATES_OVERRIDE = True

    def __exit__(self, *_):
        control_flow_util_v2._EXPERIMENTAL_OUTPUT_ALL_INTERMEDIATES_OVERRIDE = None


# Nested control flow.


@program
def while_in_while_gradient():
    x = scalar()

    def outer(i, a):
        return [i + 1, tf.while_loop(lambda j, b: j < i, lambda j, b: [j + 1, b * x], [tf.constant(0), a])[1]]

    _, y = tf.while_loop(lambda i, a: i < 3, outer, [tf.constant(0), x])
    return tf.gradients(y, x)


@program
def cond_in_while_gradient():
    x = scalar()

    def step(i, a):
        return [i + 1, tf.cond(tf.equal(i % 2, 0), lambda: a * x, lambda: tf.sin(a))]

    _, y = tf.while_loop(lambda i, a: i < 3, step, [tf.constant(0), x])
    return tf.gradients(y, x)


@program
def while_in_cond_gradient():
    x = scalar()
    p = tf.placeholder(tf.bool, [], name='p')
    y = tf.cond(p, lambda: tf.while_loop(lambda a: a < 9.0, lambda a: a * x, [x]), lambda: x * x)
    return tf.gradients(y, x)


@program
def while_second_gradient():
    x = scalar()
    _, y = tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, a * x], [tf.constant(0), x])
    return tf.gradients(tf.gradients(y, x)[0], x)


@program
def cond_in_while_second_gradient():
    x = scalar()

    def step(i, a):
        return [i + 1, tf.cond(tf.equal(i % 2, 0), lambda: a * x, lambda: tf.sin(a))]

    _, y = tf.while_loop(lambda i, a: i < 3, step, [tf.constant(0), x])
    return tf.gradients(tf.gradients(y, x)[0], x)


@program
def gradient_twice_of_one_loop():
    x = scalar()
    _, y = tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, tf.tanh(a * x)], [tf.constant(0), x])
    return [tf.gradients(y, x), tf.gradients(y * 2.0, x)]


@program
def gradient_inside_body():
    x = scalar()
    w = x * 3.0
    _, y = tf.while_loop(lambda i, a: i < 2, lambda i, a: [i + 1, a + tf.gradients(w * w * a, [x, a])[0]], [tf.constant(0), x])
    return tf.gradients(y, x)


@program
def while_gradient_of_shapes():
    x = tf.placeholder(tf.float32, [None, 2], name='x')
    _, y = tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, a * tf.reduce_mean(a * x)], [tf.constant(0), x])
    return tf.gradients(y, x)


@program
def while_gradient_unused_variable():
    x = scalar()
    y, _ = tf.while_loop(lambda a, b: a < 10.0, lambda a, b: [a * x, b + a], [x, x])
    return tf.gradients(y, x)


@program
def while_back_prop_false():
    x = scalar()
    y = tf.while_loop(lambda a: a < 10.0, lambda a: a * x, [x], back_prop=False)
    return [y] + tf.gradients(y + x, x)


@program
def while_gradient_with_random():
    tf.set_random_seed(5)
    x = tf.placeholder(tf.float32, [2], name='x')
    _, y = tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, a * tf.random_uniform([2])], [tf.constant(0), x])
    return tf.gradients(y, x)


@program
def while_gradient_in_control_dependencies():
    x = scalar()
    y = tf.while_loop(lambda a: a < 10.0, lambda a: a * x, [x])
    with tf.control_dependencies([tf.identity(y, name='after')]):
        return tf.gradients(y, x)


# Dropout in a loop.


@program
def dropout_in_while():
    x = tf.placeholder(tf.float32, [2], name='x')
    training = tf.placeholder_with_default(False, [], name='training')

    def step(i, a):
        return [i + 1, tf.cond(training, lambda: tf.nn.dropout(a, rate=0.5, seed=1), lambda: tf.identity(a))]

    _, y = tf.while_loop(lambda i, a: i < 3, step, [tf.constant(0), x])
    return [y] + tf.gradients(y, x)


# What layers export.


@program
def cond_all_intermediates():
    x = scalar()
    p = tf.placeholder(tf.bool, [], name='p')
    with all_intermediates():
        y = tf.cond(p, lambda: tf.sin(x * x), lambda: x)
    return [y] + tf.gradients(y, x)


@program
def while_all_intermediates():
    x = scalar()
    with all_intermediates():
        _, y = tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, tf.sin(a * x)], [tf.constant(0), x], maximum_iterations=5)
    return [y] + tf.gradients(y, x)


# Sparse gradients.


@program
def cond_sparse_gradient():
    p = tf.placeholder(tf.bool, [], name='p')
    t = tf.get_variable('t', [3, 2], initializer=tf.ones_initializer())
    y = tf.cond(p, lambda: tf.nn.embedding_lookup(t, [1]), lambda: tf.nn.embedding_lookup(t, [0, 2]))
    return tf.gradients(y, t)


@program
def cond_sparse_and_dense_gradient():
    p = tf.placeholder(tf.bool, [], name='p')
    t = tf.get_variable('t', [3, 2], initializer=tf.ones_initializer())
    y = tf.cond(p, lambda: tf.reduce_sum(tf.nn.embedding_lookup(t, [1])), lambda: tf.reduce_sum(t * 2.0))
    return tf.gradients(y, t)


@program
def while_sparse_gradient():
    t = tf.get_variable('t', [3, 2], initializer=tf.ones_initializer())

    def step(i, a):
        return [i + 1, a + tf.reduce_sum(tf.nn.embedding_lookup(t, [i]))]

    _, y = tf.while_loop(lambda i, a: i < 3, step, [tf.constant(0), tf.constant(0.0)])
    return tf.gradients(y, t)


@program
def cond_gradient_of_gather():
    p = tf.placeholder(tf.bool, [], name='p')
    x = tf.placeholder(tf.float32, [3, 2], name='x')
    y = tf.cond(p, lambda: tf.identity(x), lambda: x)
    return tf.gradients(tf.gather(y, [0]), x)


@program
def while_gradient_of_gather():
    x = tf.placeholder(tf.float32, [3, 2], name='x')
    y = tf.while_loop(lambda a: tf.reduce_sum(a) < 9.0, lambda a: a * a, [x])
    return tf.gradients(tf.gather(y, [0]), x)


# switch_case.


@program
def switch_case_gradient():
    n = tf.placeholder(tf.int32, [], name='n')
    x = scalar()
    y = tf.switch_case(n, [lambda: x * x, lambda: tf.sin(x)], default=lambda: x)
    return tf.gradients(y, x)


# TensorArray and functions made of loops.


@program
def tensor_array():
    x = tf.placeholder(tf.float32, [3, 2], name='x')
    array = tf.TensorArray(tf.float32, size=3).unstack(x)
    array = array.write(1, array.read(0) * 2.0)
    return [array.stack(), array.gather([0, 2]), array.size(), array.concat()]


@program
def tensor_array_dynamic():
    x = scalar()
    array = tf.TensorArray(tf.float32, size=0, dynamic_size=True, element_shape=[])
    array = array.write(0, x).write(1, 2.0)
    return [array.stack(), array.size()]


@program
def tensor_array_in_while_gradient():
    x = scalar()

    def step(i, a, out):
        return [i + 1, a * x, out.write(i, a)]

    _, _, out = tf.while_loop(lambda i, a, out: i < 3, step, [0, x, tf.TensorArray(tf.float32, size=3)])
    return tf.gradients(out.stack(), x)


@program
def map_fn_gradient():
    x = tf.placeholder(tf.float32, [4, 2], name='x')
    return tf.gradients(tf.map_fn(lambda a: a * a, x), x)


@program
def map_fn_structures():
    x = tf.placeholder(tf.float32, [None, 2], name='x')
    n = tf.placeholder(tf.int32, [None], name='n')
    return tf.map_fn(lambda a: (a[0] * 2.0, a[1] + 1, a[0] > 1.0), (x, n), dtype=(tf.float32, tf.int32, tf.bool))


@program
def foldl():
    return tf.foldl(lambda a, b: a * 2.0 + b, tf.placeholder(tf.float32, [4], name='x'))


@program
def foldl_initializer():
    return tf.foldl(lambda a, b: a * 2.0 + b, tf.placeholder(tf.float32, [None], name='x'), initializer=tf.constant(1.0))


@program
def foldr():
    return tf.foldr(lambda a, b: a * 2.0 + b, tf.placeholder(tf.float32, [4], name='x'))


@program
def foldr_unknown():
    return tf.foldr(lambda a, b: a * 2.0 + b, tf.placeholder(tf.float32, [None], name='x'))


@program
def scan_initializer_reverse():
    x = tf.placeholder(tf.float32, [None], name='x')
    return tf.scan(lambda a, b: (a[1], a[0] + b), x, initializer=(tf.constant(0.0), tf.constant(1.0)), reverse=True)


# Custom gradients.


@program
def custom_gradient_of_variable():
    v = tf.Variable(2.0, name='v')

    @tf.custom_gradient
    def scaled(x):
        def backward(dy, variables=None):
            return dy * 3.0, [dy * 4.0 for _ in variables]

        return x * v, backward

    x = scalar()
    y = scaled(x)
    return [y] + tf.gradients(y, [x, v])


@program
def custom_gradient_of_two():
    @tf.custom_gradient
    def both(x, y):
        def backward(da, db):
            return da * 2.0, db * 3.0

        return (x + y, x * y), backward

    x, y = scalar('x'), scalar('y')
    a, b = both(x, y)
    return tf.gradients(a + b, [x, y])


@program
def custom_gradient_in_while():
    @tf.custom_gradient
    def passing(x):
        return tf.identity(x), lambda dy: dy * 2.0

    x = scalar()
    _, y = tf.while_loop(lambda i, a: i < 2, lambda i, a: [i + 1, passing(a) * x], [tf.constant(0), x])
    return tf.gradients(y, x)


if __name__ == '__main__':
    write(__file__)
