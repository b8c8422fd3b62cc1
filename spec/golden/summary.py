"""Golden graphs of tf.summary: names, tags, families, collections, merges."""

import tensorflow.compat.v1 as tf

from ._text import program, write


@program
def scalar():
    return tf.summary.scalar('loss', tf.placeholder(tf.float32, [], name='x'))


@program
def scalar_twice():
    return tf.summary.scalar('loss', 1.0), tf.summary.scalar('loss', 2)


@program
def scalar_illegal_name():
    return tf.summary.scalar('//my loss: a-b.c', 1.0)


@program
def scalar_in_scope():
    with tf.name_scope('ns'):
        return tf.summary.scalar('q', 1.0)


@program
def scalar_family():
    with tf.name_scope('ns'):
        return tf.summary.scalar('q', 1.0, family='fam ily')


@program
def scalar_collections():
    return tf.summary.scalar('q', 1.0, collections=['a', 'b']), tf.summary.scalar('r', 1.0, collections=[])


@program
def histogram():
    return tf.summary.histogram('h', tf.placeholder(tf.int64, None, name='x'), family='f')


@program
def image():
    return tf.summary.image('i', tf.placeholder(tf.uint8, [None, 4, 4, 3], name='x'), max_outputs=1)


@program
def image_default():
    return tf.summary.image('i', tf.placeholder(tf.float32, name='x'))


@program
def audio():
    return tf.summary.audio('a', tf.placeholder(tf.float32, [2, 10], name='x'), 8000)


@program
def text():
    return tf.summary.text('t', tf.constant(['x', 'y']))


@program
def tensor_summary():
    return tf.summary.tensor_summary('t', [[1, 2]], summary_description='what', display_name='shown', family='f')


@program
def merge():
    return tf.summary.merge([tf.summary.scalar('a', 1.0), tf.summary.histogram('b', [1.0])])


@program
def merge_named():
    return tf.summary.merge([tf.summary.scalar('a', 1.0)], collections=['merged'], name='m n')


@program
def merge_all():
    tf.summary.scalar('a', 1.0)
    with tf.name_scope('inner'):
        tf.summary.scalar('b', 1.0)
    return tf.summary.merge_all(), tf.summary.merge_all(scope='inner'), tf.summary.merge_all('none')


if __name__ == '__main__':
    write(__file__)
