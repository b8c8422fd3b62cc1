/**
 * `session.explain`: the plan of a fetch, as data and as text.
 */
import type { Explanation } from './facts';
import { explanationText } from './text';

export type { ExplainedKernel, Explanation } from './facts';

/** Prints as text and serialises as data. */
export class Explained {
  constructor(readonly data: Explanation) {}

  get text(): string {
    return explanationText(this.data);
  }

  toString(): string {
    return this.text;
  }

  toJSON(): Explanation {
    return this.data;
  }

  /** console.log shows the text. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.text;
  }
}
