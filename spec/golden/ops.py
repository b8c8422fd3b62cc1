"""Golden graphs of the functions that make, reduce, multiply, clip and check tensors."""

import tensorflow.compat.v1 as tf

from ._text import program, write


def matrix():
    """A matrix of known shape."""
    return tf.placeholder(tf.float32, [2, 3], name='x')


def batch():
    """A matrix with an unknown number of rows."""
    return tf.placeholder(tf.float32, [None, 3], name='x')


# Constants and sequences.


@program
def constants():
    return [
        tf.constant(1),
        tf.constant(1.5),
        tf.constant(True),
        tf.constant('text'),
        tf.constant([1, 2, 3]),
        tf.constant([[1.0, 2.0], [3.0, 4.0]]),
        tf.constant([1, 2], dtype=tf.float64),
        tf.constant(7, shape=[2, 2], name='sevens'),
        tf.constant([], dtype=tf.float32),
        tf.constant(['a', 'b']),
        tf.constant(2**40, dtype=tf.int64),
    ]


@program
def constant_large():
    return [tf.constant([float(i) for i in range(100)]), tf.constant(list(range(70)), dtype=tf.int64)]


@program
def zeros_ones_fill():
    return [
        tf.zeros([2, 3]),
        tf.zeros([40, 50]),
        tf.zeros([2], tf.int32),
        tf.ones([2, 3]),
        tf.ones([], tf.float64),
        tf.ones([40, 50], name='many'),
        tf.fill([2, 3], 9.0),
        tf.zeros([2], tf.bool),
        tf.zeros([2], tf.string),
    ]


@program
def zeros_of_dynamic_shape():
    x = batch()
    return [
        tf.zeros(tf.shape(x)),
        tf.ones(tf.shape(x), tf.int32),
        tf.zeros([tf.shape(x)[0], 4]),
        tf.fill([tf.shape(x)[0]], 2),
    ]


@program
def zeros_like_ones_like():
    x, y = matrix(), tf.placeholder(tf.float32, [None, 3], name='y')
    return [
        tf.zeros_like(x),
        tf.ones_like(x),
        tf.zeros_like(y),
        tf.ones_like(y),
        tf.zeros_like(y, dtype=tf.int32),
        tf.ones_like(x, dtype=tf.int32),
    ]


@program
def ranges():
    n = tf.placeholder(tf.int32, [], name='n')
    return [tf.range(5), tf.range(1, 10, 2), tf.range(n), tf.range(0.0, 1.0, 0.25), tf.range(2, n, name='up')]


@program
def linspace():
    return [tf.linspace(0.0, 1.0, 5), tf.lin_space(0.0, 1.0, 5, name='steps')]


@program
def one_hot():
    labels = tf.placeholder(tf.int64, [None], name='labels')
    return [tf.one_hot(labels, 10), tf.one_hot(labels, 3, on_value=5, off_value=0, dtype=tf.int32, axis=0)]


@program
def eye_and_diag():
    v = tf.placeholder(tf.float32, [3], name='v')
    return [tf.eye(3), tf.eye(2, 3, dtype=tf.float64), tf.diag(v), tf.matrix_diag(v)]


@program
def shapes():
    x, y = matrix(), tf.placeholder(tf.float32, [None, 3], name='y')
    return [
        tf.shape(x),
        tf.shape(y),
        tf.size(x),
        tf.size(y),
        tf.rank(x),
        tf.rank(y),
        tf.shape(y, out_type=tf.int64),
        tf.shape_n([x, y]),
    ]


@program
def placeholders():
    return [
        tf.placeholder(tf.float32),
        tf.placeholder(tf.int32, [], name='scalar'),
        tf.placeholder(tf.string, [None, 2], name='texts'),
        tf.placeholder_with_default(1.0, []),
        tf.placeholder_with_default([[1, 2]], [None, 2], name='defaulted'),
    ]


# Reductions.


@program
def reduce_all_axes():
    x = matrix()
    return [tf.reduce_sum(x), tf.reduce_mean(x), tf.reduce_max(x), tf.reduce_min(x), tf.reduce_prod(x)]


