"""Random numbers as TensorFlow's CPU kernels draw them: random.json.

    python -W ignore -m spec.golden.random    # from the repository root: rewrites it; takes about a minute

`streams` hold the successive runs of one node of one session, `graphs` the runs of several nodes of one session, `stateless`
single runs, `choices` what RandomShuffle and Multinomial draw.

What a run drew is `{size, values}` if it is little; else `{size, crc, some}`: the CRC-32 of its bytes (little endian) and the
elements whose indices are multiples of ceil(size / 6). Numbers that are not bit for bit the same with every C library
(float64 normals) have no CRC and a few more elements. 64-bit integers are strings.

Runs of a million elements are drawn with one thread and with four, which must not differ. All else is drawn with one: large
batches of Multinomial are cut into pieces, one per thread, that draw differently. Since a process has one pool of threads,
made by its first session, each number of threads has a process of its own.
"""

import json
import math
import os
import subprocess
import sys
import zlib

import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_eager_execution()
raw = tf.raw_ops

SEEDS = [(87654321, 42), (0, 2147483647), (1234, 0), (-1, -7), ((1 << 40) + 5, (1 << 62) + 3)]
SIZES = [1, 3, 4, 5, 7, 257, 0, 1000, 2]
FLOATS = ['RandomUniform', 'RandomStandardNormal', 'TruncatedNormal']
RANGES = {
    'int32': [(0, 10), (-7, 3), (-(1 << 31), (1 << 31) - 1), (5, 6), (-1000000000, 2000000000)],
    'int64': [(0, 10), (-7, 3), (-(1 << 63), (1 << 63) - 1), (5, 6), (-(1 << 40), 1 << 45)],
}
THREADS = int(os.environ.get('RANDOM_THREADS', '1'))


def session(graph):
    return tf.Session(graph=graph, config=tf.ConfigProto(
        intra_op_parallelism_threads=THREADS, inter_op_parallelism_threads=1))


def numbers(flat):
    if flat.dtype.kind == 'f':
        return [float(np.format_float_scientific(x, unique=True)) for x in flat]
    return [str(x) for x in flat] if flat.dtype.itemsize == 8 else [int(x) for x in flat]


def drawn(value, exact=True):
    """A run's numbers."""
    flat = value.reshape(-1)
    if flat.size <= 7:
        return {'size': flat.size, 'values': numbers(flat)}
    result = {'size': flat.size}
    if exact:
        result['crc'] = zlib.crc32(flat.tobytes())
    result['some'] = numbers(flat[::math.ceil(flat.size / (6 if exact else 20))])
    return result


def is_exact(op, dtype):
    return dtype != 'float64' or 'Uniform' in op


def streams():
    """Runs of one node each, all nodes side by side in one graph."""
    rows = []
    with tf.Graph().as_default() as graph:
        shape = tf.placeholder(tf.int32, [1])
        for op in FLOATS:
            for dtype in ['float32', 'float64']:
                for number, (seed, seed2) in enumerate(SEEDS):
                    node = getattr(raw, op)(shape=shape, dtype=dtype, seed=seed, seed2=seed2)
                    rows.append((node, {'op': op, 'dtype': dtype, 'seed': [str(seed), str(seed2)]},
                                 SIZES if number == 0 else [4, 5]))
        for dtype, ranges in RANGES.items():
            for number, (low, high) in enumerate(ranges):
                seed, seed2 = SEEDS[number]
                node = raw.RandomUniformInt(
                    shape=shape, minval=tf.constant(low, dtype), maxval=tf.constant(high, dtype), seed=seed, seed2=seed2)
                rows.append((node, {'op': 'RandomUniformInt', 'dtype': dtype, 'seed': [str(seed), str(seed2)],
                                    'range': [str(low), str(high)]}, SIZES if number == 2 else [4, 5, 100]))
        with session(graph) as s:
            for node, row, sizes in rows:
                exact = is_exact(row['op'], row['dtype'])
                row['runs'] = [drawn(s.run(node, {shape: [size]}), exact) for size in sizes]
                yield row


