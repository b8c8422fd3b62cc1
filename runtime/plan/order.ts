/**
 * Which operations a run needs, and in which order: creation order wherever that is legal.
 *
 * Iterative throughout: graphs may be 100,000 operations deep.
 */
import { InvalidArgumentError } from '../../graph/errors';
import type { Operation } from '../../graph/operation';
import type { Tensor } from '../../graph/tensor';

/** The operations that `targets` need, when the tensors of `fed` are given and the ops of `done` have run. */
export function neededOps(
  targets: readonly Operation[],
  fed: ReadonlySet<Tensor>,
  done?: ReadonlySet<Operation>,
): Set<Operation> {
  const needed = new Set<Operation>();
  const pending = [...targets];
  for (let op = pending.pop(); op !== undefined; op = pending.pop()) {
    if (needed.has(op) || done?.has(op)) continue;
    needed.add(op);
    for (const input of op.inputs) if (!fed.has(input)) pending.push(input.op);
    for (const control of op.controlInputs) if (!isFedPlaceholder(control, fed)) pending.push(control);
  }
  return needed;
}

/** A placeholder that is fed has run for those that wait for it. */
function isFedPlaceholder({ type, outputs }: Operation, fed: ReadonlySet<Tensor>): boolean {
  return (type === 'Placeholder' || type === 'PlaceholderV2') && fed.has(outputs[0]);
}

/** Each operation after all that it reads or waits for. InvalidArgumentError names the operations of a cycle. */
export function executionOrder(needed: ReadonlySet<Operation>, fed: ReadonlySet<Tensor>): Operation[] {
  const byCreation = [...needed].sort((a, b) => a.id - b.id);
  const precedes = (before: Operation, after: Operation) => !needed.has(before) || before.id < after.id;
  const legal = byCreation.every(
    (op) =>
      op.inputs.every((input) => fed.has(input) || precedes(input.op, op)) &&
      op.controlInputs.every((control) => precedes(control, op)),
  );
  return legal ? byCreation : depthFirstOrder(byCreation, needed, fed);
}

function depthFirstOrder(
  roots: readonly Operation[],
  needed: ReadonlySet<Operation>,
  fed: ReadonlySet<Tensor>,
): Operation[] {
  const order: Operation[] = [];
  const state = new Map<Operation, 'open' | 'done'>();
  const sources = (op: Operation) => [
    ...op.inputs.flatMap((input) => (fed.has(input) ? [] : [input.op])),
    ...op.controlInputs.filter((control) => needed.has(control)),
  ];
  for (const root of roots) {
    if (state.has(root)) continue;
    const path: { op: Operation; left: Operation[] }[] = [{ op: root, left: sources(root) }];
    state.set(root, 'open');
    while (path.length > 0) {
      const top = path[path.length - 1];
      const next = top.left.pop();
      if (next === undefined) {
        state.set(top.op, 'done');
        order.push(top.op);
        path.pop();
      } else if (state.get(next) === 'open') {
        const cycle = path.slice(path.findIndex(({ op }) => op === next)).map(({ op }) => op.name);
        throw new InvalidArgumentError(
          `Graph is invalid, contains a cycle with ${cycle.length} nodes, including: ${[...cycle, next.name].join(', ')}`,
          next,
        );
      } else if (!state.has(next)) {
        state.set(next, 'open');
        path.push({ op: next, left: sources(next) });
      }
    }
  }
  return order;
}
