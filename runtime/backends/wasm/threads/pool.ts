/**
 * Runs kernels on several threads, from synchronous code: the caller deals a range out in chunks, takes part itself, and comes
 * back when all of it is done. Which chunk runs where depends on timing; kernels compute independent outputs, so results do not.
 *
 * Protocol, over the words of control.ts: the caller writes the job, then sets each idle worker's state to `posted`, waking it
 * if it sleeps. A worker that moves its state to `running` works until no chunk is left and becomes `idle`. When the caller has
 * no chunk left, it takes the job back from workers that did not begin, and waits for those that did. So a job is never
 * rewritten under a worker's eyes, a slow wake-up delays nobody, and a pool without a single worker still works.
 *
 * Workers start with the first job that is worth splitting, and end with `close`, with the pool, or with the process.
 */
import { InternalError } from '../../../../graph/errors';
import { availableCores } from '../features';
import { SCRATCH_BYTES } from '../kernelCall';
import type { LinearMemory } from '../memory';
import { ARGS, JOB, MOST_ARGS, makeControl, regionAt, SHARED, STATE, WORKER, workerAt } from './control';
import { type KernelFunction, type KernelModuleEntry, KernelModules } from './kernelModules';
import { startWorker, type WorkerHandle } from './workers';

export interface ThreadPoolOptions {
  /** Where the pool tells of workers that ended. */
  readonly log?: (line: string) => void;
  /** For how many milliseconds a worker looks for the next job before it sleeps. */
  readonly spinMs?: number;
  /** How a worker is started; default: as a thread of Node or a Worker of a browser. */
  readonly startWorker?: typeof startWorker;
}

/** Chunks per thread: more balance the load better, fewer cost less. */
const CHUNKS_PER_THREAD = 4;
const SPIN_MS = 0.1;
/** After so many replacements of workers that ended, their places stay empty. */
const MOST_RESTARTS = 3;
/** How often the caller looks before it sleeps until a worker is done. */
const CALLER_SPINS = 20_000;
/** A worker whose chunk takes so many seconds longer than all others is taken for dead. */
const PATIENCE_SECONDS = 120;

/** Ends the workers of pools that nobody closed. */
const abandoned = new FinalizationRegistry<(WorkerHandle | null)[]>((workers) => {
  for (const worker of workers) worker?.terminate();
});

/** Whether this thread may sleep in Atomics.wait: not the main thread of a page. */
function maySleep(control: Int32Array): boolean {
  try {
    Atomics.wait(control, SHARED.mainWaits, -1, 0);
    return true;
  } catch {
    return false;
  }
}

export class ThreadPool {
  /** How many threads share the work, the calling one included. */
  readonly threads: number;
  readonly #memory: LinearMemory;
  readonly #control: Int32Array;
  readonly #modules: KernelModules;
  readonly #log: (line: string) => void;
  readonly #spinMs: number;
  readonly #startOne: typeof startWorker;
  readonly #maySleep: boolean;
  /** Places of workers: thread `i + 1` is at index i. */
  readonly #workers: (WorkerHandle | null)[] = [];
  readonly #scratch: number[] = [];
  readonly #argLists: number[][] = [];
  /** The threads of workers that the job at hand was posted to. */
  readonly #posted: number[] = [];
  #restarts = 0;
  #started = false;
  #closed = false;

  constructor(memory: LinearMemory, threads: number, options: ThreadPoolOptions = {}) {
    this.threads = memory.shared ? threads : 1;
    this.#memory = memory;
    this.#log = options.log ?? ((line) => console.error(line));
    // Where threads outnumber cores, a thread that spins takes time from one that works.
    this.#spinMs = options.spinMs ?? (this.threads > availableCores() ? 0 : SPIN_MS);
    this.#startOne = options.startWorker ?? startWorker;
    this.#control = makeControl(this.threads);
    this.#maySleep = maySleep(this.#control);
    for (let thread = 0; thread < this.threads; thread++) {
      const address = memory.allocate(SCRATCH_BYTES, 'scratch of threads');
      this.#scratch.push(address);
      if (thread > 0) this.#control[workerAt(this.threads, thread) + WORKER.scratch] = address;
    }
    this.#modules = new KernelModules(memory, this.#scratch[0], this.threads > 1);
  }

  /**
   * Makes a module's exports callable. It may import `env.memory` and the i32 global `env.scratch`.
   *
   * @param label what messages call it.
   * @param compiled the module, where it is compiled already.
   * @returns its exports on this thread.
   */
  loadModule(
    id: number,
    bytes: Uint8Array<ArrayBuffer>,
    label = `module ${id}`,
    compiled?: WebAssembly.Module,
  ): WebAssembly.Exports {
    return this.#modules.load(id, bytes, label, compiled);
  }

  /**
   * Makes functions in JavaScript callable.
   *
   * @param program the body of a function that returns a list of the same functions, for workers.
   */
  loadProgram(id: number, program: string, functions: Readonly<Record<string, KernelFunction>>, label: string): void {
    this.#modules.loadProgram(id, program, functions, label);
  }

