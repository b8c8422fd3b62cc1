import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { equals, fromBinary } from '@bufbuild/protobuf';
import { toText } from '@bufbuild/protobuf/txtpb';
import { expect } from 'chai';
import { float32 } from '../../../graph/dtypes';
import { DataLossError, ValueError } from '../../../graph/errors';
import { Graph } from '../../../graph/graph';
import { NdArray } from '../../../graph/ndarray';
import type { Operation } from '../../../graph/operation';
import { multiply } from '../../../graph/ops/binary';
import { constant, placeholder } from '../../../graph/ops/source';
import type { Tensor } from '../../../graph/tensor';
import '../../../graph/ops/index';
import { type CollectionDef, MetaGraphDefSchema } from '../../../graph/formats/protos/generated/meta_graph_pb';
import { VariableDefSchema } from '../../../graph/formats/protos/generated/variable_pb';
import { dense } from '../../../lib/layers/index';
import { meanSquaredError } from '../../../lib/losses/index';
import { AdamOptimizer, GradientDescentOptimizer } from '../../../lib/train/index';
import { exportMetaGraph } from '../../../lib/train/metaGraph/exportMetaGraph';
import { importMetaGraph, importScopedMetaGraph, readMetaGraph } from '../../../lib/train/metaGraph/importMetaGraph';
import { Saver } from '../../../lib/train/saver/saver';
import { globalVariables, globalVariablesInitializer, trainableVariables } from '../../../lib/variables/index';
import { MemoryFileSystem } from '../../../runtime/files/memoryFileSystem';
import { Session } from '../../../runtime/session';

const folder = join(__dirname, '..', '..', 'golden', 'meta_graphs');
const read = (name: string) =>
  fromBinary(MetaGraphDefSchema, new Uint8Array(readFileSync(join(folder, `${name}.meta`))));

interface Values {
  readonly train: string;
  readonly loss: string;
  readonly init: string;
  readonly losses: readonly number[];
}
const values: Readonly<Record<string, Values>> = JSON.parse(readFileSync(join(folder, 'values.json'), 'utf8'));

/** As spec/golden/meta_graphs.py feeds. */
function inputs(step: number): [number[][], number[][]] {
  const rows = Array.from({ length: 4 }, (_, i) =>
    Array.from({ length: 3 }, (__, j) => ((i * 7 + j * 3 + step) % 11) / 10 - 0.2),
  );
  return [rows, rows.map((row) => [row.reduce((sum, x) => sum + x, 0)])];
}

function train(graph: Graph, { train: op, loss, init, losses }: Values, scope = ''): number[] {
  const session = new Session({ graph });
  session.runSync(graph.getOperationByName(scope + init));
  return losses.map((_, step) => {
    const [x, labels] = inputs(step);
    const feed = { [`${scope}x:0`]: x, [`${scope}labels:0`]: labels };
    const fetches = [graph.getTensorByName(scope + loss), graph.getOperationByName(scope + op)] as const;
    return (session.runSync([...fetches] as (Tensor | Operation)[], { feed }) as NdArray[])[0].item() as number;
  });
}

/** A collection as text, with variables spelled out: maps of bytes are compared as such. */
function collectionText({ kind }: CollectionDef, key: string): string {
  if (kind.case === 'bytesList' && /variables$|^global_step$/.test(key))
    return kind.value.value.map((bytes) => toText(VariableDefSchema, fromBinary(VariableDefSchema, bytes))).join('\n');
  return JSON.stringify(kind, (_, value) =>
    typeof value === 'bigint' ? String(value) : value instanceof Uint8Array ? [...value] : value,
  );
}

