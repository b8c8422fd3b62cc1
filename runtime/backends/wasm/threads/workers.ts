/**
 * Starts and ends one worker thread, in Node and in browsers. What it does is workerSource.ts, and when is pool.ts.
 */
import { nodeBuiltin } from '../../../nodeModules';
import { type WorkerStart, workerSource } from './workerSource';

/** A running worker. */
export interface WorkerHandle {
  /** Ends it at once, whatever it does. */
  terminate(): void;
}

interface NodeWorker {
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'exit', listener: (code: number) => void): void;
  postMessage(message: unknown): void;
  terminate(): Promise<number>;
  unref(): void;
}

interface WorkerThreads {
  readonly Worker: new (
    source: string,
    options: { eval: boolean; name: string; env: object; execArgv: string[]; stdin: boolean },
  ) => NodeWorker;
}

interface BrowserWorker {
  onerror: ((event: { readonly message?: string }) => void) | null;
  postMessage(message: unknown): void;
  terminate(): void;
}

interface Browser {
  readonly Worker: new (url: string, options: { name: string }) => BrowserWorker;
  readonly URL: { createObjectURL(blob: unknown): string };
  readonly Blob: new (parts: readonly string[], options: { type: string }) => unknown;
}

/**
 * Starts a worker, which never keeps the process alive.
 *
 * @param ended is called when it ends without being told to, with the reason.
 */
export function startWorker(name: string, start: WorkerStart, ended: (reason: string) => void): WorkerHandle {
  const threads = nodeBuiltin<WorkerThreads>('node:worker_threads');
  return threads === undefined ? startInBrowser(name, start, ended) : startInNode(threads.Worker, name, start, ended);
}

function startInNode(
  Worker: WorkerThreads['Worker'],
  name: string,
  start: WorkerStart,
  ended: (reason: string) => void,
): WorkerHandle {
  // Without the parent's environment and flags: a loader or a profiler named there has no business in a worker.
  const worker = new Worker(workerSource, { eval: true, name, env: {}, execArgv: [], stdin: false });
  let told = false;
  let reason: string | null = null;
  worker.on('error', (error) => {
    reason = String(error);
  });
  worker.on('exit', (code) => {
    if (!told) ended(reason ?? `exit code ${code}`);
  });
  worker.postMessage(start);
  worker.unref();
  return {
    terminate() {
      told = true;
      void worker.terminate();
    },
  };
}

/** The worker's program as a browser fetches it: one for all workers of the page. */
let sourceUrl: string | undefined;

function startInBrowser(name: string, start: WorkerStart, ended: (reason: string) => void): WorkerHandle {
  const { Worker, URL, Blob } = globalThis as unknown as Browser;
  sourceUrl ??= URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
  const worker = new Worker(sourceUrl, { name });
  worker.onerror = ({ message }) => ended(message ?? 'it could not be started');
  worker.postMessage(start);
  return { terminate: () => worker.terminate() };
}
