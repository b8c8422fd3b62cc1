/**
 * The op that chooses one of several functions: If, StatelessIf, Case, StatelessCase.
 *
 * Branches are built by graph/controlFlow/cond.ts, gradients of branches by branchGradients.ts. Here their arguments and
 * results are made to match, and the op and the identities behind it are added.
 */
import { applyUnary } from '../applyOp';
import type { AttrValue } from '../attributes';
import { constantIn } from '../convert';
import { getDefaultGraph } from '../defaultGraph';
import { type DType, int32, int64 } from '../dtypes';
import { GraphTypeError, ValueError } from '../errors';
import type { FuncGraph } from '../funcGraph';
import { IndexedSlices } from '../indexedSlices';
import { NdArray } from '../ndarray';
import {
  assertSameStructure,
  components,
  flatten,
  flattenTensors,
  mapStructure,
  packTensors,
  structureText,
} from '../nest';
import { sliceAt } from '../ops/brackets';
import { composite } from '../ops/composite';
import { range, shape } from '../ops/shapes';
import { TensorShape, unknownShape } from '../shape';
import { type HandleData, Tensor } from '../tensor';
import { hasOrderedEffects } from './automaticControl';
import { afterCaptures, createInScope, exportsAllIntermediates, isStateful, register } from './functions';
import { readOnlyInputs } from './resources';

/** How messages call the branches of an op. */
export interface BranchWords {
  readonly op: 'tf.cond' | 'tf.switch_case';
  readonly kind: 'cond' | 'case';
  branch(index: number): string;
}

export const condWords: BranchWords = {
  op: 'tf.cond',
  kind: 'cond',
  branch: (index) => (index === 0 ? 'true_fn' : 'false_fn'),
};
export const caseWords: BranchWords = { op: 'tf.switch_case', kind: 'case', branch: (index) => `branches[${index}]` };

export interface BranchCall {
  readonly words: BranchWords;
  /** The predicate of an If, the index of a Case. */
  readonly selector: Tensor;
  readonly branches: readonly FuncGraph[];
  /** What each branch captured, as tensors that the caller can pass. */
  readonly captured: readonly (readonly Tensor[])[];
  /** Name of the scope that the op is made in; null calls it after the op. */
  readonly scope: string | null;
  readonly isGradient: boolean;
  readonly lowering?: boolean;
}

/** Adds the op and returns its results, nested as the branches' results are. */
export function callBranch(call: BranchCall): unknown {
  const { words, branches } = call;
  const graph = getDefaultGraph();
  matchIndexTypes(branches);
  checkSameOutputs(words, branches);
  const inputs = matchInputs(branches, call.captured);
  if (!call.isGradient && words.kind === 'cond' && exportsAllIntermediates()) {
    const wrapped = branches.map((branch) => intermediates(branch).map((tensor) => wrapOptional(branch, tensor)));
    addMatchingOutputs(branches, wrapped);
  }
  const stateful =
    words.kind === 'cond'
      ? branches.some(isStateful)
      : branches.some((branch) => branch.operations.some(hasOrderedEffects));
  const references = branches.map(register);
  const functions: Record<string, AttrValue> =
    words.kind === 'cond' ? { then_branch: references[0], else_branch: references[1] } : { branches: references };
  const attrs = {
    ...functions,
    Tin: inputs.map((tensor) => tensor.dtype),
    Tout: branches[0].outputs.map((tensor) => tensor.dtype),
    output_shapes: branches[0].outputs.map((_, i) => commonShape(branches, i)),
    _lower_using_switch_merge: call.lowering ?? true,
    _read_only_resource_inputs: readOnlyInputs(branches, 1),
  };
  const type = `${stateful ? '' : 'Stateless'}${words.kind === 'cond' ? 'If' : 'Case'}`;
  const op = afterCaptures(graph, branches, () =>
    createInScope(graph, type, [call.selector, ...inputs], { scope: call.scope ?? type, attrs }),
  );
  for (const branch of branches) branch.caller = op;
  op.outputs.forEach((output, i) => {
    output.handleData = commonHandle(branches, i);
  });
  graph.preventFetching(op);
  // Fetching one of these needs only what this one result depends on.
  const results = op.outputs.map((output) => {
    const result = applyUnary('Identity', { input: output });
    result.handleData = output.handleData;
    return result;
  });
  return packTensors(
    branches[0].structuredOutputs,
    results.slice(0, flattenTensors(branches[0].structuredOutputs).length),
  );
}

