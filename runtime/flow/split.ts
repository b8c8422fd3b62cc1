/**
 * The part of a run that can go first, as an ordinary plan: what depends on no control flow of TensorFlow v1, and on no
 * variable that is a reference. In most models that is nearly all of the work.
 */
import type { Operation } from '../../graph/operation';
import type { Tensor } from '../../graph/tensor';
import { isReference } from '../plan/references';
import { isFlow } from './frames';

export interface Split {
  /** Tensors that the part that goes first computes for the other. */
  readonly handedOver: readonly Tensor[];
  /** Operations of the first part that must run although nothing of them is read. */
  readonly targets: readonly Operation[];
  /** What is left. */
  readonly rest: ReadonlySet<Operation>;
}

/** Ops whose results change while others run: they stay with those. */
const hasChangingResult = ({ type, outputs }: Operation): boolean =>
  type.startsWith('TensorArray') || type.startsWith('Stack') || outputs.some(isReference);

/** Null when there is nothing worth splitting off. */
export function splitFlow(
  needed: ReadonlySet<Operation>,
  fetches: readonly Tensor[],
  targets: readonly Operation[],
  fed: ReadonlySet<Tensor>,
): Split | null {
  const rest = new Set<Operation>();
  const pending = [...needed].filter((op) => isFlow(op) || hasChangingResult(op));
  for (let op = pending.pop(); op !== undefined; op = pending.pop()) {
    if (rest.has(op) || !needed.has(op)) continue;
    rest.add(op);
    for (const output of op.outputs) if (!fed.has(output)) pending.push(...output.consumers());
    pending.push(...op.controlOutputs);
  }
  const first = (op: Operation) => needed.has(op) && !rest.has(op);
  if (![...needed].some((op) => first(op) && op.type !== 'Const')) return null;
  // Constants are there for both: handing them over would copy them.
  const constants = new Set<Operation>();
  const handedOver = new Set<Tensor>();
  const waitedFor = new Set(targets.filter(first));
  const read = (tensor: Tensor) => {
    if (fed.has(tensor) || !first(tensor.op)) return;
    if (tensor.op.type === 'Const') constants.add(tensor.op);
    else handedOver.add(tensor);
  };
  for (const op of rest) {
    op.inputs.forEach(read);
    for (const control of op.controlInputs)
      if (first(control) && (control.type !== 'Const' || control.controlInputs.length > 0)) waitedFor.add(control);
  }
  fetches.forEach(read);
  for (const op of constants) {
    rest.add(op);
    for (const control of op.controlInputs) if (needed.has(control) && !rest.has(control)) waitedFor.add(control);
  }
  return { handedOver: [...handedOver], targets: [...waitedFor], rest };
}
