"""Values of elementwise ops, comparisons, reductions and scans as TensorFlow computes them: values/<family>.json.

    python -W ignore -m spec.golden.values_math    # from the repository root: rewrites all of them

A file is a JSON list of rows `{op, title, attrs, inputs, outputs}`, one per line. An array is `{dtype, shape, data}`
with flat data; floats that JSON cannot hold are the strings NaN, Infinity, -Infinity and -0, 64-bit integers are strings.
Inputs are fed, so that the kernels compute and not the constant folding of a graph optimizer.
"""

import json
import math
import os

import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.python.framework import op_def_library

tf.disable_eager_execution()

NAN, INF = float('nan'), float('inf')
families = {}


def number(value):
    """A float as JSON, shortest in its own dtype."""
    if np.isnan(value):
        return 'NaN'
    if np.isinf(value):
        return 'Infinity' if value > 0 else '-Infinity'
    if value == 0 and math.copysign(1, value) < 0:
        return '-0'
    return float(np.format_float_scientific(value, unique=True))


def array(value):
    """An array as JSON."""
    value = np.asarray(value)
    kind = value.dtype.kind
    flat = value.reshape(-1)
    if kind == 'f':
        data = [number(v) for v in flat]
    elif kind == 'b':
        data = [bool(v) for v in flat]
    elif kind in 'OS':
        data = [v.decode() for v in flat]
    else:
        data = [str(v) if value.dtype.itemsize == 8 else int(v) for v in flat]
    return {'dtype': 'string' if kind in 'OS' else value.dtype.name, 'shape': list(value.shape), 'data': data}


def case(family, op, title, *inputs, **attrs):
    """Runs one op and records the row; not for dtypes that TensorFlow has no kernel for."""
    arrays = [np.asarray(value) for value in inputs]
    with tf.Graph().as_default():
        fed = [tf.placeholder(tf.string if a.dtype.kind == 'O' else a.dtype, a.shape) for a in arrays]
        names = [arg.name for arg in op_def(op).input_arg]
        tensors = {names[0]: fed} if op_def(op).input_arg[0].number_attr else dict(zip(names, fed))
        typed = {name: tf.as_dtype(value) if kind(op, name) == 'type' else value for name, value in attrs.items()}
        out = op_def_library.apply_op(op, **tensors, **{**defaults(op), **typed})
        outs = list(out) if isinstance(out, (list, tuple)) else [out]
        with tf.Session() as session:
            try:
                got = session.run(outs, dict(zip(fed, arrays)))
            except tf.errors.InvalidArgumentError as error:
                if 'No OpKernel was registered' not in str(error):
                    raise
                return
    row = {'op': op, 'title': title, 'attrs': attrs, 'inputs': [array(a) for a in arrays], 'outputs': [array(g) for g in got]}
    families.setdefault(family, []).append(row)


def op_def(op):
    from tensorflow.python.framework import op_def_registry

    return op_def_registry.get(op)


def defaults(op):
    """The attributes that no input decides, at their defaults."""
    inferred = {arg.type_attr for arg in op_def(op).input_arg}
    values = {}
    for attr in op_def(op).attr:
        if attr.name not in inferred and attr.HasField('default_value'):
            field = {'bool': 'b', 'float': 'f', 'type': 'type'}[attr.type]
            values[attr.name] = getattr(attr.default_value, field)
    return values


def kind(op, name):
    return next(attr.type for attr in op_def(op).attr if attr.name == name)


def f32(value):
    return np.array(value, np.float32)


def f64(value):
    return np.array(value, np.float64)


def i32(value):
    return np.array(value, np.int32)


def i64(value):
    return np.array(value, np.int64)


# Elementwise functions of one tensor.

SPECIAL = [NAN, INF, -INF, 0.0, -0.0]
WIDE = [-3.5, -2.5, -1.5, -1.0, -0.5, -0.1, 0.1, 0.3, 0.5, 1.0, 1.5, 2.5, 7.25, 40.0, 1e-8, -1e-8]
POSITIVE = [1e-8, 0.1, 0.3, 0.5, 1.0, 1.5, 2.5, 7.25, 40.0, 1e10]
UNIT = [-1.0, -0.9, -0.5, -1e-8, 0.1, 0.3, 0.75, 1.0]


