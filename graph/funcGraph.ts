/**
 * The body of a function: a graph of its own, whose outer tensors arrive as arguments.
 *
 * Branches of `cond` and bodies of `whileLoop` are built as function graphs (graph/controlFlow). Using a tensor of an
 * outer graph inside captures it: a Placeholder in the body stands for it, and the call passes it. Collections are
 * those of the outer graph; names, scopes, control dependencies and the count of seedless ops are the body's own.
 */

import type { Attrs } from './attributes';
import type { DType } from './dtypes';
import { InaccessibleTensorError, ValueError } from './errors';
import { Graph } from './graph';
import { outOfScope } from './lookup';
import type { Operation } from './operation';
import { onRollback } from './rollback';
import type { TensorShape } from './shape';
import type { HandleData, Tensor } from './tensor';

/** What an argument of a function is like. */
export interface ArgumentSpec {
  readonly dtype: DType;
  readonly shape: TensorShape;
  readonly handleData?: HandleData | null;
  /** Name of the argument's placeholder. Default `Placeholder`. */
  readonly name?: string;
}

/** What a file says of a function beside its arguments and nodes. */
export interface DeclaredFunction {
  readonly attrs: Attrs;
  readonly outputNames: readonly string[];
  readonly controlOutputNames: readonly string[];
}

/** Mirrors tf's FuncGraph, as far as graph mode needs it. */
export class FuncGraph extends Graph {
  readonly #captures = new Map<Tensor, Tensor>();
  readonly #outerOf = new Map<Tensor, Tensor>();

  /** Operations of outer graphs that something inside waits for: the call must wait for them. */
  readonly controlCaptures = new Set<Operation>();

  /** The arguments: placeholders of this graph, captured ones included, in order. */
  inputs: Tensor[] = [];

  /** The results: tensors of this graph. */
  outputs: Tensor[] = [];

  /** The results as the user's function nested them; null where it returned nothing. */
  structuredOutputs: unknown = null;

  /** Stateful operations that must run whether or not an output needs them. */
  controlOutputs: Operation[] = [];

  /** Whether this is the body of a loop, whose values differ between iterations. */
  get isLoopBody(): boolean {
    return false;
  }

  /** Attributes of the function itself, and the names of its results: as the file says that it comes from. */
  declared: DeclaredFunction | null = null;

  /** The operation that calls this function, once there is one. */
  caller: Operation | null = null;

  constructor(
    /** The name in the graph's library. */
    public name: string,
    /** The graph in which the function is called. */
    readonly outer: Graph,
  ) {
    super();
    this.seed = outer.seed;
    this.inheritDevices(outer);
  }

  override get isFunction(): boolean {
    return true;
  }

  override get outermost(): Graph {
    return this.outer.outermost;
  }

  override get functions(): ReadonlyMap<string, FuncGraph> {
    return this.outermost.functions;
  }

  /** Outer tensors and the placeholders that stand for them, in order of capture. */
  get captures(): ReadonlyMap<Tensor, Tensor> {
    return this.#captures;
  }

  /** The outer tensor that an argument stands for; undefined for arguments that are no captures. */
  outerOf(argument: Tensor): Tensor | undefined {
    return this.#outerOf.get(argument);
  }

