import { setDifference } from '../../graph/ops/sets';
import type { Tensor } from '../../graph/tensor';
import { i32, i64, opCase } from '../support/opCase';

const difference = (a: Tensor, b: Tensor) => {
  const { indices, values, denseShape } = setDifference(a, b);
  return [indices, values, denseShape];
};

describe('set ops', () => {
  opCase('DenseToDenseSetOperation', 'difference of two rows', {
    inputs: [
      i32([
        [3, 1, 2, 2],
        [5, 6, 7, 8],
      ]),
      i32([
        [2, 9],
        [8, 5],
      ]),
    ],
    build: difference,
    want: [
      i64([
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ]),
      i32([1, 3, 6, 7]),
      i64([2, 2]),
    ],
  });
  opCase('DenseToDenseSetOperation', 'empty difference', {
    inputs: [
      i32([[1], [2]]),
      i32([
        [1, 1],
        [2, 1],
      ]),
    ],
    build: (a, b) => difference(a, b).slice(1),
    want: [i32([]), i64([2, 0])],
  });
  opCase('DenseToDenseSetOperation', 'groups that differ', {
    inputs: [i32([[1], [2]]), i32([[1]])],
    build: difference,
    fails: /Dimension 0 in both shapes must be equal|Mismatched group shapes/,
  });
});
