/**
 * Twins of spec/golden/control_flow_gradients.py.
 */
import { cond, switchCase } from '../../../graph/controlFlow/cond';
import { foldl, foldr, mapFn, scan } from '../../../graph/controlFlow/functional';
import { withAllIntermediates } from '../../../graph/controlFlow/functions';
import { whileLoop } from '../../../graph/controlFlow/whileLoop';
import { customGradient, type GradientVariable } from '../../../graph/customGradient';
import { getDefaultGraph } from '../../../graph/defaultGraph';
import { bool, float32, int32 } from '../../../graph/dtypes';
import { gradients } from '../../../graph/gradients';
import '../../../graph/ops/index';
import '../../../graph/ops/operators';
import { applyUnary } from '../../../graph/applyOp';
import { convertToTensor, type TensorLike } from '../../../graph/convert';
import { equal } from '../../../graph/ops/compare';
import { composite } from '../../../graph/ops/composite';
import { gather } from '../../../graph/ops/gather';
import { randomUniform } from '../../../graph/ops/random';
import { reduceMean, reduceSum } from '../../../graph/ops/reduce';
import { constant, identity, placeholder, placeholderWithDefault } from '../../../graph/ops/source';
import { sin } from '../../../graph/ops/trigonometric';
import { tanh } from '../../../graph/ops/unary';
import type { ShapeLike } from '../../../graph/shape';
import type { Tensor } from '../../../graph/tensor';
import { TensorArray } from '../../../graph/tensorArray';
import { Ones } from '../../../lib/initializers/constants';
import { dropout } from '../../../lib/nn/dropout';
import { Variable } from '../../../lib/variables/variable';
import { getVariable } from '../../../lib/variables/variableScope';
import { goldenCases } from '../../support/golden';

const floats = (name: string, shape: ShapeLike = []) => placeholder(float32, shape, { name });
const scalar = (name = 'x') => floats(name);
const zero = () => constant(0, { dtype: int32 });

/** What tf.nn.embedding_lookup builds for a variable. */
function lookUp(variable: Variable, ids: TensorLike): Tensor {
  return composite(null, 'embedding_lookup', [variable], (scope) => {
    const graph = getDefaultGraph();
    const indices = convertToTensor(ids, { dtype: int32, name: 'ids' });
    const handle = graph.bringIn(variable.handle);
    const args = { resource: handle, indices, dtype: float32 };
    return identity(graph.colocateWith(handle, {}, () => applyUnary('ResourceGather', args, scope)));
  });
}

const table = () => getVariable('t', [3, 2], { initializer: new Ones() });

/** Times x in even iterations, the sine in odd ones. */
function alternating(x: Tensor): Tensor {
  const step = (i: Tensor, a: Tensor) => {
    const next = i.add(1);
    const even = equal(i.mod(2), 0);
    return [
      next,
      cond(
        even,
        () => a.mul(x),
        () => sin(a),
      ),
    ];
  };
  return whileLoop((i) => i.less(3), step, [zero(), x])[1];
}

function powers(x: Tensor): Tensor {
  return whileLoop(
    (i) => i.less(3),
    (i, a) => [i.add(1), a.mul(x)],
    [zero(), x],
  )[1];
}

