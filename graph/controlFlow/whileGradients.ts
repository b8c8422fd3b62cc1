/**
 * Gradients of While: a loop that runs the iterations backwards.
 *
 * The gradient of the body needs values from inside each iteration. The forward loop is rewritten to push them onto
 * lists, from which the backward loop pops; what is the same in all iterations is passed as it is, and constants are
 * made again. Shapes and sizes are computed in the forward loop, so that large values need not be kept for them.
 */
import { applyUnary } from '../applyOp';
import type { FunctionReference } from '../attributes';
import { constantIn, convertToTensor } from '../convert';
import { getDefaultGraph } from '../defaultGraph';
import { resource, variant } from '../dtypes';
import { AssertionError } from '../errors';
import { FuncGraph } from '../funcGraph';
import { backpropagate, isTrainable } from '../gradients';
import type { CreateOpOptions, Graph } from '../graph';
import { IndexedSlices } from '../indexedSlices';
import type { NdArray } from '../ndarray';
import { flattenTensors } from '../nest';
import type { Operation } from '../operation';
import { emptyTensorList, tensorListPopBack, tensorListPushBack } from '../ops/list';
import { zeros, zerosLike } from '../ops/source';
import type { Gradient } from '../registry';
import { Tensor } from '../tensor';
import { buildFunction } from './buildFunction';
import { calledFunction, exportsAllIntermediates, register, uniqueGradientName } from './functions';
import { resourceInputIndex } from './resources';
import { accumulatorOf, LoopBodyGraph, makeWhile, specsOf } from './whileOp';

/** The counter, the maximum and the number of iterations come before the gradients among a backward loop's variables. */
const LEADING = 3;

/** The gradient rule of While and StatelessWhile. */
export function whileGradient(op: Operation, ...gradients: Gradient[]): readonly Gradient[] {
  const [condGraph, bodyGraph] = [op.attrs.cond, op.attrs.body].map((reference) =>
    calledFunction(op, reference as FunctionReference),
  );
  for (const func of [condGraph, bodyGraph]) {
    func.caller = op;
    func.guard();
  }
  const outer = getDefaultGraph();
  const count = Number(op.attrs._num_original_outputs ?? op.outputs.length);
  const incoming = op.outputs.map((output, i) =>
    i < count ? initialGradient(gradients[i], op.inputs[i], output, bodyGraph.outputs[i]) : null,
  );
  const used = incoming.flatMap((gradient, i) =>
    gradient ? [{ gradient, x: bodyGraph.inputs[i], y: bodyGraph.outputs[i] }] : [],
  );
  const known = bodyGraph.outputs.length;
  const counter = convertToTensor(0, { graph: outer, dtype: op.outputs[0].dtype, name: 'grad_counter' });
  const args = [counter, op.inputs[1], op.outputs[0], ...used.map(({ gradient }) => gradient)];
  const backward = new BackwardBodyGraph(uniqueGradientName(outer, bodyGraph.name), outer, op, condGraph, bodyGraph);
  buildFunction(backward, (...vars) => iterateBackwards(vars, used, bodyGraph), {
    args: specsOf(args),
    automaticControl: true,
  });
  densifyOutputs(backward);
  backward.outputs = [
    ...backward.outputs,
    ...[...backward.captures.values()].map((argument) => backward.resultOf(argument)),
  ];
  if (backward.lists.length > 0) addAccumulators(op, condGraph, bodyGraph, known, backward.lists);
  op.graph.updateOp(op, { attrs: { ...op.attrs, _num_original_outputs: BigInt(op.outputs.length) } });
  const inputs = [...args, ...[...backward.captures.keys()].map((tensor) => outsideOf(tensor, bodyGraph, op))];
  const condition = new FuncGraph(uniqueGradientName(outer, (op.attrs.cond as FunctionReference).name), outer);
  buildFunction(condition, (i, _limit, iterations) => applyUnary('Less', { x: i, y: iterations }), {
    args: specsOf(inputs),
    automaticControl: true,
  });
  const loop = makeWhile({
    inputs,
    condGraph: condition,
    bodyGraph: backward,
    outputShapes: backward.outputs.map((tensor) => tensor.shape),
    scope: `${op.name}_grad`,
    parallelIterations: Number(op.attrs.parallel_iterations),
    originalOutputs: backward.outputs.length,
  });
  const results = loop.outputs.map((output) => applyUnary('Identity', { input: output }));
  let next = LEADING;
  return incoming.map((gradient) => (gradient ? results[next++] : null));
}

