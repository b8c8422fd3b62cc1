/**
 * `tf.cond` and `tf.switchCase`: one of several functions runs, chosen by a value known only when the graph runs.
 *
 * Each branch becomes a function graph of its own. Gradients are in branchGradients.ts.
 */
import { applyUnary } from '../applyOp';
import { convertToTensor, isTensorConvertible, type TensorConvertible, type TensorLike } from '../convert';
import { getDefaultGraph } from '../defaultGraph';
import { GraphTypeError, repr, typeWord, ValueError } from '../errors';
import { FuncGraph } from '../funcGraph';
import type { IndexedSlices } from '../indexedSlices';
import type { NdArray, NumericArray } from '../ndarray';
import type { FlowHolder } from '../nest';
import { isNested } from '../nest';
import type { Operation } from '../operation';
import { Tensor } from '../tensor';
import { type BranchWords, callBranch, caseWords, checkCaptures, condWords } from './branches';
import { buildFunction } from './buildFunction';
import { uniqueFunctionName } from './functions';

/** What control flow gives for what a function returned: the same structure with tensors for what becomes one. */
export type AsTensors<T> = T extends Tensor | IndexedSlices | FlowHolder
  ? T
  : T extends null | undefined
    ? null
    : T extends number | bigint | boolean | string | NdArray | NumericArray | TensorConvertible | Operation
      ? Tensor
      : T extends object
        ? { -readonly [K in keyof T]: AsTensors<T[K]> }
        : never;

export interface CondOptions {
  readonly name?: string | null;
  /** Accepted as in TensorFlow; results of one-element lists always stay lists. */
  readonly strict?: boolean;
}

/**
 * The results of `trueFn` or of `falseFn`, whichever `pred` (a bool scalar) chooses at run time.
 *
 * Both functions are called once, while the graph is built, and must return the same structure (arrays, objects) of
 * tensors of the same dtypes. Only the chosen branch runs; tensors made outside of both are computed in any case.
 * TypeError for functions that are none, a plain boolean `pred`, or branches that differ. Mirrors tf.cond.
 */
export function cond<T>(
  pred: TensorLike,
  trueFn: () => T,
  falseFn: () => NoInfer<T>,
  options?: CondOptions,
): AsTensors<T>;
export function cond<T, F>(pred: TensorLike, trueFn: () => T, falseFn: () => F, options?: CondOptions): AsTensors<T>;
export function cond(
  pred: TensorLike,
  trueFn: () => unknown,
  falseFn: () => unknown,
  { name }: CondOptions = {},
): unknown {
  if (trueFn === undefined || trueFn === null) throw new GraphTypeError("cond(): 'true_fn' argument required");
  if (falseFn === undefined || falseFn === null) throw new GraphTypeError("cond(): 'false_fn' argument required");
  if (typeof trueFn !== 'function') throw new GraphTypeError("'true_fn' must be callable.");
  if (typeof falseFn !== 'function') throw new GraphTypeError("'false_fn' must be callable.");
  if (typeof pred === 'boolean') throw new GraphTypeError(`('pred must not be a Python bool', ${repr(pred)})`);
  const graph = getDefaultGraph();
  return graph.transaction(() =>
    graph.nameScope(name || 'cond', (scope) => {
      const names = ['true', 'false'].map((label) => uniqueFunctionName(graph, scope, label));
      const selector = scalar(convertToTensor(pred, { graph }));
      return choose(condWords, scope, selector, names, [trueFn, falseFn]);
    }),
  );
}

/** A tensor that may have one element in several dimensions, as a scalar. */
export function scalar(tensor: Tensor): Tensor {
  return tensor.shape.rank === 0 ? tensor : applyUnary('Squeeze', { input: tensor });
}

