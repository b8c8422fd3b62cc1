"""Programs with control flow of TensorFlow v1 and what they compute, from TensorFlow. Writes flow/v1.json: for each program
its GraphDef (deflated, base64), its runs (fetches, feeds) and the values that came out.

    python -W ignore -m spec.golden.flow_v1
"""

import base64
import json
import os
import zlib

import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.python.ops import control_flow_util

tf.disable_v2_behavior()
assert not control_flow_util.EnableControlFlowV2(tf.get_default_graph())


def cond():
    x = tf.placeholder(tf.float32, [2], 'x')
    pred = tf.placeholder(tf.bool, [], 'pred')
    y = tf.cond(pred, lambda: x * 2., lambda: tf.exp(x), name='choice')
    return y, [{x: [1., 2.], pred: value} for value in (True, False)]


def nested_cond():
    x = tf.placeholder(tf.float32, [], 'x')

    def inner():
        return tf.cond(x > 2., lambda: x - 10., lambda: x + 10.)

    return tf.cond(x > 0., inner, lambda: -x), [{x: value} for value in (-3., 1., 3.)]


def case():
    x = tf.placeholder(tf.int32, [], 'x')
    y = tf.case([(x < 0, lambda: tf.constant('negative')), (tf.equal(x, 0), lambda: tf.constant('zero'))],
                default=lambda: tf.as_string(x), exclusive=False)
    return y, [{x: value} for value in (-1, 0, 5)]


def loop():
    n = tf.placeholder(tf.int32, [], 'n')
    i, x = tf.while_loop(lambda i, x: i < n, lambda i, x: (i + 1, x * 2. + tf.cast(i, tf.float32)), [0, tf.constant([1., 3.])])
    return [i, x], [{n: value} for value in (0, 1, 7)]


def nested_loop():
    n = tf.placeholder(tf.int32, [], 'n')

    def outer(i, total):
        inner = tf.while_loop(lambda j, s: j < i, lambda j, s: (j + 1, s + j * i), [0, total])
        return i + 1, inner[1]

    return tf.while_loop(lambda i, total: i < n, outer, [0, 0])[1], [{n: value} for value in (0, 3, 6)]


def loop_in_cond():
    x = tf.placeholder(tf.float32, [], 'x')

    def halve():
        return list(tf.while_loop(lambda y, k: y > 1., lambda y, k: (y / 2., k + 1), [x, 0]))

    y, k = tf.cond(x > 4., halve, lambda: [x, tf.constant(-1)])
    return [y, k], [{x: value} for value in (3., 37.)]


def cond_in_loop():
    n = tf.placeholder(tf.int32, [], 'n')

    def body(i, odd, even):
        is_odd = tf.equal(i % 2, 1)
        odd = tf.cond(is_odd, lambda: odd + i, lambda: odd)
        even = tf.cond(is_odd, lambda: even, lambda: tf.cond(i > 3, lambda: even + 100, lambda: even + i))
        return i + 1, odd, even

    return tf.while_loop(lambda i, *_: i < n, body, [0, 0, 0]), [{n: value} for value in (1, 8)]


def tensor_arrays():
    x = tf.placeholder(tf.float32, [None, 2], 'x')
    n = tf.shape(x)[0]
    rows = tf.TensorArray(tf.float32, n).unstack(x)
    out = tf.TensorArray(tf.float32, n)

    def body(i, total, out):
        total = total + rows.read(i)
        return i + 1, total, out.write(n - 1 - i, total)

    _, total, out = tf.while_loop(lambda i, *_: i < n, body, [0, tf.zeros([2]), out])
    return [total, out.stack(), out.size()], [{x: np.arange(2 * rows).reshape(-1, 2)} for rows in (1, 4)]


def growing_array():
    n = tf.placeholder(tf.int32, [], 'n')
    out = tf.TensorArray(tf.float32, 0, dynamic_size=True, infer_shape=False)
    _, out = tf.while_loop(lambda i, _: i < n, lambda i, out: (i + 1, out.write(i, tf.range(tf.cast(i, tf.float32)))), [0, out])
    return out.concat(), [{n: value} for value in (1, 5)]


