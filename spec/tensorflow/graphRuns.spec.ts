/**
 * All golden programs run on both sides, from the GraphDefs that sluice writes: those of TensorFlow say the same node for
 * node (graphDefs.spec.ts), but for seeds that initializers draw. Placeholders are fed, variables initialised, and everything
 * is fetched that nothing else reads and no assignment precedes.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { expect } from 'chai';
import { graphToProto } from '../../graph/formats/exportGraphDef';
import { importGraphDef } from '../../graph/formats/importGraphDef';
import { GraphDefSchema } from '../../graph/formats/protos/generated/graph_pb';
import { Graph } from '../../graph/graph';
import { NdArray } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import '../../graph/ops/index';
import type { Tensor } from '../../graph/tensor';
import { reachable } from '../../graph/topology';
import { Session } from '../../runtime/session';
import { expectClose } from '../support/close';
import { collectTwins } from '../support/golden';
import { decode, encode, python, type WireArray } from './wire';

const folder = join(__dirname, '..');

interface Run {
  readonly initializers: readonly string[];
  readonly fetches: readonly string[];
  readonly feeds: Readonly<Record<string, NdArray>>;
}

/** Programs that cannot agree, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'layers/pooling2d_channels_first': "TensorFlow's CPU kernel takes NCHW for NHWC",
  'array_gradients/gradient_fused_batch_norm': 'one gradient is zero but for rounding, which differs',
  'summary/image': 'the bytes of PNG files depend on the compressor',
  'saver/in_scopes': 'devices that are not there',
  'saver/sharded_by_device': 'devices that are not there',
  'saver/init_from_checkpoint': 'devices that are not there',
  'saver/types_of_values': 'variables of types that sluice does not compute with',
};

/** Ends of a graph that are compared. */
const MOST_FETCHES = 24;

/** Values for a placeholder: small, of both signs, and indices that fit. */
function feedFor({ dtype, shape }: Tensor): NdArray {
  const dims = (shape.dims ?? [2]).map((dim) => dim ?? 2);
  const size = dims.reduce((product, dim) => product * dim, 1);
  const element = (i: number) => {
    if (dtype.isBool) return i % 2 === 0;
    if (dtype.name === 'string') return `s${i}`;
    return dtype.isInteger ? i % 2 : (((i * 7) % 11) - 4) / 5;
  };
  const flat = NdArray.from(Array.from({ length: size }, (_, i) => element(i)) as never, dtype);
  return new NdArray(dtype, dims, flat.data);
}

const FETCHED = /^(float32|float64|u?int(8|16|32|64)|bool|string)$/;

/** Whether what an op yields depends on the run: unseeded random numbers, and whatever assigns. */
function isUnstable(op: Operation): boolean {
  if (op.attrs.seed === 0 && op.attrs.seed2 === 0) return true;
  if (
    /^(Resource(Apply|Scatter|SparseApply|Count|Strided)|Assign(Add|Sub)?VariableOp$|Assign$|(Stateful)?PartitionedCall$)/.test(
      op.type,
    )
  )
    return true;
  return bodiesOf(op).some((body) => body.operations.some(isUnstable));
}

/** What fused batch normalization keeps for its gradient is its own affair. */
const isReserve = ({ op, index }: Tensor): boolean =>
  (op.type.startsWith('FusedBatchNorm') && index > 2) || (op.type === 'ZerosLike' && isReserve(op.inputs[0]));

function bodiesOf(op: Operation) {
  const names = Object.values(op.attrs).flatMap((value) => (Array.isArray(value) ? value : [value]));
  return names.flatMap((value) => op.graph.functions.get((value as { name?: string })?.name ?? '') ?? []);
}

