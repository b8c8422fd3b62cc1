/**
 * Names under random programs of ops and scopes, against a small model of TensorFlow's rule, and what must always hold.
 */
import { expect } from 'chai';
import * as fc from 'fast-check';
import { nameScope } from '../../graph/framework';
import { Graph } from '../../graph/graph';
import { noOp } from '../../graph/ops/source';

/** TensorFlow's rule for unique names, and its stack of scopes, written down plainly. */
class Model {
  readonly #asked = new Map<string, number>();
  scope = '';

  unique(name: string): string {
    const full = this.scope === '' ? name : `${this.scope}/${name}`;
    const key = full.toLowerCase();
    const times = this.#asked.get(key) ?? 0;
    this.#asked.set(key, times + 1);
    if (times === 0) return full;
    for (let i = times; ; i++) {
      if (this.#asked.has(`${key}_${i}`)) continue;
      this.#asked.set(`${key}_${i}`, 1);
      return `${full}_${i}`;
    }
  }
}

type Step =
  | { readonly kind: 'op'; readonly name: string }
  | { readonly kind: 'scope'; readonly name: string; readonly body: readonly Step[] }
  | { readonly kind: 'reenter'; readonly which: number; readonly body: readonly Step[] }
  | { readonly kind: 'root'; readonly body: readonly Step[] };

const names = fc.constantFrom('a', 'A', 'b', 'a_1', 'A_1', 'a_2', 'a_1_1', 'a/b', 'b/a', 'NoOp');

const { steps } = fc.letrec<{ steps: readonly Step[]; step: Step }>((tie) => ({
  steps: fc.array(tie('step'), { maxLength: 6, depthIdentifier: 'scopes' }),
  step: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'scopes' },
    fc.record({ kind: fc.constant('op' as const), name: names }),
    fc.record({ kind: fc.constant('scope' as const), name: names, body: tie('steps') }),
    fc.record({ kind: fc.constant('reenter' as const), which: fc.nat(5), body: tie('steps') }),
    fc.record({ kind: fc.constant('root' as const), body: tie('steps') }),
  ),
}));

interface Outcome {
  readonly ops: string[];
  readonly scopes: string[];
}

function runModel(program: readonly Step[]): Outcome {
  const model = new Model();
  const outcome: Outcome = { ops: [], scopes: [] };
  const within = (scope: string, body: readonly Step[]) => {
    const outer = model.scope;
    model.scope = scope;
    body.forEach(run);
    model.scope = outer;
  };
  const run = (step: Step): void => {
    if (step.kind === 'op') outcome.ops.push(model.unique(step.name));
    else if (step.kind === 'root') within('', step.body);
    else if (step.kind === 'scope') {
      const scope = model.unique(step.name);
      outcome.scopes.push(`${scope}/`);
      within(scope, step.body);
    } else if (outcome.scopes.length > 0)
      within(outcome.scopes[step.which % outcome.scopes.length].slice(0, -1), step.body);
  };
  program.forEach(run);
  return outcome;
}

function runGraph(program: readonly Step[], graph: Graph): Outcome {
  const outcome: Outcome = { ops: [], scopes: [] };
  const run = (step: Step): void => {
    if (step.kind === 'op') outcome.ops.push(noOp({ name: step.name }).name);
    else if (step.kind === 'root') nameScope(null, () => step.body.forEach(run));
    else if (step.kind === 'scope') {
      nameScope(step.name, (scope) => {
        outcome.scopes.push(scope);
        step.body.forEach(run);
      });
    } else if (outcome.scopes.length > 0)
      nameScope(outcome.scopes[step.which % outcome.scopes.length], () => step.body.forEach(run));
  };
  graph.asDefault(() => program.forEach(run));
  return outcome;
}

describe('names of any program', () => {
  it('are those of the model', () => {
    fc.assert(
      fc.property(steps, (program) => {
        expect(runGraph(program, new Graph())).to.deep.equal(runModel(program));
      }),
      { numRuns: 400 },
    );
  });

  it('are unique without regard to case, stand in their scope, and are found again', () => {
    fc.assert(
      fc.property(steps, (program) => {
        const graph = new Graph();
        const { ops, scopes } = runGraph(program, graph);
        const all = [...ops, ...scopes.map((scope) => scope.slice(0, -1))].map((name) => name.toLowerCase());
        expect(new Set(all).size).to.equal(all.length);
        for (const name of ops) expect(graph.getOperationByName(name).name).to.equal(name);
        expect(graph.currentScope).to.equal('');
      }),
      { numRuns: 200 },
    );
  });

  it('are the same with failing calls in between', () => {
    fc.assert(
      fc.property(steps, fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }), (program, faults) => {
        const graph = new Graph();
        let next = 0;
        const failing = [
          () => noOp({ name: 'not valid' }),
          () => graph.createOp('Identity', [], { name: 'a' }),
          () =>
            graph.transaction(() => {
              noOp({ name: 'a' });
              nameScope('b', () => noOp({ name: 'a' }));
              throw new Error('mine');
            }),
          () => graph.createOp('NoSuchOp', [], { name: 'b' }),
        ];
        const disturbed = program.flatMap((step) => [null, step]);
        const quiet = runGraph(program, new Graph());
        const outcome: Outcome = { ops: [], scopes: [] };
        for (const step of disturbed) {
          if (step === null) expect(() => graph.asDefault(failing[faults[next++ % faults.length]])).to.throw();
          else if (step.kind !== 'reenter') {
            const { ops, scopes } = runGraph([step], graph);
            outcome.ops.push(...ops);
            outcome.scopes.push(...scopes);
          }
        }
        const hasReentry =
          program.some((step) => step.kind === 'reenter') || JSON.stringify(program).includes('reenter');
        fc.pre(!hasReentry);
        expect(outcome).to.deep.equal(quiet);
      }),
      { numRuns: 200 },
    );
  });
});