def unary(family, op, values):
    for make in (f32, f64):
        case(family, op, make.__name__, make(values))
        case(family, op, f'{make.__name__}, special values', make(SPECIAL))
    case(family, op, 'no elements', f32([]).reshape([2, 0]))
    case(family, op, 'scalar', f64(0.625))


for name in ['Abs', 'Neg', 'Sign', 'Square', 'Exp', 'Expm1', 'Tanh', 'Sigmoid', 'Floor', 'Ceil', 'Round', 'Rint']:
    unary('unary', name, WIDE)
for name in ['Reciprocal', 'Inv', 'IsNan', 'IsInf', 'IsFinite']:
    unary('unary', name, WIDE)
for name in ['Sqrt', 'Rsqrt', 'Log']:
    unary('unary', name, POSITIVE)
    case('unary', name, 'outside of the domain', f64([-1.0, -1e-9]))
unary('unary', 'Log1p', POSITIVE + [-0.5, -0.999, -1.0, -2.0])
for name in ['Abs', 'Neg', 'Sign', 'Square', 'Round']:
    for dtype in [np.int8, np.int16, np.int32, np.int64]:
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
        case('unary', name, np.dtype(dtype).name, np.array([[low, -7, -1], [0, 5, high]], dtype))
for dtype in [np.uint8, np.uint16, np.uint32, np.uint64]:
    case('unary', 'Square', np.dtype(dtype).name, np.array([0, 3, 200, np.iinfo(dtype).max], dtype))
for name in ['SqrtGrad', 'RsqrtGrad', 'ReciprocalGrad', 'InvGrad', 'TanhGrad', 'SigmoidGrad']:
    case('unary', name, 'f32', f32([[0.5, 0.75], [-0.25, 2.0]]), f32([[1.0, -2.0], [3.0, 0.5]]))
    case('unary', name, 'f64', f64([0.5, 0.75, -0.25]), f64([1.0, -2.0, 3.0]))
    case('unary', name, 'no elements', f32([]), f32([]))

for name in ['Sin', 'Cos', 'Tan', 'Atan', 'Sinh', 'Cosh', 'Asinh']:
    unary('trigonometric', name, WIDE)
for name in ['Asin', 'Acos', 'Atanh']:
    unary('trigonometric', name, UNIT)
unary('trigonometric', 'Acosh', [1.0, 1.25, 2.0, 50.0])
case('trigonometric', 'Atan2', 'quadrants', f64([1.0, 1.0, -1.0, -1.0, 0.0, -0.0]), f64([1.0, -1.0, 1.0, -1.0, -1.0, -1.0]))
case('trigonometric', 'Atan2', 'broadcast', f32([[1.0], [-2.0]]), f32([0.5, -0.5, 0.0]))

for name in ['Erf', 'Erfc']:
    unary('special', name, WIDE + [3.0, 4.5, 6.0, -6.0, 10.0, 25.0])
unary('special', 'Erfinv', [-0.999999, -0.9, -0.5, -1e-8, 1e-12, 0.1, 0.3, 0.75, 0.99])
case('special', 'Erfinv', 'ends', f64([-1.0, 1.0, 1.5]))
unary('special', 'Ndtri', [1e-20, 1e-8, 0.01, 0.25, 0.5, 0.75, 0.999])
case('special', 'Ndtri', 'ends', f64([0.0, 1.0, -0.5]))
unary('special', 'Lgamma', [-3.5, -2.5, -0.5, 1e-8, 0.1, 0.5, 1.0, 1.5, 2.0, 2.5, 9.75, 40.0, 1e5, 1e10])
case('special', 'Lgamma', 'poles', f64([0.0, -1.0, -2.0]))
unary('special', 'Digamma', [-3.5, -2.25, -0.5, 1e-4, 0.1, 0.5, 1.0, 1.4616321449683622, 2.5, 9.75, 40.0, 1e5])
case('special', 'Digamma', 'poles', f64([0.0, -1.0, -2.0]))
case('special', 'Polygamma', 'f64', f64([[1.0], [2.0], [3.0]]), f64([0.25, 0.5, 1.0, 3.5, 20.0]))
case('special', 'Polygamma', 'f32', f32(1.0), f32([0.25, 0.5, 1.0, 3.5, 20.0]))
case('special', 'Polygamma', 'order 0 and no order', f64([0.0, 1.5]), f64([1.25, 1.25]))
case('special', 'Zeta', 'f64', f64([[1.5], [2.0], [5.0]]), f64([0.25, 0.5, 1.0, 3.5, 20.0]))
case('special', 'Zeta', 'f32', f32([2.0, 3.0]), f32([1.0, 0.5]))
case('special', 'Zeta', 'outside of the domain', f64([1.0, 0.5, 2.5, 2.0, 2.0]), f64([2.0, 2.0, -0.5, -2.0, -0.5]))

