/**
 * What a session would compute with on this machine: processor, vectors, threads, BLAS. It reads no graph and runs nothing,
 * but it loads the BLAS library that a session would load.
 */
import { InvalidArgumentError } from '../../graph/errors';
import type { Blas } from '../../runtime/backends/blas/blas';
import { type BlasSearch, type BlasSetting, searchBlas } from '../../runtime/backends/blas/find';
import { bytesText } from '../../runtime/backends/wasm/bytesText';
import { availableCores, chooseThreads, processorName, wasmFeatures } from '../../runtime/backends/wasm/features';
import { CPU_DEVICE, type SessionConfig } from '../../runtime/config';
import { Report } from './report';

export interface Devices {
  /** The device's name in TensorFlow's spelling; the only one. */
  readonly name: string;
  /** The processor, or null where the platform does not tell. */
  readonly processor: string | null;
  readonly cores: number;
  /** Whether kernels use vectors of 128 bits, and fused multiply-add in them. */
  readonly simd: 'none' | 'simd128' | 'simd128 relaxed';
  readonly threads: { readonly count: number; readonly reason: string };
  /** The most bytes that one session's values may take. */
  readonly memoryLimitBytes: number;
  readonly blas: {
    /** Null where matrix products run in WebAssembly. */
    readonly library: {
      readonly name: string;
      readonly version: string;
      readonly path: string;
      /** Whether products are split over the session's threads; otherwise the library decides. */
      readonly isSplit: boolean;
    } | null;
    readonly reason: string;
    /** Whether a session with this config throws, for that reason: the library that is named cannot be used. */
    readonly isRefused: boolean;
    /** Names, for the system's loader, and files that were tried. */
    readonly tried: readonly string[];
    /** Libraries that are there and cannot be used. */
    readonly refused: readonly { readonly path: string; readonly reason: string }[];
  };
}

/**
 * What a session with this config would compute with, and why not with more.
 *
 * @throws ValueError for a number of threads that a session would refuse. Of a BLAS library that it would refuse it says why.
 */
export function devices({ threads, blas }: Pick<SessionConfig, 'threads' | 'blas'> = {}): Report<Devices> {
  const { simd, relaxedSimd, maximumBytes } = wasmFeatures();
  const choice = chooseThreads(threads);
  const search = blasOrRefusal(blas);
  const found: Devices = {
    name: CPU_DEVICE,
    processor: processorName(),
    cores: availableCores(),
    simd: !simd ? 'none' : relaxedSimd ? 'simd128 relaxed' : 'simd128',
    threads: { count: choice.threads, reason: choice.reason },
    memoryLimitBytes: maximumBytes,
    blas: {
      library: search.blas && describeLibrary(search.blas),
      reason: search.reason,
      isRefused: search.isRefused,
      tried: search.tried,
      refused: search.refused,
    },
  };
  return new Report(found, textOf(found));
}

/** What was found, or the error that a session would throw as the reason why there is nothing. */
function blasOrRefusal(blas: SessionConfig['blas']): BlasSearch & { readonly isRefused: boolean } {
  try {
    return { ...searchBlas(blas as BlasSetting | undefined), isRefused: false };
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    return { blas: null, reason: error.message, isRefused: true, tried: [], refused: [] };
  }
}

const describeLibrary = ({ name, version, path, isSplit }: Blas) => ({ name, version, path, isSplit });

function textOf({ name, processor, cores, simd, threads, memoryLimitBytes, blas }: Devices): string {
  const vectors = {
    none: 'none: this engine has no WebAssembly SIMD',
    simd128: '128 bits, without fused multiply-add',
    'simd128 relaxed': '128 bits, with fused multiply-add',
  };
  const products =
    blas.library === null
      ? `${blas.isRefused ? 'none' : 'WebAssembly'}: ${blas.reason}${blas.tried.length > 0 ? ` (tried ${blas.tried.join(', ')})` : ''}`
      : [
          blas.library.version,
          `${blas.library.path}, ${blas.reason}`,
          blas.library.isSplit ? "split over the session's threads" : 'with threads of its own',
        ].join('\n           ');
  return [
    name,
    `processor  ${processor ?? 'unknown'}, ${cores} ${cores === 1 ? 'core' : 'cores'}`,
    `vectors    ${vectors[simd]}`,
    `threads    ${threads.count}: ${threads.reason}`,
    `memory     up to ${bytesText(memoryLimitBytes)} per session`,
    `products   ${products}`,
    ...blas.refused.map(({ path, reason }) => `           not ${path}: ${reason}`),
  ].join('\n');
}
