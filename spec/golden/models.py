"""A small model in each of TensorFlow's files, for the command line: files/mlp.* and files/mlp_saved.

Weights are multiples of a quarter from a seed: the files stay the same, and results are exact in whatever order they are summed.
"""

import os
import shutil

import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_eager_execution()

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'files')


def build():
    random = np.random.RandomState(3)
    x = tf.placeholder(tf.float32, [None, 3], name='x')

    def dense(inputs, units, name, activation=None):
        kernel = random.randint(-4, 5, [int(inputs.shape[1]), units]).astype(np.float32) / 4
        return tf.layers.dense(
            inputs, units, activation=activation, name=name, kernel_initializer=tf.constant_initializer(kernel),
            bias_initializer=tf.constant_initializer(0.5))

    hidden = dense(x, 4, 'hidden', tf.nn.relu)
    checked = tf.debugging.check_numerics(hidden, 'hidden')
    logits = tf.identity(dense(checked, 2, 'out'), name='logits')
    scale = tf.multiply(tf.constant(2.0), tf.constant(0.25), name='scale')
    return x, tf.multiply(tf.nn.relu(logits), scale, name='y')


def main():
    os.makedirs(FOLDER, exist_ok=True)
    shutil.rmtree(os.path.join(FOLDER, 'mlp_saved'), ignore_errors=True)
    with tf.Graph().as_default() as graph, tf.Session() as session:
        x, y = build()
        tf.train.write_graph(graph, FOLDER, 'mlp.pb', as_text=False)
        tf.train.write_graph(graph, FOLDER, 'mlp.pbtxt')
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, os.path.join(FOLDER, 'mlp.ckpt'), write_state=False)
        os.replace(os.path.join(FOLDER, 'mlp.ckpt.meta'), os.path.join(FOLDER, 'mlp.meta'))
        tf.saved_model.simple_save(session, os.path.join(FOLDER, 'mlp_saved'), {'x': x}, {'y': y})
        feed = np.array([[1, 2, 3], [-1, 0, 1]], np.float32)
        np.save(os.path.join(FOLDER, 'mlp_x.npy'), feed)
        np.save(os.path.join(FOLDER, 'mlp_y.npy'), session.run(y, {x: feed}))


if __name__ == '__main__':
    main()
