/**
 * Gradients of If and Case: an op of the same kind over the gradient functions of its branches.
 *
 * A gradient function needs values from inside the forward branch that ran. The forward op is rewritten to yield them as
 * optionals: the branch that does not run yields empty ones.
 */
import { applyOp } from '../applyOp';
import type { Attrs, FunctionReference } from '../attributes';
import { constantIn } from '../convert';
import { getDefaultGraph } from '../defaultGraph';
import { resource } from '../dtypes';
import { FuncGraph } from '../funcGraph';
import { backpropagate, isTrainable } from '../gradients';
import type { Graph } from '../graph';
import type { NdArray } from '../ndarray';
import { flattenTensors } from '../nest';
import type { Operation } from '../operation';
import { zeros, zerosLike } from '../ops/source';
import type { Gradient } from '../registry';
import type { Tensor } from '../tensor';
import {
  addMatchingOutputs,
  type BranchWords,
  callBranch,
  caseWords,
  checkSameOutputs,
  condWords,
  matchComposites,
  wrapOptional,
} from './branches';
import { buildFunction } from './buildFunction';
import { calledFunction, register, uniqueGradientName } from './functions';
import { resourceInputIndex } from './resources';

/** The gradient rule of If, StatelessIf, Case and StatelessCase. */
export function branchGradient(op: Operation, ...gradients: Gradient[]): readonly Gradient[] {
  const words = op.type.endsWith('If') ? condWords : caseWords;
  const branches = forwardBranches(op, words);
  const outer = getDefaultGraph();
  const gradientBranches = branches.map((branch) => {
    const func = new BranchGradientGraph(uniqueGradientName(outer, branch.name), outer, branch);
    return buildFunction(func, () => differentiate(branch, gradients), { automaticControl: true });
  });
  fillMissing(branches, gradientBranches);
  if (gradientBranches.some((branch) => branch.needsRewrite))
    exportIntermediates(op, words, branches, gradientBranches);
  const captured = gradientBranches.map((branch, i) =>
    [...branch.captures.keys()].map((tensor) => outsideOf(tensor, branches[i], outer)),
  );
  matchComposites(gradientBranches);
  const results = callBranch({
    words,
    selector: op.inputs[0],
    branches: gradientBranches,
    captured,
    scope: words === condWords ? null : 'gradient',
    isGradient: true,
    lowering: op.attrs._lower_using_switch_merge as boolean | undefined,
  });
  return [null, ...(results as Gradient[])];
}

/** The functions of the forward op, with its inputs as their captures. */
function forwardBranches(op: Operation, words: BranchWords): FuncGraph[] {
  const references =
    words === condWords
      ? [op.attrs.then_branch, op.attrs.else_branch]
      : (op.attrs.branches as readonly FunctionReference[]);
  return references.map((reference) => {
    const func = calledFunction(op, reference as FunctionReference);
    const inputs = op.inputs.slice(1);
    inputs.forEach((input, i) => {
      func.inputs[i].handleData ??= input.handleData;
    });
    func.guard();
    func.resetCaptures(inputs, func.inputs);
    func.caller = op;
    return func;
  });
}

/** The gradients of a branch with respect to its arguments; called while the gradient function is built. */
function differentiate(branch: FuncGraph, gradients: readonly Gradient[]): Gradient[] {
  const used = branch.outputs.flatMap((y, i) => (isTrainable(y) ? [{ y, gradient: gradients[i] }] : []));
  return backpropagate({
    ys: used.map(({ y }) => y),
    gradYs: used.map(({ gradient }) => gradient),
    xs: branch.inputs,
    source: branch,
  });
}

/** Where one branch has a gradient and another none, the other gets zeros. */
function fillMissing(branches: readonly FuncGraph[], gradientBranches: readonly BranchGradientGraph[]): void {
  const lists = gradientBranches.map((branch) => [...(branch.structuredOutputs as Gradient[])]);
  lists[0].forEach((_, i) => {
    if (!lists.some((list) => list[i] !== null)) return;
    lists.forEach((list, b) => {
      if (list[i] === null) list[i] = gradientBranches[b].asDefault(() => zerosFor(branches[b].inputs[i]));
    });
  });
  gradientBranches.forEach((branch, b) => {
    branch.structuredOutputs = lists[b];
    branch.outputs = flattenTensors(lists[b]).map((tensor) => branch.capture(tensor));
  });
}

