"""SavedModels that TensorFlow writes, and what they compute: saved_models/<name>/ and values.json."""

import json
import os
import shutil
import tempfile
import unittest.mock

from ._text import DRAWN_SEED, tf

import tensorflow as tf2

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'saved_models')
ROWS = [[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]]


def version1(folder):
    """The builder of v1: two signatures, an asset, a main op that changes a variable, two sets of tags."""
    asset = 'words.txt'
    os.chdir(tempfile.mkdtemp())
    with open(asset, 'w', encoding='utf-8') as file:
        file.write('one\ntwo\n')
    with tf.Graph().as_default() as graph, unittest.mock.patch('random.randint', return_value=DRAWN_SEED):
        tf.set_random_seed(5)
        x = tf.placeholder(tf.float32, [None, 3], name='x')
        training = tf.placeholder_with_default(False, [], name='training')
        hidden = tf.layers.dense(x, 4, activation=tf.nn.tanh)
        dropped = tf.layers.dropout(hidden, 0.5, training=training)
        scores = tf.layers.dense(dropped, 2)
        count = tf.get_variable('count', [], tf.int32, tf.zeros_initializer(), trainable=False)
        path = tf.constant(asset, name='words')
        tf.add_to_collection(tf.GraphKeys.ASSET_FILEPATHS, path)
        main = tf.group(tf.assign_add(count, 7), name='main')
        signatures = {
            'serving_default': tf.saved_model.predict_signature_def({'x': x}, {'scores': scores, 'best': tf.argmax(scores, 1)}),
            'count': tf.saved_model.build_signature_def(
                {}, {'count': tf.saved_model.build_tensor_info(tf.identity(count)),
                     'file': tf.saved_model.build_tensor_info(tf.identity(path))}, 'tensorflow/serving/predict'),
        }
        with tf.Session(graph=graph) as session:
            session.run(tf.global_variables_initializer())
            builder = tf.saved_model.Builder(folder)
            builder.add_meta_graph_and_variables(
                session, ['serve'], signatures, tf.get_collection(tf.GraphKeys.ASSET_FILEPATHS), main_op=main)
            builder.add_meta_graph(['serve', 'other'], {}, strip_default_attrs=True)
            builder.save()
            scores, best = session.run([scores, tf.argmax(scores, 1)], {x: ROWS})
    return {'scores': scores.tolist(), 'best': best.tolist()}


def version2(folder):
    """A module of TensorFlow 2: functions, variables without collections, restored by functions."""
    class Model(tf2.Module):
        def __init__(self):
            self.weights = tf2.Variable([[1.0, -2.0], [0.5, 0.25], [3.0, 1.0]], name='weights')
            self.step = tf2.Variable(3, name='step')

        @tf2.function(input_signature=[tf2.TensorSpec([None, 3], tf2.float32, name='x')])
        def __call__(self, x):
            y = x @ self.weights
            if tf2.reduce_sum(y) > 0.0:
                y = y * tf2.cast(self.step, tf2.float32)
            for _ in tf2.range(2):
                y = y + 1.0
            return {'y': y, 'relu': tf2.nn.relu(y)}

    # In a process of its own mode: the goldens are built without eager execution.
    model = Model()
    tf2.saved_model.save(model, folder, signatures=model.__call__)
    return {name: value.numpy().tolist() for name, value in model(tf2.constant(ROWS)).items()}


if __name__ == '__main__':
    import sys

    if len(sys.argv) > 1:
        tf.enable_eager_execution()
        tf2.compat.v1.enable_v2_behavior()
        print(json.dumps(version2(os.path.join(FOLDER, 'version2'))))
    else:
        import subprocess

        shutil.rmtree(FOLDER, ignore_errors=True)
        root = os.getcwd()
        values = {'version1': version1(os.path.join(FOLDER, 'version1'))}
        os.chdir(root)
        values['version2'] = json.loads(
            subprocess.check_output([sys.executable, '-W', 'ignore', '-m', 'spec.golden.saved_models', '2']).splitlines()[-1])
        for name in ('fingerprint.pb',):
            for base, _, names in os.walk(FOLDER):
                if name in names:
                    os.remove(os.path.join(base, name))
        with open(os.path.join(FOLDER, 'values.json'), 'w', encoding='utf-8') as file:
            json.dump(values, file, indent=1)
