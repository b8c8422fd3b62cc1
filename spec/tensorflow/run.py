"""Imports graphs and runs them with TensorFlow: a JSON request on standard input, the results on standard output.

Request: a list of programs `{graph: GraphDef as JSON, runs: [{fetches: [name], feeds: {name: array}}]}`; each program
is one session. An array is `{dtype, shape, bytes}`, with base64 of its little-endian bytes, or `strings` in place of them.
Response: per program, per run, a list of arrays, `null` for a fetched operation.
"""

import base64
import json
import os
import sys

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
os.environ.setdefault('CUDA_VISIBLE_DEVICES', '')

import numpy as np
import tensorflow.compat.v1 as tf
from google.protobuf import json_format


def decode(array):
    shape = array['shape']
    if 'strings' in array:
        return np.array([base64.b64decode(s) for s in array['strings']], object).reshape(shape)
    return np.frombuffer(base64.b64decode(array['bytes']), tf.as_dtype(array['dtype']).as_numpy_dtype).reshape(shape)


def encode(value):
    if value is None:
        return None
    # As numpy's own strings, bytes would lose the zeros at their end.
    value = np.asarray(value, object) if isinstance(value, bytes) else np.asarray(value)
    if value.dtype == object or value.dtype.kind == 'S':
        flat = [base64.b64encode(item).decode() for item in value.reshape(-1).tolist()]
        return {'dtype': 'string', 'shape': value.shape, 'strings': flat}
    data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
    return {'dtype': tf.as_dtype(value.dtype).name, 'shape': value.shape, 'bytes': data}


def run(program):
    with tf.Graph().as_default() as graph:
        definition = json_format.Parse(json.dumps(program['graph']), tf.GraphDef())
        tf.import_graph_def(definition, name='')
        with tf.Session(graph=graph) as session:
            results = []
            for step in program['runs']:
                fetches = [graph.as_graph_element(name) for name in step['fetches']]
                feeds = {name: decode(array) for name, array in step['feeds'].items()}
                results.append([encode(value) for value in session.run(fetches, feeds)])
            return results


if __name__ == '__main__':
    json.dump([run(program) for program in json.load(sys.stdin)], sys.stdout)
