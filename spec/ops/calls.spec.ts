/**
 * Plain calls of functions, as SavedModels hold them. What bodies with control flow of v1 do in them is checked too.
 */
import { expect } from 'chai';
import { applyOp, applyUnary } from '../../graph/applyOp';
import { FunctionReference } from '../../graph/attributes';
import { buildFunction } from '../../graph/controlFlow/buildFunction';
import { float32 } from '../../graph/dtypes';
import { FuncGraph } from '../../graph/funcGraph';
import { gradients } from '../../graph/gradients';
import { Graph } from '../../graph/graph';
import { placeholder } from '../../graph/ops/source';
import { TensorShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { Session } from '../../runtime/session';
import { f32, i32, opCase } from '../support/opCase';
import { v1Loop } from '../support/v1Loop';

/** Adds a function of tensors like these to the library, and refers to it. */
function functionOf(name: string, like: readonly Tensor[], body: (...args: Tensor[]) => readonly Tensor[]) {
  const { graph } = like[0];
  const func = new FuncGraph(name, graph);
  buildFunction(func, () => {
    const args = like.map(({ dtype, shape }) => func.addArgument({ dtype, shape }));
    return [...body(...args)];
  });
  graph.addFunction(func);
  return { f: new FunctionReference(name), Tout: func.outputs.map(({ dtype }) => dtype) };
}

for (const type of ['PartitionedCall', 'StatefulPartitionedCall']) {
  opCase(type, 'two results', {
    inputs: [f32([1, 2]), f32([3, 4])],
    build: (x, y) => {
      const body = functionOf('both', [x, y], (a, b) => [
        applyUnary('AddV2', { x: a, y: b }),
        applyUnary('Mul', { x: a, y: b }),
      ]);
      return applyOp(type, { args: [x, y], ...body }).outputs;
    },
    want: [f32([4, 6]), f32([3, 8])],
  });
  opCase(type, 'one result of two', {
    inputs: [f32([1, 2])],
    build: (x) => {
      const body = functionOf('both', [x], (a) => [
        applyUnary('CheckNumerics', {
          tensor: applyUnary('Log', { x: applyUnary('Neg', { x: a }) }),
          message: 'not read',
        }),
        applyUnary('Neg', { x: a }),
      ]);
      return applyOp(type, { args: [x], ...body }).outputs[1];
    },
    want: f32([-1, -2]),
  });
}

opCase('PartitionedCall', 'a loop of v1 in a function', {
  inputs: [i32(0), i32(10)],
  build: (start, limit) => {
    const body = functionOf('counted', [start, limit], (from, to) =>
      v1Loop(
        [from],
        (i, end) => applyUnary('Less', { x: i, y: end }),
        (i) => [applyUnary('AddV2', { x: i, y: 3 })],
        { constants: [to] },
      ),
    );
    return applyOp('PartitionedCall', { args: [start, limit], ...body }).outputs;
  },
  want: i32(12),
});

describe('calls of functions', () => {
  it('say that their gradients are not built', () =>
    new Graph().asDefault(() => {
      const x = placeholder(float32, [2]);
      const y = applyOp('PartitionedCall', { args: [x], ...functionOf('id', [x], (a) => [a]) }).output;
      expect(() => gradients(y, x)).to.throw(/No gradient defined for operation'PartitionedCall'/);
    }));

  it('say which function is missing', () =>
    new Graph().asDefault(() => {
      const y = applyOp('PartitionedCall', { args: [], f: new FunctionReference('gone'), Tout: [float32] }).output;
      expect(y.shape.equals(new TensorShape(null))).to.equal(true);
      expect(() => new Session().runSync(y)).to.throw(/Function gone is not defined\.[\s\S]*node PartitionedCall/);
    }));
});
