/**
 * Plain kernels: texts taken apart.
 */
import { int64, string } from '../../graph/dtypes';
import { InvalidArgumentError } from '../../graph/errors';
import { allocate, NdArray, type StringElement, toNumbers, toStringElement } from '../../graph/ndarray';
import type { tokensOps } from '../../graph/ops/tokens';
import { fingerprint64 } from '../fingerprint';
import type { Kernel, KernelTable } from '../kernel';
import { bracketed } from './state';
import { bytesOf, joined, stringData } from './strings';

type Split = (text: Uint8Array) => Uint8Array[];

/** The words of each text, as a sparse matrix. */
function matrixOf(texts: readonly StringElement[], split: Split): NdArray[] {
  const rows = texts.map((text) => split(bytesOf(text)));
  const values = rows.flat().map((word) => toStringElement(word));
  const indices = rows.flatMap((words, row) => words.flatMap((_, column) => [BigInt(row), BigInt(column)]));
  const most = rows.reduce((length, words) => Math.max(length, words.length), 0);
  return [
    new NdArray(int64, [values.length, 2], BigInt64Array.from(indices)),
    new NdArray(string, [values.length], values),
    new NdArray(int64, [2], BigInt64Array.of(BigInt(rows.length), BigInt(most))),
  ];
}

function requireVector(input: NdArray): void {
  if (input.rank !== 1) throw new InvalidArgumentError(`input must be a vector, got shape: ${bracketed(input.shape)}`);
}

/** At each byte that is one of the delimiters; without any, between all bytes. */
function splitAtBytes(text: Uint8Array, delimiters: Uint8Array, skipEmpty: boolean): Uint8Array[] {
  if (delimiters.length === 0) return Array.from(text, (byte) => Uint8Array.of(byte));
  if (text.length === 0) return [];
  const words: Uint8Array[] = [];
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    if (i < text.length && !delimiters.includes(text[i])) continue;
    if (i > start || !skipEmpty) words.push(text.subarray(start, i));
    start = i + 1;
  }
  return words;
}

const isSpace = (byte: number): boolean => byte === 32 || (byte >= 9 && byte <= 13);

/** At runs of white space, which count for nothing at the ends. */
function splitAtSpace(text: Uint8Array, most: number): Uint8Array[] {
  const words: Uint8Array[] = [];
  let at = 0;
  const skip = () => {
    while (at < text.length && isSpace(text[at])) at++;
  };
  skip();
  while (at < text.length) {
    const start = at;
    while (at < text.length && !isSpace(text[at])) at++;
    words.push(text.subarray(start, at));
    skip();
    if (most > 0 && words.length === most) return [...words, text.subarray(at)];
  }
  return words;
}

function indexOfPart(text: Uint8Array, part: Uint8Array, from: number): number {
  for (let at = from; at + part.length <= text.length; at++)
    if (part.every((byte, i) => text[at + i] === byte)) return at;
  return -1;
}

function splitAtText(text: Uint8Array, separator: Uint8Array, most: number): Uint8Array[] {
  const words: Uint8Array[] = [];
  let start = 0;
  for (let at = indexOfPart(text, separator, 0); at >= 0; at = indexOfPart(text, separator, start)) {
    words.push(text.subarray(start, at));
    start = at + separator.length;
    if (most > 0 && words.length === most) break;
  }
  return [...words, text.subarray(start)];
}

function checkSplits(splits: readonly number[], count: number): void {
  if (splits.length === 0) return;
  if (splits[0] !== 0) throw new InvalidArgumentError(`First split value must be 0, got ${splits[0]}`);
  for (let i = 1; i < splits.length; i++) {
    if (splits[i] < splits[i - 1] || splits[i] > count)
      throw new InvalidArgumentError(`Invalid split value ${splits[i]}, must be in [${splits[i - 1]}, ${count}]`);
  }
  const last = splits[splits.length - 1];
  if (last !== count)
    throw new InvalidArgumentError(`Last split value must be data size. Expected ${count}, got ${last}`);
}

