/**
 * Resource variables: reads, assignments, rows of them, and updates of rows and slices.
 */
import { expect } from 'chai';
import { applyOp, applyUnary } from '../../graph/applyOp';
import { convertToTensor } from '../../graph/convert';
import * as dtypes from '../../graph/dtypes';
import { FailedPreconditionError, NotFoundError, OutOfRangeError, ValueError } from '../../graph/errors';
import { gradients } from '../../graph/gradients';
import { Graph } from '../../graph/graph';
import { IndexedSlices } from '../../graph/indexedSlices';
import { NdArray } from '../../graph/ndarray';
import { constant, placeholder } from '../../graph/ops/source';
import { variableShape } from '../../graph/ops/state';
import { unknownShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { Session } from '../../runtime/session';
import { afterSteps, handleFor } from '../support/handles';
import { bools, coveredGradients, f32, f64, i32, i64, opCase, strings, u8 } from '../support/opCase';

const read = (handle: Tensor, dtype: dtypes.DType) => applyUnary('ReadVariableOp', { resource: handle, dtype });

/** What `then` reads of a variable that holds `initial`. */
function reading(initial: Tensor, then: (handle: Tensor) => Tensor): Tensor {
  const handle = handleFor(initial, 'v');
  return initial.graph.controlDependencies([applyOp('AssignVariableOp', { resource: handle, value: initial })], () =>
    then(handle),
  );
}

describe('ops: reading and assigning', () => {
  for (const value of [f32([1, 2]), f64([[1]]), i64(5), u8([1, 255]), bools([true, false]), strings(['a', ''])]) {
    opCase('ReadVariableOp', value.dtype.name, {
      inputs: [value],
      build: (initial) => afterSteps([initial]),
      want: value,
      covers: ['AssignVariableOp', 'VarHandleOp'],
    });
  }

  opCase('AssignVariableOp', 'again', {
    inputs: [f32([1, 2]), f32([3, 4])],
    build: (initial, value) =>
      afterSteps([initial], (resource) => applyOp('AssignVariableOp', { resource, value, validate_shape: true })),
    want: f32([3, 4]),
  });

  opCase('AssignVariableOp', 'another shape, validated', {
    inputs: [f32([1, 2]), f32([3, 4, 5])],
    build: (initial, value) =>
      afterSteps([initial], (resource) => applyOp('AssignVariableOp', { resource, value, validate_shape: true })),
    fails: /are 2 and 3|Trying to assign to variable with tensor with wrong shape. Expected \[2\] got \[3\]/,
  });

  for (const [op, want] of [
    ['AssignAddVariableOp', [11, 22]],
    ['AssignSubVariableOp', [9, 18]],
  ] as const) {
    for (const make of [f32, f64, i32, u8, (values: readonly number[]) => i64(values.map(BigInt))]) {
      opCase(op, make([0]).dtype.name, {
        inputs: [make([10, 20]), make([1, 2])],
        build: (initial, value) => afterSteps([initial], (resource) => applyOp(op, { resource, value })),
        want: make([...want]),
      });
    }
  }

  opCase('AssignAddVariableOp', 'wraps around', {
    inputs: [i32([2147483647]), i32([1])],
    build: (initial, value) => afterSteps([initial], (resource) => applyOp('AssignAddVariableOp', { resource, value })),
    want: i32([-2147483648]),
  });

  opCase('AssignAddVariableOp', 'another shape', {
    inputs: [f32([1, 2]), f32([3])],
    build: (initial, value) => afterSteps([initial], (resource) => applyOp('AssignAddVariableOp', { resource, value })),
    fails:
      /are 2 and 1|Cannot update variable with shape \[2\] using a Tensor with shape \[1\], shapes must be equal\./,
  });

  opCase('VarIsInitializedOp', 'assigned', {
    inputs: [f32(1)],
    build: (initial) => reading(initial, (resource) => applyUnary('VarIsInitializedOp', { resource })),
    want: bools(true),
  });

  opCase('VarIsInitializedOp', 'never assigned', {
    inputs: [f32(1)],
    build: (initial) => applyUnary('VarIsInitializedOp', { resource: handleFor(initial, 'v') }),
    want: bools(false),
  });

  opCase('DestroyResourceOp', 'forgets the value', {
    inputs: [f32(1)],
    build: (initial) =>
      reading(initial, (resource) =>
        initial.graph.controlDependencies([applyOp('DestroyResourceOp', { resource })], () =>
          applyUnary('VarIsInitializedOp', { resource }),
        ),
      ),
    want: bools(false),
  });

  opCase('VariableShape', 'at run time', {
    inputs: [f32([[1, 2, 3]])],
    build: (initial) => reading(initial, (input) => applyUnary('VariableShape', { input, out_type: dtypes.int64 })),
    want: i64([1n, 3n]),
  });

  opCase('DisableCopyOnRead', 'changes nothing', {
    inputs: [f32(1)],
    build: (initial) => afterSteps([initial], (resource) => applyOp('DisableCopyOnRead', { resource })),
    want: f32(1),
  });

  opCase('ResourceCountUpTo', 'counts', {
    inputs: [i32(1)],
    build: (initial) =>
      reading(initial, (resource) => applyUnary('ResourceCountUpTo', { resource, limit: 2, T: dtypes.int32 })),
    want: i32(1),
  });

  it('counts up to the limit', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const handle = handleFor(constant(i64(0)), 'v');
      const assign = applyOp('AssignVariableOp', { resource: handle, value: i64(0) });
      const next = applyUnary('ResourceCountUpTo', { resource: handle, limit: 2, T: dtypes.int64 });
      const session = new Session({ graph });
      session.runSync(assign);
      expect([session.runSync(next).item(), session.runSync(next).item()]).to.deep.equal([0n, 1n]);
      expect(() => session.runSync(next)).to.throw(OutOfRangeError, 'Reached limit of 2');
    });
  });

  it('knows the shape of a variable while building', () => {
    new Graph().asDefault(() => {
      const known = variableShape(handleFor(constant(f32([[1, 2]])), 'v'));
      expect(known.op.type).to.equal('Const');
      expect([...(known.op.attrs.value as NdArray<'int32'>).data]).to.deep.equal([1, 2]);
      const unknown = applyUnary('VarHandleOp', { dtype: dtypes.float32, shape: unknownShape });
      expect(variableShape(unknown).op.type).to.equal('VariableShape');
    });
  });

  it('refuses another dtype while building', () => {
    new Graph().asDefault((graph) => {
      const handle = handleFor(constant(f32(1)), 'v');
      const before = graph.operations.length;
      expect(() => read(handle, dtypes.int32)).to.throw(
        ValueError,
        'Trying to read variable with wrong dtype. Expected float got int32 for',
      );
      expect(graph.operations.length).to.equal(before);
    });
  });

  it('names a variable that has no value', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const handle = handleFor(constant(f32(1)), 'v');
      const session = new Session({ graph });
      expect(() => session.runSync(read(handle, dtypes.float32))).to.throw(
        FailedPreconditionError,
        'Could not find variable v. ',
      );
      const add = applyOp('AssignAddVariableOp', { resource: handle, value: f32(1) });
      expect(() => session.runSync(add)).to.throw(NotFoundError, 'Could not find resource: localhost/v');
    });
  });

  it('keeps the values of each session apart', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const handle = handleFor(constant(f32(1)), 'v');
      const assign = applyOp('AssignVariableOp', { resource: handle, value: f32(3) });
      const value = read(handle, dtypes.float32);
      const [first, second] = [new Session({ graph }), new Session({ graph })];
      first.runSync(assign);
      expect(first.runSync(value).item()).to.equal(3);
      expect(() => second.runSync(value)).to.throw(FailedPreconditionError);
    });
  });

  it('does not change when the fed array is filled again', () => {
    const graph = new Graph();
    graph.asDefault(() => {
      const fed = Float32Array.of(1, 2);
      const initial = constant(f32([0, 0]));
      const handle = handleFor(initial, 'v');
      const assign = applyOp('AssignVariableOp', { resource: handle, value: initial });
      const session = new Session({ graph });
      session.runSync(assign, { feed: [[initial, fed]] });
      fed.fill(9);
      expect(session.runSync(read(handle, dtypes.float32)).toArray()).to.deep.equal([1, 2]);
    });
  });
});

