/**
 * Matrix decompositions, compared with TensorFlow's values (spec/golden/values_linalg.py).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asDType, type DTypeName, float32 } from '../../graph/dtypes';
import { type ArrayLike, NdArray } from '../../graph/ndarray';
import { qr } from '../../graph/ops/linalg';
import { f32, opCase } from '../support/opCase';

interface Golden {
  readonly title: string;
  readonly dtype: DTypeName;
  readonly full: boolean;
  readonly input: ArrayLike;
  readonly q: ArrayLike;
  readonly r: ArrayLike;
}

const goldens = JSON.parse(readFileSync(join(__dirname, '..', 'golden', 'values', 'linalg.json'), 'utf8')) as Golden[];

for (const { title, dtype, full, input, q, r } of goldens) {
  const array = (value: ArrayLike) => NdArray.from(value, asDType(dtype));
  opCase('Qr', `${title} ${dtype}${full ? ' full' : ''}`, {
    inputs: [array(input)],
    build: (matrix) => {
      const factors = qr(matrix, { fullMatrices: full });
      return [factors.q, factors.r];
    },
    want: [array(q), array(r)],
    tolerance: dtype === 'float32' ? { absolute: 2e-6, relative: 1e-5 } : { absolute: 1e-14, relative: 1e-12 },
  });
}

opCase('Qr', 'no matrices', {
  inputs: [NdArray.zeros(float32, [0, 2, 2])],
  build: (matrix) => [qr(matrix).q, qr(matrix).r],
  want: [NdArray.zeros(float32, [0, 2, 2]), NdArray.zeros(float32, [0, 2, 2])],
});

opCase('Qr', 'a vector', {
  inputs: [f32([1, 2])],
  build: (matrix) => qr(matrix).q,
  staticOnly: true,
  fails: /Shape must be at least rank 2 but is rank 1/,
});
