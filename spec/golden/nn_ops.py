"""Golden graphs of tf.nn: convolutions, pooling, normalization, cross-entropies, embeddings."""

import tensorflow.compat.v1 as tf

from ._text import program, write


def images():
    """A batch of pictures of unknown number."""
    return tf.placeholder(tf.float32, [None, 8, 8, 3], name='x')


def scores():
    """Logits of four classes."""
    return tf.placeholder(tf.float32, [None, 4], name='logits')


@program
def conv2d():
    x = images()
    w = tf.placeholder(tf.float32, [3, 3, 3, 4], name='w')
    return [
        tf.nn.conv2d(x, w, strides=[1, 1, 1, 1], padding='SAME'),
        tf.nn.conv2d(x, w, [1, 2, 2, 1], 'VALID', name='half'),
        tf.nn.conv2d(x, w, strides=2, padding='VALID'),
        tf.nn.conv2d(x, w, strides=1, padding='SAME', dilations=[1, 2, 2, 1]),
        tf.nn.conv2d(x, w, strides=1, padding=[[0, 0], [1, 1], [2, 2], [0, 0]]),
    ]


@program
def convolution():
    x = images()
    w = tf.placeholder(tf.float32, [3, 3, 3, 4], name='w')
    return [tf.nn.convolution(x, w, 'SAME'), tf.nn.convolution(x, w, 'VALID', strides=[2, 2])]


@program
def conv2d_transpose():
    x = tf.placeholder(tf.float32, [2, 4, 4, 3], name='x')
    w = tf.placeholder(tf.float32, [3, 3, 5, 3], name='w')
    return tf.nn.conv2d_transpose(x, w, output_shape=[2, 8, 8, 5], strides=[1, 2, 2, 1])


@program
def conv2d_transpose_dynamic_shape():
    x = tf.placeholder(tf.float32, [None, 4, 4, 3], name='x')
    w = tf.placeholder(tf.float32, [3, 3, 5, 3], name='w')
    return tf.nn.conv2d_transpose(x, w, tf.stack([tf.shape(x)[0], 8, 8, 5]), strides=2)


@program
def depthwise_conv2d():
    x = images()
    w = tf.placeholder(tf.float32, [3, 3, 3, 2], name='w')
    return [
        tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], 'SAME'),
        tf.nn.depthwise_conv2d_native(x, w, [1, 2, 2, 1], 'VALID'),
    ]


@program
def separable_conv2d():
    x = images()
    depthwise = tf.placeholder(tf.float32, [3, 3, 3, 2], name='depthwise')
    pointwise = tf.placeholder(tf.float32, [1, 1, 6, 4], name='pointwise')
    return tf.nn.separable_conv2d(x, depthwise, pointwise, [1, 1, 1, 1], 'SAME')


@program
def pooling():
    x = images()
    return [
        tf.nn.max_pool(x, 2, 2, 'VALID'),
        tf.nn.max_pool(x, [1, 3, 3, 1], [1, 2, 2, 1], 'SAME', name='largest'),
        tf.nn.avg_pool(x, 2, 2, 'VALID'),
        tf.nn.max_pool2d(x, 2, 2, 'VALID'),
        tf.nn.avg_pool2d(x, 2, 2, 'SAME'),
    ]


@program
def bias_add():
    x = images()
    b = tf.placeholder(tf.float32, [3], name='b')
    return [tf.nn.bias_add(x, b), tf.nn.bias_add(scores(), [0.0, 1.0, 2.0, 3.0], name='shifted')]


@program
def xw_plus_b():
    x = tf.placeholder(tf.float32, [None, 2], name='x')
    w = tf.placeholder(tf.float32, [2, 4], name='w')
    b = tf.placeholder(tf.float32, [4], name='b')
    return [tf.nn.xw_plus_b(x, w, b), tf.nn.relu_layer(x, w, b)]


@program
def local_response_normalization():
    x = images()
    return [tf.nn.lrn(x), tf.nn.local_response_normalization(x, 4, bias=1.0, alpha=0.001, beta=0.75, name='norm')]


@program
def fused_batch_norm():
    x = images()
    scale, offset = tf.ones([3], name='scale'), tf.zeros([3], name='offset')
    y, mean, variance = tf.nn.fused_batch_norm(x, scale, offset)
    z, _, _ = tf.nn.fused_batch_norm(x, scale, offset, mean, variance, is_training=False)
    return [y, mean, variance, z]


@program
def softmax_cross_entropy():
    logits = scores()
    labels = tf.placeholder(tf.float32, [None, 4], name='labels')
    return [
        tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits),
        tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits),
        tf.nn.softmax_cross_entropy_with_logits_v2(labels, logits, name='xent'),
    ]


@program
def softmax_cross_entropy_rank_3():
    logits = tf.placeholder(tf.float32, [2, 5, 4], name='logits')
    labels = tf.placeholder(tf.float32, [2, 5, 4], name='labels')
    return tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits)


@program
def sparse_softmax_cross_entropy():
    logits = scores()
    labels = tf.placeholder(tf.int64, [None], name='labels')
    return [
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits),
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits, name='xent'),
    ]


@program
def sparse_softmax_cross_entropy_rank_3():
    logits = tf.placeholder(tf.float32, [None, 5, 4], name='logits')
    labels = tf.placeholder(tf.int32, [None, 5], name='labels')
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)


