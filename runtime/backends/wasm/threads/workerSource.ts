/**
 * The program of a worker thread, as text: bundles then need no file beside them, and it is the same in Node and browsers.
 *
 * It waits for jobs in shared words (control.ts), spinning for a while and then asleep, and runs chunks of them. It compiles
 * modules from their bytes in linear memory when a job first needs them: a thread that sleeps gets no messages.
 */
import { ARGS, JOB, MOST_ERROR_BYTES, regionAt, SHARED, STATE, WORKER } from './control';

const numbers = (name: string, words: object): string => `const ${name} = ${JSON.stringify(words)};`;

/** What a worker is told in its first message. */
export interface WorkerStart {
  readonly memory: WebAssembly.Memory;
  readonly control: Int32Array;
  /** Where its own words begin. */
  readonly own: number;
  /** For how many milliseconds it looks for the next job before it sleeps. */
  readonly spinMs: number;
}

export const workerSource = `'use strict';
${numbers('JOB', JOB)}
${numbers('SHARED', SHARED)}
${numbers('STATE', STATE)}
${numbers('WORKER', WORKER)}
const REGIONS = ${regionAt(0)}, REGION_WORDS = ${regionAt(1) - regionAt(0)};
const ARGS = ${ARGS}, MOST_ERROR_BYTES = ${MOST_ERROR_BYTES};

function serve({ memory, control, own, spinMs }, atEnd) {
  const STATE_AT = own + WORKER.state, SLEEPS_AT = own + WORKER.sleeps;
  const modules = [];
  const argLists = [];

  function functionOfJob() {
    const slot = control[JOB.slot], serial = control[JOB.serial];
    let loaded = modules[slot];
    if (loaded === undefined || loaded.serial !== serial) {
      const address = control[JOB.bytesAddress] >>> 0, length = control[JOB.bytesLength];
      // Another thread may have let the memory grow: growing it by nothing brings this thread's view up to date.
      if (memory.buffer.byteLength < address + length) memory.grow(0);
      const bytes = new Uint8Array(memory.buffer, address, length).slice();
      const functions = control[JOB.isProgram] !== 0 ? runProgram(bytes) : instantiate(bytes);
      loaded = modules[slot] = { serial, functions };
    }
    return loaded.functions[control[JOB.exportIndex]];
  }

  function instantiate(bytes) {
    const module = new WebAssembly.Module(bytes);
    const scratch = control[own + WORKER.scratch];
    const { exports } = new WebAssembly.Instance(module, { env: { memory, scratch } });
    return WebAssembly.Module.exports(module).map(({ name }) => exports[name]);
  }

  function runProgram(bytes) {
    return new Function(new TextDecoder().decode(bytes))();
  }

  function runJob() {
    const run = functionOfJob();
    const argCount = control[JOB.argCount];
    const args = (argLists[argCount] ??= new Array(argCount + 2).fill(0));
    for (let i = 0; i < argCount; i++) args[i] = control[ARGS + i];
    const begin = control[JOB.begin] >>> 0, end = control[JOB.end] >>> 0, size = control[JOB.chunkSize] >>> 0;
    const regions = control[JOB.regions], first = control[own + WORKER.region];
    for (let i = 0; i < regions; i++) {
      const region = REGIONS + ((first + i) % regions) * REGION_WORDS;
      const last = control[region + 1];
      for (;;) {
        if (Atomics.load(control, SHARED.abort) !== 0) return;
        const chunk = Atomics.add(control, region, 1);
        if (chunk >= last) break;
        const from = begin + chunk * size;
        control[own + WORKER.at] = from;
        args[argCount] = from;
        args[argCount + 1] = Math.min(end, from + size);
        run.apply(undefined, args);
      }
    }
  }

  function fail(error) {
    const text = new TextEncoder().encode(String(error)).slice(0, MOST_ERROR_BYTES);
    new Uint8Array(control.buffer, control.byteOffset + 4 * (own + WORKER.errorText)).set(text);
    control[own + WORKER.errorLength] = text.length;
    Atomics.store(control, SHARED.abort, 1);
  }

  function become(state) {
    Atomics.store(control, STATE_AT, state);
    if (Atomics.load(control, SHARED.mainWaits) !== 0) Atomics.notify(control, STATE_AT);
  }

  atEnd(() => become(STATE.ended));
  if (Atomics.compareExchange(control, STATE_AT, STATE.starting, STATE.idle) !== STATE.starting) return;
  Atomics.notify(control, STATE_AT);
  let spins = 0, sleepAt = performance.now() + spinMs;
  for (;;) {
    const state = Atomics.load(control, STATE_AT);
    if (state === STATE.stopping) return;
    if (state === STATE.posted) {
      if (Atomics.compareExchange(control, STATE_AT, STATE.posted, STATE.running) === STATE.posted) {
        try {
          runJob();
        } catch (error) {
          fail(error);
        }
        become(STATE.idle);
      }
      sleepAt = performance.now() + spinMs;
    } else if ((++spins & 63) === 0 && performance.now() >= sleepAt) {
      Atomics.store(control, SLEEPS_AT, 1);
      Atomics.wait(control, STATE_AT, STATE.idle);
      Atomics.store(control, SLEEPS_AT, 0);
      sleepAt = performance.now() + spinMs;
    }
  }
}

if (typeof self === 'object' && typeof self.postMessage === 'function') {
  self.onmessage = ({ data }) => {
    serve(data, () => {});
    self.close();
  };
} else {
  const { parentPort } = process.getBuiltinModule('node:worker_threads');
  parentPort.once('message', (data) => {
    serve(data, (ended) => process.once('exit', ended));
    parentPort.close();
  });
}
`;
