/**
 * How control flow runs: what is executed and how often, state over iterations and runs, errors, length of loops.
 *
 * Numbers of random ops are TensorFlow 2.15's for the same programs.
 */
import { expect } from 'chai';
import { Assert } from '../../graph/controlFlow/assert';
import { caseOf } from '../../graph/controlFlow/case';
import { cond } from '../../graph/controlFlow/cond';
import { foldl, foldr, mapFn, scan } from '../../graph/controlFlow/functional';
import { withAllIntermediates } from '../../graph/controlFlow/functions';
import { smartCond } from '../../graph/controlFlow/smartCond';
import { whileLoop } from '../../graph/controlFlow/whileLoop';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { bool, float32, float64, int32 } from '../../graph/dtypes';
import { InaccessibleTensorError, InvalidArgumentError } from '../../graph/errors';
import { gradients } from '../../graph/gradients';
import { Graph } from '../../graph/graph';
import '../../graph/ops/index';
import '../../graph/ops/operators';
import { floordiv } from '../../graph/ops/binary';
import { randomUniform } from '../../graph/ops/random';
import { reduceSum } from '../../graph/ops/reduce';
import { constant, identity, noOp, placeholder, placeholderWithDefault, zeros } from '../../graph/ops/source';
import { sin } from '../../graph/ops/trigonometric';
import type { Tensor } from '../../graph/tensor';
import { TensorArray } from '../../graph/tensorArray';
import { dropout } from '../../lib/nn/dropout';
import { Variable } from '../../lib/variables/variable';
import { Session } from '../../runtime/session';

const zero = () => constant(0, { dtype: int32 });
const scalar = (name: string) => placeholder(float32, [], { name });

/** A test in a graph of its own. */
function inGraph(title: string, body: (graph: Graph) => void): void {
  it(title, () => new Graph().asDefault(body));
}

function close(got: unknown, want: unknown): void {
  const flat = (value: unknown): number[] => (Array.isArray(value) ? value.flatMap(flat) : [value as number]);
  expect(flat(got).length).to.equal(flat(want).length);
  flat(got).forEach((value, i) =>
    expect(value).to.be.closeTo(flat(want)[i], 1e-5 * Math.max(1, Math.abs(flat(want)[i]))),
  );
}

