/**
 * The peers by name: how each is started, and what it is. sluice comes in variants of threads and BLAS.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { Peer } from './peer.mjs';

const threads = { OMP_NUM_THREADS: '', OPENBLAS_NUM_THREADS: '' };

/** Variants of sluice, in the order in which reports show them. */
export const variants = {
  sluice: { threads: 1, blas: 'off' },
  'sluice-2t': { threads: 2, blas: 'off' },
  'sluice-blas': { threads: 1, blas: 'auto' },
  'sluice-blas-2t': { threads: 2, blas: 'auto' },
};

const javascript = {
  'tfjs-cpu': ['tfjs.mjs', 'cpu'],
  'tfjs-wasm': ['tfjs.mjs', 'wasm'],
  jax: ['jax.mjs'],
  onnx: ['onnx.mjs', '1'],
  'onnx-2t': ['onnx.mjs', '2'],
};

const tensorflow = { tf: '1', 'tf-2t': '2' };

/** What stands behind each name, for reports. */
export const legend = {
  sluice: '1 thread, BLAS off',
  'sluice-2t': '2 threads, BLAS off',
  'sluice-blas': '1 thread, BLAS where there is one',
  'sluice-blas-2t': '2 threads, BLAS where there is one',
  'tfjs-cpu': '@tensorflow/tfjs, cpu backend',
  'tfjs-wasm': '@tensorflow/tfjs, wasm backend',
  jax: '@jax-js/jax, wasm backend, jit',
  onnx: 'onnxruntime-web, wasm, 1 thread',
  'onnx-2t': 'onnxruntime-web, wasm, 2 threads',
  tf: 'TensorFlow 2.15, compat.v1 Session, 1 thread',
  'tf-2t': 'TensorFlow 2.15, compat.v1 Session, 2 threads',
  roof: 'this machine: a SIMD copy, a fused multiply-add loop',
};

/** Bundles sluice as the package is bundled, and the peers of our own beside it, as users' code is; returns the folder. */
export async function bundlePeers(root) {
  const outdir = join(root, 'bench', '.cache');
  mkdirSync(outdir, { recursive: true });
  const common = {
    absWorkingDir: root,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    ignoreAnnotations: true,
    keepNames: true,
    logLevel: 'warning',
    sourcemap: true,
    target: 'es2022',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    tsconfigRaw: { compilerOptions: { target: 'es2022', useDefineForClassFields: true } },
  };
  await build({ ...common, entryPoints: { library: 'lib/index.ts' } });
  const library = {
    name: 'library',
    setup: ({ onResolve }) => onResolve({ filter: /\/lib\/index$/ }, () => ({ path: './library.mjs', external: true })),
  };
  await build({ ...common, entryPoints: ['bench/peers/sluice.ts', 'bench/peers/roof.ts'], plugins: [library] });
  return outdir;
}

/** Starts a peer; null where it is not there. */
export function startPeer(name, { root, bundles, python }) {
  const file = (base) => join(root, 'bench', 'peers', base);
  const env = { ...process.env, ...threads };
  if (name in variants) {
    env.SLUICE_VARIANT = JSON.stringify(variants[name]);
    return new Peer(process.execPath, ['--expose-gc', join(bundles, 'sluice.mjs')], { env });
  }
  if (name in tensorflow) {
    if (!python) return null;
    Object.assign(env, { TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '', PYTHONDONTWRITEBYTECODE: '1' });
    return new Peer(python, [file('underTensorflow.py'), tensorflow[name]], { env });
  }
  if (name === 'roof') return new Peer(process.execPath, [join(bundles, 'roof.mjs')], { env });
  if (!existsSync(join(root, 'bench', 'node_modules'))) return null;
  return new Peer(
    process.execPath,
    javascript[name].map((part, i) => (i === 0 ? file(part) : part)),
    { env },
  );
}
