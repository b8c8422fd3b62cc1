"""Values of matrix decompositions, from TensorFlow. Writes values/linalg.json.

    python -W ignore -m spec.golden.values_linalg
"""

import json
import os

import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_eager_execution()


def main():
    rng = np.random.RandomState(0)
    inputs = {
        'square': rng.randn(3, 3),
        'tall': rng.randn(4, 2),
        'wide': rng.randn(2, 4),
        'batch': rng.randn(2, 3, 2),
        'triangular': np.triu(rng.randn(3, 3)),
        'zero column': np.array([[0.0, 1.0], [0.0, 2.0], [0.0, -3.0]]),
        'one column': rng.randn(3, 1),
        'one row': rng.randn(1, 3),
        'one element': np.array([[-2.0]]),
    }
    cases = []
    for title, value in inputs.items():
        for dtype in ['float32', 'float64']:
            for full in [False, True]:
                with tf.Graph().as_default(), tf.Session() as session:
                    given = value.astype(dtype)
                    q, r = session.run(tf.raw_ops.Qr(input=given, full_matrices=full))
                cases.append({
                    'title': title,
                    'dtype': dtype,
                    'full': full,
                    'input': given.tolist(),
                    'q': q.tolist(),
                    'r': r.tolist(),
                })
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'values', 'linalg.json')
    with open(path, 'w') as out:
        out.write('[\n' + ',\n'.join(json.dumps(c) for c in cases) + '\n]\n')


if __name__ == '__main__':
    main()
