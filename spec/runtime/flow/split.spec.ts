/**
 * What goes before control flow of TensorFlow v1 as a plan of its own, and what stays.
 */
import { expect } from 'chai';
import '../../../lib/index';
import { applyOp, applyUnary } from '../../../graph/applyOp';
import { bool, float32 } from '../../../graph/dtypes';
import { controlDependencies } from '../../../graph/framework';
import { Graph } from '../../../graph/graph';
import { constant, placeholder } from '../../../graph/ops/source';
import type { Tensor } from '../../../graph/tensor';
import { makePlan, type Plan } from '../../../runtime/plan/plan';
import { Session } from '../../../runtime/session';
import { bools, f32 } from '../../support/opCase';
import { afterReferenceSteps } from '../../support/references';

const namesOf = ({ steps }: Plan) => steps.map(({ op }) => op.name);

/** relu(x · c) + 1 or minus that */
function build() {
  const x = placeholder(float32, [2], { name: 'x' });
  const pred = placeholder(bool, [], { name: 'pred' });
  const c = constant(f32([2, -3]), { name: 'c' });
  const product = applyUnary('Mul', { x, y: c }, 'product');
  const data = applyUnary('Relu', { features: product }, 'relu');
  const [ifFalse, ifTrue] = applyOp('Switch', { data, pred }, 'switch').outputs;
  const one = constant(f32([1, 1]), { name: 'one' });
  const inputs = [applyUnary('Neg', { x: ifFalse }, 'neg'), applyUnary('AddV2', { x: ifTrue, y: one }, 'plus')];
  const merged = applyOp('Merge', { inputs }, 'merge').outputs[0];
  return { x, pred, product, merged, result: applyUnary('AddV2', { x: merged, y: c }, 'result') };
}

describe('plans with control flow of TensorFlow v1', () => {
  const inGraph = (body: () => void) => new Graph().asDefault(body);

  it('begin with what depends on none of it', () =>
    inGraph(() => {
      const { x, pred, result } = build();
      const plan = makePlan([result], [], [x, pred]);
      expect(namesOf(plan.before!)).to.deep.equal(['c', 'product', 'relu']);
      // Constants are there for both.
      expect(namesOf(plan)).to.deep.equal(['c', 'switch', 'one', 'neg', 'plus', 'merge', 'result']);
      for (const [taken, want] of [
        [true, [5, -2]],
        [false, [0, -3]],
      ] as const) {
        const feed = [
          [x, f32([1, 2])],
          [pred, bools(taken)],
        ] as const;
        expect(new Session().runSync(result, { feed }).toArray()).to.deep.equal(want);
      }
    }));

  it('fetch and feed on both sides of the seam', () =>
    inGraph(() => {
      const { x, pred, product, merged } = build();
      const feed: [Tensor, ReturnType<typeof f32>][] = [
        [x, f32([1, 2])],
        [pred, bools(true) as never],
      ];
      const session = new Session();
      expect(session.runSync([product, merged], { feed }).map((value) => value.toArray())).to.deep.equal([
        [2, -6],
        [3, 1],
      ]);
      expect(session.runSync(merged, { feed: [[product, f32([7, 8])], feed[1]] }).toArray()).to.deep.equal([8, 9]);
    }));

  it('run what is only waited for, once', () =>
    inGraph(() => {
      const { x, pred, merged } = build();
      const lines: string[] = [];
      const printed = applyUnary('Print', { input: x, data: [x], message: 'seen ' });
      const waiting = controlDependencies([printed], () => applyUnary('Identity', { input: merged }));
      const session = new Session({ config: { log: (line) => lines.push(line) } });
      session.runSync(waiting, {
        feed: [
          [x, f32([1, 2])],
          [pred, bools(true)],
        ],
      });
      expect(lines).to.deep.equal(['seen [1 2]']);
    }));

  it('keep references with what changes them', () =>
    inGraph(() => {
      const { x, pred, merged } = build();
      const [value] = afterReferenceSteps([x], (ref) => applyOp('AssignAdd', { ref, value: merged }));
      const plan = makePlan([value], [], [x, pred]);
      expect(namesOf(plan)).to.include.members(['state_0', 'Assign', 'AssignAdd']);
      const feed = [
        [x, f32([1, 2])],
        [pred, bools(true)],
      ] as const;
      expect(new Session().runSync(value, { feed }).toArray()).to.deep.equal([4, 3]);
    }));

  it('have no first part where there is nothing to do', () =>
    inGraph(() => {
      const pred = placeholder(bool, []);
      const data = constant(f32([1]));
      const [, ifTrue] = applyOp('Switch', { data, pred }).outputs;
      expect(makePlan([ifTrue], [], [pred]).before).to.equal(undefined);
    }));
});
