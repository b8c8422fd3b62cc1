import { expect } from 'chai';
import {
  type BlasLibrary,
  checkLibrary,
  type Gemm,
  type Koffi,
  type KoffiLibrary,
  openLibrary,
} from '../../../../runtime/backends/blas/library';
import { ownGemm } from './support';

type Functions = Record<string, (...args: never[]) => unknown>;

const unused = () => undefined;

/** A library that exports these functions, and how they were declared. */
function libraryOf(functions: Functions) {
  const declared: Record<string, readonly string[]> = {};
  const library: KoffiLibrary = {
    func(name, _result, args) {
      if (!(name in functions)) throw new Error(`Cannot find function '${name}' in shared library`);
      declared[name] = args;
      return functions[name] as never;
    },
  };
  return { library, declared };
}

describe('openLibrary', () => {
  it('knows OpenBLAS with integers of 32 bits', () => {
    const { library, declared } = libraryOf({
      cblas_sgemm: unused,
      cblas_dgemm: unused,
      openblas_get_config: () => 'OpenBLAS 0.3.21 DYNAMIC_ARCH Cooperlake',
      openblas_set_num_threads: unused,
    });
    const opened = openLibrary(library, 'libopenblas.so.0');
    expect(opened).to.include({ name: 'OpenBLAS', version: 'OpenBLAS 0.3.21 DYNAMIC_ARCH Cooperlake' });
    expect(opened.setThreads).to.equal(unused);
    expect(declared.cblas_dgemm.join(' ')).to.equal(
      'int int int int int int double int64_t int int64_t int double int64_t int',
    );
  });

  for (const prefix of ['', 'scipy_']) {
    it(`knows OpenBLAS with integers of 64 bits, spelled ${prefix}cblas_sgemm64_`, () => {
      const { library, declared } = libraryOf({
        [`${prefix}cblas_sgemm64_`]: unused,
        [`${prefix}cblas_dgemm64_`]: unused,
        [`${prefix}openblas_get_config64_`]: () => 'OpenBLAS 0.3.27  USE64BITINT DYNAMIC_ARCH',
        [`${prefix}openblas_get_corename64_`]: () => 'Zen',
        [`${prefix}openblas_set_num_threads64_`]: unused,
      });
      const opened = openLibrary(library, 'x.so');
      expect(opened.version).to.equal('OpenBLAS 0.3.27  USE64BITINT DYNAMIC_ARCH Zen');
      expect(opened.setThreads).to.equal(unused);
      expect(declared[`${prefix}cblas_sgemm64_`].join(' ')).to.equal(
        'int int int int64_t int64_t int64_t float int64_t int64_t int64_t int64_t float int64_t int64_t',
      );
    });
  }

  it('knows wide integers of a library whose names do not tell', () => {
    const { library, declared } = libraryOf({
      cblas_sgemm: unused,
      cblas_dgemm: unused,
      openblas_get_config: () => 'OpenBLAS 0.3.21 USE64BITINT',
    });
    expect(openLibrary(library, 'libopenblas64.so.0').setThreads).to.equal(null);
    expect(declared.cblas_sgemm[3]).to.equal('int64_t');
  });

  it('knows which OpenBLAS multiplies small matrices without packing them', () => {
    const limit = (config: string, core: string) => {
      const functions = {
        ...{ cblas_sgemm: unused, cblas_dgemm: unused },
        ...{ openblas_get_config: () => config, openblas_get_corename: () => core },
      };
      return openLibrary(libraryOf(functions).library, 'x.so').unpackedProduct;
    };
    expect(limit('OpenBLAS 0.3.23.dev DYNAMIC_ARCH', 'Cooperlake')).to.equal(1e6);
    expect(limit('OpenBLAS 0.4.0 DYNAMIC_ARCH', 'SKYLAKEX')).to.equal(1e6);
    expect(limit('OpenBLAS 0.3.23 DYNAMIC_ARCH', 'Haswell')).to.equal(0);
    expect(limit('OpenBLAS 0.3.10 DYNAMIC_ARCH', 'SkylakeX')).to.equal(0);
    expect(limit('OpenBLAS', 'SkylakeX')).to.equal(0);
  });

  it('knows MKL, BLIS and Accelerate', () => {
    const products = { cblas_sgemm: unused, cblas_dgemm: unused };
    const mkl = libraryOf({
      ...products,
      MKL_Get_Version_String: (text: Uint8Array) => text.set(new TextEncoder().encode('Math Kernel Library 2024 ')),
      MKL_Set_Num_Threads: unused,
    });
    expect(openLibrary(mkl.library, 'libmkl_rt.so')).to.include({ name: 'MKL', version: 'Math Kernel Library 2024' });
    const blis = libraryOf({
      ...products,
      bli_info_get_version_str: () => '0.9.0',
      bli_info_get_blas_int_type_size: () => 64n,
      bli_thread_set_num_threads: unused,
    });
    expect(openLibrary(blis.library, 'libblis.so')).to.include({ name: 'BLIS', version: 'BLIS 0.9.0' });
    expect(blis.declared.cblas_sgemm[3]).to.equal('int64_t');
    const path = '/System/Library/Frameworks/Accelerate.framework/Accelerate';
    expect(openLibrary(libraryOf(products).library, path)).to.include({ name: 'Accelerate', setThreads: null });
  });

  it('refuses a library without matrix products', () => {
    expect(() => openLibrary(libraryOf({ sin: unused }).library, 'libm.so')).to.throw('it has no cblas_sgemm');
  });
});

describe('checkLibrary', () => {
  /** Copies the arrays of a call to one buffer, lets `ownGemm` multiply there, and copies the result back. */
  function check(spoil: (result: Float32Array | Float64Array) => void): void {
    const arrays: (Float32Array | Float64Array)[] = [];
    const koffi = {
      address(view: ArrayBufferView) {
        arrays.push(view as Float32Array);
        return BigInt(arrays.length * 4096);
      },
    } as Koffi;
    const native = (isDouble: boolean): Gemm => {
      const buffer = new ArrayBuffer(8 * 4096);
      const whole = isDouble ? new Float64Array(buffer) : new Float32Array(buffer);
      const multiply = ownGemm(
        () => buffer,
        () => 0,
        isDouble,
      );
      return (...args) => {
        const places = [args[7], args[9], args[12]];
        for (const place of places) whole.set(arrays[place / 4096 - 1], place / whole.BYTES_PER_ELEMENT);
        multiply(...args);
        const result = arrays[places[2] / 4096 - 1];
        const from = places[2] / whole.BYTES_PER_ELEMENT;
        result.set(whole.subarray(from, from + result.length));
        if (isDouble) spoil(result);
      };
    };
    const declaration = { name: 'none', result: 'void', args: [] };
    const library: BlasLibrary = {
      name: 'BLAS',
      version: '',
      sgemm: native(false),
      dgemm: native(true),
      setThreads: null,
      unpackedProduct: 0,
      declarations: { sgemm: declaration, dgemm: declaration, setThreads: null },
    };
    checkLibrary(library, koffi);
  }

  it('accepts right products and refuses wrong ones', () => {
    check(() => undefined);
    const overwriteGap = (result: Float32Array | Float64Array) => {
      result[2] = 0;
    };
    expect(() => check(overwriteGap)).to.throw('its dgemm gives 45,57,0,99,129,7 instead of 45,57,7,99,129,7');
  });
});
