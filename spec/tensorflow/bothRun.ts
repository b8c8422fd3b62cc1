/**
 * Programs run twice: by sluice, and by TensorFlow after importing the graph that sluice built. Their results are compared
 * step by step. All programs of a file share one Python process.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { toJson } from '@bufbuild/protobuf';
import { expect } from 'chai';
import { graphToProto } from '../../graph/formats/exportGraphDef';
import { GraphDefSchema } from '../../graph/formats/protos/generated/graph_pb';
import { Graph } from '../../graph/graph';
import type { NdArray } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import type { Tensor } from '../../graph/tensor';
import { Session } from '../../runtime/session';
import { expectClose, type Tolerance } from '../support/close';
import { decode, encode, python, type WireArray } from './wire';

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

/** What TensorFlow computes: per program, per step, per fetch. */
function runInTensorFlow(requests: unknown): (NdArray | null)[][][] {
  const run = spawnSync(python(), ['-W', 'ignore', join(__dirname, 'run.py')], {
    input: JSON.stringify(requests),
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  expect(run.status, `${run.error ?? ''}${run.stderr}`).to.equal(0);
  return (JSON.parse(run.stdout) as (WireArray | null)[][][]).map((steps) =>
    steps.map((step) => step.map((array) => array && decode(array))),
  );
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
      const requests = [...built.values()].map(({ graph, steps }) => ({
        graph: toJson(GraphDefSchema, graphToProto(graph)),
        runs: steps.map(({ fetch, feed = [] }) => ({
          fetches: fetch.map((item) => item.name),
          feeds: Object.fromEntries(feed.map(([tensor, value]) => [tensor.name, encode(value)])),
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
