"""Golden graphs of variables: creation, reading, assignment, initialization."""

import numpy as np
import tensorflow.compat.v1 as tf

from ._text import program, write

# tf.get_variable.


@program
def get_variable_default():
    return tf.get_variable('w', [2, 3])


@program
def get_variable_default_ranks():
    a = tf.get_variable('a', [])
    b = tf.get_variable('b', [4])
    c = tf.get_variable('c', [3, 3, 2, 4])
    return [a, b, c]


@program
def get_variable_default_by_dtype():
    a = tf.get_variable('a', [2], dtype=tf.int32)
    b = tf.get_variable('b', [2], dtype=tf.bool)
    c = tf.get_variable('c', [2], dtype=tf.float64)
    d = tf.get_variable('d', [2], dtype=tf.string)
    return [a, b, c, d]


@program
def get_variable_graph_seed():
    tf.set_random_seed(3)
    return [tf.get_variable('a', [2, 3]), tf.get_variable('b', [2, 3])]


@program
def get_variable_from_number():
    return tf.get_variable('w', initializer=0.5)


@program
def get_variable_from_list():
    return tf.get_variable('w', initializer=[1, 2, 3])


@program
def get_variable_from_tensor():
    return tf.get_variable('w', initializer=tf.constant([1.0, 2.0]))


@program
def get_variable_from_function():
    return tf.get_variable('w', initializer=lambda: tf.ones([2]) * 3.0)


@program
def get_variable_in_name_scope():
    with tf.name_scope('ns'):
        return tf.get_variable('w', [2], initializer=tf.zeros_initializer())


@program
def get_variable_not_trainable():
    return tf.get_variable('w', [2], initializer=tf.zeros_initializer(), trainable=False)


@program
def get_variable_collections():
    return tf.get_variable('w', [2], initializer=tf.zeros_initializer(), collections=['mine', 'model_variables'])


@program
def get_variable_regularizer():
    regularizer = lambda w: 0.1 * tf.reduce_sum(tf.square(w))
    with tf.variable_scope('s'):
        return tf.get_variable('w', [2], initializer=tf.ones_initializer(), regularizer=regularizer)


@program
def get_variable_regularizer_none():
    return tf.get_variable('w', [2], initializer=tf.ones_initializer(), regularizer=lambda w: None)


@program
def get_variable_keras_regularizer():
    regularizer = tf.keras.regularizers.l2(0.01)
    return tf.get_variable('w', [2], initializer=tf.ones_initializer(), regularizer=regularizer)


@program
def get_variable_caching_device():
    w = tf.get_variable('w', [2], initializer=tf.zeros_initializer(), caching_device='/device:CPU:0')
    return [w, tf.identity(w), w + 1.0]


@program
def get_variable_on_device():
    with tf.device('/device:CPU:0'):
        return tf.get_variable('w', [2], initializer=tf.zeros_initializer())


@program
def get_variable_under_control_dependencies():
    a = tf.constant(1.0, name='a')
    with tf.control_dependencies([a]):
        w = tf.get_variable('w', [2], initializer=tf.zeros_initializer())
        return tf.identity(w)


@program
def get_variable_constraint():
    constraint = lambda w: tf.clip_by_value(w, 0.0, 1.0)
    w = tf.get_variable('w', [2], initializer=tf.zeros_initializer(), constraint=constraint)
    return w.constraint(w.read_value())


@program
def get_local_variable_default():
    return tf.get_local_variable('counter', [], dtype=tf.int64, initializer=tf.zeros_initializer())


@program
def get_variable_shape_unknown_dims_not_validated():
    x = tf.placeholder(tf.float32, [None, 2], name='x')
    return tf.get_variable('w', initializer=x, validate_shape=False)


# tf.Variable.


@program
def variable_from_number():
    return tf.Variable(1.0, name='v')


@program
def variable_default_names():
    return [tf.Variable(1.0), tf.Variable(2), tf.Variable(True), tf.Variable('text')]


@program
def variable_same_name_twice():
    return [tf.Variable(1.0, name='v'), tf.Variable(1.0, name='v')]


