"""Golden graphs of operators on tensors: arithmetic, comparison, slicing, and the names they give."""

import numpy as np
import tensorflow.compat.v1 as tf

from ._text import program, write


def pair(dtype=tf.float32):
    """Two matrices that fit each other."""
    return tf.placeholder(dtype, [2, 3], name='x'), tf.placeholder(dtype, [2, 3], name='y')


# Arithmetic.


@program
def operators_on_tensors():
    x, y = pair()
    return [x + y, x - y, x * y, x / y, x // y, x % y, x**y, -x, abs(x)]


@program
def operators_with_number_right():
    x, _ = pair()
    return [x + 2.0, x - 2.0, x * 2.0, x / 2.0, x // 2.0, x % 2.0, x**2.0]


@program
def operators_with_number_left():
    x, _ = pair()
    return [2.0 + x, 2.0 - x, 2.0 * x, 2.0 / x, 2.0 // x, 2.0 % x, 2.0**x]


@program
def operators_on_ints():
    x, y = pair(tf.int32)
    return [x + y, x - y, x * y, x / y, x // y, x % y, x**y, -x, abs(x)]


@program
def operators_on_ints_with_numbers():
    x, _ = pair(tf.int64)
    return [x + 2, 2 - x, x * 2, x / 2, x // 2, 7 % x]


@program
def operators_broadcast():
    x = tf.placeholder(tf.float32, [None, 3], name='x')
    y = tf.placeholder(tf.float32, [3], name='y')
    z = tf.placeholder(tf.float32, None, name='z')
    return [x + y, x * z, y - x, tf.ones([4, 1]) * y]


@program
def operators_with_arrays():
    x, _ = pair()
    return [x + np.array([1, 2, 3], np.float32), x * [1.0, 2.0, 3.0], [[1.0], [2.0]] - x]


@program
def operators_in_name_scope():
    x, y = pair()
    with tf.name_scope('s'):
        a = x + y
        b = a + 1.0
    return [b, a + b, a + 2.0]


@program
def operators_matmul():
    x = tf.placeholder(tf.float32, [2, 3], name='x')
    y = tf.placeholder(tf.float32, [3, 4], name='y')
    a = tf.placeholder(tf.float32, [None, 2, 3], name='a')
    b = tf.placeholder(tf.float32, [None, 3, 4], name='b')
    return [x @ y, a @ b, a @ y]


@program
def operators_comparison():
    x, y = pair()
    return [x < y, x <= y, x > y, x >= y, x < 1.0, 1.0 < x]


@program
def operators_equality():
    x, y = pair()
    return [tf.equal(x, y), tf.not_equal(x, y), tf.equal(x, 0.0)]


@program
def operators_logic():
    a = tf.placeholder(tf.bool, [2], name='a')
    b = tf.placeholder(tf.bool, [2], name='b')
    return [a & b, a | b, a ^ b, ~a, a & True, False | a]


@program
def operators_bitwise():
    a = tf.placeholder(tf.int32, [2], name='a')
    return [a & 3, a | 4, a ^ a, ~a]


@program
def functions_named_like_operators():
    x, y = pair()
    return [
        tf.add(x, y),
        tf.subtract(x, y),
        tf.multiply(x, y),
        tf.divide(x, y),
        tf.div(x, y),
        tf.truediv(x, y),
        tf.realdiv(x, y),
        tf.floordiv(x, y),
        tf.mod(x, y),
        tf.floormod(x, y),
        tf.truncatemod(x, y),
        tf.pow(x, y),
        tf.negative(x),
        tf.div_no_nan(x, y),
        tf.squared_difference(x, y),
        tf.maximum(x, y),
        tf.minimum(x, y),
        tf.atan2(x, y),
        tf.floor_div(x, y),
    ]


@program
def functions_with_numbers():
    x, _ = pair()
    return [
        tf.add(x, 1.0),
        tf.multiply(2.0, x),
        tf.maximum(x, 0.0),
        tf.pow(x, 2.0),
        tf.divide(x, 2.0),
        tf.truediv(1, 2),
    ]


@program
def integer_division_functions():
    x, y = pair(tf.int32)
    return [tf.div(x, y), tf.truediv(x, y), tf.divide(x, y), tf.floordiv(x, y), tf.truncatediv(x, y), tf.mod(x, y)]


@program
def functions_named():
    x, y = pair()
    return [
        tf.add(x, y, name='sum'),
        tf.add(x, 1.0, name='more'),
        tf.divide(x, y, name='ratio'),
        tf.truediv(x, 2.0, name='half'),
    ]


@program
def add_n_and_accumulate():
    x, y = pair()
    return [tf.add_n([x, y, x]), tf.add_n([x]), tf.add_n([x, y], name='total'), tf.accumulate_n([x, y])]


@program
def constants_only():
    return [tf.constant(1.0) + tf.constant(2.0), tf.constant([1, 2]) * 3, tf.constant(2.0) ** 3.0]


# Elementwise functions.


@program
def unary_math():
    x = tf.placeholder(tf.float32, [3], name='x')
    functions = [
        tf.abs,
        tf.sign,
        tf.square,
        tf.sqrt,
        tf.rsqrt,
        tf.reciprocal,
        tf.exp,
        tf.expm1,
        tf.log,
        tf.log1p,
        tf.sin,
        tf.cos,
        tf.tan,
        tf.asin,
        tf.acos,
        tf.atan,
        tf.sinh,
        tf.cosh,
        tf.tanh,
        tf.asinh,
        tf.acosh,
        tf.atanh,
        tf.sigmoid,
        tf.floor,
        tf.ceil,
        tf.round,
        tf.rint,
        tf.erf,
        tf.erfc,
        tf.lgamma,
        tf.digamma,
        tf.is_nan,
        tf.is_inf,
        tf.is_finite,
    ]
    return [function(x) for function in functions]


@program
def unary_activations():
    x = tf.placeholder(tf.float32, [2, 3], name='x')
    return [
        tf.nn.relu(x),
        tf.nn.relu6(x),
        tf.nn.elu(x),
        tf.nn.selu(x),
        tf.nn.crelu(x),
        tf.nn.leaky_relu(x),
        tf.nn.leaky_relu(x, alpha=0.1),
        tf.nn.softplus(x),
        tf.nn.softsign(x),
        tf.nn.sigmoid(x),
        tf.nn.tanh(x),
        tf.nn.softmax(x),
        tf.nn.log_softmax(x),
    ]


@program
def swish_and_log_sigmoid():
    x = tf.placeholder(tf.float32, [2, 3], name='x')
    return [tf.nn.swish(x), tf.log_sigmoid(x)]


@program
def softmax_other_axis():
    x = tf.placeholder(tf.float32, [2, 3, 4], name='x')
    return [tf.nn.softmax(x, axis=1), tf.nn.log_softmax(x, axis=0), tf.nn.softmax(x, axis=-1)]


@program
def rounding_of_ints():
    x = tf.placeholder(tf.int32, [3], name='x')
    return [tf.round(x), tf.abs(x), tf.sign(x), tf.square(x)]


@program
def casts():
    x = tf.placeholder(tf.float32, [3], name='x')
    return [
        tf.cast(x, tf.int32),
        tf.cast(x, tf.float32),
        tf.to_float(tf.constant(1)),
        tf.to_int32(x),
        tf.to_int64(x),
        tf.to_double(x),
        tf.cast(True, tf.float32),
        tf.cast(3, tf.float32, name='three'),
        tf.saturate_cast(x, tf.uint8),
    ]


# Slicing.


@program
def slice_index():
    x = tf.placeholder(tf.float32, [4, 5, 6], name='x')
    return [x[0], x[-1], x[1, 2], x[1, 2, 3]]


@program
def slice_ranges():
    x = tf.placeholder(tf.float32, [4, 5, 6], name='x')
    return [x[1:3], x[:2], x[2:], x[:], x[::2], x[::-1], x[1:4:2, -2:]]


@program
def slice_new_axis_and_ellipsis():
    x = tf.placeholder(tf.float32, [4, 5, 6], name='x')
    return [x[tf.newaxis], x[..., tf.newaxis], x[..., 0], x[0, ..., 1:3], x[:, tf.newaxis, 2]]


@program
def slice_dynamic():
    x = tf.placeholder(tf.float32, [None, 5], name='x')
    i = tf.placeholder(tf.int32, [], name='i')
    return [x[i], x[:i], x[i : i + 1, 2], x[-1], x[:, 1:]]


@program
def slice_of_shape():
    x = tf.placeholder(tf.float32, [None, 5], name='x')
    return [tf.shape(x)[0], tf.shape(x)[1:], tf.shape(x)[-1]]


@program
def slice_with_mask():
    x = tf.placeholder(tf.float32, [4], name='x')
    return [x[x > 0.0], tf.boolean_mask(x, [True, False, True, True])]


@program
def slice_functions():
    x = tf.placeholder(tf.float32, [4, 5], name='x')
    return [
        tf.slice(x, [1, 0], [2, 3]),
        tf.slice(x, [1, 0], [-1, -1]),
        tf.strided_slice(x, [0, 1], [3, 4]),
        tf.strided_slice(x, [0, 1], [3, 4], [2, 1], name='every_other'),
        tf.strided_slice(x, [0], [1], shrink_axis_mask=1),
    ]


@program
def tensor_array_protocol():
    x = tf.placeholder(tf.float32, [3, 2], name='x')
    rows = tf.unstack(x)
    return [rows, tf.stack(rows[::-1])]


if __name__ == '__main__':
    write(__file__)
