/**
 * Order for side effects in gradient functions: stateful ops run, and run in the order in which they were made.
 *
 * TensorFlow builds the functions of a gradient with automatic control dependencies, those of the forward pass without.
 * A result is passed through an Identity, which waits for what must run.
 */
import { applyUnary } from '../applyOp';
import { resource } from '../dtypes';
import type { FuncGraph } from '../funcGraph';
import { IndexedSlices } from '../indexedSlices';
import { isFlowHolder } from '../nest';
import type { Operation } from '../operation';
import { Tensor } from '../tensor';
import { readOnlyResources, readsOnly } from './resources';

/** Random ops are stateful, but keep their order by themselves and need not run. */
const RANDOM_OPS = new Set([
  'RandomUniform',
  'RandomUniformInt',
  'RandomStandardNormal',
  'ParameterizedTruncatedNormal',
  'TruncatedNormal',
  'RandomShuffle',
  'Multinomial',
  'RandomGamma',
  'RandomGammaGrad',
  'RandomPoisson',
  'RandomPoissonV2',
]);

/** Whether the op has effects whose order matters. */
export function hasOrderedEffects(op: Operation): boolean {
  return op.def.isStateful && !RANDOM_OPS.has(op.type);
}

export class AutomaticControl {
  readonly #returned: Tensor[] = [];
  readonly #before: number;

  constructor(readonly graph: FuncGraph) {
    this.#before = graph.operations.length;
  }

  /** A result of the function behind an Identity. */
  markReturned<V>(value: V): V {
    if (value instanceof Tensor) return this.#behind(value) as V;
    if (isFlowHolder(value)) return value.withFlow(this.#behind(value.flow)) as V;
    if (!(value instanceof IndexedSlices)) return value;
    const [values, indices] = [this.#behind(value.values), this.#behind(value.indices)];
    return new IndexedSlices(values, indices, value.denseShape && this.#behind(value.denseShape)) as V;
  }

  #behind(tensor: Tensor): Tensor {
    const result = applyUnary('Identity', { input: tensor });
    result.handleData = tensor.handleData;
    this.#returned.push(result);
    return result;
  }

  /** Adds the control inputs, when all of the function is built. */
  finish(): void {
    const mustRun: Operation[] = [];
    const lastWrite = new Map<Tensor | null, Operation>();
    const readsSince = new Map<Tensor, Operation[]>();
    for (const op of this.graph.operations.slice(this.#before)) {
      const controls = new Set<Operation>();
      if (hasOrderedEffects(op) && (!readsOnly(op) || op.outputs.some((output) => output.consumers().length > 0)))
        mustRun.push(op);
      const handles = new Set(op.inputs.filter((input) => input.dtype === resource));
      const readOnly = readOnlyResources(op);
      for (const handle of handles) {
        const write = lastWrite.get(handle);
        if (write) controls.add(write);
        const reads = readsSince.get(handle) ?? [];
        if (readOnly.has(handle)) readsSince.set(handle, [...reads, op]);
        else {
          for (const read of reads) controls.add(read);
          readsSince.delete(handle);
          lastWrite.set(handle, op);
        }
      }
      if (hasOrderedEffects(op) && handles.size === 0) {
        const write = lastWrite.get(null);
        if (write) controls.add(write);
        lastWrite.set(null, op);
      }
      if (controls.size > 0) this.graph.updateOp(op, { addControlInputs: [...controls] });
    }
    this.graph.controlOutputs.push(...mustRun);
    if (mustRun.length === 0 || this.#returned.length === 0) return;
    const barrier = this.graph.createOp('NoOp', [], { controlInputs: mustRun });
    for (const tensor of this.#returned) this.graph.updateOp(tensor.op, { addControlInputs: [barrier] });
  }
}
