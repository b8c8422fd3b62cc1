/**
 * Symbolic gradients: the reverse walk from `ys` to `xs` that adds gradient nodes to the graph.
 *
 * Rules of single ops are in their definitions (graph/ops). This file decides which ops lie between, in which order
 * they are visited, and how several gradients of one tensor are summed. It is iterative: graphs may be very deep.
 */

import { type AggregationMethod, addGradients, checkAggregationMethod } from './aggregateGradients';
import { applyUnary } from './applyOp';
import { constantIn, convertToTensor, graphFromInputs, isTensorConvertible, type TensorLike } from './convert';
import { getDefaultGraph } from './defaultGraph';
import { type DType, int32, resource, variant } from './dtypes';
import { GraphTypeError, LookupError, ValueError } from './errors';
import type { FuncGraph } from './funcGraph';
import type { Graph } from './graph';
import { IndexedSlices } from './indexedSlices';
import { NdArray } from './ndarray';
import type { Operation } from './operation';
import { tuple } from './ops/grouping';
import { shape } from './ops/shapes';
import { zeros, zerosLike } from './ops/source';
import { findGradient, findOp, type Gradient, type GradientRule, type NotDifferentiable } from './registry';
import { Tensor } from './tensor';

/** What `xs` may hold: tensors, and variables (their handle is differentiated). */
export type Differentiable = Tensor | HasHandle;

/** Resource variables, as far as gradients know them. */
export interface HasHandle {
  readonly handle: Tensor;
}

export interface GradientOptions {
  /** The gradients of the ys; null entries and absence mean ones. */
  readonly gradYs?: TensorLike | readonly (TensorLike | null)[] | null;
  readonly name?: string;
  /** Place each gradient op with the op that it is the gradient of. */
  readonly colocateGradientsWithOps?: boolean;
  /** Wait for all gradients of an op before any is used. */
  readonly gateGradients?: boolean;
  /** 0 adds with AddN, 1 pairwise, 2 with AccumulateNV2. */
  readonly aggregationMethod?: AggregationMethod;
  /** Tensors that count as constants. */
  readonly stopGradients?: Differentiable | readonly Differentiable[] | null;
  /** What to give for xs that no y depends on: null, or zeros. */
  readonly unconnectedGradients?: 'none' | 'zero';
}

/** Whether a tensor can change by a little: floats, and handles unless they are known to hold something else. */
export function isTrainable(tensor: Tensor): boolean {
  const held = tensor.dtype === variant ? tensor.handleData?.dtype : undefined;
  const dtype = held ?? tensor.dtype;
  return dtype.isFloating || dtype.isComplex || dtype === resource || dtype === variant;
}

function asList<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

function handleOf(value: Differentiable): Tensor {
  if (value instanceof Tensor) return value;
  if (typeof value === 'object' && value !== null && (value as HasHandle).handle instanceof Tensor) return value.handle;
  if (isTensorConvertible(value)) return convertToTensor(value);
  throw new GraphTypeError(`Expected a tensor or a variable to differentiate by, got ${String(value)}`);
}

/**
 * The gradients of sum(ys) with respect to each of xs, as new nodes under the scope `gradients`.
 *
 * Entries are null where no y depends on that x. A gradient may be IndexedSlices where x is read by rows. Throws
 * TypeError or ValueError for arguments that do not fit, LookupError for an op on the way that has no gradient.
 * Mirrors tf.gradients.
 */
export function gradients(
  ys: TensorLike | readonly TensorLike[],
  xs: Differentiable | readonly Differentiable[],
  options: GradientOptions = {},
): Gradient[] {
  const unconnected = options.unconnectedGradients ?? 'none';
  if (unconnected !== 'none' && unconnected !== 'zero')
    throw new ValueError(`Unknown value for unconnected_gradients: '${String(unconnected)}'`);
  checkAggregationMethod(options.aggregationMethod ?? 0);
  const targets = asList(ys as TensorLike) as readonly TensorLike[];
  const sources = asList(xs).map(handleOf);
  const graph = graphFromInputs([...targets, ...sources]);
  const seeds =
    options.gradYs === undefined || options.gradYs === null
      ? targets.map(() => null)
      : asList(options.gradYs as TensorLike | null);
  if (seeds.length !== targets.length)
    throw new ValueError(`Length mismatch. Passed ${seeds.length} grad_ys for ${targets.length} ys`);
  const build = () => {
    const ys = () => targets.map((y) => convertToTensor(y, { graph, name: 'y' }));
    return new Backpropagation(graph, graph, options).run(ys, sources, seeds, unconnected);
  };
  // Gradient rules make constants, which go to the default graph.
  return graph.asDefault(() => graph.transaction(build));
}

