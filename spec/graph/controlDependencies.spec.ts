/**
 * Control dependencies: who waits for whom, what is left out because it is implied, and what may stand in the list.
 */
import { expect } from 'chai';
import * as fc from 'fast-check';
import { float32, int32 } from '../../graph/dtypes';
import { controlDependencies } from '../../graph/framework';
import { Graph } from '../../graph/graph';
import { IndexedSlices } from '../../graph/indexedSlices';
import type { Operation } from '../../graph/operation';
import { add } from '../../graph/ops/binary';
import { addN } from '../../graph/ops/combine';
import { constant, identity, noOp, placeholder } from '../../graph/ops/source';
import type { Tensor } from '../../graph/tensor';
import { inGraph, namesOf, thrownBy, withGraph } from '../support/inGraph';

const nop = (name: string) => noOp({ name });
const one = (name: string) => constant(1, { name });
const controls = (element: Operation | Tensor) => namesOf(('op' in element ? element.op : element).controlInputs);

describe('control dependencies', () => {
  it(
    'hold for operations, tensors, sparse gradients and names alike',
    withGraph(() => {
      const [a, b] = [nop('a'), one('b')];
      const slices = new IndexedSlices(one('values'), constant([0], { dtype: int32, name: 'indices' }));
      const c = controlDependencies([a, b, slices, 'a', 'b:0'], () => nop('c'));
      expect(controls(c)).to.deep.equal(['a', 'b', 'values']);
      expect(namesOf(a.controlOutputs)).to.deep.equal(['c']);
      expect(namesOf(b.op.controlOutputs)).to.deep.equal(['c']);
      expect(b.consumers()).to.deep.equal([]);
    }),
  );

  it(
    'take any iterable, and an empty one changes nothing',
    withGraph(() => {
      const a = nop('a');
      expect(controls(controlDependencies(new Set([a]), () => nop('b')))).to.deep.equal(['a']);
      expect(controls(controlDependencies([], () => nop('c')))).to.deep.equal([]);
      expect(controls(controlDependencies([a], () => controlDependencies([], () => nop('d'))))).to.deep.equal(['a']);
    }),
  );

  it(
    'add up from the outside in, each once',
    withGraph(() => {
      const [z, a] = [nop('z'), nop('a')];
      expect(controls(controlDependencies([z], () => controlDependencies([a, z], () => nop('b'))))).to.deep.equal([
        'z',
        'a',
      ]);
      expect(controls(controlDependencies([a, a], () => nop('c')))).to.deep.equal(['a']);
    }),
  );

  it(
    'are cleared by null, and come back after it',
    withGraph(() => {
      const [a, b] = [nop('a'), nop('b')];
      controlDependencies([a], () => {
        controlDependencies(null, () => {
          expect(controls(nop('c'))).to.deep.equal([]);
          expect(controls(controlDependencies([b], () => nop('d')))).to.deep.equal(['b']);
        });
        expect(controls(nop('e'))).to.deep.equal(['a']);
      });
      expect(controls(nop('f'))).to.deep.equal([]);
    }),
  );

  it(
    'are left out where an input was made inside the block, and waits already',
    withGraph(() => {
      const [a, outside] = [nop('a'), one('outside')];
      controlDependencies([a], () => {
        const b = identity(outside, { name: 'b' });
        const c = identity(b, { name: 'c' });
        expect(controls(b)).to.deep.equal(['a']);
        expect(controls(c)).to.deep.equal([]);
        expect(controls(add(b, outside, { name: 'd' }))).to.deep.equal([]);
      });
    }),
  );

  it(
    'are left out where the op reads them anyway',
    withGraph(() => {
      const [a, b] = [one('a'), one('b')];
      controlDependencies([a, b], () => expect(controls(identity(a))).to.deep.equal(['b']));
    }),
  );

  it(
    'of an outer block are left out by what that block holds only',
    withGraph(() => {
      const [a, outside] = [nop('a'), one('outside')];
      controlDependencies([a], () => {
        const b = one('b');
        const c = identity(outside, { name: 'c' });
        controlDependencies([b, c], () => {
          expect(controls(one('d'))).to.deep.equal(['a', 'b', 'c']);
          expect(controls(identity(c, { name: 'e' }))).to.deep.equal(['b']);
          expect(controls(identity(outside, { name: 'f' }))).to.deep.equal(['a', 'b', 'c']);
        });
      });
    }),
  );

  it(
    'count ops of a cleared block as strangers',
    withGraph(() => {
      const a = nop('a');
      controlDependencies([a], () => {
        const x = one('x');
        const [y, z] = controlDependencies(null, () => [identity(x, { name: 'y' }), one('z')]);
        expect([x, y, z].map(controls)).to.deep.equal([['a'], [], []]);
        expect([identity(z), identity(y)].map(controls)).to.deep.equal([['a'], ['a']]);
      });
    }),
  );

  it(
    'leave a mark on the operations that somebody waits for',
    withGraph((graph) => {
      const [a, b] = [nop('a'), nop('b')];
      controlDependencies([a], () => controlDependencies([a, b], () => {}));
      expect(a.attrs).to.deep.equal({ _has_manual_control_dependencies: true });
      expect(b.attrs).to.deep.equal({ _has_manual_control_dependencies: true });
      expect(graph.operations).to.have.length(2);
    }),
  );

  it(
    'join long lists in linear time',
    withGraph(() => {
      const many = Array.from({ length: 5000 }, () => constant(1));
      const all = controlDependencies(many, () => [noOp(), addN(many).op, noOp()]);
      expect(all.map((op) => op.controlInputs.length)).to.deep.equal([5000, 0, 5000]);
    }),
  );
});

