"""Checkpoints as TensorFlow writes them: the files in checkpoints/, and what they hold in checkpoints.json.

    python -W ignore -m spec.golden.checkpoints    # from the repository root: rewrites them

`every` has a tensor of each type, `parts` tensors saved in parts, `sharded` three shards merged into one checkpoint, `trained` is
written by a Saver, `objects-1` by TensorFlow 2's tf.train.Checkpoint, `v1` and `v1_sharded-?????-of-?????` are of the older format.

In the JSON a tensor is its dtype, its shape and its bytes in hexadecimal, little endian; strings are a list of these.
"""

import json
import os
import shutil

import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_eager_execution()
raw = tf.raw_ops

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, 'checkpoints')
# Relative, so that no file names the machine's folders.
os.chdir(HERE)

NUMBERS = ['float32', 'float64', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'float16', 'bfloat16']


def numbers(dtype, shape):
    count = int(np.prod(shape))
    values = np.arange(count, dtype=np.float64) * 3 - (0 if dtype.startswith('u') else 4)
    if 'float' in dtype:
        values = values / 8
    return values.reshape(shape).astype(tf.as_dtype(dtype).as_numpy_dtype)


def every():
    found = {f'numbers/{dtype}': numbers(dtype, (2, 3)) for dtype in NUMBERS}
    found['bool'] = np.array([True, False, True])
    found['complex64'] = np.array([1 + 2j, -3.5j], np.complex64)
    found['complex128'] = np.array([[1e300 + 2j], [-3.5j]], np.complex128)
    found['string'] = np.array([[b'plain', 'größer ☃'.encode()], [b'', b'\xff\x00\xfe not utf-8']], object)
    found['string/long'] = np.array(b'0123456789' * 50, object)
    found['scalar'] = np.array(42, np.int64)
    found['limits'] = np.array([-(1 << 63), (1 << 63) - 1], np.int64)
    found['special'] = np.array([np.nan, np.inf, -np.inf, -0.0], np.float32)
    found['empty'] = np.zeros((0, 3), np.float32)
    found['empty/string'] = np.zeros((0,), object)
    found['größe'] = np.array([1.5], np.float32)
    return found


def describe(value):
    if value.dtype == object:
        return {'dtype': 'string', 'shape': list(value.shape), 'data': [text.hex() for text in value.reshape(-1)]}
    return {'dtype': tf.as_dtype(value.dtype).name, 'shape': list(value.shape), 'data': value.tobytes().hex()}


def constant(value):
    return tf.constant(value.tolist() if value.dtype == object else value,
                       dtype=tf.string if value.dtype == object else None, shape=value.shape)


def save(prefix, found, slices=None):
    names = sorted(found)
    tensors = [constant(found[name]) for name in names]
    return raw.SaveV2(prefix=prefix, tensor_names=names, shape_and_slices=slices or [''] * len(names), tensors=tensors)


def run(op):
    with tf.Session() as session:
        session.run(op)


def parts():
    rows = numbers('float32', (7, 3))
    grid = numbers('int32', (4, 5, 2))
    words = np.array([b'a', b'bb', b'', b'dddd', b'e'], object)
    pieces = [('rows', '7 3 0,3:-', rows[:3]), ('rows', '7 3 3,4:-', rows[3:]),
              ('grid', '4 5 2 0,2:0,3:-', grid[:2, :3]), ('grid', '4 5 2 2,2:0,3:-', grid[2:, :3]),
              ('grid', '4 5 2 0,4:3,2:0,2', grid[:, 3:]),
              ('words', '5 0,2', words[:2]), ('words', '5 2,3', words[2:]),
              ('whole', '', numbers('float64', (3,)))]
    names, slices, values = zip(*pieces)
    op = raw.SaveV2(prefix='checkpoints/parts', tensor_names=names, shape_and_slices=slices, tensors=[constant(value) for value in values])
    run(op)
    return {'rows': rows, 'grid': grid, 'words': words, 'whole': values[-1]}


