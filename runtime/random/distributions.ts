/**
 * Random words made into numbers: uniform floats and integers, normals and truncated normals, in the order in which
 * TensorFlow's CPU kernels (FillPhiloxRandom) lay them out. Element i belongs to group floor(i / groupSize); a group takes
 * whole blocks, so the words left over by a last, partial group are lost.
 *
 * Every function here fills the whole of `out`, starting at the generator's next block, and leaves the generator anywhere:
 * give it a generator of its own, as `RandomStream.reserveOutputs` and the functions of stateless.ts do. Uniforms and integers
 * are TensorFlow's bit for bit, and so are float32 normals; float64 normals differ in the last bits, where the sines
 * and logarithms of C libraries do.
 */
import { InvalidArgumentError } from '../../graph/errors';
import { BLOCK_WORDS, type Philox4x32 } from './philox';
import { logFloat32, sincosFloat32 } from './singlePrecision';

export type FloatArray = Float32Array | Float64Array;
export type IntegerArray = Int32Array | BigInt64Array | Uint32Array | BigUint64Array;

/** Blocks generated at a time. */
const CHUNK_BLOCKS = 256;

/** Blocks that TensorFlow sets aside for every output element of a distribution. */
export const RESERVED_BLOCKS = 256;

const MASK_20 = 0xfffff;
const MASK_23 = 0x7fffff;
const TWO_PI = 2 * Math.PI;
const SMALLEST_UNIFORM = 1e-7;
const SMALLEST_UNIFORM_FLOAT32 = Math.fround(SMALLEST_UNIFORM);

/** A float32 in [0, 1) from the low 23 bits of a word. */
function uniformFloat32(word: number): number {
  return (word & MASK_23) * 2 ** -23;
}

/** A float64 in [0, 1) from the low 20 bits of one word and all of another. */
export function uniformFloat64(high: number, low: number): number {
  return (high & MASK_20) * 2 ** -20 + (low >>> 0) * 2 ** -52;
}

/** Calls `use` with chunks of blocks: the words, how many of `size` elements they make, and the first element's index. */
function inChunks(
  generator: Philox4x32,
  size: number,
  groupSize: number,
  use: (words: Uint32Array, count: number, start: number) => void,
): void {
  const words = new Uint32Array(BLOCK_WORDS * Math.min(CHUNK_BLOCKS, Math.ceil(size / groupSize)));
  const chunk = CHUNK_BLOCKS * groupSize;
  for (let start = 0; start < size; start += chunk) {
    const count = Math.min(chunk, size - start);
    generator.fill(words, Math.ceil(count / groupSize));
    use(words, count, start);
  }
}

/** Uniform numbers in [0, 1). Mirrors the kernel of RandomUniform. */
export function fillUniform(generator: Philox4x32, out: FloatArray): void {
  if (out instanceof Float32Array) {
    inChunks(generator, out.length, 4, (words, count, start) => {
      for (let i = 0; i < count; i++) out[start + i] = uniformFloat32(words[i]);
    });
  } else {
    inChunks(generator, out.length, 2, (words, count, start) => {
      for (let i = 0; i < count; i++) out[start + i] = uniformFloat64(words[2 * i], words[2 * i + 1]);
    });
  }
}

/**
 * Throws what the kernels of RandomUniformInt and its stateless forms throw for an empty range. They check it before they
 * take numbers from a stream, and not at all when the output has no elements.
 */
export function checkIntegerRange(lo: number | bigint, hi: number | bigint): void {
  if (lo >= hi) throw new InvalidArgumentError(`Need minval < maxval, got ${lo} >= ${hi}`);
}

/**
 * Integers in [lo, hi), lo below hi (see `checkIntegerRange`): the remainder of a word, or of two for 64 bits, by the size of
 * the range. Mirrors the kernel of RandomUniformInt.
 */
export function fillUniformInt(
  generator: Philox4x32,
  out: IntegerArray,
  lo: number | bigint,
  hi: number | bigint,
): void {
  if (out instanceof BigInt64Array || out instanceof BigUint64Array) {
    const low = BigInt(lo);
    const range = BigInt(hi) - low;
    inChunks(generator, out.length, 2, (words, count, start) => {
      const pairs = new BigUint64Array(words.buffer);
      for (let i = 0; i < count; i++) out[start + i] = low + (pairs[i] % range);
    });
    return;
  }
  const low = Number(lo);
  const range = Number(hi) - low;
  inChunks(generator, out.length, 4, (words, count, start) => {
    for (let i = 0; i < count; i++) out[start + i] = low + (words[i] % range);
  });
}