describe('ops: rows of a variable', () => {
  const gather =
    (indices: Tensor, batchDims = 0) =>
    (resource: Tensor) =>
      applyUnary('ResourceGather', { resource, indices, dtype: resource.handleData!.dtype, batch_dims: batchDims });

  opCase('ResourceGather', 'rows', {
    inputs: [
      f32([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      i32([[2, 0]]),
    ],
    build: (params, indices) => reading(params, gather(indices)),
    want: f32([
      [
        [5, 6],
        [1, 2],
      ],
    ]),
  });

  opCase('ResourceGather', 'elements by a scalar, strings', {
    inputs: [strings(['a', 'b']), i64(1n)],
    build: (params, indices) => reading(params, gather(indices)),
    want: strings('b'),
  });

  opCase('ResourceGather', 'none', {
    inputs: [f32([[1, 2]]), i32([])],
    build: (params, indices) => reading(params, gather(indices)),
    want: NdArray.zeros(dtypes.float32, [0, 2]),
  });

  opCase('ResourceGather', 'batches', {
    inputs: [
      f32([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      i32([
        [2, 0],
        [1, 1],
      ]),
    ],
    build: (params, indices) => reading(params, gather(indices, 1)),
    want: f32([
      [3, 1],
      [5, 5],
    ]),
  });

  opCase('ResourceGather', 'out of range', {
    inputs: [f32([[1, 2]]), i32([[0, -1]])],
    build: (params, indices) => reading(params, gather(indices)),
    fails: /indices\[0,1\] = -1 is not in \[0, 1\)/,
  });

  opCase('ResourceGather', 'a scalar variable', {
    inputs: [f32(1), i32([0])],
    build: (params, indices) => reading(params, gather(indices)),
    staticOnly: true,
    fails: /Shape must be at least rank 1 but is rank 0/,
  });

  const gatherNd = (indices: Tensor) => (resource: Tensor) =>
    applyUnary('ResourceGatherNd', { resource, indices, dtype: resource.handleData!.dtype });

  opCase('ResourceGatherNd', 'elements', {
    inputs: [
      f32([
        [1, 2],
        [3, 4],
      ]),
      i32([
        [1, 0],
        [0, 1],
      ]),
    ],
    build: (params, indices) => reading(params, gatherNd(indices)),
    want: f32([3, 2]),
  });

  opCase('ResourceGatherNd', 'slices', {
    inputs: [
      f32([
        [1, 2],
        [3, 4],
      ]),
      i64([[[1n]], [[0n]]]),
    ],
    build: (params, indices) => reading(params, gatherNd(indices)),
    want: f32([[[3, 4]], [[1, 2]]]),
  });

  opCase('ResourceGatherNd', 'out of range', {
    inputs: [
      f32([
        [1, 2],
        [3, 4],
      ]),
      i32([[0, 5]]),
    ],
    build: (params, indices) => reading(params, gatherNd(indices)),
    fails: /indices\[0\] = \[0, 5\] does not index into param shape \[2,2\], node name: ResourceGatherNd/,
  });

  opCase('ResourceGatherNd', 'too deep', {
    inputs: [f32([1, 2]), i32([[0, 1]])],
    build: (params, indices) => reading(params, gatherNd(indices)),
    fails:
      /indices.shape\[-1\] must be <= params.rank, but saw indices shape: \[1,2\] and params shape: \[2\]|index innermost dimension length must be <= params rank; saw: 2 vs. 1/,
  });
});

describe('ops: gradients of variables', () => {
  /** Compares the gradient by the variable of a weighted sum of what `build` reads with central differences. */
  function gradientCase(op: string, title: string, value: NdArray, build: (handle: Tensor) => Tensor): void {
    coveredGradients.add(op);
    it(`${op}: ${title}`, () => {
      const graph = new Graph();
      graph.asDefault(() => {
        const initial = placeholder(dtypes.float64, value.shape);
        const handle = handleFor(initial, 'v');
        const assign = applyOp('AssignVariableOp', { resource: handle, value: initial });
        const output = build(handle);
        const session = new Session({ graph });
        const outputAt = (values: NdArray) => {
          session.runSync(assign, { feed: [[initial, values]] });
          return session.runSync(output);
        };
        const base = outputAt(value);
        const weights = NdArray.from(Float64Array.from({ length: base.size }, (_, i) => Math.sin(i) + 2)).reshape(
          base.shape,
        );
        const objective = (values: NdArray) =>
          (outputAt(values).data as Float64Array).reduce(
            (sum, element, i) => sum + element * (weights.data[i] as number),
            0,
          );
        const [gradient] = gradients([output], [handle], { gradYs: [weights] });
        if (gradient === null) return expect.fail('no gradient');
        const analytic = session.runSync(convertToTensor(gradient));
        for (let i = 0; i < value.size; i++) {
          const [above, below] = [value.copy(), value.copy()] as NdArray<'float64'>[];
          above.data[i] += 1e-4;
          below.data[i] -= 1e-4;
          expect(analytic.data[i] as number).to.be.closeTo((objective(above) - objective(below)) / 2e-4, 1e-6);
        }
      });
    });
  }

  const matrix = f64([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  gradientCase('ReadVariableOp', 'the value', matrix, (handle) => read(handle, dtypes.float64));
  gradientCase('ResourceGather', 'rows, one twice', matrix, (resource) =>
    applyUnary('ResourceGather', { resource, indices: i32([2, 0, 2]), dtype: dtypes.float64 }),
  );
  gradientCase('ResourceGatherNd', 'rows, one twice', matrix, (resource) =>
    applyUnary('ResourceGatherNd', { resource, indices: i32([[2], [2]]), dtype: dtypes.float64 }),
  );
  gradientCase('ResourceGatherNd', 'elements', matrix, (resource) =>
    applyUnary('ResourceGatherNd', {
      resource,
      indices: i32([
        [2, 1],
        [0, 0],
      ]),
      dtype: dtypes.float64,
    }),
  );

  it('keeps the gradient of rows sparse', () => {
    new Graph().asDefault(() => {
      const handle = handleFor(constant(matrix), 'v');
      const rows = applyUnary('ResourceGather', { resource: handle, indices: i32([2, 0]), dtype: dtypes.float64 });
      const [gradient] = gradients([rows], [handle]);
      expect(gradient).to.be.instanceOf(IndexedSlices);
      expect((gradient as IndexedSlices).values.shape.dims).to.deep.equal([2, 2]);
    });
  });
});
