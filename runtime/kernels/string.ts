/**
 * Plain kernels: strings.
 */

import { bool, string } from '../../graph/dtypes';
import { InvalidArgumentError, OutOfRangeError, UnimplementedError } from '../../graph/errors';
import { allocate, NdArray, type StringElement, sizeOf, toStringElement } from '../../graph/ndarray';
import type { stringOps } from '../../graph/ops/string';
import { broadcastShapes, broadcastStrides, forEachBroadcast, stridesOf } from '../broadcast';
import type { Kernel, KernelContext, KernelTable } from '../kernel';
import { formatE, formatF, formatG } from '../numberText';
import { compileFullMatch } from '../regex';
import { summarizeEdges } from '../summarize';
import { bytesOf, joined, stringData } from './strings';

/** A kernel that maps each string by itself. */
function mapStrings(map: (element: StringElement, c: KernelContext) => StringElement): Kernel {
  return ([input], c) =>
    new NdArray(
      string,
      input.shape,
      stringData(input).map((element) => map(element, c)),
    );
}

/** Bytes of ASCII letters mapped, others kept. */
function mapAscii(element: StringElement, low: number, high: number, shift: number): StringElement {
  return toStringElement(bytesOf(element).map((byte) => (byte >= low && byte <= high ? byte + shift : byte)));
}

function changeCase(ascii: (element: StringElement) => StringElement, unicode: (text: string) => string): Kernel {
  return mapStrings((element, c) => {
    const encoding = c.attr<string>('encoding');
    if (encoding === '') return ascii(element);
    if (encoding !== 'utf-8')
      throw new InvalidArgumentError(`only utf-8 or '' (no encoding) is supported, received ${encoding}`);
    return typeof element === 'string' ? unicode(element) : element;
  });
}

/** How AsString writes numbers of a dtype, checked as TensorFlow checks it. */
function numberFormat(c: KernelContext, { dtype }: NdArray): (value: number | bigint) => string {
  const [precision, width, fill] = [c.attr<number>('precision'), c.attr<number>('width'), c.attr<string>('fill')];
  const [scientific, shortest] = [c.attr<boolean>('scientific'), c.attr<boolean>('shortest')];
  if (dtype.isComplex || (dtype.size === 2 && dtype.isFloating))
    throw new UnimplementedError(`AsString has no kernel for ${dtype.name}.`);
  // Strings take every format, which says nothing to them.
  const takesFormats = dtype.isFloating || dtype === string;
  if (!takesFormats && (scientific || shortest)) {
    throw new InvalidArgumentError(`scientific and shortest format not supported for datatype ${dtype.cppName}`);
  }
  if (!takesFormats && precision >= 0)
    throw new InvalidArgumentError(`precision not supported for datatype ${dtype.cppName}`);
  if (scientific && shortest) throw new InvalidArgumentError('Cannot select both scientific and shortest notation');
  if (fill.length > 1) throw new InvalidArgumentError('Fill string must be one or fewer characters');
  if (!['', ' ', '-', '+', '0', '#'].includes(fill))
    throw new InvalidArgumentError(`Fill argument not supported: "${fill}"`);
  const digits = precision < 0 ? 6 : precision;
  const plain = (value: number | bigint): string => {
    if (!dtype.isFloating) return String(value);
    if (shortest) return formatG(Number(value), digits);
    return scientific ? formatE(Number(value), digits) : formatF(Number(value), digits);
  };
  return (value) => {
    const text = plain(value);
    const sign = text.startsWith('-') ? '-' : fill === '+' ? '+' : fill === ' ' ? ' ' : '';
    const body = text.startsWith('-') ? text.slice(1) : text;
    const isNumber = /^\d/.test(body);
    if (fill === '-') return `${sign}${body}`.padEnd(width);
    if (fill === '0' && isNumber) return `${sign}${body.padStart(width - sign.length, '0')}`;
    return `${sign}${body}`.padStart(width);
  };
}

