"""MetaGraphs that TensorFlow exports, and what training them gives: meta_graphs/<name>.meta and values.json."""

import json
import os
import unittest.mock

from ._text import DRAWN_SEED, tf

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'meta_graphs')


def training():
    """Dense layers, an optimizer with slots, a global step, a saver, collections of every kind."""
    tf.set_random_seed(7)
    x = tf.placeholder(tf.float32, [None, 3], name='x')
    labels = tf.placeholder(tf.float32, [None, 1], name='labels')
    hidden = tf.layers.dense(x, 4, activation=tf.nn.relu, name='hidden')
    output = tf.layers.dense(tf.layers.dropout(hidden, 0.25, seed=3, training=True), 1, name='output')
    loss = tf.losses.mean_squared_error(labels, output)
    step = tf.train.get_or_create_global_step()
    train = tf.train.AdamOptimizer(0.1).minimize(loss, global_step=step)
    for value in (3, 0.5, b'bytes', True):
        tf.add_to_collection('a_%s' % type(value).__name__, value)
    tf.add_to_collection('tensors_and_ops', output)
    tf.add_to_collection('tensors_and_ops', train)
    tf.train.Saver(max_to_keep=3)
    return train, loss


def references():
    """Variables of the old kind, and the control flow of old: their contexts are collections."""
    tf.set_random_seed(8)
    x = tf.placeholder(tf.float32, [None, 3], name='x')
    labels = tf.placeholder(tf.float32, [None, 1], name='labels')
    with tf.variable_scope('old', use_resource=False):
        weights = tf.get_variable('weights', [3, 1])
        scale = tf.Variable(1.5, name='scale', trainable=False, use_resource=False)
    product = tf.matmul(x, weights)
    _, factor = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * scale), [0, scale], back_prop=False)
    output = tf.cond(tf.reduce_sum(x) > 0, lambda: product * factor, lambda: -product)
    loss = tf.reduce_mean(tf.square(output - labels), name='loss')
    train = tf.train.MomentumOptimizer(0.01, 0.9).minimize(loss)
    tf.train.Saver()
    return train, loss


def inputs(step):
    base = [[(i * 7 + j * 3 + step) % 11 / 10 - 0.2 for j in range(3)] for i in range(4)]
    return base, [[sum(row)] for row in base]


def run(name, build, v2):
    (tf.enable_control_flow_v2 if v2 else tf.disable_control_flow_v2)()
    # Layers draw the seeds of their initializers from Python's own generator.
    with tf.Graph().as_default() as graph, unittest.mock.patch('random.randint', return_value=DRAWN_SEED):
        train, loss = build()
        init = tf.global_variables_initializer()
        saver_def = tf.train.Saver(tf.global_variables(), name='saver').as_saver_def()
        meta = tf.train.export_meta_graph(saver_def=saver_def)
        with tf.Session(graph=graph) as session:
            session.run(init)
            losses = []
            for step in range(4):
                rows, labels = inputs(step)
                losses.append(session.run([loss, train], {'x:0': rows, 'labels:0': labels})[0].item())
    # What differs from one TensorFlow to the next, and is long.
    meta.meta_info_def.ClearField('stripped_op_list')
    meta.meta_info_def.ClearField('tensorflow_git_version')
    with open(os.path.join(FOLDER, name + '.meta'), 'wb') as file:
        file.write(meta.SerializeToString(deterministic=True))
    return {'train': train.name, 'loss': loss.name, 'init': init.name, 'losses': losses}


if __name__ == '__main__':
    os.makedirs(FOLDER, exist_ok=True)
    values = {'training': run('training', training, True), 'references': run('references', references, False)}
    with open(os.path.join(FOLDER, 'values.json'), 'w', encoding='utf-8') as file:
        json.dump(values, file, indent=1)
