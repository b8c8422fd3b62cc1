/**
 * Op: conversion between dtypes, and the functions that TensorFlow builds on it.
 */
import { applyUnary } from '../applyOp';
import { constantIn, convertToTensor, graphFromInputs, type TensorLike } from '../convert';
import { asDType, type DType, type DTypeName, float32, float64, int32, int64 } from '../dtypes';
import { IndexedSlices } from '../indexedSlices';
import { NdArray } from '../ndarray';
import { defineOps } from '../registry';
import { sameShape } from '../shapeContext';
import { Tensor } from '../tensor';
import { composite } from './composite';
import type { NameOptions } from './elementwise';

const isContinuous = (dtype: DType): boolean => dtype.isFloating || dtype.isComplex;

export const castOps = defineOps({
  Cast: {
    signature: `(x: SrcT) -> (y: DstT)
      SrcT: type
      DstT: type
      Truncate: bool = false`,
    shape: sameShape,
    gradient: (op, grad) => {
      const source = op.inputs[0].dtype;
      return [isContinuous(source) && isContinuous(grad.dtype) ? cast(grad, source) : null];
    },
  },
});

/**
 * The same numbers in another dtype: fractions are cut off, integers wrap, non-zero becomes true. A tensor of that dtype
 * passes as it is; of IndexedSlices the values are cast. Mirrors tf.cast.
 */
export function cast(x: IndexedSlices, dtype: DType | DTypeName, options?: NameOptions): IndexedSlices;
export function cast(x: TensorLike, dtype: DType | DTypeName, options?: NameOptions): Tensor;
export function cast(
  x: TensorLike | IndexedSlices,
  dtype: DType | DTypeName,
  options: NameOptions = {},
): Tensor | IndexedSlices {
  const target = asDType(dtype);
  if (x instanceof Tensor && x.dtype === target) return x;
  return composite(options.name, 'Cast', [x], (scope) => {
    if (x instanceof IndexedSlices)
      return new IndexedSlices(cast(x.values, target, { name: scope }), x.indices, x.denseShape);
    const tensor = convertToTensor(x, { name: 'x' });
    return tensor.dtype === target ? tensor : applyUnary('Cast', { x: tensor, DstT: target }, scope);
  });
}

const castTo =
  (dtype: DType, name: string) =>
  (x: TensorLike, options: NameOptions = {}): Tensor =>
    cast(x, dtype, { name: options.name ?? name });

/** As float32. Mirrors tf.to_float. */
export const toFloat = castTo(float32, 'ToFloat');

/** As float64. Mirrors tf.to_double. */
export const toDouble = castTo(float64, 'ToDouble');

/** As int32. Mirrors tf.to_int32. */
export const toInt32 = castTo(int32, 'ToInt32');

/** As int64. Mirrors tf.to_int64. */
export const toInt64 = castTo(int64, 'ToInt64');

/** The next number towards 0 that the dtype can hold. */
function towardsZero(value: number, dtype: DType): number {
  const view = new DataView(new ArrayBuffer(8));
  if (dtype === float32) {
    view.setFloat32(0, value);
    view.setUint32(0, view.getUint32(0) - 1);
    return view.getFloat32(0);
  }
  view.setFloat64(0, value);
  view.setBigUint64(0, view.getBigUint64(0) - 1n);
  return view.getFloat64(0);
}

/** A bound of `target` as a value of `source`, not beyond it. */
function boundIn(source: DType, target: DType, side: 0 | 1): number | bigint {
  const [own, other] = [source.limits[side], target.limits[side]];
  const tighter = side === 0 ? own < other : own > other;
  if (!tighter) return own;
  if (!source.isFloating) return source.isBigInt ? BigInt(other) : Number(other);
  const rounded = source === float32 ? Math.fround(Number(other)) : Number(other);
  const beyond = side === 0 ? rounded < other : rounded > other;
  return beyond ? towardsZero(rounded, source) : rounded;
}

/** Casts after clamping to the range of the new dtype, so that nothing wraps. Mirrors tf.saturate_cast. */
export function saturateCast(value: TensorLike, dtype: DType | DTypeName, options: NameOptions = {}): Tensor {
  const target = asDType(dtype);
  return composite(options.name, 'saturate_cast', [value], (scope) => {
    const x = convertToTensor(value, { name: 'value' });
    const clamped = x.dtype.min < target.min || x.dtype.max > target.max ? clamp(x, target) : x;
    return cast(clamped, target, { name: scope });
  });
}

function clamp(x: Tensor, target: DType): Tensor {
  const graph = graphFromInputs([x]);
  const [low, high] = ([0, 1] as const).map((side) =>
    constantIn(graph, NdArray.from(boundIn(x.dtype, target, side), x.dtype)),
  );
  return applyUnary('ClipByValue', { t: x, clip_value_min: low, clip_value_max: high }, 'clamp');
}
