/**
 * Collections of a graph: named lists of anything, and the standard names.
 */
import { repr, ValueError } from './errors';
import { checkString } from './names';
import { onRollback } from './rollback';

/** A copy of a list; with `scope` only items whose name matches that pattern at its start. */
function itemsInScope(items: readonly unknown[], scope: string | null | undefined): unknown[] {
  if (scope === undefined || scope === null) return [...items];
  let pattern: RegExp;
  try {
    pattern = new RegExp(`^(?:${scope})`);
  } catch {
    throw new ValueError(`Scope ${repr(scope)} is not a valid regular expression.`);
  }
  return items.filter((item) => {
    const { name } = (item ?? {}) as { readonly name?: unknown };
    return typeof name === 'string' && pattern.test(name);
  });
}

/** The part of a graph that holds its collections by name, in order of creation. */
export abstract class HoldsCollections {
  readonly #lists = new Map<string, unknown[]>();

  abstract checkNotFinalized(): void;

  /** Adds to a collection, which is created when absent. Mirrors Graph.add_to_collection. */
  addToCollection(name: string, value: unknown): void {
    this.checkNotFinalized();
    const list = this.getCollectionRef(name);
    list.push(value);
    onRollback(() => {
      const at = list.lastIndexOf(value);
      if (at >= 0) list.splice(at, 1);
    });
  }

  /** Adds to each of several collections once. Mirrors Graph.add_to_collections. */
  addToCollections(names: string | Iterable<string>, value: unknown): void {
    const all = typeof names === 'string' ? [names] : [...new Set(names)];
    this.checkNotFinalized();
    all.forEach(checkString);
    for (const name of all) this.addToCollection(name, value);
  }

  /**
   * A copy of a collection; with `scope` only items whose name matches that pattern at its start. Mirrors
   * Graph.get_collection.
   */
  getCollection<T = unknown>(name: string, scope?: string | null): T[] {
    return itemsInScope(this.#lists.get(name) ?? [], scope) as T[];
  }

  /** The live list of a collection, created when absent. Mirrors Graph.get_collection_ref. */
  getCollectionRef<T = unknown>(name: string): T[] {
    checkString(name);
    let list = this.#lists.get(name);
    if (!list) {
      this.#lists.set(name, (list = []));
      onRollback(() => this.#lists.delete(name));
    }
    return list as T[];
  }

  /** The names of all collections, empty ones included. Mirrors Graph.get_all_collection_keys. */
  getAllCollectionKeys(): string[] {
    return [...this.#lists.keys()];
  }

  /** Removes a collection, if there is one. Mirrors Graph.clear_collection. */
  clearCollection(name: string): void {
    this.checkNotFinalized();
    const list = this.#lists.get(name);
    if (this.#lists.delete(name)) onRollback(() => this.#lists.set(name, list!));
  }
}

/** The standard names of graph collections. Mirrors tf.GraphKeys. */
export const GraphKeys = {
  GLOBAL_VARIABLES: 'variables',
  VARIABLES: 'variables',
  LOCAL_VARIABLES: 'local_variables',
  METRIC_VARIABLES: 'metric_variables',
  MODEL_VARIABLES: 'model_variables',
  TRAINABLE_VARIABLES: 'trainable_variables',
  SUMMARIES: 'summaries',
  QUEUE_RUNNERS: 'queue_runners',
  TABLE_INITIALIZERS: 'table_initializer',
  ASSET_FILEPATHS: 'asset_filepaths',
  MOVING_AVERAGE_VARIABLES: 'moving_average_variables',
  REGULARIZATION_LOSSES: 'regularization_losses',
  CONCATENATED_VARIABLES: 'concatenated_variables',
  SAVERS: 'savers',
  WEIGHTS: 'weights',
  BIASES: 'biases',
  ACTIVATIONS: 'activations',
  UPDATE_OPS: 'update_ops',
  LOSSES: 'losses',
  SAVEABLE_OBJECTS: 'saveable_objects',
  RESOURCES: 'resources',
  LOCAL_RESOURCES: 'local_resources',
  TRAINABLE_RESOURCE_VARIABLES: 'trainable_resource_variables',
  INIT_OP: 'init_op',
  LOCAL_INIT_OP: 'local_init_op',
  READY_OP: 'ready_op',
  READY_FOR_LOCAL_INIT_OP: 'ready_for_local_init_op',
  SUMMARY_OP: 'summary_op',
  GLOBAL_STEP: 'global_step',
  EVAL_STEP: 'eval_step',
  TRAIN_OP: 'train_op',
  COND_CONTEXT: 'cond_context',
  WHILE_CONTEXT: 'while_context',
} as const;
