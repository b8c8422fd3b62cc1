"""The canonical text of a TensorFlow graph, and the runner of the golden programs.

README.md beside this file specifies the text. A module of programs decorates functions with
`program` and ends with `write(__file__)`; the function's name is the program's name, the module's
name is the file's.
"""

import collections
import decimal
import json
import os
import re
import sys
import unittest.mock
import zlib

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
os.environ.setdefault('CUDA_VISIBLE_DEVICES', '')

import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.python.framework import tensor_util
from tensorflow.python.ops import variables

from ._function_defs import function_def_lines

MAX_VALUES = 64
HEAD_VALUES = 8
DRAWN_SEED = 987654321
PROGRAMS = []

tf.disable_eager_execution()
tf.logging.set_verbosity(tf.logging.ERROR)


def program(fn):
    """Registers a golden program: a function that builds in a fresh graph and returns what to list."""
    assert (fn.__module__, fn.__name__) not in [(p.__module__, p.__name__) for p in PROGRAMS], fn.__name__
    PROGRAMS.append(fn)
    return fn


# Numbers and strings.


def js_number(value, dtype=np.float64):
    """The shortest decimal that reads back as `value` in `dtype`, spelled as JavaScript's String(number)."""
    value = float(value)
    if value != value:
        return 'NaN'
    if value in (float('inf'), float('-inf')):
        return 'Infinity' if value > 0 else '-Infinity'
    if value == 0:
        return '0'
    if dtype == np.float64:
        text = repr(value)
    else:
        text = next(t for t in ('%.*e' % (p, value) for p in range(17)) if float(dtype(float(t))) == value)
    number = decimal.Decimal(text).normalize().as_tuple()
    sign = '-' if number.sign else ''
    digits = ''.join(str(d) for d in number.digits)
    point = len(digits) + number.exponent
    if len(digits) <= point <= 21:
        return sign + digits.ljust(point, '0')
    if 0 < point <= 21:
        return sign + digits[:point] + '.' + digits[point:]
    if -6 < point <= 0:
        return sign + '0.' + '0' * -point + digits
    fraction = '.' + digits[1:] if len(digits) > 1 else ''
    return '%s%s%se%+d' % (sign, digits[0], fraction, point - 1)


def quote(value):
    """A JSON string of bytes or text."""
    return json.dumps(value.decode('utf-8') if isinstance(value, bytes) else value, ensure_ascii=False)


def shape_text(shape):
    """A shape as a Python tuple; `<unknown>` for an unknown rank."""
    shape = tf.TensorShape(shape)
    if shape.rank is None:
        return '<unknown>'
    return str(tuple(shape.as_list()))


def tensor_text(proto):
    """A constant tensor: dtype[dims]{values}."""
    array = tensor_util.MakeNdarray(proto)
    name = tf.as_dtype(proto.dtype).name
    flat = array.reshape(-1)

    def one(v):
        if name == 'string':
            return quote(v)
        if name == 'bool':
            return 'true' if v else 'false'
        if np.issubdtype(array.dtype, np.integer):
            return str(int(v))
        return js_number(v, array.dtype.type)

    values = [one(v) for v in (flat if flat.size <= MAX_VALUES else flat[:HEAD_VALUES])]
    if flat.size > MAX_VALUES:
        little = array.astype(array.dtype.newbyteorder('<')) if array.dtype.kind in 'iuf' else array
        values.append('… crc32=%08x' % zlib.crc32(little.tobytes()))
    values = ['?' if v == str(DRAWN_SEED) else v for v in values]
    return '%s[%s]{%s}' % (name, ', '.join(str(d) for d in array.shape), ', '.join(values))


# Graphs.


class _Names:
    """Stable names for what TensorFlow numbers per process: functions and custom gradients."""

    def __init__(self):
        self.functions = collections.OrderedDict()
        self.gradients = {}

    def function(self, name):
        return self.functions.setdefault(name, 'fn%d' % len(self.functions))

    def gradient(self, name):
        if not re.search(r'-\d+$', name):
            return name
        return self.gradients.setdefault(name, 'grad%d' % len(self.gradients))


def attr_text(key, value, names):
    """One attribute value."""
    kind = value.WhichOneof('value')
    if kind == 'list':
        field = next(
            (f for f in ('s', 'i', 'f', 'b', 'type', 'shape', 'tensor', 'func') if getattr(value.list, f)), None
        )
        items = getattr(value.list, field) if field else []
        return '[%s]' % ', '.join(_scalar_attr(key, field, item, names) for item in items)
    return _scalar_attr(key, kind, getattr(value, kind), names)


def _scalar_attr(key, kind, value, names):
    if kind == 's':
        return quote(names.gradient(value.decode()) if key == '_gradient_op_type' else value)
    if kind == 'i':
        return str(value)
    if kind == 'f':
        return js_number(value, np.float32)
    if kind == 'b':
        return 'true' if value else 'false'
    if kind == 'type':
        return tf.as_dtype(value).name
    if kind == 'shape':
        return shape_text(value)
    if kind == 'tensor':
        return tensor_text(value)
    if kind == 'func':
        assert not value.attr, value
        return names.function(value.name)
    raise ValueError(kind)


