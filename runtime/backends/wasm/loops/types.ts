/**
 * How elements of each dtype are loaded, stored and held: the part of code generation that is a table.
 */
import type { DType, DTypeName } from '../../../../graph/dtypes';
import type { ScalarType } from '../../../ir/expression';
import type { FunctionBuilder, ValueType } from '../assembler/functionBuilder';
import type { AccessOp } from '../assembler/opcodes';

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