describe('cond at run time', () => {
  inGraph('runs only what the fetched result depends on', () => {
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

  inGraph('keeps a random stream for each branch', () => {
    const p = placeholder(bool, []);
    const draw = () => randomUniform([2], { seed: 7 });
    const session = new Session();
    const drawn = cond(p, draw, draw);
    const values = [true, false, true, false].map((taken) => session.runSync(drawn, { feed: [[p, taken]] }).toArray());
    close(values, [
      [0.48394096, 0.50620306],
      [0.48394096, 0.50620306],
      [0.2652017, 0.63090456],
      [0.2652017, 0.63090456],
    ]);
  });

  inGraph('goes on with its random stream after gradients rewrote it', () => {
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
    close(session.runSync(y, { feed }).toArray(), [0.48394096, 0.50620306]);
    const [gradient] = gradients(y, x) as [Tensor];
    const [value, slope] = session.runSync([y, gradient], { feed }).map((result) => result.toArray());
    close(value, [0.2652017, 0.63090456]);
    close(slope, [2 * 0.2652017, 2 * 0.63090456]);
  });

  inGraph('counts seedless ops of a branch by itself', (graph) => {
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

  inGraph('returns operations as truth', () => {
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

  inGraph('takes a predicate of several dimensions with one element, and no other', () => {
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

  inGraph('rejects a predicate of integers when it runs', () => {
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

  inGraph('does not give out the op behind a result', () => {
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

  inGraph('waits for what its branches wait for outside', () => {
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

  inGraph('has values for all branches when one is not taken in any run', () => {
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
    close(
      [run([-1, -2]), run([1, 2]), run([5, 6])],
      [
        [-1, -1],
        [2, 4],
        [Math.cos(5), Math.cos(6)],
      ],
    );
  });

  inGraph('with case: fails when nothing, or too much, is true', () => {
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

  inGraph('smartCond builds a known branch in place', (graph) => {
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

describe('whileLoop at run time', () => {
  inGraph('hands on what the body does not change, to the results and to the gradients too', () => {
    const x = placeholder(float32, [3]);
    const [i, same, swapped, sum] = whileLoop(
      (n: Tensor) => n.less(4),
      // The second is passed on as it is, the third and fourth change places with it.
      (n: Tensor, a: Tensor, b: Tensor, s: Tensor) => [n.add(1), identity(a), s, b.add(a)] as const,
      [zero(), x, zeros([3]), constant([1, 1, 1])] as const,
    );
    const session = new Session();
    const run = (fetches: readonly Tensor[]) =>
      session.runSync(fetches, { feed: [[x, [1, 2, 3]]] }).map((value) => value.toArray());
    expect(run([i, same])).to.deep.equal([4, [1, 2, 3]]);
    expect(run([swapped])).to.deep.equal([[2, 4, 6]]);
    expect(run([sum, same])).to.deep.equal([
      [3, 5, 7],
      [1, 2, 3],
    ]);
    const [gradient] = gradients([sum, same], [x]);
    expect(run([gradient as Tensor])).to.deep.equal([[3, 3, 3]]);
  });

  inGraph('runs 100,000 iterations and back', () => {
    const x = placeholder(float64, []);
    const [i, y] = whileLoop(
      (n, _a) => n.less(100000),
      (n, a) => [n.add(1), a.mul(x)],
      [zero(), x],
    );
    const slope = gradients(y, x)[0] as Tensor;
    const [count, value, derivative] = new Session()
      .runSync([i, y, slope], { feed: [[x, 1.00001]] })
      .map((result) => result.item() as number);
    expect(count).to.equal(100000);
    expect(value).to.be.closeTo(1.00001 ** 100001, 1e-6);
    expect(derivative).to.be.closeTo(100001 * 1.00001 ** 100000, 1);
  });

  inGraph('writes 20,000 elements of an array', () => {
    const step = (i: Tensor, array: TensorArray) => [i.add(1), array.write(i, i.mul(i))];
    const [, array] = whileLoop((i) => i.less(20000), step, [zero(), new TensorArray(int32, { size: 20000 })]);
    const values = new Session().runSync(array.stack()).data as Int32Array;
    expect([values.length, values[3], values[19999]]).to.deep.equal([20000, 9, 19999 ** 2]);
  });

  inGraph('continues random streams over iterations and runs', () => {
    const [, sum] = whileLoop(
      (i) => i.less(3),
      (i, x) => [i.add(1), x.add(randomUniform([2], { seed: 7 }))],
      [zero(), zeros([2])],
    );
    const session = new Session();
    close(
      [session.runSync(sum).toArray(), session.runSync(sum).toArray()],
      [
        [1.054745, 2.1140351],
        [1.4700406, 2.0758862],
      ],
    );
    close(new Session().runSync(sum).toArray(), [1.054745, 2.1140351]);
  });

  inGraph('continues random streams of a loop in a loop', () => {
    const inner = (x: Tensor) =>
      whileLoop(
        (j) => j.less(2),
        (j, y) => [j.add(1), y.add(randomUniform([], { seed: 7 }))],
        [zero(), x],
      )[1];
    const [, sum] = whileLoop(
      (i) => i.less(3),
      (i, x) => [i.add(1), inner(x)],
      [zero(), 0],
    );
    const session = new Session();
    close([session.runSync(sum).item(), session.runSync(sum).item()], [3.2102582, 2.9312768]);
  });

  inGraph('computes only the variables that are asked for', () => {
    const v = new Variable(0, { name: 'v' });
    const [y, z] = whileLoop(
      (i, _x) => i.less(3),
      (i, _x) => [i.add(1), identity(v.assignAdd(1))],
      [zero(), 0],
    );
    const session = new Session();
    session.runSync(v.initializer);
    expect([session.runSync(y).item(), session.runSync(v).item()]).to.deep.equal([3, 0]);
    expect([session.runSync(z).item(), session.runSync(v).item()]).to.deep.equal([3, 3]);
  });

  inGraph('assigns variables behind control dependencies', (graph) => {
    const v = new Variable(1, { name: 'v' });
    const step = (i: Tensor) => getDefaultGraph().controlDependencies([v.assign(v.mul(2))], () => i.add(1));
    const y = whileLoop((i) => i.less(4), step, [zero()]);
    const session = new Session({ graph });
    session.runSync(v.initializer);
    expect([session.runSync(y).item(), session.runSync(v).item()]).to.deep.equal([4, 16]);
  });

  inGraph('drops out in each iteration only while training is fed true (tensorflow issue 17844)', () => {
    const x = placeholder(float32, [4]);
    const training = placeholderWithDefault(false, []);
    const step = (i: Tensor, a: Tensor) => [
      i.add(1),
      cond(
        training,
        () => dropout(a, { rate: 0.5, seed: 1 }),
        () => identity(a),
      ),
    ];
    const [, y] = whileLoop((i) => i.less(3), step, [zero(), x]);
    const slope = gradients(y, x)[0] as Tensor;
    const session = new Session();
    const still = session.runSync([y, slope], { feed: [[x, [1, 2, 3, 4]]] }).map((value) => value.toArray());
    expect(still).to.deep.equal([
      [1, 2, 3, 4],
      [1, 1, 1, 1],
    ]);
    const seen = new Set<number>();
    for (let run = 0; run < 20; run++) {
      const [values, slopes] = session
        .runSync([y, slope], {
          feed: [
            [x, [1, 2, 3, 4]],
            [training, true],
          ],
        })
        .map((value) => value.toArray() as number[]);
      slopes.forEach((factor, i) => {
        seen.add(factor);
        expect(values[i]).to.equal(factor * (i + 1));
      });
    }
    expect([...seen].sort()).to.deep.equal([0, 8]);
  });

  inGraph('keeps nested structures', () => {
    const pair: [Tensor, { last: Tensor }] = [zero(), { last: constant(1) }];
    const [end] = whileLoop(
      (state) => state.pair[0].less(5),
      ({ total, pair: [i, { last }] }) => [{ total: total.add(last), pair: [i.add(1), { last: last.mul(2) }] }],
      [{ total: constant(0), pair }],
      { returnSameStructure: true },
    );
    const [total, i, last] = new Session().runSync([end.total, end.pair[0], end.pair[1].last]);
    expect([total.item(), i.item(), last.item()]).to.deep.equal([31, 5, 32]);
  });

  inGraph('stops at maximumIterations, also of a tensor', () => {
    const most = placeholder(int32, []);
    const y = whileLoop(
      (a) => a.less(1000),
      (a) => a.mul(2),
      [constant(1)],
      { maximumIterations: most },
    );
    const session = new Session();
    expect([0, 3, 50].map((count) => session.runSync(y, { feed: [[most, count]] }).item())).to.deep.equal([1, 8, 1024]);
  });

  inGraph('runs a loop that layers export all values of', () => {
    const x = scalar('x');
    const [, y] = withAllIntermediates(() =>
      whileLoop(
        (i) => i.less(3),
        (i, a) => [i.add(1), sin(a.mul(x))],
        [zero(), x],
        { maximumIterations: 3 },
      ),
    );
    const plain = whileLoop(
      (i) => i.less(3),
      (i, a) => [i.add(1), sin(a.mul(x))],
      [zero(), x],
    )[1];
    const [a, b] = [y, plain].map((each) => gradients(each, x)[0] as Tensor);
    const values = new Session().runSync([y, plain, a, b], { feed: [[x, 0.7]] }).map((value) => value.item() as number);
    expect(values[0]).to.equal(values[1]);
    expect(values[2]).to.be.closeTo(values[3], 1e-6);
  });

  inGraph('takes gradients again, after runs, in one session', () => {
    const x = scalar('x');
    const [, y] = whileLoop(
      (i) => i.less(3),
      (i, a) => [i.add(1), a.mul(x)],
      [zero(), x],
    );
    const session = new Session();
    const feed = [[x, 2]] as const;
    const results = [session.runSync(y, { feed }).item()];
    let derivative = y;
    for (let order = 0; order < 2; order++) {
      derivative = gradients(derivative, x)[0] as Tensor;
      results.push(session.runSync(derivative, { feed }).item());
    }
    expect(results).to.deep.equal([16, 32, 48]);
  });

  inGraph('names the inner node and the line of an error', () => {
    const n = placeholder(int32, []);
    const y = whileLoop(
      (i) => i.less(5),
      (i) => i.add(floordiv(1, n, { name: 'quotient' })),
      [zero()],
    );
    expect(() => new Session().runSync(y, { feed: [[n, 0]] }))
      .to.throw(InvalidArgumentError, /Integer division by zero/)
      .with.property('message')
      .that.matches(/\{\{node quotient\}\}[\s\S]*controlFlow\.spec\.ts:\d+/);
  });

  inGraph('rejects a condition of integers when it runs', () => {
    const y = whileLoop(
      (i) => i,
      (i) => i.sub(1),
      [constant(3, { dtype: int32 })],
    );
    expect(() => new Session().runSync(y)).to.throw(
      InvalidArgumentError,
      /Input 'input' passed int32 expected bool while building NodeDef 'while\/LoopCond/,
    );
  });
});

describe('functions made of loops at run time', () => {
  inGraph('map, fold and scan', () => {
    const x = placeholder(float64, [null]);
    const session = new Session();
    const feed = [[x, [1, 2, 3, 4]]] as const;
    const squares = mapFn((a) => a.mul(a), x);
    const left = foldl((a: Tensor, b) => a.mul(2).add(b), x);
    const right = foldr((a: Tensor, b) => a.mul(2).add(b), x);
    const sums = scan((a, b) => a.add(b), x);
    const backward = scan((a, b) => a.add(b), x, { reverse: true });
    const values = session.runSync([squares, left, right, sums, backward], { feed }).map((value) => value.toArray());
    expect(values).to.deep.equal([[1, 4, 9, 16], 26, 49, [1, 3, 6, 10], [10, 9, 7, 4]]);
    const slopes = gradients(squares.mul(sums), x)[0] as Tensor;
    // d/dx_k of sum_i x_i² · s_i = 2 x_k s_k + sum over i ≥ k of x_i².
    expect(session.runSync(slopes, { feed }).toArray()).to.deep.equal([2 + 30, 12 + 29, 36 + 25, 80 + 16]);
  });

  inGraph('Assert', () => {
    const x = scalar('x');
    const checked = x.graph.controlDependencies([Assert(x.greater(0), [x, 'is not positive'])], () => identity(x));
    const session = new Session();
    expect(session.runSync(checked, { feed: [[x, 2]] }).item()).to.equal(2);
    expect(() => session.runSync(checked, { feed: [[x, -2]] })).to.throw(
      InvalidArgumentError,
      /assertion failed: \[-2\] \[is not positive\]/,
    );
  });
});
