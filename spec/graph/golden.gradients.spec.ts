/** TensorFlow's graphs of tf.gradients, built again here: see spec/golden/gradients.py. */
import { customGradient } from '../../graph/customGradient';
import { getDefaultGraph } from '../../graph/defaultGraph';
import * as dtypes from '../../graph/dtypes';
import { nameScope } from '../../graph/framework';
import { gradients } from '../../graph/gradients';
import { hessians } from '../../graph/hessians';
import { reshape } from '../../graph/ops/array';
import { cast } from '../../graph/ops/cast';
import { gather } from '../../graph/ops/gather';
import { unstack } from '../../graph/ops/joining';
import { matmul } from '../../graph/ops/matmul';
import { topK } from '../../graph/ops/picking';
import { reduceSum } from '../../graph/ops/reduce';
import { shape } from '../../graph/ops/shapes';
import { fill, identity, placeholder, stopGradient } from '../../graph/ops/source';
import { exp, tanh } from '../../graph/ops/unary';
import type { Tensor } from '../../graph/tensor';
import { zerosInitializer } from '../../lib/initializers/constants';
import { clipByValue } from '../../lib/math/clip';
import { embeddingLookup } from '../../lib/nn/embedding';
import { getVariable } from '../../lib/variables/variableScope';
import { goldenCases } from '../support/golden';

const { float32, int32 } = dtypes;
const matrix = () => placeholder(float32, [2, 3], { name: 'x' });
const pair = () => [matrix(), placeholder(float32, [2, 3], { name: 'y' })] as const;

goldenCases('gradients', {
  gradients_sum_of_uses: () => {
    const x = matrix();
    return gradients(x.mul(x).add(x), x);
  },
  gradients_aggregation_tree: () => {
    const x = matrix();
    const y = x.mul(2).add(x.mul(3)).add(exp(x));
    return gradients(y, x, { aggregationMethod: 1 });
  },
  gradients_several_ys: () => {
    const [x, y] = pair();
    return gradients([x.mul(y), x.add(y)], [x, y]);
  },
  gradients_grad_ys: () => {
    const [x, y] = pair();
    const z = x.mul(y);
    return [gradients(z, x, { gradYs: fill([2, 3], 2) }), gradients([z, x], x, { gradYs: [null, y] })];
  },
  gradients_of_itself: () => {
    const x = matrix();
    return [gradients(x, x), gradients([x, x.mul(2)], x)];
  },
  gradients_named: () => {
    const x = matrix();
    return [gradients(x.mul(2), x, { name: 'g' }), gradients(x.mul(3), x, { name: 'g' })];
  },
  gradients_in_name_scope: () => {
    const x = matrix();
    return nameScope('s', () => gradients(tanh(x), x));
  },
  gradients_unconnected: () => {
    const [x, y] = pair();
    return [gradients(x.mul(2), [x, y]), gradients(x.mul(2), [x, y], { unconnectedGradients: 'zero' })];
  },
  gradients_stop_gradient: () => {
    const x = matrix();
    return [gradients(stopGradient(x).mul(x), x), gradients(stopGradient(x.mul(2)), x)];
  },
  gradients_stop_gradients: () => {
    const x = matrix();
    const y = exp(x);
    return [gradients(x.mul(y), [x, y], { stopGradients: [x, y] }), gradients(y.mul(2), x, { stopGradients: y })];
  },
  gradients_colocated: () => {
    const a = placeholder(float32, [2, 3], { name: 'a' });
    const b = placeholder(float32, [3, 4], { name: 'b' });
    return gradients(tanh(matmul(a, b)), [a, b], { colocateGradientsWithOps: true });
  },
  gradients_gated: () => {
    const [x, y] = pair();
    return gradients(tanh(x).mul(exp(y)), [x, y], { gateGradients: true });
  },
  gradients_indexed_slices_summed: () => {
    const x = matrix();
    return gradients([gather(x, [0, 1]), gather(x, [1])], x);
  },
  gradients_indexed_slices_and_dense: () => {
    const x = matrix();
    return gradients([gather(x, [0, 1]), x.mul(2)], x);
  },
  gradients_indexed_slices_of_variable: () => {
    const table = getVariable('table', [5, 2], { initializer: zerosInitializer() });
    const ids = placeholder(int32, [null], { name: 'ids' });
    return gradients(embeddingLookup(table, ids), table);
  },
  gradients_unused_output: () => {
    const x = placeholder(float32, [4], { name: 'x' });
    const [a, b] = unstack(reshape(x, [2, 2]));
    const { values } = topK(a, 1);
    return gradients([values, reduceSum(b)], x);
  },
  gradients_int_path: () => {
    const x = matrix();
    const n = cast(shape(x).at(0), float32);
    return gradients(reduceSum(x).div(n), x);
  },
  gradients_empty_lists: () => {
    const x = matrix();
    return [gradients(x, []), gradients([], [x])];
  },
  gradients_of_chain: () => {
    const x = matrix();
    let y: Tensor = x;
    for (let i = 0; i < 4; i++) y = tanh(y);
    return gradients(y, x);
  },
  hessians: () => {
    const x = placeholder(float32, [2], { name: 'x' });
    return hessians(reduceSum(x.mul(x).mul(x)), x);
  },
  custom_gradient: () => {
    const clip = customGradient((x: Tensor) => {
      const y = identity(x, { name: 'forward' });
      return [y, (dy: Tensor) => clipByValue(dy, -1, 1, { name: 'clipped' })] as const;
    });
    const x = matrix();
    const y = clip(x.mul(2));
    return [y, gradients(y, x)];
  },
  gradient_override_with_registered: () => {
    const x = matrix();
    const y = getDefaultGraph().gradientOverrideMap({ Identity: 'Tanh' }, () => identity(x));
    return gradients(y, x);
  },
});