# Casts.

NUMBERS = ['float32', 'float64', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'bool']
for source in NUMBERS:
    for target in NUMBERS:
        if source == 'bool':
            values = np.array([[True, False]])
        elif source.startswith('float'):
            values = np.array([0.0, 1.0, 1.75, 100.5, 127.0] + ([] if target.startswith('u') else [-1.0, -1.75, -100.5]), source)
        else:
            info = np.iinfo(source)
            values = np.array([info.min, 0, 1, 100, info.max] + ([] if source.startswith('u') else [-1, -100]), source)
        case('cast', 'Cast', f'{source} to {target}', values, DstT=target)
case('cast', 'Cast', 'not finite to float', f32(SPECIAL), DstT='float64')
case('cast', 'Cast', 'not finite to bool', f32(SPECIAL), DstT='bool')
case('cast', 'Cast', 'out of range of int32', f64([1e10, -1e10, NAN, INF, -INF]), DstT='int32')
case('cast', 'Cast', 'out of range of int64', f64([1e20, -1e20, NAN, INF, -INF]), DstT='int64')
case('cast', 'Cast', 'rounds to float32', f64([0.1, 1e300, -1e300, 1e-320]), DstT='float32')
case('cast', 'Cast', 'large int64 to float', i64([2**53 + 1, -(2**62) - 1]), DstT='float64')
case('cast', 'Cast', 'no elements', f32([]).reshape([0, 3]), DstT='int32')

# Arithmetic of two tensors.

A = [7.5, -7.5, 7.5, -7.5, 1.0, -1.0, 0.0, NAN, INF, -INF, 5.0, -5.0]
B = [2.0, 2.0, -2.0, -2.0, 0.0, 0.0, 0.0, 1.0, 2.0, 2.0, INF, INF]
FLOATS = ['AddV2', 'Sub', 'Mul', 'Div', 'RealDiv', 'FloorDiv', 'TruncateDiv', 'FloorMod', 'Mod', 'TruncateMod', 'DivNoNan', 'MulNoNan']
FLOATS += ['Pow', 'Maximum', 'Minimum', 'SquaredDifference', 'Xdivy', 'Xlogy', 'Xlog1py', 'Add']
for name in FLOATS:
    case('binary', name, 'f32', f32(A), f32(B))
    case('binary', name, 'f64', f64(A), f64(B))
    case('binary', name, 'operands exchanged', f64(B), f64(A))
    case('binary', name, 'row', f32([[1.5, 2.0, 3.0], [0.5, 0.25, 4.0]]), f32([2.0, 0.5, 1.5]))
    case('binary', name, 'column and row', f64([[1.5], [2.0]]), f64([2.0, 0.5, 1.5]))
    case('binary', name, 'scalar left', f32(2.0), f32([[1.5, 2.0], [3.0, 0.5]]))
    case('binary', name, 'scalar right', f32([[1.5, 2.0], [3.0, 0.5]]), f32(2.0))
    case('binary', name, 'middle axis', f64([[[1.5, 2.0]], [[3.0, 0.5]]]), f64([[1.0, 2.0], [3.0, 4.0], [0.5, 0.25]]))
    case('binary', name, 'no elements', f32([]).reshape([0, 3]), f32([1.0, 2.0, 3.0]))
for name in ['AddV2', 'Sub', 'Mul', 'Div', 'FloorDiv', 'TruncateDiv', 'FloorMod', 'Maximum', 'Minimum', 'Mod', 'TruncateMod', 'Pow', 'SquaredDifference', 'Add']:
    allowed = [tf.as_dtype(t).name for t in next(a for a in op_def(name).attr if a.name == 'T').allowed_values.list.type]
    for dtype in ['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64']:
        if dtype not in allowed:
            continue
        high = np.iinfo(dtype).max
        if dtype.startswith('u'):
            values = ([high, high, 200, 7, 3], [2, 7, 100, 9, 3])
        elif name == 'Pow':
            values = ([2, -3, 10, 0, 7, 0], [7, 5, 10, 0, 1, 3])
        else:
            values = ([high, high, 7, -7, 7, -7, 6, -6], [2, 7, 3, 3, -3, -3, 3, -3])
        case('binary', name, dtype, np.array(values[0], dtype), np.array(values[1], dtype))
