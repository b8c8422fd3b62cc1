"""Values of the optimizers' update ops, from TensorFlow: the variable and its slots after two steps. Writes values/training.json.

    python -W ignore -m spec.golden.values_training
"""

import json
import os

import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.python.ops import gen_training_ops

tf.disable_eager_execution()

# Op, its name in TensorFlow's Python, slots, hyper-parameters in order (`None` stands for the gradient), attributes.
DENSE = [
    ('ResourceApplyGradientDescent', 'resource_apply_gradient_descent', [], [('alpha', 0.1), None], {}),
    ('ResourceApplyMomentum', 'resource_apply_momentum', ['accum'], [('lr', 0.1), None, ('momentum', 0.9)], {}),
    ('ResourceApplyMomentum', 'resource_apply_momentum', ['accum'], [('lr', 0.1), None, ('momentum', 0.9)], {'use_nesterov': True}),
    ('ResourceApplyKerasMomentum', 'resource_apply_keras_momentum', ['accum'], [('lr', 0.1), None, ('momentum', 0.9)], {}),
    ('ResourceApplyKerasMomentum', 'resource_apply_keras_momentum', ['accum'], [('lr', 0.1), None, ('momentum', 0.9)], {'use_nesterov': True}),
    ('ResourceApplyAdagrad', 'resource_apply_adagrad', ['accum'], [('lr', 0.1), None], {}),
    ('ResourceApplyAdagrad', 'resource_apply_adagrad', ['accum'], [('lr', 0.1), None], {'update_slots': False}),
    ('ResourceApplyAdagradV2', 'resource_apply_adagrad_v2', ['accum'], [('lr', 0.1), ('epsilon', 1e-3), None], {}),
    ('ResourceApplyAdam', 'resource_apply_adam', ['m', 'v'], [('beta1_power', 0.9), ('beta2_power', 0.999), ('lr', 0.01), ('beta1', 0.9), ('beta2', 0.999), ('epsilon', 1e-8), None], {}),
    ('ResourceApplyAdam', 'resource_apply_adam', ['m', 'v'], [('beta1_power', 0.9), ('beta2_power', 0.999), ('lr', 0.01), ('beta1', 0.9), ('beta2', 0.999), ('epsilon', 1e-8), None], {'use_nesterov': True}),
    ('ResourceApplyRMSProp', 'resource_apply_rms_prop', ['ms', 'mom'], [('lr', 0.1), ('rho', 0.9), ('momentum', 0.5), ('epsilon', 1e-10), None], {}),
    ('ResourceApplyCenteredRMSProp', 'resource_apply_centered_rms_prop', ['mg', 'ms', 'mom'], [('lr', 0.1), ('rho', 0.9), ('momentum', 0.5), ('epsilon', 1e-3), None], {}),
    ('ResourceApplyAdadelta', 'resource_apply_adadelta', ['accum', 'accum_update'], [('lr', 0.5), ('rho', 0.95), ('epsilon', 1e-6), None], {}),
    ('ResourceApplyFtrl', 'resource_apply_ftrl', ['accum', 'linear'], [None, ('lr', 0.3), ('l1', 0.1), ('l2', 0.2), ('lr_power', -0.5)], {}),
    ('ResourceApplyFtrl', 'resource_apply_ftrl', ['accum', 'linear'], [None, ('lr', 0.3), ('l1', 0.1), ('l2', 0.2), ('lr_power', -0.7)], {}),
    ('ResourceApplyFtrl', 'resource_apply_ftrl', ['accum', 'linear'], [None, ('lr', 0.3), ('l1', 0.1), ('l2', 0.2), ('lr_power', -0.5)], {'multiply_linear_by_lr': True}),
    ('ResourceApplyFtrlV2', 'resource_apply_ftrl_v2', ['accum', 'linear'], [None, ('lr', 0.3), ('l1', 0.1), ('l2', 0.2), ('l2_shrinkage', 0.3), ('lr_power', -0.5)], {}),
    ('ResourceApplyProximalGradientDescent', 'resource_apply_proximal_gradient_descent', [], [('alpha', 0.1), ('l1', 0.2), ('l2', 0.3), None], {}),
    ('ResourceApplyProximalGradientDescent', 'resource_apply_proximal_gradient_descent', [], [('alpha', 0.1), ('l1', 0.0), ('l2', 0.3), None], {}),
    ('ResourceApplyProximalAdagrad', 'resource_apply_proximal_adagrad', ['accum'], [('lr', 0.1), ('l1', 0.2), ('l2', 0.3), None], {}),
]

