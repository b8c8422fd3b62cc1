/**
 * The committed goldens are what TensorFlow makes: they are made again in a temporary folder and compared, texts of
 * graphs exactly, values within the last bits in which processors differ.
 *
 * Needs a Python with TensorFlow 2.15; scripts/golden.mjs says how it is found.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { isClose, tolerances } from '../support/close';

const root = join(__dirname, '..', '..');
const golden = join('spec', 'golden');

/** The goldens below a copy of the repository, as paths from spec/golden. */
function goldensOf(base: string): string[] {
  const names = readdirSync(join(base, golden), { encoding: 'utf8', recursive: true });
  return names.filter((name) => /\.(txt|json)$/.test(name)).sort();
}

const committed = goldensOf(root);
const read = (base: string, name: string): string => readFileSync(join(base, golden, name), 'utf8');

/** Where two JSON values differ, as a path into them; null if they do not. */
function difference(got: unknown, want: unknown, path = '$'): string | null {
  if (typeof got === 'number' && typeof want === 'number') {
    return isClose(got, want, tolerances.float32) ? null : `${path}: ${got}, committed ${want}`;
  }
  if (typeof got !== 'object' || typeof want !== 'object' || got === null || want === null) {
    return got === want ? null : `${path}: ${got}, committed ${want}`;
  }
  const [gotEntries, wantEntries] = [Object.entries(got), Object.entries(want)];
  if (gotEntries.length !== wantEntries.length)
    return `${path}: ${gotEntries.length} entries, committed ${wantEntries.length}`;
  for (const [key, value] of gotEntries) {
    const found =
      key in want ? difference(value, want[key as keyof typeof want], `${path}.${key}`) : `${path}.${key} is new`;
    if (found !== null) return found;
  }
  return null;
}

describe('the goldens', function () {
  this.timeout(1_200_000);
  let fresh: string;

  before(() => {
    fresh = mkdtempSync(join(tmpdir(), 'sluice-golden-'));
    cpSync(join(root, golden), join(fresh, golden), { recursive: true });
    // What no program writes any more must not pass as made.
    for (const name of committed) rmSync(join(fresh, golden, name));
    const program = join(root, 'scripts', 'golden.mjs');
    const run = spawnSync(process.execPath, [program, '--root', fresh], { cwd: root, encoding: 'utf8' });
    expect(run.status, `${run.stdout}\n${run.stderr}`).to.equal(0);
  });

  after(() => {
    rmSync(fresh, { recursive: true, force: true });
  });

  for (const name of committed.filter((path) => path.endsWith('.txt'))) {
    it(name, () => {
      expect(read(fresh, name).split('\n')).to.deep.equal(read(root, name).split('\n'));
    });
  }

  for (const name of committed.filter((path) => path.endsWith('.json'))) {
    it(name, () => {
      const [got, want] = [fresh, root].map((base): unknown => JSON.parse(read(base, name)));
      expect(difference(got, want)).to.equal(null);
    });
  }

  it('are all committed', () => {
    expect(goldensOf(fresh)).to.deep.equal(committed);
  });
});