case('binary', 'Pow', 'special cases', f64([-8.0, -8.0, 0.0, 0.0, 1.0, 1.0, -1.0, 2.0, NAN]), f64([1 / 3, 2.0, 0.0, -1.0, NAN, INF, INF, -INF, 0.0]))
case('binary', 'Xlogy', 'zero times a singularity', f64([0.0, 0.0, 0.0, 2.0]), f64([0.0, -1.0, NAN, 3.0]))
case('binary', 'Xlog1py', 'zero times a singularity', f64([0.0, 0.0, 0.0, 2.0]), f64([-1.0, -2.0, NAN, 3.0]))
case('binary', 'Xdivy', 'zero times a singularity', f64([0.0, 0.0, 0.0, 2.0]), f64([0.0, -1.0, NAN, 4.0]))
case('binary', 'Maximum', 'not a number', f32([NAN, 1.0, NAN]), f32([1.0, NAN, NAN]))
case('binary', 'Minimum', 'not a number', f32([NAN, 1.0, NAN]), f32([1.0, NAN, NAN]))
case('binary', 'Add', 'strings', np.array([b'a', b'b'], object), np.array(b'c', object))
case('binary', 'AddN', 'three', f32([1.0, 2.0]), f32([10.0, 20.0]), f32([100.0, 200.0]))
case('binary', 'AddN', 'one', i64([1, 2]))
case('binary', 'AddN', 'int32', i32([[1], [2]]), i32([[2**31 - 1], [5]]))
case('binary', 'ClipByValue', 'scalar bounds', f32([1.0, NAN, -5.0, 5.0]), f32(0.0), f32(2.0))
case('binary', 'ClipByValue', 'elementwise bounds', f64([1.0, 2.0]), f64([0.0, 5.0]), f64(3.0))
case('binary', 'ClipByValue', 'int32', i32([[1, 9], [-4, 3]]), i32(0), i32([[0, 5], [6, 2]]))

for name in ['BitwiseAnd', 'BitwiseOr', 'BitwiseXor']:
    for dtype in ['int8', 'int32', 'int64', 'uint8', 'uint32', 'uint64']:
        case('bitwise', name, dtype, np.array([[5, 127], [0, 12]], dtype), np.array([3, 100], dtype))
    case('bitwise', name, 'negative', i32([-1, -8]), i32([6, 13]))
for dtype in ['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64']:
    bits = np.dtype(dtype).itemsize * 8
    case('bitwise', 'Invert', dtype, np.array([0, 1, 5, 127], dtype))
    case('bitwise', 'LeftShift', dtype, np.array([1, 3, 1, 1], dtype), np.array([0, 4, bits - 1, 2], dtype))
    case('bitwise', 'RightShift', dtype, np.array([127, 64, 5, 100], dtype), np.array([0, 4, bits - 1, 2], dtype))
for name in ['LeftShift', 'RightShift']:
    case('bitwise', name, 'too far', i32([1, -8, 8]), i32([40, 33, -1]))
    case('bitwise', name, 'negative', np.array([-8, -1], np.int8), np.array([1, 3], np.int8))

# Comparison and logic.

for name in ['Equal', 'NotEqual', 'Less', 'LessEqual', 'Greater', 'GreaterEqual']:
    case('compare', name, 'f32', f32([1.0, 2.0, NAN, INF, 0.0]), f32([1.0, 3.0, NAN, INF, -0.0]))
    case('compare', name, 'f64 row', f64([[1.0, 2.0], [3.0, 4.0]]), f64([1.0, 4.0]))
    case('compare', name, 'scalar', f32([[1.0, 2.0]]), f32(1.5))
    case('compare', name, 'column and row', i32([[1], [2]]), i32([1, 2, 3]))
    case('compare', name, 'int64', i64([1, 2**60, 2**60]), i64([2, 2**60, 2**60 + 1]))
    case('compare', name, 'uint8', np.array([1, 200], np.uint8), np.array([200, 200], np.uint8))
    case('compare', name, 'no elements', f32([]), f32(1.0))
