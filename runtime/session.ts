/**
 * Session: runs the parts of a graph that are fetched, and keeps what lives between runs — variables and random streams.
 *
 * What to compute is runtime/plan, computing is runtime/executor; here fetches and feeds are resolved, plans are cached and
 * errors get their context.
 */
import { getDefaultGraph } from '../graph/defaultGraph';
import { pushDefaultGraph } from '../graph/defaultStack';
import type { DType, DTypeName } from '../graph/dtypes';
import {
  FailedPreconditionError,
  GraphTypeError,
  InvalidArgumentError,
  NotFoundError,
  OpError,
  RuntimeError,
  repr,
  typeWord,
} from '../graph/errors';
import { Graph } from '../graph/graph';
import type { NdArray } from '../graph/ndarray';
import type { Operation } from '../graph/operation';
import '../graph/ops/index';
import { isPromiseLike, openScope, type ScopeHandle } from '../graph/scope';
import { SeedSource, type SeedSourceState } from '../graph/seedSource';
import { Tensor } from '../graph/tensor';
import { engineFor } from './backends/wasm/engine';
import { CPU_DEVICE, type RunArguments, type RunMetadata, type RunOptions, type SessionConfig } from './config';
import { Executor, type RunControl } from './executor';
import { Explained } from './explain/index';
import { checkFeed, type Feeds, type FeedValue, feedPairs, resolveFeedKey } from './feeds';
import { type Fetch, type Fetched, type ResolvedFetches, resolveFetches } from './fetches';
import { defaultFileSystem, type FileSystem } from './files/fileSystem';
import { GrowthWatch } from './growth';
import { PartialRuns } from './partialRun';
import { checkPlacement } from './placement';
import { PlanCache } from './plan/cache';
import type { OwnedBytes } from './plan/ledger';
import { allSteps, makePlan, type Plan } from './plan/plan';
import { feedValueAt, PreparedRuns } from './preparedRuns';
import type { SessionBuffer } from './sessionBuffer';
import { pushDefaultSession } from './sessionStack';
import { RunTrace, type Tracer } from './tracer';
import { explainUnfed } from './unfed';

export interface SessionOptions {
  readonly graph?: Graph;
  readonly config?: SessionConfig;
}

/** Everything random about a session, as JSON. */
export interface RngState {
  /** The source of seeds for ops that have none. */
  readonly source: SeedSourceState;
  /** The random stream of each node that has run. */
  readonly nodes: Readonly<Record<string, unknown>>;
}

/** What a session holds. */
export interface SessionMemory {
  readonly totalBytes: number;
  /**
   * Variables, values of plans (one arena each), constants, random streams and code of kernels; blocks take whole cache lines.
   */
  readonly owners: readonly OwnedBytes[];
  /** The bytes of each variable's value; part of the owner `variables`. */
  readonly variables: readonly { readonly name: string; readonly bytes: number }[];
  /** Of the memory that sessions of one configuration share, used or not. */
  readonly heldBytes: number;
}

/** Runs operations of a graph. Mirrors tf.compat.v1.Session. */
export class Session implements Disposable {
  readonly graph: Graph;
  readonly target: string;
  /** Where Print ops and warnings write lines. */
  readonly log: (line: string) => void;
  /** Collects the times of the kernels of all runs while it is set. */
  tracer: Tracer | null = null;
  readonly #config: SessionConfig;
  readonly #executor: Executor;
  readonly #seeds: SeedSource;
  readonly #plans = new PlanCache((plan) => this.#executor.forget(plan));
  readonly #growth: GrowthWatch;
  readonly #prepared = new PreparedRuns();
  readonly #partialRuns = new PartialRuns();
  #closed = false;
  #entered = false;

