/**
 * A BLAS library that is loaded: how each make names its functions, how wide its integers are, its version and its threads.
 *
 * Functions are called through koffi with plain numbers: pointers are below 2^53, and an argument that is declared as a pointer
 * would take longer. Where libraries lie on a machine is places.ts; which one to use is find.ts.
 */

/** The part of koffi that is used here. */
export interface Koffi {
  readonly version: string;
  load(path: string): KoffiLibrary;
  address(view: ArrayBufferView): bigint;
}

export interface KoffiLibrary {
  func(name: string, result: string, args: readonly string[]): NativeFunction;
}

type NativeFunction = (...args: (number | Uint8Array)[]) => unknown;

/** cblas_?gemm: layout, transposition of both, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc. Pointers are addresses. */
export type Gemm = (
  layout: number,
  transposeA: number,
  transposeB: number,
  m: number,
  n: number,
  k: number,
  alpha: number,
  a: number,
  lda: number,
  b: number,
  ldb: number,
  beta: number,
  c: number,
  ldc: number,
) => void;

export const ROW_MAJOR = 101;
export const NO_TRANSPOSE = 111;
export const TRANSPOSE = 112;

/** What a library was found to be. */
export interface BlasLibrary {
  /** OpenBLAS, BLIS, MKL, Accelerate, or BLAS for one of another make. */
  readonly name: string;
  /** What the library says of itself: version, and for OpenBLAS the kernels that it chose. */
  readonly version: string;
  readonly sgemm: Gemm;
  readonly dgemm: Gemm;
  /** How many threads a product may use; null where the library has no such switch. */
  readonly setThreads: ((threads: number) => void) | null;
  /** Products of up to so many multiplications are computed without packing operands, and are faster for it; 0 for none. */
  readonly unpackedProduct: number;
  /** The same functions, for other threads to declare. */
  readonly declarations: {
    readonly sgemm: Declaration;
    readonly dgemm: Declaration;
    readonly setThreads: Declaration | null;
  };
}

/** A function of C, in koffi's names of types. */
export interface Declaration {
  readonly name: string;
  readonly result: string;
  readonly args: readonly string[];
}

function find(library: KoffiLibrary, name: string, result: string, args: readonly string[]): NativeFunction | null {
  try {
    return library.func(name, result, args);
  } catch {
    return null;
  }
}

function declare(library: KoffiLibrary, { name, result, args }: Declaration): NativeFunction {
  return library.func(name, result, args);
}

/** Prefix and suffix of names: plain, as in packages of numpy and scipy, and of 64-bit builds. */
const SPELLINGS = [
  { prefix: '', suffix: '' },
  { prefix: '', suffix: '64_' },
  { prefix: 'scipy_', suffix: '64_' },
  { prefix: 'scipy_', suffix: '' },
] as const;

type Spelling = (typeof SPELLINGS)[number];

interface Make {
  readonly name: string;
  readonly version: string;
  /** Whether integers have 64 bits. */
  readonly wide: boolean;
  readonly setThreads: Declaration | null;
  readonly unpackedProduct: number;
}

/**
 * OpenBLAS has such kernels for processors with AVX-512, for 100³ multiplications; measured with 0.3.23, and taken to be in what
 * came after 0.3.20.
 */
