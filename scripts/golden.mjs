/**
 * Makes the goldens anew: runs the Python programs of spec/golden/ against TensorFlow 2.15, two at a time.
 *
 *     npm run golden                             # all of them
 *     npm run golden -- dropout values_math      # these
 *     npm run golden -- --root <folder>          # write under another folder, which holds a copy of spec/golden
 *
 * The Python is the environment variable SLUICE_PYTHON, or that of the virtual environment .venv; it needs `tensorflow-cpu==2.15.*`.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const { values, positionals } = parseArgs({ allowPositionals: true, options: { root: { type: 'string' } } });
const root = resolve(values.root ?? repository);

function findPython() {
  const candidates = [process.env.SLUICE_PYTHON, join(repository, '.venv', 'bin', 'python')];
  const found = candidates.find((path) => path !== undefined && path !== '' && existsSync(path));
  if (found !== undefined) return found;
  throw new Error("No Python: set SLUICE_PYTHON to one that has TensorFlow (pip install 'tensorflow-cpu==2.15.*').");
}

/** The programs: every module but the helpers (`_…`) and `graphs`, which runs others. */
function allPrograms() {
  const names = readdirSync(join(root, 'spec', 'golden')).flatMap((name) => /^([^_.].*)\.py$/.exec(name)?.[1] ?? []);
  return names.filter((name) => name !== 'graphs').sort();
}

function runProgram(python, name) {
  return new Promise((done, fail) => {
    const started = Date.now();
    // TensorFlow's own kernels on every machine, not oneDNN's, which it takes on some processors only.
    const tensorflow = { TF_CPP_MIN_LOG_LEVEL: '3', TF_ENABLE_ONEDNN_OPTS: '0' };
    const env = { ...process.env, ...tensorflow, PYTHONDONTWRITEBYTECODE: '1' };
    const run = spawn(python, ['-W', 'ignore', '-m', `spec.golden.${name}`], { cwd: root, env });
    let text = '';
    for (const stream of [run.stdout, run.stderr]) stream.on('data', (chunk) => (text += chunk));
    run.on('error', fail);
    run.on('close', (code) => {
      if (code !== 0) return fail(new Error(`spec/golden/${name}.py failed (${code}):\n${text}`));
      console.log(`${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
      done();
    });
  });
}

const python = findPython();
const queue = positionals.length > 0 ? positionals : allPrograms();
async function work() {
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) await runProgram(python, name);
}
await Promise.all([work(), work()]);
