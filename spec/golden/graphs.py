"""Rewrites every file of golden graphs."""

import importlib

from ._text import write

AREAS = [
    'dropout',
    'dropout_layer',
    'layers',
    'batch_normalization',
    'variables',
    'initializers',
    'variable_scopes',
    'scopes',
    'operators',
    'ops',
    'array_ops',
    'nn_ops',
    'gradients',
    'math_gradients',
    'array_gradients',
    'losses',
    'optimizers',
    'control_flow',
    'control_flow_gradients',
    'metrics',
    'random_ops',
    'saver',
]


if __name__ == '__main__':
    for area in AREAS:
        write(importlib.import_module('spec.golden.' + area).__file__)
