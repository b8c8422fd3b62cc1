import { create } from '@bufbuild/protobuf';
import { fromText } from '@bufbuild/protobuf/txtpb';
import { expect } from 'chai';
import { importGraphDef } from '../../../graph/formats/importGraphDef';
import { GraphDefSchema } from '../../../graph/formats/protos/generated/graph_pb';
import { OpListSchema } from '../../../graph/formats/protos/generated/op_def_pb';
import { Graph } from '../../../graph/graph';
import '../../../graph/ops/index';
import { float32, int32 } from '../../../graph/dtypes';
import { placeholder } from '../../../graph/ops/source';
import { listGraph } from '../../../graph/print';
import { expectLegal } from '../../support/legal';

const float = 'attr { key: "T" value { type: DT_FLOAT } }';
const constant = (name: string) =>
  `node { name: "${name}" op: "Const" attr { key: "dtype" value { type: DT_FLOAT } }
     attr { key: "value" value { tensor { dtype: DT_FLOAT tensor_shape {} float_val: 1 } } } }`;
const node = (name: string, op: string, inputs: readonly string[], attrs = float) =>
  `node { name: "${name}" op: "${op}" ${inputs.map((input) => `input: "${input}"`).join(' ')} ${attrs} }`;
const sum = node('s', 'AddV2', ['a', 'b']);

type Options = Parameters<typeof importGraphDef>[1];

/** Imports a text; the graph must be as before when that fails, and legal when it does not. */
function load(text: string, options?: Options, graph = new Graph()) {
  const before = listGraph(graph);
  return graph.asDefault(() => {
    try {
      const elements = importGraphDef(fromText(GraphDefSchema, text), options);
      expectLegal(graph);
      return { graph, elements };
    } catch (error) {
      expect(listGraph(graph)).to.equal(before);
      throw error;
    }
  });
}

const names = (graph: Graph) => graph.operations.map(({ name }) => name);