def node_text(op, names):
    """One node's line."""
    node = op.node_def
    attrs = ', '.join('%s=%s' % (k, attr_text(k, node.attr[k], names)) for k in sorted(node.attr))
    inputs = [_short(i.name) for i in op.inputs]
    inputs += ['^' + c for c in sorted({c.name for c in op.control_inputs})]
    device = ' @' + node.device if node.device else ''
    return '%s = %s[%s](%s)%s' % (node.name, node.op, attrs, ', '.join(inputs), device)


def _short(tensor_name):
    return tensor_name[:-2] if tensor_name.endswith(':0') else tensor_name


def function_lines(name, graph, names):
    """A function: its header, then its body's nodes."""
    parameters = ['%s: %s %s' % (_argument(t.op.name), t.dtype.name, shape_text(t.shape)) for t in graph.inputs]
    results = ['out%d = %s' % (i, t.name) for i, t in enumerate(graph.outputs)]
    results += ['^' + op.name for op in graph.control_outputs]
    arguments = {t.op.name for t in graph.inputs}
    lines = ['function %s(%s) -> (%s)' % (name, ', '.join(parameters), ', '.join(results))]
    lines += ['  ' + node_text(op, names) for op in graph.get_operations() if op.name not in arguments]
    return lines


def _argument(name):
    """An argument's name; the unused ones of a loop's condition are called after the function, without its number here."""
    return re.sub(r'^.*(?=___redundant_placeholder)', '', name)


def graph_lines(graph, names):
    """The nodes of a graph, then the functions they use."""
    lines = [node_text(op, names) for op in graph.get_operations()]
    done = 0
    while done < len(names.functions):
        name, short = list(names.functions.items())[done]
        lines += function_lines(short, graph._get_function(name).graph, names)
        done += 1
    return lines


def result_lines(result):
    """One line for each thing a program returned."""
    if isinstance(result, dict):
        return [line for key in sorted(result) for line in result_lines(result[key])]
    if isinstance(result, tf.IndexedSlices):
        parts = [result.values, result.indices, result.dense_shape]
        return ['> slices(%s)' % ', '.join('none' if p is None else p.name for p in parts)]
    if isinstance(result, (list, tuple)):
        return [line for item in result for line in result_lines(item)]
    if result is None:
        return ['> none']
    if isinstance(result, tf.Operation):
        return ['> ^' + result.name]
    if isinstance(result, variables.Variable):
        return ['> %s variable %s %s' % (result.name, result.dtype.name, shape_text(result.shape))]
    if isinstance(result, tf.TensorShape):
        return ['> ' + shape_text(result)]
    if isinstance(result, tf.DType):
        return ['> ' + result.name]
    if isinstance(result, (str, bytes)):
        return ['> ' + quote(result)]
    if isinstance(result, bool):
        return ['> ' + ('true' if result else 'false')]
    if isinstance(result, (int, float)):
        return ['> ' + js_number(result)]
    return ['> %s %s %s' % (result.name, result.dtype.name, shape_text(result.shape))]


def collection_lines(graph):
    """The collections that hold something with a name."""
    lines = []
    for key in sorted(k for k in graph.get_all_collection_keys() if not k.startswith('__')):
        items = [item.name for item in graph.get_collection(key) if hasattr(item, 'name')]
        if items:
            lines.append('% ' + key + ': ' + ', '.join(items))
    return lines


def program_text(fn):
    """The text of one program, built in a fresh graph, and that of its function library; '' without functions."""
    names = _Names()
    graph = tf.Graph()
    with graph.as_default(), unittest.mock.patch('random.randint', return_value=DRAWN_SEED):
        result = fn()
        lines = ['## ' + fn.__name__]
        lines += graph_lines(graph, names) + result_lines(result) + collection_lines(graph)
        functions = function_def_lines(graph.as_graph_def(), names, attr_text, lambda t: tf.as_dtype(t).name)
    text = '\n'.join(lines) + '\n'
    return text, '\n'.join(['## ' + fn.__name__] + functions) + '\n' if functions else ''


def write(module_file):
    """Writes graphs/<module>.txt with every program of the module, and function_defs/<module>.txt with the functions of
    those that have some; each must give the same text twice."""
    area = os.path.splitext(os.path.basename(module_file))[0]
    path = os.path.join(os.path.dirname(os.path.abspath(module_file)), 'graphs', area + '.txt')
    texts = []
    functions = []
    for fn in (p for p in PROGRAMS if p.__code__.co_filename == module_file):
        text, library = program_text(fn)
        assert (text, library) == program_text(fn), 'not deterministic: ' + fn.__name__
        texts.append(text)
        if library:
            functions.append(library)
    with open(path, 'w', encoding='utf-8') as file:
        file.write('\n'.join(texts))
    if functions:
        with open(path.replace('/graphs/', '/function_defs/'), 'w', encoding='utf-8') as file:
            file.write('\n'.join(functions))
    print('%s: %d programs' % (area, len(texts)), file=sys.stderr)
