/**
 * Variables of TensorFlow v1: what refers to them sees each change, what reads them sees the value of that moment.
 */
import { applyOp, applyUnary } from '../../graph/applyOp';
import { float32, int32 } from '../../graph/dtypes';
import { TensorShape, unknownShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { bools, f32, f64, i32, i64, opCase, strings } from '../support/opCase';
import { afterReferenceSteps, referenceFor } from '../support/references';

const changed = (op: string) => (initial: Tensor, value: Tensor) =>
  afterReferenceSteps([initial], (ref) => applyOp(op, { ref, value }));

for (const type of ['Variable', 'VariableV2']) {
  opCase(type, 'assigned and read', {
    inputs: [f32([1, 2])],
    build: (value) => {
      const ref = applyUnary(type, { dtype: float32, shape: new TensorShape([2]) });
      return applyOp('Assign', { ref, value, validate_shape: true }).outputs;
    },
    covers: ['Assign'],
    want: f32([1, 2]),
  });
}

opCase('Variable', 'a shape of [] is unknown', {
  inputs: [f32([1, 2])],
  build: (value) => {
    const ref = applyUnary('Variable', { dtype: float32, shape: new TensorShape([]) });
    return applyOp('Assign', { ref, value, validate_shape: false }).outputs;
  },
  want: f32([1, 2]),
});

opCase('VariableV2', 'read without a value', {
  inputs: [f32([1, 2])],
  build: (value) => applyUnary('AddV2', { x: referenceFor(value, 'w'), y: value }),
  fails: /Attempting to use uninitialized value w[\s\S]*op type: AddV2/,
});

opCase('Assign', 'another shape', {
  inputs: [f32([1, 2]), f32([1, 2, 3])],
  build: changed('Assign'),
  fails:
    /Dimension 0 in both shapes must be equal, but are 2 and 3|Assign requires shapes of both tensors to match. lhs shape= \[2\] rhs shape= \[3\]/,
});
opCase('Assign', 'another shape that is allowed', {
  inputs: [strings(['a', 'b']), strings(['c', 'd', 'e'])],
  build: (before, after) => {
    const ref = applyUnary('VariableV2', { dtype: before.dtype, shape: unknownShape });
    const first = applyUnary('Assign', { ref, value: before, validate_shape: false });
    return applyUnary('Assign', { ref: first, value: after, validate_shape: false });
  },
  want: strings(['c', 'd', 'e']),
});
opCase('Assign', 'chained', {
  inputs: [f32([1, 2]), f32([10, 20])],
  build: (initial, value) => {
    const assigned = applyUnary('Assign', { ref: referenceFor(initial, 'w'), value: initial, validate_shape: false });
    const added = applyUnary('AssignAdd', { ref: assigned, value });
    return applyUnary('AssignSub', { ref: added, value: initial });
  },
  covers: ['AssignAdd', 'AssignSub'],
  want: f32([10, 20]),
});
opCase('AssignAdd', 'float64', {
  inputs: [f64([1, 2]), f64([0.5, -2])],
  build: changed('AssignAdd'),
  want: f64([1.5, 0]),
});
opCase('AssignSub', 'int64', { inputs: [i64([1, 2]), i64([5, -2])], build: changed('AssignSub'), want: i64([-4, 4]) });
opCase('AssignAdd', 'another shape', {
  inputs: [f32([1, 2]), f32([1, 2, 3])],
  build: changed('AssignAdd'),
  fails: /Dimension 0 in both shapes must be equal|Parameters and update must be the same size/,
});

opCase('IsVariableInitialized', 'before and after', {
  inputs: [f32([1, 2])],
  build: (value) => {
    const ref = referenceFor(value, 'w');
    const before = applyUnary('IsVariableInitialized', { ref });
    const { graph } = value;
    const assigned = graph.controlDependencies([before], () =>
      applyUnary('Assign', { ref, value, validate_shape: false }),
    );
    return [before, applyUnary('IsVariableInitialized', { ref: assigned })];
  },
  want: [bools(false), bools(true)],
});

opCase('CountUpTo', 'counts', {
  inputs: [i32(3)],
  build: (initial) => {
    const ref = applyUnary('Assign', { ref: referenceFor(initial, 'n'), value: initial });
    const first = applyUnary('CountUpTo', { ref, limit: 5 });
    const second = initial.graph.controlDependencies([first], () => applyUnary('CountUpTo', { ref, limit: 5 }));
    return [first, second];
  },
  want: [i32(3), i32(4)],
});
opCase('CountUpTo', 'its limit', {
  inputs: [i32(3)],
  build: (initial) =>
    applyUnary('CountUpTo', {
      ref: applyUnary('Assign', { ref: referenceFor(initial, 'n'), value: initial }),
      limit: 3,
    }),
  fails: /Reached limit of 3/,
});

describe('ops: updates of rows and slices of references', () => {
  const initial = f64([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  const rows: Readonly<Record<string, readonly (readonly number[])[]>> = {
    ScatterUpdate: [
      [10, 26],
      [3, 4],
      [7, -1],
    ],
    ScatterAdd: [
      [11, 28],
      [3, 4],
      [12, 5],
    ],
    ScatterSub: [
      [-9, -24],
      [3, 4],
      [-2, 7],
    ],
    ScatterMul: [
      [10, 52],
      [3, 4],
      [35, -6],
    ],
    ScatterDiv: [
      [1 / 10, 2 / 26],
      [3, 4],
      [5 / 7, -6],
    ],
    ScatterMin: [
      [1, 2],
      [3, 4],
      [5, -1],
    ],
    ScatterMax: [
      [10, 26],
      [3, 4],
      [7, 6],
    ],
  };
  const updates = f64([
    [10, 26],
    [7, -1],
  ]);
  for (const [op, want] of Object.entries(rows)) {
    opCase(op, 'rows', {
      inputs: [initial, i32([0, 2]), updates],
      build: (value, indices, changes) =>
        afterReferenceSteps([value], (ref) => applyOp(op, { ref, indices, updates: changes })),
      want: f64(want),
    });
    const slices = op.replace('Scatter', 'ScatterNd');
    if (!['ScatterNdUpdate', 'ScatterNdAdd', 'ScatterNdSub'].includes(slices)) continue;
    opCase(slices, 'rows', {
      inputs: [initial, i32([[0], [2]]), updates],
      build: (value, indices, changes) =>
        afterReferenceSteps([value], (ref) => applyOp(slices, { ref, indices, updates: changes })),
      want: f64(want),
    });
  }

  opCase('ScatterAdd', 'outside', {
    inputs: [initial, i32([7]), f64([[1, 2]])],
    build: (value, indices, changes) =>
      afterReferenceSteps([value], (ref) => applyOp('ScatterAdd', { ref, indices, updates: changes })),
    fails: /indices\[0\] = 7 is not in \[0, 3\)/,
  });

  opCase('StridedSliceAssign', 'a column', {
    inputs: [initial, f64([7, 8, 9])],
    build: (value, column) =>
      afterReferenceSteps([value], (ref) =>
        applyOp('StridedSliceAssign', {
          ref,
          begin: [0, 1],
          end: [0, 2],
          strides: [1, 1],
          value: column,
          begin_mask: 1,
          end_mask: 1,
          shrink_axis_mask: 2,
        }),
      ),
    want: f64([
      [1, 7],
      [3, 8],
      [5, 9],
    ]),
  });
});

opCase('ScatterUpdate', 'of a dtype that it does not have', {
  inputs: [f32([1, 2])],
  build: (value) =>
    applyUnary('ScatterUpdate', {
      ref: applyUnary('VariableV2', { dtype: int32, shape: new TensorShape([2]) }),
      indices: [0],
      updates: value,
    }),
  fails: /has type float32 that does not match type int32 of argument 'ref'/,
});
