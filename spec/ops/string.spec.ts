/**
 * Rows: strings.
 */
import * as dtypes from '../../graph/dtypes';
import { NdArray } from '../../graph/ndarray';
import {
  type AsStringOptions,
  asString,
  reduceJoin,
  regexFullMatch,
  stringFormat,
  stringJoin,
  stringLength,
  stringLower,
  stringStrip,
  stringToNumber,
  stringUpper,
  substr,
} from '../../graph/ops/string';
import { bools, f32, f64, i32, i64, opCase, strings, u8 } from '../support/opCase';

opCase('StringJoin', 'scalars go with every element', {
  inputs: [strings(['a', 'b']), strings('x')],
  build: (...xs) => stringJoin(xs, { separator: '-' }),
  want: strings(['a-x', 'b-x']),
});
opCase('StringJoin', 'nothing', { inputs: [], build: () => stringJoin([]), want: strings('') });
opCase('StringJoin', 'halves of a character', {
  inputs: [
    new NdArray(dtypes.string, [], [Uint8Array.of(0xc3)]),
    new NdArray(dtypes.string, [], [Uint8Array.of(0xa9)]),
  ],
  build: (...xs) => stringJoin(xs),
  want: strings('é'),
});
opCase('StringJoin', 'shapes that differ', {
  inputs: [strings(['a', 'b']), strings(['x', 'y', 'z'])],
  build: (...xs) => stringJoin(xs),
  fails:
    /^Dimension 0 in both shapes must be equal, but are 2 and 3\. Shapes are \[2\] and \[3\]\. for|^Input shapes do not match: \[2\] vs\. \[3\]/,
});

const shown = (value: NdArray, want: string, options: AsStringOptions = {}) =>
  opCase('AsString', `${value} ${JSON.stringify(options)}`, {
    inputs: [value],
    build: (x) => asString(x, options),
    want: strings(want),
  });
shown(f32(1.5), '1.500000');
shown(f32(-0), '-0.000000');
shown(f32(1e10), '10000000000.000000');
shown(f64(1 / 3), '0.333333');
shown(f32(Number.NaN), 'nan');
shown(f32(-Infinity), '-inf');
shown(bools(true), 'true');
shown(bools(false), 'false', { width: 8 });
shown(strings('abc'), 'abc', { scientific: true, precision: 1 });
shown(i64(-5), '-5');
shown(u8(200), '200');
shown(strings('abc'), 'abc');
shown(f32(2.71875), '2.72', { precision: 2 });
shown(f32(314159), '3.141590e+05', { scientific: true });
shown(f32(2.71875), '2.72e+00', { scientific: true, precision: 2 });
shown(f32(0.1), '0.1', { shortest: true });
shown(f32(1e-7), '1e-07', { shortest: true });
shown(f32(3.5), '3.5     ', { width: 8, fill: '-', precision: 1 });
shown(i32(-42), '   -42', { width: 6 });
shown(i32(-42), '-00042', { width: 6, fill: '0' });
shown(i32(42), '+42', { fill: '+' });
shown(i32(42), '  +42', { fill: '+', width: 5 });
shown(strings('s'), '    s', { width: 5 });
shown(strings('s'), 's    ', { width: 5, fill: '-' });
const refused = (value: NdArray, options: AsStringOptions, fails: RegExp) =>
  opCase('AsString', JSON.stringify(options), { inputs: [value], build: (x) => asString(x, options), fails });
refused(i32(42), { fill: 'ab' }, /Fill string must be one or fewer characters/);
refused(i32(42), { precision: 2 }, /precision not supported for datatype int32/);
refused(bools(true), { precision: 3 }, /precision not supported for datatype bool/);
refused(f32(1.5), { scientific: true, shortest: true }, /Cannot select both scientific and shortest notation/);
refused(i32(42), { scientific: true }, /scientific and shortest format not supported for datatype int32/);

