/**
 * The peer sluice, in the variant that SLUICE_VARIANT names: threads and BLAS of the session. Bundled by main.mjs in the
 * way of the package, and run in a process of its own with exposed garbage collection.
 */
import * as tf from '../../lib/index';
import { type Builder, number, type Params } from '../workloads/built';
import { builders } from '../workloads/index';
import { scalarChain } from '../workloads/overhead';
import { type Case, type Prepared, serve } from './serve.mjs';

const config = JSON.parse(process.env.SLUICE_VARIANT ?? '{}') as tf.SessionConfig;
const collect = (globalThis as { gc?: () => void }).gc ?? (() => {});

async function prepareRun({ workload, params }: Case): Promise<Prepared> {
  const built = builders[workload](params);
  const session = new tf.Session({ graph: built.graph, config: { ...config, seed: 1 } });
  await session.run(built.init);
  const { step, feed } = built;
  return {
    check: () => built.check(session),
    run: params.mode === 'sync' ? () => void session.runSync(step, { feed }) : () => session.run(step, { feed }),
  };
}

/** h: building, gradients and the first run, in µs an op, and bytes an op. */
function measureBuilding(params: Params): Readonly<Record<string, number>> {
  const ops = number(params, 'ops');
  const graph = new tf.Graph();
  collect();
  const heap = process.memoryUsage().heapUsed;
  return graph.asDefault(() => {
    const x = tf.placeholder(tf.float32, []);
    const start = performance.now();
    const y = scalarChain(x, ops);
    const built = performance.now();
    const added = graph.version;
    collect();
    const bytes = (process.memoryUsage().heapUsed - heap) / added;
    const differentiated = performance.now();
    const [gradient] = tf.gradients(y, x);
    const after = performance.now();
    const gradientOps = graph.version - added;
    const session = new tf.Session({ graph, config });
    const began = performance.now();
    session.runSync(gradient as tf.Tensor, { feed: [[x, 0.5]] });
    const ran = performance.now();
    session.runSync(gradient as tf.Tensor, { feed: [[x, 0.5]] });
    const again = performance.now();
    session.close();
    return {
      time: built - start,
      'ops/s': (added / (built - start)) * 1e3,
      'bytes/op': bytes,
      'gradient ops/s': (gradientOps / (after - differentiated)) * 1e3,
      'first run ms': ran - began - (again - ran),
      'ops run': graph.version,
    };
  });
}

/** i: how much the heap grows over many steps, and the most memory that the process took. */
async function measureMemory(params: Params): Promise<Readonly<Record<string, number>>> {
  const defaults = { d: { batch: 128, sizes: [784, 512, 512, 10] }, e: { batch: 50, channels: [32, 64], dense: 1024 } };
  const model = params.model as 'd' | 'e';
  const build: Builder = builders[model];
  const { graph, init, step, feed } = build({ ...defaults[model], ...params });
  const session = new tf.Session({ graph, config: { ...config, seed: 1 } });
  await session.run(init);
  for (let i = 0; i < 3; i++) await session.run(step, { feed });
  collect();
  const before = process.memoryUsage();
  const start = performance.now();
  for (let i = 0; i < number(params, 'steps'); i++) await session.run(step, { feed });
  const time = (performance.now() - start) / number(params, 'steps');
  collect();
  const after = process.memoryUsage();
  const { arenaBytes, lowerBoundBytes } = session.explain(step, { feed }).data.memory;
  return {
    time,
    'arena / least possible': arenaBytes / lowerBoundBytes,
    'arena MB': arenaBytes / 1e6,
    'heap growth MB': (after.heapUsed - before.heapUsed) / 1e6,
    'buffers growth MB': (after.arrayBuffers - before.arrayBuffers) / 1e6,
    'peak MB': process.resourceUsage().maxRSS / 1e3,
  };
}

void serve((each) => {
  if (each.workload === 'h') return { check: () => [], round: () => measureBuilding(each.params) };
  if (each.workload === 'i') return { check: () => [], round: () => measureMemory(each.params) };
  return prepareRun(each);
});
