/**
 * A routine while fusion adds an epilogue to it: what is computed of its result, element by element, while that is in the cache.
 *
 * The epilogue is a draft like others, over the result's own domain, in which the result is computed already. What joins it must
 * see that domain as rows × columns, as the routine does; the finished epilogue walks just these two axes.
 */
import type { Operation } from '../../../graph/operation';
import { stridesOf } from '../../broadcast';
import { scalarTypeOf } from '../../ir/expression';
import type { Buffer, LoopKernel, RoutineKernel } from '../../ir/kernel';
import type { RoutineWithEpilogue, Value } from '../../ir/value';
import { isFlatWalk, KernelDraft } from './kernelDraft';
import { domainOf } from './operands';
import type { Leaf } from './reading';

/** Nodes of an epilogue, and addresses that it takes: each becomes a part of a module of its own. */
const MAX_EPILOGUE = 160;
const MAX_ACCESSES = 24;
/** Results of fewer elements stay in the first cache, and another pass over them costs less than a module. */
const MIN_ELEMENTS = 16384;

/** Whether a routine's result is worth an epilogue. */
export function isWorthEpilogue(routine: RoutineWithEpilogue): boolean {
  const { rows, columns } = routine;
  return rows > 1 && columns > 1 && rows * columns >= MIN_ELEMENTS;
}

export class RoutineDraft {
  readonly kind = 'routineDraft';
  readonly epilogue: KernelDraft;

  constructor(
    readonly index: number,
    readonly kernel: RoutineKernel,
    readonly result: Value,
  ) {
    const { lengths } = domainOf(result.shape);
    this.epilogue = new KernelDraft(index, lengths);
    const [buffer] = kernel.outputs;
    const access = this.epilogue.accessTo(buffer, 0, stridesOf(lengths));
    const type = scalarTypeOf(result.dtype)!;
    this.epilogue.computed.set(buffer, { level: 'element', phase: 0, expression: { kind: 'load', type, access } });
  }

  /** Whether the result can be in scratch memory only, if nobody but the epilogue reads it. */
  get mayStayUnstored(): boolean {
    return this.kernel.routine.withEpilogue!.scratchRows > 0;
  }

  /** Whether an expression over these leaves can be computed in the epilogue. */
  fits(leaves: readonly Leaf[], drawsRandom: boolean, readsPosition: boolean): boolean {
    const { epilogue, kernel } = this;
    const { domain } = epilogue;
    const rank = domain.length;
    if (epilogue.size > MAX_EPILOGUE || epilogue.accesses.length + leaves.length > MAX_ACCESSES) return false;
    if (readsPosition && rank > 2) return false;
    const rows = domain.slice(0, -1);
    for (const { placement, offset, strides } of leaves) {
      if (!isFlatWalk(rows, strides)) return false;
      if (placement.kernel === this.index && !epilogue.isOwnPosition(placement.buffer, offset, strides)) return false;
    }
    if (!drawsRandom) return true;
    // Words come sixteen at a time, and rectangles begin and end at multiples of sixteen columns in products of float32 only.
    return epilogue.streams.length === 0 && domain[rank - 1] % 16 === 0 && kernel.outputs[0].dtype.name === 'float32';
  }

  #unstored(result: Buffer): Buffer {
    return this.mayStayUnstored ? { ...result, place: { kind: 'scratch' } } : result;
  }

  /** The routine with what is needed of its epilogue; null when nothing of it is. */
  finish(isNeeded: (buffer: Buffer) => boolean): RoutineKernel | null {
    const { kernel } = this;
    const loop = this.epilogue.finish(isNeeded);
    const [result] = kernel.outputs;
    if (loop === null) return isNeeded(result) ? kernel : null;
    const own = isNeeded(result) ? result : (inPlaceOf(loop, result) ?? this.#unstored(result));
    return {
      ...kernel,
      outputs: [own],
      epilogue: asRectangle(loop, kernel, (buffer) => (buffer === result ? own : buffer)),
      ops: [...new Set<Operation>([...kernel.ops, ...loop.ops])],
    };
  }
}

/** A buffer that the epilogue fills as the routine fills its result: the routine can compute right into it. */
function inPlaceOf({ phases, accesses }: LoopKernel, result: Buffer): Buffer | null {
  const stored = phases.flatMap(({ stores }) => stores.map(({ access }) => accesses[access].buffer));
  const isLike = ({ place, dtype, elements }: Buffer) =>
    place.kind === 'arena' && dtype === result.dtype && elements === result.elements;
  return stored.find(isLike) ?? null;
}

/** The epilogue over rows × columns. */
function asRectangle(loop: LoopKernel, kernel: RoutineKernel, bufferOf: (buffer: Buffer) => Buffer): LoopKernel {
  const { rows, columns } = kernel.routine.withEpilogue!;
  const rank = loop.domain.length;
  return {
    ...loop,
    domain: [rows, columns],
    reduced: [false, false],
    accesses: loop.accesses.map(({ buffer, offset, strides }) => ({
      buffer: bufferOf(buffer),
      offset,
      strides: strides.slice(rank - 2),
    })),
  };
}