function runOf(graph: Graph): Run {
  const { operations } = graph;
  const feeds = Object.fromEntries(
    operations.filter(({ type }) => type === 'Placeholder').map((op) => [op.output.name, feedFor(op.output)]),
  );
  const initializers = operations.filter(({ type, name }) => type === 'AssignVariableOp' && /\/Assign$/.test(name));
  const unstable = new Set(operations.filter(isUnstable));
  // A variable that starts with such a value has it all along.
  for (const op of initializers)
    if ([...reachable([op])].some((each) => unstable.has(each))) unstable.add(op.inputs[0].op);
  const ends = operations.flatMap((op) =>
    op.outputs.filter(
      (tensor) => tensor.consumers().length === 0 && FETCHED.test(tensor.dtype.name) && !isReserve(tensor),
    ),
  );
  const stable = ends.filter(({ op }) => ![...reachable([op])].some((each) => unstable.has(each)));
  const fetches = stable.slice(-MOST_FETCHES).map(({ name }) => name);
  return { initializers: initializers.map(({ name }) => name), fetches, feeds };
}

type Answer = readonly (WireArray | { readonly error: string })[];

function ask(script: string, input: unknown): unknown {
  const run = spawnSync(python(), ['-W', 'ignore', '-B', join(__dirname, script)], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  expect(run.status, `${run.error ?? ''}${run.stderr}`).to.equal(0);
  return JSON.parse(run.stdout);
}

const encoded = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

function attempt<T>(run: () => T): T | Error {
  try {
    return run();
  } catch (error) {
    return error as Error;
  }
}

describe('the golden programs run the same', function () {
  this.timeout(900_000);
  const twins = collectTwins(() => {
    const files = readdirSync(folder, { encoding: 'utf8', recursive: true });
    for (const file of files)
      if (/(^|[\\/.])golden\w*\b.*\.spec\.ts$/.test(file) && !/tensorflow/.test(file)) require(join(folder, file));
  });
  const runs = new Map<string, Run>();
  const ours = new Map<string, Uint8Array>();
  let answers: Readonly<Record<string, Answer>>;
  const home = process.cwd();
  const elsewhere = mkdtempSync(join(tmpdir(), 'sluice-runs-'));

  after(() => {
    process.chdir(home);
    rmSync(elsewhere, { recursive: true });
  });

  before(() => {
    // Savers among the programs write files with relative names.
    process.chdir(elsewhere);
    const requests: Record<string, unknown> = {};
    for (const [name, build] of [...twins].filter(([each]) => !(each in EXCEPTIONS))) {
      const graph = new Graph();
      graph.asDefault(build);
      const bytes = toBinary(GraphDefSchema, graphToProto(graph));
      ours.set(name, bytes);
      const run = runOf(graph);
      runs.set(name, run);
      const feeds = Object.fromEntries(Object.entries(run.feeds).map(([tensor, value]) => [tensor, encode(value)]));
      requests[name] = { ...run, feeds, graph: encoded(bytes) };
    }
    answers = ask('graph_runs.py', requests) as typeof answers;
  });

  for (const name of [...twins.keys()].filter((each) => !(each in EXCEPTIONS))) {
    it(name, () => {
      const graph = new Graph();
      graph.asDefault(() => importGraphDef(fromBinary(GraphDefSchema, ours.get(name)!), { name: '' }));
      const session = new Session({ graph });
      const { initializers, fetches, feeds } = runs.get(name)!;
      attempt(() =>
        session.runSync(
          initializers.map((each) => graph.getOperationByName(each)),
          { feed: feeds },
        ),
      );
      // In one run, as there: streams of random numbers go on from run to run.
      const tensors = fetches.map((fetch) => graph.getTensorByName(fetch));
      const areSound = answers[name].every((want) => !('error' in want));
      const together = areSound ? attempt(() => session.runSync(tensors, { feed: feeds }) as NdArray[]) : null;
      fetches.forEach((fetch, i) => {
        const want = answers[name][i];
        // A loop that does not end for these values.
        if ('error' in want && /^DeadlineExceeded/.test(want.error)) return;
        const got = Array.isArray(together)
          ? together[i]
          : attempt(() => session.runSync(tensors[i], { feed: feeds }) as NdArray);
        const what = `${fetch}: TensorFlow ${JSON.stringify(want).slice(0, 300)}, sluice ${got}`;
        if ('error' in want) expect(got, what).to.be.instanceOf(Error);
        else if (got instanceof Error) throw new Error(what, { cause: got });
        else {
          expectClose(got, decode(want));
          total++;
        }
      });
    });
  }

  let total = 0;
  it('in more than a thousand tensors', () => {
    expect(total).to.be.greaterThan(1000);
  });
});
