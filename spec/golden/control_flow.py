"""Golden graphs of tf.cond, tf.case, tf.while_loop and their gradients (control flow v2)."""

import tensorflow.compat.v1 as tf

from ._text import program, write


def switch():
    """A predicate and a vector."""
    return tf.placeholder(tf.bool, [], name='p'), tf.placeholder(tf.float32, [3], name='x')


# cond.


@program
def cond_plain():
    p, x = switch()
    return tf.cond(p, lambda: x * 2.0, lambda: x + 1.0)


@program
def cond_constants():
    p, _ = switch()
    return tf.cond(p, lambda: tf.constant(1.0), lambda: tf.constant(2.0))


@program
def cond_returns_captures():
    p, x = switch()
    y = tf.placeholder(tf.float32, [3], name='y')
    return tf.cond(p, lambda: x, lambda: y)


@program
def cond_numbers():
    p, _ = switch()
    return tf.cond(p, lambda: 1.0, lambda: 2.0)


@program
def cond_of_list():
    p, x = switch()
    return tf.cond(p, lambda: [x, x * 2.0], lambda: [x * 3.0, x])


@program
def cond_of_dict():
    p, x = switch()
    return tf.cond(p, lambda: {'a': x, 'b': x + 1.0}, lambda: {'a': x + 2.0, 'b': x})


@program
def cond_strict_single_list():
    p, x = switch()
    return tf.cond(p, lambda: [x * 2.0], lambda: [x], strict=True)


@program
def cond_named_twice():
    p, x = switch()
    a = tf.cond(p, lambda: x, lambda: x + 1.0, name='choose')
    b = tf.cond(p, lambda: a, lambda: a + 1.0, name='choose')
    return b


@program
def cond_in_name_scope():
    p, x = switch()
    with tf.name_scope('ns'):
        return tf.cond(p, lambda: x * 2.0, lambda: x)


@program
def cond_name_scope_inside():
    p, x = switch()

    def doubled():
        with tf.name_scope('twice'):
            return tf.multiply(x, 2.0, name='product')

    return tf.cond(p, doubled, lambda: tf.identity(x))


@program
def cond_different_shapes():
    p = tf.placeholder(tf.bool, [], name='p')
    x = tf.placeholder(tf.float32, [None, 3], name='x')
    return tf.cond(p, lambda: x[:1], lambda: tf.zeros([2, 3]))


@program
def cond_nested():
    p, x = switch()
    q = tf.placeholder(tf.bool, [], name='q')
    return tf.cond(p, lambda: tf.cond(q, lambda: x, lambda: x * 2.0), lambda: x * 3.0)


@program
def cond_several_captures():
    p, x = switch()
    y = tf.placeholder(tf.float32, [3], name='y')
    z = tf.placeholder(tf.float32, [], name='z')
    return tf.cond(p, lambda: y * z, lambda: x * y)


@program
def cond_with_random():
    p, _ = switch()
    tf.set_random_seed(5)
    return tf.cond(p, lambda: tf.random_uniform([3]), lambda: tf.zeros([3]))


@program
def cond_with_variable():
    p, _ = switch()
    v = tf.Variable(1.0, name='v')
    return tf.cond(p, lambda: v.read_value(), lambda: v * 2.0)


@program
def cond_assigns_variable():
    p, _ = switch()
    v = tf.Variable(1.0, name='v')
    return tf.cond(p, lambda: tf.identity(v.assign_add(1.0)), lambda: v.read_value())


@program
def cond_returns_ops():
    p, _ = switch()
    v = tf.Variable(1.0, name='v')
    return tf.cond(p, lambda: v.assign_add(1.0, read_value=False), lambda: tf.no_op())


@program
def cond_control_dependencies_inside():
    p, x = switch()

    def checked():
        with tf.control_dependencies([tf.assert_positive(x)]):
            return tf.identity(x)

    return tf.cond(p, checked, lambda: x)


@program
def cond_control_dependencies_outside():
    p, x = switch()
    with tf.control_dependencies([tf.no_op(name='first')]):
        return tf.cond(p, lambda: x * 2.0, lambda: x)


@program
def cond_comparison_pred():
    x = tf.placeholder(tf.float32, [], name='x')
    return tf.cond(x > 0.0, lambda: x, lambda: -x)


@program
def cond_constant_pred():
    _, x = switch()
    return tf.cond(tf.constant(True), lambda: x * 2.0, lambda: x)


@program
def cond_int_pred():
    n = tf.placeholder(tf.int32, [], name='n')
    return tf.cond(n, lambda: 1, lambda: 2)


@program
def cond_gradient():
    p, x = switch()
    return tf.gradients(tf.cond(p, lambda: x * x, lambda: tf.exp(x)), x)


@program
def cond_gradient_one_branch():
    p, x = switch()
    y = tf.placeholder(tf.float32, [3], name='y')
    return tf.gradients(tf.cond(p, lambda: x * 2.0, lambda: y * 3.0), [x, y])


@program
def cond_gradient_of_variable():
    p, _ = switch()
    v = tf.Variable([1.0, 2.0], name='v')
    return tf.gradients(tf.cond(p, lambda: v * v, lambda: v * 3.0), v)


@program
def cond_gradient_nested():
    p, x = switch()
    q = tf.placeholder(tf.bool, [], name='q')
    y = tf.cond(p, lambda: tf.cond(q, lambda: tf.tanh(x), lambda: x * x), lambda: x * 3.0)
    return tf.gradients(y, x)


@program
def cond_gradient_two_outputs():
    p, x = switch()
    a, b = tf.cond(p, lambda: [x * x, x], lambda: [x, tf.tanh(x)])
    return tf.gradients([a, b], x)


