/**
 * `tf.case`: the first of several functions whose predicate is true, as nested `cond`s.
 */
import { applyUnary } from '../applyOp';
import { convertToTensor } from '../convert';
import { getDefaultGraph } from '../defaultGraph';
import { int32 } from '../dtypes';
import { GraphTypeError, repr, typeWord, ValueError } from '../errors';
import { structureRepr } from '../nest';
import type { Operation } from '../operation';
import { composite } from '../ops/composite';
import { Tensor } from '../tensor';
import { Assert } from './assert';
import { type AsTensors, cond } from './cond';

export type CasePairs<T> = readonly (readonly [Tensor, () => T])[] | ReadonlyMap<Tensor, () => T>;

export interface CaseOptions<T> {
  /** Called when no predicate is true; without it a run then fails. */
  readonly default?: (() => T) | null;
  /** Fail a run in which more than one predicate is true. */
  readonly exclusive?: boolean;
  readonly name?: string;
}

/**
 * The results of the first function whose predicate is true at run time.
 *
 * `pairs` holds predicates (bool scalar tensors) with functions, as a list of pairs or a Map. All functions return the
 * same structure of the same dtypes. TypeError for what is no pair, predicate or function. Mirrors tf.case.
 */
export function caseOf<T>(pairs: CasePairs<T>, options: CaseOptions<T> = {}): AsTensors<T> {
  const checked = checkPairs(pairs);
  const predicates = checked.map(([pred]) => pred);
  return composite(options.name, 'case', predicates, () => {
    const fallback = options.default ?? defaultAction(checked);
    const tried = options.default ? checked : checked.slice(0, -1);
    const chosen = tried.reduceRight<() => unknown>(
      (otherwise, [pred, fn]) =>
        () =>
          cond(pred, fn, otherwise),
      fallback,
    );
    if (!options.exclusive) return chosen();
    const check = assertAtMost(
      tried.map(([pred]) => pred),
      1,
      'Input error: exclusive=True',
    );
    return getDefaultGraph().controlDependencies([check], chosen);
  }) as AsTensors<T>;
}

type Pair = readonly [Tensor, () => unknown];

function checkPairs(pairs: unknown): Pair[] {
  if (!Array.isArray(pairs) && !(pairs instanceof Map)) {
    throw new GraphTypeError(`'pred_fn_pairs' must be a list, tuple, or dict. Received: <class '${typeWord(pairs)}'>`);
  }
  const list = pairs instanceof Map ? [...pairs] : (pairs as readonly unknown[]);
  for (const pair of list) {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new GraphTypeError(`Each entry in 'pred_fn_pairs' must be a 2-tuple. Received ${structureRepr(pair)}.`);
    const [pred, fn] = pair as [unknown, unknown];
    if (!(pred instanceof Tensor)) throw new GraphTypeError(`pred must be a Tensor, got: ${repr(pred)}`);
    if (!pred.dtype.isBool) throw new GraphTypeError(`pred must be Tensor of type bool: ${pred.name}`);
    if (typeof fn !== 'function') throw new GraphTypeError(`fn for pred ${pred.name} must be callable.`);
  }
  if (list.length === 0) throw new ValueError("'pred_fn_pairs' must hold at least one pair.");
  return list as Pair[];
}

/** An operation that fails the run when more than `most` of the predicates are true. */
function assertAtMost(predicates: readonly Tensor[], most: number, message: string): Operation {
  const stacked = applyUnary('Pack', { values: predicates, axis: 0 }, 'preds_c');
  const numbers = applyUnary('Cast', { x: stacked, DstT: int32 });
  const count = applyUnary('Sum', { input: numbers, reduction_indices: constantAxis() }, 'num_true_conds');
  const bound = convertToTensor(most, { dtype: int32, name: 'n_true_conds' });
  const holds = applyUnary('LessEqual', { x: count, y: bound });
  const names = predicates.map((pred) => pred.name).join(', ');
  const text = `${message}: more than ${most} conditions (${names}) evaluated as True:`;
  return Assert(holds, [text, stacked], { summarize: predicates.length });
}

function constantAxis(): Tensor {
  return convertToTensor(Int32Array.of(0));
}

/** The last function as the default one: it fails the run unless its own predicate is true. */
function defaultAction(pairs: readonly Pair[]): () => unknown {
  const [pred, fn] = pairs[pairs.length - 1];
  const others = pairs.slice(0, -1).map(([other]) => other);
  return () => {
    const message = `Implementation error: selected default action #${others.length} was called, but some of other predicates are True: `;
    const stacked = applyUnary('Pack', { values: pairs.map(([each]) => each), axis: 0 }, 'preds_c');
    const checks = [
      assertAtMost(others, 0, message),
      Assert(pred, ['Input error: None of conditions evaluated as True:', stacked]),
    ];
    return getDefaultGraph().controlDependencies(checks, fn);
  };
}