SPARSE = [
    ('ResourceSparseApplyMomentum', 'resource_sparse_apply_momentum', ['accum'], [('lr', 0.1), None, ('momentum', 0.9)], {}),
    ('ResourceSparseApplyMomentum', 'resource_sparse_apply_momentum', ['accum'], [('lr', 0.1), None, ('momentum', 0.9)], {'use_nesterov': True}),
    ('ResourceSparseApplyKerasMomentum', 'resource_sparse_apply_keras_momentum', ['accum'], [('lr', 0.1), None, ('momentum', 0.9)], {}),
    ('ResourceSparseApplyAdagrad', 'resource_sparse_apply_adagrad', ['accum'], [('lr', 0.1), None], {}),
    ('ResourceSparseApplyAdagradV2', 'resource_sparse_apply_adagrad_v2', ['accum'], [('lr', 0.1), ('epsilon', 1e-3), None], {}),
    ('ResourceSparseApplyRMSProp', 'resource_sparse_apply_rms_prop', ['ms', 'mom'], [('lr', 0.1), ('rho', 0.9), ('momentum', 0.5), ('epsilon', 1e-10), None], {}),
    ('ResourceSparseApplyCenteredRMSProp', 'resource_sparse_apply_centered_rms_prop', ['mg', 'ms', 'mom'], [('lr', 0.1), ('rho', 0.9), ('momentum', 0.5), ('epsilon', 1e-3), None], {}),
]


def initial(slot, shape, dtype):
    """Values that no slot divides by zero or takes the root of a negative number with."""
    base = np.linspace(-1.5, 1.4, int(np.prod(shape))).reshape(shape)
    values = {None: base, 'linear': base * 0.7, 'mg': base * 0.1, 'mom': base * 0.05, 'm': base * 0.2}
    return values.get(slot, np.abs(base) * 0.3 + 0.2).astype(dtype)


def case(op, function, slots, parameters, attrs, dtype, shape, indices):
    tensors = [initial(slot, shape, dtype) for slot in [None] + slots]
    grad_shape = shape if indices is None else [len(indices)] + shape[1:]
    grads = [np.cos(np.arange(np.prod(grad_shape)) * 1.3 + k).reshape(grad_shape).astype(dtype) for k in range(2)]
    with tf.Graph().as_default(), tf.Session() as session:
        variables = [tf.Variable(value) for value in tensors]
        session.run(tf.global_variables_initializer())
        for grad in grads:
            arguments = []
            for parameter in parameters:
                arguments.append(tf.constant(grad if parameter is None else parameter[1], dtype))
                if parameter is None and indices is not None:
                    arguments.append(tf.constant(indices, tf.int32))
            session.run(getattr(gen_training_ops, function)(*[v.handle for v in variables], *arguments, **attrs))
        want = session.run(variables)
    return {
        'op': op,
        'dtype': dtype,
        'shape': shape,
        'attrs': attrs,
        'slots': slots,
        'parameters': {p[0]: p[1] for p in parameters if p is not None},
        'gradient': 'delta' if 'GradientDescent' in op else 'grad',
        'indices': indices,
        'state': [value.ravel().tolist() for value in tensors],
        'grads': [grad.ravel().tolist() for grad in grads],
        'want': [value.ravel().tolist() for value in want],
    }


def main():
    cases = []
    for dtype in ['float32', 'float64']:
        for row in DENSE:
            cases.append(case(*row, dtype, [2, 3], None))
        for row in SPARSE:
            cases.append(case(*row, dtype, [4, 3], [2, 0, 3]))
            cases.append(case(*row, dtype, [4], [1, 1, 3]))
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'values', 'training.json')
    with open(path, 'w') as out:
        out.write('[\n' + ',\n'.join(json.dumps(c) for c in cases) + '\n]\n')


if __name__ == '__main__':
    main()
