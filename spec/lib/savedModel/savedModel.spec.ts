import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { expect } from 'chai';
import fc from 'fast-check';
import { float32, int32 } from '../../../graph/dtypes';
import {
  AssertionError,
  DataLossError,
  InvalidArgumentError,
  NotFoundError,
  RuntimeError,
  ValueError,
} from '../../../graph/errors';
import { AssetFileDefSchema } from '../../../graph/formats/protos/generated/meta_graph_pb';
import { SavedModelSchema } from '../../../graph/formats/protos/generated/saved_model_pb';
import { Graph } from '../../../graph/graph';
import type { NdArray } from '../../../graph/ndarray';
import { multiply } from '../../../graph/ops/binary';
import { group } from '../../../graph/ops/grouping';
import '../../../graph/ops/index';
import { NdArray as Arrays } from '../../../graph/ndarray';
import { constant, identity, placeholder } from '../../../graph/ops/source';
import { Zeros } from '../../../lib/initializers/constants';
import { readSavedModel } from '../../../lib/savedModel/files';
import { Builder, contains, load, predictSignatureDef, simpleSave } from '../../../lib/savedModel/index';
import { getVariable, globalVariablesInitializer, Variable } from '../../../lib/variables/index';
import type { FileSystem } from '../../../runtime/files/fileSystem';
import { defaultFileSystem } from '../../../runtime/files/fileSystem';
import { MemoryFileSystem } from '../../../runtime/files/memoryFileSystem';
import { Session } from '../../../runtime/session';
import { expectClose } from '../../support/close';

const goldens = join(__dirname, '..', '..', 'golden', 'saved_models');
const values: Readonly<Record<string, Readonly<Record<string, number[] | number[][]>>>> = JSON.parse(
  readFileSync(join(goldens, 'values.json'), 'utf8'),
);
const rows = [
  [0.5, -1.0, 2.0],
  [1.5, 0.25, -0.75],
];

const newSession = (fileSystem?: FileSystem) => new Session('', { graph: new Graph(), config: { fileSystem } });

