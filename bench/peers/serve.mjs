/**
 * The loop of a peer written in JavaScript: builds the case it is told, checks, then measures rounds when asked.
 *
 * `prepare(case)` returns `{ run, check }`, or `{ skip }` with the reason why this framework cannot; `run` may be async.
 * Instead of `run`, `round` may return figures of its own.
 */
import { createInterface } from 'node:readline';

export async function serve(prepare) {
  let prepared;
  for await (const line of createInterface({ input: process.stdin })) {
    const message = JSON.parse(line);
    let answer;
    try {
      if (message.case) {
        prepared = await prepare(message.case);
        answer = prepared.skip ? { skip: prepared.skip } : { check: await prepared.check() };
      } else answer = await (prepared.round ? prepared.round() : measure(prepared.run, message));
    } catch (error) {
      // The message only: a stack names places on this machine, and results are kept.
      answer = { error: String(error).slice(0, 1000) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  process.exit();
}

/** Runs for about `milliseconds`, at least once; the median time of a run in ms. */
async function measure(run, { milliseconds, isFirst }) {
  // Compiles what the check did not.
  if (isFirst) await run();
  const times = [];
  const begin = performance.now();
  let batch = 1;
  while (times.length === 0 || performance.now() - begin < milliseconds) {
    const start = performance.now();
    for (let i = 0; i < batch; i++) {
      const pending = run();
      if (pending !== undefined) await pending;
    }
    const time = performance.now() - start;
    times.push(time / batch);
    // The clock is too coarse for runs of a few microseconds.
    if (time < 0.5) batch *= 2;
  }
  times.sort((a, b) => a - b);
  return { time: times[times.length >> 1], runs: times.length };
}
