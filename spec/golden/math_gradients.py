"""Golden graphs of the gradients of arithmetic, functions, reductions and products."""

import tensorflow.compat.v1 as tf

from ._text import program, write


def matrix():
    """A matrix of known shape."""
    return tf.placeholder(tf.float32, [2, 3], name='x')


def batch():
    """A matrix with an unknown number of rows."""
    return tf.placeholder(tf.float32, [None, 3], name='x')


def pair():
    """Two matrices of one known shape."""
    return matrix(), tf.placeholder(tf.float32, [2, 3], name='y')


def uneven():
    """A matrix and a row that is broadcast to it, both known."""
    return matrix(), tf.placeholder(tf.float32, [3], name='y')


def dynamic():
    """Two matrices whose broadcasting is known only at run time."""
    return batch(), tf.placeholder(tf.float32, [None, 3], name='y')


# Binary ops, with equal shapes, static broadcasting and dynamic broadcasting.


@program
def gradient_add():
    x, y = pair()
    return tf.gradients(x + y, [x, y])


@program
def gradient_add_broadcast():
    x, y = uneven()
    return tf.gradients(x + y, [x, y])


@program
def gradient_add_dynamic():
    x, y = dynamic()
    return tf.gradients(x + y, [x, y])


@program
def gradient_sub_broadcast():
    x, y = uneven()
    return tf.gradients(y - x, [x, y])


@program
def gradient_mul():
    x, y = pair()
    return tf.gradients(x * y, [x, y])


@program
def gradient_mul_broadcast():
    x, y = uneven()
    return tf.gradients(x * y, [x, y])


@program
def gradient_mul_dynamic():
    x, y = dynamic()
    return tf.gradients(x * y, [x, y])


@program
def gradient_mul_scalar():
    x = matrix()
    return tf.gradients(2.0 * x, x)


@program
def gradient_div():
    x, y = pair()
    return tf.gradients(x / y, [x, y])


@program
def gradient_div_broadcast():
    x, y = uneven()
    return tf.gradients(x / y, [x, y])


@program
def gradient_div_dynamic():
    x, y = dynamic()
    return tf.gradients(x / y, [x, y])


@program
def gradient_div_no_nan():
    x, y = uneven()
    return tf.gradients(tf.div_no_nan(x, y), [x, y])


@program
def gradient_pow():
    x, y = pair()
    return tf.gradients(x**y, [x, y])


@program
def gradient_pow_number():
    x = matrix()
    return tf.gradients(x**3.0, x)


@program
def gradient_maximum_minimum():
    x, y = uneven()
    return [tf.gradients(tf.maximum(x, y), [x, y]), tf.gradients(tf.minimum(x, y), [x, y])]


@program
def gradient_maximum_zero():
    x = batch()
    return tf.gradients(tf.maximum(x, 0.0), x)


@program
def gradient_squared_difference():
    x, y = uneven()
    return tf.gradients(tf.squared_difference(x, y), [x, y])


