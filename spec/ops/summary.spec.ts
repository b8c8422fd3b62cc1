/**
 * Rows: summaries. What TensorFlow wrote (spec/golden/summary_values.py) comes out byte for byte, pictures pixel for pixel.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { expect } from 'chai';
import { applyUnary } from '../../graph/applyOp';
import { SummarySchema } from '../../graph/formats/protos/generated/summary_pb';
import { NdArray, type StringElement, sizeOf } from '../../graph/ndarray';
import * as tf from '../../lib/index';
import { bools, f32, f64, i64, opCase, strings, u8 } from '../support/opCase';

const { summary } = tf;
const golden = JSON.parse(readFileSync(join(__dirname, '..', 'golden', 'values', 'summary.json'), 'utf8')) as Record<
  string,
  string
>;

/** The numbers of the script. */
const wave = (count: number) => Array.from({ length: count }, (_, i) => (((i * 7919) % 1009) - 504) / 504);
const shaped = (make: typeof f32, data: number[], shape: readonly number[]) => make(data).reshape(shape);
const floats = (data: number[], shape: readonly number[]) => shaped(f32, data, shape);

function badPicture(): NdArray {
  const data = wave(27);
  data[3] = Number.NaN;
  data[13] = Infinity;
  return floats(data, [1, 3, 3, 3]);
}

/** The same programs as in the script, by its names. */
const programs: Readonly<Record<string, () => tf.Tensor>> = {
  scalar: () => summary.scalar('loss', 0.1),
  'scalar of float64': () => summary.scalar('loss', f64(0.1)),
  'scalar of int64': () => summary.scalar('loss', i64(2n ** 40n + 1n)),
  scalars: () => applyUnary('ScalarSummary', { tags: ['a', 'b', ''], values: [1.5, Number.NaN, 0] }),
  histogram: () => summary.histogram('h', f32(wave(1000).map((value) => value * 3))),
  'histogram of float64': () =>
    summary.histogram(
      'h',
      f64(Array.from({ length: 200 }, (_, i) => (((i * 7919) % 1009) - 504) * 2 ** (((i * 37) % 180) - 90))),
    ),
  'histogram of int64': () => summary.histogram('h', i64(Array.from({ length: 95 }, (_, i) => BigInt(i - 5) ** 3n))),
  'histogram of nothing': () => summary.histogram('h', f32([])),
  'histogram at limits': () => summary.histogram('h', f64([0, -0, 1e-12, -1e-12, 1e-13, 1e20, -1e20, 1e300, -1e300])),
  'image of bytes': () =>
    summary.image('i', u8(Array.from({ length: 90 }, (_, i) => i % 251)).reshape([2, 3, 5, 3]), { maxOutputs: 1 }),
  'image of floats': () => summary.image('i', floats(wave(144).map(Math.abs), [4, 6, 6, 1])),
  'image of signed floats': () =>
    summary.image(
      'i',
      floats(
        wave(200).map((value) => value * 7),
        [2, 5, 5, 4],
      ),
    ),
  'image of float64': () => summary.image('i', shaped(f64, wave(150), [2, 5, 5, 3])),
  'image with bad pixels': () => summary.image('i', badPicture()),
  'black image': () => summary.image('i', f32([1e-7, 1e-7, 1e-7, 1e-7]).reshape([1, 2, 2, 1])),
  'no image': () => summary.image('i', NdArray.zeros(tf.float32, [0, 2, 2, 1])),
  audio: () =>
    summary.audio(
      'a',
      floats(
        wave(60).map((value) => value * 1.2),
        [2, 15, 2],
      ),
      22050.5,
    ),
  'one audio': () => summary.audio('a', [[0.5, -0.5, 1, -1, 0.5 / 32768, -0.5 / 32768]], 0.2, { maxOutputs: 1 }),
  'silent audio': () => summary.audio('a', NdArray.zeros(tf.float32, [1, 0]), 8000),
  text: () =>
    summary.text(
      't',
      tf.constant([
        ['a', 'b'],
        ['ü', ''],
      ]),
    ),
  tensor: () =>
    summary.tensorSummary('t', NdArray.from(Int16Array.from([0, 1, 2, 3, 4, 5])).reshape([2, 3]), {
      summaryDescription: 'what',
      displayName: 'shown',
    }),
  'tensor of nothing': () => summary.tensorSummary('t', NdArray.zeros(tf.float32, [0, 2])),
  merge: () =>
    summary.merge([
      summary.scalar('a', 1),
      summary.text('b', tf.constant('x')),
      applyUnary('MergeSummary', { inputs: [['', '']] }),
    ]),
};

