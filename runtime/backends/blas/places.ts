/**
 * Where BLAS libraries lie on this machine: names that the system's loader knows, and files inside Python packages, which
 * bring OpenBLAS or MKL along. It looks into folders and starts no program.
 */
import { isWindows, nodeBuiltin } from '../../nodeModules';

/** A library to try: a path, or a name for the system's loader. */
export interface Candidate {
  readonly path: string;
  /** Where it was found, in words. */
  readonly from: string;
}

interface Fs {
  readdirSync(path: string): string[];
  realpathSync(path: string): string;
  existsSync(path: string): boolean;
}

interface Path {
  readonly delimiter: string;
  join(...parts: string[]): string;
  dirname(path: string): string;
}

interface NodeProcess {
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  cwd(): string;
}

const SYSTEM_NAMES: Readonly<Record<string, readonly string[]>> = {
  darwin: ['/System/Library/Frameworks/Accelerate.framework/Accelerate', 'libopenblas.dylib', 'libmkl_rt.2.dylib'],
  win32: ['libopenblas.dll', 'openblas.dll', 'mkl_rt.3.dll', 'mkl_rt.2.dll'],
};
const UNIX_NAMES = [
  ...['libopenblas.so.0', 'libopenblas.so'],
  ...['libmkl_rt.so.3', 'libmkl_rt.so.2', 'libmkl_rt.so'],
  ...['libblis.so.4', 'libblis.so'],
];
/** Homebrew keeps it out of the loader's way. */
const HOMEBREW = ['/opt/homebrew/opt/openblas/lib', '/usr/local/opt/openblas/lib'];

/** Folders inside site-packages that hold libraries. */
const PACKAGE_FOLDERS = [
  'numpy.libs',
  'numpy/.dylibs',
  'scipy_openblas64/lib',
  'scipy_openblas32/lib',
  'scipy.libs',
  'scipy/.dylibs',
];

const IS_LIBRARY = /\.(so|dylib|dll)(\.|$)/;
const IS_OPENBLAS = /^(lib)?(scipy_)?openblas/;
const IS_BLAS = /^(lib)?((scipy_)?openblas|mkl_rt\.|blis\.)/;

class Machine {
  readonly #fs: Fs;
  readonly #path: Path;
  readonly #process: NodeProcess;

  constructor(fs: Fs, path: Path, process: NodeProcess) {
    this.#fs = fs;
    this.#path = path;
    this.#process = process;
  }

  *candidates(): Generator<Candidate> {
    const { platform } = this.#process;
    for (const path of SYSTEM_NAMES[platform] ?? UNIX_NAMES) yield { path, from: "the system's loader" };
    if (platform === 'darwin') for (const folder of HOMEBREW) yield* this.#librariesIn(folder, IS_OPENBLAS, 'Homebrew');
    for (const [prefix, from] of this.#pythons()) {
      // Conda and the package mkl put libraries beside Python's own folder.
      const folders = isWindows ? [this.#path.join(prefix, 'Library', 'bin')] : [this.#path.join(prefix, 'lib')];
      for (const folder of folders) yield* this.#librariesIn(folder, IS_BLAS, from);
      for (const site of this.#sitePackages(prefix)) {
        for (const folder of PACKAGE_FOLDERS) {
          yield* this.#librariesIn(this.#path.join(site, folder), IS_OPENBLAS, from);
        }
      }
    }
  }

  /** Folders that a Python is installed in, by what they are known from. */
  *#pythons(): Generator<[prefix: string, from: string]> {
    const { env } = this.#process;
    const seen = new Set<string>();
    const given: [string | undefined, string][] = [
      [env.VIRTUAL_ENV, 'VIRTUAL_ENV'],
      [env.CONDA_PREFIX, 'CONDA_PREFIX'],
      [this.#path.join(this.#process.cwd(), '.venv'), '.venv'],
      [this.#path.join(this.#process.cwd(), 'venv'), 'venv'],
      ...this.#pythonsOnPath().map((prefix): [string, string] => [prefix, 'python3 on PATH']),
      [env.HOME && this.#path.join(env.HOME, '.local'), "the user's packages"],
    ];
    for (const [prefix, from] of given) {
      if (!prefix || seen.has(prefix)) continue;
      seen.add(prefix);
      yield [prefix, from];
    }
  }

  #pythonsOnPath(): string[] {
    const found: string[] = [];
    const program = isWindows ? 'python.exe' : 'python3';
    for (const folder of (this.#process.env.PATH ?? '').split(this.#path.delimiter)) {
      const file = this.#path.join(folder, program);
      if (folder === '' || !this.#fs.existsSync(file)) continue;
      const up = (path: string) =>
        isWindows ? this.#path.dirname(path) : this.#path.dirname(this.#path.dirname(path));
      // First the folder it is called from, which in a virtual environment is not where the program lies.
      found.push(up(file), up(this.#fs.realpathSync(file)));
    }
    return found;
  }

  *#sitePackages(prefix: string): Generator<string> {
    if (isWindows) {
      yield this.#path.join(prefix, 'Lib', 'site-packages');
      return;
    }
    const lib = this.#path.join(prefix, 'lib');
    for (const name of this.#list(lib)) {
      if (/^python3/.test(name)) yield this.#path.join(lib, name, 'site-packages');
    }
  }

  *#librariesIn(folder: string, pattern: RegExp, from: string): Generator<Candidate> {
    for (const name of this.#list(folder).sort()) {
      if (pattern.test(name) && IS_LIBRARY.test(name)) yield { path: this.#path.join(folder, name), from };
    }
  }

  #list(folder: string): string[] {
    try {
      return this.#fs.readdirSync(folder);
    } catch {
      return [];
    }
  }
}

/** Libraries to try, best first; none outside Node. */
export function candidates(): Iterable<Candidate> {
  const fs = nodeBuiltin<Fs>('node:fs');
  const path = nodeBuiltin<Path>('node:path');
  const { process } = globalThis as { process?: NodeProcess };
  if (fs === undefined || path === undefined || process === undefined) return [];
  return new Machine(fs, path, process).candidates();
}
