"""Rewrites every file of golden graphs."""

import importlib

from ._text import write

AREAS = [
    'dropout',
    'layers',
    'variables',
    'scopes',
    'operators',
    'ops',
    'nn_ops',
    'gradients',
]


if __name__ == '__main__':
    for area in AREAS:
        write(importlib.import_module('spec.golden.' + area).__file__)
