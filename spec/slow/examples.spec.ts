/**
 * Each program of examples/ runs to its end, in an empty folder, and prints what it promises.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';

const root = join(__dirname, '..', '..');
const examples = readdirSync(join(root, 'examples')).filter((name) =>
  readdirSync(join(root, 'examples', name)).includes('main.ts'),
);

/** What the output of an example must match. */
const promises: Readonly<Record<string, RegExp>> = {
  digits: /test accuracy with dropout off: (9[6-9]|100)\.\d+ %/,
  'dropout-by-hand': /training false \[\[1,1,1,1\],\[1,1,1,1\]\]/,
  regression: /epoch 60: .*error on unseen cars [0-3]\.\d+ miles per gallon/,
};

describe('the examples', function () {
  this.timeout(600_000);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-example-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  for (const name of examples) {
    it(name, () => {
      const tsNode = join(root, 'node_modules', 'ts-node', 'dist', 'bin.js');
      const program = join(root, 'examples', name, 'main.ts');
      const run = spawnSync(process.execPath, [tsNode, program], { cwd: folder, encoding: 'utf8' });
      expect(run.status, run.stdout + run.stderr).to.equal(0);
      expect(run.stdout).to.match(promises[name] ?? expect.fail(`say in promises what ${name} prints`));
    });
  }
});