function zerosFor(tensor: Tensor): Tensor {
  if (tensor.dtype !== resource || !tensor.handleData) return zerosLike(tensor);
  return zeros(tensor.handleData.shape, tensor.handleData.dtype);
}

/** Makes the forward op yield what the gradient functions captured from inside its branches. */
function exportIntermediates(
  op: Operation,
  words: BranchWords,
  branches: readonly FuncGraph[],
  gradientBranches: readonly BranchGradientGraph[],
): void {
  const added = addMatchingOutputs(
    branches,
    gradientBranches.map((branch) => branch.wrapped),
  );
  checkSameOutputs(words, branches);
  for (const branch of branches) branch.rename(`${branch.name}_rewritten`);
  const references = branches.map(register);
  const functions: Attrs =
    words === condWords ? { then_branch: references[0], else_branch: references[1] } : { branches: references };
  op.graph.extendOp(op, {
    attrs: {
      ...op.attrs,
      ...functions,
      Tout: branches[0].outputs.map((tensor) => tensor.dtype),
      output_shapes: branches[0].outputs.map((tensor) => tensor.shape),
    },
    outputs: added[0].map(({ dtype, shape }) => ({ dtype, shape, handleData: null })),
  });
}

/**
 * What the gradient op is to be given for a tensor that its function captured: the tensor itself, or, for one of the
 * forward branch, the output or input of the forward op that it is.
 */
function outsideOf(tensor: Tensor, branch: FuncGraph, outer: Graph): Tensor {
  if (tensor.graph !== branch || tensor.graph === outer) return tensor;
  const output = branch.outputs.indexOf(tensor);
  if (output >= 0) return branch.caller!.outputs[output];
  const outside = branch.outerOf(tensor);
  if (outside) return outside;
  throw new Error(`${tensor} of ${branch} is neither an argument nor a result of it`);
}

/** The gradient function of one branch: captures values of the forward branch through optionals. */
class BranchGradientGraph extends FuncGraph {
  /** Whether the forward op does not yield all that is needed yet. */
  needsRewrite = false;
  /** Values of the forward branch as this graph knows them. */
  readonly #unwrapped = new Map<Tensor, Tensor>();
  readonly #optionals = new Map<Tensor, Tensor>();

  constructor(
    name: string,
    outer: Graph,
    readonly forward: FuncGraph,
  ) {
    super(name, outer);
  }

  /** The optionals of the forward branch that this graph reads, in order. */
  get wrapped(): Tensor[] {
    return [...this.#optionals.values()];
  }

  protected override captureOuter(tensor: Tensor): Tensor {
    const { forward } = this;
    if (tensor.graph !== forward || forward.inputs.includes(tensor) || forward.outputs.includes(tensor))
      return super.captureOuter(tensor);
    const known = this.#unwrapped.get(tensor);
    if (known) return known;
    const own = this.#bringInside(tensor);
    this.#unwrapped.set(tensor, own);
    return own;
  }

  #bringInside(tensor: Tensor): Tensor {
    if (tensor.op.type === 'Const') return constantIn(this, tensor.op.attrs.value as NdArray);
    if (tensor.dtype === resource)
      return super.captureOuter(this.forward.inputs[resourceInputIndex(tensor, this.forward)]);
    const optional = this.#optionalOf(tensor);
    this.#optionals.set(tensor, optional);
    const argument = this.captureAs(optional, tensor.op.name);
    return applyOp('OptionalGetValue', {
      optional: argument,
      output_types: [tensor.dtype],
      output_shapes: [tensor.shape],
    }).output;
  }

  /** The optional that the forward branch yields, or is to yield, for one of its values. */
  #optionalOf(tensor: Tensor): Tensor {
    const wrappers = tensor.consumers().filter((op) => op.type === 'OptionalFromValue');
    const known = wrappers.find((op) => this.forward.outputs.includes(op.output));
    if (known) return known.output;
    this.needsRewrite = true;
    return wrapOptional(this.forward, tensor);
  }
}