goldenCases('control_flow_gradients', {
  while_in_while_gradient() {
    const x = scalar();
    const outer = (i: Tensor, a: Tensor) => [
      i.add(1),
      whileLoop(
        (j) => j.less(i),
        (j, b) => [j.add(1), b.mul(x)],
        [zero(), a],
      )[1],
    ];
    return gradients(whileLoop((i) => i.less(3), outer, [zero(), x])[1], x);
  },
  cond_in_while_gradient() {
    const x = scalar();
    return gradients(alternating(x), x);
  },
  while_in_cond_gradient() {
    const x = scalar();
    const p = placeholder(bool, [], { name: 'p' });
    const y = cond(
      p,
      () =>
        whileLoop(
          (a) => a.less(9),
          (a) => a.mul(x),
          [x],
        ),
      () => x.mul(x),
    );
    return gradients(y, x);
  },
  while_second_gradient() {
    const x = scalar();
    return gradients(gradients(powers(x), x)[0] as Tensor, x);
  },
  cond_in_while_second_gradient() {
    const x = scalar();
    return gradients(gradients(alternating(x), x)[0] as Tensor, x);
  },
  gradient_twice_of_one_loop() {
    const x = scalar();
    const [, y] = whileLoop(
      (i) => i.less(3),
      (i, a) => [i.add(1), tanh(a.mul(x))],
      [zero(), x],
    );
    return [gradients(y, x), gradients(y.mul(2), x)];
  },
  gradient_inside_body() {
    const x = scalar();
    const w = x.mul(3);
    const step = (i: Tensor, a: Tensor) => [i.add(1), a.add(gradients(w.mul(w).mul(a), [x, a])[0] as Tensor)];
    return gradients(whileLoop((i) => i.less(2), step, [zero(), x])[1], x);
  },
  while_gradient_of_shapes() {
    const x = floats('x', [null, 2]);
    const step = (i: Tensor, a: Tensor) => [i.add(1), a.mul(reduceMean(a.mul(x)))];
    return gradients(whileLoop((i) => i.less(3), step, [zero(), x])[1], x);
  },
  while_gradient_unused_variable() {
    const x = scalar();
    const [y] = whileLoop(
      (a) => a.less(10),
      (a, b) => [a.mul(x), b.add(a)],
      [x, x],
    );
    return gradients(y, x);
  },
  while_back_prop_false() {
    const x = scalar();
    const y = whileLoop(
      (a) => a.less(10),
      (a) => a.mul(x),
      [x],
      { backProp: false },
    );
    return [y, ...gradients(y.add(x), x)];
  },
  while_gradient_with_random() {
    getDefaultGraph().seed = 5;
    const x = floats('x', [2]);
    const [, y] = whileLoop(
      (i) => i.less(3),
      (i, a) => [i.add(1), a.mul(randomUniform([2]))],
      [zero(), x],
    );
    return gradients(y, x);
  },
  while_gradient_in_control_dependencies() {
    const x = scalar();
    const y = whileLoop(
      (a) => a.less(10),
      (a) => a.mul(x),
      [x],
    );
    return getDefaultGraph().controlDependencies([identity(y, { name: 'after' })], () => gradients(y, x));
  },
  dropout_in_while() {
    const x = floats('x', [2]);
    const training = placeholderWithDefault(false, [], { name: 'training' });
    const step = (i: Tensor, a: Tensor) => [
      i.add(1),
      cond(
        training,
        () => dropout(a, { rate: 0.5, seed: 1 }),
        () => identity(a),
      ),
    ];
    const [, y] = whileLoop((i) => i.less(3), step, [zero(), x]);
    return [y, ...gradients(y, x)];
  },
  cond_all_intermediates() {
    const x = scalar();
    const p = placeholder(bool, [], { name: 'p' });
    const y = withAllIntermediates(() =>
      cond(
        p,
        () => sin(x.mul(x)),
        () => x,
      ),
    );
    return [y, ...gradients(y, x)];
  },
  while_all_intermediates() {
    const x = scalar();
    const [, y] = withAllIntermediates(() =>
      whileLoop(
        (i) => i.less(3),
        (i, a) => [i.add(1), sin(a.mul(x))],
        [zero(), x],
        { maximumIterations: 5 },
      ),
    );
    return [y, ...gradients(y, x)];
  },
  cond_sparse_gradient() {
    const p = placeholder(bool, [], { name: 'p' });
    const t = table();
    return gradients(
      cond(
        p,
        () => lookUp(t, [1]),
        () => lookUp(t, [0, 2]),
      ),
      t,
    );
  },
  cond_sparse_and_dense_gradient() {
    const p = placeholder(bool, [], { name: 'p' });
    const t = table();
    return gradients(
      cond(
        p,
        () => reduceSum(lookUp(t, [1])),
        () => reduceSum(t.mul(2)),
      ),
      t,
    );
  },
  while_sparse_gradient() {
    const t = table();
    const step = (i: Tensor, a: Tensor) => [i.add(1), a.add(reduceSum(lookUp(t, [i])))];
    return gradients(whileLoop((i) => i.less(3), step, [zero(), constant(0)])[1], t);
  },
  cond_gradient_of_gather() {
    const p = placeholder(bool, [], { name: 'p' });
    const x = floats('x', [3, 2]);
    const y = cond(
      p,
      () => identity(x),
      () => x,
    );
    return gradients(gather(y, [0]), x);
  },
  while_gradient_of_gather() {
    const x = floats('x', [3, 2]);
    const y = whileLoop(
      (a) => reduceSum(a).less(9),
      (a) => a.mul(a),
      [x],
    );
    return gradients(gather(y, [0]), x);
  },
  switch_case_gradient() {
    const n = placeholder(int32, [], { name: 'n' });
    const x = scalar();
    const y = switchCase(n, [() => x.mul(x), () => sin(x)], { default: () => x });
    return gradients(y, x);
  },
  tensor_array() {
    const x = floats('x', [3, 2]);
    const rows = new TensorArray(float32, { size: 3 }).unstack(x);
    const array = rows.write(1, rows.read(0).mul(2));
    return [array.stack(), array.gather([0, 2]), array.size(), array.concat()];
  },
  tensor_array_dynamic() {
    const x = scalar();
    const array = new TensorArray(float32, { size: 0, dynamicSize: true, elementShape: [] }).write(0, x).write(1, 2);
    return [array.stack(), array.size()];
  },
  tensor_array_in_while_gradient() {
    const x = scalar();
    const step = (i: Tensor, a: Tensor, out: TensorArray) => [i.add(1), a.mul(x), out.write(i, a)];
    const array = new TensorArray(float32, { size: 3 });
    const [, , out] = whileLoop((i) => i.less(3), step, [zero(), x, array]);
    return gradients(out.stack(), x);
  },
  map_fn_gradient() {
    const x = floats('x', [4, 2]);
    return gradients(
      mapFn((a) => a.mul(a), x),
      x,
    );
  },
  map_fn_structures() {
    const x = floats('x', [null, 2]);
    const n = placeholder(int32, [null], { name: 'n' });
    return mapFn(([a, b]: Tensor[]) => [a.mul(2), b.add(1), a.greater(1)], [x, n], { dtype: [float32, int32, bool] });
  },
  foldl: () => foldl((a: Tensor, b) => a.mul(2).add(b), floats('x', [4])),
  foldl_initializer: () => {
    const x = floats('x', [null]);
    return foldl((a, b) => a.mul(2).add(b), x, { initializer: constant(1) });
  },
  foldr: () => foldr((a: Tensor, b) => a.mul(2).add(b), floats('x', [4])),
  foldr_unknown: () => foldr((a: Tensor, b) => a.mul(2).add(b), floats('x', [null])),
  scan_initializer_reverse() {
    const x = floats('x', [null]);
    const initializer = [constant(0), constant(1)];
    return scan(([a, b], elem) => [b, a.add(elem)], x, { initializer, reverse: true });
  },
  custom_gradient_of_variable() {
    const v = new Variable(2, { name: 'v' });
    const scaled = customGradient((x: Tensor) => {
      const backward = (dy: Tensor, { variables }: { variables: GradientVariable[] }) => [
        dy.mul(3),
        variables.map(() => dy.mul(4)),
      ];
      return [x.mul(v), backward as never];
    });
    const x = scalar();
    const y = scaled(x);
    return [y, ...gradients(y, [x, v])];
  },
  custom_gradient_of_two() {
    const both = customGradient((x: Tensor, y: Tensor) => {
      const backward = (da: Tensor, db: Tensor) => [da.mul(2), db.mul(3)];
      return [[x.add(y), x.mul(y)], backward];
    });
    const [x, y] = [scalar('x'), scalar('y')];
    const [a, b] = both(x, y);
    return gradients(a.add(b), [x, y]);
  },
  custom_gradient_in_while() {
    const passing = customGradient((x: Tensor) => [identity(x), (dy: Tensor) => dy.mul(2)]);
    const x = scalar();
    const [, y] = whileLoop(
      (i) => i.less(2),
      (i, a) => [i.add(1), passing(a).mul(x)],
      [zero(), x],
    );
    return gradients(y, x);
  },
});