@program
def reduce_axis():
    x = batch()
    return [
        tf.reduce_sum(x, 0),
        tf.reduce_mean(x, axis=1),
        tf.reduce_max(x, axis=-1),
        tf.reduce_min(x, axis=[0, 1]),
        tf.reduce_prod(x, axis=[1]),
    ]


@program
def reduce_keepdims():
    x = batch()
    return [tf.reduce_sum(x, 1, keepdims=True), tf.reduce_mean(x, keepdims=True), tf.reduce_max(x, [0], keepdims=True)]


@program
def reduce_dynamic_rank():
    x = tf.placeholder(tf.float32, None, name='x')
    return [tf.reduce_sum(x), tf.reduce_mean(x, axis=0), tf.reduce_max(x, name='largest')]


@program
def reduce_bool():
    b = tf.placeholder(tf.bool, [2, 3], name='b')
    return [tf.reduce_all(b), tf.reduce_any(b, axis=1), tf.count_nonzero(b), tf.count_nonzero(matrix(), axis=0)]


@program
def reduce_logsumexp():
    x = batch()
    return [tf.reduce_logsumexp(x), tf.reduce_logsumexp(x, axis=1), tf.reduce_logsumexp(x, axis=1, keepdims=True)]


@program
def reduce_variance():
    x = matrix()
    return [tf.math.reduce_variance(x), tf.math.reduce_std(x, axis=1)]


@program
def arg_max_min():
    x = batch()
    return [tf.argmax(x), tf.argmax(x, 1), tf.argmin(x, axis=-1, output_type=tf.int32), tf.argmax(x, 1, name='winner')]


@program
def cumulative():
    x = batch()
    return [
        tf.cumsum(x),
        tf.cumsum(x, axis=1, exclusive=True),
        tf.cumsum(x, axis=-1, reverse=True),
        tf.cumprod(x, axis=1),
    ]


@program
def segments():
    x = batch()
    ids = tf.placeholder(tf.int32, [None], name='ids')
    return [
        tf.segment_sum(x, ids),
        tf.segment_mean(x, ids),
        tf.segment_max(x, ids),
        tf.unsorted_segment_sum(x, ids, 4),
        tf.unsorted_segment_mean(x, ids, 4),
        tf.unsorted_segment_max(x, ids, num_segments=4),
    ]


# Products.


@program
def matmul():
    a = tf.placeholder(tf.float32, [None, 3], name='a')
    b = tf.placeholder(tf.float32, [3, 4], name='b')
    c = tf.placeholder(tf.float32, [4, 3], name='c')
    return [tf.matmul(a, b), tf.matmul(a, c, transpose_b=True), tf.matmul(b, a, True, True, name='product')]


@program
def batch_matmul():
    a = tf.placeholder(tf.float32, [None, 2, 3], name='a')
    b = tf.placeholder(tf.float32, [None, 3, 4], name='b')
    c = tf.placeholder(tf.float32, [5, 1, 3, 4], name='c')
    return [tf.matmul(a, b), tf.matmul(a, b, adjoint_a=False), tf.matmul(a, a, transpose_b=True), tf.matmul(a, c)]


@program
def tensordot():
    a = tf.placeholder(tf.float32, [2, 3, 4], name='a')
    b = tf.placeholder(tf.float32, [4, 3, 5], name='b')
    return [tf.tensordot(a, b, 1), tf.tensordot(a, b, [[1, 2], [1, 0]]), tf.tensordot(a, b, [2, 0])]


@program
def tensordot_dynamic():
    a = tf.placeholder(tf.float32, [None, 3, 4], name='a')
    b = tf.placeholder(tf.float32, [4, 5], name='b')
    return tf.tensordot(a, b, 1)


