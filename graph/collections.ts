/**
 * Collections of a graph: named lists of anything, and the standard names.
 */
import { repr, ValueError } from './errors';
import { onRollback } from './rollback';

/** The collections of one graph by name, in order of creation. A failing transaction takes back what it added. */
export class Collections {
  readonly #lists = new Map<string, unknown[]>();

  get keys(): string[] {
    return [...this.#lists.keys()];
  }

  find(name: string): readonly unknown[] | undefined {
    return this.#lists.get(name);
  }

  /** The live list, created when absent. */
  ref(name: string): unknown[] {
    let list = this.#lists.get(name);
    if (!list) {
      this.#lists.set(name, (list = []));
      onRollback(() => this.#lists.delete(name));
    }
    return list;
  }

  clear(name: string): void {
    const list = this.#lists.get(name);
    if (this.#lists.delete(name)) onRollback(() => this.#lists.set(name, list!));
  }
}

/** Adds to the live list of a collection. */
export function addToList(list: unknown[], value: unknown): void {
  list.push(value);
  onRollback(() => {
    const at = list.lastIndexOf(value);
    if (at >= 0) list.splice(at, 1);
  });
}

/** A copy of a collection's list; with `scope` only items whose name matches that pattern at its start. */
export function itemsInScope(items: readonly unknown[], scope: string | null | undefined): unknown[] {
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