/** Indices of sparse results have one dtype in all branches: int64 where they differ. */
function matchIndexTypes(branches: readonly FuncGraph[]): void {
  const leaves = branches.map((branch) => flatten(branch.structuredOutputs));
  const differs = leaves[0].map((leaf, i) => {
    const parts = leaves.map((list) => list[i]);
    return (
      leaf instanceof IndexedSlices &&
      parts.every((part) => part instanceof IndexedSlices) &&
      new Set(parts.map((part) => part.indices.dtype)).size > 1
    );
  });
  if (!differs.includes(true)) return;
  for (const branch of branches) {
    branch.structuredOutputs = branch.asDefault(() =>
      mapStructure((leaf, i) => {
        if (!differs[i] || !(leaf instanceof IndexedSlices) || leaf.indices.dtype !== int32) return leaf;
        return new IndexedSlices(leaf.values, applyUnary('Cast', { x: leaf.indices, DstT: int64 }), leaf.denseShape);
      }, branch.structuredOutputs),
    );
    branch.outputs = flattenTensors(branch.structuredOutputs).map((tensor) => branch.capture(tensor));
  }
}

/** TypeError unless all branches return the same structure of the same dtypes. */
export function checkSameOutputs(words: BranchWords, branches: readonly FuncGraph[]): void {
  const fail = (index: number, detail: string): never => {
    const [first, other] = [words.branch(0), words.branch(index)];
    throw new GraphTypeError(
      `${first} and ${other} arguments to ${words.op} must have the same number, type, and overall structure of return values.\n\n${first} output: ${structureText(branches[0].structuredOutputs)}\n${other} output: ${structureText(branches[index].structuredOutputs)}\n\nError details:\n${detail}`,
    );
  };
  for (let b = 1; b < branches.length; b++) {
    const [first, other] = [branches[0], branches[b]];
    try {
      assertSameStructure(first.structuredOutputs, other.structuredOutputs);
    } catch (error) {
      fail(b, (error as Error).message);
    }
    checkComposites(words, branches, b);
    if (first.outputs.length !== other.outputs.length) {
      throw new ValueError(
        `Lengths of branch outputs of ${words.kind} must match.\nlen(graphs[0].outputs): ${first.outputs.length}\nlen(graphs[${b}].outputs): ${other.outputs.length}\n`,
      );
    }
    first.outputs.forEach((output, i) => {
      if (output.dtype !== other.outputs[i].dtype) fail(b, `${output} and ${other.outputs[i]} have different types`);
    });
  }
}

function checkComposites(words: BranchWords, branches: readonly FuncGraph[], index: number): void {
  const others = flatten(branches[index].structuredOutputs);
  flatten(branches[0].structuredOutputs).forEach((leaf, i) => {
    if (leaf instanceof IndexedSlices === others[i] instanceof IndexedSlices) return;
    throw new GraphTypeError(
      `Cannot reconcile ${words.op} ${i}-th outputs:\n  branches returned: [${structureText(leaf)}, ${structureText(others[i])}]`,
    );
  });
}

/** Gives all branches the same arguments: all that any of them captured, in order. */
function matchInputs(branches: readonly FuncGraph[], captured: BranchCall['captured']): Tensor[] {
  const inputs = [...new Set(captured.flat())];
  branches.forEach((branch, b) => {
    const own = new Map(captured[b].map((tensor, i) => [tensor, branch.inputs[i]]));
    branch.inputs = inputs.map((tensor) => own.get(tensor) ?? unusedArgument(branch, tensor));
    branch.resetCaptures(inputs, branch.inputs);
  });
  return inputs;
}

