/**
 * `tf.whileLoop`: a body that runs again and again while a condition holds, as one While op over two functions.
 *
 * Both functions take the counter of iterations, their maximum, the loop variables and all captured tensors. Gradients
 * are in whileGradients.ts, the op itself in whileOp.ts.
 */
import { applyUnary } from '../applyOp';
import { convertToTensor, type TensorLike } from '../convert';
import { getDefaultGraph } from '../defaultGraph';
import { int32 } from '../dtypes';
import { GraphTypeError, typeWord, ValueError } from '../errors';
import { type ArgumentSpec, FuncGraph } from '../funcGraph';
import type { Graph } from '../graph';
import { IndexedSlices } from '../indexedSlices';
import {
  assertSameStructure,
  flatten,
  flattenTensors,
  isFlowHolder,
  isNested,
  mapStructure,
  packTensors,
} from '../nest';
import type { Operation } from '../operation';
import { emptyTensorList, tensorListPushBack } from '../ops/list';
import { asShape, type ShapeLike, TensorShape } from '../shape';
import { Tensor } from '../tensor';
import { buildFunction } from './buildFunction';
import { type AsTensors, scalar } from './cond';
import { afterCaptures, exportsAllIntermediates, uniqueFunctionName } from './functions';
import { checkSignatures, intermediates, LoopBodyGraph, makeWhile } from './whileOp';

/** The shapes that loop variables keep, nested as they are; null keeps the shape a variable starts with. */
export type ShapeInvariants = ShapeLike | readonly ShapeInvariants[] | { readonly [key: string]: ShapeInvariants };

export interface WhileLoopOptions {
  readonly shapeInvariants?: readonly ShapeInvariants[] | null;
  /** Written to the graph; iterations run one after the other. */
  readonly parallelIterations?: number;
  /** False stops gradients at the results. */
  readonly backProp?: boolean;
  /** Accepted for TensorFlow's sake. */
  readonly swapMemory?: boolean;
  readonly name?: string | null;
  readonly maximumIterations?: TensorLike | null;
  /** Give a list even of a single variable. */
  readonly returnSameStructure?: boolean;
}

/** Loop variables as the functions get them and the loop returns them. */
export type LoopVars<V> = AsTensors<V> extends infer T extends unknown[] ? T : never;

/**
 * The values of `loopVars` after `body` ran on them as often as `cond` held.
 *
 * `loopVars` is a list of tensors, or of structures of tensors; `cond` and `body` take one argument for each. `body`
 * returns new values in the same structure, with the same dtypes and with shapes that fit the invariants; one variable
 * may be returned bare. Both functions are called once, while the graph is built. Gives a list of tensors, or one tensor
 * alone unless `returnSameStructure`.
 *
 * TypeError for functions that are none and for dtypes that change, ValueError for shapes that do. Mirrors tf.while_loop.
 */
export function whileLoop<V extends readonly unknown[] | []>(
  cond: (...vars: LoopVars<V>) => unknown,
  body: (...vars: LoopVars<V>) => unknown,
  loopVars: V,
  options: WhileLoopOptions & { readonly returnSameStructure: true },
): LoopVars<V>;
export function whileLoop<V extends readonly unknown[] | []>(
  cond: (...vars: LoopVars<V>) => unknown,
  body: (...vars: LoopVars<V>) => unknown,
  loopVars: V,
  options?: WhileLoopOptions,
): V extends readonly [infer Only] ? AsTensors<Only> : LoopVars<V>;
export function whileLoop(
  cond: (...vars: never[]) => unknown,
  body: (...vars: never[]) => unknown,
  loopVars: readonly unknown[],
  options: WhileLoopOptions = {},
): unknown {
  if (typeof cond !== 'function') throw new GraphTypeError("'cond' must be callable.");
  if (typeof body !== 'function') throw new GraphTypeError("'body' must be callable.");
  if ((options.parallelIterations ?? 10) < 1)
    throw new GraphTypeError("'parallel_iterations' must be a positive integer.");
  if (loopVars === null || loopVars === undefined) throw new ValueError("'loop_vars' must be provided.");
  if (!Array.isArray(loopVars))
    throw new GraphTypeError(`'loop_vars' must be a list. Received: <class '${typeWord(loopVars)}'>`);
  const graph = getDefaultGraph();
  return graph.transaction(() => new LoopBuilder(graph, cond as Fn, body as Fn, loopVars, options).build());
}

