"""Loads a SavedModel with the loader of v1 and with that of TensorFlow 2, and runs a signature of each with the JSON on
standard input: `{folder, tags, signature, inputs}`. Prints `{v1: outputs, v2: outputs}`."""

import json
import os
import sys

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
os.environ.setdefault('CUDA_VISIBLE_DEVICES', '')

import tensorflow as tf


def main():
    request = json.load(sys.stdin)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        meta = tf.compat.v1.saved_model.load(session, request['tags'], request['folder'])
        signature = meta.signature_def[request['signature']]
        feeds = {signature.inputs[key].name: value for key, value in request['inputs'].items()}
        fetches = {key: info.name for key, info in signature.outputs.items()}
        v1 = {key: value.tolist() for key, value in session.run(fetches, feeds).items()}
    loaded = tf.saved_model.load(request['folder'], tags=request['tags'])
    function = loaded.signatures[request['signature']]
    inputs = {key: tf.constant(value, function.structured_input_signature[1][key].dtype) for key, value in request['inputs'].items()}
    v2 = {key: value.numpy().tolist() for key, value in function(**inputs).items()}
    json.dump({'v1': v1, 'v2': v2}, sys.stdout)


if __name__ == '__main__':
    main()
