"""Record files that TensorFlow writes: files/records.tfrecord, plain and compressed as a whole."""

import os

import tensorflow.compat.v1 as tf

RECORDS = [b'first', b'', b'\x00\xff' * 40, 'ünï'.encode(), b'z' * 3000]

if __name__ == '__main__':
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'files')
    os.makedirs(folder, exist_ok=True)
    for suffix, compression in ('', ''), ('.gz', 'GZIP'), ('.zlib', 'ZLIB'):
        with tf.io.TFRecordWriter(os.path.join(folder, 'records.tfrecord' + suffix), compression) as writer:
            for record in RECORDS:
                writer.write(record)