def large_streams():
    """Two runs of a million elements: kernels share them out among threads."""
    rows = []
    size = 1000003
    with tf.Graph().as_default() as graph:
        for op in FLOATS:
            for dtype in ['float32', 'float64']:
                rows.append((getattr(raw, op)(shape=[size], dtype=dtype, seed=11, seed2=12),
                             {'op': op, 'dtype': dtype, 'seed': ['11', '12']}))
        for dtype, low, high in [('int32', -5, 1000), ('int64', -5, 1 << 50)]:
            rows.append((raw.RandomUniformInt(shape=[size], minval=tf.constant(low, dtype), maxval=tf.constant(high, dtype),
                                              seed=11, seed2=12),
                         {'op': 'RandomUniformInt', 'dtype': dtype, 'seed': ['11', '12'], 'range': [str(low), str(high)]}))
        for node, row in rows:
            exact = is_exact(row['op'], row['dtype'])
            with session(graph) as s:
                row['runs'] = [drawn(s.run(node), exact) for _ in range(2)]
            yield row


def graphs():
    """Several random nodes in one session: each has a stream of its own, and only runs that need it move it on."""
    nodes = {
        'a': ('RandomUniform', 'float32', 3, 4, 5),
        'b': ('RandomUniform', 'float32', 3, 4, 5),
        'c': ('RandomUniform', 'float32', 3, 5, 2),
        'd': ('RandomStandardNormal', 'float32', 3, 4, 6),
        'e': ('TruncatedNormal', 'float32', 3, 4, 6),
        'f': ('RandomUniform', 'float64', 4, 3, 3),
    }
    fetches = ['a', 'a', 'ab', 'abc', 'cdef', 'fed', 'abcdef']
    with tf.Graph().as_default() as graph:
        built = {name: getattr(raw, op)(shape=[size], dtype=dtype, seed=seed, seed2=seed2)
                 for name, (op, dtype, seed, seed2, size) in nodes.items()}
        with session(graph) as s:
            runs = []
            for fetch in fetches:
                values = s.run({name: built[name] for name in fetch})
                runs.append({name: drawn(value) for name, value in values.items()})
            yield {'nodes': {name: dict(zip(['op', 'dtype', 'seed', 'size'], [op, dtype, [str(seed), str(seed2)], size]))
                             for name, (op, dtype, seed, seed2, size) in nodes.items()}, 'runs': runs}


STATELESS_SEEDS = [('int32', (1, 2)), ('int64', (-1, -2)), ('int32', (-5, 2147483647)), ('int64', (1 << 62, -(1 << 63)))]


def stateless():
    """Ops of the first and of the second version from the same seeds."""
    rows = []
    with tf.Graph().as_default() as graph:
        for seed_dtype, pair in STATELESS_SEEDS:
            seed = tf.constant(pair, seed_dtype)
            key, counter = raw.StatelessRandomGetKeyCounter(seed=seed)
            where = {'seed': [str(x) for x in pair]}
            rows.append(((key, counter, raw.StatelessRandomGetAlg()), {'op': 'StatelessRandomGetKeyCounter', **where}))
            v2 = dict(key=key, counter=counter)
            for size in [5, 257]:
                for op in ['StatelessRandomUniform', 'StatelessRandomNormal', 'StatelessTruncatedNormal']:
                    for dtype in ['float32', 'float64']:
                        rows.append(((getattr(raw, op)(shape=[size], seed=seed, dtype=dtype),
                                      getattr(raw, op + 'V2')(shape=[size], alg=1, dtype=dtype, **v2)),
                                     {'op': op, 'dtype': dtype, **where}))
                for dtype in ['int32', 'int64', 'uint32', 'uint64']:
                    rows.append(((raw.StatelessRandomUniformFullInt(shape=[size], seed=seed, dtype=dtype),
                                  raw.StatelessRandomUniformFullIntV2(shape=[size], alg=3, dtype=dtype, **v2)),
                                 {'op': 'StatelessRandomUniformFullInt', 'dtype': dtype, **where}))
                for dtype, ranges in RANGES.items():
                    low, high = ranges[1 if size == 5 else 4]
                    limits = dict(minval=tf.constant(low, dtype), maxval=tf.constant(high, dtype))
                    rows.append(((raw.StatelessRandomUniformInt(shape=[size], seed=seed, **limits),
                                  raw.StatelessRandomUniformIntV2(shape=[size], alg=1, **limits, **v2)),
                                 {'op': 'StatelessRandomUniformInt', 'dtype': dtype, 'range': [str(low), str(high)], **where}))
        with session(graph) as s:
            for fetch, row in rows:
                values = s.run(fetch)
                if row['op'] == 'StatelessRandomGetKeyCounter':
                    yield {**row, 'key': numbers(values[0]), 'counter': numbers(values[1]), 'alg': int(values[2])}
                    continue
                assert values[0].tobytes() == values[1].tobytes(), row
                yield {**row, 'run': drawn(values[0], is_exact(row['op'], row['dtype']))}