for name in ['Equal', 'NotEqual']:
    case('compare', name, 'bool', np.array([True, False]), np.array([[True], [False]]))
    case('compare', name, 'strings', np.array([b'a', b'b'], object), np.array([b'a', b'c'], object))
    case('compare', name, 'incompatible shapes allowed', f32([1.0, 2.0]), f32([1.0, 2.0, 3.0]), incompatible_shape_error=False)
    case('compare', name, 'compatible shapes', f32([1.0, 2.0]), f32([1.0, 3.0]), incompatible_shape_error=False)
case('compare', 'ApproximateEqual', 'f32', f32([1.0, 2.0, NAN]), f32([1.2, 3.0, NAN]), tolerance=0.5)
case('compare', 'ApproximateEqual', 'f64', f64([1.0, 2.0]), f64([1.0 + 5e-6, 2.1]))
for name in ['LogicalAnd', 'LogicalOr']:
    case('compare', name, 'table', np.array([[True], [False]]), np.array([True, False]))
    case('compare', name, 'same shape', np.array([True, False]), np.array([True, True]))
    case('compare', name, 'no elements', np.zeros([0], bool), np.array(True))
case('compare', 'LogicalNot', 'vector', np.array([True, False]))
case('compare', 'LogicalNot', 'scalar', np.array(True))
X, Y = f32([[1.0, 2.0], [3.0, 4.0]]), f32([[-1.0, -2.0], [-3.0, -4.0]])
case('compare', 'Select', 'elementwise', np.array([[True, False], [False, True]]), X, Y)
case('compare', 'Select', 'rows', np.array([True, False]), X, Y)
case('compare', 'Select', 'scalar condition', np.array(False), X, Y)
case('compare', 'Select', 'strings', np.array([True, False]), np.array([b'a', b'b'], object), np.array([b'c', b'd'], object))
case('compare', 'Select', 'no elements', np.zeros([0], bool), f32([]), f32([]))
case('compare', 'SelectV2', 'elementwise', np.array([[True, False], [False, True]]), X, Y)
case('compare', 'SelectV2', 'row condition', np.array([True, False]), X, Y)
case('compare', 'SelectV2', 'column condition, scalar', np.array([[True], [False]]), X, f32(0.0))
case('compare', 'SelectV2', 'all broadcast', np.array([[True], [False]]), i64([1, 2, 3]), i64([[[9]], [[8]]]))
case('compare', 'SelectV2', 'no elements', np.zeros([0, 1], bool), f32([1.0, 2.0]), f32(0.0))

# Reductions.

CUBE = np.arange(24, dtype=np.float32).reshape([2, 3, 4]) / 4 - 2
AXES = [[0], [1], [2], [-1], [0, 1], [1, 2], [0, 2], [2, 0], [0, 1, 2], []]
for name in ['Sum', 'Mean', 'Prod', 'Max', 'Min', 'EuclideanNorm']:
    for axes in AXES:
        case('reduce', name, f'axes {axes}', CUBE, i32(axes))
    case('reduce', name, 'keep_dims', CUBE.astype(np.float64), i32([0, 2]), keep_dims=True)
    case('reduce', name, 'scalar axis, int64', CUBE, i64(1))
    case('reduce', name, 'scalar input', f64(3.5), i32([]))
    case('reduce', name, 'empty axis', f32([]).reshape([0, 2]), i32([0]))
    case('reduce', name, 'no elements left', f32([]).reshape([0, 2]), i32([1]))
    case('reduce', name, 'not a number', f32([[NAN, 1.0], [2.0, 3.0], [4.0, NAN]]), i32([0]))
    case('reduce', name, 'infinite', f64([[INF, 1.0], [2.0, -INF]]), i32([1]))
    for dtype in ['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64']:
        values = [[7, 4, 2], [9, 3, 5]] if dtype.startswith('u') else [[7, -4, 2], [-9, -3, 5]]
        case('reduce', name, dtype, np.array(values, dtype), i32([1]))
    for dtype in ['int32', 'int64']:
        case('reduce', name, f'empty {dtype}', np.zeros([0, 2], dtype), i32([0]))
