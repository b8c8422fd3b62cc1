/**
 * Texts taken apart. Results and texts of errors were seen with TensorFlow 2.15.
 */
import { applyOp, applyUnary, type OpArguments } from '../../graph/applyOp';
import type { Tensor } from '../../graph/tensor';
import { i64, opCase, strings } from '../support/opCase';

const texts = strings(['a b  c', '', 'd,e f']);
const split =
  (delimiter: string, args: OpArguments = {}) =>
  (input: Tensor) =>
    applyOp('StringSplit', { input, delimiter, ...args }).outputs;
const matrix = (rows: readonly (readonly string[])[]) => [
  i64(rows.flatMap((words, row) => words.map((_, column) => [row, column]))).reshape([rows.flat().length, 2]),
  strings(rows.flat()),
  i64([rows.length, Math.max(...rows.map((words) => words.length))]),
];

opCase('StringSplit', 'at spaces', {
  inputs: [texts],
  build: split(' '),
  want: matrix([['a', 'b', 'c'], [], ['d,e', 'f']]),
});
opCase('StringSplit', 'at any of several', {
  inputs: [texts],
  build: split(' ,'),
  want: matrix([['a', 'b', 'c'], [], ['d', 'e', 'f']]),
});
opCase('StringSplit', 'with empty words', {
  inputs: [texts],
  build: split(' ,', { skip_empty: false }),
  want: matrix([['a', 'b', '', 'c'], [], ['d', 'e', 'f']]),
});
opCase('StringSplit', 'into bytes', {
  inputs: [strings(['ab', '', 'cé'])],
  build: split(''),
  want: [
    i64([
      [0, 0],
      [0, 1],
      [2, 0],
      [2, 1],
      [2, 2],
    ]),
    strings(['a', 'b', 'c', Uint8Array.of(0xc3), Uint8Array.of(0xa9)]),
    i64([3, 3]),
  ],
});

const split2 = (sep: string, maxsplit?: number) => (input: Tensor) =>
  applyOp('StringSplitV2', { input, sep, maxsplit }).outputs;
const spaced = strings(['a b  c', '', ' d,e f ']);
opCase('StringSplitV2', 'at a text', {
  inputs: [spaced],
  build: split2(' '),
  want: matrix([['a', 'b', '', 'c'], [''], ['', 'd,e', 'f', '']]),
});
opCase('StringSplitV2', 'at white space', {
  inputs: [spaced],
  build: split2(''),
  want: matrix([['a', 'b', 'c'], [], ['d,e', 'f']]),
});
opCase('StringSplitV2', 'once', {
  inputs: [spaced],
  build: split2('', 1),
  want: matrix([['a', 'b  c'], [], ['d,e', 'f ']]),
});
opCase('StringSplitV2', 'twice at a longer text', {
  inputs: [strings(['a<>b<><>c', ''])],
  build: split2('<>', 2),
  want: matrix([['a', 'b', '<>c'], ['']]),
});
opCase('StringSplitV2', 'a matrix', {
  inputs: [strings([['a']])],
  build: split2(' '),
  fails: /Shape must be rank 1 but is rank 2|input must be a vector, got shape: \[1,1\]/,
});

const words = strings(['a', 'b', 'c', 'd', 'e']);
const runs =
  (args: OpArguments = {}) =>
  (data: Tensor, data_splits: Tensor) =>
    applyOp('StringNGrams', {
      data,
      data_splits,
      separator: '|',
      ngram_widths: [2],
      left_pad: 'L',
      right_pad: 'R',
      pad_width: 0,
      preserve_short_sequences: false,
      ...args,
    }).outputs;
const inputs = [words, i64([0, 3, 3, 5])];

opCase('StringNGrams', 'pairs', { inputs, build: runs(), want: [strings(['a|b', 'b|c', 'd|e']), i64([0, 2, 2, 3])] });
opCase('StringNGrams', 'padded', {
  inputs,
  build: runs({ pad_width: -1, ngram_widths: [3] }),
  want: [
    strings(['L|L|a', 'L|a|b', 'a|b|c', 'b|c|R', 'c|R|R', 'L|L|R', 'L|R|R', 'L|L|d', 'L|d|e', 'd|e|R', 'e|R|R']),
    i64([0, 5, 7, 11]),
  ],
});
opCase('StringNGrams', 'of several lengths', {
  inputs,
  build: runs({ ngram_widths: [1, 2, 4], preserve_short_sequences: true }),
  want: [strings(['a', 'b', 'c', 'a|b', 'b|c', 'd', 'e', 'd|e']), i64([0, 5, 5, 8])],
});
opCase('StringNGrams', 'a text that is too short', {
  inputs,
  build: runs({ ngram_widths: [3], preserve_short_sequences: true }),
  want: [strings(['a|b|c', 'd|e']), i64([0, 1, 1, 2])],
});
opCase('StringNGrams', 'padded by less', {
  inputs,
  build: runs({ pad_width: 1, ngram_widths: [4] }),
  want: [strings(['L|a|b|c', 'a|b|c|R', 'L|d|e|R']), i64([0, 2, 2, 3])],
});
for (const [splits, fails] of [
  [[0, 3, 9], /Invalid split value 9, must be in \[3, 5\]/],
  [[1, 3, 5], /First split value must be 0, got 1/],
  [[0, 4, 2, 5], /Invalid split value 2, must be in \[4, 5\]/],
  [[0, 4], /Last split value must be data size\. Expected 5, got 4/],
] as const) {
  opCase('StringNGrams', `splits [${splits}]`, { inputs: [words, i64([...splits])], build: runs(), fails });
}
opCase('StringNGrams', 'runs of nothing', {
  inputs,
  build: runs({ ngram_widths: [0] }),
  fails: /ngram_widths must contain positive values/,
});

opCase('StringToHashBucketFast', 'of every length', {
  inputs: [
    strings([
      '',
      'a',
      'ab',
      'hello',
      'hello world',
      'x'.repeat(20),
      'y'.repeat(32),
      'z'.repeat(33),
      'q'.repeat(64),
      'w'.repeat(65),
      'abc'.repeat(50),
      'é',
    ]),
  ],
  build: (input) => applyUnary('StringToHashBucketFast', { input, num_buckets: 2n ** 62n }),
  want: i64([
    1936946117179621455n,
    3694432073954588131n,
    3066228220894225694n,
    3786372426573024488n,
    1769834696496558107n,
    3621402210320469444n,
    2351315479247125839n,
    1983000239170337647n,
    3227602484106814583n,
    3272011567211491968n,
    2999530846569638125n,
    693143013273849025n,
  ]),
});