const FLOAT = /^\s*[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|inf|nan)\s*$/i;
const INTEGER = /^\s*-?\d+\s*$/;

function parseNumber(element: StringElement, c: KernelContext): number | bigint {
  const dtype = c.outputTypes[0];
  const text = typeof element === 'string' ? element : '';
  const refuse = () => new InvalidArgumentError(`StringToNumberOp could not correctly convert string: ${text}`);
  if (dtype.isFloating) {
    if (!FLOAT.test(text)) throw refuse();
    const word = text.trim().toLowerCase();
    if (word.endsWith('inf')) return word.startsWith('-') ? -Infinity : Infinity;
    return word.endsWith('nan') ? Number.NaN : Number(word);
  }
  if (!INTEGER.test(text)) throw refuse();
  const value = BigInt(text.trim());
  const [low, high] = dtype.limits;
  if (value < low || value > high) throw refuse();
  return dtype.isBigInt ? value : Number(value);
}

/** The axes to join along, counted from the front, in the order given. */
function joinAxes(indices: NdArray, rank: number): number[] {
  const axes: number[] = [];
  for (const index of indices.data as Int32Array) {
    if (index < -rank || index >= rank)
      throw new OutOfRangeError(`Invalid reduction dimension ${index} for input with ${rank} dimension(s)`);
    const axis = index < 0 ? index + rank : index;
    if (axes.includes(axis)) throw new InvalidArgumentError(`Duplicate reduction dimension ${index}`);
    axes.push(axis);
  }
  return axes;
}

/** Offsets of all positions along some axes, the last axis running fastest. */
function offsetsAlong(axes: readonly number[], shape: readonly number[], strides: readonly number[]): number[] {
  return axes.reduce<number[]>(
    (offsets, axis) =>
      offsets.flatMap((offset) => Array.from({ length: shape[axis] }, (_, i) => offset + i * strides[axis])),
    [0],
  );
}

function fullMatches(input: NdArray, pattern: RegExp): NdArray {
  const decoder = new TextDecoder();
  const matches = stringData(input).map((element) =>
    pattern.test(typeof element === 'string' ? element : decoder.decode(element)) ? 1 : 0,
  );
  return new NdArray(bool, input.shape, Uint8Array.from(matches));
}

const staticRegexFullMatch: Kernel = ([input], c) =>
  fullMatches(
    input,
    c.state(() => compileFullMatch(c.attr<string>('pattern'))),
  );

const regexFullMatch: Kernel = ([input, pattern]) => {
  if (pattern.rank !== 0)
    throw new InvalidArgumentError(`Pattern must be scalar, but received [${pattern.shape.join(',')}]`);
  return fullMatches(input, compileFullMatch(String(pattern.data[0])));
};