case('reduce', 'Sum', 'int32 wraps', i32([2**31 - 1, 2**31 - 1, 5]), i32([0]))
case('reduce', 'Prod', 'int32 wraps', i32([123456789, 987654321, 7]), i32([0]))
case('reduce', 'Sum', 'uint8 wraps', np.array([200, 100, 3], np.uint8), i32([0]))
for name in ['All', 'Any']:
    table = np.array([[True, False, True], [True, True, True], [False, False, False]])
    for axes in [[0], [1], [-1], [0, 1], []]:
        case('reduce', name, f'axes {axes}', table, i32(axes))
    case('reduce', name, 'keep_dims', table, i32(1), keep_dims=True)
    case('reduce', name, 'empty', np.zeros([0, 2], bool), i32([0]))
for name in ['ArgMax', 'ArgMin']:
    for axis in [0, 1, 2, -1]:
        case('reduce', name, f'axis {axis}', np.sin(CUBE * 7), i32(axis))
    case('reduce', name, 'ties', f32([1.0, 3.0, 3.0, 1.0]), i32(0))
    case('reduce', name, 'int32 output', i64([[1, 5, 2], [7, 3, 7]]), i64(1), output_type='int32')
    case('reduce', name, 'not a number', f32([[1.0, NAN, 2.0], [NAN, 1.0, 2.0], [NAN, NAN, NAN]]), i32(1))
    case('reduce', name, 'bool', np.array([False, True, True]), i32(0))
    case('reduce', name, 'no elements left', f32([]).reshape([2, 0]), i32(0))
    case('reduce', name, 'uint8', np.array([[1, 200], [100, 100]], np.uint8), i32(1))
case('reduce', 'ArgMax', 'int16 output', f32([[1.0, 5.0]]), i32(1), output_type='int16')

for name in ['Cumsum', 'Cumprod', 'CumulativeLogsumexp']:
    for axis in [0, 1, 2, -2]:
        case('scan', name, f'axis {axis}', CUBE.astype(np.float64), i32(axis))
    for exclusive in [False, True]:
        for reverse in [False, True]:
            case('scan', name, f'exclusive {exclusive}, reverse {reverse}', f32([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), i64(1), exclusive=exclusive, reverse=reverse)
    case('scan', name, 'no elements', f32([]).reshape([0, 2]), i32(0))
    case('scan', name, 'empty axis', f32([]).reshape([2, 0]), i32(1))
for name in ['Cumsum', 'Cumprod']:
    for dtype in ['int8', 'int32', 'int64', 'uint8']:
        case('scan', name, dtype, np.array([100, 100, 2, 3], dtype), i32(0))
case('scan', 'CumulativeLogsumexp', 'minus infinity', f32([-INF, -INF, 1.0]), i32(0))

# Broadcasting itself.

for s0, s1 in [([2, 1, 3], [1, 3]), ([1, 1], [1]), ([2, 3], [2, 3]), ([], [2, 3]), ([1, 3], [2, 3]), ([1, 3], [1, 1]), ([0, 3], [1, 3]), ([2, 3, 1], [3, 5])]:
    case('broadcast', 'BroadcastGradientArgs', f'{s0} and {s1}', i32(s0), i32(s1))
    case('broadcast', 'BroadcastArgs', f'{s0} and {s1}', i32(s0), i32(s1))
case('broadcast', 'BroadcastGradientArgs', 'int64', i64([2, 1]), i64([3]))
case('broadcast', 'BroadcastArgs', 'int64', i64([2, 1]), i64([3]))
case('broadcast', 'BroadcastTo', 'row', f32([1.0, 2.0, 3.0]), i32([2, 3]))
case('broadcast', 'BroadcastTo', 'column', i64([[1], [2]]), i64([2, 3]))
case('broadcast', 'BroadcastTo', 'scalar', f64(2.5), i32([2, 2]))
case('broadcast', 'BroadcastTo', 'scalar to scalar', f64(2.5), i32([]))
case('broadcast', 'BroadcastTo', 'middle', f32([[[1.0, 2.0]], [[3.0, 4.0]]]), i32([2, 2, 2, 2]))
case('broadcast', 'BroadcastTo', 'to nothing', f32([[1.0, 2.0]]), i32([0, 2]))
case('broadcast', 'BroadcastTo', 'bool', np.array([True, False]), i32([2, 2]))
case('broadcast', 'BroadcastTo', 'strings', np.array([b'a', b'b'], object), i32([2, 2]))


if __name__ == '__main__':
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'values')
    for family, rows in families.items():
        with open(os.path.join(folder, f'{family}.json'), 'w', encoding='utf-8') as file:
            file.write('[\n' + ',\n'.join(json.dumps(row) for row in rows) + '\n]\n')
