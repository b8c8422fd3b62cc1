/**
 * The same arithmetic on a vector of channels and on a single one: pooling and depthwise convolutions are written once and emitted for
 * both, the single one for channels that do not fill a vector.
 */
import type { FunctionBuilder, Local, ValueType } from '../assembler/functionBuilder';
import type { AccessOp, PlainOp } from '../assembler/opcodes';
import type { Floats } from './floats';

export interface Lanes {
  /** How many channels. */
  readonly count: number;
  readonly bytes: number;
  readonly type: ValueType;
  /** The type of a lane's index among the elements of a window. */
  readonly indexType: ValueType;
  readonly load: AccessOp;
  readonly store: AccessOp;
  readonly add: PlainOp;
  readonly div: PlainOp;
  constant(f: FunctionBuilder, value: number): void;
  /** Turns the scalar on the stack into lanes. */
  fromScalar(f: FunctionBuilder): void;
  /** Turns the i32 on the stack into indices. */
  indexFromI32(f: FunctionBuilder): void;
  /** Leaves `value > best ? value : best`: a NaN in `value` loses. */
  larger(f: FunctionBuilder, best: Local, value: Local): void;
  /** Where value > best: best = value, index = candidate. */
  keepLarger(f: FunctionBuilder, best: Local, value: Local, index: Local, candidate: Local): void;
  /** Leaves `value` where index = candidate, else 0. */
  where(f: FunctionBuilder, index: Local, candidate: Local, value: Local): void;
}

export function vectorLanes({ type, lanes, bytes, add, splat }: Floats): Lanes {
  const shape = type === 'f32' ? 'f32x4' : 'f64x2';
  const integers = type === 'f32' ? 'i32x4' : 'i64x2';
  return {
    count: lanes,
    bytes: lanes * bytes,
    type: 'v128',
    indexType: 'v128',
    load: 'v128.load',
    store: 'v128.store',
    add,
    div: `${shape}.div`,
    constant: (f, value) => void (type === 'f32' ? f.f32x4(value) : f.f64x2(value)),
    fromScalar: (f) => void f.op(splat),
    indexFromI32: (f) => void (type === 'f32' ? f : f.op('i64.extend_i32_u')).op(`${integers}.splat`),
    larger: (f, best, value) => void f.get(best).get(value).op(`${shape}.pmax`),
    keepLarger: (f, best, value, index, candidate) => {
      const mask = f.local('v128');
      f.get(value).get(best).op(`${shape}.gt`).set(mask);
      f.get(value).get(best).get(mask).op('v128.bitselect').set(best);
      f.get(candidate).get(index).get(mask).op('v128.bitselect').set(index);
    },
    where: (f, index, candidate, value) =>
      void f.get(index).get(candidate).op(`${integers}.eq`).get(value).op('v128.and'),
  };
}

export function scalarLanes({ type, bytes, load, store, scalarAdd }: Floats): Lanes {
  const constant = (f: FunctionBuilder, value: number) => void (type === 'f32' ? f.f32(value) : f.f64(value));
  return {
    count: 1,
    bytes,
    type,
    indexType: 'i32',
    load,
    store,
    add: scalarAdd,
    div: `${type}.div`,
    constant,
    fromScalar: () => undefined,
    indexFromI32: () => undefined,
    larger: (f, best, value) => void f.get(value).get(best).get(value).get(best).op(`${type}.gt`).op('select'),
    keepLarger: (f, best, value, index, candidate) => {
      f.get(value).get(best).op(`${type}.gt`);
      f.if(() => f.get(value).set(best).get(candidate).set(index));
    },
    where: (f, index, candidate, value) => {
      f.get(value);
      constant(f, 0);
      f.get(index).get(candidate).op('i32.eq').op('select');
    },
  };
}
