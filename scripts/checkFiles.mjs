/**
 * The house's rules about files that Biome does not know: every source file but a spec opens with a comment that says
 * what it is, none has more than 500 lines unless that comment says `Long because …`, relative imports stay in the
 * repository, and git knows nothing beside the rooms but the files that are named here.
 *
 *     node scripts/checkFiles.mjs [--report]      # --report: lines per folder, too
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const rooms = ['graph', 'runtime', 'lib', 'spec', 'examples', 'scripts', 'bench'];
const besideRooms = new Set([
  ...['.ci', 'docs', '.gitignore', '.mocharc.json', 'biome.json', 'package.json', 'package-lock.json'],
  ...['tsconfig.json', 'tsconfig.browser.json', 'README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE'],
]);
const notOurs = new Set(['generated', 'node_modules', '.cache']);
const mostLines = 500;
const root = dirname(dirname(fileURLToPath(import.meta.url)));

function* sources(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!notOurs.has(entry.name)) yield* sources(path);
    } else if (/\.[mc]?[tj]s$/.test(entry.name)) yield path;
  }
}

/** The comment a file opens with (after a `#!` line, which a program may have). */
function headOf(text) {
  return /^(?:#!.*\n)?\/\*\*[\s\S]*?\*\//.exec(text)?.[0];
}

function problemsOf(path, text, lines) {
  const problems = [];
  const head = headOf(text);
  if (head === undefined && !path.endsWith('.spec.ts')) problems.push('has no head comment that says what the file is');
  if (lines > mostLines && !/\blong because\b/i.test(head ?? '')) {
    problems.push(`has ${lines} lines: split it by subject, or let its head say "Long because …"`);
  }
  for (const [, specifier] of text.matchAll(/(?:\bfrom|\bimport\(?|\brequire\()\s*['"](\.{1,2}\/[^'"]*)['"]/g)) {
    if (!resolve(root, dirname(path), specifier).startsWith(root + sep))
      problems.push(`imports ${specifier}, which lies outside`);
  }
  return problems.map((problem) => `${path} ${problem}`);
}

/** What a program that was run from the root left there, and somebody added. */
function strayNames() {
  const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  const names = new Set(tracked.split('\n').flatMap((path) => path.split('/')[0] || []));
  return [...names].filter((name) => !rooms.includes(name) && !besideRooms.has(name));
}

const problems = strayNames().map((name) => `${name} belongs to no room`);
const folders = new Map();
for (const path of rooms.flatMap((room) => [...sources(room)])) {
  const text = readFileSync(join(root, path), 'utf8');
  const lines = text.split('\n').length - 1;
  problems.push(...problemsOf(path, text, lines));
  const folder = folders.get(dirname(path)) ?? { files: 0, lines: 0, longest: 0 };
  folders.set(dirname(path), {
    files: folder.files + 1,
    lines: folder.lines + lines,
    longest: Math.max(folder.longest, lines),
  });
}

if (process.argv.includes('--report')) console.table(Object.fromEntries([...folders].sort()));
const files = [...folders.values()].reduce((sum, folder) => sum + folder.files, 0);
console.log(`${files} files, ${[...folders.values()].reduce((sum, folder) => sum + folder.lines, 0)} lines.`);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