type Fn = (...vars: unknown[]) => unknown;

class LoopBuilder {
  /** The variables with tensors for plain values. */
  readonly #vars: readonly unknown[];
  readonly #initial: readonly Tensor[];
  readonly #invariants: readonly TensorShape[];

  constructor(
    readonly graph: Graph,
    readonly cond: Fn,
    readonly body: Fn,
    readonly original: readonly unknown[],
    readonly options: WhileLoopOptions,
  ) {
    this.#vars = mapStructure((leaf) => asLoopVar(leaf, graph), original) as unknown[];
    this.#initial = flattenTensors(this.#vars);
    this.#invariants = options.shapeInvariants
      ? matchInvariants(this.#vars, options.shapeInvariants)
      : this.#initial.map((tensor) => tensor.shape);
  }

  build(): unknown {
    const { graph, options } = this;
    const looped = graph.nameScope(options.name || 'while', (scope) => {
      const op = this.#buildLoop(scope);
      // Fetching one of these needs only what this one result depends on.
      const all = graph.isFunction ? op.outputs : op.outputs.map(passThrough);
      return all.slice(2, 2 + this.#initial.length);
    });
    const results = options.backProp === false ? looped.map((input) => applyUnary('StopGradient', { input })) : looped;
    return results.length === 1 && !options.returnSameStructure
      ? onlyResult(this.#vars, results)
      : packTensors(this.#vars, results);
  }

  #buildLoop(scope: string): Operation {
    const { graph, options } = this;
    const names = graph.nameScope(null, () => ['cond', 'body'].map((label) => uniqueFunctionName(graph, scope, label)));
    const limit = convertToTensor(options.maximumIterations ?? -1, { graph, dtype: int32, name: 'maximum_iterations' });
    const counter = convertToTensor(0, { graph, dtype: int32, name: 'loop_counter' });
    const args: ArgumentSpec[] = [
      ...[counter, limit].map((tensor) => ({ dtype: tensor.dtype, shape: tensor.shape, name: tensor.op.name })),
      ...this.#initial.map((tensor, i) => ({ dtype: tensor.dtype, shape: this.#invariants[i] })),
    ];
    const condGraph = buildFunction(new FuncGraph(names[0], graph), (...vars) => this.#condition(vars), { args });
    const bodyGraph = buildFunction(new LoopBodyGraph(names[1], graph), (...vars) => this.#iteration(condGraph, vars), {
      args,
    });
    const inputs = [counter, limit, ...this.#initial, ...bodyGraph.captures.keys()];
    bodyGraph.outputs = [...bodyGraph.outputs, ...bodyGraph.captures.values()];
    captureSame(condGraph, bodyGraph);
    this.#checkShapes(bodyGraph);
    const originalOutputs = bodyGraph.outputs.length;
    if (options.backProp !== false && exportsAllIntermediates()) inputs.push(...this.#accumulate(condGraph, bodyGraph));
    checkSignatures(condGraph, bodyGraph, inputs);
    const outputShapes = bodyGraph.outputs.map((tensor) => tensor.shape);
    outputShapes.splice(2, this.#initial.length, ...this.#invariants);
    return afterCaptures(graph, [condGraph, bodyGraph], () =>
      makeWhile({
        inputs,
        condGraph,
        bodyGraph,
        outputShapes,
        scope,
        originalOutputs,
        parallelIterations: options.parallelIterations ?? 10,
      }),
    );
  }

  #condition([counter, limit, ...vars]: readonly Tensor[]): unknown {
    const pred = this.cond(...(packTensors(this.#vars, vars) as unknown[]));
    const checked = pred instanceof Tensor ? scalar(pred) : pred;
    if (this.options.maximumIterations === undefined || this.options.maximumIterations === null) return checked;
    return applyUnary('LogicalAnd', { x: applyUnary('Less', { x: counter, y: limit }), y: checked as TensorLike });
  }

  #iteration(condGraph: FuncGraph, [counter, limit, ...vars]: readonly Tensor[]): unknown {
    const graph = getDefaultGraph() as FuncGraph;
    vars.forEach((tensor, i) => {
      tensor.handleData = this.#initial[i].handleData;
    });
    // What the condition captured comes first, in the same order.
    for (const tensor of condGraph.captures.keys()) graph.capture(tensor);
    const returned = this.body(...(packTensors(this.#vars, vars) as unknown[]));
    const results = isNested(returned) ? returned : [returned];
    assertSameStructure(results, this.original);
    const next = mapStructure((leaf) => (isFlowHolder(leaf) ? leaf.flow : leaf), results);
    return [applyUnary('AddV2', { x: counter, y: 1 }, 'add'), limit, ...(next as unknown[])];
  }

  #checkShapes(bodyGraph: FuncGraph): void {
    this.#initial.forEach((input, i) => {
      const output = bodyGraph.outputs[i + 2];
      if (output && !fits(output.shape, this.#invariants[i])) {
        throw new ValueError(
          `Input tensor \`${input.name}\` enters the loop with shape ${this.#invariants[i]}, but has shape ${output.shape} after one iteration. To allow the shape to vary across iterations, use the \`shape_invariants\` argument of tf.while_loop to specify a less-specific shape.`,
        );
      }
    });
  }

  /** Lets the loop yield lists of all values that its gradient may need; returns the empty lists it starts with. */
  #accumulate(condGraph: FuncGraph, bodyGraph: FuncGraph): Tensor[] {
    return intermediates(bodyGraph).map((tensor) => {
      const list = emptyTensorList(tensor.shape, tensor.dtype, { maxNumElements: this.options.maximumIterations });
      condGraph.asDefault(() => condGraph.capture(list));
      const pushed = bodyGraph.asDefault(() => tensorListPushBack(list, tensor));
      bodyGraph.outputs = [...bodyGraph.outputs, pushed];
      return list;
    });
  }
}

function passThrough(output: Tensor): Tensor {
  const result = applyUnary('Identity', { input: output });
  result.handleData = output.handleData;
  return result;
}

function asLoopVar(leaf: unknown, graph: Graph): unknown {
  return leaf instanceof IndexedSlices || isFlowHolder(leaf) ? leaf : convertToTensor(leaf as TensorLike, { graph });
}

/** The only tensor, or the composite that holds it. */
function onlyResult(vars: unknown, results: readonly Tensor[]): unknown {
  return flatten(packTensors(vars, results)).find((leaf) => leaf !== null);
}

/** One shape for each tensor of the variables. */
function matchInvariants(vars: unknown, invariants: unknown): TensorShape[] {
  if (isNested(vars)) {
    const keys = Array.isArray(vars) ? vars.map((_, i) => i) : Object.keys(vars).sort();
    if (
      !isNested(invariants) ||
      keys.length !== Object.keys(invariants).length ||
      !keys.every((key) => key in invariants)
    ) {
      assertSameStructure(vars, Array.isArray(invariants) ? invariants.map((shape) => shapeLeaf(shape)) : invariants);
    }
    return keys.flatMap((key) =>
      matchInvariants(
        (vars as Record<string | number, unknown>)[key],
        (invariants as Record<string | number, unknown>)[key],
      ),
    );
  }
  const tensors = flattenTensors(vars);
  if (invariants === null || invariants === undefined) return tensors.map((tensor) => tensor.shape);
  const given = shapeLeaf(invariants) as TensorShape;
  if (!(vars instanceof IndexedSlices)) return [given];
  const rows = new TensorShape(given.dims ? [given.dims[0] ?? null] : [null]);
  return [given, rows, new TensorShape([given.rank])].slice(0, tensors.length);
}

function shapeLeaf(shape: unknown): unknown {
  if (shape === null || shape === undefined || shape instanceof TensorShape) return shape ?? null;
  if (!Array.isArray(shape))
    throw new GraphTypeError(
      `'shape' must be one of TypeSpec, TensorShape or None. Received: <class '${typeWord(shape)}'>`,
    );
  return asShape(shape as ShapeLike);
}

/** Whether every tensor of the first shape has the second. */
function fits(shape: TensorShape, bound: TensorShape): boolean {
  if (bound.dims === null) return true;
  if (shape.dims === null || shape.dims.length !== bound.dims.length) return false;
  return bound.dims.every((dim, i) => dim === null || dim === shape.dims![i]);
}

/** Gives the condition arguments for what only the body captured, so that both take the same. */
function captureSame(condGraph: FuncGraph, bodyGraph: FuncGraph): void {
  const prefix = condGraph.uniqueName(`${condGraph.name}___redundant_placeholder`);
  const missing = [...bodyGraph.captures.keys()].slice(condGraph.captures.size);
  missing.forEach((tensor, i) => condGraph.captureUnused(tensor, `${prefix}${i}`));
}