/** What the gradient of a function body differentiates: tensors of `source`, in the default graph. */
export interface BodyGradients {
  readonly ys: readonly Tensor[];
  readonly gradYs: readonly Gradient[];
  readonly xs: readonly Tensor[];
  /** The body that the ys belong to. */
  readonly source: Graph;
  readonly unconnectedGradients?: 'none' | 'zero';
}

/** The gradients of tensors of a function body, as nodes of the default graph, which captures what they need. */
export function backpropagate({ ys, gradYs, xs, source, unconnectedGradients = 'none' }: BodyGradients): Gradient[] {
  const graph = getDefaultGraph();
  return graph.transaction(() =>
    new Backpropagation(graph, source, {}).run(() => ys, xs, gradYs, unconnectedGradients),
  );
}

type Seed = TensorLike | IndexedSlices | null;

type Incoming = (Gradient & object)[];

class Backpropagation {
  /** Gradients that arrived at each output of each op, until they are summed. */
  readonly #incoming = new Map<Operation, Incoming[]>();
  readonly #between = new Set<Operation>();
  readonly #pending = new Map<Operation, number>();
  readonly #stops: ReadonlySet<Operation>;
  readonly #functions: readonly FuncGraph[];
  #xs: ReadonlySet<Tensor> = new Set();
  /** Tensors that are differentiated in place of others, by these. */
  #substitutes: ReadonlyMap<Tensor, Tensor> = new Map();

  constructor(
    /** Where the gradients are built. */
    readonly graph: Graph,
    /** The graph of the ys: the same one, or a function body that `graph` is the gradient of. */
    source: Graph,
    readonly options: GradientOptions,
  ) {
    this.#stops = new Set(asList(options.stopGradients ?? []).map((stop) => handleOf(stop as Differentiable).op));
    this.#functions = functionsAround(source);
  }

  run(
    targets: () => readonly Tensor[],
    sources: readonly Tensor[],
    seeds: readonly Seed[],
    unconnected: 'none' | 'zero',
  ): Gradient[] {
    const scope = this.graph.enterNameScope(this.options.name ?? 'gradients');
    let found: Gradient[];
    this.#xs = new Set(sources);
    try {
      const ys = targets();
      const gradYs = ys.map((y, i) => this.#colocated(y.op, () => this.#seed(y, seeds[i] ?? null, i)));
      this.#substitutes = this.#findSubstitutes(ys, sources);
      this.#markBetween(ys, sources);
      ys.forEach((y, i) => this.#collect(y, gradYs[i]));
      this.#walk(ys, sources);
      found = sources.map((x) => this.#total(x));
    } finally {
      scope.exit();
    }
    return found.map((gradient, i) =>
      gradient === null && unconnected === 'zero' ? this.#zeros(sources[i]) : gradient,
    );
  }

  #colocated<R>(op: Operation, build: () => R): R {
    return this.options.colocateGradientsWithOps
      ? this.graph.colocateWith(op, { ignoreExisting: true }, build)
      : build();
  }

  /** The gradient that a y starts with. */
  #seed(y: Tensor, given: Seed, index: number): Gradient & object {
    if (given === null) {
      if (y.dtype.isComplex)
        throw new GraphTypeError(`Gradients of complex tensors (${y}) must set grad_ys (y.dtype = ${y.dtype.name})`);
      if (!y.dtype.isNumeric && !y.dtype.isBool)
        throw new GraphTypeError(`Tensor ${y} with type ${y.dtype.name} must be numeric to obtain a default gradient`);
      return onesLike(this.graph, y, index);
    }
    if (given instanceof IndexedSlices) return this.#sparseSeed(given, index);
    const grad = convertToTensor(given, { graph: this.graph, preferredDtype: y.dtype, name: `grad_y_${index}` });
    if (y.dtype === variant && grad.dtype !== variant) {
      throw new GraphTypeError(
        `Gradient type ${grad.dtype.name} generated for variant tensor ${y} with type ${y.dtype.name} must be variant`,
      );
    }
    if (y.dtype === resource && grad.dtype === resource)
      throw new GraphTypeError(`Input gradient ${grad} for resource tensor ${y} should not be a resource`);
    if ((y.dtype.isFloating || y.dtype.isInteger) && !grad.dtype.isFloating && !grad.dtype.isInteger) {
      throw new GraphTypeError(
        `Gradient type ${grad.dtype.name} generated for real or integer-valued tensor ${y} with type ${y.dtype.name} must be real or integer`,
      );
    }
    return applyUnary('Identity', { input: grad }, `grad_ys_${index}`);
  }

  #sparseSeed({ indices, values, denseShape }: IndexedSlices, index: number): IndexedSlices {
    const pass = (input: Tensor, part: string) => applyUnary('Identity', { input }, `grad_ys_${index}_${part}`);
    const rows = pass(indices, 'indices');
    return new IndexedSlices(pass(values, 'values'), rows, denseShape && pass(denseShape, 'shape'));
  }

