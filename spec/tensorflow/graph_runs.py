"""Runs graphs: `{name: {graph: base64 of a GraphDef, initializers, fetches, feeds}}` on standard input, with arrays as in run.py; per
name an array or `{error}` for each fetch on standard output."""

import base64
import json
import sys

from run import decode, encode  # Before TensorFlow: it sets the environment.

import tensorflow.compat.v1 as tf

CONFIG = tf.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
CONFIG.graph_options.rewrite_options.disable_meta_optimizer = True
CONFIG.graph_options.optimizer_options.opt_level = tf.OptimizerOptions.L0
# Some loops end only for other values than those fed here.
LIMITED = tf.RunOptions(timeout_in_ms=4000)


def run(program):
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(tf.GraphDef.FromString(base64.b64decode(program['graph'])), name='')
        with tf.Session(graph=graph, config=CONFIG) as session:
            feeds = {name: decode(array) for name, array in program['feeds'].items()}

            def one(fetches):
                try:
                    return [encode(value) for value in session.run(fetches, feeds, LIMITED)]
                except Exception as error:
                    return {'error': f'{type(error).__name__}: {error}'[:300]}

            initialised = one(program['initializers'])
            together = one(program['fetches'])
            if isinstance(initialised, list) and isinstance(together, list):
                return together
            # Where one cannot run, others can.
            return [value[0] if isinstance(value, list) else value for value in (one([name]) for name in program['fetches'])]


if __name__ == '__main__':
    json.dump({name: run(program) for name, program in json.load(sys.stdin).items()}, sys.stdout)
