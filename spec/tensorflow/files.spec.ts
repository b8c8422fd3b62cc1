/**
 * Event files, record files and array files, both ways: TensorBoard 2.15, TensorFlow and numpy read what sluice writes, and
 * sluice reads what they write. One Python process does all of its side (files.py).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary, toJson } from '@bufbuild/protobuf';
import { expect } from 'chai';
import { EventSchema } from '../../graph/formats/protos/generated/event_pb';
import { SummarySchema } from '../../graph/formats/protos/generated/summary_pb';
import type { NdArray } from '../../graph/ndarray';
import * as tf from '../../lib/index';
import { decode, encode, python, type WireArray } from './wire';

interface Log {
  readonly files: readonly string[];
  readonly tags: Readonly<Record<string, readonly string[] | boolean>>;
  readonly versions: readonly string[];
  readonly count: number;
  readonly scalars: Readonly<Record<string, [number, number][]>>;
  readonly histograms: Readonly<Record<string, [number, ...unknown[]][]>>;
  readonly images: Readonly<Record<string, [number, number, WireArray][]>>;
  readonly audio: Readonly<Record<string, unknown[][]>>;
  readonly tensors: Readonly<Record<string, [number, WireArray][]>>;
  readonly plugins: Readonly<Record<string, string>>;
  readonly nodes: readonly string[];
  readonly metaNodes: readonly string[];
  readonly runs: Readonly<Record<string, { stepStats: { devStats: { nodeStats: { nodeName: string }[] }[] } }>>;
  readonly ingested: Readonly<Record<string, Readonly<Record<string, [number, number][]>>>>;
}

interface Answer {
  readonly log: Log;
  readonly records: Readonly<Record<string, string[]>>;
  readonly arrays: Readonly<Record<string, WireArray>>;
  readonly examples: readonly { readonly json: unknown; readonly bytes: string }[];
  readonly theirLog: readonly Record<string, unknown>[];
  readonly theirArrays: Readonly<Record<string, WireArray>>;
}

const compressions = ['', 'GZIP', 'ZLIB'] as const;
const { float32, float64, int64, string } = tf;
const array = (value: tf.ArrayLike, dtype: tf.DType = float32) => tf.NdArray.from(value, dtype);
const wave = (count: number, offset = 0) => Array.from({ length: count }, (_, i) => Math.sin(offset + i * 1.7));

const records = [
  new Uint8Array(0),
  new TextEncoder().encode('text'),
  Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) % 251),
];

const arrays: Readonly<Record<string, NdArray>> = {
  'floats.npy': array([wave(5), wave(5, 1)], float64),
  'scalar.npy': array(0.5),
  'long.npy': array([-(2n ** 63n), 7n], int64),
  'text.npy': array(
    [
      ['ünï', '𝄞'],
      ['', 'x'],
    ],
    string,
  ),
  'bytes.npy': array(['ab', Uint8Array.of(1, 255)], string),
  'flags.npy': array([true, false], tf.bool),
};

const example = tf.train.encodeExample({ weights: [0.5, 1.5], name: 'ünï', label: [7n, -1n] });

/** Three steps of a graph with every kind of summary. */
function writeLog(logdir: string): { graph: tf.Graph; histogram: unknown[] } {
  const graph = new tf.Graph();
  const { summary } = tf;
  const [merged, x, histogram] = graph.asDefault(() => {
    const values = tf.placeholder(float32, [null, 4], { name: 'x' });
    summary.scalar('mean', tf.reduceMean(values), { family: 'stats' });
    const distribution = summary.histogram('values', values);
    summary.image('picture', tf.reshape(values, [1, 4, 3, 1]), { maxOutputs: 1 });
    summary.audio('sound', values, 8000, { maxOutputs: 1 });
    summary.text('note', tf.constant(['hello', '**bold**']));
    return [summary.mergeAll() as tf.Tensor, values, distribution];
  });
  const session = new tf.Session({ graph });
  using writer = new summary.FileWriter(logdir, graph);
  let last: unknown[] = [];
  for (let step = 0; step < 3; step++) {
    const metadata: tf.RunMetadata = {};
    const [value, one] = session.runSync([merged, histogram], {
      feed: [[x, array(wave(12, step)).reshape([3, 4])]],
      options: { traceLevel: tf.TraceLevel.FULL_TRACE },
      metadata,
    }) as NdArray[];
    writer.addSummary(value, step);
    writer.addRunMetadata(metadata, `step ${step}`, step);
    const { histo } = { histo: fromBinary(SummarySchema, one.item() as Uint8Array).value[0].value };
    if (histo.case === 'histo') {
      const { min, max, num, sum, sumSquares, bucketLimit, bucket } = histo.value;
      last = [step, min, max, num, sum, sumSquares, bucketLimit, bucket];
    }
  }
  return { graph, histogram: last };
}

