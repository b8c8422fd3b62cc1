import { execFileSync } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { InternalError } from '../../../../graph/errors';
import { ModuleBuilder } from '../../../../runtime/backends/wasm/assembler/moduleBuilder';
import { SCRATCH_BYTES } from '../../../../runtime/backends/wasm/kernelCall';
import { LinearMemory } from '../../../../runtime/backends/wasm/memory';
import { ThreadPool, type ThreadPoolOptions } from '../../../../runtime/backends/wasm/threads/pool';
import { workerSource } from '../../../../runtime/backends/wasm/threads/workerSource';

/** Kernels over a range: `squares(address)`, `starts(address)`, `failAt(item)`, `scratches(address)`, `sum(address, …)`. */
function kernels(factor = 1): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory({ shared: true });
  const scratch = module.importGlobal('scratch');
  const perItem = (name: string, emit: (f: Parameters<Parameters<ModuleBuilder['define']>[3]>[0], i: number) => void) =>
    module.define(name, ['i32', 'i32', 'i32'], [], (f, address, begin, end) => {
      f.block((out) =>
        f.loop((again) => {
          f.get(begin).get(end).op('i32.ge_u').brIf(out);
          f.get(address).get(begin).i32(2).op('i32.shl').op('i32.add');
          emit(f, begin.index);
          f.access('i32.store');
          f.get(begin).i32(1).op('i32.add').set(begin).br(again);
        }),
      );
    });
  perItem('squares', (f, i) => {
    const item = f.params[i];
    f.get(item).get(item).op('i32.mul').i32(factor).op('i32.mul');
  });
  perItem('scratches', (f) => f.getGlobal(scratch));
  module.define('starts', ['i32', 'i32', 'i32'], [], (f, address, begin, end) =>
    f.get(address).get(begin).i32(2).op('i32.shl').op('i32.add').get(end).access('i32.store'),
  );
  module.define('failAt', ['i32', 'i32', 'i32'], [], (f, item, begin, end) => {
    f.get(item).get(begin).op('i32.ge_u').get(item).get(end).op('i32.lt_u').op('i32.and');
    f.if(() => f.op('unreachable'));
  });
  const four = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;
  module.define('sum', four, [], (f, address, a, b, c, begin) =>
    f
      .get(address)
      .get(begin)
      .i32(2)
      .op('i32.shl')
      .op('i32.add')
      .get(a)
      .get(b)
      .op('i32.add')
      .get(c)
      .op('i32.add')
      .access('i32.store'),
  );
  return module.toBytes() as Uint8Array<ArrayBuffer>;
}

const squares = (count: number, factor = 1) => Int32Array.from({ length: count }, (_, i) => Math.imul(i * i, factor));

