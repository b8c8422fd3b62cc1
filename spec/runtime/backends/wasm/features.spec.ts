import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { availableCores, defaultThreads, wasmFeatures } from '../../../../runtime/backends/wasm/features';

describe('wasmFeatures', () => {
  it('finds SIMD, relaxed SIMD and threads in every Node that we support', () => {
    expect(wasmFeatures()).to.deep.equal({
      simd: true,
      relaxedSimd: true,
      whyNoThreads: null,
      maximumBytes: 4 * 1024 ** 3,
    });
  });
});

describe('defaultThreads', () => {
  it('is one for each core, at most 8, with a reason', () => {
    const { threads, reason } = defaultThreads();
    expect(threads).to.equal(Math.min(8, availableCores()));
    expect(reason).to.match(/core/);
  });

  it('is one, and says why, on a page that is not isolated; pools work there', () => {
    // A page as far as the code can tell: no Node, shared memory only when isolated.
    const script = `
      process.getBuiltinModule = undefined;
      globalThis.crossOriginIsolated = false;
      const { defaultThreads } = require('./runtime/backends/wasm/features');
      const { LinearMemory } = require('./runtime/backends/wasm/memory');
      const { ThreadPool } = require('./runtime/backends/wasm/threads/pool');
      delete globalThis.SharedArrayBuffer;
      const { threads, reason } = defaultThreads();
      const pool = new ThreadPool(new LinearMemory({ shared: false }), threads);
      console.log(JSON.stringify({ threads, reason, pool: pool.threads }));
    `;
    const out = execFileSync(process.execPath, ['-r', 'ts-node/register/transpile-only', '-e', script], {
      encoding: 'utf8',
    });
    const choice = JSON.parse(out);
    expect(choice).to.include({ threads: 1, pool: 1 });
    expect(choice.reason).to.match(/not cross-origin isolated .*Cross-Origin-Opener-Policy/);
  });
});