def logits(rows, classes):
    """Logits that a spec can make again: the same in float32 and float64 up to rounding."""
    index = np.arange(rows * classes)
    return ((index * 37 % 101) / 25 - 2).reshape(rows, classes)


def choices():
    """Permutations and classes."""
    with tf.Graph().as_default() as graph:
        size = tf.placeholder(tf.int32, [])
        rows = tf.range(size)
        shuffles = [(raw.RandomShuffle(value=rows, seed=seed, seed2=seed2), (seed, seed2)) for seed, seed2 in SEEDS[:3]]
        matrix = tf.stack([rows, rows], axis=1)
        shuffles.append((raw.RandomShuffle(value=matrix, seed=9, seed2=9)[:, 0], (9, 9)))
        with session(graph) as s:
            for node, seed in shuffles:
                runs = []
                for n in [1, 2, 5, 10, 0, 100, 5]:
                    value = s.run(node, {size: n})
                    runs.append({'size': n, 'values': numbers(value)} if n <= 10 else drawn(value))
                yield {'op': 'RandomShuffle', 'seed': [str(x) for x in seed], 'runs': runs}

    inf, nan = math.inf, math.nan
    literal = [[-inf, 0.0, nan, 1.0], [-inf, -inf, -inf, -inf], [0.0, 0.0, 0.0, 0.0], [inf, 1.0, 3.0, -500.0]]
    cases = [(1, 2, 1), (1, 3, 7), (2, 5, 3), (4, 4, 8), (7, 3, 5), (300, 10, 7), (64, 1000, 16)]
    for dtype in ['float32', 'float64']:
        for output in ['int64', 'int32']:
            if output == 'int32' and dtype == 'float64':
                continue
            for batch, classes, samples in cases + [(0, 0, 6)]:
                special = batch == 0
                value = np.array(literal, dtype) if special else logits(batch, classes).astype(dtype)
                with tf.Graph().as_default() as graph:
                    node = raw.Multinomial(logits=value, num_samples=samples, seed=5, seed2=6, output_dtype=output)
                    twin = raw.StatelessMultinomial(logits=value, num_samples=samples, seed=[8, 9], output_dtype=output)
                    with session(graph) as s:
                        runs = [drawn(s.run(node)) for _ in range(2)]
                        stateless_run = drawn(s.run(twin))
                row = {'op': 'Multinomial', 'dtype': dtype, 'output': output, 'shape': list(value.shape), 'samples': samples,
                       'seed': ['5', '6'], 'runs': runs, 'statelessSeed': ['8', '9'], 'stateless': stateless_run}
                if special:
                    row['logits'] = [[str(x).replace('inf', 'Infinity').replace('nan', 'NaN') for x in line] for line in literal]
                yield row


def in_process(name, threads):
    """The rows of a function of this module, run by another Python with that many threads."""
    environment = {**os.environ, 'RANDOM_THREADS': str(threads)}
    output = subprocess.run([sys.executable, '-W', 'ignore', '-m', 'spec.golden.random', name],
                            env=environment, check=True, stdout=subprocess.PIPE).stdout
    return json.loads(output)


def main():
    large = in_process('large_streams', 1)
    assert in_process('large_streams', 4) == large
    sections = {'streams': [*streams(), *large], 'graphs': [*graphs()], 'stateless': [*stateless()], 'choices': [*choices()]}
    text = ',\n'.join('"%s": [\n%s\n]' % (name, ',\n'.join(json.dumps(row, separators=(',', ':')) for row in rows))
                      for name, rows in sections.items())
    with open(os.path.join(os.path.dirname(__file__), 'random.json'), 'w') as file:
        file.write('{\n%s\n}\n' % text)


if __name__ == '__main__':
    if len(sys.argv) == 1:
        main()
    else:
        print(json.dumps([*globals()[sys.argv[1]]()]))