@program
def cond_second_gradient():
    p, x = switch()
    y = tf.cond(p, lambda: x * x * x, lambda: x * x)
    return tf.gradients(tf.gradients(y, x)[0], x)


# case.


@program
def case_two():
    x = tf.placeholder(tf.float32, [], name='x')
    return tf.case([(x < 0.0, lambda: -x), (x > 1.0, lambda: x * 2.0)], default=lambda: x)


@program
def case_exclusive():
    x = tf.placeholder(tf.float32, [], name='x')
    return tf.case([(x < 0.0, lambda: -x), (x > 1.0, lambda: x * 2.0)], default=lambda: x, exclusive=True)


@program
def case_without_default():
    x = tf.placeholder(tf.float32, [], name='x')
    return tf.case([(x < 0.0, lambda: -x), (x >= 0.0, lambda: x)], name='pick')


@program
def switch_case():
    n = tf.placeholder(tf.int32, [], name='n')
    return tf.switch_case(n, [lambda: tf.constant(1.0), lambda: tf.constant(2.0)], default=lambda: tf.constant(3.0))


# while_loop.


@program
def while_counter():
    return tf.while_loop(lambda i: i < 10, lambda i: i + 1, [tf.constant(0)])


@program
def while_number():
    return tf.while_loop(lambda i: tf.less(i, 10), lambda i: [tf.add(i, 1)], [0])


@program
def while_two_variables():
    x = tf.placeholder(tf.float32, [3], name='x')
    return tf.while_loop(lambda i, a: i < 5, lambda i, a: [i + 1, a + x], [tf.constant(0), tf.zeros([3])])


@program
def while_captures_in_condition():
    n = tf.placeholder(tf.int32, [], name='n')
    return tf.while_loop(lambda i: i < n, lambda i: i + 1, [tf.constant(0)])


@program
def while_maximum_iterations():
    x = tf.placeholder(tf.float32, [], name='x')
    return tf.while_loop(lambda a: a < 100.0, lambda a: a * 2.0, [x], maximum_iterations=3)


@program
def while_named_with_parallel_iterations():
    return tf.while_loop(lambda i: i < 10, lambda i: i + 1, [tf.constant(0)], parallel_iterations=1, name='loop')


@program
def while_in_name_scope():
    with tf.name_scope('ns'):
        return tf.while_loop(lambda i: i < 10, lambda i: i + 1, [tf.constant(0)])


@program
def while_shape_invariants():
    i = tf.constant(0)
    x = tf.zeros([1, 2])
    invariants = [i.get_shape(), tf.TensorShape([None, 2])]
    return tf.while_loop(
        lambda i, x: i < 3, lambda i, x: [i + 1, tf.concat([x, x], 0)], [i, x], shape_invariants=invariants
    )


@program
def while_nested_structure():
    state = {'i': tf.constant(0), 'pair': (tf.constant(1.0), tf.constant(2.0))}

    def step(s):
        a, b = s['pair']
        return [{'i': s['i'] + 1, 'pair': (b, a + b)}]

    return tf.while_loop(lambda s: s['i'] < 4, step, [state])


@program
def while_nested_loops():
    def inner(i, total):
        _, sum_ = tf.while_loop(lambda j, s: j < i, lambda j, s: [j + 1, s + j], [tf.constant(0), total])
        return [i + 1, sum_]

    return tf.while_loop(lambda i, total: i < 4, inner, [tf.constant(0), tf.constant(0)])


@program
def while_with_cond_inside():
    def step(i, x):
        return [i + 1, tf.cond(x > 10.0, lambda: x / 2.0, lambda: x * 3.0)]

    return tf.while_loop(lambda i, x: i < 5, step, [tf.constant(0), tf.constant(1.0)])


@program
def while_with_random():
    tf.set_random_seed(5)
    return tf.while_loop(lambda i, x: i < 3, lambda i, x: [i + 1, x + tf.random_uniform([])], [0, 0.0])


@program
def while_assigns_variable():
    v = tf.Variable(0.0, name='v')

    def step(i):
        with tf.control_dependencies([v.assign_add(1.0)]):
            return i + 1

    return tf.while_loop(lambda i: i < 3, step, [tf.constant(0)])


@program
def while_return_same_structure():
    return tf.while_loop(lambda i: i < 10, lambda i: [i + 1], [tf.constant(0)], return_same_structure=True)


@program
def while_gradient():
    x = tf.placeholder(tf.float32, [], name='x')
    _, y = tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, a * x], [tf.constant(0), x])
    return tf.gradients(y, x)


@program
def while_gradient_of_loop_variable():
    x = tf.placeholder(tf.float32, [3], name='x')
    y = tf.while_loop(lambda a: tf.reduce_sum(a) < 100.0, lambda a: a * a, [x])
    return tf.gradients(y, x)


@program
def while_gradient_maximum_iterations():
    x = tf.placeholder(tf.float32, [], name='x')
    y = tf.while_loop(lambda a: a < 100.0, lambda a: tf.exp(a), [x], maximum_iterations=4)
    return tf.gradients(y, x)


@program
def while_gradient_of_weights():
    w = tf.get_variable('w', [2, 2], initializer=tf.ones_initializer())
    h = tf.placeholder(tf.float32, [None, 2], name='h')
    _, y = tf.while_loop(lambda i, a: i < 3, lambda i, a: [i + 1, tf.tanh(tf.matmul(a, w))], [0, h])
    return tf.gradients(y, [w, h])


# Functions made of loops.


@program
def map_fn():
    x = tf.placeholder(tf.float32, [4], name='x')
    return tf.map_fn(lambda a: a * a, x)


@program
def scan():
    x = tf.placeholder(tf.float32, [4], name='x')
    return tf.scan(lambda a, b: a + b, x)


if __name__ == '__main__':
    write(__file__)
