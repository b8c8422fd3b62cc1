"""Values of activations, bias, softmax and cross-entropies."""

import numpy as np

from ._op_values import case, numbers, write

NAN, INF = np.nan, np.inf
edges = np.array([NAN, INF, -INF, -1, 0, 6, -0.0, 100, -100, 7, 0.5, -0.25, 20, -20, 13.9, -13.9, 1e-8], np.float32)
for op in ('Relu', 'Relu6', 'Elu', 'Selu', 'LeakyRelu', 'Softplus', 'Softsign'):
    case(op, 'edges', features=edges)
    case(op, 'float64', features=numbers(2, 3, seed=1, dtype=np.float64, scale=2))
case('LeakyRelu', 'another slope', {'alpha': 0.3}, features=edges)
for op in ('Relu', 'Relu6'):
    for dtype in (np.int32, np.int64, np.int8, np.uint8):
        case(op, np.dtype(dtype).name, features=numbers(6, seed=2, dtype=dtype, low=0 if dtype == np.uint8 else -8, high=12))
for op, of in [('ReluGrad', 'features'), ('Relu6Grad', 'features'), ('EluGrad', 'outputs'), ('SeluGrad', 'outputs'),
               ('LeakyReluGrad', 'features'), ('SoftplusGrad', 'features'), ('SoftsignGrad', 'features')]:
    case(op, 'edges', gradients=numbers(*edges.shape, seed=3), **{of: edges})
    case(op, 'float64', gradients=numbers(4, seed=4, dtype=np.float64), **{of: numbers(4, seed=5, dtype=np.float64)})
case('ReluGrad', 'int64', gradients=numbers(5, seed=6, dtype=np.int64), features=numbers(5, seed=7, dtype=np.int64))
case('LeakyReluGrad', 'another slope', {'alpha': 0.3}, gradients=numbers(4, seed=8), features=numbers(4, seed=9))

x = numbers(2, 3, 2, 4, seed=10)
for op in ('BiasAdd', 'BiasAddV1'):
    case(op, 'rank 4', value=x, bias=numbers(4, seed=11))
    case(op, 'rank 2', value=numbers(2, 3, seed=12), bias=numbers(3, seed=13))
    case(op, 'int32', value=numbers(2, 3, seed=12, dtype=np.int32), bias=numbers(3, seed=13, dtype=np.int32))
case('BiasAdd', 'int64', value=numbers(2, 3, seed=12, dtype=np.int64), bias=numbers(3, seed=13, dtype=np.int64))
case('BiasAdd', 'uint8, wrapping around', value=np.array([[250, 3]], np.uint8), bias=np.array([10, 255], np.uint8))
case('BiasAdd', 'NCHW', {'data_format': 'NCHW'}, value=x, bias=numbers(3, seed=14))
case('BiasAdd', 'no rows', value=np.zeros([0, 3], np.float32), bias=numbers(3, seed=15))
case('BiasAddGrad', 'rank 4', out_backprop=x)
case('BiasAddGrad', 'NCHW', {'data_format': 'NCHW'}, out_backprop=x)
case('BiasAddGrad', 'no rows', out_backprop=np.zeros([0, 3], np.float32))
case('BiasAddGrad', 'int32', out_backprop=numbers(4, 3, seed=16, dtype=np.int32))
case('L2Loss', 'matrix', t=numbers(2, 3, seed=17))
case('L2Loss', 'float64 scalar', t=np.float64(3))
case('L2Loss', 'empty', t=np.zeros([0], np.float32))

logits = np.array([[1, 2, 3], [1000, 1, -1000], [0, 0, 0], [-INF, 1, 2], [INF, 1, 2], [NAN, 1, 2], [-INF, -INF, -INF]], np.float32)
for op in ('Softmax', 'LogSoftmax'):
    case(op, 'rows', logits=logits)
    case(op, 'float64, rank 3', logits=numbers(2, 2, 3, seed=18, dtype=np.float64))
    case(op, 'vector', logits=numbers(4, seed=19))
    case(op, 'no classes', logits=np.zeros([2, 0], np.float32))
labels = np.abs(numbers(7, 3, seed=20))
case('SoftmaxCrossEntropyWithLogits', 'rows', features=logits, labels=labels)
case('SoftmaxCrossEntropyWithLogits', 'float64', features=numbers(3, 4, seed=21, dtype=np.float64), labels=np.abs(numbers(3, 4, seed=22, dtype=np.float64)))
case('SoftmaxCrossEntropyWithLogits', 'one row of labels', features=numbers(3, 4, seed=21), labels=np.abs(numbers(1, 4, seed=22)))
case('SoftmaxCrossEntropyWithLogits', 'a vector of labels', features=numbers(3, 4, seed=21), labels=np.abs(numbers(4, seed=22)))
case('SoftmaxCrossEntropyWithLogits', 'one row of logits', features=numbers(1, 4, seed=21), labels=np.abs(numbers(3, 4, seed=22)))
case('SoftmaxCrossEntropyWithLogits', 'no rows', features=np.zeros([0, 3], np.float32), labels=np.zeros([0, 3], np.float32))
case('SparseSoftmaxCrossEntropyWithLogits', 'rows', features=logits, labels=np.array([0, 1, 2, 1, 2, 1, 0], np.int32))
case('SparseSoftmaxCrossEntropyWithLogits', 'int64, float64', features=numbers(3, 4, seed=23, dtype=np.float64), labels=np.array([3, 0, 2], np.int64))
case('SparseSoftmaxCrossEntropyWithLogits', 'no rows', features=np.zeros([0, 3], np.float32), labels=np.zeros([0], np.int64))

if __name__ == '__main__':
    write(__file__)
