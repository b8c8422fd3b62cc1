import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { buildSync } from 'esbuild';
import { optionalPackage, optionalPackageFile } from '../../runtime/nodeModules';

describe('optionalPackage', () => {
  it('finds what is installed, and nothing else', () => {
    expect(optionalPackage('esbuild')).to.have.property('buildSync');
    expect(optionalPackageFile('esbuild')).to.match(/esbuild/);
    expect(optionalPackage('no-such-package')).to.equal(undefined);
    expect(optionalPackageFile('no-such-package')).to.equal(undefined);
  });

  it('finds it also where a bundler has made an ES module of the code', () => {
    const { outputFiles } = buildSync({ entryPoints: ['runtime/nodeModules.ts'], format: 'esm', write: false });
    const program = `${outputFiles[0].text}
      console.log(typeof __filename, typeof optionalPackage('esbuild'), optionalPackageFile('esbuild') !== undefined);`;
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
    expect(output.trim()).to.equal('undefined object true');
  });
});