describe('files of logs, records and arrays', function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-files-'));
  const ours = join(folder, 'ours');
  const theirs = join(folder, 'theirs');
  let answer: Answer;
  let written: ReturnType<typeof writeLog>;

  before(() => {
    written = writeLog(join(ours, 'log'));
    for (const compressionType of compressions) {
      using writer = new tf.io.TFRecordWriter(join(ours, `records.${compressionType || 'NONE'}`), { compressionType });
      for (const record of records) writer.write(record);
    }
    using writer = new tf.io.TFRecordWriter(join(ours, 'examples'));
    writer.write(example);
    writer.close();
    for (const [name, value] of Object.entries(arrays)) tf.io.saveNpy(join(ours, name), value);
    tf.io.saveNpz(join(ours, 'stored.npz'), { a: arrays['floats.npy'], 'b c': arrays['text.npy'] });
    tf.io.saveNpz(join(ours, 'deflated.npz'), { a: arrays['floats.npy'] }, { isCompressed: true });
    const run = spawnSync(python(), ['-W', 'ignore', join(__dirname, 'files.py'), folder], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    expect(run.status, `${run.error ?? ''}${run.stderr}`).to.equal(0);
    answer = JSON.parse(run.stdout.trim().split('\n').at(-1) as string);
  });

  after(() => rmSync(folder, { recursive: true }));

  const expectSame = (got: NdArray, wire: WireArray, what: string) => {
    expect(encode(got), what).to.deep.equal(wire);
  };

  it('TensorBoard finds the log and its kinds', () => {
    const { log } = answer;
    expect(log.files).to.have.length(1);
    expect(log.versions).to.deep.equal(['brain.Event:2']);
    // One more than was written: TensorBoard's loader adds one to the graph's for its plugin.
    expect(log.count).to.equal(1 + 2 + 3 + 3 + 1);
    expect(log.tags).to.deep.equal({
      images: ['picture/image'],
      audio: ['sound/audio'],
      histograms: ['values'],
      scalars: ['stats/stats/mean'],
      distributions: ['values'],
      tensors: ['note'],
      graph: true,
      meta_graph: true,
      run_metadata: ['step 0', 'step 1', 'step 2'],
    });
  });

  it('TensorBoard reads the scalars', () => {
    const want = [0, 1, 2].map((step) => {
      const values = wave(12, step).map(Math.fround);
      return [step, values.reduce((sum, value) => sum + value, 0) / 12];
    });
    const got = answer.log.scalars['stats/stats/mean'];
    expect(got.map(([step]) => step)).to.deep.equal([0, 1, 2]);
    got.forEach(([, value], i) => expect(value).to.be.closeTo(want[i][1], 1e-6));
    expect(answer.log.ingested).to.deep.equal({ '.': { 'stats/stats/mean': got } });
  });

  it('TensorBoard reads the histograms', () => {
    const got = answer.log.histograms.values;
    expect(got).to.have.length(3);
    expect(got[2]).to.deep.equal(written.histogram);
  });

  it('TensorBoard reads the pictures, the sounds and the text', () => {
    const { images, audio, tensors, plugins } = answer.log;
    expect(images['picture/image'].map(([width, height]) => [width, height])).to.deep.equal(Array(3).fill([3, 4]));
    const values = wave(12, 2).map(Math.fround);
    const scale = Math.fround(127 / Math.max(...values.map(Math.abs)));
    const pixels = values.map((value) => Math.trunc(Math.fround(Math.fround(value * scale) + 128)));
    expect([...decode(images['picture/image'][2][2]).data]).to.deep.equal(pixels);
    expect(audio['sound/audio']).to.deep.equal(Array(3).fill([8000, 4, 'audio/wav']));
    expect(plugins).to.deep.equal({ note: 'text' });
    expect(tensors.note.map(([step, value]) => [step, decode(value).toArray()])).to.deep.equal(
      [0, 1, 2].map((step) => [step, ['hello', '**bold**']]),
    );
  });

  it('TensorBoard reads the graph and what runs noted', () => {
    const names = written.graph.operations.map(({ name }) => name);
    expect(answer.log.nodes).to.deep.equal(names);
    expect(answer.log.metaNodes).to.deep.equal(names);
    const [device] = answer.log.runs['step 2'].stepStats.devStats;
    expect(device.nodeStats.map(({ nodeName }) => nodeName)).to.include.members(['values', 'stats/mean']);
  });

  it('TensorFlow reads the records, and its own come back', () => {
    const want = records.map((record) => Buffer.from(record).toString('base64'));
    expect(answer.records).to.deep.equal(Object.fromEntries(compressions.map((name) => [name, want])));
    for (const compressionType of compressions) {
      const path = join(theirs, `records.${compressionType || 'NONE'}`);
      const got = [...tf.io.tfRecordIterator(path, { compressionType })];
      expect(got.map((record) => Buffer.from(record).toString('base64'))).to.deep.equal(want);
    }
  });

  it('TensorFlow reads examples, and writes them in the same way', () => {
    const [{ json, bytes }] = answer.examples;
    expect(json).to.deep.equal({
      features: {
        feature: {
          label: { int64List: { value: ['7', '-1'] } },
          name: { bytesList: { value: [Buffer.from('ünï').toString('base64')] } },
          weights: { floatList: { value: [0.5, 1.5] } },
        },
      },
    });
    expect(bytes).to.equal(Buffer.from(example).toString('base64'));
  });

  it('numpy reads the arrays', () => {
    const want = { ...arrays, 'deflated.npz#a': arrays['floats.npy'], 'stored.npz#a': arrays['floats.npy'] };
    for (const [name, value] of Object.entries({ ...want, 'stored.npz#b c': arrays['text.npy'] })) {
      expectSame(value, answer.arrays[name], name);
    }
    expect(Object.keys(answer.arrays)).to.have.length(Object.keys(arrays).length + 3);
  });

  it('arrays that numpy wrote are read: all types, shapes, orders of dimensions and of bytes', () => {
    const names = Object.keys(answer.theirArrays);
    expect(names).to.have.length(13 * 4 * 4);
    for (const name of names) expectSame(tf.io.loadNpy(join(theirs, name)), answer.theirArrays[name], name);
  });

  it("TensorFlow's log is read, event by event", () => {
    const [name] = readdirSync(join(theirs, 'log'));
    expect(name).to.match(/^events\.out\.tfevents\.\d{10}\..*\.theirs$/);
    const events = [...tf.train.summaryIterator(join(theirs, 'log', name))];
    const plain = events.map((event) => JSON.parse(JSON.stringify(toJson(EventSchema, event))));
    expect(plain).to.deep.equal(JSON.parse(JSON.stringify(answer.theirLog)));
    expect(events.length).to.equal(9);
  });
});
