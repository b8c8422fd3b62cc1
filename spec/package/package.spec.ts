/**
 * The package as a user gets it: built, packed, installed into an empty folder, then imported from JavaScript and
 * TypeScript, as ESM and as CommonJS, and bundled for a browser.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { expect } from 'chai';
import { build } from 'esbuild';

const root = join(__dirname, '..', '..');

/** What a command prints; a command that fails, fails the spec with everything it printed. */
function output(cwd: string, command: string, ...args: readonly string[]): string {
  const run = spawnSync(command, args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' });
  expect(run.status, `${command} ${args.join(' ')}\n${run.error ?? ''}${run.stdout}${run.stderr}`).to.equal(0);
  return run.stdout;
}

const node = (cwd: string, ...args: readonly string[]): string => output(cwd, process.execPath, ...args);
const tsc = (cwd: string, ...args: readonly string[]): string =>
  node(cwd, join(root, 'node_modules', 'typescript', 'bin', 'tsc'), ...args);

/** A program that prints what dropout makes of [[1, 2], [3, 4]] with training off and on; `tf` is imported before it. */
const program = `
  const x = tf.placeholder(tf.float32, [null, 2], { name: 'x' });
  const training = tf.placeholderWithDefault(false, [], { name: 'training' });
  const y = tf.layers.dropout(x, { rate: 0.5, seed: 1, training });
  const session = new tf.Session();
  const off = session.runSync(y, { feed: [[x, [[1, 2], [3, 4]]]] });
  const on = session.runSync(y, { feed: [[x, [[1, 2], [3, 4]]], [training, true]] });
  const text = JSON.stringify([off.toArray(), on.toArray()]);
`;

const printed = `${program}console.log(text);`;

/** The same, typed: results have types of their own, and a wrong argument does not compile. */
const typedProgram = `
  declare const console: { log(line: string): void };
  ${program}
  const arrays: readonly tf.NdArray[] = [off, on];
  const tensor: tf.Tensor = y.add(1).at(0);
  const value = (): tf.NdArray => tensor.eval({ session, feed: [[x, [[1, 2]]]] });
  // @ts-expect-error: a rate is no string
  const wrongRate = () => tf.layers.dropout(x, { rate: 'half' });
  // @ts-expect-error: there is no such layer
  const noLayer = () => tf.layers.dropin(x);
  // @ts-expect-error: a result is no tensor
  const noTensor: tf.Tensor = off;
  console.log(text);
`;

describe('the package', function () {
  this.timeout(120_000);
  let folder: string;
  let packed: readonly string[];
  let expected: string;

  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return name;
  };

  before(() => {
    node(root, join('scripts', 'build.mjs'));
    folder = mkdtempSync(join(tmpdir(), 'sluice-package-'));
    const [tarball] = JSON.parse(
      output(root, 'npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', folder),
    );
    packed = tarball.files.map((file: { path: string }) => file.path);
    write('package.json', JSON.stringify({ name: 'user', private: true }));
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
    output(folder, 'npm', 'install', ...options, join(folder, tarball.filename));
    expected = node(folder, write('first.cjs', `const tf = require('sluice');${printed}`));
  });

  after(() => {
    if (folder) rmSync(folder, { recursive: true });
  });

  it('holds dist/, the licence and the readme, and nothing else', () => {
    expect(packed.filter((path) => !path.startsWith('dist/')).sort()).to.deep.equal([
      'LICENSE',
      'README.md',
      'package.json',
    ]);
  });

  it('names no file that it does not hold', () => {
    const strings = (value: unknown): string[] =>
      typeof value === 'string' ? [value] : Object.values((value ?? {}) as object).flatMap(strings);
    const { main, module, types, bin, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const path of strings([main, module, types, bin, exports])) expect(packed).to.include(path.replace('./', ''));
  });

  it('installs only its few dependencies', () => {
    const tree = JSON.parse(output(folder, 'npm', 'ls', '--all', '--json'));
    const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(Object.keys(tree.dependencies)).to.deep.equal(['sluice']);
    const installed = Object.keys(tree.dependencies.sluice.dependencies);
    expect(installed).to.include.members(Object.keys(dependencies));
    // Optional ones are there where they run.
    expect(Object.keys({ ...dependencies, ...optionalDependencies })).to.include.members(installed);
  });

  it('runs in CommonJS: dropout passes everything with training off, scales or drops with training on', () => {
    const [off, on] = JSON.parse(expected) as number[][][];
    expect(off).to.deep.equal([
      [1, 2],
      [3, 4],
    ]);
    on?.flat().forEach((value, i) => void expect(value).to.be.oneOf([0, 2 * (i + 1)]));
    expect(on).to.not.deep.equal(off);
  });

  it('runs as an ES module', () => {
    expect(node(folder, write('run.mjs', `import * as tf from 'sluice';${printed}`))).to.equal(expected);
  });

  it('is one library in Node, however it is imported', () => {
    const text = `
      import { createRequire } from 'node:module';
      import * as esm from 'sluice';
      const cjs = createRequire(import.meta.url)('sluice');
      const names = Object.keys(cjs);
      console.log(names.length > 50, names.filter((name) => esm[name] !== cjs[name]).join());
    `;
    expect(node(folder, write('both.mjs', text))).to.equal('true \n');
  });

  it('runs as the ES module that other runtimes get', () => {
    expect(
      node(folder, write('other.mjs', `import * as tf from './node_modules/sluice/dist/index.mjs';${printed}`)),
    ).to.equal(expected);
  });

  for (const [title, name, settings] of [
    ['TypeScript, ES modules (nodenext)', 'nodenext.mts', { module: 'nodenext' }],
    ['TypeScript, CommonJS (nodenext)', 'nodenext.cts', { module: 'nodenext' }],
    ['TypeScript, CommonJS (node10)', 'node10.cts', { module: 'commonjs', moduleResolution: 'node10' }],
    ['TypeScript, bundler', 'bundler.mts', { module: 'esnext', moduleResolution: 'bundler' }],
  ] as const) {
    it(`compiles without a complaint and runs: ${title}`, () => {
      const out = name.replace(/\W/g, '-');
      const compilerOptions = { ...settings, target: 'es2022', lib: ['es2022'], types: [], strict: true, outDir: out };
      write(
        name,
        `import * as tf from 'sluice';${typedProgram}export { wrongRate, noLayer, noTensor, arrays, value };`,
      );
      tsc(folder, '-p', write(`tsconfig.${name}.json`, JSON.stringify({ compilerOptions, files: [name] })));
      expect(node(folder, join(out, name.replace('ts', 'js')))).to.equal(expected);
    });
  }

  it("shows the user's own line in an error", () => {
    const text = `const tf = require('sluice');\nconst x = tf.placeholder(tf.float32);\nnew tf.Session().runSync(tf.identity(x));\n`;
    const name = write('unfed.cjs', text);
    const run = spawnSync(process.execPath, [name], { cwd: folder, encoding: 'utf8' });
    expect(run.stderr)
      .to.include('You must feed a value for placeholder tensor')
      .and.to.match(/unfed\.cjs:2:\d+/);
  });

  it('runs in a browser: no built-ins, no process, no require', async () => {
    const bundle = await build({
      stdin: { contents: `import * as tf from 'sluice';${program}globalThis.answer = text;`, resolveDir: folder },
      bundle: true,
      platform: 'browser',
      format: 'iife',
      write: false,
      metafile: true,
      logLevel: 'error',
    });
    const inputs = Object.keys(bundle.metafile.inputs);
    expect(inputs.some((path) => path.endsWith('sluice/dist/index.mjs'))).to.equal(true);
    expect(Object.values(bundle.metafile.outputs).flatMap((file) => file.imports)).to.deep.equal([]);
    const browser = { console, performance, TextDecoder, TextEncoder, setTimeout, queueMicrotask, crypto };
    const context = createContext({ ...browser }) as { answer?: string };
    runInContext(bundle.outputFiles[0]?.text ?? '', context);
    expect(`${context.answer}\n`).to.equal(expected);
  });

  it('brings the command', () => {
    expect(output(folder, join('node_modules', '.bin', 'sluice'), '--help')).to.include('Usage: sluice');
  });
});
