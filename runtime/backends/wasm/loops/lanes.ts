/**
 * How elements lie in vectors: four lanes, or two in kernels with 64-bit elements, where 32-bit ones have the lower half of a
 * vector and what the upper half holds does not matter. Bools are masks of all bits, as wide as a lane.
 */
import type { DType, DTypeName } from '../../../../graph/dtypes';
import type { ScalarType } from '../../../ir/expression';
import type { FunctionBuilder } from '../assembler/functionBuilder';
import type { LaneAccessOp } from '../assembler/opcodes';
import { withScratch } from '../math/lanes';

export type LaneCount = 2 | 4;

export type VectorShape = 'f32x4' | 'i32x4' | 'f64x2' | 'i64x2';

const shapes = { f32: 'f32x4', i32: 'i32x4', f64: 'f64x2', i64: 'i64x2' } as const;

/** The shape of instructions on values of a type. */
export function shapeOf(type: ScalarType, lanes: LaneCount): VectorShape {
  if (type === 'bool') return lanes === 2 ? 'i64x2' : 'i32x4';
  return shapes[type];
}

/** Whether a type has elements of 64 bits. */
export function isLong(type: ScalarType): boolean {
  return type === 'f64' || type === 'i64';
}

/** Pushes a vector of equal lanes. */
export function pushVectorConstant(f: FunctionBuilder, type: ScalarType, value: number | bigint): void {
  if (type === 'f32') f.f32x4(Number(value));
  else if (type === 'f64') f.f64x2(Number(value));
  else if (type === 'i64') f.i64x2(BigInt(value));
  else f.i32x4(type === 'bool' ? -Number(value) : Number(value));
}

/** Makes a mask of 32-bit lanes on the stack one of lanes. */
export function widenMask(f: FunctionBuilder, lanes: LaneCount): void {
  if (lanes === 2) f.op('i64x2.extend_low_i32x4_s');
}

/** Makes a mask of lanes on the stack one of 32-bit lanes. */
export function narrowMask(f: FunctionBuilder, lanes: LaneCount): void {
  if (lanes === 2) narrow(f);
}

/** Moves the lower halves of two 64-bit lanes side by side. */
export function narrow(f: FunctionBuilder): void {
  withScratch(f, 'v128', 1, (x) => f.set(x).get(x).get(x).shuffle32(0, 2, 0, 2));
}

/** Makes a scalar on the stack, a bool as 0 or 1, all lanes of a vector. */
export function splat(f: FunctionBuilder, type: ScalarType): void {
  if (type === 'bool') f.i32(0).op('i32.ne').i32(-1).op('i32.mul').op('i32x4.splat');
  else f.op(`${shapes[type]}.splat`);
}

type Loader = (f: FunctionBuilder, offset: number) => void;

const whole: Loader = (f, offset) => f.access('v128.load', offset);
const half: Loader = (f, offset) => f.access('v128.load64_zero', offset);

/** Loads of consecutive elements into lanes. */
const loaders: Readonly<Record<LaneCount, Partial<Record<DTypeName, Loader>>>> = {
  4: {
    float32: whole,
    int32: whole,
    int16: (f, offset) => f.access('v128.load16x4_s', offset),
    uint16: (f, offset) => f.access('v128.load16x4_u', offset),
    int8: (f, offset) =>
      f.access('v128.load32_zero', offset).op('i16x8.extend_low_i8x16_s').op('i32x4.extend_low_i16x8_s'),
    uint8: (f, offset) =>
      f.access('v128.load32_zero', offset).op('i16x8.extend_low_i8x16_u').op('i32x4.extend_low_i16x8_u'),
  },
  2: {
    float64: whole,
    int64: whole,
    float32: half,
    int32: half,
    int16: (f, offset) => f.access('v128.load32_zero', offset).op('i32x4.extend_low_i16x8_s'),
    uint16: (f, offset) => f.access('v128.load32_zero', offset).op('i32x4.extend_low_i16x8_u'),
    int8: (f, offset) =>
      f.access('v128.load16_splat', offset).op('i16x8.extend_low_i8x16_s').op('i32x4.extend_low_i16x8_s'),
    uint8: (f, offset) =>
      f.access('v128.load16_splat', offset).op('i16x8.extend_low_i8x16_u').op('i32x4.extend_low_i16x8_u'),
  },
};

/** Whether elements of a dtype can be in so many lanes. */
export function hasLanes(dtype: DType, lanes: LaneCount): boolean {
  return dtype.isBool || dtype.name in loaders[lanes];
}

/** Pushes the consecutive elements at the address on the stack plus `offset` bytes. */
export function loadLanes(f: FunctionBuilder, dtype: DType, lanes: LaneCount, offset: number): void {
  if (dtype.isBool) {
    loaders[lanes].uint8!(f, offset);
    maskOfBytes(f, lanes);
  } else loaders[lanes][dtype.name]!(f, offset);
}

/** Makes bools of 0 or 1 in 32-bit lanes a mask of lanes. */
export function maskOfBytes(f: FunctionBuilder, lanes: LaneCount): void {
  f.i32x4(0).op('i32x4.ne');
  widenMask(f, lanes);
}

/** Makes a mask of lanes bools of 0 or 1 in 32-bit lanes. */
export function bytesOfMask(f: FunctionBuilder, lanes: LaneCount): void {
  narrowMask(f, lanes);
  f.i32x4(1).op('v128.and');
}

const LOW_BYTES = [0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12];
const LOW_HALVES = [0, 1, 4, 5, 8, 9, 12, 13, 0, 1, 4, 5, 8, 9, 12, 13];

/** Stores of so many bytes. */
const partialStores: Readonly<Record<number, LaneAccessOp>> = {
  2: 'v128.store16_lane',
  4: 'v128.store32_lane',
  8: 'v128.store64_lane',
};

/** Stores a vector to consecutive elements at the address on the stack plus `offset` bytes. `push` pushes the vector. */
export function storeLanes(f: FunctionBuilder, dtype: DType, lanes: LaneCount, offset: number, push: () => void): void {
  push();
  const bytes = dtype.size * lanes;
  if (bytes === 16) {
    f.access('v128.store', offset);
    return;
  }
  if (dtype.isBool) bytesOfMask(f, lanes);
  if (dtype.size < 4)
    withScratch(f, 'v128', 1, (x) => {
      f.set(x)
        .get(x)
        .get(x)
        .shuffle(dtype.size === 2 ? LOW_HALVES : LOW_BYTES);
    });
  f.laneAccess(partialStores[bytes], 0, offset);
}
