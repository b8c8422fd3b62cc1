import { create } from '@bufbuild/protobuf';
import { fromText } from '@bufbuild/protobuf/txtpb';
import { expect } from 'chai';
import { NotImplementedError } from '../../graph/errors';
import { graphToProto } from '../../graph/formats/exportGraphDef';
import { importGraphDef } from '../../graph/formats/importGraphDef';
import { GraphDefSchema } from '../../graph/formats/protos/generated/graph_pb';
import { OpListSchema } from '../../graph/formats/protos/generated/op_def_pb';
import { Graph } from '../../graph/graph';
import type { NdArray } from '../../graph/ndarray';
import '../../graph/ops/index';
import { Session } from '../../runtime/session';

const text = `
  node { name: "a" op: "Const" attr { key: "dtype" value { type: DT_FLOAT } }
    attr { key: "value" value { tensor { dtype: DT_FLOAT tensor_shape {} float_val: 2 } } } }
  node { name: "blur" op: "Blurr" input: "a" attr { key: "sigma" value { f: 0.5 } } attr { key: "T" value { type: DT_FLOAT } }
    attr { key: "_output_shapes" value { list { shape { dim { size: 7 } } } } } }
  node { name: "twice" op: "Identity" input: "blur" attr { key: "T" value { type: DT_FLOAT } } }
  node { name: "glow" op: "Glow" input: "twice" input: "blur" }
  node { name: "other" op: "Glow" input: "twice" input: "blur:1" }
  node { name: "end" op: "Neg" input: "glow" attr { key: "T" value { type: DT_FLOAT } } }
  node { name: "call" op: "PartitionedCall" input: "a" attr { key: "Tin" value { list { type: DT_FLOAT } } }
    attr { key: "Tout" value { list { type: DT_FLOAT } } } attr { key: "f" value { func { name: "f" } } } }
  library { function { signature { name: "f" input_arg { name: "x" type: DT_FLOAT } output_arg { name: "y" type: DT_FLOAT } }
    node_def { name: "shine" op: "Shine" input: "x" attr { key: "T" value { type: DT_FLOAT } } }
    node_def { name: "id" op: "Identity" input: "shine:out:0" attr { key: "T" value { type: DT_FLOAT } } }
    ret { key: "y" value: "id:output:0" } } }`;

function load() {
  const graph = new Graph();
  graph.asDefault(() => importGraphDef(fromText(GraphDefSchema, text), { name: '' }));
  return graph;
}

describe('ops that nothing here computes', () => {
  it('come in as nodes, described by their attributes and their readers', () => {
    const graph = load();
    expect(
      graph.operations.map(
        (op) => `${op.name}: ${op.outputs.map((output) => `${output.dtype.name} ${output.shape}`).join(', ')}`,
      ),
    ).to.deep.equal([
      'a: float32 ()',
      'blur: float32 (7,), float32 <unknown>',
      'twice: float32 (7,)',
      'glow: float32 <unknown>',
      'other: float32 <unknown>',
      'end: float32 <unknown>',
      'call: float32 <unknown>',
    ]);
    expect(graph.getOperationByName('blur').attrs).to.have.property('sigma', 0.5);
  });

  it('are written as they came', () => {
    const { node } = graphToProto(load());
    const [glow] = node.filter(({ name }) => name === 'glow');
    expect([glow.op, glow.input]).to.deep.equal(['Glow', ['twice', 'blur']]);
  });

  it('are all named when a run needs them', () => {
    const session = new Session({ graph: load() });
    expect(() => session.runSync(['end:0', 'other:0', 'call:0'] as never))
      .to.throw(NotImplementedError)
      .with.property(
        'message',
        `Op type not registered: this run needs 3 op types that sluice does not have.
  Blurr: node 'blur'.
  Glow: nodes 'glow', 'other'.
  Shine: node 'shine' of function 'f'.
Feed a tensor behind such nodes, or fetch something that does not need them; docs/ops.md lists the ops there are.`,
      );
  });

  it('are named when the function that has them runs', () => {
    const session = new Session({ graph: load() });
    expect(() => session.runSync('call:0' as never)).to.throw("Shine: node 'shine' of function 'f'.");
  });

  it('do no harm to runs that feed what they yield', () => {
    const session = new Session({ graph: load() });
    expect((session.runSync('end:0' as never, { feed: { 'glow:0': 3 } }) as NdArray).item()).to.equal(-3);
  });

  it('are not nodes that call a function by its name, as old files do', () => {
    const graph = new Graph();
    const old = `${text.slice(0, text.indexOf('node { name: "blur"'))} node { name: "c" op: "g" input: "a" }
      library { function { signature { name: "g" input_arg { name: "x" type: DT_FLOAT } output_arg { name: "y" type: DT_FLOAT } }
        node_def { name: "n" op: "Neg" input: "x" attr { key: "T" value { type: DT_FLOAT } } } ret { key: "y" value: "n:y:0" } } }`;
    graph.asDefault(() => importGraphDef(fromText(GraphDefSchema, old), { name: '' }));
    expect((new Session({ graph }).runSync('c:0' as never) as NdArray).item()).to.equal(-2);
  });

  it('have the outputs that a definition gives them', () => {
    const producerOpList = create(OpListSchema, {
      op: [
        {
          name: 'Mystery',
          inputArg: [{ name: 'x', typeAttr: 'T' }],
          outputArg: [
            { name: 'y', typeAttr: 'T' },
            { name: 'indices', type: 9 },
          ],
          attr: [
            { name: 'T', type: 'type' },
            { name: 'k', type: 'int', defaultValue: { value: { case: 'i', value: 4n } } },
          ],
        },
      ],
    });
    const graph = new Graph();
    const node = (inner: string) =>
      fromText(
        GraphDefSchema,
        `${text.slice(0, text.indexOf('node { name: "blur"'))} node { name: "m" op: "Mystery" input: "a" ${inner} }`,
      );
    const type = 'attr { key: "T" value { type: DT_FLOAT } }';
    graph.asDefault(() => importGraphDef(node(type), { name: '', producerOpList }));
    const op = graph.getOperationByName('m');
    expect(op.outputs.map(({ dtype }) => dtype.name)).to.deep.equal(['float32', 'int64']);
    expect(op.attrs.k).to.equal(4);
    expect(() => new Graph().asDefault(() => importGraphDef(node(''), { producerOpList }))).to.throw(
      "NodeDef missing attr 'T' from Op<name=Mystery;",
    );
  });

  it('are refused when nothing tells what they yield', () => {
    const bare = fromText(GraphDefSchema, 'node { name: "x" op: "Source" } node { name: "y" op: "Sink" input: "x" }');
    expect(() => new Graph().asDefault(() => importGraphDef(bare))).to.throw(
      "Node 'import/x' is of the type 'Source', which sluice does not know, and nothing tells the dtype of its output 0. Give its definition in producerOpList.",
    );
  });
});