function unpackedProductOf(version: string): number {
  const [, major, minor, patch] = /OpenBLAS (\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  const isLate = Number(major) > 0 || Number(minor) > 3 || (Number(minor) === 3 && Number(patch) > 20);
  return isLate && /SkylakeX|Cooperlake|SapphireRapids/i.test(version) ? 1e6 : 0;
}

/** A function that takes a number of threads, if there is one. */
function findSwitch(library: KoffiLibrary, name: string, type: string): Declaration | null {
  const declaration = { name, result: 'void', args: [type] };
  return find(library, name, 'void', declaration.args) === null ? null : declaration;
}

function openBlas(library: KoffiLibrary, { prefix, suffix }: Spelling): Make | null {
  const config = find(library, `${prefix}openblas_get_config${suffix}`, 'str', [])?.();
  if (typeof config !== 'string') return null;
  const core = find(library, `${prefix}openblas_get_corename${suffix}`, 'str', [])?.();
  const version = typeof core === 'string' && !config.includes(core) ? `${config} ${core}` : config.trim();
  return {
    name: 'OpenBLAS',
    version,
    unpackedProduct: unpackedProductOf(version),
    wide: config.includes('USE64BITINT'),
    setThreads: findSwitch(library, `${prefix}openblas_set_num_threads${suffix}`, 'int'),
  };
}

function mkl(library: KoffiLibrary): Make | null {
  const describe = find(library, 'MKL_Get_Version_String', 'void', ['_Out_ uint8_t *', 'int']);
  if (describe === null) return null;
  const text = new Uint8Array(200);
  describe(text, text.length);
  const end = text.indexOf(0);
  return {
    name: 'MKL',
    version: new TextDecoder().decode(text.subarray(0, end < 0 ? text.length : end)).trim(),
    wide: false,
    unpackedProduct: 0,
    setThreads: findSwitch(library, 'MKL_Set_Num_Threads', 'int'),
  };
}

function blis(library: KoffiLibrary): Make | null {
  const version = find(library, 'bli_info_get_version_str', 'str', [])?.();
  if (typeof version !== 'string') return null;
  const bits = find(library, 'bli_info_get_blas_int_type_size', 'int64_t', [])?.();
  return {
    name: 'BLIS',
    version: `BLIS ${version}`,
    wide: Number(bits) === 64,
    unpackedProduct: 0,
    setThreads: findSwitch(library, 'bli_thread_set_num_threads', 'int64_t'),
  };
}

/**
 * What a loaded library offers.
 *
 * @throws Error when it has no matrix products with a C interface.
 */
export function openLibrary(library: KoffiLibrary, path: string): BlasLibrary {
  for (const spelling of SPELLINGS) {
    const [s, d] = ['s', 'd'].map((type) => `${spelling.prefix}cblas_${type}gemm${spelling.suffix}`);
    // An arrangement that exists in no header, to see whether the name does.
    if (find(library, s, 'void', []) === null) continue;
    const make = openBlas(library, spelling) ??
      mkl(library) ??
      blis(library) ?? {
        name: path.includes('Accelerate.framework') ? 'Accelerate' : 'BLAS',
        version: path,
        wide: spelling.suffix === '64_',
        setThreads: null,
        unpackedProduct: 0,
      };
    const declarations = {
      sgemm: gemm(s, 'float', make.wide),
      dgemm: gemm(d, 'double', make.wide),
      setThreads: make.setThreads,
    };
    return {
      name: make.name,
      version: make.version,
      sgemm: declare(library, declarations.sgemm) as Gemm,
      dgemm: declare(library, declarations.dgemm) as Gemm,
      unpackedProduct: make.unpackedProduct,
      setThreads: make.setThreads && (declare(library, make.setThreads) as (threads: number) => void),
      declarations,
    };
  }
  throw new Error('it has no cblas_sgemm');
}

function gemm(name: string, scalar: 'float' | 'double', wide: boolean): Declaration {
  const size = wide ? 'int64_t' : 'int';
  const [choice, pointer] = ['int', 'int64_t'];
  const operands = [size, size, size, scalar, pointer, size, pointer, size, scalar, pointer, size];
  return { name, result: 'void', args: [choice, choice, choice, ...operands] };
}

/** Multiplies small matrices whose product is known, so that a wrong guess about a library shows at once. */
export function checkLibrary(library: BlasLibrary, koffi: Koffi): void {
  for (const [name, run, View] of [
    ['sgemm', library.sgemm, Float32Array],
    ['dgemm', library.dgemm, Float64Array],
  ] as const) {
    // A is 2×3 in rows of 4, B is 3×2 given as its transpose in rows of 5, C is 2×2 in rows of 3.
    const a = View.of(1, 2, 3, -9, 4, 5, 6, -9);
    const b = View.of(1, 3, 5, -9, -9, 2, 4, 6, -9, -9);
    const c = View.of(1, 1, 7, 1, 1, 7);
    const [pa, pb, pc] = [a, b, c].map((array) => Number(koffi.address(array)));
    run(ROW_MAJOR, NO_TRANSPOSE, TRANSPOSE, 2, 2, 3, 2, pa, 4, pb, 5, 1, pc, 3);
    const want = [2 * 22 + 1, 2 * 28 + 1, 7, 2 * 49 + 1, 2 * 64 + 1, 7];
    if (!want.every((value, i) => c[i] === value)) throw new Error(`its ${name} gives ${[...c]} instead of ${want}`);
  }
}
