/**
 * Programs run twice: by sluice, and by TensorFlow after importing the graph that sluice built. Their results are compared
 * step by step. All programs of a file share one Python process.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { asDType, type DTypeName } from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import { allocate, NdArray, sizeOf } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import type { Tensor } from '../../graph/tensor';
import { Session } from '../../runtime/session';
import { expectClose, type Tolerance } from '../support/close';
import { contentOf, graphDefJson } from './graphDef';

/** One `session.run`: what it fetches and feeds. */
export interface Step {
  readonly fetch: readonly (Tensor | Operation)[];
  readonly feed?: readonly (readonly [Tensor, NdArray])[];
}

export interface Program {
  /** Builds into the default graph, which is a fresh one, and says which steps one session makes. */
  readonly build: () => readonly Step[];
  readonly tolerance?: Tolerance;
}

interface WireArray {
  readonly dtype: DTypeName;
  readonly shape: readonly number[];
  readonly bytes?: string;
  readonly strings?: readonly string[];
}

/** The Python with TensorFlow, as scripts/golden.mjs finds it. */
function python(): string {
  const own = join(__dirname, '..', '..', '.venv', 'bin', 'python');
  const found = process.env.SLUICE_PYTHON || (existsSync(own) ? own : undefined);
  return found ?? expect.fail("set SLUICE_PYTHON to a Python with TensorFlow (pip install 'tensorflow-cpu==2.15.*')");
}

function decode(array: WireArray | null): NdArray | null {
  if (array === null) return null;
  const dtype = asDType(array.dtype);
  if (array.strings) {
    const strings = array.strings.map((text) => Buffer.from(text, 'base64').toString('utf8'));
    return new NdArray(dtype, array.shape, strings);
  }
  const data = allocate(dtype, sizeOf(array.shape));
  new Uint8Array((data as Uint8Array).buffer).set(Buffer.from(array.bytes ?? '', 'base64'));
  return new NdArray(dtype, array.shape, data);
}

/** What TensorFlow computes: per program, per step, per fetch. */
function runInTensorFlow(requests: unknown): (NdArray | null)[][][] {
  const run = spawnSync(python(), ['-W', 'ignore', join(__dirname, 'run.py')], {
    input: JSON.stringify(requests),
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  expect(run.status, `${run.error ?? ''}${run.stderr}`).to.equal(0);
  return (JSON.parse(run.stdout) as (WireArray | null)[][][]).map((steps) => steps.map((step) => step.map(decode)));
}

/** One spec per program. */
export function bothRun(title: string, programs: Readonly<Record<string, Program>>): void {
  describe(title, function () {
    this.timeout(300_000);
    const built = new Map<string, { graph: Graph; steps: readonly Step[] }>();
    let wanted: (NdArray | null)[][][];

    before(() => {
      for (const [name, { build }] of Object.entries(programs)) {
        const graph = new Graph();
        built.set(name, { graph, steps: graph.asDefault(build) });
      }
      const array = (value: NdArray) => ({ dtype: value.dtype.name, shape: value.shape, ...contentOf(value) });
      const requests = [...built.values()].map(({ graph, steps }) => ({
        graph: graphDefJson(graph),
        runs: steps.map(({ fetch, feed = [] }) => ({
          fetches: fetch.map((item) => item.name),
          feeds: Object.fromEntries(feed.map(([tensor, value]) => [tensor.name, array(value)])),
        })),
      }));
      wanted = runInTensorFlow(requests);
    });

    Object.entries(programs).forEach(([name, { tolerance }], at) => {
      it(name, () => {
        const { graph, steps } = built.get(name) ?? expect.fail(`${name} was not built`);
        const session = new Session('', { graph });
        steps.forEach(({ fetch, feed = [] }, step) => {
          const got = session.runSync([...fetch], { feed: feed.map(([tensor, value]) => [tensor, value] as const) });
          got.forEach((value: NdArray | null, i: number) => {
            const want = wanted[at]?.[step]?.[i] ?? null;
            if (value === null || want === null) expect(value, `fetch ${i} of step ${step}`).to.equal(want);
            else expectClose(value, want, tolerance);
          });
        });
      });
    });
  });
}
