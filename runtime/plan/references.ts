/**
 * Where a run reads the value behind a reference: at inputs, and at fetches, that do not ask for the reference itself.
 */
import { inputCounts } from '../../graph/createOp';
import type { NdArray } from '../../graph/ndarray';
import type { OpDef } from '../../graph/opDef';
import type { Operation } from '../../graph/operation';
import type { Tensor } from '../../graph/tensor';
import type { ResourceStore } from '../resources';
import { VariableReference } from '../values';

const makesReferences = new WeakMap<OpDef, boolean>();

/** Whether a tensor is a reference to a variable. */
export function isReference({ op, index }: Tensor): boolean {
  let makes = makesReferences.get(op.def);
  if (makes === undefined) makesReferences.set(op.def, (makes = op.def.outputs.some((arg) => arg.isRef === true)));
  // Ops with references have one output for each argument.
  return makes && op.def.outputs[index].isRef === true;
}

/** The inputs that an op reads through a reference. */
export function readsThrough(op: Operation): readonly number[] {
  const reads = op.inputs.flatMap((input, i) => (isReference(input) ? [i] : []));
  if (reads.length === 0) return reads;
  const counts = inputCounts(op.def, op.attrs, op.inputs.length);
  const wanted = op.def.inputs.flatMap((arg, i) => new Array<boolean>(counts[i]).fill(arg.isRef === true));
  return reads.filter((i) => !wanted[i]);
}

/** The value behind a reference; other values as they are. */
export function read(value: NdArray, resources: ResourceStore): NdArray {
  return value instanceof VariableReference ? resources.read(value) : value;
}
