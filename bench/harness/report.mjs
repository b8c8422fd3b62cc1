/**
 * Reports: a table for each workload, as text for people and for bench/RESULTS.md.
 */
import { legend, variants } from './peers.mjs';
import { exponent } from './statistics.mjs';

function timeText(ms) {
  if (ms >= 1000) return `${(ms / 1000).toPrecision(3)} s`;
  if (ms >= 1) return `${ms.toPrecision(3)} ms`;
  return `${(ms * 1000).toPrecision(3)} µs`;
}

/** How fast that is, in the unit of the case. */
function rateText(each, ms) {
  if (each.flops) return `${(each.flops / ms / 1e6).toPrecision(3)} GF/s`;
  if (each.bytes) return `${(each.bytes / ms / 1e6).toPrecision(3)} GB/s`;
  if (each.elements) return `${(each.elements / ms / 1e6).toPrecision(3)} G/s`;
  return '';
}

const isOurs = (name) => name in variants;

/** Lines of a markdown table: one row for each case and peer. */
function tableOf(measured) {
  const lines = [
    '| case | peer | median | ± | rate | against the best other | more |',
    '| --- | --- | ---: | ---: | ---: | ---: | --- |',
  ];
  for (const { each, results } of measured) {
    const others = Object.entries(results).filter(([name, result]) => !isOurs(name) && name !== 'roof' && !result.skip);
    const best = Math.min(...others.map(([, { time }]) => time));
    for (const [name, result] of Object.entries(results)) {
      if (result.skip) {
        lines.push(
          `| ${each.name} | ${name} | – | | | | ${result.skip.replaceAll('|', '/').replaceAll('\n', ' ').slice(0, 160)} |`,
        );
        continue;
      }
      const { time, spread, best: _best, runs: _runs, ...more } = result;
      const ratio = Number.isFinite(best) && name !== 'roof' ? `${(best / time).toPrecision(3)}×` : '';
      const extra = Object.entries(more).map(([key, value]) => `${key} ${shortNumber(value)}`);
      lines.push(
        `| ${each.name} | ${name} | ${timeText(time)} | ${timeText(spread)} | ${rateText(each, time)} | ${ratio} | ${extra.join(', ')} |`,
      );
    }
  }
  return lines;
}

function shortNumber(value) {
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}

/** How cost grows with the number of ops, for building. */
function growthOf(measured) {
  const points = (figure) =>
    measured.flatMap(({ each, results }) =>
      results.sluice?.skip === undefined && results.sluice
        ? [[each.params.ops, figure(results.sluice, each.params.ops)]]
        : [],
    );
  const building = points(({ time }) => time);
  if (building.length < 2) return [];
  const running = points((result) => result['first run ms']);
  return [
    '',
    `Cost grows with ops to the power ${exponent(building).toFixed(2)} (building) and ${exponent(running).toFixed(2)} (first run).`,
  ];
}

/** The report of a whole run, in markdown. */
export function reportOf({ machine, loads, measured, when, options }, titles) {
  const busy =
    Math.max(...loads) > machine.cores + 1
      ? ' That is more than its cores: other work ran beside, so times are too long and scatter; only large ratios mean something.'
      : '';
  const lines = [
    '# Results',
    '',
    'Written by `npm run bench -- --write`; see bench/main.mjs for what is measured and how.',
    '',
    `${when}. ${machine.cpu}, ${machine.cores} cores (${machine.vectors.join(', ')}), ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}.`,
    `Load of the machine while measuring: ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}.${busy}`,
    `${options.rounds} interleaved rounds of ${options.milliseconds} ms; ± is the median absolute deviation. "Against the best other" above 1 is faster than every other framework.`,
    '',
    ...Object.entries(legend).map(([name, text]) => `- \`${name}\`: ${text}`),
  ];
  for (const [workload, title] of Object.entries(titles)) {
    const own = measured.filter(({ each }) => each.workload === workload);
    if (own.length === 0) continue;
    lines.push('', `## ${workload}. ${title}`, '', ...tableOf(own), ...(workload === 'h' ? growthOf(own) : []));
  }
  return `${lines.join('\n')}\n`;
}
