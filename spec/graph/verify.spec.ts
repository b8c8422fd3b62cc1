/**
 * What verification finds in graphs that are not legal. Building cannot make them, so they are made by reaching behind it.
 */
import { expect } from 'chai';
import { FunctionReference } from '../../graph/attributes';
import { cond } from '../../graph/controlFlow/cond';
import { bool, float32, int32 } from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import type { Operation } from '../../graph/operation';
import { add } from '../../graph/ops/binary';
import { constant, identity, noOp, placeholder } from '../../graph/ops/source';
import { findOp } from '../../graph/registry';
import { scalarShape, TensorShape } from '../../graph/shape';
import '../../graph/ops/index';
import { findingsOf, findingText, verifyGraph } from '../../graph/verify';
import { inGraph, thrownBy } from '../support/inGraph';

/** The findings in a graph that `build` makes and spoils. */
function findings(build: (graph: Graph) => unknown): string[] {
  const graph = new Graph();
  graph.asDefault(() => build(graph));
  return findingsOf(graph).map(findingText);
}

const x = () => placeholder(float32, [2], { name: 'x' });

/** Puts a node into the graph that no check has seen. */
function smuggle(
  graph: Graph,
  type: string,
  name: string,
  parts: { attrs?: object; outputs?: number; inputs?: Operation['inputs']; device?: string } = {},
): Operation {
  const outputs = Array.from({ length: parts.outputs ?? 0 }, () => float32);
  const { def } = findOp(type)!;
  const { attrs = {}, inputs = [], device = '' } = parts;
  return graph.adopt(
    {
      name,
      def,
      inputs,
      controlInputs: [],
      attrs: attrs as Operation['attrs'],
      device,
      outputTypes: outputs,
      site: null,
    },
    outputs.map(() => scalarShape),
  );
}

