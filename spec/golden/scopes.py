"""Golden graphs of name scopes, control dependencies, devices, colocation."""

import tensorflow.compat.v1 as tf

from ._text import program, write

# Name scopes.


@program
def name_scope_nested():
    with tf.name_scope('a') as a:
        x = tf.constant(1.0, name='x')
        with tf.name_scope('b') as b:
            y = tf.constant(2.0, name='y')
    return [x, y, a, b]


@program
def name_scope_uniquified():
    names = []
    for _ in range(3):
        with tf.name_scope('a') as scope:
            names.append(scope)
            tf.constant(1.0, name='x')
    return names


@program
def name_scope_reentered():
    with tf.name_scope('a') as scope:
        x = tf.constant(1.0, name='x')
    with tf.name_scope('b'):
        with tf.name_scope(scope):
            y = tf.constant(1.0, name='x')
            z = tf.constant(1.0, name='z')
    return [x, y, z]


@program
def name_scope_empty_and_none():
    with tf.name_scope('a'):
        with tf.name_scope('') as empty:
            x = tf.constant(1.0, name='x')
        with tf.name_scope(None) as none:
            y = tf.constant(1.0, name='y')
    return [x, y, empty, none]


@program
def name_scope_default_name():
    a = tf.constant(1.0, name='a')
    with tf.name_scope(None, 'default', [a]) as first:
        x = tf.constant(1.0, name='x')
    with tf.name_scope(None, 'default', [a]) as second:
        y = tf.constant(1.0, name='x')
    with tf.name_scope('given', 'default', [a]) as third:
        z = tf.constant(1.0, name='x')
    return [x, y, z, first, second, third]


@program
def name_scope_with_slash():
    with tf.name_scope('a/b') as first:
        x = tf.constant(1.0, name='x')
    with tf.name_scope('a') as second:
        y = tf.constant(1.0, name='x')
    with tf.name_scope('a/b') as third:
        z = tf.constant(1.0, name='x')
    return [x, y, z, first, second, third]


@program
def names_uniquified():
    for name in ['a', 'a', 'A', 'a_1', 'a', 'b/c', 'b', 'b/c']:
        tf.no_op(name=name)
    return [op.name for op in tf.get_default_graph().get_operations()]


@program
def names_against_scopes():
    tf.no_op(name='a')
    with tf.name_scope('a'):
        tf.no_op(name='x')
    with tf.name_scope('b'):
        tf.no_op(name='b')
    tf.no_op(name='b')
    tf.no_op(name='a_1')
    return [op.name for op in tf.get_default_graph().get_operations()]


@program
def names_default():
    tf.no_op()
    tf.no_op()
    tf.constant(1.0)
    tf.constant(1.0)
    tf.placeholder(tf.float32)
    tf.identity(tf.constant(2))
    return [op.name for op in tf.get_default_graph().get_operations()]


@program
def unique_name():
    graph = tf.get_default_graph()
    with tf.name_scope('s'):
        names = [graph.unique_name('a'), graph.unique_name('a'), graph.unique_name('b', mark_as_used=False)]
        names.append(graph.unique_name('b'))
    return names


@program
def name_scope_leading_underscore_inside():
    with tf.name_scope('a'):
        with tf.name_scope('_b'):
            return tf.constant(1.0, name='_x')


# Control dependencies.


@program
def control_dependencies_plain():
    a = tf.constant(1.0, name='a')
    b = tf.no_op(name='b')
    with tf.control_dependencies([a, b]):
        return tf.constant(2.0, name='c')


@program
def control_dependencies_nested():
    a, b = tf.no_op(name='a'), tf.no_op(name='b')
    with tf.control_dependencies([a]):
        c = tf.no_op(name='c')
        with tf.control_dependencies([b]):
            d = tf.no_op(name='d')
    return [c, d]


@program
def control_dependencies_cleared():
    a, b = tf.no_op(name='a'), tf.no_op(name='b')
    with tf.control_dependencies([a]):
        with tf.control_dependencies(None):
            c = tf.no_op(name='c')
            with tf.control_dependencies([b]):
                d = tf.no_op(name='d')
        e = tf.no_op(name='e')
    return [c, d, e]


@program
def control_dependencies_pruned():
    a = tf.constant(1.0, name='a')
    with tf.control_dependencies([a]):
        b = tf.identity(a, name='b')
        c = tf.identity(b, name='c')
        d = tf.constant(1.0, name='d')
        e = tf.add(d, b, name='e')
    return [b, c, d, e]


