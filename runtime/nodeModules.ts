/**
 * Node's built-in modules and optional packages, reached at run time only.
 *
 * Nothing here is imported, so the library loads in browsers; there, both functions give undefined.
 */

interface NodeProcess {
  readonly platform?: string;
  readonly argv?: readonly string[];
  cwd?(): string;
  getBuiltinModule?(name: string): unknown;
}

interface ModuleBuiltin {
  createRequire(from: string): { (name: string): unknown; resolve(name: string): string };
}

/** The file that this code runs from, where modules are CommonJS (as in Node, which imports dist/index.cjs). */
declare const __filename: string | undefined;

const nodeProcess = (globalThis as { process?: NodeProcess }).process;

/** Whether this is Windows, where paths may be written with backslashes. */
export const isWindows = nodeProcess?.platform === 'win32';

/** A built-in module such as `node:fs`, or undefined outside Node. `M` says which part of it the caller uses. */
export function nodeBuiltin<M>(name: string): M | undefined {
  return nodeProcess?.getBuiltinModule?.(name) as M | undefined;
}

/**
 * A function that requires packages as this code would, and, where a bundler has made an ES module of it, as the program that was
 * started would.
 */
function packageRequire(): ReturnType<ModuleBuiltin['createRequire']> | undefined {
  const createRequire = nodeBuiltin<ModuleBuiltin>('node:module')?.createRequire;
  const from = typeof __filename === 'string' ? __filename : (nodeProcess?.argv?.[1] ?? `${nodeProcess?.cwd?.()}/`);
  return createRequire?.(from);
}

/** An optional package, or undefined where it is not installed, does not run on this machine, or this is not Node. */
export function optionalPackage<M>(name: string): M | undefined {
  try {
    return packageRequire()?.(name) as M | undefined;
  } catch {
    return undefined;
  }
}

/** The file that an optional package is loaded from, for other threads to load it; undefined where it is not installed. */
export function optionalPackageFile(name: string): string | undefined {
  try {
    return packageRequire()?.resolve(name);
  } catch {
    return undefined;
  }
}
