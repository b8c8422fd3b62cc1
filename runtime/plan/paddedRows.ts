/**
 * Sparse gradients whose rows are made distinct, without a stop on the host: `Unique` gives a list whose length depends on the
 * data, so what follows would have to wait for it. But where the list only says which rows of a variable are changed, and by which
 * rows of sums, it can as well keep the length of its input, filled up with a number that names no row.
 *
 * Here is told for which `Unique` ops of a plan that is so: all that comes of their first output is known to leave the rest out.
 * Whether it is compiled turns out later; if not, the plan is lowered once more without padding.
 */
import type { Operation } from '../../graph/operation';
import type { Plan, Step } from './plan';

/** What a slot holds: distinct numbers, their count, or a row for each of them. */
interface Padded {
  readonly kind: 'ids' | 'count' | 'rows';
  readonly unique: Operation;
}

const aliases = new Set(['Identity', 'StopGradient', 'PreventGradient']);

const partsOfCount = new Set(['StridedSlice', 'Squeeze', 'Cast']);

/** Ops that compute each row from that row, or from it and single numbers. */
const elementwise = new Set([
  ...['Cast', 'Neg', 'Abs', 'Sign', 'Square', 'Sqrt', 'Rsqrt', 'Add', 'AddV2', 'Sub', 'Mul', 'Div', 'RealDiv'],
  ...['DivNoNan', 'Maximum', 'Minimum', 'SquaredDifference', 'Pow', 'ClipByValue'],
]);

/** Updates of rows, with the inputs that are the indices and the rows. */
function rowInputs({ type, def }: Operation): { readonly ids: number; readonly rows: number } | null {
  if (/^ResourceScatter(Add|Sub|Mul|Div|Min|Max|Update)$/.test(type)) return { ids: 1, rows: 2 };
  if (!type.startsWith('ResourceSparseApply')) return null;
  const at = (name: string) => def.inputs.findIndex((input) => input.name === name);
  return { ids: at('indices'), rows: at('grad') };
}

/** What the first output of a step is, given what its inputs are; null where it would show the padding. */
function outputOf({ op, used }: Step, inputs: readonly (Padded | undefined)[]): Padded | 'nothing' | null {
  const known = inputs.filter((input) => input !== undefined);
  const [{ unique }] = known;
  if (known.some((input) => input.unique !== unique) || used.some((output) => output > 0)) return null;
  const kindOf = (index: number) => inputs[index]?.kind;
  const update = rowInputs(op);
  if (update) {
    const fits = known.length === 2 && kindOf(update.ids) === 'ids' && kindOf(update.rows) === 'rows';
    return fits ? 'nothing' : null;
  }
  if (aliases.has(op.type)) return known[0];
  if (op.type === 'Shape' && kindOf(0) === 'ids') return { kind: 'count', unique };
  if (partsOfCount.has(op.type) && known.length === 1 && kindOf(0) === 'count') return { kind: 'count', unique };
  if (op.type === 'UnsortedSegmentSum')
    return known.length === 1 && kindOf(2) === 'count' ? { kind: 'rows', unique } : null;
  const isScalar = (index: number) => op.inputs[index].shape.rank === 0;
  const areRows = elementwise.has(op.type) && inputs.every((input, i) => (input ? input.kind === 'rows' : isScalar(i)));
  return areRows ? { kind: 'rows', unique } : null;
}

/** Ops that are compiled only where their first output may be padded. */
export const isLoweredPadded = ({ type }: Operation): boolean => type === 'Unique';

/** What is padded in plans. */
export class PaddedRows {
  readonly #uniques = new Set<Step>();
  readonly #inputs = new Map<Step, ReadonlySet<number>>();

  add(plan: Plan): void {
    if (!plan.steps.some(({ op }) => isLoweredPadded(op))) return;
    const padded = new Map<number, Padded>();
    const refused = new Set<Operation>();
    const fed = new Set(plan.feeds);
    for (const step of plan.steps) {
      const inputs = step.inputs.map((slot) => padded.get(slot));
      if (inputs.some((input) => input !== undefined)) {
        const output = outputOf(step, inputs);
        if (output === null) for (const input of inputs) if (input) refused.add(input.unique);
        if (output !== null && output !== 'nothing') padded.set(step.firstOutput, output);
      } else if (isLoweredPadded(step.op) && !fed.has(step.firstOutput))
        padded.set(step.firstOutput, { kind: 'ids', unique: step.op });
    }
    for (const slot of plan.fetches) {
      const fetched = padded.get(slot);
      if (fetched) refused.add(fetched.unique);
    }
    for (const step of plan.steps) {
      const isKept = (slot: number) => padded.has(slot) && !refused.has(padded.get(slot)!.unique);
      if (isLoweredPadded(step.op) && isKept(step.firstOutput)) this.#uniques.add(step);
      const inputs = step.inputs.flatMap((slot, i) => (isKept(slot) ? [i] : []));
      if (inputs.length > 0) this.#inputs.set(step, new Set(inputs));
    }
  }

  /** Whether the first output of a step may be padded. */
  mayPad(step: Step): boolean {
    return this.#uniques.has(step);
  }

  /** Whether input `index` of a step may be padded. */
  isPadded(step: Step, index: number): boolean {
    return this.#inputs.get(step)?.has(index) ?? false;
  }

  /** Whether some input of a step may be padded. */
  isRead(step: Step): boolean {
    return this.#inputs.has(step);
  }
}
