import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { findBlas } from '../../runtime/backends/blas/find';
import { checkBlas } from '../runtime/backends/blas/support';
import { python } from './wire';

/** The OpenBLAS that numpy, which TensorFlow needs, brings along. */
function blasOfNumpy(): string {
  const program = 'import numpy, os; print(os.path.dirname(os.path.dirname(numpy.__file__)))';
  const site = execFileSync(python(), ['-c', program], { encoding: 'utf8' }).trim();
  for (const folder of ['numpy.libs', 'numpy/.dylibs']) {
    const files = existsSync(join(site, folder)) ? readdirSync(join(site, folder)) : [];
    const found = files.find((name) => name.includes('openblas'));
    if (found !== undefined) return join(site, folder, found);
  }
  throw new Error(`The numpy in ${site} has no OpenBLAS of its own.`);
}

describe("numpy's OpenBLAS", () => {
  it('multiplies in place, the same with every number of threads', async () => {
    const path = blasOfNumpy();
    const blas = findBlas(path)!;
    expect(blas).to.include({ name: 'OpenBLAS', path, isSplit: true });
    await checkBlas(blas);
  });
});
