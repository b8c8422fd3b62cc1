/**
 * Module: something with a name that holds variables and other modules in its properties (private `#` ones cannot be seen).
 */

import { getDefaultGraph } from '../graph/defaultGraph';
import { repr, ValueError } from '../graph/errors';
import { Variable } from './variables/variable';

const IDENTIFIER = /^[A-Za-z_]\w*$/;

/** How deep in arrays and objects of a property modules and variables are found. */
const NESTING = 4;

/** `MyBigLayer` → `my_big_layer`; a leading underscore becomes `private_`. */
export function toSnakeCase(name: string): string {
  const split = name
    .replace(/(.)([A-Z][a-z0-9]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
  return split.startsWith('_') ? `private${split}` : split;
}

/** Base of all that holds variables. Mirrors tf.Module. */
export class Module {
  readonly #name: string;

  /** @param options `name`: a Python identifier; default the class's name in snake case. */
  constructor(options: { readonly name?: string | null } = {}) {
    const name = options.name ?? toSnakeCase(new.target.name);
    if (!IDENTIFIER.test(name) && !this.allowsAnyName()) {
      throw new ValueError(
        `${repr(name)} is not a valid module name. Module names must be valid Python identifiers (e.g. a valid class name).`,
      );
    }
    this.#name = name;
  }

  /** Layers are named freely; a name that is not valid fails when they are used. */
  protected allowsAnyName(): boolean {
    return false;
  }

  get name(): string {
    return this.#name;
  }

  /** Opens the module's name scope around `body`. Mirrors tf.Module.name_scope. */
  nameScope<R>(body: (scope: string) => R): R {
    return getDefaultGraph().nameScope(this.#name, body);
  }

  /** The variables held by this module and the modules in it. */
  get variables(): Variable[] {
    return unique([this, ...this.submodules].flatMap((module) => module.ownValues(isVariable)));
  }

  get trainableVariables(): Variable[] {
    return this.variables.filter((variable) => variable.trainable);
  }

  get nonTrainableVariables(): Variable[] {
    return this.variables.filter((variable) => !variable.trainable);
  }

  /** All modules in this one, at any depth, each once. */
  get submodules(): Module[] {
    const found = new Set<Module>();
    const visit = (module: Module) => {
      for (const child of module.ownValues(isModule)) {
        if (child === this || found.has(child)) continue;
        found.add(child);
        visit(child);
      }
    };
    visit(this);
    return [...found];
  }

  /** The values in this module's own properties, arrays and objects in them included, that pass a test. */
  protected ownValues<T>(test: (value: unknown) => value is T, { isSorted = true } = {}): T[] {
    const visit = (value: unknown, depth: number): T[] => {
      if (test(value)) return [value];
      if (typeof value !== 'object' || value === null || depth === 0) return [];
      const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
      return isPlain ? Object.values(value).flatMap((item) => visit(item, depth - 1)) : [];
    };
    const keys = isSorted ? Object.keys(this).sort() : Object.keys(this);
    return keys.flatMap((key) => visit((this as Record<string, unknown>)[key], NESTING));
  }
}

const isVariable = (value: unknown): value is Variable => value instanceof Variable;
const isModule = (value: unknown): value is Module => value instanceof Module;

function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}
