/**
 * What variant values hold: lists of tensors and optional tensors; their zeros and their sums.
 */
import type { DType } from '../graph/dtypes';
import { InternalError, InvalidArgumentError } from '../graph/errors';
import { allocate, NdArray } from '../graph/ndarray';
import type { TensorShape } from '../graph/shape';
import { PersistentArray } from './persistentArray';
import { VariantValue } from './values';

/** A list of tensors; undefined elements were reserved and never set. */
export class TensorList {
  constructor(
    readonly elementType: DType,
    readonly elementShape: TensorShape,
    /** -1 is no limit. */
    readonly maxElements: number,
    readonly elements: PersistentArray<NdArray | undefined>,
  ) {}

  static of(
    elementType: DType,
    elementShape: TensorShape,
    elements: readonly (NdArray | undefined)[],
    maxElements = -1,
  ): TensorList {
    return new TensorList(elementType, elementShape, maxElements, PersistentArray.of(elements));
  }

  get length(): number {
    return this.elements.length;
  }

  withElements(elements: PersistentArray<NdArray | undefined>): TensorList {
    return new TensorList(this.elementType, this.elementShape, this.maxElements, elements);
  }
}

/** Tensors, or nothing. */
export class Optional {
  constructor(readonly components: readonly NdArray[] | null) {}
}

export function asVariant(payload: TensorList | Optional): VariantValue {
  return new VariantValue(payload);
}

/** The list in a variant; InvalidArgumentError when it holds something else. */
export function listOf(value: NdArray): TensorList {
  if (value instanceof VariantValue && value.payload instanceof TensorList) return value.payload;
  throw new InvalidArgumentError(
    `Input handle is not a list. Saw: '${value instanceof VariantValue ? kindOf(value.payload) : value.dtype.name}'`,
  );
}

/** The optional in a variant; InvalidArgumentError when it holds something else. */
export function optionalOf(value: NdArray): Optional {
  if (value instanceof VariantValue && value.payload instanceof Optional) return value.payload;
  throw new InvalidArgumentError('The given variant is not an optional.');
}

function kindOf(payload: unknown): string {
  return payload instanceof Optional ? 'tensorflow::OptionalVariant' : 'unknown';
}

/** Zeros like a value: like each element of a list, like what an optional holds. */
export function zerosLikeValue(value: NdArray): NdArray {
  if (!(value instanceof VariantValue)) return NdArray.zeros(value.dtype, value.shape);
  const { payload } = value;
  if (payload instanceof TensorList) {
    const zeros = payload.elements.toArray().map((element) => element && zerosLikeValue(element));
    return asVariant(payload.withElements(PersistentArray.of(zeros)));
  }
  if (payload instanceof Optional) return asVariant(new Optional(payload.components?.map(zerosLikeValue) ?? null));
  throw new InternalError('a variant of this kind has no zeros');
}

/** The sum of two variants: of their elements one by one. */
export function addVariants(a: VariantValue, b: VariantValue): VariantValue {
  if (a.payload instanceof TensorList && b.payload instanceof TensorList) return addLists(a.payload, b.payload);
  if (a.payload instanceof Optional && b.payload instanceof Optional) {
    const [x, y] = [a.payload.components, b.payload.components];
    if ((x === null) !== (y === null))
      throw new InvalidArgumentError("Cannot add optionals because one has a value and the other doesn't.");
    return asVariant(new Optional(x && y ? x.map((component, i) => addElements(component, y[i])) : null));
  }
  throw new InternalError('variants of different kinds cannot be added');
}

function addLists(a: TensorList, b: TensorList): VariantValue {
  if (a.elementType !== b.elementType) {
    throw new InvalidArgumentError(
      `Trying to add two lists of tensors of different dtypes. One is ${a.elementType.cppName} and the other is ${b.elementType.cppName}`,
    );
  }
  if (a.length !== b.length) {
    throw new InvalidArgumentError(
      `Trying to add two lists of tensors with different lengths. One is ${a.length} and the other is ${b.length}`,
    );
  }
  const others = b.elements.toArray();
  const elements = a.elements.toArray().map((x, i) => {
    const y = others[i];
    return x && y ? addElements(x, y) : (x ?? y);
  });
  return asVariant(
    new TensorList(
      a.elementType,
      a.elementShape.mergeWith(b.elementShape),
      a.maxElements,
      PersistentArray.of(elements),
    ),
  );
}

/** The sum of two elements: arrays of one shape, or variants. */
function addElements(x: NdArray, y: NdArray): NdArray {
  if (x instanceof VariantValue && y instanceof VariantValue) return addVariants(x, y);
  if (x.size !== y.size || x.dtype !== y.dtype) {
    throw new InvalidArgumentError(`Cannot add elements of shapes [${x.shape.join(',')}] and [${y.shape.join(',')}]`);
  }
  const out = allocate(x.dtype, x.data.length) as Float64Array;
  const [a, b] = [x.data as Float64Array, y.data as Float64Array];
  for (let i = 0; i < out.length; i++) out[i] = a[i] + b[i];
  return new NdArray(x.dtype, x.shape, out as typeof x.data);
}
