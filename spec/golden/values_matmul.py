"""Values of matrix products and Einstein sums."""

import numpy as np

from ._op_values import case, numbers, write

a, b = numbers(5, 7, seed=1), numbers(7, 6, seed=2)
case('MatMul', 'plain', a=a, b=b)
case('MatMul', 'a transposed', {'transpose_a': True}, a=a.T.copy(), b=b)
case('MatMul', 'b transposed', {'transpose_b': True}, a=a, b=b.T.copy())
case('MatMul', 'both transposed', {'transpose_a': True, 'transpose_b': True}, a=a.T.copy(), b=b.T.copy())
case('MatMul', 'float64', a=a.astype(np.float64), b=b.astype(np.float64))
case('MatMul', 'int32, wrapping around', a=np.array([[2**30, 7]], np.int32), b=np.array([[3], [-2]], np.int32))
case('MatMul', 'int64, wrapping around', a=np.array([[2**62, 7]], np.int64), b=np.array([[3], [-2]], np.int64))
case('MatMul', 'no depth: zeros', a=np.zeros([2, 0], np.float32), b=np.zeros([0, 3], np.float32))
case('MatMul', 'no rows', a=np.zeros([0, 2], np.float32), b=numbers(2, 3))
case('MatMul', 'infinities and NaN', a=np.array([[np.inf, 1], [np.nan, 1]], np.float32), b=np.array([[0, 1], [1, 1]], np.float32))
x, y = numbers(2, 3, 4, seed=3), numbers(2, 4, 5, seed=4)
case('BatchMatMul', 'plain', x=x, y=y)
case('BatchMatMul', 'adjoints', {'adj_x': True, 'adj_y': True}, x=x.transpose(0, 2, 1).copy(), y=y.transpose(0, 2, 1).copy())
case('BatchMatMulV2', 'plain', x=x, y=y)
case('BatchMatMulV2', 'adjoint x', {'adj_x': True}, x=x.transpose(0, 2, 1).copy(), y=y)
case('BatchMatMulV2', 'broadcast over y', x=x, y=y[0])
case('BatchMatMulV2', 'broadcast both', x=numbers(3, 1, 2, 2, seed=5), y=numbers(1, 2, 2, 3, seed=6))
case('BatchMatMulV2', 'matrices only', x=a, y=b)
case('BatchMatMulV2', 'int32', x=numbers(2, 2, 2, seed=7, dtype=np.int32), y=numbers(2, 2, 2, seed=8, dtype=np.int32))
case('BatchMatMulV2', 'empty batch', x=np.zeros([0, 2, 3], np.float32), y=numbers(3, 4))


def einsum(equation, *operands):
    case('Einsum', equation, {'equation': equation}, inputs=list(operands))


einsum('ij,jk->ik', a, b)
einsum('ij,jk->ki', a, b)
einsum('ij->ji', a)
einsum('ij->', a)
einsum('ij->i', a)
einsum('ii->i', numbers(4, 4, seed=9))
einsum('ii->', numbers(4, 4, seed=9))
einsum('i->ii', numbers(3, seed=10))
einsum('i,j->ij', numbers(3, seed=11), numbers(4, seed=12))
einsum('i,j->jij', numbers(2, seed=11), numbers(3, seed=12))
einsum('i,i->', numbers(6, seed=13), numbers(6, seed=14))
einsum('bij,bjk->bik', x, y)
einsum('bij,jk->bik', x, y[0])
einsum('abc,cd->ad', x, numbers(4, 2, seed=15))
einsum('iij,j->ij', numbers(3, 3, 2, seed=16), numbers(2, seed=17))
einsum('...ij,...jk->...ik', numbers(3, 1, 2, 2, seed=5), numbers(2, 2, 3, seed=6))
einsum('...ij,jk->...ik', numbers(2, 3, 2, 2, seed=5), numbers(2, 3, seed=6))
einsum('i...->...', a)
einsum('ij...,jk->k...i', numbers(2, 3, 2, seed=18), numbers(3, 4, seed=19))
einsum('...i,...i->...', numbers(2, 1, 3, seed=20), numbers(4, 3, seed=21))
einsum('ij,ij->', numbers(2, 2, seed=22, dtype=np.int64), numbers(2, 2, seed=23, dtype=np.int64))
einsum('ij,jk->ik', numbers(2, 2, seed=22, dtype=np.int32), numbers(2, 2, seed=23, dtype=np.int32))
einsum('->', np.float32(3))
einsum('ij,jk->ik', np.zeros([2, 0], np.float32), np.zeros([0, 2], np.float32))

if __name__ == '__main__':
    write(__file__)
