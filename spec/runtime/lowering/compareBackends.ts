/**
 * What specs of lowerings share: a case is run with plain and with compiled kernels, with one thread and two, and the results have
 * to be equal; what then ran on the host for more than an error is told.
 */
import { expect } from 'chai';
import * as tf from '../../../lib/index';
import { expectClose } from '../../support/close';

export type Case = { readonly fetch: tf.Fetch; readonly feed: readonly (readonly [tf.Tensor, tf.NdArray])[] };

/** Integers from −50 to 50 in an uneven order. */
export function table(shape: readonly number[], dtype: tf.DType): tf.NdArray {
  const size = shape.reduce((n, dim) => n * dim, 1);
  const data = Array.from({ length: size }, (_, i) => ((i * 37) % 101) - 50);
  return tf.NdArray.from({ data, shape: [...shape] }, dtype);
}

/** Indices below a limit, some of them again and again. */
export function picks(count: number, limit: number, dtype: tf.DType): tf.NdArray {
  const data = Array.from({ length: count }, (_, i) => (i * i * 7) % limit);
  return tf.NdArray.from({ data, shape: [count] }, dtype);
}

/** A placeholder for an array, and both as a feed. */
export function fed(array: tf.NdArray): readonly [tf.Tensor, tf.NdArray] {
  return [tf.placeholder(array.dtype, array.shape), array];
}

/** Runs the case with plain and with compiled kernels, and lists the ops that ran on the host for more than an error. */
export function compareBackends(build: () => Case, isExact = false): string[] {
  const graph = new tf.Graph();
  const { fetch, feed } = graph.asDefault(build);
  const init = graph.asDefault(() => tf.globalVariablesInitializer());
  const run = (config: tf.SessionConfig) => {
    const session = new tf.Session({ graph, config });
    session.runSync(init);
    const report = config.backend === 'plain' ? null : session.explain(fetch, { feed }).data;
    const values = session.runSync(fetch, { feed }) as tf.NdArray[];
    session.close();
    return { values, report };
  };
  const want = run({ backend: 'plain' }).values;
  let onHost: string[] = [];
  for (const threads of [1, 2]) {
    const { values, report } = run({ threads, blas: 'off' });
    values.forEach((value, i) => {
      expect([...value.shape]).to.deep.equal([...want[i].shape]);
      if (isExact)
        expect(Array.from(value.data as Float32Array)).to.deep.equal(Array.from(want[i].data as Float32Array));
      else expectClose(value, want[i]);
    });
    const isGuard = (host: string | null) => host === null || host.startsWith('only to raise its error');
    onHost = report!.kernels.filter(({ host }) => !isGuard(host)).map(({ ops }) => ops[0].type);
  }
  return onHost;
}

/** Both backends refuse to run the fetch, in the same words, which are given back. */
export function failBoth(build: () => Case): string {
  const graph = new tf.Graph();
  const { fetch, feed } = graph.asDefault(build);
  const init = graph.asDefault(() => tf.globalVariablesInitializer());
  const [plain, compiled] = (['plain', 'wasm'] as const).map((backend) => {
    const session = new tf.Session({ graph, config: { backend } });
    session.runSync(init);
    try {
      session.runSync(fetch, { feed });
    } catch (error) {
      return `${(error as Error).constructor.name}: ${(error as Error).message}`;
    } finally {
      session.close();
    }
    return expect.fail(`it should fail with backend '${backend}'`);
  });
  expect(compiled).to.equal(plain);
  return plain;
}
