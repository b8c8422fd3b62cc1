/**
 * Images made larger or smaller, compared with TensorFlow's values (spec/golden/values_image.py); gradients; errors.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyUnary } from '../../graph/applyOp';
import * as dtypes from '../../graph/dtypes';
import { NdArray } from '../../graph/ndarray';
import { resizeBilinear, resizeNearestNeighbor } from '../../graph/ops/image';
import { f32, f64, i32, opCase, u8 } from '../support/opCase';

interface Values {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

interface Golden {
  readonly op: string;
  readonly attrs: Readonly<Record<string, boolean>>;
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly input: Values;
  readonly want: Values;
}

const { resized } = JSON.parse(readFileSync(join(__dirname, '..', 'golden', 'values', 'image.json'), 'utf8')) as {
  resized: Golden[];
};
const arrayOf = ({ shape, values }: Values) => f32([...values]).reshape([...shape]);

for (const { op, attrs, from, to, input, want } of resized) {
  const title = `[${from}] to [${to}] ${Object.keys(attrs)}`;
  const isGradient = op.endsWith('Grad');
  const isBilinear = op.startsWith('ResizeBilinear');
  const original = NdArray.zeros(dtypes.float32, [1, ...from, 2]);
  const sizes = op === 'ResizeBilinearGrad' ? original : i32([...(isGradient ? from : to)]);
  const names = isBilinear && isGradient ? ['grads', 'original_image'] : [isGradient ? 'grads' : 'images', 'size'];
  opCase(op, title, {
    inputs: [arrayOf(input), sizes],
    build: (first, second) => applyUnary(op, { [names[0]]: first, [names[1]]: second, ...attrs }),
    want: arrayOf(want),
    tolerance: { absolute: 2e-6, relative: 2e-6 },
  });
}

opCase('ResizeBilinear', 'of bytes', {
  inputs: [u8([0, 100, 200, 50]).reshape([1, 2, 2, 1])],
  build: (images) => resizeBilinear(images, [1, 3], { halfPixelCenters: true }),
  want: f32([100, 87.5, 75]).reshape([1, 1, 3, 1]),
});

const wide = f64(Array.from({ length: 24 }, (_, i) => Math.sin(i))).reshape([2, 3, 2, 2]);

for (const options of [{}, { alignCorners: true }, { halfPixelCenters: true }]) {
  opCase('ResizeNearestNeighbor', `gradient ${Object.keys(options)}`, {
    inputs: [wide],
    build: (x) => resizeNearestNeighbor(x, [4, 5], options),
    gradient: true,
  });
  opCase('ResizeBilinear', `gradient ${Object.keys(options)}`, {
    inputs: [wide],
    build: (x) => applyUnary('Cast', { x: resizeBilinear(x, [4, 5], options), DstT: x.dtype }),
    gradient: true,
    // The op computes in single precision: small steps drown in its rounding.
    step: 1e-2,
    tolerance: { absolute: 2e-4, relative: 2e-4 },
  });
}

const one = f32([[[[1]]]]);
const failing: readonly (readonly [string, NdArray, NdArray, object, RegExp])[] = [
  ['no size', one, i32([0, 2]), {}, /output dimensions must be positive/],
  ['three sizes', one, i32([1, 2, 3]), {}, /Dimension must be 2 but is 3|shape_t must have two elements\[3\]/],
  [
    'no batch',
    f32([[[1]]]),
    i32([1, 2]),
    {},
    /Shape must be rank 4 but is rank 3|input must be 4-dimensional\[1,1,1\]/,
  ],
  ['no pixels', f32([]).reshape([1, 0, 2, 1]), i32([1, 2]), {}, /input image must be of non-zero size/],
  [
    'both kinds of corners',
    one,
    i32([1, 2]),
    { align_corners: true, half_pixel_centers: true },
    /If half_pixel_centers is True, align_corners must be False\./,
  ],
];
for (const [title, input, size, attrs, fails] of failing) {
  for (const op of ['ResizeBilinear', 'ResizeNearestNeighbor']) {
    opCase(op, title, {
      inputs: [input, size],
      build: (x, to) => applyUnary(op, { images: x, size: to, ...attrs }),
      fails,
    });
  }
}
