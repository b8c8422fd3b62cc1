/**
 * Twins of spec/golden/control_flow.py. Long because it has a twin for every program of that file.
 */

import { applyUnary } from '../../../graph/applyOp';
import { Assert } from '../../../graph/controlFlow/assert';
import { caseOf } from '../../../graph/controlFlow/case';
import { cond, switchCase } from '../../../graph/controlFlow/cond';
import { mapFn, scan } from '../../../graph/controlFlow/functional';
import { whileLoop } from '../../../graph/controlFlow/whileLoop';
import { getDefaultGraph } from '../../../graph/defaultGraph';
import { bool, float32, int32 } from '../../../graph/dtypes';
import { gradients } from '../../../graph/gradients';
import '../../../graph/ops/index';
import '../../../graph/ops/operators';
import { add, multiply } from '../../../graph/ops/binary';
import { sliceAt } from '../../../graph/ops/brackets';
import { less } from '../../../graph/ops/compare';
import { matmul } from '../../../graph/ops/matmul';
import { randomUniform } from '../../../graph/ops/random';
import { reduceAll, reduceSum } from '../../../graph/ops/reduce';
import { constant, identity, noOp, placeholder, zeros } from '../../../graph/ops/source';
import { exp, tanh } from '../../../graph/ops/unary';
import type { ShapeLike } from '../../../graph/shape';
import type { Tensor } from '../../../graph/tensor';
import { Ones } from '../../../lib/initializers/constants';
import { Variable } from '../../../lib/variables/variable';
import { getVariable } from '../../../lib/variables/variableScope';
import { goldenCases } from '../../support/golden';

const bools = (name: string) => placeholder(bool, [], { name });
const floats = (name: string, shape: ShapeLike = []) => placeholder(float32, shape, { name });
const ints = (value: number) => constant(value, { dtype: int32 });

/** A predicate and a vector. */
function chooser(): [Tensor, Tensor] {
  return [bools('p'), floats('x', [3])];
}

/** What tf.assert_positive builds. */
function assertPositive(x: Tensor) {
  const graph = getDefaultGraph();
  return graph.nameScope('assert_positive', () => {
    const zero = constant(0);
    return graph.nameScope('assert_less', () => {
      const holds = reduceAll(less(zero, x));
      return Assert(holds, ['', 'Condition x > 0 did not hold element-wise:', 'x (x:0) = ', x]);
    });
  });
}

