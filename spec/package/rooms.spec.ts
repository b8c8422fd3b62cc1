/**
 * The lint rules that keep the rooms apart, proved on files that break them: Biome runs once, with the repository's own
 * configuration, over a temporary folder laid out as the repository is.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';

const root = join(__dirname, '..', '..');

/** The rules that each of the files breaks, by path. */
function lint(files: ReadonlyMap<string, string>): Map<string, string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-rooms-'));
  try {
    const config = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
    writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }));
    for (const [path, text] of files) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
    const options = ['lint', '--reporter=github', '--max-diagnostics=none'];
    const run = spawnSync(process.execPath, [biome, ...options], { cwd: folder, encoding: 'utf8' });
    const rules = new Map([...files.keys()].map((path): [string, string[]] => [path, []]));
    for (const [, rule, path] of run.stdout.matchAll(/title=lint\/\w+\/(\w+),file=([^,]+),/g)) {
      const known = [...files.keys()].find((key) => path?.endsWith(key));
      if (known !== undefined && rule !== undefined) rules.get(known)?.push(rule);
    }
    expect(run.status, `${run.stdout}\n${run.stderr}`).to.equal(1);
    return rules;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const runtime = `export { Session } from '../../runtime/session';\n`;

const broken: readonly (readonly [title: string, path: string, text: string, rule: string])[] = [
  [
    'graph/ imports runtime/',
    'graph/probe.ts',
    `export { Session } from '../runtime/session';\n`,
    'noRestrictedImports',
  ],
  ['a folder of graph/ imports runtime/', 'graph/ops/probe.ts', runtime, 'noRestrictedImports'],
  ['graph/ imports a type of runtime/', 'graph/ops/probe.ts', runtime.replace('{', 'type {'), 'noRestrictedImports'],
  [
    'graph/ imports runtime/ late',
    'graph/probe.ts',
    `export const late = () => import('../runtime/session');\n`,
    'noRestrictedImports',
  ],
  ['graph/ imports lib/', 'graph/probe.ts', `export * from '../lib/index';\n`, 'noRestrictedImports'],
  ['runtime/ imports lib/', 'runtime/kernels/probe.ts', `export * from '../../lib/index';\n`, 'noRestrictedImports'],
  ['lib/layers imports runtime/', 'lib/layers/probe.ts', runtime, 'noRestrictedImports'],
  ['lib/ imports spec/', 'lib/train/probe.ts', `export * from '../../spec/support/close';\n`, 'noRestrictedImports'],
  ['graph/ imports a Node built-in', 'graph/probe.ts', `export * from 'node:fs';\n`, 'noNodejsModules'],
  ['runtime/ imports a Node built-in', 'runtime/probe.ts', `export * from 'node:fs';\n`, 'noNodejsModules'],
  ['lib/train imports a Node built-in', 'lib/train/probe.ts', `export * from 'node:fs';\n`, 'noNodejsModules'],
  ['graph/ requires', 'graph/probe.ts', `export const registry = require('./registry');\n`, 'noCommonJs'],
  ['any', 'lib/nn/probe.ts', 'export const value: any = 1;\n', 'noExplicitAny'],
];

const legal: readonly (readonly [title: string, path: string, text: string])[] = [
  ['runtime/ imports graph/', 'runtime/kernels/probe.ts', `export { Graph } from '../../graph/graph';\n`],
  ['lib/train imports runtime/', 'lib/train/probe.ts', runtime],
  ['lib/index imports runtime/', 'lib/index.ts', `export { Session } from '../runtime/session';\n`],
  ['lib/layers imports graph/', 'lib/layers/probe.ts', `export { Graph } from '../../graph/graph';\n`],
  ['lib/cli imports a Node built-in', 'lib/cli/probe.ts', `export * from 'node:fs';\n`],
  ['spec/ imports every room', 'spec/lib/probe.ts', `${runtime}export { Graph } from '../../graph/graph';\n`],
];

describe('the rooms in lint', () => {
  let rules: Map<string, string[]>;
  const probe = (path: string, number: number): string => path.replace('probe', `probe${number}`);

  before(() => {
    rules = lint(new Map([...broken, ...legal].map(([, path, text], i) => [probe(path, i), text])));
  });

  broken.forEach(([title, path, , rule], i) => {
    it(`fails when ${title}`, () => {
      expect(rules.get(probe(path, i))).to.deep.equal([rule]);
    });
  });

  legal.forEach(([title, path], i) => {
    it(`passes when ${title}`, () => {
      expect(rules.get(probe(path, broken.length + i))).to.deep.equal([]);
    });
  });
});
