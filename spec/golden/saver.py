"""Golden graphs of savers: the nodes that save and restore variables, and the SaverDef that names them."""

import os
import tempfile

import tensorflow.compat.v1 as tf

from ._text import program, write


def definition(saver):
    """What the saver's SaverDef says."""
    found = saver.as_saver_def()
    return [found.filename_tensor_name, found.save_tensor_name, found.restore_op_name, found.max_to_keep, found.sharded,
            found.keep_checkpoint_every_n_hours, int(found.version)]


def variables():
    w = tf.get_variable('w', [2, 3], initializer=tf.ones_initializer())
    b = tf.get_variable('b', [], tf.float64, initializer=tf.zeros_initializer())
    return w, b


@program
def all_variables():
    variables()
    return definition(tf.train.Saver())


@program
def trained_by_adam():
    step = tf.train.get_or_create_global_step()
    w = tf.get_variable('w', [2], initializer=tf.ones_initializer())
    tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(tf.square(w)), global_step=step)
    return definition(tf.train.Saver())


@program
def some_variables():
    w, _ = variables()
    tf.get_variable('c', [2], initializer=tf.zeros_initializer())
    return definition(tf.train.Saver([w], max_to_keep=None, keep_checkpoint_every_n_hours=2.5))


@program
def under_other_names():
    w, b = variables()
    return definition(tf.train.Saver({'z/w': w, 'a': b}, max_to_keep=3))


@program
def two_savers():
    w, b = variables()
    return definition(tf.train.Saver([w])) + definition(tf.train.Saver([b]))


@program
def named():
    variables()
    return definition(tf.train.Saver(name='mine', filename='somewhere/model'))


@program
def in_scopes():
    with tf.variable_scope('net'):
        variables()
        with tf.device('/device:GPU:1'):
            saver = tf.train.Saver()
    return definition(saver)


@program
def types_of_values():
    for name in ['string', 'bool', 'int64', 'uint8', 'bfloat16']:
        dtype = tf.as_dtype(name)
        tf.get_variable('v_' + name, initializer=tf.constant(['x'] if name == 'string' else [True] if name == 'bool' else [1], dtype)
                        if name != 'bfloat16' else tf.cast(tf.constant([1.0]), dtype))
    return definition(tf.train.Saver())


@program
def sharded():
    variables()
    return definition(tf.train.Saver(sharded=True))


@program
def sharded_by_device():
    with tf.device('/job:ps/task:1'):
        tf.get_variable('second', [2], initializer=tf.ones_initializer())
    with tf.device('/job:ps/task:0'):
        tf.get_variable('first', [2], initializer=tf.ones_initializer())
    with tf.device('/device:CPU:0'):
        tf.get_variable('local', [2], initializer=tf.ones_initializer())
    tf.get_variable('anywhere', [2], initializer=tf.ones_initializer())
    return definition(tf.train.Saver(sharded=True))


@program
def reshaped():
    variables()
    tf.get_variable('free', initializer=tf.placeholder(tf.float32), validate_shape=False)
    return definition(tf.train.Saver(reshape=True))


@program
def parts():
    info = tf.Variable.SaveSliceInfo
    first = tf.get_variable('first', [2, 3], initializer=tf.ones_initializer())
    rest = tf.get_variable('rest', [3, 3], initializer=tf.ones_initializer())
    tf.get_variable('whole', [2], initializer=tf.ones_initializer())
    first._set_save_slice_info(info('table', [5, 3], [0, 0], [2, 3]))
    rest._set_save_slice_info(info('table', [5, 3], [2, 0], [3, 3]))
    return definition(tf.train.Saver())


@program
def nothing():
    tf.constant(1.0)
    saver = tf.train.Saver(allow_empty=True)
    return [saver.as_saver_def() is None]


@program
def of_reads():
    w, b = variables()
    return definition(tf.train.Saver([w.value(), b]))


@program
def init_from_checkpoint():
    with tf.variable_scope('new'):
        for name in ['w', 'part']:
            tf.get_variable(name, [2], initializer=tf.zeros_initializer())
    with tf.device('/device:GPU:0'):
        other = tf.get_variable('other', [2], initializer=tf.zeros_initializer())
    kept = tf.get_variable('kept', [2], initializer=tf.zeros_initializer())
    here = os.getcwd()
    # The graph holds the path, which must be the same on all machines.
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        save(['old/w', 'old/part', 'b'])
        tf.train.init_from_checkpoint('./model', {'old/': 'new/', 'b': other})
        os.chdir(here)
    return [tf.global_variables_initializer(), other.initializer, kept.initializer, other.initial_value]


def save(names):
    with tf.Graph().as_default(), tf.Session() as session:
        for name in names:
            tf.get_variable(name, [2], initializer=tf.ones_initializer())
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, './model')


if __name__ == '__main__':
    write(__file__)