goldenCases('control_flow', {
  cond_plain() {
    const [p, x] = chooser();
    return cond(
      p,
      () => x.mul(2),
      () => x.add(1),
    );
  },
  cond_constants() {
    const [p] = chooser();
    return cond(
      p,
      () => constant(1),
      () => constant(2),
    );
  },
  cond_returns_captures() {
    const [p, x] = chooser();
    const y = floats('y', [3]);
    return cond(
      p,
      () => x,
      () => y,
    );
  },
  cond_numbers() {
    const [p] = chooser();
    return cond(
      p,
      () => 1,
      () => 2,
    );
  },
  cond_of_list() {
    const [p, x] = chooser();
    return cond(
      p,
      () => [x, x.mul(2)],
      () => [x.mul(3), x],
    );
  },
  cond_of_dict() {
    const [p, x] = chooser();
    return cond(
      p,
      () => ({ a: x, b: x.add(1) }),
      () => ({ a: x.add(2), b: x }),
    );
  },
  cond_strict_single_list() {
    const [p, x] = chooser();
    return cond(
      p,
      () => [x.mul(2)],
      () => [x],
      { strict: true },
    );
  },
  cond_named_twice() {
    const [p, x] = chooser();
    const a = cond(
      p,
      () => x,
      () => x.add(1),
      { name: 'choose' },
    );
    return cond(
      p,
      () => a,
      () => a.add(1),
      { name: 'choose' },
    );
  },
  cond_in_name_scope() {
    const [p, x] = chooser();
    return getDefaultGraph().nameScope('ns', () =>
      cond(
        p,
        () => x.mul(2),
        () => x,
      ),
    );
  },
  cond_name_scope_inside() {
    const [p, x] = chooser();
    const doubled = () => getDefaultGraph().nameScope('twice', () => multiply(x, 2, { name: 'product' }));
    return cond(p, doubled, () => identity(x));
  },
  cond_different_shapes() {
    const p = bools('p');
    const x = floats('x', [null, 3]);
    return cond(
      p,
      () => sliceAt(x, [[null, 1]]),
      () => zeros([2, 3]),
    );
  },
  cond_nested() {
    const [p, x] = chooser();
    const q = bools('q');
    return cond(
      p,
      () =>
        cond(
          q,
          () => x,
          () => x.mul(2),
        ),
      () => x.mul(3),
    );
  },
  cond_several_captures() {
    const [p, x] = chooser();
    const y = floats('y', [3]);
    const z = floats('z');
    return cond(
      p,
      () => y.mul(z),
      () => x.mul(y),
    );
  },
  cond_with_random() {
    const [p] = chooser();
    getDefaultGraph().seed = 5;
    return cond(
      p,
      () => randomUniform([3]),
      () => zeros([3]),
    );
  },
  cond_with_variable() {
    const [p] = chooser();
    const v = new Variable(1, { name: 'v' });
    return cond(
      p,
      () => v.readValue(),
      () => v.mul(2),
    );
  },
  cond_assigns_variable() {
    const [p] = chooser();
    const v = new Variable(1, { name: 'v' });
    return cond(
      p,
      () => identity(v.assignAdd(1)),
      () => v.readValue(),
    );
  },
  cond_returns_ops() {
    const [p] = chooser();
    const v = new Variable(1, { name: 'v' });
    return cond(
      p,
      () => v.assignAdd(1, { readValue: false }),
      () => noOp(),
    );
  },
  cond_control_dependencies_inside() {
    const [p, x] = chooser();
    const checked = () => getDefaultGraph().controlDependencies([assertPositive(x)], () => identity(x));
    return cond(p, checked, () => x);
  },
  cond_control_dependencies_outside() {
    const [p, x] = chooser();
    return getDefaultGraph().controlDependencies([noOp({ name: 'first' })], () =>
      cond(
        p,
        () => x.mul(2),
        () => x,
      ),
    );
  },
  cond_comparison_pred() {
    const x = floats('x');
    return cond(
      x.greater(0),
      () => x,
      () => x.neg(),
    );
  },
  cond_constant_pred() {
    const [, x] = chooser();
    return cond(
      constant(true),
      () => x.mul(2),
      () => x,
    );
  },
  cond_int_pred() {
    const n = placeholder(int32, [], { name: 'n' });
    return cond(
      n,
      () => ints(1),
      () => ints(2),
    );
  },
  cond_gradient() {
    const [p, x] = chooser();
    return gradients(
      cond(
        p,
        () => x.mul(x),
        () => exp(x),
      ),
      x,
    );
  },
  cond_gradient_one_branch() {
    const [p, x] = chooser();
    const y = floats('y', [3]);
    return gradients(
      cond(
        p,
        () => x.mul(2),
        () => y.mul(3),
      ),
      [x, y],
    );
  },
  cond_gradient_of_variable() {
    const [p] = chooser();
    const v = new Variable([1, 2], { name: 'v' });
    return gradients(
      cond(
        p,
        () => v.mul(v),
        () => v.mul(3),
      ),
      v,
    );
  },
  cond_gradient_nested() {
    const [p, x] = chooser();
    const q = bools('q');
    const y = cond(
      p,
      () =>
        cond(
          q,
          () => tanh(x),
          () => x.mul(x),
        ),
      () => x.mul(3),
    );
    return gradients(y, x);
  },
  cond_gradient_two_outputs() {
    const [p, x] = chooser();
    const [a, b] = cond(
      p,
      () => [x.mul(x), x],
      () => [x, tanh(x)],
    );
    return gradients([a, b], x);
  },
  cond_second_gradient() {
    const [p, x] = chooser();
    const y = cond(
      p,
      () => x.mul(x).mul(x),
      () => x.mul(x),
    );
    return gradients(gradients(y, x)[0] as Tensor, x);
  },
  case_two() {
    const x = floats('x');
    return caseOf(
      [
        [x.less(0), () => x.neg()],
        [x.greater(1), () => x.mul(2)],
      ],
      { default: () => x },
    );
  },
  case_exclusive() {
    const x = floats('x');
    return caseOf(
      [
        [x.less(0), () => x.neg()],
        [x.greater(1), () => x.mul(2)],
      ],
      { default: () => x, exclusive: true },
    );
  },
  case_without_default() {
    const x = floats('x');
    return caseOf(
      [
        [x.less(0), () => x.neg()],
        [x.greaterEqual(0), () => x],
      ],
      { name: 'pick' },
    );
  },
  switch_case() {
    const n = placeholder(int32, [], { name: 'n' });
    return switchCase(n, [() => constant(1), () => constant(2)], { default: () => constant(3) });
  },
  while_counter: () =>
    whileLoop(
      (i) => i.less(10),
      (i) => i.add(1),
      [ints(0)],
    ),
  while_number: () =>
    whileLoop(
      (i) => less(i, 10),
      (i) => [add(i, 1)],
      [ints(0)],
    ),
  while_two_variables() {
    const x = floats('x', [3]);
    return whileLoop(
      (i) => i.less(5),
      (i, a) => [i.add(1), a.add(x)],
      [ints(0), zeros([3])],
    );
  },
  while_captures_in_condition() {
    const n = placeholder(int32, [], { name: 'n' });
    return whileLoop(
      (i) => i.less(n),
      (i) => i.add(1),
      [ints(0)],
    );
  },
  while_maximum_iterations() {
    const x = floats('x');
    return whileLoop(
      (a) => a.less(100),
      (a) => a.mul(2),
      [x],
      { maximumIterations: 3 },
    );
  },
  while_named_with_parallel_iterations: () =>
    whileLoop(
      (i) => i.less(10),
      (i) => i.add(1),
      [ints(0)],
      { parallelIterations: 1, name: 'loop' },
    ),
  while_in_name_scope: () =>
    getDefaultGraph().nameScope('ns', () =>
      whileLoop(
        (i) => i.less(10),
        (i) => i.add(1),
        [ints(0)],
      ),
    ),
  while_shape_invariants() {
    const i = ints(0);
    const x = zeros([1, 2]);
    const twice = (value: Tensor) => applyUnary('ConcatV2', { values: [value, value], axis: 0 }, 'concat');
    return whileLoop(
      (n) => n.less(3),
      (n, a) => [n.add(1), twice(a)],
      [i, x],
      { shapeInvariants: [i.shape, [null, 2]] },
    );
  },
  while_nested_structure() {
    const state = { i: ints(0), pair: [constant(1), constant(2)] };
    const step = (s: typeof state) => {
      const [a, b] = s.pair;
      return [{ i: s.i.add(1), pair: [b, a.add(b)] }];
    };
    return whileLoop((s) => s.i.less(4), step, [state]);
  },
  while_nested_loops() {
    const inner = (i: Tensor, total: Tensor) => {
      const [, sum] = whileLoop(
        (j) => j.less(i),
        (j, s) => [j.add(1), s.add(j)],
        [ints(0), total],
      );
      return [i.add(1), sum];
    };
    // The inner loop is built first: then `i + 1`.
    return whileLoop((i) => i.less(4), inner, [ints(0), ints(0)]);
  },
  while_with_cond_inside() {
    const step = (i: Tensor, x: Tensor) => {
      const next = i.add(1);
      return [
        next,
        cond(
          x.greater(10),
          () => x.div(2),
          () => x.mul(3),
        ),
      ];
    };
    return whileLoop((i) => i.less(5), step, [ints(0), constant(1)]);
  },
  while_with_random() {
    getDefaultGraph().seed = 5;
    return whileLoop(
      (i) => i.less(3),
      (i, x) => [i.add(1), x.add(randomUniform([]))],
      [ints(0), 0],
    );
  },
  while_assigns_variable() {
    const v = new Variable(0, { name: 'v' });
    const step = (i: Tensor) => getDefaultGraph().controlDependencies([v.assignAdd(1)], () => i.add(1));
    return whileLoop((i) => i.less(3), step, [ints(0)]);
  },
  while_return_same_structure: () =>
    whileLoop(
      (i) => i.less(10),
      (i) => [i.add(1)],
      [ints(0)],
      { returnSameStructure: true },
    ),
  while_gradient() {
    const x = floats('x');
    const [, y] = whileLoop(
      (i) => i.less(3),
      (i, a) => [i.add(1), a.mul(x)],
      [ints(0), x],
    );
    return gradients(y, x);
  },
  while_gradient_of_loop_variable() {
    const x = floats('x', [3]);
    const y = whileLoop(
      (a) => reduceSum(a).less(100),
      (a) => a.mul(a),
      [x],
    );
    return gradients(y, x);
  },
  while_gradient_maximum_iterations() {
    const x = floats('x');
    const y = whileLoop(
      (a) => a.less(100),
      (a) => exp(a),
      [x],
      { maximumIterations: 4 },
    );
    return gradients(y, x);
  },
  while_gradient_of_weights() {
    const w = getVariable('w', [2, 2], { initializer: new Ones() });
    const h = floats('h', [null, 2]);
    const [, y] = whileLoop(
      (i) => i.less(3),
      (i, a) => [i.add(1), tanh(matmul(a, w))],
      [ints(0), h],
    );
    return gradients(y, [w, h]);
  },
  map_fn: () => mapFn((a) => a.mul(a), floats('x', [4])),
  scan: () => scan((a, b) => a.add(b), floats('x', [4])),
});