function unusedArgument(branch: FuncGraph, like: Tensor): Tensor {
  return branch.createOp('Placeholder', [], { attrs: { dtype: like.dtype, shape: like.shape } }).output;
}

/** The values inside a branch that its gradient may need. */
function intermediates(branch: FuncGraph): Tensor[] {
  const known = new Set([...branch.inputs, ...branch.outputs]);
  return branch.operations.flatMap((op) =>
    op.outputs.filter((tensor) => !known.has(tensor) && tensor.dtype.name !== 'resource'),
  );
}

/** An optional of that tensor, in its own graph. */
export function wrapOptional(branch: FuncGraph, tensor: Tensor): Tensor {
  return branch.asDefault(() => applyUnary('OptionalFromValue', { components: [tensor] }));
}

/** Adds these results to the branches, with empty optionals where one has fewer; returns what each got. */
export function addMatchingOutputs(branches: readonly FuncGraph[], extra: readonly (readonly Tensor[])[]): Tensor[][] {
  const count = Math.max(...extra.map((list) => list.length));
  return branches.map((branch, b) => {
    const missing = Array.from({ length: count - extra[b].length }, () =>
      branch.asDefault(() => applyUnary('OptionalNone', {})),
    );
    const added = [...extra[b], ...missing];
    branch.outputs = [...branch.outputs, ...added];
    return added;
  });
}

/** The shape that is true of a result whichever branch runs. */
function commonShape(branches: readonly FuncGraph[], index: number): TensorShape {
  return branches.map((branch) => branch.outputs[index].shape).reduce(mostSpecificCompatible);
}

function mostSpecificCompatible(a: TensorShape, b: TensorShape): TensorShape {
  if (a.dims === null || b.dims === null || a.dims.length !== b.dims.length) return unknownShape;
  return new TensorShape(a.dims.map((dim, i) => (dim === b.dims![i] ? dim : null)));
}

function commonHandle(branches: readonly FuncGraph[], index: number): HandleData | null {
  const handles = branches.map((branch) => branch.outputs[index].handleData);
  const first: DType | undefined = handles[0]?.dtype;
  return first && handles.every((handle) => handle?.dtype === first) ? { dtype: first, shape: unknownShape } : null;
}

/** ValueError when one branch uses a tensor that was made inside another. */
export function checkCaptures(words: BranchWords, branches: readonly FuncGraph[]): void {
  const word = (index: number) => (words.kind === 'cond' ? words.branch(index) : `branch ${index}`);
  branches.forEach((branch, b) => {
    for (const tensor of branch.captures.keys()) {
      const home = branches.indexOf(tensor.graph as FuncGraph);
      if (home >= 0) throw new ValueError(`Tensor ${tensor.name} in ${word(home)} is accessed from ${word(b)}.`);
    }
  });
}

/** The gradients of all branches with the same parts: dense ones become sparse where another branch has a sparse one. */
export function matchComposites(branches: readonly FuncGraph[]): void {
  const lists = branches.map((branch) => [...(branch.structuredOutputs as unknown[])]);
  lists[0].forEach((_, i) => {
    if (!lists.some((list) => list[i] instanceof IndexedSlices)) return;
    lists.forEach((list, b) => {
      const dense = list[i];
      if (dense instanceof Tensor) list[i] = branches[b].asDefault(() => asIndexedSlices(dense));
    });
  });
  branches.forEach((branch, b) => {
    branch.structuredOutputs = lists[b];
    branch.outputs = lists[b].flatMap(components).map((tensor) => branch.capture(tensor));
  });
}

/** All rows of a tensor as slices. */
function asIndexedSlices(tensor: Tensor): IndexedSlices {
  const dims = tensor.shape.isFullyDefined() ? knownShape(tensor) : shape(tensor);
  return new IndexedSlices(tensor, range(0, sliceAt(dims, [0])), dims);
}

function knownShape(tensor: Tensor): Tensor {
  const dims = NdArray.from(Int32Array.from(tensor.shape.asNumbers()));
  return composite(null, 'Shape', [tensor], () => constantIn(getDefaultGraph(), dims, 'shape_as_tensor'));
}