  /**
   * @param target the empty string: sessions run in this process.
   * @param options `graph`: default the default graph; `config`: see SessionConfig.
   */
  constructor(target: string | SessionOptions = '', options: SessionOptions = {}) {
    const isOptions =
      typeof target === 'object' &&
      target !== null &&
      (Object.keys(target).length === 0 || 'graph' in target || 'config' in target);
    const given = isOptions ? target : options;
    this.target = isOptions ? '' : checkTarget(target);
    if (given.graph !== undefined && !(given.graph instanceof Graph)) {
      throw new GraphTypeError(`Argument \`graph\` must be a tf.Graph, but got "${typeWord(given.graph)}"`);
    }
    if (given.config !== undefined && (typeof given.config !== 'object' || given.config === null)) {
      throw new GraphTypeError(`Argument \`config\` must be a tf.ConfigProto, but got "${typeWord(given.config)}"`);
    }
    this.graph = given.graph ?? getDefaultGraph();
    this.#config = given.config ?? {};
    this.log = this.#config.log ?? ((line) => console.error(line));
    this.#seeds = new SeedSource(this.#config.seed);
    const { backend = 'wasm', threads, blas, fusion = true, memoryLimitBytes } = this.#config;
    const engine = backend === 'plain' ? null : engineFor({ threads, blas, memoryLimitBytes });
    this.#executor = new Executor(
      {
        log: this.log,
        drawSeed: () => this.#seeds.draw(),
        fileSystem: () => this.fileSystem,
      },
      { engine, fusion },
    );
    this.#growth = new GrowthWatch(this.graph, (line) => this.log(`sluice: ${line}`));
  }

  /** Computes the fetched tensors. See `runSync`; the errors arrive as a rejection. */
  run<const F extends Fetch>(fetches: F, args: RunArguments<Feeds> = {}): Promise<Fetched<F>> {
    // Through unknown: comparing the conditional type with what promises unwrap would never end.
    const start = (): unknown => this.runSync(fetches, args);
    return new Promise<unknown>((resolve) => resolve(start())) as never;
  }

  /**
   * Computes the fetched tensors and executes the fetched operations, and only what they need.
   *
   * The result has the structure of `fetches`: an NdArray for a tensor or variable, null for an operation. Feeds replace the
   * values of tensors. Throws TypeError or ValueError for fetches and feeds that do not fit, RuntimeError for a closed
   * session or an empty graph, and `tf.errors` classes with the op, its type and the line that made it when an op fails;
   * variables then keep what completed ops gave them. Mirrors tf.compat.v1.Session.run.
   */
  runSync<const F extends Fetch>(fetches: F, args: RunArguments<Feeds> = {}): Fetched<F> {
    this.#checkUsable();
    const { version, rewrites } = this.graph;
    const known = this.#prepared.find(version, rewrites, fetches, args.feed);
    if (known) {
      const { resolved, plan, feeds, keys } = known;
      const isBorrowed = this.#executor.isCompiled(plan);
      const values = new Array<NdArray>(keys.length);
      for (let i = 0; i < values.length; i++)
        values[i] = checkFeed(this.graph, feeds[i], feedValueAt(args.feed!, keys, i), isBorrowed);
      return this.#finish(resolved, plan, feeds, values, args.options, args.metadata) as Fetched<F>;
    }
    const resolved = resolveFetches(this.graph, fetches);
    const given = this.#resolveFeeds(args.feed);
    const tensors = [...given.keys()];
    const plan = this.#plan(resolved, tensors);
    const values = this.#feedsOf(plan, given);
    this.#growth.observe();
    this.#prepared.add(version, rewrites, fetches, args.feed, { resolved, plan, feeds: tensors });
    return this.#finish(resolved, plan, tensors, values, args.options, args.metadata) as Fetched<F>;
  }

  /**
   * A function that runs the same fetches again and again, with the values of `feedList` as its arguments. It returns
   * what `runSync` returns. Mirrors Session.make_callable.
   */
  makeCallable<const F extends Fetch>(
    fetches: F,
    feedList: readonly (Tensor | string)[] | null = null,
  ): (...values: FeedValue[]) => Fetched<F> {
    this.#checkUsable();
    if (feedList !== null && !Array.isArray(feedList)) {
      throw new GraphTypeError(`Argument \`feed_list\` must be a list or tuple. Received: feed_list=${repr(feedList)}`);
    }
    const tensors = (feedList ?? []).map((key) => resolveFeedKey(this.graph, key));
    const resolved = resolveFetches(this.graph, fetches);
    let plan: Plan | null = null;
    let [version, rewrites] = [-1, -1];
    return (...values) => {
      this.#checkUsable();
      if (values.length !== tensors.length)
        throw new GraphTypeError(`The callable takes ${tensors.length} feeds, got ${values.length}.`);
      if (version !== this.graph.version || rewrites !== this.graph.rewrites || plan === null) {
        ({ version, rewrites } = this.graph);
        this.#growth.observe();
        plan = this.#plan(resolved, tensors);
      }
      const isBorrowed = this.#executor.isCompiled(plan);
      const arrays = new Array<NdArray>(tensors.length);
      for (let i = 0; i < arrays.length; i++) arrays[i] = checkFeed(this.graph, tensors[i], values[i], isBorrowed);
      return this.#finish(resolved, plan, tensors, arrays) as Fetched<F>;
    };
  }

  /**
   * Announces a run in several steps: what will be fetched and fed in all. Returns its handle.
   * Mirrors Session.partial_run_setup.
   */
  partialRunSetup(fetches: Fetch, feeds: readonly (Tensor | string)[] = []): string {
    this.#checkUsable();
    const resolved = resolveFetches(this.graph, fetches);
    return this.#partialRuns.setup(
      resolved.tensors,
      resolved.targets,
      feeds.map((key) => resolveFeedKey(this.graph, key)),
    );
  }

  /** One step of a partial run: gives some of its feeds, takes some of its fetches. Mirrors Session.partial_run. */
  partialRun<const F extends Fetch>(handle: string, fetches: F, args: { readonly feed?: Feeds } = {}): Fetched<F> {
    this.#checkUsable();
    const resolved = resolveFetches(this.graph, fetches);
    const feeds = new Map(
      [...this.#resolveFeeds(args.feed)].map(([tensor, value]) => [tensor, checkFeed(this.graph, tensor, value)]),
    );
    const run = this.#partialRuns.continue(handle, resolved, feeds);
    const plan = makePlan([...resolved.tensors, ...run.keep], resolved.targets, run.known, run.done);
    // Copies: later steps of the run read them.
    const values = this.#execute(plan, run.known, run.values, {}, resolved).map((value) =>
      value.dtype.size > 0 ? value.copy() : value,
    );
    this.#partialRuns.advance(handle, plan, values.slice(resolved.tensors.length), run.keep, resolved);
    const byTensor = new Map(resolved.tensors.map((tensor, i) => [tensor, values[i].copy()]));
    return resolved.assemble((tensor) => byTensor.get(tensor)!) as Fetched<F>;
  }

  /** Ends the session and forgets its variables. May be called again. */
  close(): void {
    this.#closed = true;
    this.#executor.release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Makes this the default session, and its graph the default graph; does not close. Mirrors Session.as_default. */
  asDefault(): ScopeHandle<Session>;
  asDefault<R>(body: (session: Session) => R): R;
  asDefault<R>(body?: (session: Session) => R): R | ScopeHandle<Session> {
    return openScope(() => {
      const graph = pushDefaultGraph(this.graph);
      const session = pushDefaultSession(this);
      return {
        value: this,
        exit: () => {
          session.exit();
          graph.exit();
        },
      };
    }, body);
  }

  /**
   * Python's `with session:`: the session and its graph are the defaults in `body`, and the session is closed after it.
   * RuntimeError when it is entered twice.
   */
  enter<R>(body: (session: Session) => R): R {
    if (this.#entered) {
      throw new RuntimeError(
        'Session context managers are not re-entrant. Use `Session.as_default()` if you want to enter a session multiple times.',
      );
    }
    this.#entered = true;
    try {
      const result = this.asDefault(body);
      if (isPromiseLike(result)) throw new GraphTypeError('The body of session.enter must not return a Promise.');
      return result;
    } finally {
      this.#entered = false;
      this.close();
    }
  }

  /** The random state of the session: assign what was read to continue, here or in another session of the same graph. */
  get rngState(): RngState {
    return { source: this.#seeds.getState(), nodes: this.#executor.nodeStates.save() };
  }

  set rngState(state: RngState) {
    this.#seeds.setState(state.source);
    this.#executor.nodeStates.restore(state.nodes);
  }

  /** Where ops read and write files. */
  get fileSystem(): FileSystem {
    return this.#config.fileSystem ?? defaultFileSystem();
  }

  /**
   * What `runSync` would do for these fetches and feeds, without doing it: kernels in order, the ops that each covers, what
   * was computed while compiling, what runs on the host and why, memory. It prints as text.
   *
   * Throws what resolving fetches and feeds throws, and FailedPreconditionError where ops run plain kernels, one by one.
   */
  explain(fetches: Fetch, { feed }: { readonly feed?: Feeds } = {}): Explained {
    this.#checkUsable();
    const resolved = resolveFetches(this.graph, fetches);
    const given = this.#resolveFeeds(feed);
    const plan = this.#plan(resolved, [...given.keys()]);
    const explanation = this.#executor.explain(plan, this.#feedsOf(plan, given));
    if (explanation) return new Explained(explanation);
    throw new FailedPreconditionError(
      this.#config.backend === 'plain'
        ? "There is no plan to explain: this session runs one plain kernel per op (config.backend is 'plain')."
        : 'There is no plan to explain: these fetches run one plain kernel per op, for they need control flow of TensorFlow ' +
            "v1, reference variables or checkpoints' files, or this JavaScript engine has no WebAssembly SIMD.",
    );
  }

  /**
   * An array of zeros in this session's memory. Fill it (`set`, or `data`), and feed it: its runs read it where it lies, so
   * nothing is copied. `data` is to be asked for again after anything ran, for growing memory takes views away. Each
   * buffer that is fed has plans of its own: fill one again and again rather than making many.
   *
   * `free` gives the memory back, as closing the session does. Throws TypeError for strings and the like, and
   * ResourceExhaustedError where there is no room. TensorFlow has nothing of the kind.
   */
  buffer<N extends DTypeName>(dtype: DType<N>, shape: readonly number[]): SessionBuffer<N> {
    this.#checkOpen();
    return this.#executor.buffer(dtype, shape);
  }

  /** What this session holds now, in bytes by owner. */
  memory(): SessionMemory {
    const { owners, heldBytes } = this.#executor.owned();
    const variables = this.#executor.resources.list();
    const outside = variables.filter(({ isResident }) => !isResident);
    const bytes = outside.reduce((sum, variable) => sum + variable.bytes, 0);
    const all =
      outside.length > 0 ? [...owners, { owner: 'variables of plain kernels', bytes, blocks: outside.length }] : owners;
    return {
      totalBytes: all.reduce((sum, owner) => sum + owner.bytes, 0),
      owners: all,
      variables: variables.map(({ name, bytes: size }) => ({ name, bytes: size })),
      heldBytes,
    };
  }

  /** The devices of this session. Mirrors Session.list_devices. */
  listDevices(): { name: string; deviceType: string }[] {
    return [{ name: CPU_DEVICE, deviceType: 'CPU' }];
  }

  toString(): string {
    return `<Session of ${this.graph}${this.#closed ? ', closed' : ''}>`;
  }

  #checkOpen(): void {
    if (this.#closed) throw new RuntimeError('Attempted to use a closed Session.');
  }

  #checkUsable(): void {
    this.#checkOpen();
    if (this.graph.version === 0)
      throw new RuntimeError('The Session graph is empty. Add operations to the graph before calling run().');
  }

  /** The fed tensors and what is given for each. */
  #resolveFeeds(feeds: Feeds | undefined): Map<Tensor, FeedValue> {
    return new Map(feedPairs(feeds).map(([key, value]) => [resolveFeedKey(this.graph, key), value]));
  }

  #feedsOf(plan: Plan, given: ReadonlyMap<Tensor, FeedValue>): NdArray[] {
    const isBorrowed = this.#executor.isCompiled(plan);
    return Array.from(given, ([tensor, value]) => checkFeed(this.graph, tensor, value, isBorrowed));
  }

  #plan(resolved: ResolvedFetches, feeds: readonly Tensor[]): Plan {
    return this.#plans.get(this.graph, resolved, feeds, () => {
      const plan = makePlan(resolved.tensors, resolved.targets, feeds);
      if (this.#config.allowSoftPlacement !== true) checkPlacement(allSteps(plan).map((step) => step.op));
      return plan;
    });
  }

  #finish(
    resolved: ResolvedFetches,
    plan: Plan,
    feeds: readonly Tensor[],
    values: readonly NdArray[],
    options: RunOptions = NO_OPTIONS,
    metadata?: RunMetadata,
  ): unknown {
    if (this.tracer) return this.#finishTraced(this.tracer, resolved, plan, feeds, values, options, metadata);
    const isPlain = !options.traceLevel && !options.timeoutInMs;
    if (isPlain) return assemble(resolved, this.#execute(plan, feeds, values, NO_CONTROL, resolved));
    const trace = options.traceLevel && metadata ? new RunTrace() : null;
    const deadline = options.timeoutInMs ? performance.now() + options.timeoutInMs : undefined;
    const results = this.#execute(plan, feeds, values, { deadline, onKernel: trace?.record }, resolved);
    if (trace && metadata) metadata.stepStats = [{ device: CPU_DEVICE, nodeStats: trace.nodeStats }];
    return assemble(resolved, results);
  }

  /** The same with the times of kernels going to a tracer, too. */
  #finishTraced(
    tracer: Tracer,
    resolved: ResolvedFetches,
    plan: Plan,
    feeds: readonly Tensor[],
    values: readonly NdArray[],
    options: RunOptions,
    metadata?: RunMetadata,
  ): unknown {
    const trace = options.traceLevel && metadata ? new RunTrace() : null;
    const deadline = options.timeoutInMs ? performance.now() + options.timeoutInMs : undefined;
    const run = tracer.begin(
      [...resolved.tensors.map(({ name }) => name), ...resolved.targets.map(({ name }) => name)].join(', '),
    );
    let failed = true;
    try {
      const onKernel: RunControl['onKernel'] = (event, start, end) => {
        run.record(event, start, end);
        trace?.record(event, start, end);
      };
      const results = this.#execute(plan, feeds, values, { deadline, onKernel }, resolved);
      if (trace && metadata) metadata.stepStats = [{ device: CPU_DEVICE, nodeStats: trace.nodeStats }];
      const assembled = assemble(resolved, results);
      failed = false;
      return assembled;
    } finally {
      run.end(failed);
    }
  }

  #execute(
    plan: Plan,
    feeds: readonly Tensor[],
    values: readonly NdArray[],
    control: RunControl,
    resolved: ResolvedFetches,
  ): NdArray[] {
    try {
      return this.#executor.run(plan, values, control);
    } catch (error) {
      throw this.#explain(error, feeds, resolved);
    }
  }

  #explain(error: unknown, feeds: readonly Tensor[], resolved: ResolvedFetches): unknown {
    const op = error instanceof InvalidArgumentError ? error.op : null;
    const placeholder = op?.type === 'Placeholder' ? this.graph.findOperation(op.name) : undefined;
    if (!placeholder || placeholder !== op) return error;
    const roots: Operation[] = [...resolved.tensors.map((tensor) => tensor.op), ...resolved.targets];
    return explainUnfed(error as OpError, placeholder, roots, feeds);
  }
}

/** Results in the structure of the fetches. Each place in it gets its own copy: users may change what they get. */
function assemble(resolved: ResolvedFetches, results: readonly NdArray[]): unknown {
  return resolved.assemble((tensor) => results[resolved.tensors.indexOf(tensor)].copy());
}

const NO_CONTROL: RunControl = {};
const NO_OPTIONS: RunOptions = {};

function checkTarget(target: unknown): string {
  if (typeof target !== 'string') {
    const name = target !== null && typeof target === 'object' ? 'ConfigProto' : typeWord(target);
    const hint = name === 'ConfigProto' ? '. Did you do "Session(config)" instead of "Session(config=config)"?' : '';
    throw new GraphTypeError(`Argument \`target\` must be a string, but got "${name}"${hint}`);
  }
  if (target !== '') {
    throw new NotFoundError(
      `No session factory registered for the given session options: {target: "${target}" config: } Registered factories are {DIRECT_SESSION}. Sessions of sluice run in this process: use the target ''.`,
    );
  }
  return target;
}