@program
def einsum():
    a = tf.placeholder(tf.float32, [2, 3], name='a')
    b = tf.placeholder(tf.float32, [3, 4], name='b')
    c = tf.placeholder(tf.float32, [None, 2, 3], name='c')
    return [
        tf.einsum('ij,jk->ik', a, b),
        tf.einsum('ij->ji', a),
        tf.einsum('bij,jk->bik', c, b),
        tf.einsum('ii', tf.zeros([2, 2])),
    ]


@program
def norms():
    x = batch()
    return [tf.norm(x), tf.norm(x, axis=1), tf.norm(x, ord=1, axis=1), tf.norm(x, ord=float('inf')), tf.nn.l2_loss(x)]


@program
def l2_normalize():
    x = batch()
    return [
        tf.nn.l2_normalize(x, axis=1),
        tf.nn.l2_normalize(x, [0, 1], epsilon=1e-5, name='unit'),
        tf.math.l2_normalize(x, -1),
    ]


@program
def moments():
    x = batch()
    return [tf.nn.moments(x, [0]), tf.nn.moments(x, [0, 1], keep_dims=True)]


@program
def weighted_moments():
    x = batch()
    return tf.nn.weighted_moments(x, [0], tf.ones([1, 3]))


@program
def normalize_with_moments():
    x = tf.placeholder(tf.float32, [None, 3], name='x')
    mean, variance = tf.nn.moments(x, [0])
    return [
        tf.nn.batch_normalization(x, mean, variance, None, None, 0.001),
        tf.nn.batch_normalization(x, mean, variance, 0.5, 2.0, 0.001),
    ]


@program
def clip_by_value():
    x = batch()
    low = tf.placeholder(tf.float32, [], name='low')
    return [tf.clip_by_value(x, 0.0, 1.0), tf.clip_by_value(x, low, 1.0, name='clipped')]


@program
def clip_by_norm():
    x = batch()
    return [tf.clip_by_norm(x, 1.0), tf.clip_by_norm(x, 2.0, axes=[1]), tf.clip_by_average_norm(x, 1.0)]


@program
def clip_by_global_norm():
    x, y = matrix(), tf.placeholder(tf.float32, [4], name='y')
    clipped, norm = tf.clip_by_global_norm([x, None, y], 5.0)
    return [clipped, norm]


@program
def clip_by_global_norm_given():
    x = matrix()
    norm = tf.global_norm([x, x])
    clipped, used = tf.clip_by_global_norm([x, x], 5.0, use_norm=norm, name='c')
    return [clipped, used]


@program
def zero_fraction():
    return tf.nn.zero_fraction(matrix())


@program
def confusion_matrix():
    labels = tf.placeholder(tf.int64, [None], name='labels')
    predictions = tf.placeholder(tf.int64, [None], name='predictions')
    return tf.confusion_matrix(labels, predictions, num_classes=3)


# Identities, checks and printing.


@program
def identities():
    x = matrix()
    return [
        tf.identity(x),
        tf.stop_gradient(x),
        tf.identity_n([x, x]),
        tf.check_numerics(x, 'bad'),
        tf.no_op(),
        tf.ensure_shape(x, [2, None]),
    ]


@program
def asserts():
    x, y = matrix(), tf.placeholder(tf.float32, [2, 3], name='y')
    return [tf.Assert(tf.reduce_all(x > 0.0), [x, y]), tf.assert_equal(x, y), tf.assert_less(x, 1.0, message='small')]


@program
def asserts_static():
    x = matrix()
    return [
        tf.assert_rank(x, 2),
        tf.assert_positive(tf.constant([1.0, 2.0])),
        tf.assert_equal(tf.constant(1), tf.constant(1)),
    ]


@program
def asserts_rank_dynamic():
    x = tf.placeholder(tf.float32, None, name='x')
    return [tf.assert_rank(x, 2), tf.assert_rank_at_least(x, 1)]


@program
def printing():
    x = matrix()
    return [tf.Print(x, [x, tf.shape(x)], message='x: '), tf.print('x', x)]


@program
def verify_finite():
    return [tf.verify_tensor_all_finite(matrix(), 'not finite'), tf.add_check_numerics_ops()]


if __name__ == '__main__':
    write(__file__)
