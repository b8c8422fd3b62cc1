"""Golden graphs of scopes: names, variable scopes, control dependencies, devices, colocation."""

import tensorflow.compat.v1 as tf

from ._text import program, write


def weight(name='w'):
    """A small variable of the current scope."""
    return tf.get_variable(name, [2], initializer=tf.zeros_initializer())


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


# Variable scopes.


@program
def variable_scope_nested():
    with tf.variable_scope('a') as outer:
        with tf.variable_scope('b') as inner:
            w = weight()
            x = tf.identity(w, name='x')
    return [w, x, outer.name, inner.name, outer.original_name_scope, inner.original_name_scope]


@program
def variable_scope_entered_twice():
    with tf.variable_scope('s'):
        a = weight('a')
        x = tf.constant(1.0, name='x')
    with tf.variable_scope('s') as again:
        b = weight('b')
        y = tf.constant(1.0, name='x')
    return [a, b, x, y, again.name, again.original_name_scope]


@program
def variable_scope_reuse():
    with tf.variable_scope('s'):
        a = weight()
    with tf.variable_scope('s', reuse=True):
        b = weight()
    return [a, b, a + b]


@program
def variable_scope_reuse_variables():
    with tf.variable_scope('s') as scope:
        a = weight()
        scope.reuse_variables()
        b = weight()
    return [a, b, scope.reuse]


@program
def variable_scope_auto_reuse():
    outputs = []
    for _ in range(2):
        with tf.variable_scope('s', reuse=tf.AUTO_REUSE):
            outputs.append(tf.identity(weight(), name='out'))
    return outputs


@program
def variable_scope_reuse_inherited():
    with tf.variable_scope('s'):
        with tf.variable_scope('t'):
            a = weight()
    with tf.variable_scope('s', reuse=True):
        with tf.variable_scope('t', reuse=False) as scope:
            b = weight()
    return [a, b, scope.reuse]


@program
def variable_scope_by_object():
    with tf.variable_scope('s') as scope:
        a = weight('a')
    with tf.variable_scope('outer'):
        with tf.variable_scope(scope) as again:
            b = weight('b')
            x = tf.constant(1.0, name='x')
    return [a, b, x, again.name, again.original_name_scope]


@program
def variable_scope_by_object_reuse():
    with tf.variable_scope('s') as scope:
        a = weight()
    with tf.variable_scope(scope, reuse=True):
        b = weight()
    return [a, b]


@program
def variable_scope_by_object_original_name_scope():
    with tf.variable_scope('s') as scope:
        x = tf.constant(1.0, name='x')
    with tf.variable_scope(scope, auxiliary_name_scope=False) as again:
        with tf.name_scope(again.original_name_scope):
            y = tf.constant(1.0, name='y')
        z = tf.constant(1.0, name='z')
    return [x, y, z]


@program
def variable_scope_without_auxiliary_name_scope():
    with tf.variable_scope('s', auxiliary_name_scope=False) as scope:
        w = weight()
        x = tf.constant(1.0, name='x')
    return [w, x, scope.name, scope.original_name_scope]


@program
def variable_scope_default_name():
    names = []
    for _ in range(3):
        with tf.variable_scope(None, default_name='block') as scope:
            names.append(weight())
            names.append(scope.name)
    return names


@program
def variable_scope_default_name_nested():
    names = []
    for _ in range(2):
        with tf.variable_scope('outer'):
            with tf.variable_scope(None, default_name='block') as scope:
                names.append(scope.name)
                names.append(tf.constant(1.0, name='x'))
            with tf.variable_scope(None, default_name='block') as scope:
                names.append(scope.name)
                names.append(tf.constant(1.0, name='x'))
    return names


@program
def variable_scope_default_name_after_explicit():
    with tf.variable_scope('block'):
        weight()
    with tf.variable_scope(None, default_name='block') as scope:
        weight()
    return scope.name


