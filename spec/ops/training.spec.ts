/**
 * Update steps of optimizers: two steps each, compared with TensorFlow's values (spec/golden/values_training.py), and
 * their errors.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyOp, type OpArguments } from '../../graph/applyOp';
import { asDType, type DTypeName } from '../../graph/dtypes';
import { NdArray } from '../../graph/ndarray';
import type { Tensor } from '../../graph/tensor';
import { afterSteps } from '../support/handles';
import { f32, f64, i32, opCase } from '../support/opCase';

interface Golden {
  readonly op: string;
  readonly dtype: DTypeName;
  readonly shape: readonly number[];
  readonly attrs: Readonly<Record<string, boolean>>;
  readonly slots: readonly string[];
  readonly parameters: Readonly<Record<string, number>>;
  readonly gradient: string;
  readonly indices: readonly number[] | null;
  readonly state: readonly number[][];
  readonly grads: readonly number[][];
  readonly want: readonly number[][];
}

const goldens = JSON.parse(
  readFileSync(join(__dirname, '..', 'golden', 'values', 'training.json'), 'utf8'),
) as Golden[];

for (const { op, dtype, shape, attrs, slots, parameters, gradient, indices, state, grads, want } of goldens) {
  const arrays = (values: readonly number[][], dims: readonly number[]) =>
    values.map((value) => NdArray.from(value, asDType(dtype)).reshape(dims));
  const gradShape = indices ? [indices.length, ...shape.slice(1)] : shape;
  const title = [
    `${dtype} [${shape}]`,
    ...Object.entries(attrs).map(([name, value]) => `${name}=${value}`),
    `lr_power=${parameters.lr_power}`,
  ].filter((part) => !part.includes('undefined'));
  opCase(op, title.join(' '), {
    inputs: [...arrays(state, shape), ...arrays(grads, gradShape), ...(indices ? [i32([...indices])] : [])],
    build: (...inputs) => {
      const values = inputs.slice(0, state.length);
      const steps = grads.map((_, k) => (...handles: Tensor[]) => {
        const named = Object.fromEntries(['var', ...slots].map((name, i) => [name, handles[i]]));
        const rows: OpArguments = indices ? { indices: inputs.at(-1) } : {};
        return applyOp(op, { ...named, ...parameters, ...attrs, ...rows, [gradient]: inputs[state.length + k] });
      });
      return afterSteps(values, ...steps);
    },
    want: arrays(want, shape),
    // A unit or two in the last place: TensorFlow's float32 reciprocal roots are approximations.
    tolerance: dtype === 'float32' ? { absolute: 2e-7, relative: 5e-7 } : undefined,
  });
}

const descend = (variable: Tensor, delta: Tensor) =>
  afterSteps([variable], (handle) => applyOp('ResourceApplyGradientDescent', { var: handle, alpha: 0.1, delta }));

opCase('ResourceApplyGradientDescent', 'no elements', { inputs: [f32([]), f32([])], build: descend, want: f32([]) });

opCase('ResourceApplyGradientDescent', 'a gradient of another shape', {
  inputs: [f32([1, 2]), f32([1, 2, 3])],
  build: descend,
  fails:
    /Dimension 0 in both shapes must be equal, but are 2 and 3. Shapes are \[2\] and \[3\].|var and delta do not have the same shape\[2\] \[3\]/,
});

opCase('ResourceApplyMomentum', 'a slot of another shape', {
  inputs: [f32([1, 2]), f32([[1, 2]]), f32([1, 2])],
  build: (variable, slot, grad) =>
    afterSteps([variable, slot], (handle, accum) =>
      applyOp('ResourceApplyMomentum', { var: handle, accum, lr: 0.1, grad, momentum: 0.9 }),
    ),
  fails: /Shapes must be equal rank, but are 1 and 2|var and accum do not have the same shape\[2\] \[1,2\]/,
});

opCase('ResourceApplyMomentum', 'a learning rate that is no scalar', {
  inputs: [f32([1, 2]), f32([1, 2]), f32([1, 2])],
  build: (variable, slot, grad) =>
    afterSteps([variable, slot], (handle, accum) =>
      applyOp('ResourceApplyMomentum', { var: handle, accum, lr: grad, grad, momentum: 0.9 }),
    ),
  fails: /Shape must be rank 0 but is rank 1|lr is not a scalar: \[2\]/,
});

const rows = (variable: Tensor, slot: Tensor, grad: Tensor, indices: Tensor) =>
  afterSteps([variable, slot], (handle, accum) =>
    applyOp('ResourceSparseApplyMomentum', { var: handle, accum, lr: 0.1, grad, indices, momentum: 0.9 }),
  );

opCase('ResourceSparseApplyMomentum', 'an index out of range', {
  inputs: [f32([[1, 2]]), f32([[1, 2]]), f32([[1, 2]]), i32([1])],
  build: rows,
  fails: /Index 1 at offset 0 in indices is out of range/,
});

opCase('ResourceSparseApplyMomentum', 'rows of another length', {
  inputs: [f32([[1, 2]]), f32([[1, 2]]), f32([[1, 2, 3]]), i32([0])],
  build: rows,
  fails: /var and grad must match in dimension 1/,
});

opCase('ResourceSparseApplyMomentum', 'more indices than rows', {
  inputs: [f64([[1, 2]]), f64([[1, 2]]), f64([[1, 2]]), i32([0, 0])],
  build: rows,
  fails: /grad must be the same size as indices in the first dimension\./,
});
