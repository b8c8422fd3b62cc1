"""Loads with TensorFlow what cli.spec.ts had the command line write into a folder, and runs it on the same feeds.

    python cli.py FOLDER

The answer, on standard output, is a JSON object: for each file the model's `y`, or the arrays of a checkpoint.
"""

import json
import os
import sys

from run import encode  # Before TensorFlow: it sets the environment.

import numpy as np
import tensorflow.compat.v1 as tf


def frozen(path, x):
    definition = tf.GraphDef()
    with open(path, 'rb') as file:
        definition.ParseFromString(file.read())
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(definition, name='')
        return encode(session.run('y:0', {'x:0': x}))


def served(path, x):
    with tf.Graph().as_default(), tf.Session() as session:
        meta = tf.saved_model.load(session, ['serve'], path)
        signature = meta.signature_def['serving_default']
        return encode(session.run(signature.outputs['y'].name, {signature.inputs['x'].name: x}))


def restored(meta, checkpoint, x):
    with tf.Graph().as_default(), tf.Session() as session:
        saver = tf.train.import_meta_graph(meta)
        saver.restore(session, checkpoint)
        return encode(session.run('y:0', {'x:0': x}))


def main(folder):
    def at(name):
        return os.path.join(folder, name)

    x = np.load(at('x.npy'))
    reader = tf.train.load_checkpoint(at('copy.ckpt'))
    print(json.dumps({
        'frozen': frozen(at('frozen.pb'), x),
        'small': frozen(at('small.pb'), x),
        'served': served(at('served'), x),
        'served frozen': served(at('served_frozen'), x),
        'restored': restored(at('again.meta'), at('copy.ckpt'), x),
        'arrays': {name: encode(reader.get_tensor(name)) for name in reader.get_variable_to_shape_map()},
    }))


if __name__ == '__main__':
    tf.disable_eager_execution()
    main(sys.argv[1])
