"""Values of functions of tf.nn and of contractions that several ops make up: values/nn_functions.json, by name.

    {"name": {"inputs": [array, …], "outputs": [array, …]}, …}
"""

import json
import os

import numpy as np
import tensorflow.compat.v1 as tf

from ._op_values import array, numbers

tf.disable_eager_execution()

ENTRIES = {}


def entry(name, build, *inputs):
    """What `build` makes of fed inputs."""
    with tf.Graph().as_default(), tf.Session() as session:
        fed = [tf.placeholder(value.dtype, value.shape) for value in inputs]
        made = build(*fed)
        outputs = session.run(list(made) if isinstance(made, (list, tuple)) else [made], dict(zip(fed, inputs)))
    ENTRIES[name] = {'inputs': [array(v) for v in inputs], 'outputs': [array(v) for v in outputs]}


def drawn(*shape, seed):
    """float64 inputs, so that the specs can differentiate too."""
    return numbers(*shape, seed=seed, dtype=np.float64)


x3, x2 = drawn(2, 3, 4, seed=1), drawn(3, 4, seed=2)
entry('softmax of axis 1', lambda x: tf.nn.softmax(x, axis=1), x3)
entry('softmax of axis -3', lambda x: tf.nn.softmax(x, axis=-3), x3)
entry('log softmax of axis 0', lambda x: tf.nn.log_softmax(x, axis=0), x3)
entry('crelu', lambda x: tf.nn.crelu(x, axis=1), x3)
entry('silu', lambda x: tf.nn.silu(x, 1.5), x2)
entry('gelu', tf.compat.v2.nn.gelu, x2)
entry('gelu approximate', lambda x: tf.compat.v2.nn.gelu(x, True), x2)
entry('xw plus b', tf.nn.xw_plus_b, x2, drawn(4, 2, seed=3), drawn(2, seed=4))
entry('relu layer', tf.nn.relu_layer, x2, drawn(4, 2, seed=3), drawn(2, seed=4))
labels2 = np.abs(drawn(3, 4, seed=6))
# The op's gradient is that of labels that sum to 1, so these do, over either axis.
classes = np.abs(drawn(2, 3, 4, seed=5)) + 0.25
over_last, over_middle, of_vector = classes / classes.sum(2, keepdims=True), classes / classes.sum(1, keepdims=True), labels2[0] / labels2[0].sum()
entry('softmax cross-entropy', lambda x, z: tf.nn.softmax_cross_entropy_with_logits_v2(z, x), x3, over_last)
entry('softmax cross-entropy of axis 1', lambda x, z: tf.nn.softmax_cross_entropy_with_logits_v2(z, x, axis=1), x3, over_middle)
entry('softmax cross-entropy of a vector', lambda x, z: tf.nn.softmax_cross_entropy_with_logits_v2(z, x), x2[0], of_vector)
entry('sparse softmax cross-entropy', lambda x, z: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=z, logits=x), x2, np.array([3, 0, 1], np.int64))
entry('sparse softmax cross-entropy of rank 3', lambda x, z: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=z, logits=x),
      x3, np.array([[3, 0, 1], [2, 2, 0]], np.int32))
entry('sparse softmax cross-entropy of a vector', lambda x, z: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=z, logits=x), x2[0], np.array(2, np.int32))
entry('sigmoid cross-entropy', lambda x, z: tf.nn.sigmoid_cross_entropy_with_logits(labels=z, logits=x), np.array([-40., -1, 0, 0.5, 40]), np.array([1., 0, 0.5, 0.25, 0]))
entry('weighted cross-entropy', lambda x, z: tf.nn.weighted_cross_entropy_with_logits(z, x, 3.0), np.array([-40., -1, 0.1, 0.5, 40]), np.array([1., 0, 0.5, 0.25, 0]))
entry('log poisson loss', lambda x, z: tf.nn.log_poisson_loss(z, x), x2, labels2 + 1)
entry('full log poisson loss', lambda x, z: tf.nn.log_poisson_loss(z, x, True), x2, labels2)
entry('moments', lambda x: tf.nn.moments(x, [0, 2]), x3)
entry('moments, kept', lambda x: tf.nn.moments(x, [1], keep_dims=True), x3)
entry('weighted moments', lambda x, w: tf.nn.weighted_moments(x, [0], w), x2, np.abs(drawn(3, 1, seed=7)))
entry('weighted moments, weights of 0', lambda x, w: tf.nn.weighted_moments(x, [0], w), x2, np.zeros([3, 1]))
entry('normalized moments', lambda x, s: tf.nn.normalize_moments(*tf.nn.sufficient_statistics(x, [0, -1], shift=s)), x3, np.float64(0.5))
entry('normalized moments without a shift', lambda x: tf.nn.normalize_moments(*tf.nn.sufficient_statistics(x, [0])), x3)
entry('batch normalization', lambda x, m, v, o, s: tf.nn.batch_normalization(x, m, v, o, s, 0.01), x2, drawn(4, seed=8), labels2[0] + 1, drawn(4, seed=9), drawn(4, seed=10))
entry('batch normalization without offset and scale', lambda x, m, v: tf.nn.batch_normalization(x, m, v, None, None, 0.01), x2, drawn(4, seed=8), labels2[0] + 1)
entry('l2 normalize', lambda x: tf.nn.l2_normalize(x, [0, 2]), x3)
entry('l2 normalize of zeros', lambda x: tf.nn.l2_normalize(x, 0), np.zeros([2, 2]))
entry('zero fraction', tf.nn.zero_fraction, np.array([[0., 1, -0.0], [3, 0, 5]]))

