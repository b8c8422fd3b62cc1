/**
 * Gradients of loops of TensorFlow v1: equal to those that TensorFlow built itself, and to central differences.
 */
import { expect } from 'chai';
import '../../../lib/index';
import { applyOp, applyUnary } from '../../../graph/applyOp';
import { float32 } from '../../../graph/dtypes';
import { gradients } from '../../../graph/gradients';
import { Graph } from '../../../graph/graph';
import { constant, placeholder } from '../../../graph/ops/source';
import type { Tensor } from '../../../graph/tensor';
import { Session } from '../../../runtime/session';
import { expectClose } from '../../support/close';
import { programs } from '../../support/flowGoldens';
import { expectLegal } from '../../support/legal';
import { f32, f64, i32, opCase } from '../../support/opCase';
import { v1Loop } from '../../support/v1Loop';

const less = (x: Tensor, y: Tensor | number) => applyUnary('Less', { x, y });
const plus = (x: Tensor, y: Tensor | number) => applyUnary('AddV2', { x, y });
const times = (x: Tensor, y: Tensor) => applyUnary('Mul', { x, y });

/** x · (w sin)^n: what a loop makes of x with a constant of outside. */
const wound = (x: Tensor, w: Tensor, n: Tensor, frame = 'loop') =>
  v1Loop(
    [applyUnary('ZerosLike', { x: n }), x],
    (i, _value, _w, end) => less(i, end),
    (i, value, factor) => [plus(i, 1), times(applyUnary('Sin', { x: value }), factor)],
    { constants: [w, n], frame },
  )[1];

for (const count of [0, 1, 4]) {
  opCase('Exit', `gradient of ${count} iterations`, {
    inputs: [f64([0.5, -1.2]), f64([1.5, 0.7]), i32(count)],
    build: (x, w, n) => (count === 0 ? plus(wound(x, w, n), times(w, w)) : wound(x, w, n)),
    gradient: true,
  });
}

opCase('Exit', 'gradient of a loop in a loop', {
  inputs: [f64([0.5, -1.2]), f64([1.5, 0.7]), i32(3)],
  build: (x, w, n) =>
    v1Loop(
      [applyUnary('ZerosLike', { x: n }), x],
      (i, _value, _w, end) => less(i, end),
      (i, value, factor) => [plus(i, 1), plus(wound(value, factor, i, 'inner'), value)],
      { constants: [w, n], frame: 'outer' },
    )[1],
  gradient: true,
});

opCase('Exit', 'gradient of one loop after another', {
  inputs: [f64([0.5, -1.2]), f64([1.5, 0.7]), i32(2)],
  build: (x, w, n) => wound(wound(x, w, n, 'first'), times(w, x), n, 'second'),
  gradient: true,
});

describe('gradients of loops of TensorFlow v1', () => {
  it('equal those that TensorFlow built', () => {
    const { graph, runs } = programs.find(({ name }) => name === 'gradients_of_loop')!.load();
    const [y, x] = ['while/Exit_1:0', 'x:0'].map((name) => graph.getTensorByName(name));
    const [own] = graph.asDefault(() => gradients(y, x));
    expectLegal(graph);
    const session = new Session({ graph });
    for (const { feed, want } of runs) expectClose(session.runSync(own as Tensor, { feed }), want[0]);
  });

  it('stop where a loop does not depend on x', () =>
    new Graph().asDefault(() => {
      const x = placeholder(float32, [2]);
      const w = constant(f32([1.5, 0.7]));
      const before = wound(
        applyUnary('Identity', { input: w }),
        w,
        applyUnary('Identity', { input: constant(i32(2)) }),
      );
      const [dx] = gradients(times(before, x), x);
      const [value, want] = new Session().runSync([dx as Tensor, before], { feed: [[x, f32([1, 2])]] });
      expectClose(value, want);
    }));

  const refused: Readonly<Record<string, readonly [(i: Tensor, x: Tensor) => Tensor, RegExp]>> = {
    'random numbers': [
      (_, x) => times(x, applyUnary('RandomUniform', { shape: [2], dtype: float32 })),
      /op type: RandomUniform\): it cannot run a second time/,
    ],
    'branches inside': [
      (i, x) => applyOp('Merge', { inputs: [...applyOp('Switch', { data: x, pred: less(i, 1) }).outputs] }).outputs[0],
      /op type: (Merge|Switch)\): gradients of branches inside of loops are not built/,
    ],
  };
  for (const [what, [step, message]] of Object.entries(refused)) {
    it(`are refused for ${what}`, () =>
      new Graph().asDefault(() => {
        const x = placeholder(float32, [2]);
        const start = applyUnary('Identity', { input: constant(i32(0)) });
        const [, y] = v1Loop(
          [start, x],
          (i) => less(i, 3),
          (i, value) => [plus(i, 1), step(i, value)],
        );
        const before = x.graph.version;
        expect(() => gradients(y, x)).to.throw(message);
        expect(x.graph.version).to.equal(before);
      }));
  }
});
