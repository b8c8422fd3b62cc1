"""TensorFlow's half of checkpoints.spec.ts: `write FOLDER` makes checkpoints, `read FOLDER` reads those that sluice made.

What was written or read goes to standard output as JSON: tensors as in run.py, losses as numbers.
"""

import json
import os
import sys

from run import encode, np, tf

raw = tf.raw_ops
NUMBERS = ['float32', 'float64', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'bool', 'float16']
STEPS = 5


def tensors():
    """Some of every type, one larger than the pieces in which files are read, and scalars and empty ones."""
    random = np.random.RandomState(7)
    found = {}
    for dtype in NUMBERS:
        kind = np.dtype(dtype)
        values = random.randint(0, 256, 60 * kind.itemsize).astype(np.uint8)
        found['n/' + dtype] = (values % 2).astype(bool)[:60].reshape(3, 20) if dtype == 'bool' else values.view(kind).reshape(3, 4, 5)
    found['large'] = random.standard_normal((700, 901)).astype(np.float32)
    found['words'] = np.array([bytes(random.randint(0, 256, length).astype(np.uint8)) for length in [0, 1, 127, 128, 300, 20000]], object)
    found['scalar'] = np.array(-5, np.int64)
    found['empty'] = np.zeros((2, 0, 3), np.float64)
    return found


def constant(value):
    return tf.constant(value.tolist(), tf.string, value.shape) if value.dtype == object else tf.constant(value)


def save(prefix, named):
    return raw.SaveV2(prefix=prefix, tensor_names=[name for name, _ in named], shape_and_slices=[''] * len(named),
                      tensors=[constant(value) for _, value in named])


def many():
    """So many names that the index has several blocks."""
    return [(f'layer_{i * 7919 % 5000:05d}/some/long/scope/name/to/fill/blocks/kernel_{i}', np.array([i], np.int32)) for i in range(4000)]


OPTIMIZERS = {
    'adam': lambda: tf.train.AdamOptimizer(0.05),
    'momentum': lambda: tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
    'rmsprop': lambda: tf.train.RMSPropOptimizer(0.01, momentum=0.5, centered=True),
    'adagrad': lambda: tf.train.AdagradOptimizer(0.1),
}


def model(optimizer):
    """The same network as in checkpoints.spec.ts, with its names."""
    tf.set_random_seed(11)
    x = tf.constant(((np.arange(48) * 7 % 13) / 6 - 1).reshape(8, 6), tf.float32)
    labels = tf.constant(np.arange(8) * 5 % 3, tf.int32)
    kernel = tf.random_uniform_initializer(-0.5, 0.5, seed=3)
    hidden = tf.layers.dense(x, 5, activation=tf.nn.tanh, kernel_initializer=kernel, name='hidden')
    logits = tf.layers.dense(hidden, 3, kernel_initializer=kernel, name='logits')
    loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
    step = tf.train.get_or_create_global_step()
    train = OPTIMIZERS[optimizer]().minimize(loss, global_step=step)
    return loss, train, step


def steps(session, loss, train):
    return [float(session.run([loss, train])[0]) for _ in range(STEPS)]


def train_and_go_on(folder):
    found = {}
    for optimizer in OPTIMIZERS:
        with tf.Graph().as_default(), tf.Session() as session:
            loss, train, step = model(optimizer)
            saver = tf.train.Saver(sharded=optimizer == 'momentum')
            session.run(tf.global_variables_initializer())
            before = steps(session, loss, train)
            saver.save(session, os.path.join(folder, optimizer), global_step=step, latest_filename=optimizer + '.state')
            found[optimizer] = {'before': before, 'after': steps(session, loss, train)}
    return found


def restore_and_go_on(folder):
    found = {}
    for optimizer in OPTIMIZERS:
        with tf.Graph().as_default(), tf.Session() as session:
            loss, train, step = model(optimizer)
            tf.train.Saver().restore(session, tf.train.latest_checkpoint(folder, optimizer + '.state'))
            found[optimizer] = {'step': int(session.run(step)), 'after': steps(session, loss, train)}
    return found


def import_and_go_on(folder):
    """Nothing is built: the graph is the one that was written beside the checkpoint."""
    found = {}
    for optimizer in OPTIMIZERS:
        with tf.Graph().as_default() as graph, tf.Session() as session:
            prefix = tf.train.latest_checkpoint(folder, optimizer + '.state')
            tf.train.import_meta_graph(prefix + '.meta').restore(session, prefix)
            [loss], [train] = graph.get_collection('losses'), graph.get_collection('train_op')
            found[optimizer] = {'step': int(session.run(tf.train.get_global_step())), 'after': steps(session, loss, train)}
    return found


def write(folder):
    prefix = lambda name: os.path.join(folder, name)
    with tf.Graph().as_default(), tf.Session() as session:
        session.run([save(prefix('every'), sorted(tensors().items())), save(prefix('many'), many())])
        table = tf.get_variable('table', [11, 4], partitioner=tf.fixed_size_partitioner(3), initializer=tf.random_normal_initializer(seed=1))
        columns = tf.get_variable('columns', [4, 7], partitioner=tf.fixed_size_partitioner(2, axis=1), initializer=tf.random_normal_initializer(seed=2))
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, prefix('parts'))
        parts = {'table': session.run(table.as_tensor()), 'columns': session.run(columns.as_tensor())}
        old = {name: value for name, value in tensors().items() if name not in ['n/uint32', 'n/uint64', 'n/uint16']}
        session.run(raw.SaveSlices(filename=prefix('v1'), tensor_names=sorted(old), shapes_and_slices=[''] * len(old),
                                   data=[constant(old[name]) for name in sorted(old)]))
    encoded = lambda values: {name: encode(value) for name, value in values.items()}
    return {'every': encoded(tensors()), 'v1': encoded(old), 'parts': encoded(parts), 'training': train_and_go_on(folder)}


def read(folder):
    found = {}
    for name in ['every', 'every_sharded', 'written_over', 'parts']:
        reader = tf.train.load_checkpoint(os.path.join(folder, name))
        found[name] = {key: encode(reader.get_tensor(key)) for key in reader.get_variable_to_shape_map()}
    with tf.Graph().as_default(), tf.Session() as session:
        # Parts that are cut elsewhere.
        table = tf.get_variable('table', [11, 4], partitioner=tf.fixed_size_partitioner(4))
        tf.train.Saver().restore(session, os.path.join(folder, 'parts'))
        found['repartitioned'] = {'table': encode(session.run(table.as_tensor()))}
    return {**found, 'training': restore_and_go_on(folder), 'imported': import_and_go_on(folder)}


if __name__ == '__main__':
    json.dump({'write': write, 'read': read}[sys.argv[1]](sys.argv[2]), sys.stdout)