def maps_and_scans():
    x = tf.placeholder(tf.float32, [None], 'x')
    mapped = tf.map_fn(lambda v: v * v + 1., x)
    folded = tf.foldl(lambda a, v: a * 0.5 + v, x)
    scanned = tf.scan(lambda a, v: a + v, x)
    return [mapped, folded, scanned], [{x: [1., -2., 3.5]}]


def rnn():
    x = tf.placeholder(tf.float32, [2, None, 3], 'x')
    lengths = tf.placeholder(tf.int32, [2], 'lengths')
    w = tf.constant(np.sin(np.arange(20)).reshape(5, 4) * 0.5, tf.float32)
    time_major = tf.transpose(x, [1, 0, 2])
    steps = tf.shape(time_major)[0]
    inputs = tf.TensorArray(tf.float32, steps).unstack(time_major)

    def step(t, h, out):
        new = tf.tanh(tf.matmul(tf.concat([inputs.read(t), h], 1), tf.concat([w, tf.zeros([2, 4])], 0))[:, :4])
        new = tf.where(t < lengths, new, h)
        return t + 1, new, out.write(t, new)

    _, h, out = tf.while_loop(lambda t, *_: t < steps, step, [0, tf.zeros([2, 4]), tf.TensorArray(tf.float32, steps)])
    return [h, out.stack()], [{x: np.cos(np.arange(2 * n * 3)).reshape(2, n, 3), lengths: [1, n]} for n in (2, 5)]


def dropout_in_loop():
    tf.set_random_seed(7)
    n = tf.placeholder(tf.int32, [], 'n')
    training = tf.placeholder(tf.bool, [], 'training')

    def body(i, x):
        return i + 1, tf.cond(training, lambda: tf.nn.dropout(x, rate=0.3, seed=11), lambda: x) + 1.

    # One iteration after the other: else which one draws first is left to chance.
    x = tf.while_loop(lambda i, x: i < n, body, [0, tf.ones([6])], parallel_iterations=1)[1]
    return x, [{n: 4, training: True}, {n: 2, training: False}, {n: 3, training: True}]


def random_in_branches():
    pred = tf.placeholder(tf.bool, [], 'pred')
    y = tf.cond(pred, lambda: tf.random.uniform([3], seed=5), lambda: tf.random.normal([3], seed=6))
    return y, [{pred: value} for value in (True, False, True, False)]


def reference_variables():
    x = tf.placeholder(tf.float32, [2], 'x')
    v = tf.Variable([1., 2.], use_resource=False, name='v')
    count = tf.Variable(0, use_resource=False, name='count')
    added = v.assign_add(x)
    with tf.control_dependencies([added]):
        counted = count.assign_add(1)
    with tf.control_dependencies([counted]):
        total = v.read_value() * 10.
    return [total, counted], [tf.global_variables_initializer(), {x: [1., 1.]}, {x: [-1., 2.]}]


def assignment_in_branches():
    pred = tf.placeholder(tf.bool, [], 'pred')
    v = tf.Variable([1., 2.], use_resource=False, name='v')
    w = tf.Variable(10., use_resource=True, name='w')
    a = tf.cond(pred, lambda: tf.assign(v, v * 3.), lambda: tf.identity(v))
    b = tf.cond(pred, lambda: w.assign_sub(1.), lambda: w.assign_add(5.))
    return [a, b], [tf.global_variables_initializer()] + [{pred: value} for value in (True, False, True)]


def training_with_references():
    x = tf.placeholder(tf.float32, [4, 3], 'x')
    w = tf.Variable(np.sin(np.arange(6)).reshape(3, 2), dtype=tf.float32, use_resource=False, name='w')
    loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - 1.))
    steps = [make(0.1).minimize(loss) for make in (
        tf.train.GradientDescentOptimizer, lambda r: tf.train.MomentumOptimizer(r, 0.9, use_nesterov=True),
        tf.train.AdamOptimizer, tf.train.RMSPropOptimizer, tf.train.AdagradOptimizer, tf.train.FtrlOptimizer)]
    with tf.control_dependencies(steps[:1]):
        after = tf.identity(loss)
    feed = {x: np.cos(np.arange(12)).reshape(4, 3)}
    return [after], [tf.global_variables_initializer(), *[(step, feed) for step in steps], feed]


