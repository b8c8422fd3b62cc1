/**
 * Loops of TensorFlow v1: frames, iterations, dead tensors, and what cannot run.
 */
import { expect } from 'chai';
import '../../../lib/index';
import { applyUnary } from '../../../graph/applyOp';
import { float32, int32 } from '../../../graph/dtypes';
import { Graph } from '../../../graph/graph';
import { placeholder } from '../../../graph/ops/source';
import type { Tensor } from '../../../graph/tensor';
import { Session } from '../../../runtime/session';
import { expectLegal } from '../../support/legal';
import { f32, i32 } from '../../support/opCase';
import { v1Loop } from '../../support/v1Loop';

const add = (x: Tensor, y: Tensor | number) => applyUnary('AddV2', { x, y });
const less = (x: Tensor, y: Tensor | number) => applyUnary('Less', { x, y });
const doubled = (x: Tensor) => applyUnary('Mul', { x, y: 2 });

/** i and x after x was doubled while i < limit. */
const powers = (i: Tensor, x: Tensor, limit: Tensor, frame?: string) =>
  v1Loop(
    [i, x],
    (k, _, end) => less(k, end),
    (k, y) => [add(k, 1), doubled(y)],
    { constants: [limit], frame },
  );

describe('loops of TensorFlow v1', () => {
  const inGraph = (body: () => void) => new Graph().asDefault(body);
  const counting = (limit: number, frame?: string) =>
    powers(
      applyUnary('Identity', { input: i32(0) }),
      applyUnary('Identity', { input: f32(1) }),
      applyUnary('Identity', { input: i32(limit) }),
      frame,
    );

  it('run for 100,000 iterations without stack or memory growing', () =>
    inGraph(() => {
      const [count] = counting(100_000);
      expect(new Session().runSync(count).item()).to.equal(100_000);
    }));

  it('leave a legal graph, whose state can be taken and read again', () =>
    inGraph(() => {
      const [count] = counting(3);
      expectLegal(count.graph);
    }));

  it('nest 60 deep', () =>
    inGraph(() => {
      let value = applyUnary('Identity', { input: i32(0) });
      const nest = (depth: number, x: Tensor): Tensor =>
        v1Loop(
          [applyUnary('ZerosLike', { x }), x],
          (i) => less(i, 1),
          (i, y) => [add(i, 1), depth === 0 ? add(y, 1) : nest(depth - 1, y)],
          { frame: `frame${depth}` },
        )[1];
      value = nest(60, value);
      expect(new Session().runSync(value).item()).to.equal(1);
    }));

  it('yield what of a body is fetched once, and fail when it is there twice', () =>
    inGraph(() => {
      const [, x] = counting(1);
      const inside = x.op.inputs[0].op.inputs[0];
      const session = new Session();
      expect(() => session.runSync(inside)).to.throw(/Retval\[0\] has already been set\./);
      expect(session.runSync(x.op.inputs[0]).item()).to.equal(2);
    }));

  it('refuse values of different loops in one node', () =>
    inGraph(() => {
      const one = applyUnary('Identity', { input: f32(1) });
      const enter = (frame: string) => applyUnary('Enter', { data: one, frame_name: frame });
      const sum = applyUnary('Exit', { data: add(enter('f1'), enter('f2')) });
      expect(() => new Session().runSync(sum)).to.throw(
        /{{node AddV2}} has inputs from different frames. The input {{node Enter_1}} is in frame 'f2'. The input {{node Enter}} is in frame 'f1'./,
      );
    }));

  it('refuse a feed inside a loop', () =>
    inGraph(() => {
      const [count, x] = counting(3);
      const inside = count.op.inputs[0].op.inputs[0];
      expect(() => new Session().runSync(x, { feed: [[inside, i32(1)]] })).to.throw(/has inputs from different frames/);
      expect(new Session().runSync(count, { feed: [[count, i32(9)]] }).item()).to.equal(9);
    }));

  it('refuse an Exit outside of a loop; pass a NextIteration there', () =>
    inGraph(() => {
      const x = placeholder(float32, []);
      const session = new Session();
      const exit = applyUnary('Exit', { data: x });
      expect(() => session.runSync(exit, { feed: [[x, 1]] })).to.throw(
        /Invalid Exit op: Cannot find a corresponding Enter op\./,
      );
      expect(session.runSync(applyUnary('NextIteration', { data: x }), { feed: [[x, 3]] }).item()).to.equal(3);
    }));

  it('attribute errors to the node in the loop', () =>
    inGraph(() => {
      const x = placeholder(int32, []);
      const [y] = v1Loop(
        [x],
        (i) => less(applyUnary('Identity', { input: i }), 10),
        (i) => [applyUnary('FloorDiv', { x: 100, y: i }, 'divide')],
      );
      expect(() => new Session().runSync(y, { feed: [[x, 0]] })).to.throw(/Integer division by zero[\s\S]*node divide/);
    }));

  it('stop at the deadline', () =>
    inGraph(() => {
      const x = placeholder(int32, []);
      const [y] = v1Loop(
        [x],
        (i) => less(i, 1),
        (i) => [applyUnary('Neg', { x: i })],
      );
      expect(() => new Session().runSync(y, { feed: [[x, 0]], options: { timeoutInMs: 50 } })).to.throw(
        /Timed out waiting for notification/,
      );
    }));
});
