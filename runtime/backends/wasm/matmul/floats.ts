/**
 * What differs between float32 and float64 in vector kernels: sizes, and the names of instructions. Kernels are written once
 * and emitted for both.
 */
import type { FunctionBuilder, Local } from '../assembler/functionBuilder';
import type { AccessOp, PlainOp } from '../assembler/opcodes';
import type { WasmTarget } from '../kernelCall';

export type FloatName = 'float32' | 'float64';

export interface Floats {
  readonly dtype: FloatName;
  /** The scalar type on the stack. */
  readonly type: 'f32' | 'f64';
  readonly bytes: number;
  /** Elements of a vector. */
  readonly lanes: number;
  readonly load: AccessOp;
  readonly store: AccessOp;
  /** Loads one element into all lanes. */
  readonly loadSplat: AccessOp;
  readonly splat: PlainOp;
  readonly add: PlainOp;
  readonly mul: PlainOp;
  readonly madd: PlainOp;
  readonly scalarAdd: PlainOp;
  readonly scalarMul: PlainOp;
  readonly extractLane: 'f32x4.extract_lane' | 'f64x2.extract_lane';
}

const FLOAT32: Floats = {
  dtype: 'float32',
  type: 'f32',
  bytes: 4,
  lanes: 4,
  load: 'f32.load',
  store: 'f32.store',
  loadSplat: 'v128.load32_splat',
  splat: 'f32x4.splat',
  add: 'f32x4.add',
  mul: 'f32x4.mul',
  madd: 'f32x4.relaxed_madd',
  scalarAdd: 'f32.add',
  scalarMul: 'f32.mul',
  extractLane: 'f32x4.extract_lane',
};

const FLOAT64: Floats = {
  dtype: 'float64',
  type: 'f64',
  bytes: 8,
  lanes: 2,
  load: 'f64.load',
  store: 'f64.store',
  loadSplat: 'v128.load64_splat',
  splat: 'f64x2.splat',
  add: 'f64x2.add',
  mul: 'f64x2.mul',
  madd: 'f64x2.relaxed_madd',
  scalarAdd: 'f64.add',
  scalarMul: 'f64.mul',
  extractLane: 'f64x2.extract_lane',
};

export function floatsOf(dtype: FloatName): Floats {
  return dtype === 'float32' ? FLOAT32 : FLOAT64;
}

/** `sum += a · b` for vectors in locals. */
export function multiplyAdd(
  f: FunctionBuilder,
  floats: Floats,
  { relaxed }: WasmTarget,
  sum: Local,
  a: Local,
  b: Local,
): void {
  if (relaxed) f.get(a).get(b).get(sum).op(floats.madd).set(sum);
  else f.get(sum).get(a).get(b).op(floats.mul).op(floats.add).set(sum);
}