/** The gradient that a result of the loop starts with; null where there is none. */
function initialGradient(gradient: Gradient, input: Tensor, output: Tensor, inBody: Tensor): Tensor | null {
  if (!isAccumulated(inBody)) return null;
  if ((output.dtype === resource || output.dtype === variant) && gradient === null)
    return defaultGradient(input, output);
  return gradient instanceof IndexedSlices ? convertToTensor(gradient) : gradient;
}

function defaultGradient(input: Tensor, output: Tensor): Tensor | null {
  if (output.dtype !== resource) return zerosLike(output);
  return input.handleData ? zeros(applyUnary('VariableShape', { input: output }), input.handleData.dtype) : null;
}

/** Whether gradients can flow through a result of a body; a list that remains from popping integers has none. */
function isAccumulated(tensor: Tensor): boolean {
  if (!isTrainable(tensor)) return false;
  if (tensor.op.type !== 'TensorListPopBack' || tensor.index !== 0) return true;
  const held = tensor.op.outputs[1].dtype;
  return held.isFloating || held.isComplex || held === variant;
}

interface Differentiated {
  readonly x: Tensor;
  readonly y: Tensor;
}

function iterateBackwards(vars: readonly Tensor[], used: readonly Differentiated[], bodyGraph: FuncGraph): Gradient[] {
  const [counter, limit, iterations, ...gradYs] = vars;
  const gradients = backpropagate({
    ys: used.map(({ y }) => y),
    gradYs,
    xs: used.map(({ x }) => x),
    source: bodyGraph,
    unconnectedGradients: 'zero',
  });
  return [applyUnary('AddV2', { x: counter, y: 1 }, 'add'), limit, iterations, ...gradients];
}

/** A loop variable is one tensor: sparse gradients are made dense in each iteration. */
function densifyOutputs(backward: FuncGraph): void {
  const results = backward.structuredOutputs as Gradient[];
  if (!results.some((result) => result instanceof IndexedSlices)) return;
  const dense = results.map((result) =>
    result instanceof IndexedSlices ? backward.asDefault(() => convertToTensor(result)) : result,
  );
  backward.structuredOutputs = dense;
  backward.outputs = flattenTensors(dense);
}

/** Makes the forward loop take these empty lists and yield them filled. */
function addAccumulators(
  op: Operation,
  condGraph: FuncGraph,
  bodyGraph: FuncGraph,
  known: number,
  lists: readonly Tensor[],
): void {
  for (const func of [condGraph, bodyGraph]) func.rename(`${func.name}_rewritten`);
  op.graph.extendOp(op, {
    attrs: {
      ...op.attrs,
      cond: register(condGraph),
      body: register(bodyGraph),
      T: bodyGraph.outputs.map((tensor) => tensor.dtype),
      output_shapes: bodyGraph.outputs.map((tensor) => tensor.shape),
    },
    inputs: lists,
    outputs: bodyGraph.outputs.slice(known).map(({ dtype, shape, handleData }) => ({ dtype, shape, handleData })),
  });
}

/** What the backward loop is to be given for a tensor it captured: for a result of the forward body, the loop's. */
function outsideOf(tensor: Tensor, bodyGraph: FuncGraph, op: Operation): Tensor {
  if (tensor.graph !== bodyGraph) return tensor;
  const output = bodyGraph.outputs.indexOf(tensor);
  if (output >= 0) return op.outputs[output];
  throw new AssertionError(`${tensor} of ${bodyGraph} is no result of it`);
}

/** Ops whose small results are kept in place of their large inputs. */
const REDUCTIONS = new Set(['Shape', 'Size', 'Rank', 'TensorListElementShape', 'TensorListLength']);

const moved = new WeakMap<FuncGraph, Map<string, Operation>>();