describe('ThreadPool', () => {
  const pools: ThreadPool[] = [];
  const logged: string[] = [];

  function makePool(threads: number, options: ThreadPoolOptions = {}) {
    const memory = new LinearMemory({ shared: true });
    const pool = new ThreadPool(memory, threads, { log: (line) => logged.push(line), ...options });
    pool.loadModule(7, kernels(), 'the test kernels');
    pools.push(pool);
    return { memory, pool };
  }

  afterEach(() => {
    for (const pool of pools.splice(0)) pool.close();
    logged.length = 0;
  });

  for (const threads of [1, 2, 3, 5]) {
    it(`computes every item once with ${threads} threads, before and after they are ready`, async () => {
      const { memory, pool } = makePool(threads);
      expect(pool.threads).to.equal(threads);
      for (const count of [1, 63, 1000, 100_003]) {
        const address = memory.allocate(4 * count);
        for (const wait of [false, true]) {
          if (wait) expect(await pool.ready()).to.equal(threads);
          memory.i32(address, count).fill(-1);
          for (let i = 0; i < 5; i++) pool.parallelFor(7, 'squares', [address], 0, count, 16);
          expect(memory.i32(address, count)).to.deep.equal(squares(count));
        }
      }
    });
  }

  it('begins parts at multiples of the grain, and none elsewhere', async () => {
    const { memory, pool } = makePool(3);
    await pool.ready();
    const address = memory.allocate(4 * 1100);
    const ends = memory.i32(address, 1100).fill(0);
    pool.parallelFor(7, 'starts', [address], 100, 1090, 24);
    let next = 100;
    for (let i = 0; i < 1100; i++) {
      if (ends[i] === 0) continue;
      expect(i).to.equal(next);
      expect((i - 100) % 24).to.equal(0);
      next = ends[i];
    }
    expect(next).to.equal(1090);
  });

  it('does not split what is not more than a grain, and calls nothing for an empty range', () => {
    const { memory, pool } = makePool(4);
    const address = memory.allocate(4096);
    const ends = memory.i32(address, 1024).fill(0);
    pool.parallelFor(7, 'starts', [address], 0, 64, 64);
    pool.parallelFor(7, 'starts', [address], 9, 9, 1);
    expect([...ends.subarray(0, 65)].filter((end) => end !== 0)).to.deep.equal([64]);
  });

  it('gives each thread scratch memory of its own', async () => {
    const { memory, pool } = makePool(4);
    await pool.ready();
    const address = memory.allocate(4 * 4000);
    const seen = new Set<number>();
    for (let i = 0; i < 200; i++) {
      pool.parallelFor(7, 'scratches', [address], 0, 4000, 1);
      for (const scratch of memory.i32(address, 4000)) seen.add(scratch >>> 0);
    }
    expect(seen.size).to.be.within(1, 4);
    const sorted = [...seen].sort((a, b) => a - b);
    for (let i = 1; i < sorted.length; i++) expect(sorted[i] - sorted[i - 1]).to.be.at.least(SCRATCH_BYTES);
    for (const scratch of seen) expect(memory.sizeAt(scratch)).to.equal(SCRATCH_BYTES);
  });

  it('passes all arguments, takes exports by place, and refuses too many', async () => {
    const { memory, pool } = makePool(2);
    await pool.ready();
    const address = memory.allocate(4 * 64);
    pool.parallelFor(7, 4, [address, 1, -20, 300], 0, 64, 64);
    expect(memory.i32(address, 1)[0]).to.equal(281);
    expect(() => pool.parallelFor(7, 'squares', new Array(65).fill(0), 0, 64, 1)).to.throw(
      InternalError,
      /65 arguments/,
    );
    expect(() => pool.parallelFor(7, 'cubes', [], 0, 64, 1)).to.throw(InternalError, /exports no cubes/);
    expect(() => pool.parallelFor(8, 'squares', [], 0, 64, 1)).to.throw(InternalError, /8 is not loaded/);
  });

  it('reaches memory that grew after the workers began, beyond 2 GiB too', async () => {
    const { memory, pool } = makePool(3);
    const low = memory.allocate(4000);
    await pool.ready();
    pool.parallelFor(7, 'squares', [low], 0, 1000, 10);
    memory.allocate(2 ** 31);
    const high = memory.allocate(400_000);
    expect(high).to.be.greaterThan(2 ** 31);
    for (let i = 0; i < 20; i++) pool.parallelFor(7, 'squares', [high], 0, 100_000, 10);
    expect(memory.i32(high, 100_000)).to.deep.equal(squares(100_000));
    // A module that the workers have not seen: its bytes lie in the new part.
    pool.loadModule(8, kernels(3));
    for (let i = 0; i < 20; i++) pool.parallelFor(8, 'squares', [high], 0, 100_000, 10);
    expect(memory.i32(high, 100_000)).to.deep.equal(squares(100_000, 3));
  });

  it('runs the new module after one was unloaded', async () => {
    const { memory, pool } = makePool(3);
    await pool.ready();
    const address = memory.allocate(40_000);
    const { usedBytes } = memory;
    for (let factor = 2; factor < 30; factor++) {
      pool.loadModule(factor + 100, kernels(factor));
      for (let i = 0; i < 10; i++) pool.parallelFor(factor + 100, 'squares', [address], 0, 10_000, 10);
      expect(memory.i32(address, 10_000)).to.deep.equal(squares(10_000, factor));
      pool.unloadModule(factor + 100);
    }
    expect(memory.usedBytes).to.equal(usedBytes);
  });

  it('names the kernel and the part that trapped, and goes on', async () => {
    const { memory, pool } = makePool(3);
    await pool.ready();
    const address = memory.allocate(4000);
    for (const item of [0, 500, 999]) {
      for (let i = 0; i < 10; i++) {
        expect(() => pool.parallelFor(7, 'failAt', [item], 0, 1000, 10)).to.throw(
          InternalError,
          /^Kernel failAt of the test kernels failed at \d+ … \d+( on thread \d of 3)?: RuntimeError: unreachable/,
        );
      }
    }
    pool.parallelFor(7, 'squares', [address], 0, 1000, 10);
    expect(memory.i32(address, 1000)).to.deep.equal(squares(1000));
  });

  it('says when a worker ends while it runs a kernel, and replaces it', async () => {
    let lethal = true;
    const workers: Worker[] = [];
    const { memory, pool } = makePool(2, {
      startWorker: (name, start, ended) => {
        const source = lethal ? workerSource.replace('run.apply(undefined, args);', 'process.exit(3);') : workerSource;
        const worker = new Worker(source, { eval: true, name });
        workers.push(worker);
        worker.on('exit', (code) => ended(`exit code ${code}`));
        worker.postMessage(start);
        worker.unref();
        return { terminate: () => void worker.terminate() };
      },
    });
    await pool.ready();
    const address = memory.allocate(4 << 20);
    // Until the worker gets hold of a part; on one core the caller may do all of it a few times.
    expect(() => {
      for (let i = 0; i < 10_000; i++) pool.parallelFor(7, 'squares', [address], 0, 1 << 20, 16);
    }).to.throw(
      InternalError,
      /^Kernel squares of the test kernels failed at \d+ … \d+ on thread 1 of 2: the thread ended while it ran$/,
    );
    lethal = false;
    while (workers.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(await pool.ready()).to.equal(2);
    pool.parallelFor(7, 'squares', [address], 0, 1000, 10);
    expect(memory.i32(address, 1000)).to.deep.equal(squares(1000));
    expect(logged).to.deep.equal(['sluice: thread 1 of 2 ended (exit code 3); another takes its place.']);
  });

  it('replaces workers that end between jobs three times, then does with fewer', async () => {
    const workers: Worker[] = [];
    const collect = (worker: Worker) => workers.push(worker);
    process.on('worker', collect);
    try {
      const { memory, pool } = makePool(3);
      await pool.ready();
      for (const expected of [3, 3, 3, 2]) {
        const worker = workers.pop()!;
        const ended = new Promise((resolve) => worker.once('exit', resolve));
        await worker.terminate();
        await ended;
        expect(await pool.ready()).to.equal(expected);
        const address = memory.allocate(4000);
        pool.parallelFor(7, 'squares', [address], 0, 1000, 10);
        expect(memory.i32(address, 1000)).to.deep.equal(squares(1000));
      }
      expect(logged.map((line) => line.replace(/\d/, '#'))).to.deep.equal([
        ...new Array(3).fill('sluice: thread # of 3 ended (exit code 1); another takes its place.'),
        'sluice: thread # of 3 ended (exit code 1); others do its work from now on.',
      ]);
    } finally {
      process.off('worker', collect);
    }
  });

  it('works alone where no worker can be started, and says so', async () => {
    const { memory, pool } = makePool(3, {
      startWorker: () => {
        throw new Error('no threads left');
      },
    });
    expect(await pool.ready()).to.equal(1);
    const address = memory.allocate(4000);
    pool.parallelFor(7, 'squares', [address], 0, 1000, 10);
    expect(memory.i32(address, 1000)).to.deep.equal(squares(1000));
    expect(logged[0]).to.equal(
      'sluice: thread 1 of 3 could not be started, others do its work: Error: no threads left',
    );
  });

  it('gives back its memory when closed, and runs nothing from then on', () => {
    const memory = new LinearMemory({ shared: true });
    const address = memory.allocate(4000);
    const { usedBytes } = memory;
    const pool = new ThreadPool(memory, 3);
    pool.loadModule(1, kernels());
    pool.parallelFor(1, 'squares', [address], 0, 1000, 10);
    pool.close();
    pool.close();
    expect(memory.usedBytes).to.equal(usedBytes);
    expect(() => pool.parallelFor(1, 'squares', [address], 0, 1000, 10)).to.throw(InternalError, /closed/);
  });

  it('has one thread over memory that is not shared', () => {
    const memory = new LinearMemory({ shared: false });
    expect(new ThreadPool(memory, 4).threads).to.equal(1);
  });

  it('does not keep the process alive', () => {
    const script = `
      const { LinearMemory } = require('./runtime/backends/wasm/memory');
      const { ThreadPool } = require('./runtime/backends/wasm/threads/pool');
      const pool = new ThreadPool(new LinearMemory({ shared: true }), 3);
      pool.loadModule(1, Uint8Array.from(${JSON.stringify([...kernels()])}));
      pool.ready().then((threads) => {
        pool.parallelFor(1, 'failAt', [5000], 0, 1000, 1);
        console.log(threads);
      });
    `;
    const out = execFileSync(process.execPath, ['-r', 'ts-node/register/transpile-only', '-e', script], {
      encoding: 'utf8',
    });
    expect(out).to.equal('3\n');
  });
});
