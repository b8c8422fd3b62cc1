/**
 * Times of kernels: of one run for its RunMetadata, or kept over many runs in a Tracer.
 *
 * A Tracer holds the latest events in a ring, so it may stay on a session for as long as that lives. What to make of the
 * times — a table, a file for Perfetto — is lib/inspect's affair.
 */
import { ValueError } from '../graph/errors';
import type { NodeStats } from './config';
import type { KernelEvent } from './plan/describe';

export function nodeStatsOf(event: KernelEvent, startMicros: number, durationMicros: number): NodeStats {
  const { ops, kind, name, flops, bytes } = event;
  const last = ops[ops.length - 1];
  return {
    nodeName: last?.name ?? '',
    opType: last?.type ?? '',
    ops: ops.map((op) => op.name),
    kernel: { kind, name, flops, bytes },
    startMicros,
    durationMicros,
  };
}

/** Takes the times of one run. */
export class RunTrace {
  readonly nodeStats: NodeStats[] = [];
  readonly #origin = performance.now();

  readonly record = (event: KernelEvent, start: number, end: number): void => {
    this.nodeStats.push(nodeStatsOf(event, (start - this.#origin) * 1000, (end - start) * 1000));
  };
}

/** A kernel that ran, in which run, and when since the tracer was made. */
export interface TracedKernel extends NodeStats {
  readonly step: number;
}

export interface TracedStep {
  /** Counts runs from 0. */
  readonly step: number;
  /** What was fetched. */
  readonly name: string;
  readonly startMicros: number;
  readonly durationMicros: number;
  readonly failed: boolean;
}

/** A moment that the program gave a name. */
export interface TraceMark {
  readonly name: string;
  /** The step that comes next. */
  readonly step: number;
  readonly atMicros: number;
}

interface Entry {
  readonly event: KernelEvent;
  readonly step: number;
  readonly start: number;
  readonly end: number;
}

/** The latest entries of a list that never ends. */
class Ring<T> {
  readonly #entries: T[] = [];
  #next = 0;
  dropped = 0;

  constructor(readonly capacity: number) {}

  add(entry: T): void {
    if (this.#entries.length < this.capacity) {
      this.#entries.push(entry);
      return;
    }
    this.#entries[this.#next] = entry;
    this.#next = (this.#next + 1) % this.capacity;
    this.dropped++;
  }

  /** Oldest first. */
  list(): T[] {
    return [...this.#entries.slice(this.#next), ...this.#entries.slice(0, this.#next)];
  }

  clear(): void {
    this.#entries.length = 0;
    this.#next = 0;
    this.dropped = 0;
  }
}

/**
 * Collects the times of all kernels of a session's runs while it is the session's `tracer`:
 *
 *     session.tracer = new tf.Tracer();
 *     … // runs
 *     writeFileSync('trace.json', String(tf.inspect.chromeTrace(session.tracer)));
 *
 * It can be put on, and taken off, between any two runs. One tracer may serve several sessions.
 */
export class Tracer {
  readonly #origin = performance.now();
  readonly #kernels: Ring<Entry>;
  readonly #steps: Ring<TracedStep>;
  readonly #marks: Ring<TraceMark>;
  #count = 0;

  /** @param options `capacity`: how many kernels are kept, and at most how many steps and marks; the oldest go first. */
  constructor({ capacity = 65_536 }: { readonly capacity?: number } = {}) {
    if (!Number.isSafeInteger(capacity) || capacity < 1)
      throw new ValueError(`capacity must be a positive integer, got ${capacity}.`);
    this.#kernels = new Ring(capacity);
    this.#steps = new Ring(capacity);
    this.#marks = new Ring(capacity);
  }

  /** Names this moment, as `epoch 3`. */
  mark(name: string): void {
    this.#marks.add({ name, step: this.#count, atMicros: this.#micros(performance.now()) });
  }

  /** The kernels that are kept, in the order in which they ended. */
  get kernels(): TracedKernel[] {
    return this.#kernels.list().map(({ event, step, start, end }) => ({
      ...nodeStatsOf(event, this.#micros(start), (end - start) * 1000),
      step,
    }));
  }

  get steps(): TracedStep[] {
    return this.#steps.list();
  }

  get marks(): TraceMark[] {
    return this.#marks.list();
  }

  /** How many kernels made room for later ones. */
  get dropped(): number {
    return this.#kernels.dropped;
  }

  /** Forgets what it holds; steps are counted on. */
  clear(): void {
    for (const ring of [this.#kernels, this.#steps, this.#marks]) ring.clear();
  }

  /** For sessions: begins a run. `record` takes its kernels, `end` ends it. */
  begin(name: string): { record(event: KernelEvent, start: number, end: number): void; end(failed: boolean): void } {
    const step = this.#count++;
    const began = performance.now();
    return {
      record: (event, start, end) => this.#kernels.add({ event, step, start, end }),
      end: (failed) => {
        const durationMicros = (performance.now() - began) * 1000;
        this.#steps.add({ step, name, startMicros: this.#micros(began), durationMicros, failed });
      },
    };
  }

  toString(): string {
    const kept = this.#kernels.list().length;
    return `<Tracer of ${this.#count} runs, ${kept} kernels kept, ${this.dropped} dropped>`;
  }

  #micros(time: number): number {
    return (time - this.#origin) * 1000;
  }
}
