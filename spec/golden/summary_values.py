"""What summary ops compute: programs by name, each a serialized Summary, as base64 in values/summary.json.

Pictures are not compared byte for byte: their PNG files are replaced by the pixels in them.
"""

import base64
import json
import os

import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_eager_execution()

VALUES = {}


def keep(name, build):
    with tf.Graph().as_default(), tf.Session() as session:
        data = session.run(build())
        summary = tf.Summary.FromString(data)
        images = [value.image for value in summary.value if value.HasField('image')]
        for image in images:
            image.encoded_image_string = session.run(tf.image.decode_png(image.encoded_image_string)).tobytes()
        VALUES[name] = base64.b64encode(summary.SerializeToString() if images else data).decode()


def wave(count):
    """Numbers in [-1, 1] that are the same on every processor."""
    return (np.arange(count) * 7919 % 1009 - 504) / 504.0


raw = tf.raw_ops
keep('scalar', lambda: tf.summary.scalar('loss', 0.1))
keep('scalar of float64', lambda: tf.summary.scalar('loss', np.float64(0.1)))
keep('scalar of int64', lambda: tf.summary.scalar('loss', np.int64(2**40 + 1)))
keep('scalars', lambda: raw.ScalarSummary(tags=['a', 'b', ''], values=[1.5, np.nan, 0.0]))
keep('histogram', lambda: tf.summary.histogram('h', (wave(1000) * 3).astype(np.float32)))
keep('histogram of float64', lambda: tf.summary.histogram('h', np.array([(i * 7919 % 1009 - 504) * 2.0 ** (i * 37 % 180 - 90) for i in range(200)])))
keep('histogram of int64', lambda: tf.summary.histogram('h', np.arange(-5, 90, dtype=np.int64) ** 3))
keep('histogram of nothing', lambda: tf.summary.histogram('h', np.zeros([0], np.float32)))
keep('histogram at limits', lambda: tf.summary.histogram('h', np.array([0, -0.0, 1e-12, -1e-12, 1e-13, 1e20, -1e20, 1e300, -1e300])))
keep('image of bytes', lambda: tf.summary.image('i', (np.arange(2 * 3 * 5 * 3) % 251).astype(np.uint8).reshape(2, 3, 5, 3), max_outputs=1))
keep('image of floats', lambda: tf.summary.image('i', np.abs(wave(4 * 6 * 6)).astype(np.float32).reshape(4, 6, 6, 1)))
keep('image of signed floats', lambda: tf.summary.image('i', (wave(2 * 25 * 4) * 7).astype(np.float32).reshape(2, 5, 5, 4)))
keep('image of float64', lambda: tf.summary.image('i', wave(2 * 25 * 3).reshape(2, 5, 5, 3)))
bad = wave(27).astype(np.float32)
bad[[3, 13]] = np.nan, np.inf
keep('image with bad pixels', lambda: tf.summary.image('i', bad.reshape(1, 3, 3, 3)))
keep('black image', lambda: tf.summary.image('i', np.full([1, 2, 2, 1], 1e-7, np.float32)))
keep('no image', lambda: tf.summary.image('i', np.zeros([0, 2, 2, 1], np.float32)))
keep('audio', lambda: tf.summary.audio('a', (wave(60) * 1.2).astype(np.float32).reshape(2, 15, 2), 22050.5))
keep('one audio', lambda: tf.summary.audio('a', np.array([[0.5, -0.5, 1, -1, 0.5 / 32768, -0.5 / 32768]], np.float32), 0.2, max_outputs=1))
keep('silent audio', lambda: tf.summary.audio('a', np.zeros([1, 0], np.float32), 8000))
keep('text', lambda: tf.summary.text('t', tf.constant([['a', 'b'], ['ü', '']])))
keep('tensor', lambda: tf.summary.tensor_summary('t', np.arange(6, dtype=np.int16).reshape(2, 3), 'what', display_name='shown'))
keep('tensor of nothing', lambda: tf.summary.tensor_summary('t', np.zeros([0, 2], np.float32)))
keep('merge', lambda: tf.summary.merge([tf.summary.scalar('a', 1.0), tf.summary.text('b', tf.constant('x')), raw.MergeSummary(inputs=[['', '']])]))

if __name__ == '__main__':
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'values')
    with open(os.path.join(folder, 'summary.json'), 'w', encoding='utf-8') as file:
        json.dump(VALUES, file, indent=1)
        file.write('\n')
