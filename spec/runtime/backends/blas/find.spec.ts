import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { InvalidArgumentError } from '../../../../graph/errors';
import { findBlas, searchBlas } from '../../../../runtime/backends/blas/find';
import { candidates } from '../../../../runtime/backends/blas/places';
import { optionalPackage } from '../../../../runtime/nodeModules';
import { checkBlas } from './support';

describe('candidates', () => {
  const saved = process.env.VIRTUAL_ENV;
  let prefix: string;

  before(() => {
    prefix = mkdtempSync(join(tmpdir(), 'sluice-blas-'));
    const isWindows = process.platform === 'win32';
    const site = isWindows ? join(prefix, 'Lib', 'site-packages') : join(prefix, 'lib', 'python3.11', 'site-packages');
    for (const [folder, files] of [
      [join(site, 'numpy.libs'), ['libgfortran-0.so.5', 'libopenblas64_p-r0.so']],
      [join(site, 'scipy_openblas32', 'lib'), ['libscipy_openblas.so', 'readme.txt']],
      [isWindows ? join(prefix, 'Library', 'bin') : join(prefix, 'lib'), ['libmkl_rt.so.2', 'libmkl_core.so.2']],
    ] as const) {
      mkdirSync(folder, { recursive: true });
      for (const file of files) writeFileSync(join(folder, file), 'no library');
    }
    process.env.VIRTUAL_ENV = prefix;
  });

  after(() => {
    if (saved === undefined) delete process.env.VIRTUAL_ENV;
    else process.env.VIRTUAL_ENV = saved;
    rmSync(prefix, { recursive: true });
  });

  it('are the names of the system and the libraries inside Python packages', () => {
    const found = [...candidates()];
    expect(found[0].from).to.equal("the system's loader");
    const inside = found.filter(({ from }) => from === 'VIRTUAL_ENV').map(({ path }) => path);
    expect(inside.every((path) => path.startsWith(prefix))).to.equal(true);
    expect(inside.map((path) => path.split(/[\\/]/).slice(-2).join('/'))).to.deep.equal([
      `${process.platform === 'win32' ? 'bin' : 'lib'}/libmkl_rt.so.2`,
      'numpy.libs/libopenblas64_p-r0.so',
      'lib/libscipy_openblas.so',
    ]);
  });
});

describe('findBlas', () => {
  it("gives none for 'off'", () => {
    expect(findBlas('off')).to.equal(null);
    expect(searchBlas('off').reason).to.equal('config.blas is off');
  });

  it('says what is wrong with a path', () => {
    const path = join(tmpdir(), 'no-such-folder', 'libopenblas.so');
    expect(() => findBlas(path))
      .to.throw(InvalidArgumentError, `config.blas names the BLAS library ${path}, but it cannot be loaded: `)
      .with.property('message')
      .that.matches(/'auto' to search for one, or 'off'\.$/);
  });

  it('says what to do about a folder, and about a file that is named without one', () => {
    if (optionalPackage('koffi') === undefined) return;
    expect(() => findBlas(tmpdir())).to.throw(InvalidArgumentError, /; name the library in it\. Give the path /);
    expect(() => findBlas('package.json')).to.throw(
      InvalidArgumentError,
      '; names without a folder are those of installed libraries: ./package.json is the file. Give the path ',
    );
  });

  it('searches once, and says why there is none or where it was found', () => {
    const search = searchBlas('auto');
    expect(searchBlas('auto')).to.equal(search);
    expect(search.reason).to.match(search.blas === null ? /not installed|no OpenBLAS|off/ : /^(found|given) by /);
    if (optionalPackage('koffi') !== undefined && /no OpenBLAS/.test(search.reason)) {
      expect(search.tried).to.include([...candidates()][0].path);
    }
  });

  // Where the machine has no BLAS, spec/tensorflow has one, inside numpy.
  it('multiplies in place with what it found, the same with every number of threads', async () => {
    const blas = findBlas('auto');
    if (blas !== null) await checkBlas(blas);
  });
});
