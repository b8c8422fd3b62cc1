/**
 * Notices a graph that grows between runs: ops made inside a training loop slow every later run down.
 */
import type { Graph } from '../graph/graph';

/** After so many runs to which one source line had added ops, it is warned about. */
const RUNS_BEFORE_WARNING = 3;

/** How many of the new ops of one run are traced to their line. */
const TRACED_OPS = 8;

export class GrowthWatch {
  #version: number | null = null;
  #warned = false;
  readonly #runsByLine = new Map<string, number>();

  constructor(
    readonly graph: Graph,
    readonly warn: (line: string) => void,
  ) {}

  /** To be called at each run. */
  observe(): void {
    const before = this.#version;
    this.#version = this.graph.version;
    if (this.#warned || before === null || before === this.graph.version) return;
    const lines = new Set<string>();
    for (const op of this.graph.operations.slice(before, before + TRACED_OPS))
      if (op.creationSite) lines.add(op.creationSite);
    for (const line of lines) {
      const runs = (this.#runsByLine.get(line) ?? 0) + 1;
      this.#runsByLine.set(line, runs);
      if (runs < RUNS_BEFORE_WARNING) continue;
      this.#report(line);
      return;
    }
  }

  #report(line: string): void {
    this.#warned = true;
    this.warn(
      `The graph has grown before ${RUNS_BEFORE_WARNING} runs of this session by ops made at ${line}. ` +
        'Build ops once, outside of the loop that runs them; graph.finalize() turns such growth into an error.',
    );
  }
}