describe('MetaGraphs of TensorFlow', () => {
  for (const [name, expected] of Object.entries(values)) {
    it(`${name}: trains to the same losses`, () => {
      const graph = new Graph();
      graph.asDefault(() => importScopedMetaGraph(read(name)));
      train(graph, expected).forEach((loss, i) =>
        expect(loss).to.be.closeTo(expected.losses[i], 1e-5 * Math.abs(expected.losses[i])),
      );
    });

    it(`${name}: trains within a scope`, () => {
      const graph = new Graph();
      graph.asDefault(() => importScopedMetaGraph(read(name), { importScope: 'again' }));
      expect(graph.operations.every((op) => op.name.startsWith('again/'))).to.equal(true);
      train(graph, expected, 'again/').forEach((loss, i) =>
        expect(loss).to.be.closeTo(expected.losses[i], 1e-5 * Math.abs(expected.losses[i])),
      );
    });

    it(`${name}: its collections are exported as they came`, () => {
      const meta = read(name);
      const graph = new Graph();
      graph.asDefault(() => importScopedMetaGraph(meta));
      const again = exportMetaGraph({ graph, saverDef: meta.saverDef });
      expect(Object.keys(again.collectionDef).sort()).to.deep.equal(Object.keys(meta.collectionDef).sort());
      for (const [key, def] of Object.entries(again.collectionDef))
        expect(collectionText(def, key), key).to.equal(collectionText(meta.collectionDef[key], key));
      expect(again.saverDef).to.deep.equal(meta.saverDef);
    });
  }

  it('give the variables that optimizers and initializers find', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const { variables } = importScopedMetaGraph(read('training'));
      expect(trainableVariables().map(String)).to.deep.equal([
        "<tf.Variable 'hidden/kernel:0' shape=(3, 4) dtype=float32>",
        "<tf.Variable 'hidden/bias:0' shape=(4,) dtype=float32>",
        "<tf.Variable 'output/kernel:0' shape=(4, 1) dtype=float32>",
        "<tf.Variable 'output/bias:0' shape=(1,) dtype=float32>",
      ]);
      expect(globalVariables().every((variable) => variables.includes(variable))).to.equal(true);
      const more = new GradientDescentOptimizer(0.1).minimize(graph.getTensorByName(values.training.loss));
      const session = new Session({ graph });
      session.runSync(globalVariablesInitializer());
      const [x, labels] = inputs(0);
      const before = session.runSync('hidden/kernel/Read/ReadVariableOp:0' as never) as NdArray;
      session.runSync(more, { feed: { 'x:0': x, 'labels:0': labels } });
      expect((session.runSync('hidden/kernel/Read/ReadVariableOp:0' as never) as NdArray).equals(before)).to.equal(
        false,
      );
    });
  });
});

describe('exportMetaGraph', () => {
  function model() {
    const graph = new Graph();
    graph.asDefault(() => {
      const x = placeholder(float32, [null, 3], { name: 'x' });
      const loss = meanSquaredError(dense(x, 1, { name: 'd' }), constant([[1]], { dtype: float32 }));
      new AdamOptimizer(0.1).minimize(loss);
      graph.addToCollection('strings', 'a');
      graph.addToCollection('functions', () => 1);
      graph.addToCollection('mixed', 1);
      graph.addToCollection('mixed', 'a');
    });
    return graph;
  }

  it('writes a file that is read again, as bytes and as text', () => {
    const fileSystem = new MemoryFileSystem();
    const graph = model();
    const meta = exportMetaGraph({ graph, filename: '/a/m.meta', fileSystem });
    exportMetaGraph({ graph, filename: '/a/m.pbtxt', asText: true, fileSystem });
    expect(readMetaGraph('/a/m.meta', { fileSystem })).to.deep.equal(meta);
    const text = readMetaGraph('/a/m.pbtxt', { fileSystem });
    expect(equals(MetaGraphDefSchema, text, meta)).to.equal(true);
    expect(fileSystem.list('/a')).to.deep.equal(['m.meta', 'm.pbtxt']);
  });

  it('leaves out what no file can hold, unless it is asked for', () => {
    const graph = model();
    expect(Object.keys(exportMetaGraph({ graph }).collectionDef)).to.deep.equal([
      'losses',
      'strings',
      'train_op',
      'trainable_variables',
      'variables',
    ]);
    expect(() => exportMetaGraph({ graph, collectionList: ['functions'] })).to.throw(
      ValueError,
      /^The collection functions has members/,
    );
  });

  it('strips attributes that have their default, which importing restores', () => {
    const graph = model();
    const attrs = (strip: boolean) =>
      exportMetaGraph({ graph, stripDefaultAttrs: strip }).graphDef!.node.find(({ op }) => op === 'MatMul')!.attr;
    expect(Object.keys(attrs(false)).sort()).to.deep.equal(['T', '_output_shapes', 'transpose_a', 'transpose_b']);
    expect(Object.keys(attrs(true)).sort()).to.deep.equal(['T', '_output_shapes']);
    const copy = new Graph();
    copy.asDefault(() => importScopedMetaGraph(exportMetaGraph({ graph, stripDefaultAttrs: true })));
    expect(copy.asGraphDef()).to.deep.equal(graph.asGraphDef());
  });

  it('describes the ops that the graph uses', () => {
    const { metaInfoDef } = exportMetaGraph({ graph: model() });
    const ops = metaInfoDef!.strippedOpList!.op.map(({ name }) => name);
    expect(ops)
      .to.include('ResourceApplyAdam')
      .and.to.deep.equal([...ops].sort());
  });

  it('exports a scope alone, with open inputs', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const outside = placeholder(float32, [2], { name: 'outside' });
      graph.nameScope('inner', () => {
        const doubled = multiply(outside, 2, { name: 'doubled' });
        graph.addToCollection('results', doubled);
      });
    });
    const meta = exportMetaGraph({ graph, exportScope: 'inner' });
    expect(meta.graphDef!.node.map(({ name, input }) => [name, input])).to.deep.equal([
      ['doubled/y', []],
      ['doubled', ['$unbound_inputs_outside', 'doubled/y']],
    ]);
    const copy = new Graph();
    copy.asDefault(() => {
      const x = placeholder(float32, [2], { name: 'x' });
      expect(() => importScopedMetaGraph(meta)).to.throw(ValueError, 'Graph contains unbound inputs: outside.');
      importScopedMetaGraph(meta, { importScope: 's', inputMap: { outside: x } });
      expect(copy.getCollection('results')).to.deep.equal([copy.getTensorByName('s/doubled:0')]);
    });
  });

  it('with clearDevices forgets where nodes were', () => {
    const graph = new Graph();
    graph.asDefault(() => graph.device('/gpu:0', () => constant(1)));
    expect(exportMetaGraph({ graph, clearDevices: true }).graphDef!.node[0].device).to.equal('');
    const meta = exportMetaGraph({ graph });
    expect(meta.graphDef!.node[0].device).to.equal('/device:GPU:0');
    const copy = new Graph();
    copy.asDefault(() => importScopedMetaGraph(meta, { clearDevices: true }));
    expect(copy.operations[0].device).to.equal('');
  });
});

