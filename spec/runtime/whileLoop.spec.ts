/**
 * How loops run: which variables are computed, state over iterations and runs, errors, length.
 *
 * Numbers of random ops are TensorFlow 2.15's for the same programs.
 */
import { expect } from 'chai';
import { Assert } from '../../graph/controlFlow/assert';
import { cond } from '../../graph/controlFlow/cond';
import { foldl, foldr, mapFn, scan } from '../../graph/controlFlow/functional';
import { withAllIntermediates } from '../../graph/controlFlow/functions';
import { whileLoop } from '../../graph/controlFlow/whileLoop';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { float32, float64, int32 } from '../../graph/dtypes';
import { InvalidArgumentError } from '../../graph/errors';
import { gradients } from '../../graph/gradients';
import '../../graph/ops/index';
import '../../graph/ops/operators';
import { floordiv } from '../../graph/ops/binary';
import { randomUniform } from '../../graph/ops/random';
import { constant, identity, placeholder, placeholderWithDefault, zeros } from '../../graph/ops/source';
import { sin } from '../../graph/ops/trigonometric';
import type { Tensor } from '../../graph/tensor';
import { TensorArray } from '../../graph/tensorArray';
import { dropout } from '../../lib/nn/dropout';
import { Variable } from '../../lib/variables/variable';
import { Session } from '../../runtime/session';
import { expectNearly } from '../support/close';
import { itInGraph } from '../support/inGraph';

const zero = () => constant(0, { dtype: int32 });
const scalar = (name: string) => placeholder(float32, [], { name });

describe('whileLoop at run time', () => {
  itInGraph('hands on what the body does not change, to the results and to the gradients too', () => {
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

  itInGraph('runs 100,000 iterations and back', () => {
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

  itInGraph('writes 20,000 elements of an array', () => {
    const step = (i: Tensor, array: TensorArray) => [i.add(1), array.write(i, i.mul(i))];
    const [, array] = whileLoop((i) => i.less(20000), step, [zero(), new TensorArray(int32, { size: 20000 })]);
    const values = new Session().runSync(array.stack()).data as Int32Array;
    expect([values.length, values[3], values[19999]]).to.deep.equal([20000, 9, 19999 ** 2]);
  });

  itInGraph('continues random streams over iterations and runs', () => {
    const [, sum] = whileLoop(
      (i) => i.less(3),
      (i, x) => [i.add(1), x.add(randomUniform([2], { seed: 7 }))],
      [zero(), zeros([2])],
    );
    const session = new Session();
    expectNearly(
      [session.runSync(sum).toArray(), session.runSync(sum).toArray()],
      [
        [1.054745, 2.1140351],
        [1.4700406, 2.0758862],
      ],
    );
    expectNearly(new Session().runSync(sum).toArray(), [1.054745, 2.1140351]);
  });

  itInGraph('continues random streams of a loop in a loop', () => {
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
    expectNearly([session.runSync(sum).item(), session.runSync(sum).item()], [3.2102582, 2.9312768]);
  });

  itInGraph('computes only the variables that are asked for', () => {
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

  itInGraph('assigns variables behind control dependencies', (graph) => {
    const v = new Variable(1, { name: 'v' });
    const step = (i: Tensor) => getDefaultGraph().controlDependencies([v.assign(v.mul(2))], () => i.add(1));
    const y = whileLoop((i) => i.less(4), step, [zero()]);
    const session = new Session({ graph });
    session.runSync(v.initializer);
    expect([session.runSync(y).item(), session.runSync(v).item()]).to.deep.equal([4, 16]);
  });

  itInGraph('drops out in each iteration only while training is fed true (tensorflow issue 17844)', () => {
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

  itInGraph('keeps nested structures', () => {
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

  itInGraph('stops at maximumIterations, also of a tensor', () => {
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

  itInGraph('runs a loop that layers export all values of', () => {
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

  itInGraph('takes gradients again, after runs, in one session', () => {
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

  itInGraph('names the inner node and the line of an error', () => {
    const n = placeholder(int32, []);
    const y = whileLoop(
      (i) => i.less(5),
      (i) => i.add(floordiv(1, n, { name: 'quotient' })),
      [zero()],
    );
    expect(() => new Session().runSync(y, { feed: [[n, 0]] }))
      .to.throw(InvalidArgumentError, /Integer division by zero/)
      .with.property('message')
      .that.matches(/\{\{node quotient\}\}[\s\S]*whileLoop\.spec\.ts:\d+/);
  });

  itInGraph('rejects a condition of integers when it runs', () => {
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
  itInGraph('map, fold and scan', () => {
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

  itInGraph('Assert', () => {
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
