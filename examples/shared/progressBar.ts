/**
 * A progress bar on a terminal; one line at the end everywhere else.
 */
import { SingleBar } from 'cli-progress';

export class ProgressBar {
  readonly #bar: SingleBar;
  readonly #isTerminal = process.stdout.isTTY === true;
  #note = '';

  constructor(
    readonly title: string,
    readonly total: number,
  ) {
    this.#bar = new SingleBar({
      format: `${title} [{bar}] {value}/{total} {note}`,
      hideCursor: true,
      stream: process.stdout,
    });
    if (this.#isTerminal) this.#bar.start(total, 0, { note: '' });
  }

  /** One step forward, with a note behind the bar. */
  advance(note: string): void {
    this.#note = note;
    if (this.#isTerminal) this.#bar.increment({ note });
  }

  finish(): void {
    if (this.#isTerminal) this.#bar.stop();
    else console.log(`${this.title}: ${this.total} steps, ${this.#note}`);
  }
}
