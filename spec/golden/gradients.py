"""Golden graphs of tf.gradients: one op each, then how gradients are seeded, summed, stopped and grouped."""

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
    return tf.gradients(x ** y, [x, y])


@program
def gradient_pow_number():
    x = matrix()
    return tf.gradients(x ** 3.0, x)


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
    return [tf.gradients(tf.cumsum(x, 1), x), tf.gradients(tf.cumprod(x, 1), x), tf.gradients(tf.cumsum(x, exclusive=True, reverse=True), x)]


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


# Shapes and indexing.


@program
def gradient_reshape_transpose():
    x = batch()
    return [tf.gradients(tf.reshape(x, [-1]), x), tf.gradients(tf.transpose(x), x)]


@program
def gradient_expand_squeeze():
    x = matrix()
    return [tf.gradients(tf.expand_dims(x, 1), x), tf.gradients(tf.squeeze(tf.expand_dims(x, 0)), x)]


@program
def gradient_concat():
    x, y = dynamic()
    return tf.gradients(tf.concat([x, y], 0), [x, y])


@program
def gradient_concat_static():
    x, y = pair()
    return tf.gradients(tf.concat([x, y], 1), [x, y])


@program
def gradient_split():
    x = tf.placeholder(tf.float32, [4, 6], name='x')
    a, b = tf.split(x, 2, axis=1)
    return [tf.gradients([a, b], x), tf.gradients(a, x)]


@program
def gradient_split_sizes():
    x = tf.placeholder(tf.float32, [4, 6], name='x')
    a, b = tf.split(x, [2, 4], axis=1)
    return tf.gradients(b, x)


@program
def gradient_stack_unstack():
    x, y = pair()
    return [tf.gradients(tf.stack([x, y], 1), [x, y]), tf.gradients(tf.unstack(x)[0], x)]


@program
def gradient_tile_pad():
    x = batch()
    return [tf.gradients(tf.tile(x, [2, 1]), x), tf.gradients(tf.pad(x, [[1, 1], [0, 2]]), x)]


@program
def gradient_mirror_pad():
    x = matrix()
    return tf.gradients(tf.pad(x, [[1, 1], [0, 0]], 'REFLECT'), x)


@program
def gradient_slice():
    x = batch()
    return [tf.gradients(tf.slice(x, [0, 1], [-1, 2]), x), tf.gradients(x[0], x), tf.gradients(x[:, 1:], x)]


@program
def gradient_reverse():
    x = matrix()
    return tf.gradients(tf.reverse(x, [1]), x)


@program
def gradient_broadcast_to():
    x = tf.placeholder(tf.float32, [3], name='x')
    return tf.gradients(tf.broadcast_to(x, [4, 3]), x)


@program
def gradient_fill():
    v = tf.placeholder(tf.float32, [], name='v')
    return tf.gradients(tf.fill([2, 3], v), v)


@program
def gradient_gather():
    x = matrix()
    ids = tf.placeholder(tf.int32, [None], name='ids')
    return [tf.gradients(tf.gather(x, ids), x), tf.gradients(tf.gather(x, ids, axis=1), x)]


@program
def gradient_gather_nd():
    x = matrix()
    ids = tf.placeholder(tf.int32, [None, 2], name='ids')
    return tf.gradients(tf.gather_nd(x, ids), x)


@program
def gradient_scatter_nd():
    updates = tf.placeholder(tf.float32, [2], name='updates')
    return tf.gradients(tf.scatter_nd([[0], [2]], updates, [4]), updates)


@program
def gradient_segment_sum():
    x = batch()
    ids = tf.placeholder(tf.int32, [None], name='ids')
    return [tf.gradients(tf.segment_sum(x, ids), x), tf.gradients(tf.unsorted_segment_sum(x, ids, 4), x)]


@program
def gradient_top_k():
    x = batch()
    return tf.gradients(tf.nn.top_k(x, 2)[0], x)


@program
def gradient_where():
    x, y = pair()
    mask = tf.placeholder(tf.bool, [2, 3], name='mask')
    return tf.gradients(tf.where(mask, x, y), [x, y])


@program
def gradient_where_v2():
    x, y = uneven()
    mask = tf.placeholder(tf.bool, [2, 3], name='mask')
    return tf.gradients(tf.where_v2(mask, x, y), [x, y])


