"""Values of convolutions and their gradients, where TensorFlow's CPU kernels have them."""

import numpy as np

from ._op_values import case, numbers, write

x, w = numbers(2, 5, 6, 3, seed=1), numbers(3, 2, 3, 4, seed=2)


def attrs(padding='VALID', strides=(1, 1), dilations=(1, 1), explicit=None):
    """The attributes of a two-dimensional convolution."""
    made = {'strides': [1, *strides, 1], 'padding': padding, 'dilations': [1, *dilations, 1]}
    return {**made, 'explicit_paddings': explicit} if explicit else made


EXPLICIT = [0, 0, 1, 2, 3, 0, 0, 0]

case('Conv2D', 'valid', attrs(), input=x, filter=w)
case('Conv2D', 'same', attrs('SAME'), input=x, filter=w)
case('Conv2D', 'same, strides 2 and 3', attrs('SAME', (2, 3)), input=x, filter=w)
case('Conv2D', 'valid, strides 2', attrs('VALID', (2, 2)), input=x, filter=w)
case('Conv2D', 'explicit padding', attrs('EXPLICIT', (2, 1), explicit=EXPLICIT), input=x, filter=w)
case('Conv2D', 'dilated', attrs('VALID', dilations=(2, 3)), input=x, filter=w)
case('Conv2D', 'dilated, same', attrs('SAME', (1, 2), (2, 3)), input=x, filter=w)
case('Conv2D', 'grouped', attrs(), input=numbers(1, 3, 3, 4, seed=3), filter=numbers(2, 2, 2, 6, seed=4))
case('Conv2D', 'float64', attrs(), input=x.astype(np.float64), filter=w.astype(np.float64))
case('Conv2D', 'int32', attrs('SAME'), input=numbers(1, 3, 3, 2, seed=5, dtype=np.int32), filter=numbers(2, 2, 2, 3, seed=6, dtype=np.int32))
case('Conv2D', 'int32, wrapping around', attrs(), input=np.full([1, 1, 1, 2], 2**30, np.int32), filter=np.full([1, 1, 2, 1], 3, np.int32))
case('Conv2D', '1 by 1', attrs(), input=x, filter=numbers(1, 1, 3, 5, seed=7))
case('Conv2D', 'no pictures', attrs(), input=np.zeros([0, 5, 6, 3], np.float32), filter=w)
case('Conv2D', 'no output channels', attrs(), input=x, filter=np.zeros([3, 2, 3, 0], np.float32))

for name, given, grad in [
    ('valid', attrs(), [2, 3, 5, 4]),
    ('same', attrs('SAME'), [2, 5, 6, 4]),
    ('same, strides 2 and 3', attrs('SAME', (2, 3)), [2, 3, 2, 4]),
    ('valid, strides 2', attrs('VALID', (2, 2)), [2, 2, 3, 4]),
    ('explicit padding', attrs('EXPLICIT', (2, 1), explicit=EXPLICIT), [2, 3, 8, 4]),
]:
    dy = numbers(*grad, seed=8)
    case('Conv2DBackpropInput', name, given, input_sizes=np.array(x.shape, np.int32), filter=w, out_backprop=dy)
    case('Conv2DBackpropFilter', name, given, input=x, filter_sizes=np.array(w.shape, np.int32), out_backprop=dy)
case('Conv2DBackpropInput', 'spatial sizes only', attrs(), input_sizes=np.array([5, 6], np.int32), filter=w, out_backprop=numbers(2, 3, 5, 4, seed=8))
case('Conv2DBackpropFilter', 'no pictures', attrs(), input=np.zeros([0, 5, 6, 3], np.float32),
     filter_sizes=np.array(w.shape, np.int32), out_backprop=np.zeros([0, 3, 5, 4], np.float32))

d = numbers(3, 2, 3, 2, seed=9)
for name, given, grad in [
    ('valid', attrs(), [2, 3, 5, 6]),
    ('same, strides 2', attrs('SAME', (2, 2)), [2, 3, 3, 6]),
    ('explicit padding', attrs('EXPLICIT', explicit=EXPLICIT), [2, 6, 8, 6]),
]:
    dy = numbers(*grad, seed=10)
    case('DepthwiseConv2dNative', name, given, input=x, filter=d)
    case('DepthwiseConv2dNativeBackpropInput', name, given, input_sizes=np.array(x.shape, np.int32), filter=d, out_backprop=dy)
    case('DepthwiseConv2dNativeBackpropFilter', name, given, input=x, filter_sizes=np.array(d.shape, np.int32), out_backprop=dy)
case('DepthwiseConv2dNative', 'float64', attrs(), input=x.astype(np.float64), filter=d.astype(np.float64))

v, u = numbers(1, 3, 4, 3, 2, seed=11), numbers(2, 2, 2, 2, 3, seed=12)
for name, given, grad in [
    ('valid', {'strides': [1, 1, 1, 1, 1], 'padding': 'VALID'}, [1, 2, 3, 2, 3]),
    ('same, strides', {'strides': [1, 2, 1, 2, 1], 'padding': 'SAME'}, [1, 2, 4, 2, 3]),
]:
    dy = numbers(*grad, seed=13)
    case('Conv3D', name, given, input=v, filter=u)
    case('Conv3DBackpropInputV2', name, given, input_sizes=np.array(v.shape, np.int32), filter=u, out_backprop=dy)
    case('Conv3DBackpropFilterV2', name, given, input=v, filter_sizes=np.array(u.shape, np.int32), out_backprop=dy)

if __name__ == '__main__':
    write(__file__)