  #setCapture(external: Tensor, argument: Tensor): void {
    this.#captures.set(external, argument);
    this.#outerOf.set(argument, external);
  }

  /** Takes these arguments for captures of these outer tensors, in place of all captures so far. */
  resetCaptures(externals: readonly Tensor[], internals: readonly Tensor[]): void {
    this.#captures.clear();
    this.#outerOf.clear();
    externals.forEach((tensor, i) => this.#setCapture(tensor, internals[i]));
  }

  override bringIn(tensor: Tensor): Tensor {
    return tensor.graph === this ? tensor : this.capture(tensor);
  }

  /**
   * The placeholder that stands for a tensor of an outer graph. It is named after that tensor's op, within the current
   * scope. InaccessibleTensorError for a tensor of a function inside this one.
   */
  capture(tensor: Tensor): Tensor {
    if (tensor.graph === this) return tensor;
    for (let graph = tensor.graph; graph instanceof FuncGraph; graph = graph.outer) {
      if (graph === this) throw new InaccessibleTensorError(outOfScope(tensor, this));
    }
    if (tensor.graph.outermost !== this.outermost) {
      throw new ValueError(`${tensor} must be from the same graph as the function ${this.name} that uses it.`);
    }
    return this.captureOuter(tensor);
  }

  /** Captures a tensor that is none of this graph; gradient functions treat those of the forward pass differently. */
  protected captureOuter(tensor: Tensor): Tensor {
    return this.captureAs(tensor, tensor.op.name);
  }

  /** Captures a tensor by an argument of that name. */
  protected captureAs(tensor: Tensor, name: string): Tensor {
    const known = this.#captures.get(tensor);
    if (known) return known;
    const argument = this.controlDependencies(null, () => this.addArgument({ ...specOf(tensor), name }));
    this.#setCapture(tensor, argument);
    return argument;
  }

  /** Captures a tensor with an argument that is never used: named like that, and of unknown shape. */
  captureUnused(tensor: Tensor, name: string): void {
    const attrs = { dtype: tensor.dtype };
    const argument = this.controlDependencies(null, () => this.createOp('Placeholder', [], { name, attrs }).output);
    this.inputs.push(argument);
    this.#setCapture(tensor, argument);
  }

  /** Adds an argument, in the current scope. */
  addArgument({ dtype, shape, handleData, name }: ArgumentSpec): Tensor {
    const attrs = { dtype, shape, ...(name === undefined ? {} : { _user_specified_name: name }) };
    const argument = this.createOp('Placeholder', [], { name: name ?? 'Placeholder', attrs }).output;
    argument.handleData = handleData ?? null;
    this.inputs.push(argument);
    return argument;
  }

  override transaction<R>(build: () => R): R {
    const [captured, count] = [this.#captures.size, this.inputs.length];
    try {
      return super.transaction(build);
    } catch (error) {
      for (const [tensor, argument] of [...this.#captures].slice(captured)) {
        this.#captures.delete(tensor);
        this.#outerOf.delete(argument);
      }
      this.inputs.length = Math.min(count, this.inputs.length);
      throw error;
    }
  }

  /** Lets a failing transaction put back arguments, results and name as they are now. */
  guard(): void {
    const [name, inputs, outputs, captures] = [this.name, [...this.inputs], [...this.outputs], [...this.#captures]];
    onRollback(() => {
      this.rename(name);
      this.inputs = inputs;
      this.outputs = outputs;
      this.resetCaptures(
        captures.map(([external]) => external),
        captures.map(([, internal]) => internal),
      );
    });
  }

  /** Gives the function another name in the library. */
  rename(name: string): void {
    if (name === this.name) return;
    this.outermost.removeFunction(this.name);
    this.name = name;
    this.outermost.addFunction(this);
  }

  protected override acceptControl(op: Operation): boolean {
    if (op.graph === this) return true;
    this.controlCaptures.add(op);
    return false;
  }

  override getCollectionRef<T = unknown>(name: string): T[] {
    return this.outer.getCollectionRef<T>(name);
  }

  override getCollection<T = unknown>(name: string, scope?: string | null): T[] {
    return this.outer.getCollection<T>(name, scope);
  }

  override getAllCollectionKeys(): string[] {
    return this.outer.getAllCollectionKeys();
  }

  override clearCollection(name: string): void {
    this.outer.clearCollection(name);
  }

  override toString(): string {
    return `FuncGraph(name=${this.name}, id=${this.id})`;
  }
}

/** An argument like that tensor. */
export function specOf(tensor: Tensor): ArgumentSpec {
  return { dtype: tensor.dtype, shape: tensor.shape, handleData: tensor.handleData };
}