describe('saver.save and importMetaGraph', () => {
  it('carry a training over to another graph', () => {
    const fileSystem = new MemoryFileSystem();
    fileSystem.makeDirectory('/run');
    const first = new Graph();
    const { train: op, loss, init } = values.training;
    first.asDefault(() => importMetaGraph(read('training')));
    const session = new Session('', { graph: first, config: { fileSystem } });
    session.runSync(first.getOperationByName(init));
    const step = (run: Session, graph: Graph, i: number) => {
      const [x, labels] = inputs(i);
      const fetches = [graph.getTensorByName(loss), graph.getOperationByName(op)] as (Tensor | Operation)[];
      return (run.runSync(fetches, { feed: { 'x:0': x, 'labels:0': labels } }) as NdArray[])[0].item() as number;
    };
    step(session, first, 0);
    const saver = first.asDefault(() =>
      importMetaGraph(exportMetaGraph({ graph: first, saverDef: read('training').saverDef }), {
        importScope: 'unused',
      }),
    );
    expect(saver).to.be.instanceOf(Saver);
    const own = first.asDefault(() => new Saver(globalVariables('(?!unused)') as never, { name: 'own' }));
    const prefix = own.save(session, '/run/model', { globalStep: 1 });
    expect(fileSystem.list('/run')).to.deep.equal([
      'checkpoint',
      'model-1.data-00000-of-00001',
      'model-1.index',
      'model-1.meta',
    ]);
    const second = new Graph();
    const restored = second.asDefault(() => importMetaGraph('/run/model-1.meta', { fileSystem }));
    const other = new Session('', { graph: second, config: { fileSystem } });
    restored!.restore(other, prefix!);
    const back = new Session('', { graph: first, config: { fileSystem } });
    own.restore(back, prefix!);
    for (const i of [1, 2, 3]) expect(step(other, second, i)).to.equal(step(back, first, i));
  });

  it('give no saver where there are no variables', () => {
    const graph = new Graph();
    graph.asDefault(() => constant(1));
    new Graph().asDefault(() => expect(importMetaGraph(exportMetaGraph({ graph }))).to.equal(null));
  });
});

describe('bad MetaGraphs', () => {
  it('are refused with the file and the place, and leave the graph alone', () => {
    const fileSystem = new MemoryFileSystem();
    fileSystem.makeDirectory('/a');
    const bytes = readFileSync(join(folder, 'training.meta'));
    const file = fileSystem.openWrite('/a/m.meta');
    file.write(bytes.subarray(0, 5000));
    file.close();
    const graph = new Graph();
    graph.asDefault(() =>
      expect(() => importScopedMetaGraph('/a/m.meta', { fileSystem })).to.throw(
        DataLossError,
        /^Can't parse \/a\/m\.meta as MetaGraphDef: at offset \d+ of 5000: /,
      ),
    );
    expect(graph.operations.length).to.equal(0);
  });

  it('with collections that name what is not there are refused whole', () => {
    const meta = read('training');
    meta.collectionDef.train_op.kind = {
      case: 'nodeList',
      value: { $typeName: 'tensorflow.CollectionDef.NodeList', value: ['gone'] },
    };
    const graph = new Graph();
    graph.asDefault(() =>
      expect(() => importScopedMetaGraph(meta)).to.throw(
        'The collection train_op names gone, which is not in the graph.',
      ),
    );
    expect([graph.operations.length, graph.getAllCollectionKeys()]).to.deep.equal([0, []]);
  });
});
