"""The peer TensorFlow 2.15: the same graphs in a compat.v1 Session, with as many threads as the first argument says.

Speaks the protocol of peers/serve.mjs: one line of JSON in, one line out.
"""
import json
import sys
import time

import numpy as np
import tensorflow as tensorflow

tf = tensorflow.compat.v1
tf.disable_eager_execution()
THREADS = int(sys.argv[1])
CONFIG = tf.ConfigProto(intra_op_parallelism_threads=THREADS, inter_op_parallelism_threads=THREADS)


def values(size, seed=0, scale=1.0):
    """As values.mjs."""
    with np.errstate(over='ignore'):
        x = np.arange(1, size + 1, dtype=np.uint32) * np.uint32(0x9E3779B1)
        x += np.uint32(((seed + 1) * 0x85EBCA6B) & 0xFFFFFFFF)
        x = (x ^ (x >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
        x ^= x >> np.uint32(12)
    return ((x.astype(np.float64) / 2147483648.0 - 1.0) * scale).astype(np.float32)


def labels(size, classes):
    x = values(size, 77).astype(np.float64)
    return np.minimum(classes - 1, np.floor((x + 1) / 2 * classes)).astype(np.int32)


def weights(shape, seed):
    size = int(np.prod(shape))
    scale = 0.0 if len(shape) == 1 else np.sqrt(6 / (size / shape[-1] + shape[-1]))
    return values(size, seed, scale).reshape(shape)


def sampled(data, count=16):
    flat = np.asarray(data).reshape(-1)
    size = len(flat)
    if size <= count:
        return [float(x) for x in flat]
    return [float(flat[int(np.floor(i * (size - 1) / (count - 1) + 0.5))]) for i in range(count)]


def resident(shape, seed):
    """A variable that is not part of the graph's constants, which have a limit of size."""
    size = int(np.prod(shape))
    holder = tf.placeholder(tf.float32, shape)
    variable = tf.Variable(tf.zeros(shape), trainable=False, use_resource=True)
    FILLS.append((variable.assign(holder), holder, values(size, seed).reshape(shape)))
    return variable


FILLS = []


def session():
    made = tf.Session(config=CONFIG)
    made.run(tf.global_variables_initializer())
    for assign, holder, array in FILLS:
        made.run(assign.op, {holder: array})
    FILLS.clear()
    return made


def storing(build, check=sampled):
    result = build()
    target = tf.Variable(tf.zeros(result.shape), trainable=False, use_resource=True)
    step = target.assign(result, read_value=False)
    made = session()
    made.run(step)
    return (lambda: made.run(step)), (lambda: check(made.run(target)))


def product(p):
    return storing(lambda: tf.matmul(resident([p['m'], p['k']], 1), resident([p['k'], p['n']], 2)))


def elementwise(p):
    size = p['size']
    if p['op'] == 'chain':
        def build():
            x, y = tf.identity(resident([size], 1)), tf.identity(resident([size], 2))
            return tf.nn.relu(x * 1.5 + y) * 0.5 + x
        return storing(build)
    if p['op'] == 'dropout':
        def check(data):
            kept = data[data != 0]
            return [len(kept) / size, float(np.mean(np.abs(kept), dtype=np.float64))]
        return storing(lambda: tf.nn.dropout(tf.identity(resident([size], 1)), rate=0.5), check)
    check = lambda data: [float(np.mean(data, dtype=np.float64)), float(np.mean(data.astype(np.float64) ** 2))]
    return storing(lambda: tf.random_uniform([size]), check)


def rows(p):
    def build():
        x = tf.identity(resident(p['shape'], 1))
        if p['op'] == 'softmax':
            return tf.nn.softmax(x)
        if p['op'] == 'layerNorm':
            mean, variance = tf.nn.moments(x, [-1], keepdims=True)
            return tf.nn.batch_normalization(x, mean, variance, None, None, 1e-5)
        return tf.reduce_sum(x, p['axis'])
    return storing(build)


def training(shape, classes, model):
    x = tf.placeholder(tf.float32, shape)
    y = tf.placeholder(tf.int32, shape[:1])
    rate = tf.placeholder_with_default(0.5, [])
    seeds = iter(range(10, 1000))
    make = lambda shape: tf.Variable(weights(shape, next(seeds)), use_resource=True)
    logits = model(x, rate, make)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
    step = tf.train.AdamOptimizer(0.001).minimize(loss)
    init = tf.global_variables_initializer()
    made = session()
    feed = {x: values(int(np.prod(shape)), 1).reshape(shape), y: labels(shape[0], classes)}

    def check():
        losses = [float(made.run([loss, step], {**feed, rate: 0})[0]) for _ in range(3)]
        made.run(init)
        return losses
    return (lambda: made.run(step, feed)), check


def mlp(p):
    def model(x, rate, make):
        sizes = p['sizes']
        h = x
        for i in range(1, len(sizes)):
            h = tf.nn.bias_add(tf.matmul(h, make([sizes[i - 1], sizes[i]])), make([sizes[i]]))
            if i < len(sizes) - 1:
                h = tf.nn.dropout(tf.nn.relu(h), rate=rate)
        return h
    return training([p['batch'], p['sizes'][0]], p['sizes'][-1], model)


def cnn(p):
    def model(x, rate, make):
        h, channels = x, 1
        for filters in p['channels']:
            h = tf.nn.bias_add(tf.nn.conv2d(h, make([5, 5, channels, filters]), 1, 'SAME'), make([filters]))
            h = tf.nn.max_pool(tf.nn.relu(h), 2, 2, 'SAME')
            channels = filters
        h = tf.reshape(h, [p['batch'], 49 * channels])
        h = tf.nn.relu(tf.nn.bias_add(tf.matmul(h, make([49 * channels, p['dense']])), make([p['dense']])))
        h = tf.nn.dropout(h, rate=rate)
        return tf.nn.bias_add(tf.matmul(h, make([p['dense'], 10])), make([10]))
    return training([p['batch'], 28, 28, 1], 10, model)


def lstm(p):
    def model(x, rate, make):
        units = p['units']
        kernel = tf.identity(make([p['inputs'] + units, 4 * units]))
        bias = tf.identity(make([4 * units]))
        h = c = tf.zeros([p['batch'], units])
        for each in tf.unstack(x, axis=1):
            gates = tf.nn.bias_add(tf.matmul(tf.concat([each, h], 1), kernel), bias)
            i, j, f, o = tf.split(gates, 4, 1)
            c = c * tf.sigmoid(f + 1) + tf.sigmoid(i) * tf.tanh(j)
            h = tf.tanh(c) * tf.sigmoid(o)
        return tf.nn.bias_add(tf.matmul(h, make([units, 10])), make([10]))
    return training([p['batch'], p['steps'], p['inputs']], 10, model)


def scalar_chain(x, ops):
    y = x
    for i in range(ops):
        y = tf.add(y, x) if i % 2 == 0 else tf.tanh(y)
    return y


def fetching(x, value, result):
    made = session()
    run = lambda: made.run(result, {x: value})
    return run, lambda: [float(run())]


def chain(p):
    x = tf.placeholder(tf.float32, [])
    return fetching(x, 0.5, scalar_chain(x, p['ops']))


def loop(p):
    x = tf.placeholder(tf.float32, [16])
    body = lambda i, y: [i + 1, tf.tanh(y * 0.9 + y)]
    _, last = tf.while_loop(lambda i, y: i < p['steps'], body, [tf.constant(0), x])
    return fetching(x, np.arange(16, dtype=np.float32) / 16, tf.reduce_sum(last))


def building(p):
    ops = p['ops']

    def measure():
        with tf.Graph().as_default() as graph:
            x = tf.placeholder(tf.float32, [])
            start = time.perf_counter()
            y = scalar_chain(x, ops)
            built = time.perf_counter()
            added = len(graph.get_operations())
            (gradient,) = tf.gradients(y, x)
            after = time.perf_counter()
            total = len(graph.get_operations())
            with tf.Session(config=CONFIG) as made:
                began = time.perf_counter()
                made.run(gradient, {x: 0.5})
                ran = time.perf_counter()
                made.run(gradient, {x: 0.5})
                again = time.perf_counter()
        return {
            'time': (built - start) * 1e3,
            'ops/s': added / (built - start),
            'gradient ops/s': (total - added) / (after - built),
            'first run ms': (ran - began - (again - ran)) * 1e3,
            'ops run': total,
        }
    return measure, lambda: []


BUILDERS = {'a': product, 'b': elementwise, 'c': rows, 'd': mlp, 'e': cnn, 'f': lstm, 'g': chain, 'j': loop}


def measure(run, milliseconds, is_first):
    if is_first:  # Compiles what the check did not.
        run()
    times = []
    begin = time.perf_counter()
    while not times or time.perf_counter() - begin < milliseconds / 1e3:
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    return {'time': float(np.median(times)), 'runs': len(times)}


def main():
    run = check = whole = None
    for line in sys.stdin:
        message = json.loads(line)
        try:
            if 'case' in message:
                case = message['case']
                whole = case['workload'] == 'h'
                run, check = building(case['params']) if whole else BUILDERS[case['workload']](case['params'])
                answer = {'check': check()}
            else:
                answer = run() if whole else measure(run, message['milliseconds'], message['isFirst'])
        except Exception as error:  # Reported to the bench, which goes on without this peer.
            answer = {'error': f'{type(error).__name__}: {error}'[:1000]}
        print(json.dumps(answer), flush=True)


main()
