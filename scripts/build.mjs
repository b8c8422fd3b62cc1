/**
 * Builds dist/, what a user of the package gets, from lib/index.ts and lib/cli/main.ts.
 *
 *     index.cjs          the library for require
 *     index.mjs          the library for browsers, bundlers and other runtimes: no Node built-ins
 *     index.node.mjs     the library for import in Node: index.cjs again, so that both ways share one set of classes and
 *                        one default graph
 *     index.d.cts        the types for require; those for import, index.d.mts, are the same again
 *     cli.cjs            the command `sluice`
 *
 * Packages in `dependencies` stay imports; a type that comes from any other package fails the build.
 */
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const { dependencies, engines } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const packages = Object.keys(dependencies);

/** The module for Node's `import`, and its types: two declarations of one class would be two types. */
const again = "export * from './index.cjs';\n";

const common = {
  absWorkingDir: root,
  bundle: true,
  charset: 'utf8',
  external: packages,
  // package.json says `sideEffects: false` of the bundle; the sources register ops as they load.
  ignoreAnnotations: true,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
  sourcemap: true,
  sourcesContent: false,
  target: 'es2022',
  tsconfigRaw: { compilerOptions: { target: 'es2022', useDefineForClassFields: true } },
};

async function buildLibrary() {
  const library = { ...common, entryPoints: ['lib/index.ts'] };
  await Promise.all([
    // `neutral` knows no built-ins: an import of one fails the build.
    build({ ...library, platform: 'neutral', format: 'esm', outfile: 'dist/index.mjs' }),
    // For `node`, esbuild lists the exports in the way in which Node finds them.
    build({ ...library, platform: 'node', format: 'cjs', outfile: 'dist/index.cjs' }),
    writeFile(join(dist, 'index.node.mjs'), again),
  ]);
}

async function buildCommand() {
  const target = `node${/\d+(\.\d+)*/.exec(engines.node)[0]}`;
  await build({
    ...common,
    target,
    entryPoints: ['lib/cli/main.ts'],
    platform: 'node',
    format: 'cjs',
    outfile: 'dist/cli.cjs',
    banner: { js: '#!/usr/bin/env node' },
  });
  await chmod(join(dist, 'cli.cjs'), 0o755);
}

/** `declare module './index' { interface Tensor … }`, what the bundler makes of an augmentation, as the interface alone. */
function mergeAugmentations(code) {
  const source = ts.createSourceFile('index.d.ts', code, ts.ScriptTarget.Latest);
  return source.statements
    .map((statement) => {
      const isAugmentation = ts.isModuleDeclaration(statement) && ts.isStringLiteral(statement.name);
      if (!isAugmentation) return statement.getFullText(source);
      if (statement.name.text !== './index') throw new Error(`The public types augment ${statement.name.text}.`);
      return statement.body.statements.map((inner) => inner.getFullText(source)).join('');
    })
    .join('');
}

async function buildTypes() {
  const bundle = await rollup({
    input: join(root, 'lib/index.ts'),
    external: [...packages, ...packages.map((name) => new RegExp(`^${name}/`)), ...builtinModules, /^node:/],
    // Without Node's types, which a user may not have.
    plugins: [dts({ tsconfig: join(root, 'tsconfig.browser.json') })],
    onwarn(warning) {
      throw new Error(`types: ${warning.message}`);
    },
  });
  const { output } = await bundle.generate({ format: 'es' });
  const [{ code, imports }] = output;
  const foreign = imports.filter((name) => !packages.some((known) => name === known || name.startsWith(`${known}/`)));
  if (foreign.length > 0) throw new Error(`The public types need ${foreign.join(', ')}, which users do not have.`);
  // Symbol.dispose, for `using`.
  await writeFile(
    join(dist, 'index.d.cts'),
    `/// <reference lib="esnext.disposable" />\n${mergeAugmentations(code)}\n`,
  );
  await writeFile(join(dist, 'index.d.mts'), again);
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist);
await Promise.all([buildLibrary(), buildCommand(), buildTypes()]);
