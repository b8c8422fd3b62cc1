"""Carries a training from sluice to TensorFlow, or makes one for sluice to go on with.

    meta_graph.py continue <prefix> <steps>     imports <prefix>.meta, restores <prefix>, trains: prints the losses
    meta_graph.py save <prefix> <program>       trains a program of spec/golden/meta_graphs.py, saves it, then goes on in a
                                                new session: prints the losses
"""

import json
import os
import sys

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path = [root] + [path for path in sys.path if os.path.abspath(path or '.') != os.path.dirname(os.path.abspath(__file__))]

from spec.golden import meta_graphs  # noqa: E402
from spec.golden._text import tf  # noqa: E402


def train(session, loss, op, steps):
    losses = []
    for step in steps:
        rows, labels = meta_graphs.inputs(step)
        losses.append(session.run([loss, op], {'x:0': rows, 'labels:0': labels})[0].item())
    return losses


def go_on(prefix, steps):
    with tf.Graph().as_default() as graph:
        saver = tf.train.import_meta_graph(prefix + '.meta')
        with tf.Session(graph=graph) as session:
            saver.restore(session, prefix)
            (op,) = tf.get_collection('train_op')
            (loss,) = tf.get_collection('the_loss')
            return train(session, loss, op, range(steps))


def save(prefix, program):
    (tf.disable_control_flow_v2 if program == 'references' else tf.enable_control_flow_v2)()
    with tf.Graph().as_default() as graph:
        op, loss = getattr(meta_graphs, program)()
        tf.add_to_collection('the_loss', loss)
        saver = tf.train.Saver()
        init = tf.global_variables_initializer()
        with tf.Session(graph=graph) as session:
            session.run(init)
            train(session, loss, op, range(3))
            saver.save(session, prefix)
    return go_on(prefix, 5)


if __name__ == '__main__':
    command, path, argument = sys.argv[1:]
    print(json.dumps(go_on(path, int(argument)) if command == 'continue' else save(path, argument)))
