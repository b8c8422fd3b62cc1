/**
 * How branches run: what is executed and how often, state over runs, errors. Loops are whileLoop.spec.ts.
 *
 * Numbers of random ops are TensorFlow 2.15's for the same programs.
 */
import { expect } from 'chai';
import { caseOf } from '../../graph/controlFlow/case';
import { cond } from '../../graph/controlFlow/cond';
import { smartCond } from '../../graph/controlFlow/smartCond';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { bool, float32, float64, int32 } from '../../graph/dtypes';
import { InaccessibleTensorError, InvalidArgumentError } from '../../graph/errors';
import { gradients } from '../../graph/gradients';
import '../../graph/ops/index';
import '../../graph/ops/operators';
import { randomUniform } from '../../graph/ops/random';
import { reduceSum } from '../../graph/ops/reduce';
import { constant, identity, noOp, placeholder, placeholderWithDefault, zeros } from '../../graph/ops/source';
import { sin } from '../../graph/ops/trigonometric';
import type { Tensor } from '../../graph/tensor';
import { Variable } from '../../lib/variables/variable';
import { Session } from '../../runtime/session';
import { expectNearly } from '../support/close';
import { itInGraph } from '../support/inGraph';

const scalar = (name: string) => placeholder(float32, [], { name });

describe('cond at run time', () => {
  itInGraph('runs only what the fetched result depends on', () => {
    const p = placeholder(bool, []);
    const v = new Variable(0, { name: 'v' });
    const counting = () => {
      v.assignAdd(10, { readValue: false });
      return [constant(1), identity(v.assignAdd(1))];
    };
    const [y, z] = cond(p, counting, () => [constant(2), constant(3)]);
    const session = new Session();
    session.runSync(v.initializer);
    const run = (fetch: Tensor, taken: boolean) => session.runSync(fetch, { feed: [[p, taken]] }).item();
    expect([run(y, true), session.runSync(v).item()]).to.deep.equal([1, 0]);
    expect([run(z, false), session.runSync(v).item()]).to.deep.equal([3, 0]);
    expect([run(z, true), session.runSync(v).item()]).to.deep.equal([1, 1]);
  });

  itInGraph('keeps a random stream for each branch', () => {
    const p = placeholder(bool, []);
    const draw = () => randomUniform([2], { seed: 7 });
    const session = new Session();
    const drawn = cond(p, draw, draw);
    const values = [true, false, true, false].map((taken) => session.runSync(drawn, { feed: [[p, taken]] }).toArray());
    expectNearly(values, [
      [0.48394096, 0.50620306],
      [0.48394096, 0.50620306],
      [0.2652017, 0.63090456],
      [0.2652017, 0.63090456],
    ]);
  });

  itInGraph('goes on with its random stream after gradients rewrote it', () => {
    const p = placeholder(bool, []);
    const x = placeholder(float32, [2]);
    const y = cond(
      p,
      () => x.mul(randomUniform([2], { seed: 7 })).mul(x),
      () => x,
    );
    const session = new Session();
    const feed = [
      [p, true],
      [x, [1, 1]],
    ] as const;
    expectNearly(session.runSync(y, { feed }).toArray(), [0.48394096, 0.50620306]);
    const [gradient] = gradients(y, x) as [Tensor];
    const [value, slope] = session.runSync([y, gradient], { feed }).map((result) => result.toArray());
    expectNearly(value, [0.2652017, 0.63090456]);
    expectNearly(slope, [2 * 0.2652017, 2 * 0.63090456]);
  });

  itInGraph('counts seedless ops of a branch by itself', (graph) => {
    graph.seed = 5;
    randomUniform([1]);
    const p = placeholder(bool, []);
    const random: Tensor[] = [];
    const branch = () => {
      random.push(randomUniform([1]), randomUniform([1]));
      return random[0];
    };
    cond(p, branch, () => zeros([1]));
    randomUniform([1]);
    expect(random.map(({ op }) => [op.attrs.seed, op.attrs.seed2].map(Number))).to.deep.equal([
      [5, 0],
      [5, 1],
    ]);
    expect(graph.seedlessOps).to.equal(2);
  });

  itInGraph('returns operations as truth', () => {
    const p = placeholder(bool, []);
    const v = new Variable(0, { name: 'v' });
    const done = cond(
      p,
      () => v.assignAdd(5, { readValue: false }),
      () => noOp(),
    );
    const session = new Session();
    session.runSync(v.initializer);
    expect(session.runSync(done, { feed: [[p, true]] }).item()).to.equal(true);
    expect(session.runSync(v).item()).to.equal(5);
  });

  itInGraph('takes a predicate of several dimensions with one element, and no other', () => {
    const p = placeholder(bool, null);
    const y = cond(
      p,
      () => 1,
      () => 2,
    );
    const session = new Session();
    expect(session.runSync(y, { feed: [[p, [[true]]]] }).item()).to.equal(1);
    expect(() => session.runSync(y, { feed: [[p, [true, false]]] })).to.throw(
      InvalidArgumentError,
      /must be a scalar, but it has shape \[2\]/,
    );
  });

  itInGraph('rejects a predicate of integers when it runs', () => {
    const n = placeholder(int32, []);
    const y = cond(
      n,
      () => 1,
      () => 2,
    );
    expect(() => new Session().runSync(y, { feed: [[n, 1]] })).to.throw(
      InvalidArgumentError,
      /Input 'pred' passed int32 expected bool while building NodeDef 'cond\/switch_pred\/_2'/,
    );
  });

  itInGraph('does not give out the op behind a result', () => {
    const p = placeholder(bool, []);
    const y = cond(
      p,
      () => 1,
      () => 2,
    );
    expect(() => new Session().runSync(y.op.inputs[0], { feed: [[p, true]] })).to.throw(
      InaccessibleTensorError,
      /Operation cond has been marked as not fetchable/,
    );
  });

  itInGraph('waits for what its branches wait for outside', () => {
    const p = placeholder(bool, []);
    const v = new Variable(0, { name: 'v' });
    const assign = v.assignAdd(1, { readValue: false });
    const y = cond(
      p,
      () => getDefaultGraph().controlDependencies([assign], () => identity(v)),
      () => constant(7),
    );
    const session = new Session();
    session.runSync(v.initializer);
    expect(session.runSync(y, { feed: [[p, true]] }).item()).to.equal(1);
  });

  itInGraph('has values for all branches when one is not taken in any run', () => {
    const x = placeholder(float64, [2]);
    const y = caseOf(
      [
        [reduceSum(x).less(0), () => x.neg()],
        [reduceSum(x).greater(10), () => sin(x)],
      ],
      { default: () => x.mul(x) },
    );
    const slope = gradients(y, x)[0] as Tensor;
    const session = new Session();
    const run = (value: number[]) => session.runSync(slope, { feed: [[x, value]] }).toArray();
    expectNearly(
      [run([-1, -2]), run([1, 2]), run([5, 6])],
      [
        [-1, -1],
        [2, 4],
        [Math.cos(5), Math.cos(6)],
      ],
    );
  });

  itInGraph('with case: fails when nothing, or too much, is true', () => {
    const x = scalar('x');
    const pairs = [
      [x.less(0), () => x.neg()],
      [x.greater(1), () => x.mul(1)],
    ] as const;
    const strict = caseOf(pairs, { default: () => x, exclusive: true });
    const open = caseOf(pairs);
    const both = caseOf(
      [
        [x.less(2), () => x.neg()],
        [x.greater(1), () => x],
      ],
      { default: () => x, exclusive: true },
    );
    const session = new Session();
    const run = (y: Tensor, value: number) => session.runSync(y, { feed: [[x, value]] }).item();
    expect([run(strict, -1), run(strict, 0.5), run(open, 3)]).to.deep.equal([1, 0.5, 3]);
    expect(() => run(open, 0.5)).to.throw(InvalidArgumentError, /None of conditions evaluated as True/);
    expect(() => run(both, 1.5)).to.throw(InvalidArgumentError, /exclusive=True: more than 1 conditions/);
  });

  itInGraph('smartCond builds a known branch in place', (graph) => {
    const x = scalar('x');
    const choose = (pred: Parameters<typeof smartCond>[0]) =>
      smartCond(
        pred,
        () => x.mul(2),
        () => identity(x),
      );
    choose(true);
    choose(0);
    choose(constant(true));
    expect(graph.operations.map((op) => op.type)).to.not.include('StatelessIf');
    choose(placeholderWithDefault(true, []));
    choose(new Variable(true, { trainable: false }));
    expect(graph.operations.filter((op) => op.type === 'StatelessIf' || op.type === 'If').length).to.equal(2);
    const known = constant(false);
    const inner = cond(
      placeholder(bool, []),
      () =>
        smartCond(
          known,
          () => x.mul(2),
          () => identity(x),
        ) as Tensor,
      () => x,
    );
    expect(inner.graph.functions.size).to.equal(6);
  });
});
