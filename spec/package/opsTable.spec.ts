/**
 * docs/ops.md says what the registry says.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { registeredOps } from '../../graph/registry';
import { opsTable } from '../../scripts/opsTable';

describe('docs/ops.md', () => {
  it('is up to date; `npm run docs:ops` makes it so', () => {
    const text = readFileSync(join(__dirname, '..', '..', 'docs', 'ops.md'), 'utf8');
    expect(text.split('\n')).to.deep.equal(opsTable().split('\n'));
  });

  it('has a row for every op', () => {
    const rows = opsTable()
      .split('\n')
      .flatMap((line) => /^\| `(\w+)` /.exec(line)?.[1] ?? []);
    expect(rows.sort()).to.deep.equal([...registeredOps().keys()].sort());
  });
});