/** Integers over the whole range of their type: the words themselves. Mirrors the kernel of StatelessRandomUniformFullInt. */
export function fillUniformFullInt(generator: Philox4x32, out: IntegerArray): void {
  if (out instanceof BigInt64Array || out instanceof BigUint64Array) {
    inChunks(generator, out.length, 2, (words, count, start) => {
      const pairs = new BigUint64Array(words.buffer);
      for (let i = 0; i < count; i++) out[start + i] = pairs[i];
    });
    return;
  }
  inChunks(generator, out.length, 4, (words, count, start) => {
    for (let i = 0; i < count; i++) out[start + i] = words[i];
  });
}

/** Two normal float32 numbers from two words, at `at` and `at + 1`. */
function boxMullerFloat32(x0: number, x1: number, out: Float32Array, at: number): void {
  const uniform = Math.max(uniformFloat32(x0), SMALLEST_UNIFORM_FLOAT32);
  const radius = Math.fround(Math.sqrt(-2 * logFloat32(uniform)));
  sincosFloat32(Math.fround(TWO_PI * uniformFloat32(x1)), out, at);
  out[at] *= radius;
  out[at + 1] *= radius;
}

/** Two normal float64 numbers from four words, at `at` and `at + 1`. */
function boxMullerFloat64(words: Uint32Array, from: number, out: Float64Array, at: number): void {
  const uniform = Math.max(uniformFloat64(words[from], words[from + 1]), SMALLEST_UNIFORM);
  const angle = TWO_PI * uniformFloat64(words[from + 2], words[from + 3]);
  const radius = Math.sqrt(-2 * Math.log(uniform));
  out[at] = Math.sin(angle) * radius;
  out[at + 1] = Math.cos(angle) * radius;
}

/** Standard normal numbers, by Box and Muller's transform. Mirrors the kernel of RandomStandardNormal. */
export function fillNormal(generator: Philox4x32, out: FloatArray): void {
  if (out instanceof Float32Array) {
    const group = new Float32Array(2);
    inChunks(generator, out.length, 4, (words, count, start) => {
      for (let i = 0; i < count; i += 2) {
        boxMullerFloat32(words[i], words[i + 1], group, 0);
        out[start + i] = group[0];
        if (i + 1 < count) out[start + i + 1] = group[1];
      }
    });
  } else {
    const group = new Float64Array(2);
    inChunks(generator, out.length, 2, (words, count, start) => {
      for (let i = 0; i < count; i += 2) {
        boxMullerFloat64(words, 2 * i, group, 0);
        out[start + i] = group[0];
        if (i + 1 < count) out[start + i + 1] = group[1];
      }
    });
  }
}

/** Normals further from zero than this are drawn again. */
const TRUNCATION = 2;

/**
 * Standard normal numbers within two standard deviations, by rejection. Each group has a stretch of blocks of its own, so a
 * group's numbers do not depend on how often the ones before it drew. Mirrors the kernel of TruncatedNormal.
 */
export function fillTruncatedNormal(generator: Philox4x32, out: FloatArray): void {
  const single = out instanceof Float32Array;
  const groupSize = single ? 4 : 2;
  const stride = (groupSize * RESERVED_BLOCKS) / BLOCK_WORDS;
  const pair = single ? new Float32Array(2) : new Float64Array(2);
  const words = new Uint32Array(BLOCK_WORDS);
  const group = generator.clone();
  for (let start = 0; start < out.length; start += groupSize) {
    const end = Math.min(start + groupSize, out.length);
    group.copyFrom(generator);
    let filled = start;
    while (filled < end) {
      group.next(words);
      for (let word = 0; word < BLOCK_WORDS && filled < end; word += single ? 2 : 4) {
        if (single) boxMullerFloat32(words[word], words[word + 1], pair as Float32Array, 0);
        else boxMullerFloat64(words, 0, pair as Float64Array, 0);
        if (Math.abs(pair[0]) < TRUNCATION) out[filled++] = pair[0];
        if (filled < end && Math.abs(pair[1]) < TRUNCATION) out[filled++] = pair[1];
      }
    }
    generator.skip(stride);
  }
}