describe('importGraphDef', () => {
  it('puts nodes under a scope of their own, import by default', () => {
    const graph = new Graph();
    load(constant('a'), undefined, graph);
    load(constant('a'), undefined, graph);
    load(constant('a'), { name: '' }, graph);
    load(constant('a'), { name: 'x' }, graph);
    expect(names(graph)).to.deep.equal(['import/a', 'import_1/a', 'a', 'x/a']);
  });

  it('makes each node after what it needs, else in the order of the file', () => {
    const { graph } = load(`${sum}${constant('b')}${constant('a')}`, { name: '' });
    expect(names(graph)).to.deep.equal(['b', 'a', 's']);
  });

  it('returns the operations and tensors asked for', () => {
    const { graph, elements } = load(constant('a'), { returnElements: ['a', 'a:0'] });
    expect(elements).to.deep.equal([graph.getOperationByName('import/a'), graph.getTensorByName('import/a:0')]);
    expect(load(constant('a')).elements).to.equal(null);
  });

  it('reads mapped inputs from the graph', () => {
    const graph = new Graph();
    const x = graph.asDefault(() => placeholder(float32, [2], { name: 'x' }));
    const { elements } = load(
      `${constant('a')}${constant('b')}${sum}`,
      { inputMap: { 'a:0': x }, returnElements: ['s:0'] },
      graph,
    );
    const [tensor] = elements ?? [];
    expect(String(tensor)).to.equal('Tensor("import/s:0", shape=(2,), dtype=float32)');
    expect(graph.getOperationByName('import/s').inputs[0]).to.equal(x);
  });

  it('maps control inputs to operations', () => {
    const graph = new Graph();
    const x = graph.asDefault(() => placeholder(float32, [2], { name: 'x' }));
    load(`${constant('a')}${node('i', 'Identity', ['a', '^q'])}`, { inputMap: { '^q': x.op } }, graph);
    expect(graph.getOperationByName('import/i').controlInputs).to.deep.equal([x.op]);
  });

  it('prefixes colocation groups of nodes of the file only', () => {
    const groups = 'attr { key: "_class" value { list { s: "loc:@a" s: "loc:@other" } } }';
    const { graph } = load(`${constant('a')}${node('i', 'Identity', ['a'], float + groups)}`);
    expect(graph.getOperationByName('import/i').attrs._class).to.deep.equal(['loc:@import/a', 'loc:@other']);
  });

  it('keeps devices, within those in force', () => {
    const graph = new Graph();
    const text = `node { name: "a" op: "NoOp" device: "/gpu:1" } node { name: "b" op: "NoOp" }`;
    graph.device('/job:w', () => load(text, { name: '' }, graph));
    expect(graph.operations.map(({ device }) => device)).to.deep.equal(['/job:w/device:GPU:1', '/job:w']);
  });

  it('waits for the control dependencies in force', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const first = placeholder(float32, [], { name: 'first' });
      graph.controlDependencies([first.op], () => load(constant('a'), { name: '' }, graph));
      expect(graph.getOperationByName('a').controlInputs).to.deep.equal([first.op]);
    });
  });

  it('restores attributes that are left out because they have their default', () => {
    const { graph } = load(
      `${constant('a')}node { name: "p" op: "Placeholder" attr { key: "dtype" value { type: DT_INT32 } } }`,
    );
    const { attrs } = graph.getOperationByName('import/p');
    expect([attrs.dtype, String(attrs.shape)]).to.deep.equal([int32, '<unknown>']);
  });

  it('learns shapes from _output_shapes', () => {
    const shapes = 'attr { key: "_output_shapes" value { list { shape { dim { size: 3 } } } } }';
    const { graph } = load(node('p', 'Placeholder', [], `attr { key: "dtype" value { type: DT_FLOAT } }${shapes}`));
    expect(String(graph.operations[0].output.shape)).to.equal('(3,)');
    expect(graph.operations[0].attrs).not.to.have.property('_output_shapes');
  });

  it('takes away attributes that only the producer knows, where they have its default', () => {
    const attrs = `${float} attr { key: "later" value { b: true } }`;
    const op = create(OpListSchema, {
      op: [
        {
          name: 'Identity',
          attr: [{ name: 'later', type: 'bool', defaultValue: { value: { case: 'b', value: true } } }],
        },
      ],
    });
    const text = `${constant('a')}${node('i', 'Identity', ['a'], attrs)}`;
    const { graph } = load(text, { producerOpList: op });
    expect(Object.keys(graph.getOperationByName('import/i').attrs)).to.deep.equal(['T']);
  });

  describe('refuses, and leaves the graph as it was', () => {
    const refuse = (title: string, text: string, message: string | RegExp, options: Options = {}) =>
      it(title, () => {
        expect(() => load(text, { name: '', ...options }))
          .to.throw(message)
          .with.property('name', 'ValueError');
      });
    refuse('an input that is not there', sum, "Node 's': Unknown input node 'a'");
    refuse(
      'an input that cannot be read',
      constant('a') + node('s', 'Identity', ['a:b']),
      "Node 's': Unknown input node 'a:b'",
    );
    refuse('a name twice', constant('a') + constant('a'), "Node 'a' is not unique");
    refuse('a name that no node can have', constant('a b'), "Node 'a b': Node name contains invalid characters");
    refuse(
      'a missing attribute',
      constant('a') + constant('b') + node('s', 'AddV2', ['a', 'b'], ''),
      /^NodeDef missing attr 'T' from Op<name=AddV2; signature=x:T, y:T -> z:T; attr=T:type,allowed=\[DT_BFLOAT16, .*\]>; NodeDef: \{\{node s\}\}$/,
    );
    refuse(
      'too few inputs',
      constant('a') + node('s', 'AddV2', ['a']),
      /^NodeDef expected inputs 'float, float' do not match 1 inputs specified; Op<name=AddV2; .*>; NodeDef: \{\{node s\}\}$/,
    );
    refuse(
      'an input of another dtype',
      constant('a') + node('s', 'AddV2', ['a', 'a'], 'attr { key: "T" value { type: DT_INT32 } }'),
      'Input 0 of node s was passed float from a:0 incompatible with expected int32.',
    );
    refuse(
      'an output that its node does not have',
      constant('a') + node('s', 'Identity', ['a:1']),
      "Node 's': Connecting to invalid output 1 of source node a which has 1 outputs.",
    );
    refuse(
      'control inputs before data',
      constant('a') + node('s', 'Identity', ['^a', 'a']),
      "Node 's': Control dependencies must come after regular dependencies",
    );
    refuse('a cycle', node('s', 'Identity', ['t']) + node('t', 'Identity', ['s']), /^2 nodes in a cycle: s, t$/);
    refuse(
      'an attribute of another type',
      node('p', 'Placeholder', [], 'attr { key: "dtype" value { i: 3 } }'),
      "AttrValue had value with type 'int' when 'type' expected\n\t for attr 'dtype'\n\t; NodeDef: {{node p}}; Op<name=Placeholder; signature= -> output:dtype; attr=dtype:type; attr=shape:shape,default=<unknown>>",
    );
    refuse(
      'a dtype that the op does not take',
      node('p', 'Placeholder', [], 'attr { key: "dtype" value { type: DT_STRING } }') +
        node('s', 'Sqrt', ['p'], 'attr { key: "T" value { type: DT_STRING } }'),
      /^Value for attr 'T' of string is not in the list of allowed values: bfloat16, half, float, double, complex64, complex128\n/,
    );
    refuse(
      'a shape that does not fit',
      constant('a') + node('s', 'MatMul', ['a', 'a']),
      /^Shape must be rank 2 but is rank 0 for '\{\{node s\}\} = MatMul\[.*\]\(a, a\)' with input shapes: \[\], \[\]\.$/,
    );
    refuse(
      'shapes that contradict the inferred ones',
      node(
        'p',
        'Placeholder',
        [],
        'attr { key: "dtype" value { type: DT_FLOAT } } attr { key: "shape" value { shape { dim { size: 2 } } } } attr { key: "_output_shapes" value { list { shape { dim { size: 3 } } } } }',
      ),
      "Node 'p' has an _output_shapes attribute inconsistent with the GraphDef for output #0: Dimension 0 in both shapes must be equal, but are 2 and 3. Shapes are [2] and [3].",
    );
    refuse(
      'a version that is too new',
      'versions { min_consumer: 99999 }',
      /^GraphDef min consumer version 99999 above current version 1645 /,
    );
    refuse(
      'a producer below the least',
      'versions { producer: -1 }',
      /^GraphDef producer version -1 below min producer 0 /,
    );
    refuse('being a bad consumer', 'versions { bad_consumers: 1645 }', /^GraphDef disallows consumer version 1645\. /);
    refuse('elements that are not there', constant('a'), "Requested return tensor 'z:0' not found in graph def", {
      returnElements: ['z:0'],
    });
    refuse('outputs that are not there', constant('a'), "Invalid return output 1 of node 'a', which has 1 output(s)", {
      returnElements: ['a:1'],
    });
  });

  it('refuses mapped inputs that nothing reads', () => {
    const graph = new Graph();
    const x = graph.asDefault(() => placeholder(float32, []));
    expect(() => load(constant('a'), { inputMap: { 'q:0': x, '^e': x.op } }, graph)).to.throw(
      'Attempted to map inputs that were not found in graph_def: [^e, q:0]',
    );
  });

  it('refuses names that the graph has', () => {
    const graph = new Graph();
    load(constant('a'), { name: '' }, graph);
    expect(() => load(constant('b') + constant('a'), { name: '' }, graph)).to.throw(
      "Node name 'a' already exists in the Graph",
    );
    expect(names(graph)).to.deep.equal(['a']);
  });
});
