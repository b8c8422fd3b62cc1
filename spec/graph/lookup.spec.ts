/**
 * From names and objects to elements of a graph, and every way in which that fails.
 */
import { expect } from 'chai';
import { float32, int32 } from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { constant, noOp } from '../../graph/ops/source';
import { inGraph, thrownBy } from '../support/inGraph';

const notTensorName = (name: string) =>
  `ValueError: The name '${name}' looks a like a Tensor name, but is not a valid one. Tensor names must be of the form "<op_name>:<output_index>".`;
const form = 'Tensor names must be of the form "<op_name>:<output_index>".';

describe('elements of a graph', () => {
  const graph = new Graph();
  const c = graph.asDefault(() => constant(1, { dtype: int32, name: 'c' }));
  graph.asDefault(() => noOp({ name: 'scope/op' }));

  it('are found by name, or are themselves', () => {
    expect(graph.asGraphElement('c')).to.equal(c.op);
    expect(graph.asGraphElement('c:0')).to.equal(c);
    expect(graph.asGraphElement(c)).to.equal(c);
    expect(graph.asGraphElement(c.op)).to.equal(c.op);
    expect(graph.getOperationByName('scope/op').type).to.equal('NoOp');
    expect(graph.getTensorByName('c:0')).to.equal(c);
  });

  it('are what an object says it stands for', () => {
    const stand = { asGraphElement: () => c };
    expect(graph.asGraphElement(stand)).to.equal(c);
    expect(thrownBy(() => graph.asGraphElement(stand, { allowTensor: false }))).to.match(
      /^TypeError: Can not convert a SymbolicTensor into a Operation\.$/,
    );
  });

  const byName: readonly (readonly [name: unknown, error: string])[] = [
    ['zz', `KeyError: "The name 'zz' refers to an Operation not in the graph."`],
    ['', `KeyError: "The name '' refers to an Operation not in the graph."`],
    ['^c', `KeyError: "The name '^c' refers to an Operation not in the graph."`],
    [
      'zz:0',
      `KeyError: "The name 'zz:0' refers to a Tensor which does not exist. The operation, 'zz', does not exist in the graph."`,
    ],
    [
      ':0',
      `KeyError: "The name ':0' refers to a Tensor which does not exist. The operation, '', does not exist in the graph."`,
    ],
    [
      'c:1',
      `KeyError: "The name 'c:1' refers to a Tensor which does not exist. The operation, 'c', exists but only has 1 outputs."`,
    ],
    ['c:x', notTensorName('c:x')],
    ['c:', notTensorName('c:')],
    ['a:b:c', notTensorName('a:b:c')],
    [3, 'TypeError: Can not convert a int into a Tensor or Operation.'],
    [3.5, 'TypeError: Can not convert a float into a Tensor or Operation.'],
    [null, 'TypeError: Can not convert a NoneType into a Tensor or Operation.'],
    [true, 'TypeError: Can not convert a bool into a Tensor or Operation.'],
    [[1], 'TypeError: Can not convert a list into a Tensor or Operation.'],
    [{}, 'TypeError: Can not convert a dict into a Tensor or Operation.'],
    [graph, 'TypeError: Can not convert a Graph into a Tensor or Operation.'],
  ];
  for (const [value, error] of byName) {
    it(`are not found by ${value === graph ? 'a graph' : JSON.stringify(value)}`, () => {
      const first = thrownBy(() => graph.asGraphElement(value));
      expect(first.replace(/ Did you mean .*$/, '')).to.equal(error);
    });
  }

  it('may be wanted as operations or as tensors only', () => {
    const op = (value: unknown) => thrownBy(() => graph.asGraphElement(value, { allowTensor: false }));
    const tensor = (value: unknown) => thrownBy(() => graph.asGraphElement(value, { allowOperation: false }));
    expect(op('c:0')).to.equal("ValueError: Name 'c:0' appears to refer to a Tensor, not a Operation.");
    expect(op(3)).to.equal('TypeError: Can not convert a int into a Operation.');
    expect(op(c)).to.equal('TypeError: Can not convert a SymbolicTensor into a Operation.');
    expect(tensor('c')).to.equal(`ValueError: The name 'c' refers to an Operation, not a Tensor. ${form}`);
    expect(tensor('zz')).to.equal(
      `ValueError: The name 'zz' looks like an (invalid) Operation name, not a Tensor. ${form}`,
    );
    expect(tensor(null)).to.equal('TypeError: Can not convert a NoneType into a Tensor.');
    expect(tensor(c.op)).to.equal('TypeError: Can not convert a Operation into a Tensor.');
    expect(thrownBy(() => graph.asGraphElement('c', { allowTensor: false, allowOperation: false }))).to.equal(
      "ValueError: allow_tensor and allow_operation can't both be False.",
    );
  });

  it('are asked for by strings in the functions that say by name', () => {
    expect(thrownBy(() => graph.getOperationByName(3 as never))).to.equal(
      'TypeError: Operation names are strings (or similar), not int.',
    );
    expect(thrownBy(() => graph.getOperationByName(null as never))).to.equal(
      'TypeError: Operation names are strings (or similar), not NoneType.',
    );
    expect(thrownBy(() => graph.getTensorByName(3 as never))).to.equal(
      'TypeError: Tensor names are strings (or similar), not int.',
    );
    expect(thrownBy(() => graph.getTensorByName('c'))).to.equal(
      `ValueError: The name 'c' refers to an Operation, not a Tensor. ${form}`,
    );
    expect(thrownBy(() => graph.getOperationByName('c:0'))).to.equal(
      "ValueError: Name 'c:0' appears to refer to a Tensor, not a Operation.",
    );
  });

  it('are of this graph', () => {
    const foreign = inGraph(() => constant(1, { dtype: float32, name: 'c' }));
    expect(thrownBy(() => graph.asGraphElement(foreign))).to.equal(
      'ValueError: Tensor Tensor("c:0", shape=(), dtype=float32) is not an element of this graph.',
    );
    expect(thrownBy(() => graph.asGraphElement(foreign.op))).to.equal(
      `ValueError: Operation ${foreign.op.nodeDef} is not an element of this graph.`,
    );
  });

  it('come with the nearest name when there is none', () => {
    expect(thrownBy(() => graph.getOperationByName('scope/opp'))).to.match(/ Did you mean 'scope\/op'\?$/);
    expect(thrownBy(() => graph.getTensorByName('scop/op:0'))).to.match(/ Did you mean 'scope\/op'\?$/);
    expect(thrownBy(() => graph.getOperationByName('elsewhere'))).not.to.match(/Did you mean/);
  });
});
