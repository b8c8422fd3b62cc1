"""Values of batch normalization and local response normalization."""

import numpy as np

from ._op_values import case, numbers, write

x, scale, offset = numbers(2, 3, 2, 3, seed=1), numbers(3, seed=2), numbers(3, seed=3)
mean, variance = numbers(3, seed=4), np.abs(numbers(3, seed=5)) + np.float32(0.5)
none = np.zeros([0], np.float32)
first = x.transpose(0, 3, 1, 2).copy()
for op in ('FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3'):
    case(op, 'training', x=x, scale=scale, offset=offset, mean=none, variance=none)
    case(op, 'training, averaged', {'exponential_avg_factor': 0.25, 'epsilon': 0.01}, x=x, scale=scale, offset=offset, mean=mean, variance=variance)
    case(op, 'inference', {'is_training': False}, x=x, scale=scale, offset=offset, mean=mean, variance=variance)
    case(op, 'training, NCHW', {'data_format': 'NCHW'}, x=first, scale=scale, offset=offset, mean=none, variance=none)
    case(op, 'one element', x=numbers(1, 1, 1, 3, seed=6), scale=scale, offset=offset, mean=none, variance=none)
case('FusedBatchNormV3', 'NDHWC', {'data_format': 'NDHWC'}, x=numbers(1, 2, 2, 2, 2, seed=7), scale=numbers(2, seed=8), offset=numbers(2, seed=9), mean=none, variance=none)
case('FusedBatchNormV3', 'no pictures', x=np.zeros([0, 2, 2, 3], np.float32), scale=scale, offset=offset, mean=none, variance=none)
dy = numbers(2, 3, 2, 3, seed=10)
for op in ('FusedBatchNormGrad', 'FusedBatchNormGradV2', 'FusedBatchNormGradV3'):
    more = {'reserve_space_3': none} if op.endswith('V3') else {}
    given = {'x': x, 'scale': scale, 'reserve_space_1': x.mean((0, 1, 2)), 'reserve_space_2': x.var((0, 1, 2)), **more}
    case(op, 'training', y_backprop=dy, **given)
    case(op, 'inference', {'is_training': False}, y_backprop=dy, **given)
    case(op, 'training, NCHW', {'data_format': 'NCHW'}, y_backprop=dy.transpose(0, 3, 1, 2).copy(), **{**given, 'x': first})
case('FusedBatchNormGradV3', 'no pictures', y_backprop=np.zeros([0, 2, 2, 3], np.float32), x=np.zeros([0, 2, 2, 3], np.float32), scale=scale,
     reserve_space_1=mean, reserve_space_2=variance, reserve_space_3=none)

image = numbers(1, 2, 2, 7, seed=11)
attrs = {'depth_radius': 2, 'bias': 2.0, 'alpha': 0.5, 'beta': 0.75}
case('LRN', 'defaults', input=image)
case('LRN', 'all given', attrs, input=image)
case('LRN', 'radius 0', {'depth_radius': 0}, input=image)
case('LRNGrad', 'defaults', input_grads=numbers(1, 2, 2, 7, seed=12), input_image=image, output_image=numbers(1, 2, 2, 7, seed=13))
case('LRNGrad', 'all given', attrs, input_grads=numbers(1, 2, 2, 7, seed=12), input_image=image, output_image=numbers(1, 2, 2, 7, seed=13))

if __name__ == '__main__':
    write(__file__)
