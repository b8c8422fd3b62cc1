/**
 * The bench: sluice beside other frameworks, each in its own process, in interleaved rounds.
 *
 *     npm run bench -- [workload or case ...] [--json] [--write] [--smoke] [--peers a,b] [--rounds 5] [--ms 300]
 *
 * A name is a workload (`a`) or a part of a case's name (`a/512`). --write puts the report into bench/RESULTS.md; --smoke runs
 * tiny cases of sluice alone, and fails when one is wrong. Peers are npm packages of bench/package.json, installed when
 * they are missing, and TensorFlow 2.15 where SLUICE_PYTHON names a Python that has it. Every peer's result is checked before
 * its time counts.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cases, smokeCases, titles } from './cases.mjs';
import { describeMachine, load } from './harness/machine.mjs';
import { bundlePeers } from './harness/peers.mjs';
import { reportOf } from './harness/report.mjs';
import { runCase } from './harness/runCase.mjs';

const bench = dirname(fileURLToPath(import.meta.url));
const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    peers: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    ms: { type: 'string', default: '300' },
    patience: { type: 'string', default: '120' },
  },
});

function installPeers() {
  if (existsSync(join(bench, 'node_modules'))) return;
  console.error('Installing the peers of bench/package.json.');
  const { status } = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'], {
    cwd: bench,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) console.error('They could not be installed: sluice is measured without them.');
}

const all = flags.smoke ? smokeCases : cases;
const isCalled = (wanted) => (each) => wanted === each.workload || `${each.workload}/${each.name}`.startsWith(wanted);
/** In the order in which they were asked for. */
const chosen =
  positionals.length === 0 ? all : [...new Set(positionals.flatMap((wanted) => all.filter(isCalled(wanted))))];
if (chosen.length === 0) {
  console.error(
    `No case is called ${positionals.join(' or ')}. Cases: ${cases.map(({ workload, name }) => `${workload}/${name}`).join(', ')}.`,
  );
  process.exit(1);
}
if (!flags.smoke && flags.peers === undefined) installPeers();

const options = {
  root: dirname(bench),
  bundles: await bundlePeers(dirname(bench)),
  python: flags.smoke ? undefined : process.env.SLUICE_PYTHON,
  rounds: flags.smoke ? 1 : Number(flags.rounds),
  milliseconds: flags.smoke ? 1 : Number(flags.ms),
  patience: Number(flags.patience),
  only: flags.smoke ? ['sluice-2t'] : (flags.peers?.split(',') ?? null),
};

const measured = [];
const loads = [];
const run = { machine: describeMachine(), loads, measured, when: new Date().toISOString().slice(0, 10), options };
let hasFailed = false;
for (const each of chosen) {
  loads.push(load());
  const results = await runCase(each, options);
  measured.push({ each, results });
  // After each case: a run that is interrupted leaves what it has measured.
  if (flags.write) writeFileSync(join(bench, 'RESULTS.md'), reportOf(run, titles));
  for (const [name, result] of Object.entries(results)) {
    if (result.skip && name.startsWith('sluice')) hasFailed = true;
    if (!flags.json) {
      const text = result.skip?.split('\n')[0] ?? `${result.time.toPrecision(3)} ms ± ${result.spread.toPrecision(2)}`;
      console.log(`${`${each.workload}/${each.name}`.padEnd(32)} ${name.padEnd(15)} ${text}`);
    }
  }
}

if (flags.json) console.log(JSON.stringify(run, null, 2));
if (hasFailed) {
  console.error('sluice failed in some cases.');
  process.exitCode = 1;
}
