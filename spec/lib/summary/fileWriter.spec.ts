/**
 * Event files: names, first record, what each method adds, waiting and flushing, reading back; in memory and on disk.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { expect } from 'chai';
import fc from 'fast-check';
import { RunMetadataSchema } from '../../../graph/formats/protos/generated/config_pb';
import type { Event } from '../../../graph/formats/protos/generated/event_pb';
import { GraphDefSchema } from '../../../graph/formats/protos/generated/graph_pb';
import { MetaGraphDefSchema } from '../../../graph/formats/protos/generated/meta_graph_pb';
import { SummarySchema } from '../../../graph/formats/protos/generated/summary_pb';
import * as tf from '../../../lib/index';
import { EventFileWriter } from '../../../runtime/files/eventFile';
import { MemoryFileSystem } from '../../../runtime/files/memoryFileSystem';
import { TFRecordWriter } from '../../../runtime/files/tfrecord';

const { FileWriter, FileWriterCache } = tf.summary;
const scalar = (tag: string, simpleValue: number) => ({
  value: [{ tag, value: { case: 'simpleValue' as const, value: simpleValue } }],
});

function reading(fileSystem: MemoryFileSystem, logdir = 'log'): Event[] {
  return fileSystem.list(logdir).flatMap((name) => [...tf.train.summaryIterator(`${logdir}/${name}`, { fileSystem })]);
}

/** What the events of a writer hold, without the first one. */
function eventsOf(use: (writer: tf.summary.FileWriter) => void, options: tf.summary.FileWriterOptions = {}): Event[] {
  const fileSystem = new MemoryFileSystem();
  using writer = new FileWriter('log', { fileSystem, ...options });
  use(writer);
  writer.close();
  return reading(fileSystem).slice(1);
}

const simpleValues = (events: readonly Event[]) =>
  events.map(({ step, what }) => {
    const [value] = what.case === 'summary' ? what.value.value : [];
    return [Number(step), value?.tag, value?.value.value];
  });