@program
def control_dependencies_on_variable_and_sorted():
    v = tf.Variable(1.0, name='v')
    b, a = tf.no_op(name='b'), tf.no_op(name='a')
    with tf.control_dependencies([b, v.assign(2.0), a, b]):
        return tf.no_op(name='done')


@program
def group_ops():
    a, b = tf.no_op(name='a'), tf.constant(1.0, name='b')
    return [tf.group(a, b), tf.group(a, name='just_a'), tf.group(), tf.group([a, [b]], name='nested')]


@program
def group_on_devices():
    with tf.device('/cpu:0'):
        a = tf.no_op(name='a')
    with tf.device('/gpu:0'):
        b = tf.no_op(name='b')
    return tf.group(a, b, name='both')


@program
def tuple_of_tensors():
    a, b = tf.constant(1.0, name='a'), tf.constant(2.0, name='b')
    return [tf.tuple([a, b]), tf.tuple([a, None, b], name='with_none', control_inputs=[tf.no_op(name='first')])]


@program
def with_dependencies():
    x = tf.placeholder(tf.float32, [], name='x')
    check = tf.assert_positive(x)
    with tf.control_dependencies([check]):
        return tf.identity(x, name='checked')


# Devices and colocation.


@program
def device_strings():
    with tf.device('/cpu:0'):
        a = tf.no_op(name='a')
    with tf.device('/job:worker/task:1/gpu:2'):
        b = tf.no_op(name='b')
    with tf.device('/device:GPU:*'):
        c = tf.no_op(name='c')
    return [a.device, b.device, c.device]


@program
def device_merged():
    with tf.device('/job:worker'):
        with tf.device('/device:CPU:0'):
            a = tf.no_op(name='a')
            with tf.device('/job:ps/task:3'):
                b = tf.no_op(name='b')
        with tf.device(None):
            c = tf.no_op(name='c')
    return [a.device, b.device, c.device]


@program
def device_functions():
    def place(op):
        return '/device:GPU:0' if op.type == 'MatMul' else '/device:CPU:0'

    with tf.device(place):
        a = tf.ones([2, 2], name='a')
        b = tf.matmul(a, a, name='b')
        with tf.device('/job:worker'):
            c = tf.matmul(a, b, name='c')
    return [a, b, c]


@program
def device_function_outer_string():
    with tf.device('/job:worker/device:CPU:0'):
        with tf.device(lambda op: '/device:GPU:1'):
            a = tf.no_op(name='a')
    with tf.device(lambda op: '/device:GPU:1'):
        with tf.device('/job:worker/device:CPU:0'):
            b = tf.no_op(name='b')
    return [a.device, b.device]


@program
def colocate_with_op():
    with tf.device('/cpu:0'):
        a = tf.constant(1.0, name='a')
    with tf.colocate_with(a):
        b = tf.constant(2.0, name='b')
    with tf.colocate_with(b):
        c = tf.constant(3.0, name='c')
    return [a, b, c]


@program
def colocate_with_nested():
    a, b = tf.no_op(name='a'), tf.no_op(name='b')
    with tf.colocate_with(a):
        with tf.colocate_with(b):
            c = tf.no_op(name='c')
        with tf.colocate_with(b, ignore_existing=True):
            d = tf.no_op(name='d')
        with tf.colocate_with(None, ignore_existing=True):
            e = tf.no_op(name='e')
        with tf.device('/gpu:0'):
            f = tf.no_op(name='f')
    return [c, d, e, f]


@program
def colocate_with_variable():
    v = tf.Variable(1.0, name='v')
    with tf.colocate_with(v):
        return tf.constant(2.0, name='a')


@program
def gradient_override_map():
    graph = tf.get_default_graph()
    with graph.gradient_override_map({'Square': 'OtherSquare', 'Identity': 'Other'}):
        a = tf.square(3.0, name='a')
        b = tf.identity(a, name='b')
    return [b, tf.square(b, name='c')]


@program
def collections_added():
    graph = tf.get_default_graph()
    a, b = tf.no_op(name='a'), tf.constant(1.0, name='b')
    tf.add_to_collection('mine', a)
    tf.add_to_collection('mine', b)
    tf.add_to_collections(['mine', 'yours', 'mine'], b)
    tf.add_to_collection(tf.GraphKeys.SUMMARIES, b)
    return [tf.get_collection('mine'), tf.get_collection('mine', scope='b'), len(graph.get_collection('none'))]


if __name__ == '__main__':
    write(__file__)