/** The body of a backward loop: knows how to get at the values of the forward body. */
class BackwardBodyGraph extends LoopBodyGraph {
  /** Empty lists that the forward loop must take in addition. */
  readonly lists: Tensor[] = [];
  /** Values of the forward body as this graph knows them. */
  readonly #known = new Map<Tensor, Tensor>();
  /** What an argument that captures something is in the next iteration. */
  readonly #results = new Map<Tensor, Tensor>();

  constructor(
    name: string,
    outer: Graph,
    readonly forwardOp: Operation,
    readonly forwardCond: FuncGraph,
    readonly forward: FuncGraph,
  ) {
    super(name, outer);
  }

  resultOf(argument: Tensor): Tensor {
    const result = this.#results.get(argument);
    if (result) return result;
    throw new AssertionError(`Tensor ${argument} is captured but has no value for the next iteration`);
  }

  override createOp(type: string, inputs: readonly Tensor[], options: CreateOpOptions = {}): Operation {
    const belongsForward =
      REDUCTIONS.has(type) &&
      !exportsAllIntermediates() &&
      inputs.every((input) => input.graph === this.forward && !accumulatorOf(input));
    if (!belongsForward) return super.createOp(type, inputs, options);
    const name = (options.name ?? type).replace(/\/$/, '');
    const key = `${type} ${name} ${inputs.map((input) => input.name).join(' ')} ${Object.values(options.attrs ?? {}).join(' ')}`;
    const cache = moved.get(this.forward) ?? new Map<string, Operation>();
    moved.set(this.forward, cache);
    let op = cache.get(key);
    if (!op)
      cache.set(key, (op = this.forward.asDefault(() => this.forward.createOp(type, inputs, { ...options, name }))));
    return op;
  }

  protected override captureOuter(tensor: Tensor): Tensor {
    const { name } = tensor.op;
    const found = this.#known.get(tensor);
    if (found) return found;
    if (tensor.graph !== this.forward) return this.#keep(tensor, super.captureOuter(tensor));
    let source = tensor;
    while (source.op.type === 'Identity') source = source.op.inputs[0];
    const known = this.#known.get(source);
    if (known) return known;
    const { inputs, outputs } = this.forward;
    if (inputs.includes(source) && outputs.includes(source)) return this.#keep(source, this.captureAs(source, name));
    const own = this.#bringInside(source, name);
    this.#known.set(source, own);
    return own;
  }

  /** An argument that has the same value in all iterations. */
  #keep(tensor: Tensor, argument: Tensor): Tensor {
    this.#results.set(argument, argument);
    this.#known.set(tensor, argument);
    return argument;
  }

  #bringInside(tensor: Tensor, name: string): Tensor {
    if (tensor.op.type === 'Const') return constantIn(this, tensor.op.attrs.value as NdArray);
    if (tensor.dtype === resource) return this.#bringResource(tensor);
    const list = this.captureAs(accumulatorOf(tensor) ?? this.#accumulate(tensor), name);
    const [rest, value] = tensorListPopBack(list, tensor.dtype);
    this.#results.set(list, rest);
    return value;
  }

  #bringResource(tensor: Tensor): Tensor {
    const { forward, forwardOp } = this;
    const index = resourceInputIndex(tensor, forward);
    if (resourceInputIndex(forward.outputs[index], forward) !== index) {
      throw new AssertionError(`Resource tensors must be loop invariants ${forwardOp.inputs[index]}`);
    }
    return this.capture(forwardOp.inputs[index]);
  }

  /** Makes the forward body push a value of each iteration onto a list; returns that list as the body's result. */
  #accumulate(tensor: Tensor): Tensor {
    const { forward, forwardCond, forwardOp } = this;
    const name = `${tensor.name}/accumulator`.replace(':', '_');
    const list = forwardOp.graph.asDefault(() =>
      forwardOp.graph.controlDependencies(null, () =>
        emptyTensorList(tensor.shape, tensor.dtype, { maxNumElements: forwardOp.inputs[1], name }),
      ),
    );
    this.lists.push(list);
    const pushed = forward.asDefault(() => tensorListPushBack(list, tensor));
    forward.outputs = [...forward.outputs, pushed];
    forwardCond.asDefault(() => forwardCond.capture(list));
    return pushed;
  }
}
