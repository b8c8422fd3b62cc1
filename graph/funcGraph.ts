/**
 * The body of a function: a graph of its own, whose outer tensors arrive as arguments.
 *
 * Branches of `cond` and bodies of `whileLoop` are built as function graphs. Using a tensor of an outer graph inside
 * captures it: a Placeholder in the body stands for it, and the call passes it.
 */
import { ValueError } from './errors';
import { Graph } from './graph';
import type { Operation } from './operation';
import type { Tensor } from './tensor';

/** Mirrors tf's FuncGraph, as far as graph mode needs it. */
export class FuncGraph extends Graph {
  readonly #captures = new Map<Tensor, Tensor>();

  /** The arguments: placeholders of this graph, captured ones included, in order. */
  readonly inputs: Tensor[] = [];

  /** The results: tensors of this graph. */
  outputs: Tensor[] = [];

  /** Stateful operations that must run whether or not an output needs them. */
  controlOutputs: Operation[] = [];

  constructor(
    readonly name: string,
    /** The graph in which the function is called. */
    readonly outer: Graph,
  ) {
    super();
    this.seed = outer.seed;
  }

  override get isFunction(): boolean {
    return true;
  }

  override get outermost(): Graph {
    return this.outer.outermost;
  }

  /** Outer tensors and the placeholders that stand for them, in order of capture. */
  get captures(): ReadonlyMap<Tensor, Tensor> {
    return this.#captures;
  }

  override bringIn(tensor: Tensor): Tensor {
    return tensor.graph === this ? tensor : this.capture(tensor);
  }

  /** The placeholder that stands for a tensor of an outer graph. */
  capture(tensor: Tensor): Tensor {
    const known = this.#captures.get(tensor);
    if (known) return known;
    for (let graph: Graph = this.outer; graph !== tensor.graph; graph = graph.outer) {
      if (!(graph instanceof FuncGraph)) throw new ValueError(`${tensor} must be from the same graph as the function ${this.name} that uses it.`);
    }
    const argument = this.addInput(tensor, tensor.op.name.split('/').at(-1)!);
    this.#captures.set(tensor, argument);
    return argument;
  }

  /** Adds an argument like `like`: same dtype, shape and handle. */
  addInput(like: Tensor, name: string): Tensor {
    const argument = this.nameScope(null, () =>
      this.controlDependencies(null, () => this.createOp('Placeholder', [], { name, attrs: { dtype: like.dtype, shape: like.shape } }).output),
    );
    argument.handleData = like.handleData;
    this.inputs.push(argument);
    return argument;
  }
}
