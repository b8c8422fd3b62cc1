/**
 * docs/ops.md says what the registry, the kernels and the lowerings say, and leaves nothing open.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { registeredOps } from '../../graph/registry';
import { misplaced } from '../../runtime/lowering/coverage';
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

  it('says of every op how each backend runs it, and whether it has a gradient', () => {
    const rows = opsTable()
      .split('\n')
      .filter((line) => /^\| `\w+` /.test(line));
    expect(rows.length).to.equal(registeredOps().size);
    for (const row of rows) {
      const [plain, compiled, gradient] = row.split(' | ').slice(5, 8);
      expect(plain, row).to.match(/^(kernel|by the executor)$/);
      expect(compiled, row).to.match(/^(loop|routine|view|constant|input|folded|inlined|nothing to run|host: \S)/);
      expect(gradient, row).to.match(/^(yes|none: \S)/);
    }
  });

  it('takes what it says of lowerings from ops that have them', () => {
    expect(misplaced()).to.deep.equal([]);
  });
});
