/**
 * What a run returns: fetch structures and their static types, the elements they name, and putting values back in place.
 */
import { GraphTypeError, InaccessibleTensorError, KeyError, repr, typeWord, ValueError } from '../graph/errors';
import type { Graph } from '../graph/graph';
import { IndexedSlices } from '../graph/indexedSlices';
import type { HasGraphElement } from '../graph/lookup';
import type { NdArray } from '../graph/ndarray';
import { Operation } from '../graph/operation';
import { Tensor } from '../graph/tensor';

/** A tensor, an operation, a variable, a name (`'op'` or `'op:0'`), sparse rows, or any nesting of these in arrays and objects. */
export type Fetch =
  | Tensor
  | Operation
  | HasGraphElement
  | IndexedSlices
  | string
  | readonly Fetch[]
  | { readonly [key: string]: Fetch };

/** The rows of a fetched IndexedSlices. Mirrors tf.compat.v1.IndexedSlicesValue. */
export interface IndexedSlicesValue {
  readonly values: NdArray;
  readonly indices: NdArray;
  readonly denseShape: NdArray | null;
}

/** What fetching `F` gives: an array for a tensor, null for an operation, the same nesting for a nesting; unknown for any fetch. */
export type Fetched<F> = [Fetch] extends [F] ? unknown : FetchedPart<F>;

type FetchedPart<F> = F extends Tensor
  ? NdArray
  : F extends Operation
    ? null
    : F extends IndexedSlices
      ? IndexedSlicesValue
      : F extends `${string}:${number}`
        ? NdArray
        : F extends string
          ? NdArray | null
          : F extends HasGraphElement
            ? NdArray
            : F extends readonly unknown[]
              ? { -readonly [K in keyof F]: FetchedPart<F[K]> }
              : F extends object
                ? { -readonly [K in keyof F]: FetchedPart<F[K]> }
                : never;

type Assemble = (valueOf: (tensor: Tensor) => NdArray) => unknown;

/** A fetch structure, resolved against a graph. */
export interface ResolvedFetches {
  /** The fetched tensors, each once. */
  readonly tensors: readonly Tensor[];
  /** The fetched operations, each once. */
  readonly targets: readonly Operation[];
  /** Puts values into the structure that was asked for. */
  readonly assemble: Assemble;
}

/** Resolves a fetch structure. TypeError or ValueError name the entry that is no element of the graph. */
export function resolveFetches(graph: Graph, fetches: Fetch): ResolvedFetches {
  const tensors = new Set<Tensor>();
  const targets = new Set<Operation>();
  const visit = (fetch: unknown): Assemble => {
    if (fetch === null || fetch === undefined)
      throw new GraphTypeError(`Argument \`fetch\` = ${repr(fetch)} has invalid type "NoneType". Cannot be None`);
    if (fetch instanceof IndexedSlices) {
      const parts = [fetch.values, fetch.indices, ...(fetch.denseShape ? [fetch.denseShape] : [])].map(visit);
      return (valueOf) => ({
        values: parts[0](valueOf),
        indices: parts[1](valueOf),
        denseShape: parts[2]?.(valueOf) ?? null,
      });
    }
    if (isElementLike(fetch)) {
      const element = lookup(graph, fetch);
      if (!graph.isFetchable(element)) throw unfetchable(element);
      if (element instanceof Operation) {
        targets.add(element);
        return () => null;
      }
      tensors.add(element);
      return (valueOf) => valueOf(element);
    }
    if (Array.isArray(fetch)) {
      const parts = fetch.map(visit);
      return (valueOf) => parts.map((part) => part(valueOf));
    }
    if (isPlainObject(fetch)) {
      const parts = Object.entries(fetch).map(([key, value]) => [key, visit(value)] as const);
      return (valueOf) => Object.fromEntries(parts.map(([key, part]) => [key, part(valueOf)]));
    }
    throw new GraphTypeError(
      `Argument \`fetch\` = ${repr(fetch)} has invalid type "${typeWord(fetch)}" must be a string or Tensor. (Can not convert a ${typeWord(fetch)} into a Tensor or Operation.)`,
    );
  };
  const assemble = visit(fetches);
  return { tensors: [...tensors], targets: [...targets], assemble };
}

function isElementLike(value: unknown): boolean {
  if (typeof value === 'string' || value instanceof Tensor || value instanceof Operation) return true;
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { asGraphElement?: unknown }).asGraphElement === 'function' &&
    !('createOp' in value)
  );
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function lookup(graph: Graph, fetch: unknown): Tensor | Operation {
  try {
    return graph.asGraphElement(fetch);
  } catch (error) {
    if (!(error instanceof ValueError || error instanceof KeyError)) throw error;
    throw new ValueError(`Argument \`fetch\` = ${String(fetch)} cannot be interpreted as a Tensor. (${error.message})`);
  }
}

function unfetchable(element: Tensor | Operation): InaccessibleTensorError {
  const name = element instanceof Operation ? element.name : element.op.name;
  return new InaccessibleTensorError(
    `Operation ${name} has been marked as not fetchable. Typically this happens when it is defined in another function or code block. Use return values, explicit Python locals or TensorFlow collections to access it.`,
  );
}
