/**
 * Runs that were asked for before in the same way: the same fetches with feeds for the same keys need not be resolved and
 * planned again. Most programs run the same few things in a loop.
 *
 * Fetches are compared by identity, one level deep; other structures are resolved each time.
 */
import { NdArray } from '../graph/ndarray';
import { Operation } from '../graph/operation';
import { Tensor } from '../graph/tensor';
import type { Feeds, FeedValue } from './feeds';
import type { Fetch, ResolvedFetches } from './fetches';
import type { Plan } from './plan/plan';

export interface PreparedRun {
  readonly resolved: ResolvedFetches;
  readonly plan: Plan;
  /** The fed tensors, in the order of the feeds. */
  readonly feeds: readonly Tensor[];
}

interface Entry extends PreparedRun {
  readonly fetches: unknown;
  readonly elements: readonly unknown[] | null;
  readonly keys: readonly unknown[];
  readonly version: number;
  readonly rewrites: number;
}

const MOST_ENTRIES = 8;

const isElement = (fetch: unknown): boolean => fetch instanceof Tensor || fetch instanceof Operation;

/** The elements of a flat list of fetches, or null for another structure. */
function elementsOf(fetches: unknown): readonly unknown[] | null {
  return Array.isArray(fetches) && fetches.every(isElement) ? fetches : null;
}

function sameElements(a: readonly unknown[] | null, b: unknown): boolean {
  if (a === null || !Array.isArray(b) || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether feeds are given for those keys, in that order: pairs, or an object. Other forms are resolved each time. */
function sameKeys(keys: readonly unknown[], feeds: Feeds | undefined): boolean {
  if (feeds === undefined) return keys.length === 0;
  if (Array.isArray(feeds)) {
    if (feeds.length !== keys.length) return false;
    for (let i = 0; i < keys.length; i++) if (feeds[i]?.[0] !== keys[i]) return false;
    return true;
  }
  if (feeds instanceof Map || feeds instanceof NdArray || ArrayBuffer.isView(feeds)) return false;
  let i = 0;
  for (const key in feeds) if (keys[i++] !== key) return false;
  return i === keys.length;
}

/** The keys of feeds, where each is one tensor or its name; null for forms that are not compared. */
function keysOf(feeds: Feeds | undefined): readonly unknown[] | null {
  if (feeds === undefined) return [];
  if (Array.isArray(feeds)) {
    const keys = feeds.map((pair) => pair[0]);
    return keys.every((key) => key instanceof Tensor || typeof key === 'string') ? keys : null;
  }
  if (feeds instanceof Map || typeof feeds !== 'object') return null;
  return Object.keys(feeds);
}

/** The value that is fed for key number `i`. */
export function feedValueAt(feeds: Feeds, keys: readonly unknown[], i: number): FeedValue {
  return Array.isArray(feeds) ? feeds[i][1] : (feeds as { readonly [name: string]: FeedValue })[keys[i] as string];
}

export class PreparedRuns {
  readonly #entries: Entry[] = [];

  /** The run with these fetches and keys of feeds, if the graph is as it was. */
  find(version: number, rewrites: number, fetches: Fetch, feeds: Feeds | undefined): Entry | null {
    const entries = this.#entries;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i];
      if (entry.version !== version || entry.rewrites !== rewrites) continue;
      if ((entry.fetches === fetches && entry.elements === null) || sameElements(entry.elements, fetches)) {
        if (sameKeys(entry.keys, feeds)) return entry;
      }
    }
    return null;
  }

  add(version: number, rewrites: number, fetches: Fetch, feeds: Feeds | undefined, run: PreparedRun): void {
    const keys = keysOf(feeds);
    const elements = elementsOf(fetches);
    if (keys === null || keys.length !== run.feeds.length || (elements === null && !isElement(fetches))) return;
    const entry = { ...run, fetches, elements: elements && [...elements], keys, version, rewrites };
    this.#entries.unshift(entry);
    if (this.#entries.length > MOST_ENTRIES) this.#entries.pop();
  }
}
