/**
 * Runs emitters of vector functions over arrays, and measures results in units in the last place of the exact result.
 */
import type { FunctionBuilder, Local, ValueType } from '../../../../runtime/backends/wasm/assembler/functionBuilder';
import { ModuleBuilder } from '../../../../runtime/backends/wasm/assembler/moduleBuilder';
import { wasmFeatures } from '../../../../runtime/backends/wasm/features';
import type { VectorEmitter } from '../../../../runtime/backends/wasm/math/lanes';

/** Targets that this engine can run; asked for before any module is compiled. */
export const TARGETS = wasmFeatures().relaxedSimd ? [{ relaxed: false }, { relaxed: true }] : [{ relaxed: false }];

const OPERAND_BYTES = 1 << 20;

export type FloatArray = Float32Array | Float64Array;

/** Assembles and instantiates a module over a memory of its own. */
export function instantiate(define: (module: ModuleBuilder) => void): {
  exports: Record<string, (...args: number[]) => number>;
  buffer: ArrayBuffer;
} {
  const module = new ModuleBuilder();
  module.importMemory({ shared: false });
  define(module);
  const memory = new WebAssembly.Memory({ initial: (4 * OPERAND_BYTES) >> 16, maximum: 65536 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env: { memory } });
  return { exports: exports as Record<string, (...args: number[]) => number>, buffer: memory.buffer };
}

/** One function of one vector size: operand arrays to fill, `out`, and `run` for all of their elements. */
export class VectorKernel<A extends FloatArray | Int32Array | BigInt64Array> {
  readonly operands: readonly A[];
  readonly out: A;
  readonly #run: (...args: number[]) => number;

  constructor(
    arrayType: { new (buffer: ArrayBuffer, offset: number, length: number): A; readonly BYTES_PER_ELEMENT: number },
    readonly length: number,
    arity: number,
    emit: VectorEmitter,
  ) {
    const { exports, buffer } = instantiate((module) => defineMap(module, arity, emit));
    const place = (index: number) => new arrayType(buffer, index * OPERAND_BYTES, length);
    this.operands = Array.from({ length: arity }, (_, i) => place(i));
    this.out = place(arity);
    this.#run = () => exports.map(length * arrayType.BYTES_PER_ELEMENT);
  }

  run(): void {
    this.#run();
  }
}

/** `map(bytes)`: applies an emitter to the operands at multiples of OPERAND_BYTES. */
function defineMap(module: ModuleBuilder, arity: number, emit: VectorEmitter): void {
  module.define('map', ['i32'], [], (f: FunctionBuilder, bytes: Local) => {
    const at = f.local('i32');
    const operands = Array.from({ length: arity }, () => f.local('v128' satisfies ValueType));
    f.loop((again) => {
      operands.forEach((operand, i) =>
        f
          .get(at)
          .access('v128.load', i * OPERAND_BYTES)
          .set(operand),
      );
      f.get(at);
      emit(f, ...operands);
      f.access('v128.store', arity * OPERAND_BYTES);
      f.get(at).i32(16).op('i32.add').tee(at).get(bytes).op('i32.lt_u').brIf(again);
    });
  });
}

const float = new Float32Array(1);
const floatBits = new Uint32Array(float.buffer);
const double = new Float64Array(1);
const doubleBits = new Uint32Array(double.buffer);

/** The distance of `got` from the exact result `want`, a double, in units in the last place of a float32 as large as it. */
export function ulps32(got: number, want: number): number {
  const rounded = Math.fround(want);
  if (Object.is(got, rounded) && (!Number.isFinite(got) || got === want)) return 0;
  if (Number.isNaN(got) || Number.isNaN(rounded) || (got === 0 && rounded === 0 && !Object.is(got, rounded)))
    return Infinity;
  float[0] = Math.abs(want);
  const exponent = Math.min(floatBits[0] >>> 23, 254);
  const finite = (x: number) => (Math.abs(x) >= 2 ** 128 ? Math.sign(x) * 2 ** 128 : x);
  return Math.abs(finite(got) - finite(want)) / 2 ** (Math.max(exponent, 1) - 150);
}

/** The same for float64, where `want` is rounded already: an error below half a unit does not show. */
export function ulps64(got: number, want: number): number {
  if (Object.is(got, want)) return 0;
  if (!Number.isFinite(got) || !Number.isFinite(want) || (got === 0 && want === 0)) return Infinity;
  double[0] = Math.abs(want);
  const exponent = doubleBits[1] >>> 20;
  return Math.abs(got - want) / 2 ** (Math.max(exponent, 1) - 1075);
}
