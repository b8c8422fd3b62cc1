/**
 * The global step: making, finding and checking it.
 */
import { expect } from 'chai';
import { float32, int32, int64 } from '../../../graph/dtypes';
import { GraphTypeError, ValueError } from '../../../graph/errors';
import { Graph } from '../../../graph/graph';
import { placeholder } from '../../../graph/ops/source';
import { createGlobalStep, getGlobalStep, getOrCreateGlobalStep, globalStep } from '../../../lib/train/globalStep';
import { globalVariablesInitializer } from '../../../lib/variables/collections';
import { Variable } from '../../../lib/variables/variable';
import { Session } from '../../../runtime/session';

const inGraph = (body: (graph: Graph) => void) => () => {
  const graph = new Graph();
  graph.asDefault(body);
};

describe('lib: global step', () => {
  it(
    'is made once, and found again',
    inGraph((graph) => {
      expect(getGlobalStep()).to.equal(null);
      const step = graph.nameScope('scope', () => createGlobalStep());
      expect([step.name, step.dtype, step.trainable]).to.deep.equal(['global_step:0', int64, false]);
      expect([getGlobalStep(), getOrCreateGlobalStep(), getGlobalStep(graph)]).to.deep.equal([step, step, step]);
      expect(() => createGlobalStep()).to.throw(ValueError, '"global_step" already exists.');
    }),
  );

  it(
    'counts',
    inGraph((graph) => {
      const step = createGlobalStep();
      const next = step.assignAdd(1, { readValue: false });
      const session = new Session({ graph });
      session.runSync(globalVariablesInitializer());
      session.runSync(next);
      session.runSync(next);
      expect(globalStep(session, step)).to.equal(2);
    }),
  );

  it('belongs to the graph that is asked for', () => {
    const graph = new Graph();
    const step = createGlobalStep(graph);
    expect(step.graph).to.equal(graph);
    expect(getGlobalStep(new Graph())).to.equal(null);
  });

  it(
    'may be any integer scalar of that name',
    inGraph(() => {
      const step = placeholder(int32, [], { name: 'global_step' });
      expect(getGlobalStep()).to.equal(step);
    }),
  );

  const refused = (value: () => unknown, message: string) =>
    inGraph((graph) => {
      graph.addToCollection('global_step', value());
      expect(() => getGlobalStep()).to.throw(GraphTypeError, message);
    });
  it(
    'is no float',
    refused(() => new Variable(1), 'Existing "global_step" does not have integer type: <dtype: \'float32\'>'),
  );
  it(
    'is no vector',
    refused(() => new Variable([1], { dtype: int32 }), 'Existing "global_step" is not scalar: (1,)'),
  );
  it(
    'is no number',
    refused(() => 3, 'Existing "global_step" must be a Variable or Tensor: 3.'),
  );
  it(
    'is no float placeholder',
    refused(() => placeholder(float32, []), 'does not have integer type'),
  );
});
