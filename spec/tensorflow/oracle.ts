/**
 * TensorFlow as an oracle: one Python process (server.py) that answers what an op computes.
 *
 * All suites of a run share it. It also ends when its standard input closes, so it cannot outlive the specs.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { AttrValue } from '../../graph/attributes';
import { DType } from '../../graph/dtypes';
import type { NdArray } from '../../graph/ndarray';
import { TensorShape } from '../../graph/shape';
import { decode, encode, python, type WireArray } from './wire';

/** Inputs by the names of the signature; a list for `N * T` and lists of types. */
export type Inputs = Readonly<Record<string, NdArray | readonly NdArray[]>>;
/** An undefined attribute takes its default. */
export type Attributes = Readonly<Record<string, AttrValue | undefined>>;

/** What came back: outputs per run, or TensorFlow's error. */
export interface Answer {
  readonly outputs?: readonly (readonly NdArray[])[];
  /** Static shapes, null for an unknown rank; their dimensions, null where unknown. */
  readonly shapes?: readonly (readonly (number | null)[] | null)[];
  readonly error?: string;
  readonly stage?: 'build' | 'run';
}

interface WireAnswer extends Omit<Answer, 'outputs'> {
  readonly id: number;
  readonly outputs?: readonly (readonly WireArray[])[];
}

function attrJson(value: AttrValue | undefined): unknown {
  if (value instanceof DType) return value.name;
  if (value instanceof TensorShape) return value.dims;
  if (Array.isArray(value)) return value.map((item) => attrJson(item as AttrValue));
  return typeof value === 'bigint' ? Number(value) : value;
}

const isList = (value: NdArray | readonly NdArray[]): value is readonly NdArray[] => Array.isArray(value);

export class Oracle {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  #asked = 0;
  #stderr = '';

  constructor() {
    this.#process = spawn(python(), ['-W', 'ignore', join(__dirname, 'server.py')]);
    this.#process.stderr.on('data', (text) => {
      this.#stderr = (this.#stderr + text).slice(-4000);
    });
    this.#process.on('error', (error) => this.#fail(error));
    this.#process.on('exit', (code, signal) =>
      this.#fail(new Error(`Python ended (${code ?? signal}): ${this.#stderr}`)),
    );
    // Writing to a process that has ended says less than its exit does.
    this.#process.stdin.on('error', () => undefined);
    createInterface({ input: this.#process.stdout }).on('line', (line) => {
      const { id, outputs, ...rest } = JSON.parse(line) as WireAnswer;
      const answer: Answer = outputs ? { ...rest, outputs: outputs.map((run) => run.map(decode)) } : rest;
      this.#waiting.get(id)?.resolve(answer);
      this.#waiting.delete(id);
    });
  }

  /** Runs the op `runs` times in one session. */
  run(op: string, inputs: Inputs, attrs: Attributes = {}, runs = 1): Promise<Answer> {
    const wire = Object.entries(inputs).map(([name, value]) => [
      name,
      isList(value) ? value.map(encode) : encode(value),
    ]);
    const wireAttrs = Object.entries(attrs).map(([name, value]) => [name, attrJson(value)]);
    return this.ask({ op, inputs: Object.fromEntries(wire), attrs: Object.fromEntries(wireAttrs), runs });
  }

  ask(request: Readonly<Record<string, unknown>>): Promise<Answer> {
    const id = this.#asked++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      if (this.#process.exitCode !== null) this.#fail(new Error(`Python has ended: ${this.#stderr}`));
      else this.#process.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  }

  close(): void {
    this.#process.stdin.end();
    this.#process.kill();
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

let shared: Oracle | undefined;

/** The oracle of this run of specs: Python starts with the first suite that asks. */
export function useOracle(): () => Oracle {
  before(() => {
    shared ??= new Oracle();
  });
  return () => shared as Oracle;
}

// After all suites: a hook outside of them.
after(() => shared?.close());
