/**
 * How elements of each dtype are loaded, stored and held: the part of code generation that is a table.
 */
import type { DType, DTypeName } from '../../../../graph/dtypes';
import type { ScalarType } from '../../../ir/expression';
import type { FunctionBuilder, ValueType } from '../assembler/functionBuilder';
import type { AccessOp } from '../assembler/opcodes';

/** Elements in a vector. */
export const LANES = 4;

interface ElementAccess {
  readonly load: AccessOp;
  readonly store: AccessOp;
}

const elements: Partial<Record<DTypeName, ElementAccess>> = {
  float32: { load: 'f32.load', store: 'f32.store' },
  float64: { load: 'f64.load', store: 'f64.store' },
  int32: { load: 'i32.load', store: 'i32.store' },
  int64: { load: 'i64.load', store: 'i64.store' },
  int16: { load: 'i32.load16_s', store: 'i32.store16' },
  uint16: { load: 'i32.load16_u', store: 'i32.store16' },
  int8: { load: 'i32.load8_s', store: 'i32.store8' },
  uint8: { load: 'i32.load8_u', store: 'i32.store8' },
  bool: { load: 'i32.load8_u', store: 'i32.store8' },
};

export function elementAccess(dtype: DType): ElementAccess {
  return elements[dtype.name]!;
}

/** The WebAssembly type of one element in a local. */
export function localType(type: ScalarType): ValueType {
  return type === 'bool' ? 'i32' : type;
}

/** Pushes a constant. */
export function pushConstant(f: FunctionBuilder, type: ScalarType, value: number | bigint): void {
  if (type === 'i64') f.i64(BigInt(value));
  else if (type === 'f32') f.f32(Number(value));
  else if (type === 'f64') f.f64(Number(value));
  else f.i32(Number(value));
}

/** Pushes a vector of four equal 32-bit lanes; bools are masks of all bits. */
export function pushVectorConstant(f: FunctionBuilder, type: ScalarType, value: number): void {
  if (type === 'f32') f.f32x4(value);
  else f.i32x4(type === 'bool' ? -value : value);
}

/** Pushes the four consecutive elements at the address on the stack plus `offset` bytes, as 32-bit lanes. */
export function loadLanes(f: FunctionBuilder, dtype: DType, offset: number): void {
  switch (dtype.name) {
    case 'int16':
      f.access('v128.load16x4_s', offset);
      break;
    case 'uint16':
      f.access('v128.load16x4_u', offset);
      break;
    case 'int8':
      f.access('v128.load32_zero', offset).op('i16x8.extend_low_i8x16_s').op('i32x4.extend_low_i16x8_s');
      break;
    case 'uint8':
      f.access('v128.load32_zero', offset).op('i16x8.extend_low_i8x16_u').op('i32x4.extend_low_i16x8_u');
      break;
    case 'bool':
      f.access('v128.load32_zero', offset).op('i16x8.extend_low_i8x16_u').op('i32x4.extend_low_i16x8_u');
      f.i32x4(0).op('i32x4.ne');
      break;
    default:
      f.access('v128.load', offset);
  }
}

const LOW_BYTES = [0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12];
const LOW_HALVES = [0, 1, 4, 5, 8, 9, 12, 13, 0, 1, 4, 5, 8, 9, 12, 13];

/** Stores the vector in a local to four consecutive elements at the address on the stack. `push` pushes the vector. */
export function storeLanes(f: FunctionBuilder, dtype: DType, offset: number, push: () => void): void {
  push();
  if (dtype.size === 4) {
    f.access('v128.store', offset);
    return;
  }
  if (dtype.isBool) f.i32x4(1).op('v128.and');
  const lanes = f.local('v128');
  f.set(lanes).get(lanes).get(lanes);
  if (dtype.size === 2) f.shuffle(LOW_HALVES).laneAccess('v128.store64_lane', 0, offset);
  else f.shuffle(LOW_BYTES).laneAccess('v128.store32_lane', 0, offset);
}