  /** Whether a module of that number is loaded. */
  hasModule(id: number): boolean {
    return this.#modules.has(id);
  }

  unloadModule(id: number): void {
    this.#modules.unload(id);
  }

  /**
   * Calls `function(...args, from, to)` for parts of `begin` … `end`, on several threads where there is more than one grain;
   * parts start at `begin` plus multiples of `grain`. Returns when all is done.
   *
   * @param name the function's name, or its place among the module's exports.
   * @param args 32-bit integers, at most 64.
   * @throws InternalError naming the kernel and the part when it traps on any thread, or a worker ends.
   */
  parallelFor(
    moduleId: number,
    name: string | number,
    args: readonly number[],
    begin: number,
    end: number,
    grain: number,
  ): void {
    if (this.#closed) throw new InternalError('The thread pool is closed.');
    const module = this.#modules.get(moduleId);
    const index = typeof name === 'number' ? name : this.#modules.indexOf(module, name);
    const extent = end - begin;
    if (extent <= 0) return;
    if (this.threads === 1 || extent <= grain) {
      this.#call(module, index, this.#argList(args), args.length, begin, end);
      return;
    }
    if (!this.#started) this.#start();
    this.#writeJob(module, index, args, begin, end, grain);
    this.#post();
    this.#takePart(module, index, args);
  }

  /** Resolves when every worker has started, with the number of threads that work. Jobs need not wait for it. */
  async ready(): Promise<number> {
    if (this.threads > 1 && !this.#started && !this.#closed) this.#start();
    while (this.#workers.some((worker, i) => worker !== null && this.#state(i + 1) === STATE.starting)) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return 1 + this.#workers.filter((worker, i) => worker !== null && this.#state(i + 1) !== STATE.ended).length;
  }

  /** Ends the workers and gives back what the pool took of the memory. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    abandoned.unregister(this);
    for (let thread = 1; thread < this.threads; thread++) this.#end(thread);
    this.#modules.unloadAll();
    for (const address of this.#scratch) this.#memory.free(address);
  }

  #own(thread: number): number {
    return workerAt(this.threads, thread);
  }

  #state(thread: number): number {
    return Atomics.load(this.#control, this.#own(thread) + WORKER.state);
  }

  #start(): void {
    this.#started = true;
    abandoned.register(this, this.#workers, this);
    for (let thread = 1; thread < this.threads; thread++) this.#startWorker(thread);
  }

  #startWorker(thread: number): void {
    const own = this.#own(thread);
    this.#control.fill(0, own, own + 3);
    const pool = new WeakRef(this);
    const start = { memory: this.#memory.memory, control: this.#control, own, spinMs: this.#spinMs };
    try {
      this.#workers[thread - 1] = this.#startOne(`sluice ${thread}`, start, (reason) => {
        const alive = pool.deref();
        if (alive !== undefined) alive.#ended(thread, reason);
      });
    } catch (error) {
      this.#workers[thread - 1] = null;
      this.#log(`sluice: thread ${thread} of ${this.threads} could not be started, others do its work: ${error}`);
    }
  }

  /** A worker ended by itself, as the event loop tells. */
  #ended(thread: number, reason: string): void {
    if (this.#closed || this.#workers[thread - 1] === null) return;
    this.#workers[thread - 1] = null;
    Atomics.store(this.#control, this.#own(thread) + WORKER.state, STATE.ended);
    if (this.#restarts === MOST_RESTARTS) {
      this.#log(`sluice: thread ${thread} of ${this.threads} ended (${reason}); others do its work from now on.`);
      return;
    }
    this.#restarts++;
    this.#log(`sluice: thread ${thread} of ${this.threads} ended (${reason}); another takes its place.`);
    this.#startWorker(thread);
  }

  #end(thread: number): void {
    const own = this.#own(thread);
    Atomics.store(this.#control, own + WORKER.state, STATE.stopping);
    Atomics.notify(this.#control, own + WORKER.state);
    this.#workers[thread - 1]?.terminate();
    this.#workers[thread - 1] = null;
  }

  #writeJob(
    module: KernelModuleEntry,
    index: number,
    args: readonly number[],
    begin: number,
    end: number,
    grain: number,
  ): void {
    const control = this.#control;
    if (args.length > MOST_ARGS) {
      throw new InternalError(`Kernel ${module.names[index]} has ${args.length} arguments; at most ${MOST_ARGS} fit.`);
    }
    control[JOB.slot] = module.slot;
    control[JOB.serial] = module.serial;
    control[JOB.bytesAddress] = module.bytesAddress;
    control[JOB.bytesLength] = module.bytesLength;
    control[JOB.isProgram] = module.isProgram ? 1 : 0;
    control[JOB.exportIndex] = index;
    control[JOB.argCount] = args.length;
    for (let i = 0; i < args.length; i++) control[ARGS + i] = args[i];
    control[JOB.begin] = begin;
    control[JOB.end] = end;
    const grains = Math.ceil((end - begin) / grain);
    const chunkSize = Math.ceil(grains / (this.threads * CHUNKS_PER_THREAD)) * grain;
    control[JOB.chunkSize] = chunkSize;
    control[JOB.regions] = this.threads;
    const chunks = Math.ceil((end - begin) / chunkSize);
    for (let region = 0; region < this.threads; region++) {
      control[regionAt(region)] = Math.floor((chunks * region) / this.threads);
      control[regionAt(region) + 1] = Math.floor((chunks * (region + 1)) / this.threads);
    }
    control[SHARED.abort] = 0;
  }

  /** Offers the job to the workers that are idle. */
  #post(): void {
    const control = this.#control;
    this.#posted.length = 0;
    for (let thread = 1; thread < this.threads; thread++) {
      const own = this.#own(thread);
      if (Atomics.load(control, own + WORKER.state) !== STATE.idle) continue;
      control[own + WORKER.region] = thread;
      control[own + WORKER.errorLength] = 0;
      if (Atomics.compareExchange(control, own + WORKER.state, STATE.idle, STATE.posted) !== STATE.idle) continue;
      this.#posted.push(thread);
      if (Atomics.load(control, own + WORKER.sleeps) !== 0) Atomics.notify(control, own + WORKER.state);
    }
  }

  #takePart(module: KernelModuleEntry, index: number, args: readonly number[]): void {
    const control = this.#control;
    const list = this.#argList(args);
    const [begin, end] = [control[JOB.begin] >>> 0, control[JOB.end] >>> 0];
    const size = control[JOB.chunkSize] >>> 0;
    let failure: unknown = null;
    try {
      for (let region = 0; region < this.threads; region++) {
        const at = regionAt(region);
        const last = control[at + 1];
        while (Atomics.load(control, SHARED.abort) === 0) {
          const chunk = Atomics.add(control, at, 1);
          if (chunk >= last) break;
          const from = begin + chunk * size;
          this.#call(module, index, list, args.length, from, Math.min(end, from + size));
        }
      }
    } catch (error) {
      failure = error;
      Atomics.store(control, SHARED.abort, 1);
    }
    for (const thread of this.#posted) failure = this.#join(thread, module, index) ?? failure;
    if (failure !== null) throw failure;
  }

  /** Takes the job back from a worker, or waits until it is done; what went wrong there. */
  #join(thread: number, module: KernelModuleEntry, index: number): InternalError | null {
    const control = this.#control;
    const own = this.#own(thread);
    const at = own + WORKER.state;
    if (Atomics.compareExchange(control, at, STATE.posted, STATE.idle) === STATE.posted) return null;
    let spins = 0;
    while (Atomics.load(control, at) === STATE.running && spins < CALLER_SPINS) spins++;
    if (Atomics.load(control, at) === STATE.running) this.#sleepUntilDone(at);
    const state = Atomics.load(control, at);
    if (state === STATE.ended) return this.#failure(thread, module, index, 'the thread ended while it ran');
    if (state === STATE.running) {
      this.#end(thread);
      return this.#failure(thread, module, index, `nothing was heard of the thread for ${PATIENCE_SECONDS} seconds`);
    }
    const length = control[own + WORKER.errorLength];
    if (length === 0) return null;
    const bytes = new Uint8Array(control.buffer, 4 * (own + WORKER.errorText), length).slice();
    return this.#failure(thread, module, index, new TextDecoder().decode(bytes));
  }

  /** Waits while a worker is running; sleeping where that is allowed. */
  #sleepUntilDone(at: number): void {
    const control = this.#control;
    Atomics.store(control, SHARED.mainWaits, 1);
    let left = PATIENCE_SECONDS;
    let since = performance.now();
    while (Atomics.load(control, at) === STATE.running && left > 0) {
      if (this.#maySleep) {
        if (Atomics.wait(control, at, STATE.running, 1000) === 'timed-out') left--;
      } else if (performance.now() - since > 1000) {
        since = performance.now();
        left--;
      }
    }
    Atomics.store(control, SHARED.mainWaits, 0);
  }

  #failure(thread: number, module: KernelModuleEntry, index: number, reason: string): InternalError {
    const from = this.#control[this.#own(thread) + WORKER.at] >>> 0;
    const [end, size] = [this.#control[JOB.end] >>> 0, this.#control[JOB.chunkSize] >>> 0];
    return new InternalError(
      `Kernel ${module.names[index]} of ${module.label} failed at ${from} … ${Math.min(end, from + size)} ` +
        `on thread ${thread} of ${this.threads}: ${reason}`,
    );
  }

  #argList(args: readonly number[]): number[] {
    const list = (this.#argLists[args.length] ??= new Array<number>(args.length + 2).fill(0));
    for (let i = 0; i < args.length; i++) list[i] = args[i];
    return list;
  }

  #call(module: KernelModuleEntry, index: number, list: number[], argCount: number, from: number, to: number): void {
    list[argCount] = from;
    list[argCount + 1] = to;
    try {
      module.functions[index].apply(undefined, list);
    } catch (error) {
      throw new InternalError(`Kernel ${module.names[index]} of ${module.label} failed at ${from} … ${to}: ${error}`);
    }
  }
}