function bytesOf(element: StringElement): Uint8Array {
  return typeof element === 'string' ? new TextEncoder().encode(element) : element;
}

/** The pixels of a PNG file without filters. */
function pixelsOf(png: Uint8Array): Uint8Array {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const length = view.getUint32(33);
  expect(new TextDecoder().decode(png.subarray(37, 41))).to.equal('IDAT');
  const lines = inflateSync(png.subarray(41, 41 + length));
  const row = lines.length / height;
  expect((row - 1) % width, 'bytes per pixel').to.equal(0);
  return Uint8Array.from(
    Array.from({ length: height }, (_, y) => {
      expect(lines[y * row], 'filter').to.equal(0);
      return [...lines.subarray(y * row + 1, (y + 1) * row)];
    }).flat(),
  );
}

/** A serialized summary with the pixels of its pictures in place of their files. */
function withPixels(bytes: Uint8Array): string {
  const read = fromBinary(SummarySchema, bytes);
  for (const { value } of read.value) {
    if (value.case === 'image') value.value.encodedImageString = pixelsOf(value.value.encodedImageString);
  }
  return Buffer.from(toBinary(SummarySchema, read)).toString('base64');
}

describe('summaries are those that TensorFlow writes', () => {
  it('has a twin for every program', () => expect(Object.keys(programs)).to.deep.equal(Object.keys(golden)));

  for (const [name, build] of Object.entries(programs)) {
    it(name, () => {
      const graph = new tf.Graph();
      const value = new tf.Session({ graph }).runSync(graph.asDefault(build)) as NdArray;
      const bytes = bytesOf(value.data[0] as StringElement);
      const got = name.includes('image') ? withPixels(bytes) : Buffer.from(bytes).toString('base64');
      expect(got).to.equal(golden[name]);
    });
  }
});

const call =
  (op: string, ...names: string[]) =>
  (...inputs: tf.Tensor[]) =>
    applyUnary(op, Object.fromEntries(names.map((name, i) => [name, inputs[i]])));

const scalar = call('ScalarSummary', 'tags', 'values');
const histogram = call('HistogramSummary', 'tag', 'values');
const image = call('ImageSummary', 'tag', 'tensor');
const audio = call('AudioSummaryV2', 'tag', 'tensor', 'sample_rate');
const tensor = call('TensorSummaryV2', 'tag', 'tensor', 'serialized_summary_metadata');
const merge = (...inputs: tf.Tensor[]) => applyUnary('MergeSummary', { inputs });
const zeros = (...shape: number[]) => f32(new Array(sizeOf(shape)).fill(0)).reshape(shape);

opCase('ScalarSummary', 'one', {
  inputs: [strings('a'), f64(2)],
  build: scalar,
  want: strings('\n\b\n\u0001a\u0015\0\0\0@'),
});
opCase('HistogramSummary', 'one', { inputs: [strings('a'), f32([1, 2])], build: histogram });
opCase('ImageSummary', 'one', { inputs: [strings('a'), zeros(1, 2, 2, 1)], build: image });
opCase('AudioSummaryV2', 'one', { inputs: [strings('a'), zeros(1, 2), f32(8)], build: audio });
opCase('TensorSummaryV2', 'one', { inputs: [strings('a'), bools(true), strings('')], build: tensor });
opCase('MergeSummary', 'nothing', { inputs: [strings(''), strings(['', ''])], build: merge, want: strings('') });

