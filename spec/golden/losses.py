"""Golden graphs of tf.losses: every loss, weights, reductions, collections."""

import tensorflow.compat.v1 as tf

from ._text import program, write


def pair(shape=(None, 3)):
    """Labels and predictions."""
    return tf.placeholder(tf.float32, shape, name='labels'), tf.placeholder(tf.float32, shape, name='predictions')


# The losses.


@program
def absolute_difference():
    return tf.losses.absolute_difference(*pair())


@program
def mean_squared_error():
    return tf.losses.mean_squared_error(*pair())


@program
def mean_squared_error_static():
    return tf.losses.mean_squared_error(*pair([2, 3]))


@program
def huber_loss():
    return tf.losses.huber_loss(*pair(), delta=0.5)


@program
def log_loss():
    return tf.losses.log_loss(*pair())


@program
def hinge_loss():
    return tf.losses.hinge_loss(*pair())


@program
def cosine_distance():
    return tf.losses.cosine_distance(*pair(), axis=1)


@program
def mean_pairwise_squared_error():
    return tf.losses.mean_pairwise_squared_error(*pair([2, 3]))


@program
def sigmoid_cross_entropy():
    labels, logits = pair()
    return tf.losses.sigmoid_cross_entropy(labels, logits)


@program
def sigmoid_cross_entropy_smoothed():
    labels, logits = pair()
    return tf.losses.sigmoid_cross_entropy(labels, logits, label_smoothing=0.1)


@program
def softmax_cross_entropy():
    labels, logits = pair()
    return tf.losses.softmax_cross_entropy(labels, logits)


@program
def softmax_cross_entropy_smoothed():
    labels, logits = pair()
    return tf.losses.softmax_cross_entropy(labels, logits, label_smoothing=0.1)


@program
def softmax_cross_entropy_int_labels():
    labels = tf.placeholder(tf.int32, [None, 3], name='labels')
    logits = tf.placeholder(tf.float32, [None, 3], name='logits')
    return tf.losses.softmax_cross_entropy(labels, logits)


@program
def sparse_softmax_cross_entropy():
    labels = tf.placeholder(tf.int64, [None], name='labels')
    logits = tf.placeholder(tf.float32, [None, 3], name='logits')
    return tf.losses.sparse_softmax_cross_entropy(labels, logits)


@program
def sparse_softmax_cross_entropy_column_labels():
    labels = tf.placeholder(tf.int32, [None, 1], name='labels')
    logits = tf.placeholder(tf.float32, [None, 3], name='logits')
    return tf.losses.sparse_softmax_cross_entropy(labels, logits)


@program
def compute_weighted_loss():
    values = tf.placeholder(tf.float32, [None, 3], name='values')
    return tf.losses.compute_weighted_loss(values)


@program
def loss_of_float64():
    labels = tf.placeholder(tf.float64, [None, 3], name='labels')
    predictions = tf.placeholder(tf.float64, [None, 3], name='predictions')
    return tf.losses.absolute_difference(labels, predictions)


@program
def loss_of_int_labels():
    labels = tf.placeholder(tf.int32, [None, 3], name='labels')
    predictions = tf.placeholder(tf.float32, [None, 3], name='predictions')
    return tf.losses.mean_squared_error(labels, predictions)


@program
def loss_of_unknown_shapes():
    labels = tf.placeholder(tf.float32, None, name='labels')
    predictions = tf.placeholder(tf.float32, None, name='predictions')
    return tf.losses.mean_squared_error(labels, predictions)


# Weights.


@program
def weights_number():
    return tf.losses.mean_squared_error(*pair(), weights=0.5)


@program
def weights_zero():
    return tf.losses.mean_squared_error(*pair([2, 3]), weights=0.0)


@program
def weights_scalar_tensor():
    weights = tf.placeholder(tf.float32, [], name='weights')
    return tf.losses.mean_squared_error(*pair(), weights=weights)


@program
def weights_list():
    return tf.losses.mean_squared_error(*pair([2, 3]), weights=[[1.0], [0.0]])


@program
def weights_column():
    weights = tf.placeholder(tf.float32, [None, 1], name='weights')
    return tf.losses.mean_squared_error(*pair(), weights=weights)


@program
def weights_same_shape():
    weights = tf.placeholder(tf.float32, [2, 3], name='weights')
    return tf.losses.mean_squared_error(*pair([2, 3]), weights=weights)


