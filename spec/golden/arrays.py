"""Array files that numpy writes: files/*.npy and *.npz, one per kind of element, order and version."""

import os

import numpy as np


def arrays():
    yield 'float32', np.arange(6, dtype=np.float32).reshape(2, 3) / 4
    yield 'float64_big', np.array([1.5, -np.inf, np.nan]).astype('>f8')
    yield 'float16', np.array([1.5, -2], np.float16)
    yield 'int8', np.array([-1, 2], np.int8)
    yield 'int64', np.array([[-2**63], [2**63 - 1]])
    yield 'uint16_big', np.array([1, 65534]).astype('>u2')
    yield 'uint64', np.array(2**64 - 1, np.uint64)
    yield 'bool', np.array([[True, False]])
    yield 'complex64_big', np.array([1 + 2j, -3.5j]).astype('>c8')
    yield 'complex128', np.array([1 + 2j, -3.5j])
    yield 'text', np.array([['a', 'ünï'], ['', '𝄞x']])
    yield 'text_big', np.array(['ab', 'c']).astype('>U2')
    yield 'bytes', np.array([b'ab', b'\xff\x00\x01', b''])
    yield 'fortran', np.asfortranarray(np.arange(24, dtype=np.int32).reshape(2, 3, 4))
    yield 'fortran_complex', np.asfortranarray(np.arange(4, dtype=np.complex64).reshape(2, 2) * 1j)
    yield 'empty', np.zeros([0, 3], np.float32)
    yield 'records', np.zeros(2, [('a', np.int32), ('b', np.float32)])
    yield 'objects', np.array([1, 'x'], object)
    yield 'dates', np.array(['2020-01-01'], 'M8[D]')


if __name__ == '__main__':
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'files')
    os.makedirs(folder, exist_ok=True)
    for name, value in arrays():
        np.save(os.path.join(folder, name + '.npy'), value)
    with open(os.path.join(folder, 'version3.npy'), 'wb') as file:
        np.lib.format.write_array(file, np.arange(3, dtype=np.int16), version=(3, 0))
    parts = {'a': np.arange(3, dtype=np.float32), 'b/ü': np.array('text')}
    np.savez(os.path.join(folder, 'stored.npz'), **parts)
    np.savez_compressed(os.path.join(folder, 'deflated.npz'), **parts)
