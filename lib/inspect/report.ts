/**
 * What inspection returns: data for programs, text for people. It prints as its text and serialises as its data.
 */
export class Report<D> {
  constructor(
    /** The finding itself, for programs. */
    readonly data: D,
    readonly text: string,
  ) {}

  toString(): string {
    return this.text;
  }

  toJSON(): D {
    return this.data;
  }

  /** console.log shows the text. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.text;
  }
}
