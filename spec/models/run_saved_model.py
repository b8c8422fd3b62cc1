"""Runs a signature of a SavedModel with TensorFlow: a JSON request on standard input, the results on standard output.

Request: `{folder, signature, runs: [{input name: array}]}`, arrays as in spec/tensorflow/run.py. Response: for each run, arrays
by the names of the outputs.
"""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'tensorflow'))

import tensorflow.compat.v1 as tf
from run import decode, encode


def main():
    request = json.load(sys.stdin)
    with tf.Graph().as_default(), tf.Session() as session:
        model = tf.saved_model.load(session, ['serve'], request['folder'])
        signature = model.signature_def[request['signature']]
        fetches = {name: info.name for name, info in signature.outputs.items()}
        results = []
        for run in request['runs']:
            feeds = {signature.inputs[name].name: decode(array) for name, array in run.items()}
            values = session.run(fetches, feeds)
            results.append({name: encode(value) for name, value in values.items()})
    print(json.dumps(results))


if __name__ == '__main__':
    main()