def sharded():
    found = {f'shard{i}': numbers('float32', (i + 1,)) for i in range(3)}
    prefixes = [raw.ShardedFilename(basename='checkpoints/sharded_temp/part', shard=i, num_shards=3) for i in range(3)]
    with tf.control_dependencies([save(prefix, {f'shard{i}': found[f'shard{i}']}) for i, prefix in enumerate(prefixes)]):
        run(raw.MergeV2Checkpoints(checkpoint_prefixes=prefixes, destination_prefix='checkpoints/sharded', delete_old_dirs=True))
    return found


def trained():
    """A step of Adam on a layer, saved with its slots and the step."""
    x = tf.constant(numbers('float32', (4, 3)))
    loss = tf.reduce_sum(tf.square(tf.layers.dense(x, 2, kernel_initializer=tf.random_uniform_initializer(-0.5, 0.5, seed=3)) - 1.0))
    step = tf.train.get_or_create_global_step()
    train = tf.train.AdamOptimizer(0.1).minimize(loss, global_step=step)
    saver = tf.train.Saver()
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(train)
        saver.save(session, 'checkpoints/trained', global_step=step)
        os.remove('checkpoints/trained-1.meta')
        return {variable.op.name: np.asarray(session.run(variable)) for variable in tf.global_variables()}


def objects():
    """A checkpoint of tf.train.Checkpoint, whose keys are paths of Python objects."""
    dense = tf.keras.layers.Dense(2, name='dense')
    dense.build((None, 3))
    step = tf.Variable(5, dtype=tf.int64, name='step')
    assign = [dense.kernel.assign(numbers('float32', (3, 2))), dense.bias.assign([0.5, -0.5]), step.initializer]
    checkpoint = tf.train.Checkpoint(model=dense, step=step)
    with tf.Session() as session:
        session.run(assign)
        session.run(checkpoint.save_counter.initializer)
        checkpoint.save('checkpoints/objects', session=session)
        return {variable.op.name: np.asarray(session.run(variable)) for variable in [dense.kernel, dense.bias, step]}


def v1():
    found = {f'numbers/{dtype}': numbers(dtype, (2, 3)) for dtype in
             ['float32', 'float64', 'int8', 'int16', 'int32', 'int64', 'uint8', 'float16']}
    found['bool'] = np.array([True, False, True])
    found['complex64'] = np.array([1 + 2j, -3.5j], np.complex64)
    found['string'] = np.array([[b'plain', b'\xff\x00'], [b'', b'last']], object)
    found['scalar'] = np.array(42, np.int64)
    rows = numbers('float32', (7, 3))
    names = sorted(found)
    tensors = [constant(found[name]) for name in names] + [constant(rows[:3]), constant(rows[3:])]
    run(raw.SaveSlices(filename='checkpoints/v1', tensor_names=names + ['rows', 'rows'],
                       shapes_and_slices=[''] * len(names) + ['7 3 0,3:-', '7 3 3,4:-'], data=tensors))
    return {**found, 'rows': rows}


def v1_sharded():
    found = {f'shard{i}': numbers('float32', (i + 1,)) for i in range(2)}
    for i in range(2):
        run(raw.SaveSlices(filename=raw.ShardedFilename(basename='checkpoints/v1_sharded', shard=i, num_shards=2),
                           tensor_names=[f'shard{i}'], shapes_and_slices=[''], data=[constant(found[f'shard{i}'])]))
    return found


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.mkdir(FOLDER)
    values = {}
    for program in [every, parts, sharded, objects, trained, v1, v1_sharded]:
        with tf.Graph().as_default():
            found = program()
            if program is every:
                run(save('checkpoints/every', found))
            values[program.__name__] = {name: describe(found[name]) for name in sorted(found)}
    with open('checkpoints.json', 'w') as file:
        json.dump(values, file, indent=1, ensure_ascii=False)
        file.write('\n')


main()