const letters = strings([
  ['a', 'b'],
  ['c', 'd'],
  ['e', 'f'],
]);
opCase('ReduceJoin', 'each axis', {
  inputs: [letters],
  build: (x) => [
    reduceJoin(x, 0, { separator: '.' }),
    reduceJoin(x, -1, { separator: '.' }),
    reduceJoin(x, [0, 1]),
    reduceJoin(x, [1, 0]),
  ],
  want: [strings(['a.c.e', 'b.d.f']), strings(['a.b', 'c.d', 'e.f']), strings('acebdf'), strings('abcdef')],
});
opCase('ReduceJoin', 'all axes, kept axes, no axes', {
  inputs: [letters],
  build: (x) => [reduceJoin(x), reduceJoin(x, [0], { keepdims: true }), reduceJoin(x, Int32Array.of())],
  want: [strings('abcdef'), strings([['ace', 'bdf']]), letters],
});
opCase('ReduceJoin', 'nothing to join', {
  inputs: [NdArray.zeros(dtypes.string, [0, 2])],
  build: (x) => reduceJoin(x, 0),
  want: strings(['', '']),
});
opCase('ReduceJoin', 'axis out of range', {
  inputs: [letters],
  build: (x) => reduceJoin(x, 2),
  fails: /^Invalid reduction dimension 2 for input with 2 dimension(s\. for|\(s\)\n)/,
});
opCase('ReduceJoin', 'repeated axis', {
  inputs: [letters],
  build: (x) => reduceJoin(x, [0, -2]),
  fails: /^Duplicate reduction dimension -2/,
});

const words = strings(['a', 'é€', '']);
opCase('StringLength', 'bytes and characters', {
  inputs: [words],
  build: (x) => [stringLength(x), stringLength(x, { unit: 'UTF8_CHAR' })],
  want: [i32([1, 5, 0]), i32([1, 2, 0])],
});
opCase('Substr', 'one position for all', {
  inputs: [strings(['hello', 'world'])],
  build: (x) => substr(x, 1, 3),
  want: strings(['ell', 'orl']),
});
opCase('Substr', 'positions from the end', {
  inputs: [strings(['hello', 'world']), i32([1, -2]), i32([3, 1])],
  build: substr,
  want: strings(['ell', 'l']),
});
opCase('Substr', 'broadcast', {
  inputs: [strings(['hello', 'ab']), i64([[0], [1]]), i64([[3], [1]])],
  build: substr,
  want: strings([
    ['hel', 'ab'],
    ['e', 'b'],
  ]),
});
opCase('Substr', 'characters', {
  inputs: [strings('héllo')],
  build: (x) => substr(x, 1, 2, { unit: 'UTF8_CHAR' }),
  want: strings('él'),
});
opCase('Substr', 'out of range', {
  inputs: [strings('hi'), i32(5), i32(1)],
  build: substr,
  fails: /^pos 5 out of range for string b'hi' at index 0/,
});
opCase('Substr', 'shapes that differ', {
  inputs: [strings(['hello', 'a']), i32([0, 0, 0]), i32([3, 1, 1])],
  build: substr,
  fails: /^Dimensions must be equal, but are 2 and 3 for|^Incompatible shapes: \[2\] vs\. \[3\]/,
});

opCase('StringToNumber', 'floats', {
  inputs: [strings(['1.5', ' 2 ', '1e3', 'nan', '-inf', '1e39', '.5', '5.'])],
  build: (x) => stringToNumber(x),
  want: f32([1.5, 2, 1000, Number.NaN, -Infinity, Infinity, 0.5, 5]),
});
opCase('StringToNumber', 'integers', {
  inputs: [strings(['7', '-12'])],
  build: (x) => [stringToNumber(x, dtypes.int32), stringToNumber(x, dtypes.int64), stringToNumber(x, dtypes.float64)],
  want: [i32([7, -12]), i64([7, -12]), f64([7, -12])],
});
for (const [text, dtype] of [
  ['abc', dtypes.float32],
  ['3000000000', dtypes.int32],
  ['0x1F', dtypes.int32],
  ['1.5', dtypes.int32],
  ['', dtypes.float32],
  ['Infinity', dtypes.float32],
] as const) {
  opCase('StringToNumber', `'${text}' as ${dtype.name}`, {
    inputs: [strings(text)],
    build: (x) => stringToNumber(x, dtype),
    fails: new RegExp(`^StringToNumberOp could not correctly convert string: ${text}\n`),
  });
}