@program
def variable_from_tensor():
    return tf.Variable(tf.zeros([2, 3]), name='v')


@program
def variable_from_random():
    return tf.Variable(tf.truncated_normal([4, 3], stddev=0.1, seed=1), name='weights')


@program
def variable_from_function():
    return tf.Variable(lambda: tf.random_uniform([2], seed=1), name='v')


@program
def variable_from_array():
    return tf.Variable(np.array([[1.5, 2.5]], np.float64), name='v')


@program
def variable_dtype():
    return [tf.Variable(1, dtype=tf.float32, name='a'), tf.Variable([1, 2], dtype=tf.int64, name='b')]


@program
def variable_not_trainable():
    return tf.Variable(0, trainable=False, name='step')


@program
def variable_collections():
    return tf.Variable(0.0, collections=[tf.GraphKeys.LOCAL_VARIABLES], trainable=False, name='v')


@program
def variable_in_scopes():
    with tf.name_scope('ns'):
        a = tf.Variable(1.0, name='v')
    with tf.variable_scope('vs'):
        b = tf.Variable(1.0, name='v')
    with tf.variable_scope('vs'):
        c = tf.Variable(1.0, name='v')
    return [a, b, c]


@program
def variable_on_device():
    with tf.device('/cpu:0'):
        return tf.Variable([1.0, 2.0], name='v')


@program
def variable_from_variable():
    a = tf.Variable([1.0, 2.0], name='a')
    return tf.Variable(a.initial_value * 2.0, name='b')


# Reading.


@program
def variable_value():
    v = tf.Variable(1.0, name='v')
    return [v.value(), v.read_value(), v.value()]


@program
def variable_operators():
    v = tf.Variable([1.0, 2.0], name='v')
    return [v + 1.0, 1.0 - v, v * v, -v, v / 2.0, v**2.0, v > 1.0, abs(v)]


@program
def variable_slices():
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]], name='v')
    return [v[0], v[:, 1], v[0, 1]]


@program
def variable_as_input():
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]], name='v')
    return [
        tf.identity(v),
        tf.reduce_sum(v),
        tf.matmul(v, v),
        tf.add(v, 1.0),
        tf.stack([v, v]),
        tf.convert_to_tensor(v),
    ]


@program
def variable_in_name_scope_used():
    v = tf.Variable(1.0, name='v')
    with tf.name_scope('ns'):
        return [tf.add(v, 2.0), v + 2.0, tf.identity(v, name='copy')]


@program
def variable_gather():
    v = tf.get_variable('table', [5, 2], initializer=tf.zeros_initializer())
    ids = tf.placeholder(tf.int32, [None], name='ids')
    return [tf.gather(v, ids), tf.nn.embedding_lookup(v, ids)]


@program
def variable_under_control_dependencies():
    v = tf.Variable(1.0, name='v')
    with tf.control_dependencies([v.assign_add(1.0, read_value=False)]):
        return [v.read_value(), tf.identity(v), v.value()]


@program
def variable_on_device_read():
    v = tf.Variable(1.0, name='v')
    with tf.device('/cpu:0'):
        return [v.value(), v.read_value(), v + 1.0]


# Assignment.


@program
def variable_assign():
    v = tf.Variable([1.0, 2.0], name='v')
    assigned = v.assign([3.0, 4.0])
    return [tf.identity(assigned), assigned.op]


@program
def variable_assign_tensor():
    v = tf.Variable([1.0, 2.0], name='v')
    x = tf.placeholder(tf.float32, [2], name='x')
    return tf.identity(v.assign(x))


@program
def variable_assign_add_sub():
    v = tf.Variable(1.0, name='v')
    return [tf.identity(v.assign_add(1.0)), tf.identity(v.assign_sub(0.5))]


@program
def variable_assign_without_read():
    v = tf.Variable(1.0, name='v')
    return [v.assign(2.0, read_value=False), v.assign_add(2.0, read_value=False), v.assign_sub(2.0, read_value=False)]