  /** The inputs of an op; for a function body those outside that its captures stand for, except where they are xs. */
  #inputs(op: Operation): readonly Tensor[] {
    if (this.#isSubstituted(op)) return op.outputs.map((output) => this.#substitutes.get(output)!);
    return op.graph.isFunction ? op.inputs.map((input) => this.#beyondCaptures(input)) : op.inputs;
  }

  #beyondCaptures(tensor: Tensor): Tensor {
    let found = tensor;
    while (!this.#xs.has(found) && found.graph.isFunction) {
      const outer = (found.graph as FuncGraph).outerOf(found);
      if (!outer) break;
      found = outer;
    }
    return found;
  }

  /** The ops that read a tensor, inside the functions around the ys too. */
  #consumers(tensor: Tensor): readonly Operation[] {
    const inside = this.#functions.flatMap((func) => {
      const argument = func.captures.get(tensor);
      return argument ? this.#consumers(argument) : [];
    });
    return inside.length === 0 ? tensor.consumers() : [...tensor.consumers(), ...inside];
  }

  /** The ops that depend on xs. */
  #reachedFrom(xs: readonly Tensor[]): Set<Operation> {
    const reached = new Set<Operation>();
    const forward = xs.map((x) => x.op);
    for (let op = forward.pop(); op !== undefined; op = forward.pop()) {
      if (reached.has(op)) continue;
      reached.add(op);
      for (const output of op.outputs) if (isTrainable(output)) forward.push(...this.#consumers(output));
    }
    return reached;
  }

  /** Builds the substitutes for results between xs and ys that have no gradients themselves: those of loops of v1. */
  #findSubstitutes(ys: readonly Tensor[], xs: readonly Tensor[]): ReadonlyMap<Tensor, Tensor> {
    if (!this.graph.operations.some(hasSubstitute)) return this.#substitutes;
    const reached = this.#reachedFrom(xs);
    const seen = new Set<Operation>();
    const backward = ys.map((y) => y.op);
    for (let op = backward.pop(); op !== undefined; op = backward.pop()) {
      if (seen.has(op) || !reached.has(op)) continue;
      seen.add(op);
      for (const input of op.inputs) backward.push(input.op);
    }
    // Those made first come first: what others of them start from.
    const ops = [...seen].filter((op) => hasSubstitute(op) && op.outputs.some(isTrainable)).sort((a, b) => a.id - b.id);
    const makers = new Set(ops.map(({ type }) => findOp(type)!.substitutes!));
    const substitutes = [...makers].map((make) => make(ops.filter(({ type }) => findOp(type)!.substitutes === make)));
    return new Map(substitutes.flatMap((found) => [...found]));
  }

  #isSubstituted({ outputs }: Operation): boolean {
    return this.#substitutes.size > 0 && outputs.length > 0 && this.#substitutes.has(outputs[0]);
  }

  /** Finds the ops that lie on a path from xs to ys, and how many of their readers do. */
  #markBetween(ys: readonly Tensor[], xs: readonly Tensor[]): void {
    const reached = this.#reachedFrom(xs);
    const backward = ys.map((y) => y.op);
    for (let op = backward.pop(); op !== undefined; op = backward.pop()) {
      if (!reached.has(op) || this.#between.has(op)) continue;
      this.#between.add(op);
      for (const input of this.#inputs(op)) backward.push(input.op);
    }
    for (const op of this.#between) {
      for (const input of this.#inputs(op))
        if (this.#between.has(input.op)) this.#pending.set(input.op, (this.#pending.get(input.op) ?? 0) + 1);
    }
  }

  #collect(tensor: Tensor, gradient: Gradient & object): void {
    let outputs = this.#incoming.get(tensor.op);
    if (!outputs) this.#incoming.set(tensor.op, (outputs = tensor.op.outputs.map(() => [])));
    outputs[tensor.index].push(gradient);
  }

  #walk(ys: readonly Tensor[], xs: readonly Tensor[]): void {
    // A y that another y depends on becomes ready only after that one.
    const ready = [...new Set(ys.map((y) => y.op))].filter((op) => (this.#pending.get(op) ?? 0) === 0);
    const stops = this.#stopOps(xs);
    for (let at = 0; at < ready.length; at++) {
      const op = ready[at];
      if (!this.#between.has(op)) continue;
      this.#colocated(op, () => this.#differentiate(op, stops.has(op)));
      for (const input of this.#inputs(op)) {
        const left = (this.#pending.get(input.op) ?? 0) - 1;
        this.#pending.set(input.op, left);
        if (left === 0) ready.push(input.op);
      }
    }
  }

  /** The ops behind which no x lies, and those the caller stops at: nothing flows through them. */
  #stopOps(xs: readonly Tensor[]): Set<Operation> {
    const stops = new Set(this.#stops);
    for (const { op } of xs) if (!this.#inputs(op).some((input) => this.#between.has(input.op))) stops.add(op);
    return stops;
  }

  #differentiate(op: Operation, isStop: boolean): void {
    const outputs = this.#incoming.get(op);
    const sums = op.outputs.map((_, i) => this.#sum(op, outputs?.[i] ?? [], i));
    if (isStop || !sums.some((sum) => sum !== null)) return;
    const rule = gradientRule(op);
    const isSubstituted = this.#isSubstituted(op);
    if ('notDifferentiable' in rule && !isSubstituted) {
      if (!rule.isError) return;
      throw new LookupError(
        `No gradient defined for operation'${op.name}' (op type: ${op.type}): ${rule.notDifferentiable}.`,
      );
    }
    const inputs = this.#inputs(op);
    // What has a substitute passes its gradient on to it.
    const results = isSubstituted ? sums : this.#callRule(op, rule as GradientRule, sums);
    // The gradient of a loop gives the loop more inputs.
    if (results.length !== inputs.length && !op.type.endsWith('While')) {
      throw new ValueError(
        `Num gradients ${results.length} generated for op ${op.nodeDef} do not match num inputs ${op.inputs.length}`,
      );
    }
    results.forEach((gradient, i) => {
      if (gradient === null || gradient === undefined) return;
      const input = inputs[i];
      if (gradient instanceof Tensor && input.dtype !== resource) checkShape(op, i, input, gradient);
      this.#collect(input, gradient);
    });
  }

  #callRule(op: Operation, rule: GradientRule, sums: readonly Gradient[]): readonly Gradient[] {
    const sparse = findOp(op.type)?.sparseGradients === true;
    // Outside the `_grad` scope: TensorFlow makes these zeros before it enters it.
    const complete = sums.map((sum, i) => (sum === null && isTrainable(op.outputs[i]) ? this.#missing(op, i) : sum));
    const scope = this.graph.enterNameScope(`${op.name}_grad`);
    try {
      const dense = complete.map((sum) =>
        sum instanceof IndexedSlices && !sparse ? convertToTensor(sum, { graph: this.graph }) : sum,
      );
      const results = rule(op, ...(dense as Tensor[]));
      return this.options.gateGradients ? gate(this.graph, results) : results;
    } finally {
      scope.exit();
    }
  }

  /** Zeros for an output that nothing used; a resource has them where it is known what it holds. */
  #missing(op: Operation, index: number): Tensor | null {
    const output = op.outputs[index];
    if (output.dtype === resource) return output.handleData ? zerosOfVariable(output, output.handleData.dtype) : null;
    if (!(op.graph as FuncGraph).isLoopBody || output.dtype === variant)
      return zerosLike(output, null, { optimize: false });
    // ZerosLike would make the loop keep the output's values; its shape is enough.
    if (output.shape.isFullyDefined())
      return constantIn(this.graph, NdArray.zeros(output.dtype, output.shape.asNumbers()));
    return zeros(shape(output, { optimize: false }), output.dtype);
  }

  #sum(op: Operation, parts: Incoming, index: number): Gradient {
    if (parts.length <= 1) return parts[0] ?? null;
    const total = addGradients(this.graph, op, parts, this.options.aggregationMethod ?? 0);
    const outputs = this.#incoming.get(op)!;
    outputs[index] = [total];
    return total;
  }

  /** The gradient that arrived at x, once all of it has. */
  #total(x: Tensor): Gradient {
    const parts = this.#incoming.get(x.op)?.[x.index] ?? [];
    return this.#sum(x.op, parts, x.index);
  }

  #zeros(x: Tensor): Tensor {
    return x.dtype === resource && x.handleData ? zerosOfVariable(x, x.handleData.dtype) : zerosLike(x);
  }
}

/** Zeros of the shape of the variable behind a handle. */
function zerosOfVariable(handle: Tensor, dtype: DType): Tensor {
  return zeros(applyUnary('VariableShape', { input: handle, out_type: int32 }), dtype);
}

/** The function bodies around and including a graph, innermost first. */
function functionsAround(graph: Graph): FuncGraph[] {
  return graph.isFunction ? [graph as FuncGraph, ...functionsAround((graph as FuncGraph).outer)] : [];
}

const hasSubstitute = ({ type }: Operation): boolean => findOp(type)?.substitutes !== undefined;

function gradientRule(op: Operation): GradientRule | NotDifferentiable {
  const override = op.attrs._gradient_op_type as string | undefined;
  const rule = findGradient(override ?? op.type);
  if (rule) return rule;
  throw new LookupError(
    `No gradient defined for operation'${op.name}' (op type: ${override ?? op.type}). In general every operation must have an associated gradient rule (tf.registerGradient) for correct autodiff, which this op is lacking.`,
  );
}

/** Gives a gradient the static shape of its input; ValueError when they contradict. */
function checkShape(op: Operation, index: number, input: Tensor, gradient: Tensor): void {
  if (gradient.shape.isCompatibleWith(input.shape)) gradient.setShape(input.shape);
  else {
    throw new ValueError(
      `Incompatible shapes between op input and calculated input gradient. Forward operation: ${op.name}. Input index: ${index}. Original input shape: ${input.shape}. Calculated input gradient shape: ${gradient.shape}`,
      op,
    );
  }
}

/** All gradients of an op behind one barrier, as `tf.tuple` makes it. */
function gate(graph: Graph, results: readonly Gradient[]): readonly Gradient[] {
  if (results.filter((gradient) => gradient !== null).length < 2) return results;
  return graph.device(null, () =>
    graph.colocateWith(null, { ignoreExisting: true }, () => tuple(results) as Gradient[]),
  );
}

/** Ones of the shape of y: `grad_ys_i`, from a constant shape where it is known. */
function onesLike(graph: Graph, y: Tensor, index: number): Tensor {
  const shape = y.shape.isFullyDefined()
    ? constantIn(graph, NdArray.from(Int32Array.from(y.shape.asNumbers())), 'Shape')
    : applyUnary('Shape', { input: y });
  const one = constantIn(graph, NdArray.from(y.dtype.isBool ? true : 1, y.dtype), `grad_ys_${index}/Const`);
  return applyUnary('Fill', { dims: shape, value: one }, `grad_ys_${index}`);
}