export const stringKernels: KernelTable<typeof stringOps> = {
  StringJoin: (inputs, c) => {
    const shape = inputs.find((input) => input.rank > 0)?.shape ?? [];
    for (const input of inputs) {
      if (input.rank > 0 && input.shape.join() !== shape.join()) {
        throw new InvalidArgumentError(
          `Input shapes do not match: [${shape.join(',')}] vs. [${input.shape.join(',')}]`,
        );
      }
    }
    const separator = c.attr<string>('separator');
    const out = Array.from({ length: sizeOf(shape) }, (_, i) =>
      joined(
        inputs.map((input) => stringData(input)[input.rank === 0 ? 0 : i]),
        separator,
      ),
    );
    return new NdArray(string, shape, out);
  },
  AsString: ([input], c) => {
    const format = numberFormat(c, input);
    const width = c.attr<number>('width');
    const pad = (text: string) => (c.attr<string>('fill') === '-' ? text.padEnd(width) : text.padStart(width));
    const out = Array.from({ length: input.size }, (_, i) => {
      const value = input.data[i];
      if (input.dtype === string) return typeof value === 'string' ? pad(value) : (value as unknown as Uint8Array);
      // Booleans are not padded.
      return input.dtype.isBool ? (value === 0 ? 'false' : 'true') : format(value as number);
    });
    return new NdArray(string, input.shape, out);
  },
  ReduceJoin: ([input, indices], c) => {
    const axes = joinAxes(indices, input.rank);
    const strides = stridesOf(input.shape);
    const kept = input.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
    // The axis that is named first is joined first: it runs fastest.
    const inner = offsetsAlong([...axes].reverse(), input.shape, strides);
    const separator = c.attr<string>('separator');
    const data = stringData(input);
    const out = offsetsAlong(kept, input.shape, strides).map((base) =>
      joined(
        inner.map((offset) => data[base + offset]),
        separator,
      ),
    );
    const keepDims = c.attr<boolean>('keep_dims');
    const shape = keepDims
      ? input.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim))
      : kept.map((axis) => input.shape[axis]);
    return new NdArray(string, shape, out);
  },
  StringLength: ([input], c) => {
    const out = allocate(c.outputTypes[0], input.size);
    const inBytes = c.attr<string>('unit') === 'BYTE';
    stringData(input).forEach((element, i) => {
      out[i] = (inBytes || typeof element !== 'string' ? bytesOf(element).length : [...element].length) as never;
    });
    return new NdArray(c.outputTypes[0], input.shape, out);
  },
  Substr: ([input, pos, len], c) => {
    const shape = broadcastShapes(input.shape, pos.shape);
    const out = new Array<StringElement>(sizeOf(shape));
    const inBytes = c.attr<string>('unit') === 'BYTE';
    const data = stringData(input);
    forEachBroadcast(shape, broadcastStrides(input.shape, shape), broadcastStrides(pos.shape, shape), (i, from, at) => {
      const element = data[from];
      const units = inBytes || typeof element !== 'string' ? bytesOf(element) : [...element];
      const start = Number(pos.data[at]);
      const first = start < 0 ? start + units.length : start;
      if (first < 0 || first > units.length) {
        throw new InvalidArgumentError(
          `pos ${start} out of range for string b'${typeof element === 'string' ? element : ''}' at index ${from}`,
        );
      }
      const length = Number(len.data[at]);
      const part = units.slice(first, length < 0 ? units.length : first + length);
      out[i] = part instanceof Uint8Array ? toStringElement(part) : part.join('');
    });
    return new NdArray(string, shape, out);
  },
  StringToNumber: ([input], c) => {
    const out = allocate(c.outputTypes[0], input.size);
    stringData(input).forEach((element, i) => {
      out[i] = parseNumber(element, c) as never;
    });
    return new NdArray(c.outputTypes[0], input.shape, out);
  },
  StringLower: changeCase(
    (element) => mapAscii(element, 65, 90, 32),
    (text) => text.toLowerCase(),
  ),
  StringUpper: changeCase(
    (element) => mapAscii(element, 97, 122, -32),
    (text) => text.toUpperCase(),
  ),
  StringStrip: mapStrings((element) => {
    if (typeof element === 'string') return element.replace(/^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g, '');
    const isSpace = (byte: number) => byte === 32 || (byte >= 9 && byte <= 13);
    let [start, end] = [0, element.length];
    while (start < end && isSpace(element[start])) start++;
    while (end > start && isSpace(element[end - 1])) end--;
    return toStringElement(element.slice(start, end));
  }),
  RegexFullMatch: regexFullMatch,
  StaticRegexFullMatch: staticRegexFullMatch,
  StringFormat: (inputs, c) => {
    const pieces = c.attr<string>('template').split(c.attr<string>('placeholder'));
    const text = pieces
      .map((piece, i) => (i === 0 ? piece : `${summarizeEdges(inputs[i - 1], c.attr<number>('summarize'))}${piece}`))
      .join('');
    return new NdArray(string, [], [text]);
  },
};
