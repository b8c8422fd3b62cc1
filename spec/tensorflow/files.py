"""Reads the files that files.spec.ts wrote into a folder, says what is in them, and writes files of its own beside them.

    python files.py FOLDER

FOLDER/ours holds `log` (event files), `records.*` and `*.npy`, `*.npz`. The answer, one JSON object on standard output, says what
TensorBoard, TensorFlow and numpy read there, and what was written to FOLDER/theirs.
"""

import base64
import json
import os
import sys

from run import encode  # Before TensorFlow: it sets the environment.

import numpy as np
import tensorflow.compat.v1 as tf
from google.protobuf import json_format
from tensorboard.backend.event_processing import data_ingester, event_accumulator, event_file_loader
from tensorboard import context

COMPRESSIONS = ('', 'GZIP', 'ZLIB')


class Flags:
    """What TensorBoard's command line gives the ingester."""

    logdir_spec = ''
    samples_per_plugin = {}
    purge_orphaned_data = True
    max_reload_threads = 1
    reload_interval = 0
    reload_task = 'blocking'
    reload_multifile = False
    reload_multifile_inactive_secs = 0
    detect_file_replacement = False
    generic_data = 'auto'

    def __init__(self, logdir):
        self.logdir = logdir


def pixels(png):
    with tf.Graph().as_default(), tf.Session() as session:
        return encode(session.run(tf.image.decode_png(png)))


def log(folder):
    """What TensorBoard's loader, accumulator and ingester see."""
    accumulator = event_accumulator.EventAccumulator(folder, {key: 0 for key in event_accumulator.DEFAULT_SIZE_GUIDANCE})
    accumulator.Reload()
    tags = accumulator.Tags()
    files = sorted(os.listdir(folder))
    events = [event for name in files for event in event_file_loader.EventFileLoader(os.path.join(folder, name)).Load()]
    ingester = data_ingester.LocalDataIngester(Flags(folder))
    ingester.start()
    scalars = ingester.data_provider.read_scalars(
        context.RequestContext(), experiment_id='', plugin_name='scalars', downsample=1000)
    return {
        'files': files,
        'tags': {key: sorted(value) if isinstance(value, list) else value for key, value in tags.items()},
        'versions': [event.file_version for event in events if event.HasField('file_version')],
        'count': len(events),
        'scalars': {tag: [[e.step, e.value] for e in accumulator.Scalars(tag)] for tag in tags['scalars']},
        'histograms': {
            tag: [[e.step, e.histogram_value.min, e.histogram_value.max, e.histogram_value.num, e.histogram_value.sum,
                   e.histogram_value.sum_squares, list(e.histogram_value.bucket_limit), list(e.histogram_value.bucket)]
                  for e in accumulator.Histograms(tag)] for tag in tags['histograms']},
        'images': {tag: [[e.width, e.height, pixels(e.encoded_image_string)] for e in accumulator.Images(tag)]
                   for tag in tags['images']},
        'audio': {tag: [[e.sample_rate, e.length_frames, e.content_type] for e in accumulator.Audio(tag)]
                  for tag in tags['audio']},
        'tensors': {tag: [[e.step, encode(tf.make_ndarray(e.tensor_proto))] for e in accumulator.Tensors(tag)]
                    for tag in tags['tensors']},
        'plugins': {tag: accumulator.SummaryMetadata(tag).plugin_data.plugin_name for tag in tags['tensors']},
        'nodes': [node.name for node in accumulator.Graph().node],
        'metaNodes': [node.name for node in accumulator.MetaGraph().graph_def.node],
        'runs': {tag: json_format.MessageToDict(accumulator.RunMetadata(tag)) for tag in tags['run_metadata']},
        'ingested': {run: {tag: [[d.step, d.value] for d in data] for tag, data in by_tag.items()}
                     for run, by_tag in scalars.items()},
    }


def records(folder):
    def read(compression):
        path = os.path.join(folder, 'records.' + (compression or 'NONE'))
        return [base64.b64encode(record).decode() for record in tf.io.tf_record_iterator(path, options=compression)]

    return {compression: read(compression) for compression in COMPRESSIONS}


