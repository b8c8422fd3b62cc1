import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FailedPreconditionError, InvalidArgumentError, NotFoundError } from '../../../graph/errors';
import { defaultFileSystem, type FileSystem, readFile, writeFileAtomically } from '../../../runtime/files/fileSystem';
import { MemoryFileSystem } from '../../../runtime/files/memoryFileSystem';
import { nodeFileSystem } from '../../../runtime/files/nodeFileSystem';
import { basename, dirname, isAbsolute, isPlainName, joinPath } from '../../../runtime/files/paths';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);
const tooLarge = (size: number) => new InvalidArgumentError(`${size} bytes`);

function put(fileSystem: FileSystem, path: string, ...parts: string[]): void {
  const file = fileSystem.openWrite(path);
  for (const part of parts) file.write(bytes(part));
  file.sync();
  file.close();
}

const get = (fileSystem: FileSystem, path: string) => text(readFile(fileSystem, path, 1000, tooLarge));

describe('file systems', () => {
  let root: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'sluice-files-'));
  });
  after(() => rmSync(root, { recursive: true }));

  const kinds: readonly [string, () => FileSystem][] = [
    ['disk', () => nodeFileSystem()!],
    ['memory', () => new MemoryFileSystem()],
  ];
  for (const [name, make] of kinds) {
    describe(name, () => {
      let fileSystem: FileSystem;
      let folder: string;
      before(() => {
        fileSystem = make();
        folder = joinPath(root, name);
        fileSystem.makeDirectory(joinPath(folder, 'a/b'));
      });
      const at = (path: string) => joinPath(folder, path);

      it('writes, reads at positions and empties what it writes again', () => {
        put(fileSystem, at('f'), 'hello, ', 'world');
        const file = fileSystem.openRead(at('f'));
        expect(file.size).to.equal(12);
        const into = new Uint8Array(5);
        expect(file.read(7, into)).to.equal(5);
        expect(text(into)).to.equal('world');
        expect(file.read(10, into)).to.equal(2);
        expect(file.read(99, into)).to.equal(0);
        file.close();
        put(fileSystem, at('f'), 'x');
        expect(get(fileSystem, at('f'))).to.equal('x');
        expect(() => readFile(fileSystem, at('f'), 0, tooLarge)).to.throw(InvalidArgumentError, '1 bytes');
      });

      it('lists, stats, renames and removes', () => {
        put(fileSystem, at('a/2'), 'two');
        put(fileSystem, at('a/1'), 'one');
        expect(fileSystem.list(at('a'))).to.deep.equal(['1', '2', 'b']);
        expect(fileSystem.stat(at('a/2'))).to.include({ size: 3, isDirectory: false });
        expect(Math.abs(fileSystem.stat(at('a/2'))!.modified - Date.now())).to.be.below(60_000);
        expect(fileSystem.stat(at('a'))!.isDirectory).to.equal(true);
        expect(fileSystem.stat(at('c'))).to.equal(undefined);
        fileSystem.rename(at('a/1'), at('a/2'));
        expect(get(fileSystem, at('a/2'))).to.equal('one');
        expect(() => fileSystem.remove(at('a'))).to.throw(FailedPreconditionError, 'Directory not empty');
        fileSystem.remove(at('a/2'));
        fileSystem.remove(at('a/b'));
        fileSystem.remove(at('a'));
        expect(fileSystem.stat(at('a'))).to.equal(undefined);
        fileSystem.syncDirectory(folder);
      });

      it('names the path that is not there', () => {
        const missing = /no\/file; No such file or directory/;
        expect(() => fileSystem.openRead(at('no/file'))).to.throw(NotFoundError, missing);
        expect(() => fileSystem.openWrite(at('no/file'))).to.throw(NotFoundError, missing);
        expect(() => fileSystem.remove(at('no/file'))).to.throw(NotFoundError, missing);
        expect(() => fileSystem.rename(at('no/file'), at('g'))).to.throw(NotFoundError, missing);
        expect(() => fileSystem.list(at('no/file'))).to.throw(NotFoundError, missing);
        expect(() => fileSystem.openRead(folder)).to.throw(FailedPreconditionError, 'Is a directory');
      });

      it('keeps the old file when writing the new one fails', () => {
        put(fileSystem, at('kept'), 'old');
        const before = fileSystem.list(folder);
        const failing = () =>
          writeFileAtomically(fileSystem, at('kept'), (file) => {
            file.write(bytes('ne'));
            throw new Error('interrupted');
          });
        expect(failing).to.throw('interrupted');
        expect(get(fileSystem, at('kept'))).to.equal('old');
        expect(fileSystem.list(folder)).to.deep.equal(before);
        writeFileAtomically(fileSystem, at('kept'), (file) => file.write(bytes('new')));
        expect(get(fileSystem, at('kept'))).to.equal('new');
        expect(fileSystem.list(folder)).to.deep.equal(before);
      });
    });
  }

  it('is the disk by default in Node', () => {
    expect(defaultFileSystem()).to.equal(nodeFileSystem());
  });

  it('takes paths apart', () => {
    expect([dirname('a/b/c'), dirname('/c'), dirname('c'), basename('a/b/c'), basename('c')]).to.deep.equal([
      'a/b',
      '/',
      '',
      'c',
      'c',
    ]);
    expect([joinPath('', 'b'), joinPath('a', 'b'), joinPath('a/', 'b'), joinPath('a', '/b')]).to.deep.equal([
      'b',
      'a/b',
      'a/b',
      '/b',
    ]);
    expect([isAbsolute('/a'), isAbsolute('gs://a/b'), isAbsolute('a/b')]).to.deep.equal([true, true, false]);
    expect(['model', '..', 'a/b', 'c:\\x', ''].map(isPlainName)).to.deep.equal([true, false, false, false, false]);
  });
});
