/**
 * Mocha's own `spec` reporter, whose very last line is `N passed, N failed` (and `, N skipped` if there are any).
 *
 * The line is written in `done`, after everything else mocha has to say. A failing hook, and a run without any spec
 * under --fail-zero, count as failed: whoever reads only the last line is not told that all is well.
 */
import { reporters } from 'mocha';

class LastLineReporter extends reporters.Spec {
  override done(failures: number, finish: (failures: number) => void): void {
    const { passes, pending } = this.stats;
    const skipped = pending > 0 ? `, ${pending} skipped` : '';
    process.stdout.write(`${passes} passed, ${failures} failed${skipped}\n`, () => finish(failures));
  }
}

export = LastLineReporter;