image, kernel = drawn(2, 6, 5, 2, seed=11), drawn(2, 3, 2, 3, seed=12)
entry('convolution, same', lambda x, w: tf.nn.convolution(x, w, 'SAME', strides=[2, 1]), image, kernel)
entry('convolution, dilated', lambda x, w: tf.nn.convolution(x, w, 'VALID', dilation_rate=[3, 1]), image, kernel)
entry('convolution, dilated, same', lambda x, w: tf.nn.convolution(x, w, 'SAME', dilation_rate=[2, 3]), image, kernel)
entry('convolution of a line', lambda x, w: tf.nn.convolution(x, w, 'SAME', strides=2), drawn(2, 7, 2, seed=13), drawn(3, 2, 4, seed=14))
entry('convolution of a volume', lambda x, w: tf.nn.convolution(x, w, 'VALID'), drawn(1, 3, 3, 3, 2, seed=15), drawn(2, 2, 2, 2, 2, seed=16))
entry('conv1d', lambda x, w: tf.nn.conv1d(x, w, 2, 'VALID'), drawn(2, 7, 2, seed=13), drawn(3, 2, 4, seed=14))
entry('atrous', lambda x, w: tf.nn.atrous_conv2d(x, w, 2, 'SAME'), image, kernel)
entry('depthwise, dilated', lambda x, w: tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], 'SAME', rate=[2, 2]), image, drawn(2, 3, 2, 2, seed=17))
entry('separable', lambda x, w, p: tf.nn.separable_conv2d(x, w, p, [1, 2, 2, 1], 'SAME'), image, drawn(2, 3, 2, 2, seed=17), drawn(1, 1, 4, 3, seed=18))
entry('max pool of a line', lambda x: tf.nn.max_pool1d(x, 3, 2, 'SAME'), drawn(2, 7, 2, seed=13))
entry('avg pool of a line', lambda x: tf.nn.avg_pool1d(x, 3, 2, 'SAME'), drawn(2, 7, 2, seed=13))
entry('pool', lambda x: tf.nn.pool(x, [2, 3], 'MAX', 'SAME', strides=[1, 2]), image)
entry('pool, dilated', lambda x: tf.nn.pool(x, [2, 2], 'AVG', 'VALID', dilation_rate=[2, 2]), image)

a, b, c = drawn(2, 3, seed=19), drawn(3, 4, seed=20), drawn(4, 2, seed=21)
entry('einsum of three', lambda *t: tf.einsum('ij,jk,kl->il', *t), a, b, c)
entry('einsum of three with a common label', lambda *t: tf.einsum('a,ab,abc->abc', *t), drawn(2, seed=22), a, drawn(2, 3, 2, seed=23))
entry('einsum of three vectors', lambda *t: tf.einsum('a,b,c', *t), drawn(2, seed=22), drawn(3, seed=23), drawn(4, seed=24))
entry('einsum of three with an ellipsis', lambda *t: tf.einsum('...ij,jk,...kl->...il', *t), drawn(2, 2, 3, seed=25), b, drawn(2, 4, 2, seed=26))
entry('einsum of four', lambda *t: tf.einsum('ab,bc,cd,ad->bd', *t), a, b, c, drawn(2, 2, seed=27))
entry('tensordot over one axis', lambda x, y: tf.tensordot(x, y, 1), x3, c)
entry('tensordot over axes', lambda x, y: tf.tensordot(x, y, [[0, -1], [1, 0]]), x3, drawn(4, 2, 3, seed=28))
entry('tensordot over no axes', lambda x, y: tf.tensordot(x, y, 0), a, c)

if __name__ == '__main__':
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'values')
    with open(os.path.join(folder, 'nn_functions.json'), 'w', encoding='utf-8') as file:
        rows = [f'{json.dumps(name)}: {json.dumps(value)}' for name, value in ENTRIES.items()]
        file.write('{\n' + ',\n'.join(rows) + '\n}\n')