describe('a list of control dependencies', () => {
  it('holds operations and tensors of this graph', () => {
    const foreign = inGraph(() => constant(1, { dtype: int32, name: 'c' }));
    inGraph((graph) => {
      const cases: readonly (readonly [unknown, string])[] = [
        [[3], 'TypeError: Can not convert a int into a Tensor or Operation.'],
        [[null], 'TypeError: Can not convert a NoneType into a Tensor or Operation.'],
        [[graph], 'TypeError: Can not convert a Graph into a Tensor or Operation.'],
        [['zz'], `KeyError: "The name 'zz' refers to an Operation not in the graph."`],
        [[foreign], 'ValueError: Tensor Tensor("c:0", shape=(), dtype=int32) is not an element of this graph.'],
        [[foreign.op], `ValueError: Operation ${foreign.op.nodeDef} is not an element of this graph.`],
      ];
      for (const [list, want] of cases) expect(thrownBy(() => controlDependencies(list as unknown[]))).to.equal(want);
    });
  });

  it(
    'is a list',
    withGraph(() => {
      const [x, op] = [placeholder(float32), noOp()];
      expect(thrownBy(() => controlDependencies(x as never))).to.match(
        /^OperatorNotAllowedInGraphError: Iterating over a symbolic `tf.Tensor`/,
      );
      expect(thrownBy(() => controlDependencies(op as never))).to.match(
        /^TypeError: 'Operation' object is not iterable/,
      );
      expect(thrownBy(() => controlDependencies(3 as never))).to.match(/^TypeError: 'int' object is not iterable/);
      expect(thrownBy(() => controlDependencies(undefined as never))).to.match(
        /^TypeError: 'NoneType' object is not iterable/,
      );
    }),
  );

  it('changes nothing when one of it is wrong', () => {
    inGraph(() => {
      const a = nop('a');
      expect(() => controlDependencies([a, 3])).to.throw();
      expect(a.attrs).to.deep.equal({});
      expect(controls(nop('b'))).to.deep.equal([]);
    });
  });
});

describe('control dependencies of any program', () => {
  type Step =
    | { readonly kind: 'op'; readonly inputs: readonly number[] }
    | { readonly kind: 'block'; readonly on: readonly number[] | null; readonly body: readonly Step[] };
  const picks = fc.array(fc.nat(30), { maxLength: 3 });
  const { steps } = fc.letrec<{ steps: readonly Step[]; step: Step }>((tie) => ({
    steps: fc.array(tie('step'), { maxLength: 6, depthIdentifier: 'blocks' }),
    step: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'blocks' },
      fc.record({ kind: fc.constant('op' as const), inputs: picks }),
      fc.record({ kind: fc.constant('block' as const), on: fc.option(picks), body: tie('steps') }),
    ),
  }));

  /** All that an operation waits for, directly or not. */
  function ancestors(op: Operation): Set<Operation> {
    const found = new Set<Operation>();
    const pending = [op];
    for (let next = pending.pop(); next; next = pending.pop()) {
      for (const before of [...next.inputs.map((input) => input.op), ...next.controlInputs]) {
        if (!found.has(before)) {
          found.add(before);
          pending.push(before);
        }
      }
    }
    return found;
  }

  it('make each op wait for all that the blocks around it name', () => {
    fc.assert(
      fc.property(steps, (program) => {
        inGraph((graph: Graph) => {
          const made: Tensor[] = [constant(1)];
          const pick = (i: number) => made[i % made.length];
          const run = (step: Step, named: readonly Operation[]): void => {
            if (step.kind === 'op') {
              const inputs = step.inputs.map(pick);
              const op = inputs.length === 0 ? constant(1).op : graph.createOp('AddN', inputs);
              made.push(op.output);
              const before = ancestors(op);
              for (const control of named)
                expect(before.has(control), `${op.name} waits for ${control.name}`).to.equal(true);
              expect(new Set(op.controlInputs).size).to.equal(op.controlInputs.length);
              if (named.length === 0) expect(op.controlInputs).to.deep.equal([]);
            } else if (step.on === null) controlDependencies(null, () => step.body.forEach((inner) => run(inner, [])));
            else {
              const on = step.on.map(pick);
              controlDependencies(on, () =>
                step.body.forEach((inner) => run(inner, [...named, ...on.map((tensor) => tensor.op)])),
              );
            }
          };
          program.forEach((step) => run(step, []));
          expect(graph.operations.length).to.equal(made.length);
        });
      }),
      { numRuns: 300 },
    );
  });
});
