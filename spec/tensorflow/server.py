"""Runs single ops, and small trainings, with TensorFlow for as long as standard input lasts.

One JSON request per line, one JSON answer per line, in order:

- `{id, op, attrs, inputs: {name: array or [array]}, runs}`: the op alone in a graph over constants, run `runs` times in
  one session. Answers `{id, outputs: [[array] per run], shapes}`, the latter the static shapes of the outputs (dimensions
  or null), or `{id, error, stage}` with stage `build` or `run`.
- `{id, train: {optimizer, arguments, images, labels, weights, rate, seed, steps}}`: the model of training.spec.ts. Answers
  `{id, outputs: [[losses, *weights]]}`.

Arrays travel as run.py says.
"""

import json
import sys

import numpy as np

from run import decode, encode  # Before TensorFlow: it sets the environment.

import tensorflow.compat.v1 as tf
from tensorflow.python.framework import op_def_library, op_def_registry

CONFIG = tf.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
CONFIG.graph_options.rewrite_options.disable_meta_optimizer = True
CONFIG.graph_options.optimizer_options.opt_level = tf.OptimizerOptions.L0


def constant(array):
    return tf.constant(decode(array), dtype=tf.as_dtype(array['dtype']), shape=array['shape'])


def static_shape(tensor):
    return tensor.shape.as_list() if tensor.shape.rank is not None else None


def defaults(name):
    """None, which stands for TensorFlow's default, for all attributes that the inputs do not tell."""
    op_def = op_def_registry.get(name)
    told = {told for arg in op_def.input_arg for told in (arg.type_attr, arg.number_attr, arg.type_list_attr)}
    return {attr.name: None for attr in op_def.attr if attr.name not in told}


def run_op(request):
    stage = 'build'
    try:
        with tf.Graph().as_default() as graph:
            inputs = {
                name: [constant(item) for item in value] if isinstance(value, list) else constant(value)
                for name, value in request['inputs'].items()
            }
            attrs = {**defaults(request['op']), **request['attrs']}
            op_def_library.apply_op(request['op'], name='op', **inputs, **attrs)
            outputs = graph.get_operation_by_name('op').outputs
            shapes = [static_shape(tensor) for tensor in outputs]
            stage = 'run'
            with tf.Session(graph=graph, config=CONFIG) as session:
                runs = [[encode(value) for value in session.run(list(outputs))] for _ in range(request['runs'])]
            return {'outputs': runs, 'shapes': shapes}
    except Exception as error:
        return {'error': f'{type(error).__name__}: {error}'[:600], 'stage': stage}


def train(model):
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(model['seed'])
        first, first_bias, second, second_bias = (decode(array) for array in model['weights'])
        x, labels = constant(model['images']), constant(model['labels'])

        def dense(inputs, kernel, bias, activation=None):
            return tf.layers.dense(
                inputs, kernel.shape[1], activation=activation,
                kernel_initializer=tf.constant_initializer(kernel), bias_initializer=tf.constant_initializer(bias))

        hidden = dense(x, first, first_bias, tf.nn.relu)
        dropped = tf.layers.dropout(hidden, rate=model['rate'], seed=model['seed'], training=True)
        loss = tf.losses.sparse_softmax_cross_entropy(labels, dense(dropped, second, second_bias))
        optimizer = getattr(tf.train, model['optimizer'])(**model['arguments'])
        step = optimizer.minimize(loss)
        with tf.Session(graph=graph, config=CONFIG) as session:
            session.run(tf.global_variables_initializer())
            losses = [session.run([step, loss])[1] for _ in range(model['steps'])]
            weights = session.run(tf.trainable_variables())
        return {'outputs': [[encode(value) for value in (np.asarray(losses, np.float32), *weights)]]}


def main():
    tf.disable_eager_execution()
    for line in sys.stdin:
        request = json.loads(line)
        answer = train(request['train']) if 'train' in request else run_op(request)
        print(json.dumps({'id': request['id'], **answer}), flush=True)


if __name__ == '__main__':
    main()
