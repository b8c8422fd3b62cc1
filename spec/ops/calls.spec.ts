/**
 * Plain calls of functions, as SavedModels hold them. What bodies with control flow of v1 do in them is checked too.
 */
import { expect } from 'chai';
import { applyOp, applyUnary } from '../../graph/applyOp';
import { FunctionReference } from '../../graph/attributes';
import { buildFunction } from '../../graph/controlFlow/buildFunction';
import { cond } from '../../graph/controlFlow/cond';
import { float32 } from '../../graph/dtypes';
import { FuncGraph } from '../../graph/funcGraph';
import { gradients } from '../../graph/gradients';
import { Graph } from '../../graph/graph';
import { constant, placeholder } from '../../graph/ops/source';
import { TensorShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { Session } from '../../runtime/session';
import { f32, f64, i32, opCase } from '../support/opCase';
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

for (const type of ['PartitionedCall', 'StatefulPartitionedCall']) {
  opCase(type, 'gradients, of a call within the call too', {
    inputs: [f64([0.5, -1.2]), f64([1.5, 0.7])],
    build: (x, w) => {
      const inner = functionOf('inner', [x, w], (a, b) => [
        applyUnary('Mul', { x: applyUnary('Sin', { x: a }), y: b }),
        applyUnary('Neg', { x: b }),
      ]);
      const outer = functionOf('outer', [x, w], (a, b) => {
        const [product, negated] = applyOp(type, { args: [a, b], ...inner }).outputs;
        return [applyUnary('AddV2', { x: product, y: applyUnary('Square', { x: negated }) }), product];
      });
      const [sum, product] = applyOp(type, { args: [x, w], ...outer }).outputs;
      return [applyUnary('Mul', { x: sum, y: x }), product];
    },
    gradient: true,
  });
}

opCase('PartitionedCall', 'gradients of a call, then a loop of v1', {
  inputs: [f64([0.5, -1.2]), i32(3)],
  build: (x, n) => {
    const doubled = functionOf('doubled', [x], (a) => [applyUnary('AddV2', { x: a, y: applyUnary('Sin', { x: a }) })]);
    const start = applyOp('PartitionedCall', { args: [x], ...doubled }).output;
    return v1Loop(
      [applyUnary('ZerosLike', { x: n }), start],
      (i, _, end) => applyUnary('Less', { x: i, y: end }),
      (i, value) => [applyUnary('AddV2', { x: i, y: 1 }), applyUnary('Mul', { x: value, y: value })],
      { constants: [n] },
    )[1];
  },
  gradient: true,
});

describe('calls of functions', () => {
  it('are refused gradients where they draw random numbers, and the graph stays as it was', () =>
    new Graph().asDefault((graph) => {
      const x = placeholder(float32, [2]);
      const noisy = functionOf('noisy', [x], (a) => [
        applyUnary('Mul', { x: a, y: applyUnary('RandomUniform', { shape: [2], dtype: float32 }) }),
      ]);
      const y = applyOp('StatefulPartitionedCall', { args: [x], ...noisy }).output;
      const before = graph.version;
      expect(() => gradients(y, x)).to.throw(/\(op type: RandomUniform\): it cannot run a second time/);
      expect(graph.version).to.equal(before);
    }));

  it('are refused gradients where a branch lies within, and still run', () =>
    new Graph().asDefault(() => {
      const x = placeholder(float32, []);
      const branching = functionOf('branching', [x], (a) => [
        cond(
          applyUnary('Less', { x: a, y: 0 }),
          () => applyUnary('Neg', { x: a }),
          () => applyUnary('Square', { x: a }),
        ) as Tensor,
      ]);
      const y = applyOp('StatefulPartitionedCall', { args: [x], ...branching }).output;
      expect(() => gradients(y, x)).to.throw(/gradients of functional control flow inside of calls/);
      expect(new Session().runSync(y, { feed: [[x, -3]] }).item()).to.equal(3);
    }));

  /** A function that gives what it gives for one less, times two, while `isMore` says so; else its argument. */
  function doubling(isMore: ((n: Tensor) => Tensor) | null): (n: Tensor) => Tensor {
    const like = placeholder(float32, []);
    const call = (n: Tensor) =>
      applyOp('StatefulPartitionedCall', { args: [n], f: new FunctionReference('doubling'), Tout: [float32] }).output;
    const further = (n: Tensor) => applyUnary('Mul', { x: call(applyUnary('Sub', { x: n, y: 1 })), y: 2 });
    functionOf('doubling', [like], (n) => [
      isMore === null
        ? further(n)
        : (cond(
            isMore(n),
            () => further(n),
            () => applyUnary('Identity', { input: n }),
          ) as Tensor),
    ]);
    return call;
  }
  const isPositive = (n: Tensor) => applyUnary('Greater', { x: n, y: 0 });

  for (const backend of ['wasm', 'plain'] as const) {
    it(`may be of the function itself, until a condition ends it, ${backend}`, () =>
      new Graph().asDefault(() => {
        const n = placeholder(float32, []);
        const y = applyUnary('AddV2', { x: doubling(isPositive)(n), y: 1 });
        const session = new Session({ config: { backend, threads: 1 } });
        expect(session.runSync(y, { feed: [[n, 3]] }).item()).to.equal(1);
        expect(session.runSync(y, { feed: [[n, 2.5]] }).item()).to.equal(-3);
      }));

    it(`name a function that calls itself without end, ${backend}`, () =>
      new Graph().asDefault(() => {
        const y = doubling(null)(placeholder(float32, [], { name: 'n' }));
        const session = new Session({ config: { backend, threads: 1 } });
        expect(() => session.runSync(y, { feed: { 'n:0': 3 } })).to.throw(/unction doubling[\s\S]*tf\.whileLoop/);
      }));
  }

  it('of a function by itself may be known to end', () =>
    new Graph().asDefault(() => {
      const y = doubling(isPositive)(applyUnary('Identity', { input: constant(5) }));
      expect(new Session().runSync(y).item()).to.equal(0);
    }));

  it('say which function is missing', () =>
    new Graph().asDefault(() => {
      const y = applyOp('PartitionedCall', { args: [], f: new FunctionReference('gone'), Tout: [float32] }).output;
      expect(y.shape.equals(new TensorShape(null))).to.equal(true);
      expect(() => new Session().runSync(y)).to.throw(/Function gone is not defined\.[\s\S]*node PartitionedCall/);
    }));
});
