/**
 * What a run would do, as data: the kernels of a plan for given feeds, what became of every op, and how much memory it takes.
 *
 * It is read off the plan's own passes, run again for it: nothing is compiled and nothing runs.
 */
import type { Operation } from '../../graph/operation';
import { expressionsOf } from '../backends/wasm/loops/nest';
import { type Expression, scalarTypeOf, visitExpression } from '../ir/expression';
import { type Buffer, buffersOf, type Kernel, type KernelProgram } from '../ir/kernel';
import { printKernel } from '../ir/print';
import { lowerings } from '../lowering/index';
import { callsFunctions } from '../plan/calledFunction';
import { describeKernel } from '../plan/describe';
import type { FusionNotes } from '../plan/fusion/kernelList';
import type { Lowered, LowerNote } from '../plan/lowered';
import { bytesOf, type Layout } from '../plan/memory';
import { isLoweredPadded } from '../plan/paddedRows';
import { whyApart } from './fusion';

export interface ExplainedKernel {
  /** A generated loop, a routine such as a matrix product, or a plain kernel on the host. */
  readonly kind: 'loop' | 'routine' | 'host';
  /** The kernel as text; `aN` are values in the arena, `iN` inputs, `cN` constants, `@name` variables. */
  readonly text: string;
  /** The ops that it computes. */
  readonly ops: readonly { readonly name: string; readonly type: string }[];
  /** Operations on numbers, and bytes of the arrays that it reads and writes. */
  readonly flops: number;
  readonly bytes: number;
  /** Who reads its results: positions of kernels (its own for later phases), and whether they are fetched. */
  readonly results: readonly {
    readonly buffer: string;
    readonly readers: readonly number[];
    readonly fetched: boolean;
  }[];
  /** Why it was not joined to the kernel that computes its inputs, where that can be told. */
  readonly apart: string | null;
  /** Why a plain kernel runs on the host; null for compiled kernels. */
  readonly host: string | null;
}

export interface Explanation {
  /** Ops that the fetches need, in the graph itself, but for those of `plain`. */
  readonly ops: number;
  readonly kernels: readonly ExplainedKernel[];
  /** Ops that no kernel computes, by what became of them. */
  readonly without: {
    /** Constants, and what was computed of them while compiling. */
    readonly constant: readonly string[];
    /** Another walk over the same memory, or the same value. */
    readonly views: readonly string[];
    /** Calls whose functions stand in their place. */
    readonly inlined: readonly string[];
    /** They compute what another op computes, too. */
    readonly shared: readonly string[];
    /** Lowered, and then read by nothing. */
    readonly unread: readonly string[];
  };
  /** Ops of later stages: they are compiled in the middle of the run. */
  readonly waiting: readonly { readonly op: string; readonly reason: string }[];
  /** Ops that run plain kernels, one by one, after all others: control flow of TensorFlow v1 and what goes with it. */
  readonly plain: readonly string[];
  readonly memory: {
    /** Values between kernels, and the least that any layout takes. */
    readonly arenaBytes: number;
    readonly lowerBoundBytes: number;
    readonly constantBytes: number;
    readonly variableBytes: number;
  };
}

export interface Lowering {
  /** Ops of the plan. */
  readonly ops: readonly Operation[];
  readonly notes: readonly LowerNote[];
  readonly lowered: Lowered;
  readonly program: KernelProgram;
  readonly layout: Layout;
  /** Why kernels were not joined. */
  readonly fusionNotes: FusionNotes;
}

export function explainLowering(lowering: Lowering): Explanation {
  const { ops, lowered, program, layout } = lowering;
  return {
    ops: ops.length,
    kernels: kernelsOf(lowering),
    without: withoutKernel(lowering),
    waiting: waitingOps(lowering),
    plain: [],
    memory: {
      arenaBytes: layout.bytes,
      lowerBoundBytes: layout.lowerBound,
      constantBytes: sumOf(distinctBuffers(program).filter(({ place }) => place.kind === 'const')),
      variableBytes: lowered.variables.reduce(
        (sum, { ref }) => sum + ref.shape.reduce((n, dim) => n * dim, 1) * ref.dtype.size,
        0,
      ),
    },
  };
}

const sumOf = (buffers: readonly Buffer[]): number => buffers.reduce((sum, buffer) => sum + bytesOf(buffer), 0);

function distinctBuffers({ kernels, results }: KernelProgram): Buffer[] {
  const found = new Set<Buffer>(results);
  for (const kernel of kernels) {
    const { reads, writes } = buffersOf(kernel);
    for (const buffer of [...reads, ...writes]) found.add(buffer);
  }
  return [...found];
}

