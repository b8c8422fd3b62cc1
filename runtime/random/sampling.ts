/**
 * Random choices: the permutations of RandomShuffle, and the class numbers that Multinomial (tf.random.categorical) draws.
 */
import { type FloatArray, RESERVED_BLOCKS, uniformFloat64 } from './distributions';
import { BLOCK_WORDS, type Philox4x32, WordReader } from './philox';

/** Blocks that a run of RandomShuffle sets aside for `size` rows. A run with fewer than two rows or elements draws nothing. */
export function shuffleBlocks(size: number): number {
  return size > 1 ? Math.ceil((size - 1) / BLOCK_WORDS) : 0;
}

/** A permutation of 0 … size − 1: row i of the shuffled tensor is row `result[i]` of the input. */
export function shufflePermutation(generator: Philox4x32, size: number): Int32Array {
  const permutation = Int32Array.from({ length: size }, (_, i) => i);
  const words = new WordReader(generator);
  for (let i = 0; i < size - 1; i++) {
    const other = i + (words.next() % (size - i));
    const row = permutation[i];
    permutation[i] = permutation[other];
    permutation[other] = row;
  }
  return permutation;
}

/** Blocks that a run of Multinomial sets aside. A run without samples draws nothing. */
export function multinomialBlocks(batch: number, samples: number): number {
  return batch * Math.ceil(samples / 4) * 4 * 2 * RESERVED_BLOCKS;
}

/**
 * Draws `out.length / batch` class numbers for each row of `logits`, a matrix of `batch` rows, by the cumulative
 * distribution of the row's finite logits. A row without any gives the number of classes, as in TensorFlow.
 *
 * TensorFlow cuts large batches into pieces, one per thread, whose streams begin at different places: its numbers depend on the
 * number of threads. These are those of one thread (`intra_op_parallelism_threads=1`), and of any batch too small to be cut.
 */
export function fillMultinomial(
  generator: Philox4x32,
  logits: FloatArray,
  batch: number,
  out: Int32Array | BigInt64Array,
): void {
  const classes = logits.length / batch;
  const samples = out.length / batch;
  const cumulative = new Float64Array(classes);
  const words = new WordReader(generator);
  for (let row = 0; row < batch; row++) {
    const total = accumulate(logits, row * classes, cumulative);
    for (let sample = 0; sample < samples; sample++) {
      const high = words.next();
      const found = upperBound(cumulative, uniformFloat64(high, words.next()) * total);
      const at = row * samples + sample;
      if (out instanceof BigInt64Array) out[at] = BigInt(found);
      else out[at] = found;
    }
  }
}

/** Writes the running sums of exp(logit − largest) to `cumulative`, where only finite logits count; returns the total. */
function accumulate(logits: FloatArray, offset: number, cumulative: Float64Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < cumulative.length; j++) {
    const logit = logits[offset + j];
    if (Number.isFinite(logit) && logit > largest) largest = logit;
  }
  let total = 0;
  for (let j = 0; j < cumulative.length; j++) {
    const logit = logits[offset + j];
    if (Number.isFinite(logit)) total += Math.exp(logit - largest);
    cumulative[j] = total;
  }
  return total;
}

/** The index of the first of the ascending numbers that is greater than `value`; their count if none is. */
function upperBound(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
