/**
 * One case: its peers are started, checked, and measured in interleaved rounds.
 */
import { startPeer, variants } from './peers.mjs';
import { median, spread } from './statistics.mjs';

/** Whether a peer's sampled result is the expected one. */
function wrongness(check, expected, tolerance) {
  if (expected === null) return null;
  if (check.length !== expected.length) return `${check.length} numbers, expected ${expected.length}`;
  for (let i = 0; i < check.length; i++) {
    const allowed = tolerance * Math.max(1, Math.abs(expected[i]));
    if (!(Math.abs(check[i] - expected[i]) <= allowed)) return `${check[i]}, expected ${expected[i]}`;
  }
  return null;
}

/** Whether sluice's variants differ for this workload: building graphs knows no threads. */
function variantsOf(workload, only) {
  const names = workload === 'h' ? ['sluice'] : Object.keys(variants);
  return names.filter((name) => only === null || only.includes(name));
}

/**
 * Figures by peer: `{ time, spread, … }` in ms, or `{ skip }` with the reason.
 *
 * @param options rounds, milliseconds of a round, only (names of peers, or null), and what startPeer takes.
 */
export async function runCase(each, options) {
  const { rounds, milliseconds, only } = options;
  const names = [
    ...variantsOf(each.workload, only),
    ...each.peers.filter((name) => only === null || only.includes(name)),
  ];
  const results = {};
  const running = [];
  try {
    const checks = {};
    for (const name of names) {
      const peer = startPeer(name, options);
      if (!peer) continue;
      running.push([name, peer]);
      try {
        const answer = await within(
          options.patience,
          peer.ask({ case: { workload: each.workload, name: each.name, params: each.params } }),
        );
        if (answer.skip) results[name] = { skip: answer.skip };
        else checks[name] = answer.check;
      } catch (error) {
        results[name] = { skip: error.message };
        // One that is late would go on computing beside the others.
        peer.end();
      }
    }
    const reference = each.expected
      ? each.expected(each.params)
      : (checks.tf ?? checks['tf-2t'] ?? checks.sluice ?? null);
    for (const [name, check] of Object.entries(checks)) {
      const wrong = name === 'roof' ? null : wrongness(check, reference, each.tolerance ?? 1e-4);
      if (wrong) results[name] = { skip: `computes something else: ${wrong}`, isWrong: true };
    }
    const times = new Map(
      running.filter(([name]) => !results[name]).map(([name, peer]) => [name, { peer, answers: [] }]),
    );
    for (let round = 0; round < rounds; round++) {
      for (const [name, { peer, answers }] of times) {
        if (results[name]) continue;
        try {
          answers.push(await within(options.patience, peer.ask({ milliseconds, isFirst: round === 0 })));
        } catch (error) {
          results[name] = { skip: error.message };
          peer.end();
        }
      }
    }
    for (const [name, { answers }] of times) if (!results[name]) results[name] = summarize(answers);
  } finally {
    for (const [, peer] of running) peer.end();
  }
  return Object.fromEntries(names.filter((name) => results[name]).map((name) => [name, results[name]]));
}

function summarize(answers) {
  const summary = {};
  for (const key of Object.keys(answers[0])) summary[key] = median(answers.map((answer) => answer[key]));
  return {
    ...summary,
    spread: spread(answers.map(({ time }) => time)),
    best: Math.min(...answers.map(({ time }) => time)),
  };
}

/** Rejects when an answer takes longer than that many seconds. */
function within(seconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took more than ${seconds} s`)), seconds * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