describe('tf.summary.FileWriter', () => {
  it('names files by time and host, and starts them with their version', () => {
    const fileSystem = new MemoryFileSystem();
    const before = Math.floor(Date.now() / 1000);
    const writer = new FileWriter('a/log', { fileSystem, filenameSuffix: '.x' });
    expect(writer.getLogdir()).to.equal('a/log');
    expect([fileSystem.list('a/log'), writer.path]).to.deep.equal([[], null]);
    writer.addSummary(scalar('s', 1));
    writer.close();
    const [name, ...others] = fileSystem.list('a/log');
    expect(others).to.deep.equal([]);
    expect(writer.path).to.equal(`a/log/${name}`);
    const [, seconds] = /^events\.out\.tfevents\.(\d{10})\.(?:.*)\.x$/.exec(name) ?? [];
    expect(Number(seconds)).to.be.within(before, before + 60);
    expect(name).to.include(`.${hostname()}.x`);
    const [first, second] = reading(fileSystem, 'a/log');
    expect(first.what).to.deep.equal({ case: 'fileVersion', value: 'brain.Event:2' });
    expect(first.wallTime).to.equal(Number(seconds));
    expect(second.wallTime).to.be.within(before, before + 60);
  });

  it('adds summaries: values of ops, bytes, text and protos', () => {
    const graph = new tf.Graph();
    const value = new tf.Session({ graph }).runSync(graph.asDefault(() => tf.summary.scalar('op', 0.5)));
    const bytes = toBinary(SummarySchema, create(SummarySchema, scalar('bytes', 2)));
    const events = eventsOf((writer) => {
      writer.addSummary(value, 1);
      writer.addSummary(bytes, 2n);
      writer.addSummary(value.item(), 3);
      writer.addSummary(scalar('proto', 3), -4);
      writer.addSummary(scalar('none', 5));
    });
    expect(simpleValues(events)).to.deep.equal([
      [1, 'op', 0.5],
      [2, 'bytes', 2],
      [3, 'op', 0.5],
      [-4, 'proto', 3],
      [0, 'none', 5],
    ]);
  });

  it('keeps the metadata of the first value of each tag only', () => {
    const withMetadata = (tag: string) => ({ value: [{ tag, metadata: { displayName: 'shown' } }] });
    const given = withMetadata('a');
    const events = eventsOf((writer) => {
      for (const summary of [given, given, withMetadata('b'), scalar('c', 1), withMetadata('c')])
        writer.addSummary(summary);
    });
    const metadata = events.map(({ what }) =>
      what.case === 'summary' ? what.value.value[0].metadata?.displayName : '',
    );
    expect(metadata).to.deep.equal(['shown', undefined, 'shown', undefined, undefined]);
    expect(given).to.deep.equal(withMetadata('a'));
  });

  it('adds graphs with their shapes, and their MetaGraphs', () => {
    const graph = new tf.Graph();
    graph.asDefault(() => tf.placeholder(tf.float32, [null, 2], { name: 'x' }));
    const events = eventsOf((writer) => writer.addGraph(graph, 7), { graph });
    expect(events.map(({ what, step }) => [what.case, step])).to.deep.equal([
      ['graphDef', 0n],
      ['metaGraphDef', 0n],
      ['graphDef', 7n],
    ]);
    const def = fromBinary(GraphDefSchema, events[0].what.value as Uint8Array);
    expect(def.node.map(({ name, op }) => [name, op])).to.deep.equal([['x', 'Placeholder']]);
    expect(Object.keys(def.node[0].attr)).to.include('_output_shapes');
    const meta = fromBinary(MetaGraphDefSchema, events[1].what.value as Uint8Array);
    expect(meta.graphDef).to.deep.equal(def);
    expect(meta.metaInfoDef?.strippedOpList?.op.map(({ name }) => name)).to.deep.equal(['Placeholder']);
    expect(eventsOf((writer) => writer.addGraph(def)).map(({ what }) => what.case)).to.deep.equal(['graphDef']);
    expect(() => eventsOf((writer) => writer.addGraph({} as tf.Graph))).to.throw(
      tf.errors.GraphTypeError,
      'The passed graph must be an instance of `Graph`',
    );
    expect(() => eventsOf((writer) => writer.addMetaGraph(def as never))).to.throw(
      tf.errors.GraphTypeError,
      'meta_graph_def must be type MetaGraphDef',
    );
  });

  it('takes the graph before the options', () => {
    const graph = new tf.Graph();
    const fileSystem = new MemoryFileSystem();
    new FileWriter('log', graph, { fileSystem }).close();
    expect(reading(fileSystem).map(({ what }) => what.case)).to.deep.equal(['fileVersion', 'graphDef', 'metaGraphDef']);
  });

  it('adds what a run noted, once for each tag', () => {
    const graph = new tf.Graph();
    const metadata: tf.RunMetadata = {};
    const [x, sum] = graph.asDefault(() => {
      const fed = tf.placeholder(tf.float32, []);
      return [fed, tf.add(fed, 2, { name: 'sum' })];
    });
    new tf.Session({ graph }).runSync(sum, {
      feed: [[x, 1]],
      options: { traceLevel: tf.TraceLevel.FULL_TRACE },
      metadata,
    });
    const events = eventsOf((writer) => {
      writer.addRunMetadata(metadata, 'step 1', 1);
      writer.addRunMetadata({ stepStats: { devStats: [{ device: '/cpu:0' }] } }, 'own');
      expect(() => writer.addRunMetadata(metadata, 'own')).to.throw(
        tf.errors.ValueError,
        'The provided tag was already used for this event type',
      );
    });
    const [ours, own] = events.map(({ what }) => {
      if (what.case !== 'taggedRunMetadata') return expect.fail(String(what.case));
      return { tag: what.value.tag, ...fromBinary(RunMetadataSchema, what.value.runMetadata) };
    });
    expect([ours.tag, own.tag, own.stepStats?.devStats[0].device]).to.deep.equal(['step 1', 'own', '/cpu:0']);
    const [device] = ours.stepStats?.devStats ?? [];
    expect(device.device).to.match(/device:CPU:0$/);
    expect(device.nodeStats.map(({ nodeName }) => nodeName)).to.include('sum');
    const node = device.nodeStats.find(({ nodeName }) => nodeName === 'sum')!;
    expect(node.timelineLabel).to.match(/^sum = Add/);
    expect(Number(node.allEndRelNanos)).to.be.greaterThan(0);
  });

  it('adds logs of sessions, and events as they are', () => {
    const events = eventsOf((writer) => {
      writer.addSessionLog({ status: 1, checkpointPath: 'p' }, 3);
      writer.addEvent({ wallTime: 12.5, step: 4n, what: { case: 'summary', value: scalar('s', 1) } });
    });
    expect(events.map(({ what, wallTime, step }) => [what.case, step, wallTime === 12.5])).to.deep.equal([
      ['sessionLog', 3n, false],
      ['summary', 4n, true],
    ]);
  });

  it('writes the first event at once, then some at a time', () => {
    const fileSystem = new MemoryFileSystem();
    const writer = new FileWriter('log', { fileSystem, maxQueue: 2, flushSecs: 1000 });
    const seen = () => reading(fileSystem).length;
    const counts = [0, 1, 2].map(() => {
      writer.addSummary(scalar('s', 1));
      return seen();
    });
    expect(counts).to.deep.equal([2, 2, 2]);
    writer.flush();
    expect(seen()).to.equal(4);
    for (let i = 0; i < 3; i++) writer.addSummary(scalar('s', 1));
    writer.close();
    expect(seen()).to.equal(7);
  });

  it('lets no event wait longer than it may', async () => {
    const fileSystem = new MemoryFileSystem();
    const writer = new FileWriter('log', { fileSystem, flushSecs: 0.01 });
    writer.addSummary(scalar('s', 1));
    writer.addSummary(scalar('s', 2));
    expect(reading(fileSystem)).to.have.length(2);
    const reach = async (count: number) => {
      while (reading(fileSystem).length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await reach(3);
    // Also those that were too many to wait.
    for (let i = 0; i < 11; i++) writer.addSummary(scalar('s', 3));
    await reach(14);
    writer.close();
    expect(reading(fileSystem)).to.have.length(14);
  });

  it('tells the next caller when events that waited could not be written', async () => {
    let isFull = false;
    class SmallDisk extends MemoryFileSystem {
      override openWrite(path: string) {
        const file = super.openWrite(path);
        const write = (bytes: Uint8Array) => {
          if (isFull) throw new tf.errors.ResourceExhaustedError(`${path}; No space left on device`);
          file.write(bytes);
        };
        return { ...file, write };
      }
    }
    const writer = new FileWriter('log', { fileSystem: new SmallDisk(), flushSecs: 0.001 });
    writer.addSummary(scalar('s', 1));
    isFull = true;
    writer.addSummary(scalar('s', 2));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(() => writer.addSummary(scalar('s', 3))).to.throw(
      tf.errors.ResourceExhaustedError,
      /^log\/events.*No space left/,
    );
    isFull = false;
    writer.close();
  });

  it('warns of events after its end, and goes on in another file when reopened', () => {
    const fileSystem = new MemoryFileSystem();
    const writer = new FileWriter('log', { fileSystem });
    writer.addSummary(scalar('s', 1));
    writer.reopen();
    writer.close();
    writer.close();
    const { warn } = console;
    const warnings: unknown[] = [];
    console.warn = (text) => warnings.push(text);
    try {
      writer.addSummary(scalar('s', 2));
      writer.flush();
    } finally {
      console.warn = warn;
    }
    expect(warnings).to.have.length(2);
    expect(warnings[0]).to.match(/^Attempting to use a closed FileWriter\./);
    writer.reopen();
    writer.addSummary(scalar('s', 3), 1);
    writer.close();
    expect(fileSystem.list('log')).to.have.length(2);
    expect(simpleValues(reading(fileSystem)).filter(([, tag]) => tag === 's')).to.deep.equal([
      [0, 's', 1],
      [1, 's', 3],
    ]);
  });

  it('writes what is left when a program ends without closing it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-events-'));
    try {
      const program = `
        const tf = require('./lib/index');
        const writer = new tf.summary.FileWriter(${JSON.stringify(folder)});
        for (let i = 0; i < 5; i++) writer.addSummary({ value: [{ tag: 's', value: { case: 'simpleValue', value: i } }] }, i);`;
      const root = join(__dirname, '..', '..', '..');
      const args = ['-r', 'ts-node/register/transpile-only', '-e', program];
      const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
      expect([status, stderr]).to.deep.equal([0, '']);
      const events = [...tf.train.summaryIterator(join(folder, readdirSync(folder)[0]))];
      expect(simpleValues(events.slice(1)).map(([step]) => step)).to.deep.equal([0, 1, 2, 3, 4]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('makes no file without events', () => {
    const fileSystem = new MemoryFileSystem();
    const writer = new EventFileWriter('log', { fileSystem });
    writer.flush();
    writer.close();
    expect([fileSystem.list('log'), writer.isClosed]).to.deep.equal([[], true]);
  });

  it('writes to the disk; one writer for each directory is kept', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-events-'));
    try {
      const graph = new tf.Graph();
      const logdir = join(folder, 'runs', 'one');
      const writer = graph.asDefault(() => FileWriterCache.get(logdir));
      expect(FileWriterCache.get(logdir)).to.equal(writer);
      writer.addSummary(scalar('s', 1));
      FileWriterCache.clear();
      const [name] = readdirSync(logdir);
      const events = [...tf.train.summaryIterator(join(logdir, name))];
      expect(events.map(({ what }) => what.case)).to.deep.equal(['fileVersion', 'graphDef', 'metaGraphDef', 'summary']);
      expect(FileWriterCache.get(logdir)).not.to.equal(writer);
      FileWriterCache.clear();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('tf.train.summaryIterator', () => {
  it('says what is no event, and what is not there', () => {
    const fileSystem = new MemoryFileSystem();
    using writer = new TFRecordWriter('f', { fileSystem });
    writer.write('');
    writer.write('\x0f');
    writer.close();
    const events = tf.train.summaryIterator('f', { fileSystem });
    expect(events.next().value?.wallTime).to.equal(0);
    expect(() => events.next()).to.throw(tf.errors.DataLossError, /^f: record 1 is no event: /);
    expect(() => tf.train.summaryIterator('g', { fileSystem })).to.throw(tf.errors.NotFoundError, 'g; No such file');
  });

  it('reads the same or fails when a byte is changed', () => {
    const fileSystem = new MemoryFileSystem();
    const writer = new FileWriter('log', { fileSystem });
    for (let i = 0; i < 5; i++) writer.addSummary(scalar(`tag ${i}`, i), i);
    writer.close();
    const want = reading(fileSystem);
    const content = fileSystem.bytesOf(writer.path!);
    fc.assert(
      fc.property(fc.nat(content.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const broken = content.slice();
        broken[at] ^= flip;
        const other = new MemoryFileSystem();
        other.openWrite('f').write(broken);
        try {
          expect([...tf.train.summaryIterator('f', { fileSystem: other })]).to.deep.equal(want);
        } catch (error) {
          expect(error).to.be.instanceOf(tf.errors.DataLossError);
        }
      }),
      { numRuns: 200 },
    );
  });
});
