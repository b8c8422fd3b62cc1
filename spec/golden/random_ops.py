"""Golden graphs of random ops: their nodes and their seeds."""

import tensorflow.compat.v1 as tf

from ._text import program, write


@program
def random_uniform():
    return [
        tf.random_uniform([2, 3]),
        tf.random_uniform([2, 3], 0, 1),
        tf.random_uniform([2, 3], maxval=5.0),
        tf.random_uniform([2, 3], -1.0, 1.0, seed=7),
        tf.random_uniform([2, 3], 0.0, 1.0),
        tf.random_uniform([], dtype=tf.float64, name='u'),
    ]


@program
def random_uniform_int():
    return [tf.random_uniform([4], maxval=10, dtype=tf.int32), tf.random_uniform([4], 5, 10, tf.int64, seed=1)]


@program
def random_uniform_dynamic_shape():
    x = tf.placeholder(tf.float32, [None, 3], name='x')
    return [tf.random_uniform(tf.shape(x)), tf.random_uniform([tf.shape(x)[0], 2])]


@program
def random_uniform_tensor_bounds():
    low, high = tf.placeholder(tf.float32, [], name='low'), tf.placeholder(tf.float32, [], name='high')
    return tf.random_uniform([3], low, high)


@program
def random_normal():
    return [
        tf.random_normal([2, 3]),
        tf.random_normal([2, 3], mean=1.0, stddev=2.0, seed=3),
        tf.random_normal([2], dtype=tf.float64, name='noise'),
    ]


@program
def truncated_normal():
    return [tf.truncated_normal([2, 3]), tf.truncated_normal([2, 3], stddev=0.1, seed=3, name='init')]


@program
def random_shuffle():
    x = tf.placeholder(tf.float32, [None, 3], name='x')
    return [tf.random_shuffle(x), tf.random_shuffle([1, 2, 3], seed=4)]


@program
def multinomial():
    logits = tf.placeholder(tf.float32, [None, 4], name='logits')
    return [tf.multinomial(logits, 5), tf.multinomial(logits, 5, seed=2, name='draw', output_dtype=tf.int32)]


@program
def categorical():
    logits = tf.placeholder(tf.float32, [None, 4], name='logits')
    return [tf.random.categorical(logits, 5), tf.random.categorical(logits, 1, dtype=tf.int32, seed=2)]


@program
def random_crop():
    return tf.random_crop(tf.zeros([8, 8, 3]), [4, 4, 3], seed=1)


@program
def random_gamma():
    return tf.random_gamma([3], 2.0, seed=1)


@program
def stateless_uniform():
    seed = tf.placeholder(tf.int32, [2], name='seed')
    return [
        tf.random.stateless_uniform([2, 3], [1, 2]),
        tf.random.stateless_uniform([2, 3], seed, -1.0, 1.0),
        tf.random.stateless_uniform([2, 3], [1, 2], 0, 10, tf.int32),
    ]


@program
def stateless_normal():
    return [
        tf.random.stateless_normal([2, 3], [1, 2]),
        tf.random.stateless_normal([2, 3], [1, 2], mean=1.0, stddev=0.5),
        tf.random.stateless_truncated_normal([2, 3], [1, 2], name='t'),
    ]


@program
def stateless_categorical():
    logits = tf.placeholder(tf.float32, [None, 4], name='logits')
    return [tf.random.stateless_categorical(logits, 5, [1, 2]), tf.random.stateless_multinomial(logits, 5, [1, 2])]


# Seeds.


@program
def seeds_none():
    return [tf.random_uniform([2]), tf.random_uniform([2])]


@program
def seeds_of_op():
    return [tf.random_uniform([2], seed=s) for s in [0, 1, -3, 2**31 - 1, 2**40]]


@program
def seeds_of_graph():
    tf.set_random_seed(1234)
    return [tf.random_uniform([2]), tf.random_normal([2]), tf.random_uniform([2], seed=9), tf.random_shuffle([1, 2])]


@program
def seeds_zero():
    tf.set_random_seed(0)
    return [tf.random_uniform([2]), tf.random_uniform([2], seed=0), tf.random_uniform([2])]


@program
def seeds_changed_midway():
    a = tf.random_uniform([2])
    tf.set_random_seed(1)
    b = tf.random_uniform([2])
    tf.set_random_seed(2)
    c = tf.random_uniform([2])
    return [a, b, c]


@program
def seeds_after_other_ops():
    tf.set_random_seed(5)
    tf.zeros([2, 2])
    tf.placeholder(tf.float32)
    return [tf.random_uniform([2]), tf.truncated_normal([2])]


@program
def seeds_negative_graph():
    tf.set_random_seed(-1)
    return tf.random_uniform([2])


@program
def get_seed():
    first = tf.get_seed(None)
    tf.set_random_seed(3)
    second = tf.get_seed(None)
    third = tf.get_seed(4)
    fourth = tf.get_seed(None)
    return [first, second, third, fourth]


if __name__ == '__main__':
    write(__file__)