describe('a graph', () => {
  it('that was built is legal', () => {
    expect(
      findings((graph) => {
        const [a, p] = [x(), placeholder(bool, [], { name: 'p' })];
        const chosen = cond(
          p,
          () => add(a, 1),
          () => identity(a),
        );
        graph.controlDependencies([noOp()], () => graph.addToCollection('k', identity(chosen)));
      }),
    ).to.deep.equal([]);
  });

  it('is not legal with names that are not, or not found', () => {
    expect(findings((graph) => smuggle(graph, 'NoOp', 'b d'))).to.deep.equal(['b d has a name that is not valid']);
    expect(findings((graph) => [smuggle(graph, 'NoOp', 'a'), smuggle(graph, 'NoOp', 'a')])).to.deep.equal([
      'a is not found under its name',
    ]);
    expect(findings((graph) => smuggle(graph, 'NoOp', 'a', { device: '/x' }))).to.deep.equal([
      "a has a device that cannot be read: Unknown attribute 'x' is encountered while parsing the device spec: '/x'.",
    ]);
  });

  it('is not legal with inputs from elsewhere', () => {
    const foreign = inGraph(() => constant(1, { name: 'c' }));
    expect(
      findings((graph) => smuggle(graph, 'Identity', 'a', { attrs: { T: float32 }, inputs: [foreign], outputs: 1 })),
    ).to.deep.equal(['a has an input 0, c:0, that is not of this graph']);
    expect(
      findings((graph) => {
        const gone: Operation[] = [];
        expect(() =>
          graph.transaction(() => {
            gone.push(noOp({ name: 'gone' }));
            throw new Error('mine');
          }),
        ).to.throw('mine');
        graph.updateOp(noOp({ name: 'a' }), { addControlInputs: gone });
      }),
    ).to.deep.equal(['a has a control input, gone, that is not of this graph']);
  });

  it('is not legal when two ends of an edge disagree', () => {
    expect(
      findings(() => {
        const a = x();
        a.dropConsumer(identity(a, { name: 'y' }).op);
      }),
    ).to.deep.equal(['y is not among the consumers of its input 0, x:0']);
    expect(findings(() => x().addConsumer(noOp({ name: 'n' })))).to.deep.equal([
      'x has a consumer of x:0, n, that does not read it',
    ]);
    expect(
      findings((graph) => {
        const n = noOp({ name: 'n' });
        n.dropControlOutput(graph.controlDependencies([n], () => noOp({ name: 'm' })));
        n.addControlOutput(noOp({ name: 'o' }));
      }),
    ).to.deep.equal([
      'n has a control output, o, that does not wait for it',
      'm is not among the control outputs of its control input n',
    ]);
    expect(
      findings(() => {
        const [n, m] = [noOp({ name: 'n' }), noOp({ name: 'm' })];
        m.replaceParts({ controlInputs: [n, n] });
        n.addControlOutput(m);
      }),
    ).to.deep.equal(['m has a control input twice']);
  });

  it('is not legal against the signature of an op', () => {
    const withAttrs = (attrs: object) => (graph: Graph) => {
      const { op } = identity(x(), { name: 'y' });
      graph.updateOp(op, { attrs: { ...op.attrs, ...attrs } as Operation['attrs'] });
    };
    expect(findings(withAttrs({ T: int32 }))).to.deep.equal([
      "y Input 'input' of 'Identity' Op has type float32 that does not match expected type of int32.",
    ]);
    expect(findings(withAttrs({ more: true }))).to.deep.equal([
      'y has an attribute more that its signature does not know',
    ]);
    expect(findings(withAttrs({ _more: true }))).to.deep.equal([]);
    expect(
      findings((graph) => smuggle(graph, 'Placeholder', 'p', { attrs: { dtype: float32 }, outputs: 1 })),
    ).to.deep.equal(['p lacks the attribute shape']);
    expect(findings((graph) => smuggle(graph, 'NoOp', 'a', { outputs: 1 }))).to.deep.equal([
      'a has outputs of the dtypes (float32), where its signature says ()',
    ]);
    expect(findings((graph) => smuggle(graph, 'AddV2', 'a', { attrs: { T: float32 }, outputs: 1 }))).to.deep.equal([
      'a AddV2: expected 2 inputs, got 0',
    ]);
    expect(findings(withAttrs({ _f: [new FunctionReference('nowhere')] }))).to.deep.equal([
      'y has an attribute _f that names a function, nowhere, which is not in the library',
    ]);
  });

  it('is not legal with static shapes that the rules contradict', () => {
    const text = findings((graph) => {
      const value = constant([1, 2, 3]).op.attrs.value;
      smuggle(graph, 'Const', 'c', { attrs: { dtype: float32, value }, outputs: 1 });
    });
    expect(text).to.deep.equal(['c has a shape () of c:0, where (3,) is inferred']);
    expect(
      findings((graph) => {
        const [a, b] = [placeholder(float32, [null], { name: 'a' }), placeholder(float32, [3], { name: 'b' })];
        add(a, b, { name: 'sum' });
        graph.updateOp(a.op, { attrs: { ...a.op.attrs, shape: new TensorShape([2]) } });
        a.setShape([2]);
      }),
    ).to.deep.equal([
      "sum Dimensions must be equal, but are 2 and 3 for '{{node sum}} = AddV2[T=DT_FLOAT](a, b)' with input shapes: [2], [3].",
    ]);
  });

  it('is not legal with a cycle', () => {
    expect(
      findings((graph) => {
        const [a, b, c] = ['a', 'b', 'c'].map((name) => noOp({ name }));
        graph.updateOp(b, { addControlInputs: [a, c] });
        graph.updateOp(c, { addControlInputs: [b] });
        graph.updateOp(noOp({ name: 'self' }), { addControlInputs: [graph.getOperationByName('self')] });
      }),
    ).to.deep.equal(['there is a cycle: b → c → b', 'there is a cycle: self → self']);
  });

  it('is not legal with strangers in its collections', () => {
    const foreign = inGraph(() => constant(1, { name: 'c' }));
    expect(
      findings((graph) => {
        for (const item of [foreign, foreign.op, { name: 'v:0', handle: foreign }, 3, null])
          graph.addToCollection('k', item);
      }),
    ).to.deep.equal(Array(3).fill('collection k holds c, which is not of this graph'));
  });

  it('is not legal with functions that are not', () => {
    const text = findings((graph) => {
      const p = placeholder(bool, [], { name: 'p' });
      cond(
        p,
        () => constant(1),
        () => constant(2),
      );
      const [first, second] = graph.functions.values();
      smuggle(first, 'NoOp', 'b d');
      first.controlOutputs = [p.op];
      second.outputs = [p];
      second.name = 'other';
    });
    expect(text.map((line) => line.replace(/function \w+/, 'function f'))).to.deep.equal([
      'function f: b d has a name that is not valid',
      'function f: has a control output, p, that is not of its body',
      'function f: is called other',
      'function f: has a result, p, that is not of its body',
    ]);
  });

  it('has all findings in one error', () => {
    const graph = new Graph();
    smuggle(graph, 'NoOp', 'b d');
    smuggle(graph, 'NoOp', 'e f');
    expect(thrownBy(() => verifyGraph(graph))).to.equal(
      'ValueError: The graph is not legal:\n  b d has a name that is not valid\n  e f has a name that is not valid',
    );
  });
});
