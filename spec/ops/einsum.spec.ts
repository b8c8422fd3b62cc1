import { applyUnary } from '../../graph/applyOp';
import type { NdArray } from '../../graph/ndarray';
import type { Tensor } from '../../graph/tensor';
import { f32, f64, opCase } from '../support/opCase';

const einsum =
  (equation: string) =>
  (...inputs: Tensor[]) =>
    applyUnary('Einsum', { inputs, equation });

const values = (...shape: number[]): NdArray => {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return f64(Array.from({ length: size }, (_, i) => Math.cos(i * 1.3) + 0.1 * i)).reshape(shape);
};

opCase('Einsum', 'one number times a vector', {
  inputs: [f32(2), f32([3, 4])],
  build: einsum(',i->i'),
  want: f32([6, 8]),
});

const gradients: [string, NdArray[]][] = [
  ['ij,jk->ik', [values(2, 3), values(3, 4)]],
  ['ij,jk->ki', [values(2, 3), values(3, 4)]],
  ['bij,bjk->bik', [values(2, 2, 3), values(2, 3, 2)]],
  ['abc,cd->ad', [values(2, 3, 2), values(2, 2)]],
  ['i,j->ij', [values(3), values(2)]],
  ['ij->ji', [values(2, 3)]],
  ['ijk->ik', [values(2, 3, 2)]],
  ['ijk->ki', [values(2, 3, 2)]],
  ['ij->', [values(2, 3)]],
  ['iij->j', [values(2, 2, 3)]],
  ['ii->i', [values(3, 3)]],
  ['ii->', [values(3, 3)]],
  ['i->ii', [values(3)]],
  ['...ij,...jk->...ik', [values(3, 1, 2, 2), values(2, 2, 2)]],
  ['...ij,jk->...ik', [values(2, 2, 2), values(2, 3)]],
  ['ij...,jk->k...i', [values(2, 3, 2), values(3, 2)]],
  ['...i->...', [values(2, 3)]],
];
for (const [equation, inputs] of gradients)
  opCase('Einsum', `gradient of ${equation}`, { inputs, build: einsum(equation), gradient: true });

const failures: [string, NdArray[], RegExp][] = [
  [
    'ij,jk->ik',
    [values(2, 3), values(4, 5)],
    /Dimensions must be equal, but are 3 and 4|Expected dimension 3 at axis 0 of the input shaped \[4,5\] but got dimension 4/,
  ],
  [
    'ij->ij',
    [values(2)],
    /Shape must be rank 2 but is rank 1\n\t for 0th input and equation: ij->ij|Expected input 0 to have rank 2 but got: 1/,
  ],
  [
    'ij...->...',
    [values(2)],
    /Shape must be at least rank 2 but is rank 1\n\t for 0th input|Expected input 0 to have rank at least 2 but got: 1/,
  ],
  [
    'ii->i',
    [values(2, 3)],
    /Dimensions must be equal, but are 2 and 3|Expected dimension 2 at axis 1 of the input shaped \[2,3\] but got dimension 3/,
  ],
  [
    '...i,...i->i',
    [values(2, 3), values(2, 3)],
    /without ellipsis \(\.\.\.\) in the output subscripts|Output contains 1 broadcasting dimension\(s\) but no ellipsis/,
  ],
  [
    '...i,...i->...i',
    [values(2, 3), values(4, 3)],
    /Dimensions must be equal, but are 2 and 4|Invalid broadcasting dimensions: \[2,3\] vs\. \[4,3\]/,
  ],
  ['ij,jk', [values(2, 3), values(3, 5)], /Expecting exactly one '->' in einsum equation: ij,jk/],
  [
    'i->j',
    [values(2)],
    /Einsum output subscripts for equation 'i->j' has label 'j' which is not present in the input subscripts/,
  ],
  [
    'i.->i',
    [values(2)],
    /Expected at most one ellipsis \(\.\.\.\), but found 1 periods \(\.\) in the input subscript: i\./,
  ],
  ['i,i->', [values(2)], /Expected 2 inputs for equation i,i-> but got: 1/],
  [
    'a,b,c->abc',
    [values(2), values(2), values(2)],
    /Expecting 1 or 2 input subscripts in equation 'a,b,c->abc' but got: 3/,
  ],
];
for (const [equation, inputs, fails] of failures)
  opCase('Einsum', `failing: ${equation}`, { inputs, build: einsum(equation), fails });