@program
def gradient_floor_mod():
    x, y = pair()
    return [tf.gradients(x % y, [x, y]), tf.gradients(x // y, [x, y])]


@program
def gradient_atan2():
    x, y = pair()
    return tf.gradients(tf.atan2(x, y), [x, y])


# Unary ops.


@program
def gradient_roots_and_powers():
    x = matrix()
    return [tf.gradients(f(x), x) for f in [tf.square, tf.sqrt, tf.rsqrt, tf.reciprocal, tf.abs, tf.negative]]


@program
def gradient_exponentials():
    x = matrix()
    return [tf.gradients(f(x), x) for f in [tf.exp, tf.expm1, tf.log, tf.log1p, tf.tanh, tf.sigmoid]]


@program
def gradient_trigonometry():
    x = matrix()
    functions = [tf.sin, tf.cos, tf.tan, tf.asin, tf.acos, tf.atan, tf.sinh, tf.cosh, tf.asinh, tf.acosh, tf.atanh]
    return [tf.gradients(f(x), x) for f in functions]


@program
def gradient_special_functions():
    x = matrix()
    return [tf.gradients(f(x), x) for f in [tf.erf, tf.erfc, tf.lgamma, tf.sign, tf.floor, tf.ceil, tf.round]]


@program
def gradient_activations():
    x = matrix()
    functions = [tf.nn.relu, tf.nn.relu6, tf.nn.elu, tf.nn.selu, tf.nn.leaky_relu, tf.nn.softplus, tf.nn.softsign]
    return [tf.gradients(f(x), x) for f in functions]


@program
def gradient_swish():
    x = matrix()
    return tf.gradients(tf.nn.swish(x), x)


@program
def gradient_softmax():
    x = batch()
    return [tf.gradients(tf.nn.softmax(x), x), tf.gradients(tf.nn.log_softmax(x), x)]


@program
def gradient_cast():
    x = matrix()
    return [tf.gradients(tf.cast(x, tf.float64), x), tf.gradients(tf.cast(tf.cast(x, tf.int32), tf.float32), x)]


# Reductions.


@program
def gradient_reduce_sum():
    x = matrix()
    return [tf.gradients(tf.reduce_sum(x), x), tf.gradients(tf.reduce_sum(x, 1), x)]


@program
def gradient_reduce_sum_dynamic():
    x = batch()
    return [tf.gradients(tf.reduce_sum(x), x), tf.gradients(tf.reduce_sum(x, 1), x)]


@program
def gradient_reduce_sum_keepdims():
    x = batch()
    return tf.gradients(tf.reduce_sum(x, 0, keepdims=True), x)


@program
def gradient_reduce_mean():
    x = matrix()
    return [tf.gradients(tf.reduce_mean(x), x), tf.gradients(tf.reduce_mean(x, 0), x)]


@program
def gradient_reduce_mean_dynamic():
    x = batch()
    return [tf.gradients(tf.reduce_mean(x), x), tf.gradients(tf.reduce_mean(x, 1), x)]


@program
def gradient_reduce_max_min():
    x = batch()
    return [tf.gradients(tf.reduce_max(x), x), tf.gradients(tf.reduce_min(x, 1), x)]


@program
def gradient_reduce_prod():
    x = batch()
    return tf.gradients(tf.reduce_prod(x, 1), x)


@program
def gradient_reduce_logsumexp():
    x = batch()
    return tf.gradients(tf.reduce_logsumexp(x, 1), x)


@program
def gradient_cumulative():
    x = matrix()
    return [
        tf.gradients(tf.cumsum(x, 1), x),
        tf.gradients(tf.cumprod(x, 1), x),
        tf.gradients(tf.cumsum(x, exclusive=True, reverse=True), x),
    ]


@program
def gradient_moments():
    x = batch()
    mean, variance = tf.nn.moments(x, [0])
    return tf.gradients([mean, variance], x)


# Products.


@program
def gradient_matmul():
    a, b = tf.placeholder(tf.float32, [None, 3], name='a'), tf.placeholder(tf.float32, [3, 4], name='b')
    return tf.gradients(tf.matmul(a, b), [a, b])


@program
def gradient_matmul_transposed():
    a, b = tf.placeholder(tf.float32, [3, 3], name='a'), tf.placeholder(tf.float32, [3, 3], name='b')
    return [
        tf.gradients(tf.matmul(a, b, transpose_a=True), [a, b]),
        tf.gradients(tf.matmul(a, b, transpose_b=True), [a, b]),
        tf.gradients(tf.matmul(a, b, transpose_a=True, transpose_b=True), [a, b]),
    ]


@program
def gradient_batch_matmul():
    a, b = tf.placeholder(tf.float32, [5, 2, 3], name='a'), tf.placeholder(tf.float32, [5, 3, 4], name='b')
    return tf.gradients(tf.matmul(a, b), [a, b])


@program
def gradient_batch_matmul_broadcast():
    a, b = tf.placeholder(tf.float32, [None, 2, 3], name='a'), tf.placeholder(tf.float32, [3, 4], name='b')
    return tf.gradients(tf.matmul(a, b), [a, b])


@program
def gradient_einsum():
    a, b = tf.placeholder(tf.float32, [5, 2, 3], name='a'), tf.placeholder(tf.float32, [3, 4], name='b')
    return tf.gradients(tf.einsum('bij,jk->bik', a, b), [a, b])


@program
def gradient_tensordot():
    a, b = tf.placeholder(tf.float32, [2, 3, 4], name='a'), tf.placeholder(tf.float32, [4, 5], name='b')
    return tf.gradients(tf.tensordot(a, b, 1), [a, b])


if __name__ == '__main__':
    write(__file__)
