"""Golden graphs of tf.variable_scope."""

import tensorflow.compat.v1 as tf

from ._text import program, write


def weight(name='w'):
    """A small variable of the current scope."""
    return tf.get_variable(name, [2], initializer=tf.zeros_initializer())


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


if __name__ == '__main__':
    write(__file__)
