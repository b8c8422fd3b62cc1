/**
 * Numbers that every peer can make for itself: the same inputs and weights in JavaScript and Python, without files.
 */

/** `size` float32 numbers in [-scale, scale), spread by a multiplicative hash of their index; equal in peers/underTensorflow.py. */
export function values(size, seed = 0, scale = 1) {
  const result = new Float32Array(size);
  const offset = Math.imul(seed + 1, 0x85ebca6b) >>> 0;
  for (let i = 0; i < size; i++) {
    let x = (Math.imul(i + 1, 0x9e3779b1) + offset) >>> 0;
    x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) >>> 0;
    x = (x ^ (x >>> 12)) >>> 0;
    result[i] = (x / 2147483648 - 1) * scale;
  }
  return result;
}

/** Labels 0 to classes - 1. */
export function labels(size, classes) {
  return Int32Array.from(values(size, 77), (x) => Math.min(classes - 1, Math.floor(((x + 1) / 2) * classes)));
}

/** Weights as Glorot would scale them, but the same everywhere. */
export function weights(shape, seed) {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const outputs = shape.at(-1);
  const inputs = size / outputs;
  return values(size, seed, shape.length === 1 ? 0 : Math.sqrt(6 / (inputs + outputs)));
}

/** Some positions of `size`, first and last included, for checks of large results. */
export function samplePositions(size, count = 16) {
  if (size <= count) return Array.from({ length: size }, (_, i) => i);
  return Array.from({ length: count }, (_, i) => Math.round((i * (size - 1)) / (count - 1)));
}

/** The sampled elements of a result. */
export function sampled(data, count) {
  return samplePositions(data.length, count).map((i) => Number(data[i]));
}