function choose(
  words: BranchWords,
  scope: string,
  selector: Tensor,
  names: readonly string[],
  functions: readonly (() => unknown)[],
): unknown {
  const graph = getDefaultGraph();
  const branches = functions.map((fn, i) =>
    buildFunction(new FuncGraph(names[i], graph), () => fn(), { opReturnValue: selector }),
  );
  checkCaptures(words, branches);
  const captured = branches.map((branch) => [...branch.captures.keys()]);
  return callBranch({ words, scope, selector, branches, captured, isGradient: false });
}

export type BranchFunctions<T> =
  | readonly (() => T)[]
  | readonly (readonly [number, () => T])[]
  | Readonly<Record<number, () => T>>;

export interface SwitchCaseOptions<T> {
  /** Called for an index without a function; without it the last one is. */
  readonly default?: (() => T) | null;
  readonly name?: string;
}

/**
 * The results of `branchFns[branchIndex]`, chosen at run time by an int32 scalar.
 *
 * `branchFns` is a list of functions, a list of pairs [index, function] or an object by index, without gaps. As for
 * `cond`, all functions return the same structure and dtypes, and only one runs. Mirrors tf.switch_case.
 */
export function switchCase<T>(
  branchIndex: Tensor,
  branchFns: BranchFunctions<T>,
  options: SwitchCaseOptions<T> = {},
): AsTensors<T> {
  const functions = indexedFunctions(branchIndex, branchFns, options.default ?? null);
  const graph = getDefaultGraph();
  return graph.transaction(() =>
    graph.nameScope(options.name ?? 'switch_case', () =>
      graph.nameScope('indexed_case', (scope) => {
        const names = functions.map((_, i) => uniqueFunctionName(graph, scope, `branch${i}`));
        return choose(caseWords, scope, branchIndex, names, functions);
      }),
    ),
  ) as AsTensors<T>;
}

function indexedFunctions(branchIndex: unknown, branchFns: unknown, fallback: unknown): (() => unknown)[] {
  if (!(branchIndex instanceof Tensor))
    throw new GraphTypeError(`'branch_index' must be a Tensor, got <class '${typeWord(branchIndex)}'>`);
  if (!branchIndex.dtype.isInteger)
    throw new GraphTypeError(`'branch_index' must be an integer Tensor, got ${branchIndex.dtype}`);
  if (!isNested(branchFns)) throw new GraphTypeError("'branch_fns' must be a list, tuple, or dict");
  const pairs = indexedPairs(branchFns);
  if (pairs.length === 0) throw new ValueError("Must provide at least one item in 'branch_fns'");
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new GraphTypeError(`Each entry in 'branch_fns' must be a 2-tuple. Received ${repr(pair)}.`);
    const [key, fn] = pair as [unknown, unknown];
    if (!Number.isInteger(key))
      throw new GraphTypeError(`key must be a Python \`int\`, got <class '${typeWord(key)}'>`);
    if (typeof fn !== 'function') throw new GraphTypeError(`fn for key ${key} must be callable.`);
  }
  const sorted = (pairs as [number, () => unknown][]).sort(([a], [b]) => a - b);
  if (sorted.some(([key], i) => key !== i)) {
    throw new ValueError(
      `branch indices (keys) must form contiguous range of [0 to ${sorted.length}) but found {${sorted.map(([key]) => key).join(',')}}`,
    );
  }
  const functions = sorted.map(([, fn]) => fn);
  return typeof fallback === 'function' ? [...functions, fallback as () => unknown] : functions;
}

function indexedPairs(branchFns: readonly unknown[] | Readonly<Record<string, unknown>>): unknown[] {
  if (!Array.isArray(branchFns))
    return Object.entries(branchFns).map(([key, fn]) => [/^-?\d+$/.test(key) ? Number(key) : key, fn]);
  return branchFns.every((fn) => typeof fn === 'function') ? branchFns.map((fn, i) => [i, fn]) : [...branchFns];
}

/** Whether a value can only be known when the graph runs: a tensor or a variable. */
export function isSymbolic(value: unknown): value is Tensor | TensorConvertible {
  return value instanceof Tensor || isTensorConvertible(value);
}