@program
def variable_assign_named():
    v = tf.Variable(1.0, name='v')
    x = tf.placeholder(tf.float32, [], name='x')
    return [v.assign(x, name='set', read_value=False), v.assign_add(x, name='more', read_value=False)]


@program
def variable_assign_in_name_scope():
    v = tf.Variable(1.0, name='v')
    with tf.name_scope('ns'):
        return v.assign(v * 2.0, read_value=False)


@program
def assign_functions():
    v = tf.Variable(1.0, name='v')
    return [tf.identity(tf.assign(v, 2.0)), tf.identity(tf.assign_add(v, 1.0)), tf.identity(tf.assign_sub(v, 1.0))]


@program
def assign_used_as_tensor():
    v = tf.Variable(1.0, name='v')
    return v.assign_add(1.0) * 2.0


@program
def variable_scatter():
    v = tf.Variable([1.0, 2.0, 3.0], name='v')
    indices = tf.constant([0, 2], name='indices')
    updates = tf.constant([10.0, 20.0], name='updates')
    return [
        tf.identity(tf.scatter_update(v, indices, updates)),
        tf.identity(tf.scatter_add(v, indices, updates)),
        tf.identity(tf.scatter_sub(v, indices, updates)),
    ]


@program
def variable_scatter_add_slices():
    v = tf.Variable([1.0, 2.0, 3.0], name='v')
    slices = tf.IndexedSlices(tf.constant([10.0], name='values'), tf.constant([1], name='indices'))
    return tf.identity(v.scatter_add(slices))


@program
def variable_count_up_chain():
    v = tf.Variable(0, name='v')
    first = v.assign_add(1, read_value=False)
    with tf.control_dependencies([first]):
        second = v.assign_add(1, read_value=False)
    with tf.control_dependencies([second]):
        return v.read_value()


# Initialization.


@program
def global_variables_initializer():
    a = tf.Variable(1.0, name='a')
    b = tf.get_variable('b', [2], initializer=tf.zeros_initializer())
    return [tf.global_variables_initializer(), tf.global_variables_initializer(), a.initializer, b.initializer]


@program
def global_variables_initializer_without_variables():
    return [tf.global_variables_initializer(), tf.local_variables_initializer()]


@program
def global_variables_initializer_in_name_scope():
    tf.Variable(1.0, name='a')
    with tf.name_scope('ns'):
        return tf.global_variables_initializer()


@program
def variables_initializer():
    a = tf.Variable(1.0, name='a')
    b = tf.Variable(1.0, name='b')
    return [tf.variables_initializer([b, a]), tf.variables_initializer([a], name='start')]


@program
def local_variables_initializer():
    tf.Variable(1.0, name='a')
    tf.get_local_variable('b', [], initializer=tf.zeros_initializer())
    return tf.local_variables_initializer()


@program
def is_variable_initialized():
    a = tf.Variable(1.0, name='a')
    return [tf.is_variable_initialized(a), a.is_initialized()]


@program
def report_uninitialized_variables():
    tf.Variable(1.0, name='a')
    tf.get_variable('b', [2], initializer=tf.zeros_initializer())
    return tf.report_uninitialized_variables()


@program
def report_uninitialized_variables_none():
    return tf.report_uninitialized_variables()


@program
def assert_variables_initialized():
    tf.Variable(1.0, name='a')
    tf.Variable(2.0, name='b')
    return tf.assert_variables_initialized()


@program
def global_step_create():
    return tf.train.create_global_step()


@program
def global_step_get_or_create():
    a = tf.train.get_global_step()
    b = tf.train.get_or_create_global_step()
    c = tf.train.get_or_create_global_step()
    return [a, b, c, tf.train.get_global_step()]


@program
def variable_gradient():
    v = tf.Variable([1.0, 2.0], name='v')
    w = tf.get_variable('w', [2], initializer=tf.zeros_initializer())
    return tf.gradients(v * v + w, [v, w])


@program
def variable_gradient_through_reads():
    v = tf.Variable([1.0, 2.0], name='v')
    read = v.read_value()
    return tf.gradients(read * v, [v, read])


if __name__ == '__main__':
    write(__file__)
