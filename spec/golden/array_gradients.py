"""Golden graphs of the gradients of ops on shapes, of indexing, and of networks."""

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


if __name__ == '__main__':
    write(__file__)
