/**
 * What tf.inspect says about a small model, as text and as data.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { chain, smallModel } from './support';

const { inspect } = tf;
const { KeyError } = tf.errors;

describe('tf.inspect', () => {
  let graph: tf.Graph;
  before(() => {
    graph = smallModel();
  });

  describe('summary', () => {
    it('has a row per layer with its output shape and parameters', () => {
      const { layers, params, loose } = inspect.summary(graph).data;
      expect(layers.map(({ name, type, output, params: own, frozen }) => [name, type, output, own, frozen])).to.eql([
        ['x', 'Placeholder', [null, 3], 0, 0],
        ['y', 'Placeholder', [null, 2], 0, 0],
        ['training', 'PlaceholderWithDefault', [], 0, 0],
        ['hidden', 'Dense', [null, 4], 16, 0],
        ['dropout', 'Dropout', [null, 4], 0, 0],
        ['out', 'Dense', [null, 2], 10, 0],
        ['mean_squared_error', 'Loss', [], 0, 0],
      ]);
      expect(params).to.eql({ trainable: 26, frozen: 0 });
      expect(loose).to.eql(['highest']);
    });

    it('is a table whose rows fit their columns', () => {
      const lines = String(inspect.summary(graph)).split('\n');
      expect(lines[0]).to.match(/^layer +type +output +params +not trained +ops$/);
      expect(lines.find((line) => line.startsWith('hidden '))).to.match(/^hidden +Dense +\?×4 +16 +0 +\d+$/);
      expect(lines.at(-2)).to.equal('besides: highest');
      expect(lines.at(-1)).to.match(/^\d+ ops, \d+ of them gradients; 26 trainable parameters, 0 others$/);
      const table = lines.slice(0, -3);
      expect(new Set(table.map((line) => line.length))).to.have.property('size', 1);
    });

    it('is the same for the graph that was saved and loaded', () => {
      const loaded = inspect.fromJSON(inspect.toJSON(graph));
      expect(String(inspect.summary(loaded))).to.equal(String(inspect.summary(graph)));
    });

    it('counts what is not trained', () => {
      const other = new tf.Graph();
      other.asDefault(() => {
        const x = tf.placeholder(tf.float32, [null, 5], { name: 'x' });
        tf.layers.batchNormalization(x, { training: true, name: 'norm' });
      });
      const norm = inspect.summary(other).data.layers.find(({ name }) => name === 'norm');
      expect(norm).to.include({ type: 'BatchNormalization', params: 10, frozen: 10 });
    });

    it('of an empty graph is a table without rows', () => {
      expect(inspect.summary(new tf.Graph()).text).to.contain('0 ops, 0 of them gradients; 0 trainable');
    });
  });

  it('tree counts ops below each scope', () => {
    const report = inspect.tree(graph, { depth: 1 });
    expect(report.data.ops).to.equal(graph.operations.length);
    const hidden = report.data.children.find(({ name }) => name === 'hidden');
    expect(hidden?.ops).to.equal(graph.operations.filter((op) => op.name.startsWith('hidden/')).length);
    expect(hidden?.types).to.eql({ Relu: 1 });
    expect(report.text).to.match(/^├─ hidden \(\d+\) {2}Relu$/m);
    expect(report.text).not.to.match(/^│/m);
    expect(inspect.tree(graph).text).to.match(/^│ {2}├─ kernel \(\d+\)/m);
  });

  describe('node', () => {
    it('tells inputs, outputs, consumers, attributes and where it was made', () => {
      const { data, text } = inspect.node(graph, 'hidden/MatMul');
      expect(data).to.deep.include({ name: 'hidden/MatMul', type: 'MatMul', device: '', controlInputs: [] });
      expect(data.inputs.map(({ name, shape }) => [name, shape])).to.eql([
        ['x', [null, 3]],
        ['hidden/MatMul/ReadVariableOp', [3, 4]],
      ]);
      expect(data.outputs[0]).to.deep.include({ name: 'hidden/MatMul:0', dtype: 'float32', shape: [null, 4] });
      expect(data.outputs[0].consumers).to.include('hidden/BiasAdd');
      expect(data.attrs.transpose_a).to.match(/^false$/i);
      expect(data.madeAt).to.contain('support.ts');
      expect(text).to.contain('x : float32[?,3]');
    });

    it('knows the collections of a variable, loaded ones too', () => {
      for (const each of [graph, inspect.fromJSON(inspect.toJSON(graph))]) {
        const { collections } = inspect.node(each, 'hidden/kernel').data;
        expect(collections).to.have.members(['variables', 'trainable_variables']);
      }
    });

    it('names the nearest operation for a name that is none', () => {
      expect(() => inspect.node(graph, 'hidden/MatMull')).to.throw(KeyError, "Did you mean 'hidden/MatMul'?");
    });
  });

  describe('path', () => {
    it('leads from an operation to one that needs it', () => {
      const { path, control } = inspect.path(graph, 'x', 'mean_squared_error/value').data;
      expect(path[0]).to.equal('x');
      expect(path.at(-1)).to.equal('mean_squared_error/value');
      path.slice(1).forEach((name, i) => {
        const op = graph.getOperationByName(name);
        const sources = control[i] ? op.controlInputs : op.inputs.map((input) => input.op);
        expect(sources.map((source) => source.name)).to.include(path[i]);
      });
      expect(path).to.include.members(['hidden/Relu', 'out/BiasAdd']);
    });

    it('is empty when there is none, and says whether it goes the other way', () => {
      const none = inspect.path(graph, 'mean_squared_error/value', 'x');
      expect(none.data.path).to.eql([]);
      expect(none.text).to.contain('It is mean_squared_error/value that depends on x.');
      expect(inspect.path(graph, 'x', 'y').text).to.equal('There is no way from x to y: y does not depend on it.');
    });

    it('marks control edges', () => {
      const other = new tf.Graph();
      other.asDefault(() => {
        const first = tf.noOp({ name: 'first' });
        tf.controlDependencies([first], () => tf.constant(1, { name: 'second' }));
      });
      expect(inspect.path(other, 'first', 'second').data).to.eql({ path: ['first', 'second'], control: [true] });
      expect(inspect.path(other, 'first', 'second').text).to.contain('└─^ second');
    });

    it('may be very long', () => {
      const { data, text } = inspect.path(chain(20_000), 'start', 'step_19999');
      expect(data.path).to.have.length(20_001);
      expect(text.length).to.be.below(5_000_000);
    });
  });

  describe('needs', () => {
    it('lists placeholders, variables and random ops of a fetch', () => {
      const { data } = inspect.needs(graph, 'out/BiasAdd:0');
      expect(data.placeholders).to.eql(['x']);
      expect(data.defaults).to.eql(['training']);
      expect(data.reads).to.eql(['hidden/bias', 'hidden/kernel', 'out/bias', 'out/kernel']);
      expect(data.writes).to.eql([]);
      expect(data.random).to.have.length(1);
    });

    it('lists what training writes', () => {
      const { writes, placeholders } = inspect.needs(graph, 'Adam').data;
      expect(placeholders).to.eql(['x', 'y']);
      expect(writes).to.include.members(['hidden/kernel', 'out/bias', 'beta1_power']);
    });

    it('stops at what is fed', () => {
      const { data } = inspect.needs(graph, 'out/BiasAdd:0', ['dropout/cond/Identity:0']);
      expect(data).to.deep.include({ placeholders: [], defaults: [], random: [], reads: ['out/bias', 'out/kernel'] });
    });
  });

  it('collections holds the names of their items', () => {
    const { data, text } = inspect.collections(graph);
    expect(data.trainable_variables).to.eql(['hidden/kernel:0', 'hidden/bias:0', 'out/kernel:0', 'out/bias:0']);
    expect(data.losses).to.eql(['mean_squared_error/value:0']);
    expect(text).to.match(/^losses \(1\)\n {2}mean_squared_error\/value:0$/m);
  });

  describe('diff', () => {
    it('of the same program twice is empty', () => {
      const same = inspect.diff(graph, smallModel());
      expect(same.data.isEmpty).to.equal(true);
      expect(same.text).to.equal('The graphs are the same.');
    });

    it('tells what was changed, added and rewired', () => {
      const other = smallModel({ units: 5 });
      other.asDefault(() => tf.identity(other.getTensorByName('x:0'), { name: 'extra' }));
      const { data, text } = inspect.diff(graph, other);
      expect(data.isEmpty).to.equal(false);
      expect(data.added).to.eql(['extra']);
      expect(data.removed).to.eql([]);
      expect(data.changed.map(({ name }) => name)).to.include('hidden/MatMul');
      expect(text).to.match(/^\+ extra = Identity$/m);
      expect(inspect.diff(other, graph).data.removed).to.eql(['extra']);
    });
  });

  describe('JSON', () => {
    it('survives a round trip, and the graph runs as before', async () => {
      const text = inspect.toJSON(graph);
      const loaded = inspect.fromJSON(text);
      expect(inspect.toJSON(loaded)).to.equal(text);
      const outputs = await Promise.all(
        [graph, loaded].map(async (each) => {
          const session = new tf.Session({ graph: each });
          const feed = { 'x:0': [[1, 2, 3]], 'y:0': [[0, 1]], 'training:0': true };
          await session.run('init', { feed: {} });
          const losses: unknown[] = [];
          for (let step = 0; step < 3; step++) {
            const [loss] = await session.run(['mean_squared_error/value:0', 'Adam'], { feed });
            losses.push((loss as tf.NdArray).item());
          }
          session.close();
          return losses;
        }),
      );
      expect(outputs[1]).to.eql(outputs[0]);
      expect(new Set(outputs[0])).to.have.property('size', 3);
    });

    it('refuses what is no graph and says where', () => {
      expect(() => inspect.fromJSON('{')).to.throw(SyntaxError);
      const tampered = JSON.parse(inspect.toJSON(graph));
      tampered.nodes[0].op = 'NoSuchOp';
      expect(() => inspect.fromJSON(JSON.stringify(tampered))).to.throw(tf.errors.ValueError, /nodes\[0\]\.op/);
    });
  });

  it('reports print as their text and serialise as their data', () => {
    const report = inspect.collections(graph);
    expect(`${report}`).to.equal(report.text);
    expect(JSON.parse(JSON.stringify(report))).to.eql(report.data);
  });
});
