/**
 * Ops that call functions of the graph's library, and which function that is, where it is known before the run.
 */
import type { FunctionReference } from '../../graph/attributes';
import type { Operation } from '../../graph/operation';
import type { Symbolic } from './symbols';

/** Whether an op calls functions of the graph's library. */
export function callsFunctions(op: Operation): boolean {
  return op.def.attrs.some(({ kind }) => kind === 'func');
}

/** The function that an op is known to call, and the symbols of its arguments. */
export function calledFunction(
  op: Operation,
  inputs: readonly Symbolic[],
): { readonly func: FunctionReference; readonly inputs: readonly Symbolic[] } | null {
  if (op.type === 'PartitionedCall' || op.type === 'StatefulPartitionedCall')
    return { func: op.attrs.f as FunctionReference, inputs };
  const [first] = inputs;
  if (first?.kind !== 'const' || first.array.rank !== 0) return null;
  const args = inputs.slice(1);
  if ((op.type === 'If' || op.type === 'StatelessIf') && first.array.dtype.isBool) {
    const branch = first.array.data[0] !== 0 ? 'then_branch' : 'else_branch';
    return { func: op.attrs[branch] as FunctionReference, inputs: args };
  }
  if (op.type === 'Case' || op.type === 'StatelessCase') {
    const branches = op.attrs.branches as readonly FunctionReference[];
    const index = Number(first.array.data[0]);
    return { func: branches[index >= 0 && index < branches.length ? index : branches.length - 1], inputs: args };
  }
  return null;
}
