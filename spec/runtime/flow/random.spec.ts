/**
 * Programs made up at random from branches and loops within each other: built with control flow of TensorFlow v1 and built
 * with functions, they compute the same.
 */
import { expect } from 'chai';
import * as fc from 'fast-check';
import '../../../lib/index';
import { applyOp, applyUnary } from '../../../graph/applyOp';
import { cond } from '../../../graph/controlFlow/cond';
import { whileLoop } from '../../../graph/controlFlow/whileLoop';
import { int32 } from '../../../graph/dtypes';
import { controlDependencies } from '../../../graph/framework';
import { Graph } from '../../../graph/graph';
import { constant, placeholder } from '../../../graph/ops/source';
import type { Tensor } from '../../../graph/tensor';
import { Session } from '../../../runtime/session';
import { expectLegal } from '../../support/legal';
import { i32 } from '../../support/opCase';
import { v1Loop } from '../../support/v1Loop';

/** Programs of integers. A body sees the counter of its loop and the value so far as two more variables. */
type Program =
  | { readonly kind: 'variable'; readonly index: number }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'AddV2' | 'Mul'; readonly a: Program; readonly b: Program }
  | { readonly kind: 'branch'; readonly test: Program; readonly a: Program; readonly b: Program }
  | { readonly kind: 'loop'; readonly count: Program; readonly start: Program; readonly body: Program };

const { program } = fc.letrec<{ program: Program }>((tie) => {
  const part = () => tie('program');
  return {
    program: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.record({ kind: fc.constant('variable' as const), index: fc.nat(7) }),
      fc.record({ kind: fc.constant('constant' as const), value: fc.integer({ min: -3, max: 3 }) }),
      fc.record({ kind: fc.constantFrom('AddV2' as const, 'Mul' as const), a: part(), b: part() }),
      fc.record({ kind: fc.constant('branch' as const), test: part(), a: part(), b: part() }),
      fc.record({ kind: fc.constant('loop' as const), count: part(), start: part(), body: part() }),
    ),
  };
});

type Build = (program: Program, variables: readonly Tensor[]) => Tensor;

const less = (x: Tensor, y: Tensor | number) => applyUnary('Less', { x, y });
const plus = (x: Tensor, y: Tensor | number) => applyUnary('AddV2', { x, y });
/** At most three iterations. */
const iterations = (count: Tensor) => applyUnary('FloorMod', { x: count, y: 4 });

/** What is built the same way by both. */
function plain(node: Program, variables: readonly Tensor[], build: Build): Tensor | null {
  if (node.kind === 'variable') return applyUnary('Identity', { input: variables[node.index % variables.length] });
  if (node.kind === 'constant') return constant(i32(node.value));
  if (node.kind !== 'AddV2' && node.kind !== 'Mul') return null;
  return applyUnary(node.kind, { x: build(node.a, variables), y: build(node.b, variables) });
}

const withFunctions: Build = (node, variables) => {
  if (node.kind === 'branch') {
    return cond(
      less(withFunctions(node.test, variables), 1),
      () => withFunctions(node.a, variables),
      () => withFunctions(node.b, variables),
    ) as Tensor;
  }
  if (node.kind === 'loop') {
    const count = iterations(withFunctions(node.count, variables));
    return whileLoop(
      (i: Tensor) => less(i, count),
      (i: Tensor, value: Tensor) => [plus(i, 1), withFunctions(node.body, [...variables, i, value])],
      [constant(i32(0)), withFunctions(node.start, variables)],
    )[1] as Tensor;
  }
  return plain(node, variables, withFunctions)!;
};

let frames = 0;

/** One branch: it sees the variables as they are alive in it, and its constants wait for its pivot. */
function branch(node: Program, variables: readonly Tensor[], pred: Tensor, taken: 0 | 1): Tensor {
  const alive = (data: Tensor) => applyOp('Switch', { data, pred }).outputs[taken];
  const pivot = applyUnary('Identity', { input: alive(pred) });
  const own = variables.map(alive);
  return controlDependencies(null, () => controlDependencies([pivot], () => withFrames(node, own)));
}

const withFrames: Build = (node, variables) => {
  if (node.kind === 'branch') {
    const pred = less(withFrames(node.test, variables), 1);
    const inputs = [branch(node.b, variables, pred, 0), branch(node.a, variables, pred, 1)];
    return applyOp('Merge', { inputs }).outputs[0];
  }
  if (node.kind === 'loop') {
    const count = iterations(withFrames(node.count, variables));
    return v1Loop(
      [constant(i32(0)), withFrames(node.start, variables)],
      (i, _, limit) => less(i, limit),
      (i, value, _, ...outer) => [plus(i, 1), withFrames(node.body, [...outer, i, value])],
      { constants: [count, ...variables], frame: `frame${frames++}` },
    )[1];
  }
  return plain(node, variables, withFrames)!;
};

describe('random programs of branches and loops', () => {
  it('compute the same with control flow of v1 and with functions', function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(
        program,
        fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 2, maxLength: 2 }),
        (made, values) => {
          const graph = new Graph();
          graph.asDefault(() => {
            const variables = values.map(() => placeholder(int32, []));
            const both = [withFunctions(made, variables), withFrames(made, variables)];
            expectLegal(graph);
            const feed = variables.map((tensor, i) => [tensor, i32(values[i])] as const);
            const [a, b] = new Session({ graph }).runSync(both, { feed });
            expect(b.item()).to.equal(a.item());
          });
        },
      ),
      { numRuns: 60 },
    );
  });
});
