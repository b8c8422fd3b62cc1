/**
 * What a workload's builder gives: a graph, what initialises it, what one measured run fetches and feeds, and what a check
 * looks at. Builders use the public API only, so they serve as fixtures for correctness too.
 */
import * as tf from '../../lib/index';
import { sampled, values } from '../values.mjs';

export interface Built {
  readonly graph: tf.Graph;
  readonly init: tf.Operation;
  /** Fetched by each measured run. */
  readonly step: tf.Tensor | tf.Operation;
  readonly feed?: tf.Feeds;
  /** Numbers that tell whether the computation is right, comparable between frameworks. */
  check(session: tf.Session): Promise<readonly number[]>;
}

/** The parameters of a case, as cases.mjs has them. */
export type Params = Readonly<Record<string, unknown>>;

export type Builder = (params: Params) => Built;

export function number(params: Params, name: string): number {
  const value = params[name];
  if (typeof value !== 'number') throw new TypeError(`The case has no number '${name}'.`);
  return value;
}

export function numbers(params: Params, name: string): number[] {
  const value = params[name];
  if (!Array.isArray(value)) throw new TypeError(`The case has no list '${name}'.`);
  return value as number[];
}

/** A constant array as tensors take it. */
export function array(data: Float32Array | Int32Array, shape: readonly number[]): tf.NdArray {
  return tf.NdArray.from(data).reshape(shape);
}

/** A variable that holds `values` of that seed: inputs of a computation that are there already. */
export function resident(shape: readonly number[], seed: number): tf.Variable {
  const size = shape.reduce((product, dim) => product * dim, 1);
  return new tf.Variable(array(values(size, seed), shape), { trainable: false });
}

/** A graph whose measured run stores the value of `build()` in a variable: nothing is copied out. */
export function storing(build: () => tf.Tensor, check: (result: tf.NdArray) => readonly number[] = samples): Built {
  const graph = new tf.Graph();
  return graph.asDefault(() => {
    const result = build();
    const target = new tf.Variable(tf.zeros(result.shape.asNumbers(), result.dtype), { trainable: false });
    const step = target.assign(result, { readValue: false });
    return {
      graph,
      init: tf.globalVariablesInitializer(),
      step,
      check: async (session) => {
        await session.run(step);
        return check(await session.run(target));
      },
    };
  });
}

function samples({ data }: tf.NdArray): readonly number[] {
  return sampled(data as Float32Array);
}