@program
def weights_of_rows():
    labels = tf.placeholder(tf.int64, [None], name='labels')
    logits = tf.placeholder(tf.float32, [None, 3], name='logits')
    weights = tf.placeholder(tf.float32, [None], name='weights')
    return tf.losses.sparse_softmax_cross_entropy(labels, logits, weights=weights)


@program
def weights_int():
    weights = tf.placeholder(tf.int32, [None, 1], name='weights')
    return tf.losses.absolute_difference(*pair(), weights=weights)


@program
def weights_unknown_shape():
    weights = tf.placeholder(tf.float32, None, name='weights')
    return tf.losses.mean_squared_error(*pair(), weights=weights)


@program
def weights_of_pairwise():
    weights = tf.placeholder(tf.float32, [2, 1], name='weights')
    return tf.losses.mean_pairwise_squared_error(*pair([2, 3]), weights=weights)


# Reductions.


@program
def reduction_none():
    return tf.losses.mean_squared_error(*pair(), reduction=tf.losses.Reduction.NONE)


@program
def reduction_sum():
    return tf.losses.mean_squared_error(*pair(), reduction=tf.losses.Reduction.SUM)


@program
def reduction_mean():
    return tf.losses.mean_squared_error(*pair(), reduction=tf.losses.Reduction.MEAN)


@program
def reduction_mean_weighted():
    weights = tf.placeholder(tf.float32, [None, 1], name='weights')
    return tf.losses.mean_squared_error(*pair(), weights=weights, reduction=tf.losses.Reduction.MEAN)


@program
def reduction_sum_over_batch_size():
    return tf.losses.mean_squared_error(*pair(), reduction=tf.losses.Reduction.SUM_OVER_BATCH_SIZE)


@program
def reduction_sum_by_nonzero_weights():
    weights = tf.placeholder(tf.float32, [2, 1], name='weights')
    reduction = tf.losses.Reduction.SUM_BY_NONZERO_WEIGHTS
    return tf.losses.mean_squared_error(*pair([2, 3]), weights=weights, reduction=reduction)


# Scopes and collections.


@program
def loss_scopes():
    labels, predictions = pair()
    a = tf.losses.mean_squared_error(labels, predictions)
    b = tf.losses.mean_squared_error(labels, predictions)
    c = tf.losses.mean_squared_error(labels, predictions, scope='mine')
    with tf.name_scope('ns'):
        d = tf.losses.absolute_difference(labels, predictions)
    return [a, b, c, d]


@program
def loss_collection():
    labels, predictions = pair()
    a = tf.losses.mean_squared_error(labels, predictions, loss_collection='mine')
    b = tf.losses.mean_squared_error(labels, predictions, loss_collection=None)
    return [a, b, tf.losses.get_losses(loss_collection='mine')]


@program
def add_and_get_losses():
    a = tf.constant(1.0, name='a')
    tf.losses.add_loss(a)
    with tf.name_scope('ns'):
        tf.losses.add_loss(tf.constant(2.0, name='b'))
    return [tf.losses.get_losses(), tf.losses.get_losses('ns')]


@program
def total_loss():
    labels, predictions = pair()
    tf.losses.mean_squared_error(labels, predictions)
    tf.add_to_collection(tf.GraphKeys.REGULARIZATION_LOSSES, tf.constant(0.5, name='penalty'))
    return [
        tf.losses.get_total_loss(),
        tf.losses.get_total_loss(add_regularization_losses=False, name='data_loss'),
        tf.losses.get_regularization_losses(),
        tf.losses.get_regularization_loss(),
    ]


@program
def regularization_loss_empty():
    return tf.losses.get_regularization_loss()


@program
def loss_gradient():
    labels, predictions = pair()
    return tf.gradients(tf.losses.mean_squared_error(labels, predictions), predictions)


@program
def softmax_cross_entropy_gradient():
    labels, logits = pair()
    return tf.gradients(tf.losses.softmax_cross_entropy(labels, logits), logits)


@program
def sparse_softmax_cross_entropy_gradient():
    labels = tf.placeholder(tf.int64, [None], name='labels')
    logits = tf.placeholder(tf.float32, [None, 3], name='logits')
    return tf.gradients(tf.losses.sparse_softmax_cross_entropy(labels, logits), logits)


if __name__ == '__main__':
    write(__file__)