@program
def gradient_boolean_mask():
    x = batch()
    mask = tf.placeholder(tf.bool, [None], name='mask')
    return tf.gradients(tf.boolean_mask(x, mask), x)


@program
def gradient_clip():
    x = matrix()
    return [tf.gradients(tf.clip_by_value(x, 0.0, 1.0), x), tf.gradients(tf.clip_by_norm(x, 1.0), x)]


@program
def gradient_l2_normalize():
    x = batch()
    return tf.gradients(tf.nn.l2_normalize(x, 1), x)


@program
def gradient_norm():
    x = matrix()
    return tf.gradients(tf.norm(x), x)


# Networks.


@program
def gradient_bias_add():
    x = batch()
    b = tf.placeholder(tf.float32, [3], name='b')
    return tf.gradients(tf.nn.bias_add(x, b), [x, b])


@program
def gradient_conv2d():
    x = tf.placeholder(tf.float32, [None, 8, 8, 3], name='x')
    w = tf.placeholder(tf.float32, [3, 3, 3, 4], name='w')
    return tf.gradients(tf.nn.conv2d(x, w, strides=[1, 2, 2, 1], padding='SAME'), [x, w])


@program
def gradient_conv2d_transpose():
    x = tf.placeholder(tf.float32, [2, 4, 4, 3], name='x')
    w = tf.placeholder(tf.float32, [3, 3, 5, 3], name='w')
    return tf.gradients(tf.nn.conv2d_transpose(x, w, [2, 8, 8, 5], 2), [x, w])


@program
def gradient_depthwise_conv2d():
    x = tf.placeholder(tf.float32, [None, 8, 8, 3], name='x')
    w = tf.placeholder(tf.float32, [3, 3, 3, 2], name='w')
    return tf.gradients(tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], 'SAME'), [x, w])


@program
def gradient_pooling():
    x = tf.placeholder(tf.float32, [None, 8, 8, 3], name='x')
    return [tf.gradients(tf.nn.max_pool2d(x, 2, 2, 'VALID'), x), tf.gradients(tf.nn.avg_pool2d(x, 3, 2, 'SAME'), x)]


@program
def gradient_lrn():
    x = tf.placeholder(tf.float32, [None, 4, 4, 8], name='x')
    return tf.gradients(tf.nn.lrn(x), x)


@program
def gradient_fused_batch_norm():
    x = tf.placeholder(tf.float32, [None, 8, 8, 3], name='x')
    scale, offset = tf.ones([3], name='scale'), tf.zeros([3], name='offset')
    y, _, _ = tf.nn.fused_batch_norm(x, scale, offset)
    return tf.gradients(y, [x, scale, offset])


@program
def gradient_softmax_cross_entropy():
    logits = tf.placeholder(tf.float32, [None, 4], name='logits')
    labels = tf.placeholder(tf.float32, [None, 4], name='labels')
    loss = tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits)
    return tf.gradients(loss, [logits, labels])


@program
def gradient_sparse_softmax_cross_entropy():
    logits = tf.placeholder(tf.float32, [None, 4], name='logits')
    labels = tf.placeholder(tf.int64, [None], name='labels')
    return tf.gradients(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits), logits)


@program
def gradient_sigmoid_cross_entropy():
    logits = tf.placeholder(tf.float32, [None, 4], name='logits')
    labels = tf.placeholder(tf.float32, [None, 4], name='labels')
    return tf.gradients(tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits), logits)


@program
def gradient_l2_loss():
    x = matrix()
    return tf.gradients(tf.nn.l2_loss(x), x)


@program
def gradient_second_order():
    x = matrix()
    first = tf.gradients(tf.square(x) * x, x)[0]
    return tf.gradients(first, x)


@program
def gradient_second_order_softmax_cross_entropy():
    logits = tf.placeholder(tf.float32, [2, 4], name='logits')
    labels = tf.placeholder(tf.float32, [2, 4], name='labels')
    loss = tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits)
    return tf.gradients(tf.gradients(loss, logits)[0], logits)


@program
def gradient_random_ops():
    x = tf.placeholder(tf.float32, [], name='x')
    return tf.gradients(tf.random_uniform([3], 0.0, x) + tf.random_normal([3], stddev=x), x)


# The algorithm.


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
