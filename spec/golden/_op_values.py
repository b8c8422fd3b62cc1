"""Values of single ops: what TensorFlow computes for given inputs and attributes, as JSON that specs read back.

    {"op": "MatMul", "title": "…", "inputs": {"a": array, …}, "attrs": {…}, "outputs": [array, …]}

An array is {"dtype", "shape", "data"}; NaN and infinities are written as strings, and so is every 64-bit integer. A list of
tensors (for `N * T`) is a list of arrays. spec/support/opValues.ts makes a row of each.
"""

import json
import os

import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_eager_execution()

_CASES = []


def numbers(*shape, seed=0, dtype=np.float32, low=-8, high=9, scale=4):
    """Multiples of 1/4 in [-2, 2]: their products and short sums are exact in float32."""
    drawn = np.random.RandomState(seed).randint(low, high, shape)
    return (drawn / scale).astype(dtype) if np.issubdtype(dtype, np.floating) else drawn.astype(dtype)


def case(op, title, attrs=None, **inputs):
    """Runs a raw op and keeps what it was given and what it gave. Inputs are fed, so that the op's kernel computes."""
    attrs = attrs or {}
    feed = {}

    def fed(value):
        value = np.asarray(value)
        tensor = tf.placeholder(value.dtype, value.shape)
        feed[tensor] = value
        return tensor

    with tf.Graph().as_default(), tf.Session() as session:
        tensors = {k: [fed(v) for v in x] if isinstance(x, list) else fed(x) for k, x in inputs.items()}
        made = getattr(tf.raw_ops, op)(**tensors, **attrs)
        outputs = session.run(list(made) if isinstance(made, tuple) else [made], feed)
    _CASES.append({
        'op': op,
        'title': title,
        'inputs': {k: [array(v) for v in x] if isinstance(x, list) else array(x) for k, x in inputs.items()},
        'attrs': {k: _attr(v) for k, v in attrs.items()},
        'outputs': [array(output) for output in outputs],
    })


def _attr(value):
    return {'dtype': value.name} if isinstance(value, tf.DType) else value


def array(value):
    """An array as JSON."""
    value = np.asarray(value)
    return {'dtype': value.dtype.name, 'shape': list(value.shape), 'data': [_element(v) for v in value.ravel()]}


def _element(value):
    if value.dtype.kind == 'f':
        if not np.isfinite(value):
            return 'NaN' if np.isnan(value) else 'Infinity' if value > 0 else '-Infinity'
        whole = value == np.trunc(value) and abs(value) < 2**53 and not (value == 0 and np.signbit(value))
        return int(value) if whole else float(str(value))
    if value.dtype.kind == 'b':
        return bool(value)
    return str(value) if value.dtype.itemsize == 8 else int(value)


def write(path):
    """Writes the cases of a module `values_<area>` to values/<area>.json."""
    area = os.path.basename(path)[len('values_'):-len('.py')]
    folder = os.path.join(os.path.dirname(os.path.abspath(path)), 'values')
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, f'{area}.json'), 'w', encoding='utf-8') as file:
        file.write('[\n' + ',\n'.join(json.dumps(entry) for entry in _CASES) + '\n]\n')
