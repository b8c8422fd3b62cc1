"""Values of pooling and its gradients."""

import numpy as np
import tensorflow.compat.v1 as tf

from ._op_values import case, numbers, write


def attrs(ksize=(2, 2), strides=(2, 2), padding='VALID', explicit=None, **more):
    """The attributes of a two-dimensional pooling."""
    made = {'ksize': [1, *ksize, 1], 'strides': [1, *strides, 1], 'padding': padding, **more}
    return {**made, 'explicit_paddings': explicit} if explicit else made


def pooled(op, given, **inputs):
    """The output of an op, for the gradients to refer to."""
    with tf.Graph().as_default(), tf.Session() as session:
        return session.run(getattr(tf.raw_ops, op)(**{k: tf.constant(v) for k, v in inputs.items()}, **given))


x = numbers(2, 5, 6, 3, seed=1)
VARIANTS = [
    ('valid', attrs()),
    ('same, overlapping', attrs((3, 2), (2, 1), 'SAME')),
    ('valid, gaps', attrs((1, 2), (2, 3))),
]
EXPLICIT = attrs((2, 2), (1, 2), 'EXPLICIT', [0, 0, 1, 0, 1, 1, 0, 0])
for name, given in VARIANTS:
    y = pooled('MaxPool', given, input=x)
    dy, dx = numbers(*y.shape, seed=2), numbers(*x.shape, seed=3)
    case('MaxPool', name, given, input=x)
    case('MaxPoolGrad', name, given, orig_input=x, orig_output=y, grad=dy)
    case('MaxPoolGradGrad', name, given, orig_input=x, orig_output=y, grad=dx)
    case('MaxPoolWithArgmax', name, given, input=x)
    argmax = pooled('MaxPoolWithArgmax', given, input=x).argmax
    case('MaxPoolGradWithArgmax', name, given, input=x, grad=dy, argmax=argmax)
    case('AvgPool', name, given, value=x)
    case('AvgPoolGrad', name, given, orig_input_shape=np.array(x.shape, np.int32), grad=dy)
y = pooled('MaxPool', EXPLICIT, input=x)
case('MaxPool', 'explicit padding', EXPLICIT, input=x)
case('MaxPoolGrad', 'explicit padding', EXPLICIT, orig_input=x, orig_output=y, grad=numbers(*y.shape, seed=2))
case('MaxPoolWithArgmax', 'over the batch, int32', attrs(include_batch_in_index=True, Targmax=tf.int32), input=x)
argmax = pooled('MaxPoolWithArgmax', attrs(include_batch_in_index=True), input=x).argmax
case('MaxPoolGradWithArgmax', 'over the batch', attrs(include_batch_in_index=True), input=x, grad=numbers(2, 2, 3, 3, seed=2), argmax=argmax)
for dtype in (np.float64, np.int32, np.int64, np.uint8, np.int8):
    low = 0 if dtype == np.uint8 else -8
    case('MaxPool', np.dtype(dtype).name, attrs(), input=numbers(1, 4, 4, 2, seed=4, dtype=dtype, low=low))
case('AvgPool', 'float64', attrs(), value=x.astype(np.float64))
case('MaxPool', 'of channels', {'ksize': [1, 1, 1, 2], 'strides': [1, 1, 1, 2], 'padding': 'VALID'}, input=numbers(1, 2, 2, 4, seed=5))
case('MaxPool', 'ties', attrs(), input=np.ones([1, 2, 2, 1], np.float32))
case('MaxPoolGrad', 'ties', attrs(), orig_input=np.ones([1, 2, 2, 1], np.float32), orig_output=np.ones([1, 1, 1, 1], np.float32),
     grad=np.ones([1, 1, 1, 1], np.float32))
case('MaxPool', 'NaN and infinities', attrs((1, 2), (1, 2)), input=np.array([[[[np.nan], [1], [1], [np.nan], [-np.inf], [-np.inf], [np.inf], [0]]]], np.float32))
case('MaxPoolWithArgmax', 'NaN and infinities', attrs((1, 2), (1, 2)),
     input=np.array([[[[np.nan], [1], [1], [np.nan], [-np.inf], [-np.inf], [np.inf], [0]]]], np.float32))
case('AvgPool', 'no pictures', attrs(), value=np.zeros([0, 4, 4, 1], np.float32))

v = numbers(1, 4, 3, 4, 2, seed=6)
for name, given in [
    ('valid', {'ksize': [1, 2, 2, 2, 1], 'strides': [1, 2, 1, 2, 1], 'padding': 'VALID'}),
    ('same', {'ksize': [1, 3, 2, 2, 1], 'strides': [1, 2, 2, 2, 1], 'padding': 'SAME'}),
]:
    y = pooled('MaxPool3D', given, input=v)
    dy = numbers(*y.shape, seed=7)
    case('MaxPool3D', name, given, input=v)
    case('MaxPool3DGrad', name, given, orig_input=v, orig_output=y, grad=dy)
    case('MaxPool3DGradGrad', name, given, orig_input=v, orig_output=y, grad=numbers(*v.shape, seed=8))
    case('AvgPool3D', name, given, input=v)
    case('AvgPool3DGrad', name, given, orig_input_shape=np.array(v.shape, np.int32), grad=dy)

if __name__ == '__main__':
    write(__file__)
