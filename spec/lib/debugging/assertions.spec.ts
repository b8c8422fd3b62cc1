/**
 * Assertions: what passes, what fails while building and while running, and with which text.
 */
import { expect } from 'chai';
import type { TensorLike } from '../../../graph/convert';
import * as dtypes from '../../../graph/dtypes';
import { InvalidArgumentError, ValueError } from '../../../graph/errors';
import { Graph } from '../../../graph/graph';
import type { Operation } from '../../../graph/operation';
import { constant, identity, placeholderWithDefault } from '../../../graph/ops/source';
import type { Tensor } from '../../../graph/tensor';
import * as assertions from '../../../lib/debugging/assertions';
import { addCheckNumericsOps, verifyTensorAllFinite } from '../../../lib/debugging/numerics';
import * as ranks from '../../../lib/debugging/ranks';
import { Session } from '../../../runtime/session';
import { i32 } from '../../support/opCase';

/** A tensor of unknown shape and value. */
const unknown = (value: TensorLike, name = 'x'): Tensor => placeholderWithDefault(value, null, { name });

/** What building and running the assertion says: nothing, or the first line of the error. */
function outcome(build: () => Operation | Tensor): string {
  const graph = new Graph();
  try {
    const op = graph.asDefault(build);
    new Session({ graph }).runSync(op);
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message.split('\n\t [[')[0]}`;
  }
  return 'ok';
}

const less: [number, number] = [1, 2];
const same: [number, number] = [1, 1];
const more: [number, number] = [2, 1];
const comparisons = [
  [assertions.assertEqual, '==', [same], [less, more]],
  [assertions.assertNoneEqual, '!=', [less, more], [same]],
  [assertions.assertLess, '<', [less], [same, more]],
  [assertions.assertLessEqual, '<=', [less, same], [more]],
  [assertions.assertGreater, '>', [more], [same, less]],
  [assertions.assertGreaterEqual, '>=', [more, same], [less]],
] as const;

describe('assertions', () => {
  for (const [assert, sign, holds, fails] of comparisons) {
    it(`${assert.name}: known and unknown values`, () => {
      for (const [x, y] of holds) {
        expect(outcome(() => assert(constant(x), constant(y)))).to.equal('ok');
        expect(outcome(() => assert(unknown(x), unknown(y, 'y')))).to.equal('ok');
      }
      for (const [x, y] of fails) {
        expect(outcome(() => assert(constant(x), constant(y)))).to.match(
          /^InvalidArgumentError: Condition x \S+ y did not hold element-wise:\nx \(Const:0\) = \n/,
        );
        expect(outcome(() => assert(unknown(x), unknown(y, 'y')))).to.equal(
          `InvalidArgumentError: assertion failed: [Condition x ${sign} y did not hold element-wise:] [x (x:0) = ] [${x}] [y (y:0) = ] [${y}]`,
        );
      }
    });
  }

  it('broadcast, show their message and the data that is asked for', () => {
    expect(
      outcome(() =>
        assertions.assertLess(
          constant([
            [1, 2],
            [3, 4],
          ]),
          [5, 4],
        ),
      ),
    ).to.match(/^InvalidArgumentError: Condition/);
    expect(
      outcome(() =>
        assertions.assertLess(
          constant([
            [1, 2],
            [3, 3],
          ]),
          [5, 4],
        ),
      ),
    ).to.equal('ok');
    expect(outcome(() => assertions.assertLess(constant([1, 2]), 1.5, { message: 'm' }))).to.equal(
      'InvalidArgumentError: m\nCondition x < y did not hold element-wise:\nx (Const:0) = \n[1. 2.]\ny (assert_less/y:0) = \n1.5',
    );
    expect(
      outcome(() =>
        assertions.assertEqual(unknown(i32([1, 2])), unknown(i32([1, 3]), 'y'), { message: 'no', summarize: 1 }),
      ),
    ).to.equal(
      'InvalidArgumentError: assertion failed: [no] [Condition x == y did not hold element-wise:] [x (x:0) = ] [1...] [y (y:0) = ] [1...]',
    );
    expect(outcome(() => assertions.assertEqual(unknown(1), unknown(2), { data: ['only', unknown(7)] }))).to.equal(
      'InvalidArgumentError: assertion failed: [only] [7]',
    );
    expect(outcome(() => assertions.assertEqual(constant('a'), 'b'))).to.match(
      /x \(Const:0\) = \nb'a'\ny \(assert_equal_1\/y:0\) = \nb'b'$/,
    );
    expect(outcome(() => assertions.assertEqual(constant([1, 2]), constant([1, 2, 3])))).to.match(
      /^ValueError: Dimensions must be equal, but are 2 and 3/,
    );
  });

  it('signs', () => {
    const cases = [
      [assertions.assertPositive, 1, 0, '> 0'],
      [assertions.assertNegative, -1, 0, '< 0'],
      [assertions.assertNonNegative, 0, -1, '>= 0'],
      [assertions.assertNonPositive, 0, 1, '<= 0'],
    ] as const;
    for (const [assert, good, bad, condition] of cases) {
      expect(outcome(() => assert(constant([good])))).to.equal('ok');
      expect(outcome(() => assert(constant([bad])))).to.equal(
        `InvalidArgumentError: \nCondition x ${condition} did not hold element-wise:\nx (Const:0) = \n[${bad}.]`,
      );
      expect(outcome(() => assert(unknown([good, bad]), { message: 'sign' }))).to.equal(
        `InvalidArgumentError: assertion failed: [sign.  ] [Condition x ${condition} did not hold element-wise:] [x (x:0) = ] [${good} ${bad}]`,
      );
    }
  });

  it('near', () => {
    expect(outcome(() => assertions.assertNear(unknown([1, 2]), unknown([1, 2], 'y')))).to.equal('ok');
    expect(outcome(() => assertions.assertNear(unknown([1, 2]), unknown([1, 2.1], 'y'), { atol: 0.2 }))).to.equal('ok');
    expect(outcome(() => assertions.assertNear(unknown([1, 2]), unknown([1, 2.1], 'y')))).to.match(
      /^InvalidArgumentError: assertion failed: \[\] \[x and y not equal to tolerance rtol = Tensor.* \[x \(x:0\) = \] \[1 2\] \[y \(y:0\) = \] \[1 2\.1\]$/,
    );
  });

  it('ranks: checked while building where they are known', () => {
    expect(outcome(() => ranks.assertRank(constant([1]), 1))).to.equal('ok');
    expect(outcome(() => ranks.assertRank(constant([1]), 2, { message: 'r' }))).to.equal(
      'ValueError: r.  Tensor Const:0 must have rank 2.  Received rank 1, shape (1,)',
    );
    expect(outcome(() => ranks.assertRank(unknown([1]), 2))).to.equal(
      'InvalidArgumentError: assertion failed: [] [Tensor x:0 must have rank] [2] [Received shape: ] [1]',
    );
    expect(outcome(() => ranks.assertRankAtLeast(constant(1), 1))).to.equal(
      'ValueError: Tensor Const:0 must have rank at least 1.  Received rank 0, shape ()',
    );
    expect(outcome(() => ranks.assertRankAtLeast(unknown([[1]]), 1))).to.equal('ok');
    expect(outcome(() => ranks.assertRankIn(constant([1]), [0, 2]))).to.equal(
      'ValueError: Tensor Const:0 must have rank in (0, 2).  Received rank 1, shape (1,)',
    );
    expect(outcome(() => ranks.assertRankIn(unknown([1]), [0, 2]))).to.equal(
      'InvalidArgumentError: assertion failed: [] [Tensor x:0 must have rank in] [0] [2] [Received shape: ] [1]',
    );
    expect(outcome(() => ranks.assertRankIn(unknown([1]), [0, 1]))).to.equal('ok');
    expect(outcome(() => ranks.assertRank(constant([1]), unknown(i32(1), 'r')))).to.equal('ok');
    expect(outcome(() => ranks.assertRank(constant([1]), unknown(i32([1]), 'r')))).to.equal(
      'InvalidArgumentError: assertion failed: [Rank must be a scalar. Received rank: ] [1]',
    );
    expect(outcome(() => ranks.assertRank(constant([1]), [1]))).to.equal('ValueError: Rank must be a scalar.');
    expect(outcome(() => ranks.assertRank(constant([1]), 1.5))).to.equal(
      'TypeError: assert_rank/rank:0 must be of type tf.int32; got tf.float32',
    );
  });

  it('types and scalars, while building', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const x = constant(1);
      expect(ranks.assertType(x, dtypes.float32).type).to.equal('NoOp');
      expect(() => ranks.assertType(x, dtypes.int32)).to.throw(
        TypeError,
        'Const:0 must be of type tf.int32; got tf.float32',
      );
      expect(() => ranks.assertInteger(x, { message: 'm' })).to.throw(
        TypeError,
        'm.  Expected "x" to be integer type.  Found: Const:0 of dtype <dtype: \'float32\'>',
      );
      expect(ranks.assertScalar(x)).to.equal(x);
      expect(() => ranks.assertScalar(constant([1]))).to.throw(
        ValueError,
        'Expected scalar shape for Const_1:0, saw shape: (1,).',
      );
      expect(ranks.assertSameFloatDtype([x])).to.equal(dtypes.float32);
      expect(ranks.assertSameFloatDtype([], dtypes.float64)).to.equal(dtypes.float64);
      expect(() => ranks.assertSameFloatDtype([x, constant(1, dtypes.float64)])).to.throw(
        "Const_2:0, type=<dtype: 'float64'>, must be of the same type (<dtype: 'float32'>) as Const:0.",
      );
      expect(() => ranks.assertSameFloatDtype([], dtypes.int32)).to.throw(
        "Expected floating point type, got <dtype: 'int32'>.",
      );
    });
  });

  it('finite values: of one tensor, and of all of a graph in order', () => {
    expect(outcome(() => verifyTensorAllFinite(unknown([1]), 'bad'))).to.equal('ok');
    expect(outcome(() => verifyTensorAllFinite(unknown([Number.NaN]), 'bad'))).to.equal(
      'InvalidArgumentError: bad : Tensor had NaN values',
    );
    const graph = new Graph();
    const check = graph.asDefault(() => {
      identity(unknown([Infinity]), { name: 'y' });
      return addCheckNumericsOps();
    });
    expect(() => new Session({ graph }).runSync(check)).to.throw(
      InvalidArgumentError,
      /^x\/input:0 : Tensor had Inf values/,
    );
  });
});