describe("TensorFlow's SavedModels", () => {
  for (const [name, outputs] of Object.entries(values)) {
    it(`${name} is served`, () => {
      const model = load(newSession(), ['serve'], join(goldens, name));
      const got = model.run({ x: rows });
      for (const [key, want] of Object.entries(outputs)) expectClose(got[key], Arrays.from(want, got[key].dtype));
    });

    it(`${name} is served from within a scope, beside another`, () => {
      const session = newSession();
      const first = load(session, ['serve'], join(goldens, name), { importScope: 'm' });
      const second = load(session, ['serve'], join(goldens, name), { importScope: 'm' });
      expect(session.graph.operations.every((op) => /^m(_1)?\//.test(op.name))).to.equal(true);
      for (const model of [first, second]) {
        const got = model.run({ x: rows });
        for (const [key, want] of Object.entries(outputs)) expectClose(got[key], Arrays.from(want, got[key].dtype));
      }
    });
  }

  it('run their main op with their assets in place', () => {
    const model = load(newSession(), ['serve'], join(goldens, 'version1'));
    expect(model.run({}, 'count').count.item()).to.equal(7);
    expect(String(model.signature('count'))).to.equal('count() -> (count: int32 (), file: string ())');
  });

  it('have several MetaGraphs, by tags', () => {
    expect(load(newSession(), ['other', 'serve'], join(goldens, 'version1')).signatures.size).to.equal(0);
    expect(() => load(newSession(), ['train'], join(goldens, 'version1'))).to.throw(
      RuntimeError,
      "MetaGraphDef associated with tags {'train'} could not be found in SavedModel, with available tags '[{'serve'}, {'serve', 'other'}]'",
    );
  });

  it('say which signatures and inputs they have', () => {
    const model = load(newSession(), ['serve'], join(goldens, 'version1'));
    expect(() => model.run({ x: rows }, 'serve')).to.throw(
      ValueError,
      "no signature 'serve'; it has 'count', 'serving_default'",
    );
    expect(() => model.run({ y: rows })).to.throw(
      ValueError,
      "Signature 'serving_default' has no input 'y'. Did you mean 'x'? Its inputs are 'x'.",
    );
    expect(() => model.run({})).to.throw(ValueError, "Signature 'serving_default' lacks values for 'x'.");
  });
});

/** A model with a variable, an asset and a main op, saved into memory. */
function saved(build: (parts: { session: Session; disk: MemoryFileSystem }) => void): MemoryFileSystem {
  const disk = new MemoryFileSystem();
  disk.makeDirectory('/in');
  const file = disk.openWrite('/in/words.txt');
  file.write(new TextEncoder().encode('one\n'));
  file.close();
  const session = newSession(disk);
  session.graph.asDefault(() => build({ session, disk }));
  return disk;
}

function simple(): MemoryFileSystem {
  return saved(({ session }) => {
    const x = placeholder(float32, [null], { name: 'x' });
    const factor = new Variable(3, { name: 'factor' });
    const y = multiply(x, factor, { name: 'y' });
    session.runSync(globalVariablesInitializer());
    simpleSave(session, '/model', { x }, { y });
  });
}

describe('saving models', () => {
  it('simpleSave writes what load serves', () => {
    const disk = simple();
    expect(contains('/model', { fileSystem: disk })).to.equal(true);
    expect(contains('/in', { fileSystem: disk })).to.equal(false);
    expect(
      load(newSession(disk), ['serve'], '/model')
        .run({ x: [1, 2] })
        .y.toArray(),
    ).to.deep.equal([3, 6]);
  });

  it('a Builder writes assets, main op and several MetaGraphs', () => {
    const disk = saved(({ session, disk: fileSystem }) => {
      const count = getVariable('count', [], { dtype: int32, initializer: new Zeros() });
      const path = constant('/in/words.txt', { name: 'words' });
      const main = group(count.assignAdd(1, { readValue: false }), { name: 'main' });
      const outputs = { count: identity(count), path: identity(path) };
      session.runSync(globalVariablesInitializer());
      const builder = new Builder('/model', { fileSystem });
      expect(() => builder.addMetaGraph(['serve'])).to.throw(AssertionError, 'has not been saved yet');
      const signatureDefMap = { serving_default: predictSignatureDef({ given: path }, outputs) };
      builder.addMetaGraphAndVariables(session, ['serve'], { signatureDefMap, assetsCollection: [path], mainOp: main });
      builder.addMetaGraph(['train', 'gpu'], { stripDefaultAttrs: true });
      expect(() => builder.addMetaGraphAndVariables(session, ['x'])).to.throw(AssertionError, 'has already been saved');
      builder.save({ asText: true });
    });
    expect(disk.list('/model')).to.deep.equal(['assets', 'saved_model.pbtxt', 'variables']);
    expect(disk.list('/model/assets')).to.deep.equal(['words.txt']);
    const model = load(newSession(disk), ['serve'], '/model');
    expect(model.run({ given: 'elsewhere' }).count.item()).to.equal(1);
    expect(model.metaGraphDef.assetFileDef.map(({ filename }) => filename)).to.deep.equal(['words.txt']);
    expect(load(newSession(disk), ['train', 'gpu'], '/model').graph.findOperation('count')).not.to.equal(undefined);
  });

  it('a Builder needs an empty folder', () => {
    const disk = simple();
    expect(() => new Builder('/model', { fileSystem: disk })).to.throw(
      AssertionError,
      "Export directory already exists, and isn't empty. Please choose a different export directory, or delete all the contents of the specified directory: /model",
    );
  });

  it('a folder without its message is no model', () => {
    const disk = saved(({ session }) => {
      new Variable(1, { name: 'v' });
      session.runSync(globalVariablesInitializer());
      new Builder('/model', { fileSystem: session.fileSystem }).addMetaGraphAndVariables(session, ['serve']);
    });
    expect(disk.list('/model')).to.deep.equal(['variables']);
    expect(() => load(newSession(disk), ['serve'], '/model')).to.throw(
      NotFoundError,
      'SavedModel file does not exist at: /model/{saved_model.pbtxt|saved_model.pb}',
    );
  });
});

describe('bad SavedModels', () => {
  const write = (disk: MemoryFileSystem, path: string, bytes: Uint8Array) => {
    const file = disk.openWrite(path);
    file.write(bytes);
    file.close();
  };

  it('with assets outside of their folder are refused', () => {
    const model = readSavedModel(defaultFileSystem(), join(goldens, 'version1'));
    for (const name of ['../secret', '/etc/passwd', 'a/../../b', '', 'a\\b', 'c:x']) {
      const disk = new MemoryFileSystem();
      disk.makeDirectory('/m');
      const [meta] = model.metaGraphs;
      delete meta.collectionDef.saved_model_assets;
      meta.assetFileDef = [
        create(AssetFileDefSchema, { filename: name, tensorInfo: { encoding: { case: 'name', value: 'words:0' } } }),
      ];
      write(disk, '/m/saved_model.pb', toBinary(SavedModelSchema, model));
      const session = newSession(disk);
      expect(() => load(session, ['serve'], '/m')).to.throw(
        InvalidArgumentError,
        'does not lie in its folder of assets',
      );
      expect(session.graph.operations.length).to.equal(0);
    }
  });

  it('whose bytes are flipped load, or are refused whole', () => {
    const bytes = new Uint8Array(readFileSync(join(goldens, 'version2', 'saved_model.pb')));
    const variables = ['variables.index', 'variables.data-00000-of-00001'].map(
      (name) => [name, new Uint8Array(readFileSync(join(goldens, 'version2', 'variables', name)))] as const,
    );
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const disk = new MemoryFileSystem();
        disk.makeDirectory('/m/variables');
        for (const [name, data] of variables) write(disk, `/m/variables/${name}`, data);
        const damaged = bytes.slice();
        damaged[at] ^= mask;
        write(disk, '/m/saved_model.pb', damaged);
        const session = newSession(disk);
        try {
          load(session, ['serve'], '/m');
        } catch (error) {
          expect((error as Error).stack).to.match(/^(\w+Error): /);
          expect((error as Error).name, (error as Error).stack).not.to.match(
            /^(RangeError|ReferenceError|SyntaxError|Error)$/,
          );
          expect(error, (error as Error).stack).not.to.have.property('name', 'TypeError');
        }
        // The session is usable.
        const two = session.graph.asDefault(() => constant(2, { name: 'afterwards' }));
        expect((session.runSync(two) as NdArray).item()).to.equal(2);
      }),
      { numRuns: 80 },
    );
  });

  it('that are cut off name the file and the place', () => {
    const disk = new MemoryFileSystem();
    disk.makeDirectory('/m');
    write(
      disk,
      '/m/saved_model.pb',
      new Uint8Array(readFileSync(join(goldens, 'version1', 'saved_model.pb'))).subarray(0, 1000),
    );
    expect(() => load(newSession(disk), ['serve'], '/m')).to.throw(
      DataLossError,
      /^Can't parse \/m\/saved_model\.pb as SavedModel: at offset \d+ of 1000: meta_graphs\[0\]/,
    );
  });
});
