/**
 * A checkpoint of 1 GiB is read and written in pieces: beside the variables themselves, little memory is needed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';

const root = join(__dirname, '..', '..');

interface Measured {
  readonly most: number;
  readonly seconds: number;
  readonly sums: readonly number[];
  readonly variables: number;
}

describe('a checkpoint of 1 GiB', function () {
  this.timeout(600_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-large-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function measure(command: 'save' | 'restore'): Measured {
    const tsNode = join(root, 'node_modules', 'ts-node', 'dist', 'bin.js');
    const run = spawnSync(process.execPath, [tsNode, join(__dirname, 'largeCheckpoint.ts'), command, folder], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(run.status, run.stdout + run.stderr).to.equal(0);
    const measured = JSON.parse(run.stdout) as Measured;
    expect(measured.variables).to.equal(1 << 30);
    expect(measured.sums).to.deep.equal(Array.from({ length: 16 }, (_, i) => 2 * (i + 1)));
    return measured;
  }

  for (const command of ['save', 'restore'] as const) {
    it(`${command}s with less than 300 MiB beside the variables`, () => {
      const { most, variables } = measure(command);
      expect((most - variables) / 2 ** 20, 'MiB beside the variables, Node itself included').to.be.below(300);
    });
  }
});