opCase('StringLower', 'ASCII or all letters', {
  inputs: [strings(['ABC É'])],
  build: (x) => [stringLower(x), stringLower(x, { encoding: 'utf-8' })],
  want: [strings(['abc É']), strings(['abc é'])],
});
opCase('StringLower', 'unknown encoding', {
  inputs: [strings('a')],
  build: (x) => stringLower(x, { encoding: 'latin' }),
  fails: /received latin/,
});
opCase('StringUpper', 'ASCII or all letters', {
  inputs: [strings(['abc é'])],
  build: (x) => [stringUpper(x), stringUpper(x, { encoding: 'utf-8' })],
  want: [strings(['ABC é']), strings(['ABC É'])],
});
opCase('StringStrip', 'white space', {
  inputs: [strings([' a b \n', '\t', ''])],
  build: (x) => stringStrip(x),
  want: strings(['a b', '', '']),
});

const formatted = (value: NdArray, want: string, summarize?: number) =>
  opCase('StringFormat', `${value} ${summarize ?? ''}`, {
    inputs: [value],
    build: (x) => stringFormat('<{}>', x, { summarize }),
    want: strings(want),
  });
const upTo = (count: number, shape: number[]) =>
  NdArray.from({ data: Int32Array.from({ length: count }, (_, i) => i), shape });
formatted(f32(1.5), '<1.5>');
formatted(strings('abc'), '<"abc">');
formatted(strings(['a"b\né', 'b']), '<["a\\"b\\né" "b"]>');
formatted(upTo(12, [2, 2, 3]), '<[[[0 1 2]\n  [3 4 5]]\n\n [[6 7 8]\n  [9 10 11]]]>');
formatted(upTo(20, [20]), '<[0 1 2 ... 17 18 19]>');
formatted(upTo(20, [10, 2]), '<[[0 1]\n [2 3]\n [4 5]\n ...\n [14 15]\n [16 17]\n [18 19]]>');
formatted(bools([true, false]), '<[1 0]>');
formatted(NdArray.zeros(dtypes.float32, [2, 0]), '<[\n ...]>');
formatted(f32([]), '<[]>');
formatted(upTo(5, [5]), '<[0 ... 4]>', 1);
formatted(upTo(6, [6]), '<[0 1 2 3 4 5]>');
formatted(upTo(7, [7]), '<[0 1 2 ... 4 5 6]>');
formatted(upTo(8, [8]), '<[0 1 2 3 4 5 6 7]>', -1);
opCase('StringFormat', 'several', {
  inputs: [i32(1), i32([2])],
  build: (x, y) => stringFormat('{} and {}', [x, y]),
  want: strings('1 and [2]'),
});
opCase('StringFormat', 'too few', {
  inputs: [i32(1)],
  build: (x) => stringFormat('{} {}', x),
  fails: /^The template expects 2 tensors, but the inputs only has 1\./,
});

for (const [pattern, want] of [
  ['a.*', [true, true, false, false]],
  ['^a(?:b|c)$', [true, false, false, false]],
  ['\\S+', [true, false, true, true]],
  ['.', [false, false, true, false]],
  ['[\\sx.é]*', [false, false, false, true]],
] as const) {
  opCase('RegexFullMatch', pattern, {
    inputs: [strings(['ab', 'a b', '\u2028', 'xé']), strings(pattern)],
    build: (input, expression) => regexFullMatch(input, expression),
    want: bools(want),
  });
  opCase('StaticRegexFullMatch', pattern, {
    inputs: [strings(['ab', 'a b', '\u2028', 'xé'])],
    build: (input) => regexFullMatch(input, pattern),
    want: bools(want),
  });
}
opCase('StaticRegexFullMatch', 'no pattern', {
  inputs: [strings(['ab'])],
  build: (input) => regexFullMatch(input, '('),
  fails: /^Invalid pattern: \(, error:/,
});
opCase('StaticRegexFullMatch', 'of another engine', {
  inputs: [strings(['ab'])],
  build: (input) => regexFullMatch(input, '(?=a)b'),
  fails: /^The pattern "\(\?=a\)b" uses "\(\?=", which is not supported here/,
});
