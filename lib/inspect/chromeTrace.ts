/**
 * Times of kernels as Chrome's trace events, which Perfetto (ui.perfetto.dev) and chrome://tracing open. The format is Google's
 * "Trace Event Format"; nothing here measures.
 */
import type { NodeStats, RunMetadata } from '../../runtime/config';
import { Tracer } from '../../runtime/tracer';
import { Report } from './report';

/** One event: `X` has a duration, `i` is an instant, `M` names a process or a lane. */
export interface TraceEvent {
  readonly name: string;
  readonly ph: 'X' | 'i' | 'M';
  readonly pid: number;
  readonly tid: number;
  /** Microseconds. */
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  /** An instant's reach: all lanes. */
  readonly s?: 'g';
  readonly args?: Readonly<Record<string, unknown>>;
}

export interface ChromeTrace {
  readonly displayTimeUnit: 'ms';
  readonly traceEvents: readonly TraceEvent[];
}

const PID = 1;
const RUNS = 1;
const KERNELS = 2;

/** What people call a kernel: its routine, or the ops that it covers. */
function titleOf({ kernel, ops, nodeName, opType }: NodeStats): string {
  if (kernel.kind === 'routine') return `${kernel.name} ${nodeName}`;
  if (kernel.kind === 'host') return `${opType} ${nodeName}`;
  return ops.length > 1 ? `${nodeName} + ${ops.length - 1}` : nodeName;
}

function kernelEvent(stats: NodeStats & { readonly step?: number }): TraceEvent {
  const { kernel, ops, startMicros, durationMicros, step } = stats;
  const { flops, bytes } = kernel;
  const perSecond = (amount: number) => (durationMicros > 0 ? amount / durationMicros / 1000 : 0);
  return {
    name: titleOf(stats),
    cat: kernel.kind,
    ph: 'X',
    pid: PID,
    tid: KERNELS,
    ts: startMicros,
    dur: durationMicros,
    args: {
      ops,
      ...(step === undefined ? {} : { step }),
      flops,
      bytes,
      'GFlop/s': perSecond(flops),
      'GB/s': perSecond(bytes),
    },
  };
}

const named = (name: string, tid: number, value: string): TraceEvent => ({
  name,
  ph: 'M',
  pid: PID,
  tid,
  args: { name: value },
});

/**
 * The trace of one run, or of all that a tracer holds: a lane of runs, with marks, and a lane of kernels that name the ops they
 * cover. The report's text is the JSON that Perfetto opens.
 */
export function chromeTrace(source: RunMetadata | Tracer): Report<ChromeTrace> {
  const isTracer = source instanceof Tracer;
  const kernels = isTracer ? source.kernels : (source.stepStats ?? []).flatMap(({ nodeStats }) => nodeStats);
  const events: TraceEvent[] = [
    named('process_name', RUNS, 'sluice'),
    ...(isTracer ? [named('thread_name', RUNS, 'runs')] : []),
    named('thread_name', KERNELS, 'kernels'),
  ];
  if (isTracer) {
    for (const { name, step, startMicros, durationMicros, failed } of source.steps) {
      const args = { step, ...(failed ? { failed } : {}) };
      events.push({ name, cat: 'run', ph: 'X', pid: PID, tid: RUNS, ts: startMicros, dur: durationMicros, args });
    }
    for (const { name, step, atMicros } of source.marks)
      events.push({ name, cat: 'mark', ph: 'i', s: 'g', pid: PID, tid: RUNS, ts: atMicros, args: { step } });
  }
  for (const kernel of kernels) events.push(kernelEvent(kernel));
  const trace: ChromeTrace = { displayTimeUnit: 'ms', traceEvents: events };
  return new Report(trace, JSON.stringify(trace));
}