def examples(folder):
    """The examples of a record file, field by field; and each written again by TensorFlow."""
    found = []
    for record in tf.io.tf_record_iterator(os.path.join(folder, 'examples')):
        example = tf.train.Example.FromString(record)
        found.append({'json': json_format.MessageToDict(example), 'bytes': base64.b64encode(example.SerializeToString(deterministic=True)).decode()})
    return found


def wire(value):
    """An array as it travels; text as UTF-8."""
    if value.dtype.kind == 'U':
        value = np.array([text.encode() for text in value.reshape(-1).tolist()], object).reshape(value.shape)
    return encode(value)


def arrays(folder):
    found = {name: np.load(os.path.join(folder, name)) for name in sorted(os.listdir(folder)) if name.endswith('.npy')}
    for name in sorted(os.listdir(folder)):
        if name.endswith('.npz'):
            with np.load(os.path.join(folder, name)) as archive:
                found.update({name + '#' + key: archive[key] for key in archive.files})
    return {name: wire(value) for name, value in found.items()}


def write_log(folder):
    """A run logged by TensorFlow; returns the summaries as JSON."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 3], name='x')
        tf.summary.scalar('mean', tf.reduce_mean(x))
        tf.summary.histogram('values', x)
        tf.summary.text('note', tf.constant('hello'))
        merged = tf.summary.merge_all()
        with tf.Session() as session, tf.summary.FileWriter(folder, graph, filename_suffix='.theirs') as writer:
            metadata = tf.RunMetadata()
            for step in range(4):
                feed = {x: np.arange(6, dtype=np.float32).reshape(2, 3) * step}
                options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
                writer.add_summary(session.run(merged, feed, options, metadata), step)
            writer.add_run_metadata(metadata, 'last', 3)
            writer.add_session_log(tf.SessionLog(status=tf.SessionLog.STOP), 4)
    (name,) = os.listdir(folder)
    return [json_format.MessageToDict(event) for event in tf.train.summary_iterator(os.path.join(folder, name))]


def random_array(dtype, shape, random):
    bits = random.randint(0, 256, int(np.prod(shape, dtype=int)) * np.dtype(dtype).itemsize, np.uint8)
    array = np.frombuffer(bits.tobytes(), dtype).reshape(shape)
    return (array & 1).astype(bool) if dtype == np.uint8 and len(shape) == 1 else array


def write_arrays(folder):
    random = np.random.RandomState(1)
    written = {}
    for dtype in 'f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 c8 c16'.split():
        for shape in [(), (0, 2), (5,), (2, 3, 2)]:
            for order in 'CF':
                for endian in '<>':
                    value = np.array(random_array(dtype, shape, random).astype(endian + dtype if dtype[1:] != '1' else dtype), order=order)
                    name = '%s-%s-%s-%s.npy' % (dtype, 'x'.join(map(str, shape)), order, 'le' if endian == '<' else 'be')
                    np.save(os.path.join(folder, name), value)
                    written[name] = wire(value.astype(value.dtype.newbyteorder('=')))
    return written


def main(folder):
    ours, theirs = os.path.join(folder, 'ours'), os.path.join(folder, 'theirs')
    os.makedirs(theirs)
    answer = {
        'log': log(os.path.join(ours, 'log')),
        'records': records(ours),
        'arrays': arrays(ours),
        'examples': examples(ours),
        'theirLog': write_log(os.path.join(theirs, 'log')),
        'theirArrays': write_arrays(theirs),
    }
    for compression in COMPRESSIONS:
        with tf.io.TFRecordWriter(os.path.join(theirs, 'records.' + (compression or 'NONE')), compression) as writer:
            for record in answer['records'][compression]:
                writer.write(base64.b64decode(record))
    print(json.dumps(answer))


if __name__ == '__main__':
    tf.disable_eager_execution()
    main(sys.argv[1])