@program
def variable_scope_initializer():
    with tf.variable_scope('s', initializer=tf.constant_initializer(0.5)):
        a = tf.get_variable('a', [2])
        with tf.variable_scope('t'):
            b = tf.get_variable('b', [2])
        with tf.variable_scope('u', initializer=tf.ones_initializer()):
            c = tf.get_variable('c', [2])
    return [a, b, c]


@program
def variable_scope_regularizer():
    regularizer = lambda w: tf.reduce_sum(tf.abs(w), name='l1')
    with tf.variable_scope('s', regularizer=regularizer):
        a = weight('a')
        b = tf.get_variable('b', [2], initializer=tf.zeros_initializer(), regularizer=lambda w: None)
    with tf.variable_scope('s', reuse=True):
        c = weight('a')
    return [a, b, c]


@program
def variable_scope_no_regularizer():
    with tf.variable_scope('s', regularizer=lambda w: tf.reduce_sum(w)):
        return tf.get_variable('a', [2], initializer=tf.zeros_initializer(), regularizer=tf.no_regularizer)


@program
def variable_scope_dtype():
    with tf.variable_scope('s', dtype=tf.float64):
        return tf.get_variable('a', [2], initializer=tf.zeros_initializer())


@program
def variable_scope_caching_device():
    with tf.variable_scope('s', caching_device='/device:CPU:0'):
        w = weight()
    return tf.identity(w)


@program
def variable_scope_custom_getter():
    def double(getter, name, *args, **kwargs):
        return tf.multiply(getter(name, *args, **kwargs), 2.0, name='doubled')

    with tf.variable_scope('s', custom_getter=double):
        return weight()


@program
def variable_scope_custom_getters_nested():
    def scale(factor):
        def getter(inner, name, *args, **kwargs):
            return tf.multiply(inner(name, *args, **kwargs), factor)

        return getter

    with tf.variable_scope('a', custom_getter=scale(2.0)):
        with tf.variable_scope('b', custom_getter=scale(3.0)):
            return weight()


@program
def variable_scope_custom_getter_renames():
    def rename(getter, name, *args, **kwargs):
        return getter(name + '_renamed', *args, **kwargs)

    with tf.variable_scope('s'):
        return tf.get_variable('w', [2], initializer=tf.zeros_initializer(), custom_getter=rename)


@program
def variable_scope_empty_name():
    with tf.variable_scope('a'):
        with tf.variable_scope('') as scope:
            w = weight()
            x = tf.constant(1.0, name='x')
    return [w, x, scope.name]


@program
def variable_scope_root():
    root = tf.get_variable_scope()
    with tf.variable_scope('a'):
        with tf.variable_scope(root):
            w = weight()
            x = tf.constant(1.0, name='x')
    return [w, x, root.name, root.reuse]


@program
def variable_scope_root_auto_reuse():
    with tf.variable_scope(tf.get_variable_scope(), reuse=tf.AUTO_REUSE):
        a = weight()
        b = weight()
    return [a, b]


@program
def variable_scope_in_name_scope():
    with tf.name_scope('ns'):
        with tf.variable_scope('vs') as scope:
            w = weight()
            x = tf.identity(w, name='x')
    return [w, x, scope.name, scope.original_name_scope]


@program
def variable_scope_name_with_slash():
    with tf.variable_scope('a/b') as scope:
        w = weight()
        x = tf.constant(1.0, name='x')
    return [w, x, scope.name, scope.original_name_scope]


@program
def variables_of_scope():
    with tf.variable_scope('a'):
        weight()
    with tf.variable_scope('ab'):
        weight()
    return [tf.global_variables('a/'), tf.trainable_variables('a'), tf.global_variables(scope='b')]


@program
def make_template():
    def shift(x):
        return tf.add(x, tf.get_variable('shift', [], initializer=tf.zeros_initializer()), name='shifted')

    template = tf.make_template('shifter', shift)
    x = tf.placeholder(tf.float32, [2], name='x')
    return [template(x), template(x), template.variables]


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
