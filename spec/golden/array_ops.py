"""Golden graphs of the functions that join, split, rearrange and index tensors."""

import tensorflow.compat.v1 as tf

from ._text import program, write


def matrix():
    """A matrix of known shape."""
    return tf.placeholder(tf.float32, [2, 3], name='x')


def batch():
    """A matrix with an unknown number of rows."""
    return tf.placeholder(tf.float32, [None, 3], name='x')


# Joining and splitting.


@program
def concat():
    x, y = matrix(), tf.placeholder(tf.float32, [None, 3], name='y')
    return [tf.concat([x, y], 0), tf.concat([x, x], axis=-1), tf.concat([x], 0), tf.concat([x, y], 0, name='joined')]


@program
def split():
    x = tf.placeholder(tf.float32, [4, 6], name='x')
    return [tf.split(x, 2), tf.split(x, 3, axis=1), tf.split(x, [1, 2, 3], axis=1), tf.split(x, [1, -1], axis=0)]


@program
def stack_unstack():
    x, y = matrix(), tf.placeholder(tf.float32, [2, 3], name='y')
    return [
        tf.stack([x, y]),
        tf.stack([x, y], axis=1),
        tf.stack([1, 2, 3]),
        tf.unstack(x),
        tf.unstack(x, axis=1, name='columns'),
    ]


@program
def stack_mixed():
    n = tf.placeholder(tf.int32, [], name='n')
    return [tf.stack([n, 2, 3]), tf.convert_to_tensor([n, 2]), tf.convert_to_tensor([[n, 1], [2, n]])]


@program
def tile_pad():
    x = batch()
    return [
        tf.tile(x, [2, 1]),
        tf.pad(x, [[1, 1], [0, 2]]),
        tf.pad(x, [[1, 1], [0, 2]], constant_values=1.0),
        tf.pad(x, [[0, 0], [1, 1]], mode='REFLECT'),
        tf.pad(x, [[0, 0], [1, 1]], 'SYMMETRIC', name='mirrored'),
    ]


@program
def transpose():
    x, y = batch(), tf.placeholder(tf.float32, None, name='y')
    z = tf.placeholder(tf.float32, [2, 3, 4], name='z')
    return [
        tf.transpose(x),
        tf.transpose(z, [2, 0, 1]),
        tf.transpose(y),
        tf.matrix_transpose(z),
        tf.transpose(x, name='t'),
    ]


@program
def reshape():
    x = batch()
    return [
        tf.reshape(x, [-1]),
        tf.reshape(x, [-1, 3, 1]),
        tf.reshape(x, tf.stack([tf.shape(x)[0], 3])),
        tf.expand_dims(x, 0),
        tf.expand_dims(x, -1),
        tf.squeeze(tf.expand_dims(x, 1)),
        tf.squeeze(tf.expand_dims(x, 1), [1]),
        tf.broadcast_to(tf.constant([1.0, 2.0, 3.0]), [4, 3]),
    ]


@program
def reverse():
    x = batch()
    return [tf.reverse(x, [1]), tf.reverse(x, [0, -1]), tf.reverse(x, axis=[0], name='upside_down')]


@program
def repeat():
    x = tf.placeholder(tf.float32, [2, 3], name='x')
    return [tf.repeat(x, 2, axis=1), tf.meshgrid(tf.constant([1, 2]), tf.constant([3, 4, 5]))]


# Choosing and indexing.


@program
def where():
    x, y = matrix(), tf.placeholder(tf.float32, [2, 3], name='y')
    mask = tf.placeholder(tf.bool, [2, 3], name='mask')
    row = tf.placeholder(tf.bool, [2], name='row')
    return [
        tf.where(mask, x, y),
        tf.where(row, x, y),
        tf.where(mask),
        tf.where_v2(mask, x, 0.0),
        tf.where_v2(row, 1.0, 2.0),
    ]


@program
def gather():
    x = batch()
    ids = tf.placeholder(tf.int32, [None], name='ids')
    nd = tf.placeholder(tf.int32, [None, 2], name='nd')
    return [tf.gather(x, ids), tf.gather(x, [0, 2], axis=1), tf.gather(x, 1), tf.gather_nd(x, nd)]


@program
def gather_batch_dims():
    x = tf.placeholder(tf.float32, [2, 5], name='x')
    ids = tf.placeholder(tf.int32, [2, 3], name='ids')
    return [tf.gather(x, ids, axis=1, batch_dims=1), tf.batch_gather(x, ids)]


@program
def scatter():
    nd = tf.constant([[0], [2]], name='nd')
    updates = tf.constant([1.0, 2.0], name='updates')
    x = tf.placeholder(tf.float32, [4], name='x')
    return [
        tf.scatter_nd(nd, updates, [4]),
        tf.tensor_scatter_nd_add(x, nd, updates),
        tf.tensor_scatter_nd_update(x, nd, updates),
    ]


@program
def boolean_mask():
    x = batch()
    mask = tf.placeholder(tf.bool, [None], name='mask')
    return [tf.boolean_mask(x, mask), tf.boolean_mask(x, [True, False, True], axis=1)]


@program
def top_k():
    x = batch()
    targets = tf.placeholder(tf.int32, [None], name='targets')
    values, indices = tf.nn.top_k(x, k=2)
    return [values, indices, tf.nn.top_k(x, 1, sorted=False, name='best')[0], tf.nn.in_top_k(x, targets, 1)]


@program
def sort_and_unique():
    x = tf.placeholder(tf.float32, [None], name='x')
    values, index = tf.unique(x)
    return [tf.sort(x), tf.argsort(x, direction='DESCENDING'), values, index]


@program
def invert_permutation_and_dynamic_stitch():
    x = tf.placeholder(tf.int32, [3], name='x')
    return [
        tf.invert_permutation(x),
        tf.dynamic_stitch([[0, 2], [1]], [x[:2], x[2:]]),
        tf.dynamic_partition(x, [0, 1, 0], 2),
    ]


@program
def sequence_mask():
    lengths = tf.placeholder(tf.int32, [None], name='lengths')
    return [tf.sequence_mask(lengths, 5), tf.sequence_mask(lengths, 5, dtype=tf.float32), tf.sequence_mask(lengths)]


if __name__ == '__main__':
    write(__file__)
