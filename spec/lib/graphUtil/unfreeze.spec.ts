import { expect } from 'chai';
import { float32 } from '../../../graph/dtypes';
import { ValueError } from '../../../graph/errors';
import { graphToProto } from '../../../graph/formats/exportGraphDef';
import { Graph } from '../../../graph/graph';
import type { NdArray } from '../../../graph/ndarray';
import { relu } from '../../../graph/ops/activations';
import '../../../graph/ops/index';
import type { Operation } from '../../../graph/operation';
import { placeholder } from '../../../graph/ops/source';
import { setRandomSeed } from '../../../graph/seeds';
import type { Tensor } from '../../../graph/tensor';
import { convertVariablesToConstants, unfreeze } from '../../../lib/graphUtil/index';
import { dense } from '../../../lib/layers/index';
import { meanSquaredError } from '../../../lib/losses/index';
import { AdamOptimizer } from '../../../lib/train/index';
import { globalVariablesInitializer, trainableVariables } from '../../../lib/variables/index';
import '../../../runtime/eval';
import { Session } from '../../../runtime/session';
import { expectLegal } from '../../support/legal';

const rows = [
  [0.5, -1, 2],
  [1.5, 0.25, -0.75],
];
const wanted = [[1], [-1]];

function model(): { graph: Graph; session: Session } {
  const graph = new Graph();
  const session = new Session({ graph });
  graph.asDefault(() => {
    setRandomSeed(3);
    const x = placeholder(float32, [null, 3], { name: 'x' });
    dense(dense(x, 4, { activation: relu, name: 'first' }), 1, { name: 'second' });
    session.runSync(globalVariablesInitializer());
  });
  return { graph, session };
}

const frozen = ({ graph, session }: { graph: Graph; session: Session }) =>
  convertVariablesToConstants(session, graphToProto(graph), ['second/BiasAdd']);

/** Trains towards `wanted`; the losses of some steps. */
function train(graph: Graph, session: Session, output: Tensor, x: string, initialise: () => void): number[] {
  return graph.asDefault(() => {
    const loss = meanSquaredError(wanted, output);
    const step = new AdamOptimizer(0.05).minimize(loss) as Operation;
    initialise();
    return Array.from(
      { length: 5 },
      () => (session.runSync([loss, step], { feed: { [x]: rows } }) as NdArray[])[0].item() as number,
    );
  });
}

describe('unfreeze', () => {
  it('makes a frozen graph train as it did before it was frozen', () => {
    const original = model();
    const definition = frozen(original);
    expect(definition.node.some(({ op }) => op === 'VarHandleOp')).to.equal(false);
    const graph = new Graph();
    const session = new Session({ graph });
    const output = graph.asDefault(() => {
      const { variables, elements } = unfreeze(definition, /\/(kernel|bias)$/, {
        returnElements: ['second/BiasAdd:0'],
      });
      expect(variables.map(({ name }) => name)).to.deep.equal([
        'first/kernel:0',
        'first/bias:0',
        'second/kernel:0',
        'second/bias:0',
      ]);
      expect(trainableVariables()).to.deep.equal(variables);
      return elements![0] as Tensor;
    });
    expectLegal(graph);
    const again = train(graph, session, output, 'x:0', () => session.runSync(globalVariablesInitializer()));
    const slots = () => {
      const trained = trainableVariables();
      const values = original.session.runSync(trained.map((each) => each.asGraphElement())) as NdArray[];
      original.session.runSync(globalVariablesInitializer());
      trained.forEach((each, i) => each.load(values[i], original.session));
    };
    const before = train(
      original.graph,
      original.session,
      original.graph.getTensorByName('second/BiasAdd:0'),
      'x:0',
      slots,
    );
    expect(again).to.deep.equal(before);
    expect(again.at(-1)).to.be.lessThan(again[0]);
  });

  it('leaves the constants that are not chosen, and can keep names in a scope', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const { variables } = unfreeze(frozen(model()), (name) => name.startsWith('second/'), { name: 'tuned' });
      expect(variables.map(({ name }) => name)).to.deep.equal(['tuned/second/kernel:0', 'tuned/second/bias:0']);
      expect(graph.getOperationByName('tuned/first/kernel').type).to.equal('Const');
      expect(graph.getOperationByName('tuned/second/kernel').type).to.equal('VarHandleOp');
    });
    expectLegal(graph);
  });

  it('refuses to choose nothing, and says what there is', () => {
    const graph = new Graph();
    graph.asDefault(() =>
      expect(() => unfreeze(frozen(model()), /weights/)).to.throw(
        ValueError,
        '/weights/ matches none of the 4 constants of real numbers in the graph: first/kernel, first/bias, second/kernel, second/bias.',
      ),
    );
    expect(graph.operations.length).to.equal(0);
  });
});
