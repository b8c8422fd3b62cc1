"""GraphDefs in both directions: one JSON request on standard input, one answer on standard output.

Request: `{graphs: {name: base64 of a GraphDef}}`. Answer: `{imported: {name: base64 or {error}}}`, each graph imported and
written again, and `{programs: {area/name: base64}}`, what the programs of spec/golden build.
"""

import base64
import importlib
import json
import os
import sys
import unittest.mock

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path = [path for path in sys.path if not path.endswith('tensorflow') or 'site-packages' in path]

from spec.golden import _text  # noqa: E402  Sets the environment.

import tensorflow.compat.v1 as tf  # noqa: E402


def encode(graph):
    return base64.b64encode(graph.as_graph_def().SerializeToString(deterministic=True)).decode()


def again(data):
    with tf.Graph().as_default() as graph:
        try:
            tf.import_graph_def(tf.GraphDef.FromString(base64.b64decode(data)), name='')
        except Exception as error:
            return {'error': f'{type(error).__name__}: {error}'[:2000]}
        return encode(graph)


def build(program):
    with tf.Graph().as_default() as graph, unittest.mock.patch('random.randint', return_value=_text.DRAWN_SEED):
        program()
        return encode(graph)


def main():
    request = json.load(sys.stdin)
    programs = {}
    for text in os.listdir(os.path.join(os.path.dirname(_text.__file__), 'graphs')):
        importlib.import_module('spec.golden.' + text[:-len('.txt')])
    for program in _text.PROGRAMS:
        programs[program.__module__.split('.')[-1] + '/' + program.__name__] = build(program)
    imported = {name: again(data) for name, data in request['graphs'].items()}
    json.dump({'imported': imported, 'programs': programs}, sys.stdout)


if __name__ == '__main__':
    main()
