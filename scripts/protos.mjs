/**
 * Makes graph/formats/protos/generated/, the TypeScript of graph/formats/protos/*.proto, where it is missing or out of date.
 *
 *     node scripts/protos.mjs     # npm's pre… hooks call it before whatever reads the sources
 *
 * Works without a network: buf compiles the files at hand, and the plugin is the installed protoc-gen-es. A stamp of the
 * inputs (files, versions, this script) beside the output makes a run with nothing to do a matter of milliseconds.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(import.meta.url);
const root = dirname(dirname(script));
const protos = join(root, 'graph', 'formats', 'protos');
const generated = join(protos, 'generated');
const stampFile = join(generated, '.stamp');
const packages = join(root, 'node_modules', '@bufbuild');

function stampOf(names) {
  const hash = createHash('sha256').update(readFileSync(script));
  for (const name of ['buf', 'protoc-gen-es']) hash.update(readFileSync(join(packages, name, 'package.json')));
  for (const name of names) hash.update(`${name}\0`).update(readFileSync(join(protos, name)));
  return hash.digest('hex');
}

function generate(out) {
  const template = {
    version: 'v2',
    plugins: [
      { local: [process.execPath, join(packages, 'protoc-gen-es', 'bin', 'protoc-gen-es')], out, opt: ['target=ts'] },
    ],
  };
  const args = [join(packages, 'buf', 'bin', 'buf'), 'generate', protos, '--template', JSON.stringify(template)];
  // The module has no dependencies, so buf asks no registry; its cache is kept out of the user's home all the same.
  const env = { ...process.env, BUF_CACHE_DIR: join(root, 'node_modules', '.cache', 'buf') };
  const run = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', env });
  if (run.status !== 0) {
    throw new Error(`buf could not compile graph/formats/protos (run npm ci first?):\n${run.error ?? ''}${run.stderr}`);
  }
}

const names = readdirSync(protos)
  .filter((name) => name.endsWith('.proto'))
  .sort();
const stamp = stampOf(names);
if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
  // Made aside and moved in place, so that a run at the same time never sees half of it.
  const out = mkdtempSync(join(protos, '.generated-'));
  generate(out);
  writeFileSync(join(out, '.stamp'), stamp);
  rmSync(generated, { recursive: true, force: true });
  try {
    renameSync(out, generated);
  } catch (error) {
    // Another run was first: its output is as good.
    rmSync(out, { recursive: true, force: true });
    if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) throw error;
  }
}