/** Buffers that a kernel loads: also those that an earlier phase of it stores, or the routine for its epilogue. */
function readBuffers(kernel: Kernel): ReadonlySet<Buffer> {
  const found = new Set(buffersOf(kernel).reads);
  const loop = kernel.kind === 'loop' ? kernel : kernel.kind === 'routine' ? kernel.epilogue : null;
  if (loop === null) return found;
  const seen = new Set<Expression>();
  for (const root of expressionsOf(loop))
    visitExpression(root, (e) => (e.kind === 'load' ? found.add(loop.accesses[e.access].buffer) : null), seen);
  return found;
}

function kernelsOf({ program, lowered, fusionNotes }: Lowering): ExplainedKernel[] {
  const { kernels } = program;
  const fetched = new Set(program.results);
  const readers = new Map<Buffer, number[]>();
  kernels.forEach((kernel, at) => {
    for (const buffer of readBuffers(kernel)) {
      const known = readers.get(buffer);
      if (known) known.push(at);
      else readers.set(buffer, [at]);
    }
  });
  const apart = whyApart(program, fusionNotes);
  return kernels.map((kernel, at) => {
    const { flops, bytes } = describeKernel(kernel);
    return {
      kind: kernel.kind,
      text: printKernel(kernel),
      ops: kernel.ops.map(({ name, type }) => ({ name, type })),
      flops,
      bytes,
      results: [...new Set(buffersOf(kernel).writes)]
        .filter(({ place }) => place.kind !== 'variable' && place.kind !== 'scratch')
        .map((buffer) => ({
          buffer: `${buffer.place.kind[0]}${buffer.id}`,
          readers: readers.get(buffer) ?? [],
          fetched: fetched.has(buffer),
        })),
      apart: apart[at],
      host: kernel.kind === 'host' ? whyOnHost(kernel, lowered) : null,
    };
  });
}

function whyOnHost(kernel: Kernel & { kind: 'host' }, lowered: Lowered): string {
  const { op } = kernel.call;
  if (lowered.hostSteps[kernel.call.step].isGuard) return 'only to raise its error, when a compiled check fails';
  if (op.type === 'Placeholder') return 'it is not fed: a run fails here';
  const foreign = [...op.inputs, ...op.outputs].find(
    ({ dtype }) => dtype.name !== 'resource' && scalarTypeOf(dtype) === null,
  );
  if (lowerings[op.type] && foreign) return `compiled kernels do not know ${foreign.dtype.name}`;
  if (isLoweredPadded(op)) return 'the length of its result depends on the data, and that shows';
  if (lowerings[op.type])
    return 'its lowering leaves these attributes, shapes or values to the plain kernel, some because they are known only when it runs';
  if (callsFunctions(op)) return 'which function it calls, or how often, is known only when it runs';
  return `${op.type} has no lowering`;
}

/** Values of these kinds cost nothing. */
const free: ReadonlySet<string> = new Set(['view', 'reshape', 'variable', 'const', 'input']);

function withoutKernel({ notes, lowered, program }: Lowering): Explanation['without'] {
  const covered = new Set(program.kernels.flatMap(({ ops }) => ops));
  const computes = new Set<Operation>();
  for (const item of lowered.program.items) {
    if (item.kind !== 'value') {
      if (item.op) computes.add(item.op);
    } else if (item.value.op && !free.has(item.value.definition.kind)) computes.add(item.value.op);
  }
  const groups = {
    constant: new Set<string>(),
    views: new Set<string>(),
    inlined: new Set<string>(),
    shared: new Set<string>(),
    unread: new Set<string>(),
  };
  for (const { op, outcome } of notes) {
    if (covered.has(op) || outcome === 'waits' || outcome === 'host') continue;
    if (outcome === 'lowered') (computes.has(op) ? groups.unread : groups.views).add(op.name);
    else if (outcome === 'alias') groups.views.add(op.name);
    else groups[outcome].add(op.name);
  }
  return {
    constant: [...groups.constant],
    views: [...groups.views],
    inlined: [...groups.inlined],
    shared: [...groups.shared],
    unread: [...groups.unread],
  };
}

function waitingOps({ notes, ops }: Lowering): Explanation['waiting'] {
  const outcomes = new Map(notes.map(({ op, outcome }) => [op, outcome]));
  const isLate = (op: Operation) => outcomes.get(op) === 'waits';
  return ops.filter(isLate).map((op) => {
    const input = op.inputs.find((tensor) => isLate(tensor.op) || outcomes.get(tensor.op) === 'host');
    const control = op.controlInputs.find(isLate);
    const reason = input
      ? isLate(input.op)
        ? `it reads ${input.name}, which waits`
        : `the shape of ${input.name} is known only when ${input.op.name} has run`
      : control
        ? `it runs after ${control.name}, which waits`
        : 'ops with effects keep their order, and one before it waits';
    return { op: op.name, reason };
  });
}
