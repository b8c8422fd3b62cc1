/**
 * What single nodes keep between the runs of a session, above all their random streams, under the path of function calls
 * that leads to the node. Streams can be read and restored, so that a run can be continued elsewhere.
 */

/** A node's state that can be saved as JSON and set again. */
export interface Restorable {
  getState(): unknown;
  setState(state: never): void;
}

function isRestorable(value: unknown): value is Restorable {
  return typeof value === 'object' && value !== null && 'getState' in value && 'setState' in value;
}

export class NodeStates {
  readonly #states = new Map<string, unknown>();
  /** Restored states of nodes that have not run yet in this session. */
  readonly #waiting = new Map<string, unknown>();

  get<S>(key: string, create: () => S): S {
    if (!this.#states.has(key)) {
      const state = create();
      if (this.#waiting.has(key) && isRestorable(state)) state.setState(this.#waiting.get(key) as never);
      this.#waiting.delete(key);
      this.#states.set(key, state);
    }
    return this.#states.get(key) as S;
  }

  /** The state of every node that has one, by path. */
  save(): Record<string, unknown> {
    const live = [...this.#states].flatMap(([key, state]) =>
      isRestorable(state) ? [[key, state.getState()] as const] : [],
    );
    return Object.fromEntries([...this.#waiting, ...live]);
  }

  /** Sets all states; nodes that are not mentioned start afresh. */
  restore(saved: Readonly<Record<string, unknown>>): void {
    this.#states.clear();
    this.#waiting.clear();
    for (const [key, state] of Object.entries(saved)) this.#waiting.set(key, state);
  }
}