const refusals: readonly (readonly [string, (...inputs: tf.Tensor[]) => tf.Tensor, readonly NdArray[], RegExp])[] = [
  [
    'ScalarSummary',
    scalar,
    [strings(['a', 'b']), f32([1])],
    /tags and values are not the same shape: \[2\] != \[1\]\n/,
  ],
  ['ScalarSummary', scalar, [strings('a'), f32([1, 2])], /not the same shape: \[\] != \[2\] \(tag 'a'\)/],
  ['HistogramSummary', histogram, [strings(['a']), f32(1)], /tags must be scalar/],
  ['HistogramSummary', histogram, [strings('a'), f32([1, NaN])], /Nan in summary histogram for: HistogramSummary/],
  ['HistogramSummary', histogram, [strings('a'), f32([-Infinity])], /Infinity in Histogram for: HistogramSummary/],
  ['ImageSummary', image, [strings(['a']), zeros(1, 1, 1, 1)], /Tags must be a scalar/],
  ['ImageSummary', image, [strings('a'), zeros(1, 2, 2, 2)], /must be 4-D with last dim 1, 3, or 4, not \[1,2,2,2\]/],
  ['ImageSummary', image, [strings('a'), zeros(1, 0, 2, 1)], /must have non-zero dims. Found: \[1, 0, 2, 1\]\./],
  ['AudioSummaryV2', audio, [strings(['a']), zeros(1, 2), f32(8)], /Tag must be a scalar/],
  ['AudioSummaryV2', audio, [strings('a'), zeros(1), f32(8)], /Tensor must be 3-D or 2-D, got: \[1\]/],
  ['AudioSummaryV2', audio, [strings('a'), zeros(1, 2), f32([8, 8])], /sample_rate must be rank-0 or contain a single/],
  ['AudioSummaryV2', audio, [strings('a'), zeros(1, 2), f32(0)], /sample_rate must be > 0/],
  ['AudioSummaryV2', audio, [strings('a'), zeros(1, 2, 0), f32(8)], /audio is null/],
  ['TensorSummaryV2', tensor, [strings(['a']), f32(1), strings('')], /tag must be scalar/],
  ['TensorSummaryV2', tensor, [strings('a'), f32(1), strings([''])], /serialized_summary_metadata must be scalar/],
  ['TensorSummaryV2', tensor, [strings('a'), f32(1), strings('xyz')], /Could not parse serialized_summary_metadata/],
  ['MergeSummary', merge, [strings('xyz')], /Could not parse one of the summary inputs/],
];
for (const [op, build, inputs, fails] of refusals) {
  opCase(op, `refuses: ${fails.source}`, { inputs, build, fails });
}

describe('summary ops', () => {
  const run = (build: () => tf.Tensor) => {
    const graph = new tf.Graph();
    return () => new tf.Session({ graph }).runSync(graph.asDefault(build));
  };

  it('refuse two values of one tag', () => {
    const twice = () => summary.merge([summary.scalar('a', 1), applyUnary('ScalarSummary', { tags: 'a', values: 2 })]);
    expect(run(twice)).to.throw(tf.errors.InvalidArgumentError, 'Duplicate tag a found in summary inputs');
  });

  it('refuse text that is no string', () => {
    expect(() => new tf.Graph().asDefault(() => summary.text('t', tf.constant(1)))).to.throw(
      tf.errors.ValueError,
      /Expected tensor Const:0 to have dtype string, got <dtype: 'float32'>/,
    );
  });

  it('refuse a bad colour with too few channels, or of another type', () => {
    const colored = (bad: NdArray) =>
      run(() => applyUnary('ImageSummary', { tag: 'a', tensor: zeros(1, 2, 2, 4), bad_color: bad }));
    expect(colored(u8([1, 2, 3]))).to.throw(/expected depth <= bad_color.size, got depth = 4, bad_color.size = 3/);
    expect(colored(f32([1, 2, 3]))).to.throw(/bad_color must be uint8, got float/);
  });
});
