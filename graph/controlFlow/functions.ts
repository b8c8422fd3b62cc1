/**
 * What all functional control flow shares: names of functions, whether intermediates are exported, and making the op
 * that calls functions.
 */
import { type Attrs, FunctionReference } from '../attributes';
import { NotFoundError } from '../errors';
import type { FuncGraph } from '../funcGraph';
import type { Graph } from '../graph';
import type { Operation } from '../operation';
import { onRollback } from '../rollback';
import type { Tensor } from '../tensor';

const counters = new WeakMap<Graph, number>();

/** That name with the next number, counted over a graph with all its functions. */
function numbered({ outermost }: Graph, prefix: string): string {
  const number = (counters.get(outermost) ?? 0) + 1;
  counters.set(outermost, number);
  const name = `${prefix}_${number}`;
  // The library may hold functions of imported graphs, too.
  return outermost.functions.has(name) ? numbered(outermost, prefix) : name;
}

/** `ns_cond_true_12` for scope `ns/cond/` and label `true`. */
export function uniqueFunctionName(graph: Graph, scope: string, label: string): string {
  return numbered(graph, `${scope}${label}`.replaceAll('/', '_'));
}

export function uniqueGradientName(graph: Graph, forward: string): string {
  return numbered(graph, `${forward}_grad`);
}

let exportIntermediates = false;

/**
 * Makes `cond` and `whileLoop` inside yield all their intermediate values from the start, as TensorFlow does in the
 * `call` of a Keras layer; elsewhere they are added only when gradients are taken.
 */
export function withAllIntermediates<R>(body: () => R, enable = true): R {
  const outer = exportIntermediates;
  exportIntermediates = enable;
  try {
    return body();
  } finally {
    exportIntermediates = outer;
  }
}

export function exportsAllIntermediates(): boolean {
  return exportIntermediates;
}

/** The function that an op calls by that attribute. NotFoundError when the library lacks it. */
export function calledFunction(op: Operation, reference: FunctionReference): FuncGraph {
  const func = op.graph.outermost.functions.get(reference.name);
  if (!func) throw new NotFoundError(`${reference.name} cannot be found in the graph`);
  return func;
}

/** A reference to a function, which is put into the graph's library. */
export function register(func: FuncGraph): FunctionReference {
  const { outermost, name } = func;
  if (!outermost.functions.has(name)) onRollback(() => outermost.removeFunction(name));
  outermost.addFunction(func);
  return new FunctionReference(name);
}

/**
 * Adds an op in a scope of its own, so that what the op captures is named within it. `scope` ends in a slash and is the
 * current scope then, or is the name of a new one.
 */
export function createInScope(
  graph: Graph,
  type: string,
  inputs: readonly Tensor[],
  options: { readonly scope: string; readonly attrs: Attrs },
): Operation {
  return graph.transaction(() => {
    const opened = graph.enterNameScope(options.scope);
    try {
      return graph.createOp(type, inputs, { name: opened.value, attrs: options.attrs });
    } finally {
      opened.exit();
    }
  });
}

/** Whether a function contains an op with effects or state. */
export function isStateful(func: FuncGraph): boolean {
  return func.operations.some((op) => op.def.isStateful);
}

/** Builds the call of these functions behind all ops of outer graphs that something inside them waits for. */
export function afterCaptures<R>(graph: Graph, functions: readonly FuncGraph[], build: () => R): R {
  const controls = [...new Set(functions.flatMap((func) => [...func.controlCaptures]))];
  return controls.length === 0 ? build() : graph.controlDependencies(controls, build);
}
