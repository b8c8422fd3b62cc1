/**
 * Finds and loads the BLAS that matrix products go to. Having none is normal: products then run in WebAssembly.
 *
 * It takes koffi, an optional package, to call native code. The first library of places.ts that loads and multiplies
 * correctly is kept for the life of the process; what was tried is remembered, for `tf.inspect.devices()`.
 */
import { InvalidArgumentError } from '../../../graph/errors';
import { nodeBuiltin, optionalPackage, optionalPackageFile } from '../../nodeModules';
import { Blas } from './blas';
import { checkLibrary, type Koffi, type KoffiLibrary, openLibrary } from './library';
import { candidates } from './places';

/** `auto`: the best one that is found; `off`: none; else the path of a library. */
export type BlasSetting = 'auto' | 'off' | (string & {});

/** What became of looking for a BLAS. */
export interface BlasSearch {
  readonly blas: Blas | null;
  /** Why there is none, or where it was found. */
  readonly reason: string;
  /** Libraries that exist and could not be used, and why. */
  readonly refused: readonly { readonly path: string; readonly reason: string }[];
  /** The names and paths that were tried. */
  readonly tried: readonly string[];
}

interface Fs {
  existsSync(path: string): boolean;
  statSync(path: string): { isDirectory(): boolean };
}

interface Path {
  dirname(path: string): string;
  join(...parts: string[]): string;
}

const searches = new Map<string, BlasSearch>();

/** What is set in the environment, for sessions that say `auto`. */
function settingOfEnvironment(): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.SLUICE_BLAS || undefined;
}

/**
 * The BLAS for a setting, or null where there is none or `off` was asked for.
 *
 * @throws InvalidArgumentError for a path that cannot be used, with what was tried.
 */
export function findBlas(setting: BlasSetting = 'auto'): Blas | null {
  return searchBlas(setting).blas;
}

/** As `findBlas`, with what was found out on the way. */
export function searchBlas(setting: BlasSetting = 'auto'): BlasSearch {
  const asked = setting === 'auto' ? (settingOfEnvironment() ?? 'auto') : setting;
  const known = searches.get(asked);
  if (known !== undefined) return known;
  const from = setting === 'auto' && asked !== 'auto' ? 'SLUICE_BLAS' : 'config.blas';
  const search = asked === 'off' ? none(`${from} is off`) : asked === 'auto' ? searchAll() : openGiven(asked, from);
  searches.set(asked, search);
  return search;
}

const none = (reason: string): BlasSearch => ({ blas: null, reason, refused: [], tried: [] });

const loadKoffi = () => optionalPackage<Koffi>('koffi');

const NO_KOFFI = 'the optional package koffi, which calls native libraries, is not installed or does not run here';

function searchAll(): BlasSearch {
  if (nodeBuiltin('node:module') === undefined) return none('native libraries cannot be called from here');
  const koffi = loadKoffi();
  if (koffi === undefined) return none(NO_KOFFI);
  const refused: { path: string; reason: string }[] = [];
  const tried: string[] = [];
  for (const { path, from } of candidates()) {
    tried.push(path);
    const result = open(koffi, path);
    if (result instanceof Blas) return { blas: result, reason: `found by ${from}`, refused, tried };
    if (!result.isMissing) refused.push({ path, reason: result.reason });
  }
  return {
    blas: null,
    reason: 'no OpenBLAS, MKL, BLIS or Accelerate was found; install one, or name one by config.blas or SLUICE_BLAS',
    refused,
    tried,
  };
}

function openGiven(path: string, from: string): BlasSearch {
  const fail = (reason: string) =>
    new InvalidArgumentError(
      `${from} names the BLAS library ${path}, but ${reason}. Give the path of OpenBLAS, MKL, BLIS or Accelerate, ` +
        `'auto' to search for one, or 'off'.`,
    );
  const koffi = loadKoffi();
  if (koffi === undefined) throw fail(NO_KOFFI);
  const result = open(koffi, path);
  if (!(result instanceof Blas)) throw fail(result.reason);
  return { blas: result, reason: `given by ${from}`, refused: [], tried: [path] };
}

/** A library, or why it is not to be had. */
function open(koffi: Koffi, path: string): Blas | { readonly isMissing: boolean; readonly reason: string } {
  const undo = withoutOwnThreads();
  let handle: KoffiLibrary;
  try {
    handle = loadWithNeighbours(koffi, path, 8);
  } catch (error) {
    const message = (error as Error).message.replace('Failed to load shared library: ', '');
    const reason = `it cannot be loaded: ${message}${adviceFor(path, message)}`;
    // A name that the system's loader does not know; not so if it knows it, and lacks a library that this one needs.
    return { isMissing: !/[\\/]/.test(path) && !/loaded: \S+: cannot open/.test(reason), reason };
  } finally {
    undo();
  }
  try {
    const library = openLibrary(handle, path);
    checkLibrary(library, koffi);
    return new Blas(koffi, optionalPackageFile('koffi')!, library, path);
  } catch (error) {
    return { isMissing: false, reason: (error as Error).message };
  }
}

/** What to do about a library that the system's loader refuses, where that is known. */
function adviceFor(path: string, message: string): string {
  const fs = nodeBuiltin<Fs>('node:fs');
  if (fs?.existsSync(path)) {
    if (fs.statSync(path).isDirectory()) return '; name the library in it';
    if (!/[\\/]/.test(path)) return `; names without a folder are those of installed libraries: ./${path} is the file`;
  }
  const missing = missingIn(message);
  return missing === undefined
    ? ''
    : `; it needs ${missing}, which is neither installed nor beside it: libraries of Python packages have to be named where they lie`;
}

/** The library that another one needs and the system's loader does not find. */
function missingIn(message: string): string | undefined {
  return /(?:library: |^)([^/\s:]+\.so[^:\s]*): cannot open shared object/.exec(message)?.[1];
}

/**
 * Loads a library, and before it those it needs that lie beside it: a Python package's libraries rely on the package's
 * extension modules to say where that is.
 */
function loadWithNeighbours(koffi: Koffi, path: string, depth: number): ReturnType<Koffi['load']> {
  try {
    return koffi.load(path);
  } catch (error) {
    const missing = missingIn((error as Error).message);
    const [fs, paths] = [nodeBuiltin<Fs>('node:fs'), nodeBuiltin<Path>('node:path')];
    if (missing === undefined || depth === 0 || !fs || !paths || !path.includes('/')) throw error;
    const neighbour = paths.join(paths.dirname(path), missing);
    if (neighbour === path || !fs.existsSync(neighbour)) throw error;
    loadWithNeighbours(koffi, neighbour, depth - 1);
    return loadWithNeighbours(koffi, path, depth - 1);
  }
}

/**
 * Lets OpenBLAS start no threads of its own, which it does when it is loaded, as told by the environment: products are split
 * over the session's threads. Gives back a function that undoes the setting.
 */
function withoutOwnThreads(): () => void {
  const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
  const env = process?.env ?? {};
  const before = env.OPENBLAS_NUM_THREADS;
  env.OPENBLAS_NUM_THREADS = '1';
  return () => {
    if (before === undefined) delete env.OPENBLAS_NUM_THREADS;
    else env.OPENBLAS_NUM_THREADS = before;
  };
}
