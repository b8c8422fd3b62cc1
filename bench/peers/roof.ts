/**
 * What this machine can do at most, measured in the same rounds: the fused multiply-adds of a loop that touches no memory
 * (for matrix products), and a SIMD copy of as many bytes as an elementwise pass moves.
 *
 * Bundled by main.mjs, like peers/sluice.ts.
 */
import { whileAtLeast } from '../../runtime/backends/wasm/assembler/loops';
import { ModuleBuilder } from '../../runtime/backends/wasm/assembler/moduleBuilder';
import { wasmFeatures } from '../../runtime/backends/wasm/features';
import { number, type Params } from '../workloads/built';
import { type Prepared, serve } from './serve.mjs';

/** Accumulators that are busy at once: enough to hide the latency of the multiply-add, and no more than there are registers. */
const CHAINS = 12;

function assemble(relaxed: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory({ shared: false });
  module.define('multiplyAdd', ['i32'], ['f32'], (f, times) => {
    const sums = Array.from({ length: CHAINS }, () => f.local('v128'));
    const [x, y] = [f.local('v128'), f.local('v128')];
    f.f32x4(1e-3).set(x).f32x4(0.5).set(y);
    whileAtLeast(f, times, 1, () => {
      for (const sum of sums) {
        if (relaxed) f.get(x).get(y).get(sum).op('f32x4.relaxed_madd').set(sum);
        else f.get(x).get(y).op('f32x4.mul').get(sum).op('f32x4.add').set(sum);
      }
    });
    f.get(sums[0]);
    for (const sum of sums.slice(1)) f.get(sum).op('f32x4.add');
    f.lane('f32x4.extract_lane', 0);
  });
  // Reads twice what it writes, as an elementwise pass over two inputs does.
  module.define('copy', ['i32', 'i32', 'i32', 'i32'], [], (f, x, y, z, bytes) => {
    whileAtLeast(f, bytes, 64, () => {
      for (const offset of [0, 16, 32, 48]) {
        f.get(z)
          .get(x)
          .access('v128.load', offset)
          .get(y)
          .access('v128.load', offset)
          .op('v128.or')
          .access('v128.store', offset);
      }
      for (const pointer of [x, y, z]) f.get(pointer).i32(64).op('i32.add').set(pointer);
    });
  });
  return module.toBytes();
}

interface Kernels {
  multiplyAdd(times: number): number;
  copy(x: number, y: number, z: number, bytes: number): void;
}

function load(pages: number): Kernels {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536 });
  const module = new WebAssembly.Module(assemble(wasmFeatures().relaxedSimd));
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
}

/** As many multiply-adds as the product has, without the reads and writes. */
function product(params: Params): Prepared {
  const steps = (number(params, 'm') * number(params, 'k') * number(params, 'n')) / 4 / CHAINS;
  const kernels = load(1);
  return { run: () => void kernels.multiplyAdd(Math.max(1, Math.round(steps))), check: () => [] };
}

function copy(params: Params): Prepared {
  const bytes = Math.ceil((4 * number(params, 'size')) / 64) * 64;
  const kernels = load(Math.ceil((3 * bytes) / 65536));
  return { run: () => kernels.copy(0, bytes, 2 * bytes, bytes), check: () => [] };
}

void serve(({ workload, params }) => {
  if (workload === 'a') return product(params);
  if (workload === 'b' && params.op === 'chain') return copy(params);
  return { skip: 'no roof is measured for it' };
});
