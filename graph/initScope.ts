/**
 * Building outside of functions and control dependencies: what makes variables of a loop's or a branch's body part of
 * the outermost graph.
 */
import { getDefaultGraph } from './defaultGraph';
import type { Graph } from './graph';

/**
 * Runs `body` with the outermost graph as the default one, under the same name scope and without control dependencies.
 *
 * Mirrors tf.init_scope.
 */
export function initScope<R>(body: (graph: Graph) => R): R {
  const inner = getDefaultGraph();
  const { outermost } = inner;
  const scope = inner.currentScope === '' ? null : `${inner.currentScope}/`;
  const build = () => outermost.controlDependencies(null, () => outermost.nameScope(scope, () => body(outermost)));
  return outermost === inner ? build() : outermost.asDefault(build);
}