interface Padding {
  readonly separator: string;
  readonly left: string;
  readonly right: string;
  readonly width: number;
}

/** How many pads stand on each side of a text, for runs of that length. */
const padsFor = (width: number, { width: asked }: Padding): number =>
  Math.min(asked < 0 ? width - 1 : asked, width - 1);

const countOf = (words: number, width: number, padding: Padding): number =>
  Math.max(0, words + 2 * padsFor(width, padding) - width + 1);

/** The runs of `width` words of a text, with pads before its first and after its last word. */
function runsOf(words: readonly StringElement[], width: number, count: number, padding: Padding): StringElement[] {
  const pads = padsFor(width, padding);
  return Array.from({ length: count }, (_, i) => {
    const left = Math.max(0, pads - i);
    const right = Math.max(0, pads - (count - i - 1));
    const first = left > 0 ? 0 : i - pads;
    return joined(
      [
        ...new Array<string>(left).fill(padding.left),
        ...words.slice(first, first + width - left - right),
        ...new Array<string>(right).fill(padding.right),
      ],
      padding.separator,
    );
  });
}

const ngrams: Kernel = ([data, splitsInput], c) => {
  const words = stringData(data);
  const splits = toNumbers(splitsInput);
  const widths = c.attr<readonly number[]>('ngram_widths').map(Number);
  if (widths.some((width) => width <= 0)) throw new InvalidArgumentError('ngram_widths must contain positive values');
  checkSplits(splits, words.length);
  const padding: Padding = {
    separator: c.attr('separator'),
    left: c.attr('left_pad'),
    right: c.attr('right_pad'),
    width: Number(c.attr('pad_width')),
  };
  const keepShort = c.attr<boolean>('preserve_short_sequences');
  const runs: StringElement[] = [];
  const ends = splits.slice(0, 1);
  for (let i = 1; i < splits.length; i++) {
    const own = words.slice(splits[i - 1], splits[i]);
    const before = runs.length;
    for (const width of widths) runs.push(...runsOf(own, width, countOf(own.length, width, padding), padding));
    // One run of the whole text, where it is too short for any.
    if (keepShort && runs.length === before && own.length > 0)
      runs.push(...runsOf(own, own.length + 2 * padding.width, 1, padding));
    ends.push(runs.length);
  }
  return [new NdArray(string, [runs.length], runs), NdArray.from(ends, splitsInput.dtype)];
};

export const tokensKernels: KernelTable<typeof tokensOps> = {
  StringSplit: ([input, delimiter], c) => {
    requireVector(input);
    if (delimiter.size !== 1)
      throw new InvalidArgumentError(`delimiter must be a scalar, got shape: ${bracketed(delimiter.shape)}`);
    const bytes = bytesOf(stringData(delimiter)[0]);
    const skipEmpty = c.attr<boolean>('skip_empty');
    return matrixOf(stringData(input), (text) => splitAtBytes(text, bytes, skipEmpty));
  },
  StringSplitV2: ([input, separator], c) => {
    requireVector(input);
    if (separator.rank !== 0)
      throw new InvalidArgumentError(`sep must be a scalar, got shape: ${bracketed(separator.shape)}`);
    const bytes = bytesOf(stringData(separator)[0]);
    const most = Number(c.attr('maxsplit'));
    return matrixOf(stringData(input), (text) => {
      if (most === 0) return [text];
      return bytes.length === 0 ? splitAtSpace(text, most) : splitAtText(text, bytes, most);
    });
  },
  StringNGrams: ngrams,
  StringToHashBucketFast: ([input], c) => {
    const buckets = BigInt(c.attr<number | bigint>('num_buckets'));
    const out = allocate(int64, input.size);
    stringData(input).forEach((text, i) => {
      out[i] = fingerprint64(bytesOf(text)) % buckets;
    });
    return new NdArray(int64, input.shape, out);
  },
};
