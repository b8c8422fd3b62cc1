/**
 * Ops: texts taken apart: into words, runs of words, and numbers for words.
 */
import { defineOps, none } from '../registry';
import { TensorShape } from '../shape';
import { type ShapeContext, sameShape } from '../shapeContext';

const noGradient = none('strings are not differentiable');

/** Indices, values and shape of a sparse matrix with a row for each text. */
function wordsShape(c: ShapeContext): TensorShape[] {
  c.ranked(0, 1);
  c.ranked(1, 0);
  return [new TensorShape([null, 2]), new TensorShape([null]), new TensorShape([2])];
}

export const tokensOps = defineOps({
  StringSplit: {
    signature: `(input: string, delimiter: string) -> (indices: int64, values: string, shape: int64)
      skip_empty: bool = true`,
    shape: wordsShape,
    gradient: noGradient,
  },
  StringSplitV2: {
    signature: `(input: string, sep: string) -> (indices: int64, values: string, shape: int64)
      maxsplit: int = -1`,
    shape: wordsShape,
    gradient: noGradient,
  },
  StringNGrams: {
    signature: `(data: string, data_splits: Tsplits) -> (ngrams: string, ngrams_splits: Tsplits)
      separator: string
      ngram_widths: list(int) >= 0
      left_pad: string
      right_pad: string
      pad_width: int
      preserve_short_sequences: bool
      Tsplits: {int32, int64} = int64`,
    shape: (c) => {
      c.ranked(0, 1);
      return [new TensorShape([null]), c.ranked(1, 1)];
    },
    gradient: noGradient,
  },
  StringToHashBucketFast: {
    signature: `(input: string) -> (output: int64)
      num_buckets: int >= 1`,
    shape: sameShape,
    gradient: noGradient,
  },
});