def scatter_on_references():
    v = tf.Variable(np.zeros([3, 2]), dtype=tf.float32, use_resource=False, name='v')
    rows = tf.placeholder(tf.int32, [2], 'rows')
    added = tf.scatter_add(v, rows, [[1., 2.], [3., 4.]])
    with tf.control_dependencies([added]):
        updated = tf.scatter_nd_update(v, [[1]], [[-1., -1.]])
    return [updated], [tf.global_variables_initializer(), {rows: [0, 0]}, {rows: [2, 1]}]


def initialized_value():
    v = tf.Variable(3., use_resource=False, name='v')
    value = v.initialized_value()
    return value, [{}, tf.assign(v, 8.), {}]


def gradients_of_cond():
    x = tf.placeholder(tf.float32, [2], 'x')
    pred = tf.placeholder(tf.bool, [], 'pred')
    y = tf.cond(pred, lambda: x * x, lambda: tf.exp(x))
    return tf.gradients(y, x), [{x: [1., 2.], pred: value} for value in (True, False)]


def gradients_of_loop():
    x = tf.placeholder(tf.float32, [2], 'x')
    n = tf.placeholder(tf.int32, [], 'n')
    y = tf.while_loop(lambda i, y: i < n, lambda i, y: (i + 1, y * x + tf.sin(y)), [0, x])[1]
    return tf.gradients(y, x), [{x: [0.5, -1.5], n: value} for value in (0, 1, 4)]


def gradients_of_arrays():
    x = tf.placeholder(tf.float32, [None], 'x')
    y = tf.scan(lambda a, v: a * v + a, x)
    return tf.gradients(y, x), [{x: [1., -2., 3.5, 0.25]}]


PROGRAMS = [cond, nested_cond, case, loop, nested_loop, loop_in_cond, cond_in_loop, tensor_arrays, growing_array,
            maps_and_scans, rnn, dropout_in_loop, random_in_branches, reference_variables, assignment_in_branches,
            training_with_references, scatter_on_references, initialized_value, gradients_of_cond, gradients_of_loop,
            gradients_of_arrays]


def plain(value):
    array = np.asarray(value)
    if array.dtype.kind in 'OS':
        return {'dtype': 'string', 'shape': list(array.shape), 'values': [item.decode() for item in array.reshape(-1).tolist()]}
    values = array.reshape(-1)
    if array.dtype == np.float32:
        items = [float(str(item)) for item in values]
    else:
        items = values.tolist()
    return {'dtype': array.dtype.name, 'shape': list(array.shape), 'values': items}


def record(build):
    with tf.Graph().as_default() as graph:
        fetches, steps = build()
        fetches = tf.nest.flatten(fetches)
        runs = []
        with tf.Session() as session:
            for step in steps:
                target, feeds = (step, {}) if isinstance(step, (tf.Operation, tf.Tensor)) else (None, step)
                if isinstance(step, tuple):
                    target, feeds = step
                fed = {tensor.name: plain(np.asarray(value, tensor.dtype.as_numpy_dtype)) for tensor, value in feeds.items()}
                if target is not None:
                    session.run(target, feeds)
                    runs.append({'targets': [target.name.split(':')[0]], 'feeds': fed, 'fetches': [], 'want': []})
                    continue
                want = session.run(fetches, feeds)
                runs.append({'targets': [], 'feeds': fed, 'fetches': [t.name for t in fetches], 'want': [plain(v) for v in want]})
        graph_def = graph.as_graph_def().SerializeToString(deterministic=True)
        return {'name': build.__name__, 'graph': base64.b64encode(zlib.compress(graph_def, 9)).decode(), 'runs': runs}


def main():
    path = os.path.join(os.path.dirname(__file__), 'flow', 'v1.json')
    rows = [json.dumps(record(build)) for build in PROGRAMS]
    with open(path, 'w') as file:
        file.write('[\n' + ',\n'.join(rows) + '\n]\n')


if __name__ == '__main__':
    main()