@program
def sigmoid_cross_entropy():
    logits = scores()
    labels = tf.placeholder(tf.float32, [None, 4], name='labels')
    return [
        tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits),
        tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits, name='xent'),
        tf.nn.weighted_cross_entropy_with_logits(labels, logits, 2.0),
    ]


@program
def embedding_lookup():
    table = tf.get_variable('table', [10, 4], initializer=tf.zeros_initializer())
    ids = tf.placeholder(tf.int64, [None, 3], name='ids')
    values = tf.placeholder(tf.float32, [10, 4], name='values')
    return [tf.nn.embedding_lookup(table, ids), tf.nn.embedding_lookup(values, ids)]


@program
def space_and_depth():
    x = images()
    return [
        tf.space_to_depth(x, 2),
        tf.depth_to_space(tf.space_to_depth(x, 2), 2),
        tf.space_to_batch_nd(x, [2, 2], [[0, 0], [0, 0]]),
    ]


@program
def log_poisson_loss():
    x = scores()
    targets = tf.placeholder(tf.float32, [None, 4], name='targets')
    return tf.nn.log_poisson_loss(targets, x)


@program
def embedding_lookup_in_parts():
    parts = [tf.placeholder(tf.float32, [rows, 4], name=f'part_{rows}') for rows in (4, 3, 3)]
    ids = tf.placeholder(tf.int64, [None, 3], name='ids')
    return [tf.nn.embedding_lookup(parts, ids), tf.nn.embedding_lookup(parts, ids, partition_strategy='div', name='ranges')]


@program
def softmax_of_inner_axis():
    x = tf.placeholder(tf.float32, [None, 5, 6], name='x')
    return [tf.nn.softmax(x, axis=1), tf.nn.log_softmax(x, axis=-2, name='scores')]


@program
def softmax_cross_entropy_of_inner_axis():
    logits = tf.placeholder(tf.float32, [2, 5, 4], name='logits')
    labels = tf.placeholder(tf.float32, [2, 5, 4], name='labels')
    return tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits, axis=1)


@program
def activations():
    x = tf.placeholder(tf.float32, [2, 3], name='x')
    return [tf.nn.crelu(x), tf.nn.crelu(x, axis=0, name='both'), tf.nn.silu(x, 1.5), tf.nn.leaky_relu(x, 0.1, name='leaky')]


@program
def conv1d():
    x = tf.placeholder(tf.float32, [None, 8, 3], name='x')
    w = tf.placeholder(tf.float32, [3, 3, 4], name='w')
    return [tf.nn.conv1d(x, w, 2, 'SAME'), tf.nn.convolution(x, w, 'VALID', name='line')]


@program
def convolution_dilated():
    x = images()
    w = tf.placeholder(tf.float32, [3, 3, 3, 4], name='w')
    return [
        tf.nn.convolution(x, w, 'VALID', dilation_rate=[2, 1]),
        tf.nn.convolution(x, w, 'SAME', dilation_rate=[2, 3], name='wide'),
        tf.nn.atrous_conv2d(x, w, 2, 'SAME'),
    ]


@program
def convolution_dilated_dynamic():
    x = tf.placeholder(tf.float32, [None, None, None, 3], name='x')
    w = tf.placeholder(tf.float32, [3, 3, 3, 4], name='w')
    return tf.nn.convolution(x, w, 'SAME', dilation_rate=[2, 2])


@program
def depthwise_conv2d_dilated():
    x = images()
    w = tf.placeholder(tf.float32, [3, 3, 3, 2], name='w')
    return tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], 'SAME', rate=[2, 2])


@program
def pooling_of_other_ranks():
    line = tf.placeholder(tf.float32, [None, 8, 3], name='line')
    volume = tf.placeholder(tf.float32, [None, 8, 8, 8, 3], name='volume')
    return [
        tf.nn.max_pool1d(line, 2, 2, 'VALID'),
        tf.nn.avg_pool1d(line, 2, 2, 'SAME', name='mean'),
        tf.nn.max_pool3d(volume, 2, 2, 'VALID'),
        tf.nn.avg_pool3d(volume, 2, 2, 'SAME'),
        tf.nn.pool(images(), [2, 2], 'MAX', 'SAME'),
        tf.nn.pool(images(), [2, 2], 'AVG', 'VALID', dilation_rate=[2, 1], name='wide'),
    ]


@program
def sufficient_statistics():
    x = tf.placeholder(tf.float32, [None, 4, 3], name='x')
    known = tf.nn.sufficient_statistics(x, [1], shift=0.5)
    return [known[:3], tf.nn.normalize_moments(*known), tf.nn.sufficient_statistics(x, [0], keep_dims=True)[:3]]


@program
def einsum_of_several():
    a = tf.placeholder(tf.float32, [2, 30], name='a')
    b = tf.placeholder(tf.float32, [30, 4], name='b')
    c = tf.placeholder(tf.float32, [4, 5], name='c')
    return [tf.einsum('ij,jk,kl->il', a, b, c), tf.einsum('ij,jk,kl,il', a, b, c, tf.zeros([2, 5]))]


@program
def tensordot_of_computed_axes():
    a = tf.placeholder(tf.float32, [3, 4], name='a')
    b = tf.placeholder(tf.float32, None, name='b')
    return tf.tensordot(a, b, tf.constant([[1], [0]], name='axes'))


@program
def matvec():
    a = tf.placeholder(tf.float32, [None, 3], name='a')
    b = tf.placeholder(tf.float32, [3], name='b')
    return tf.linalg.matvec(a, b)


if __name__ == '__main__':
    write(__file__)
