/**
 * Plain kernels: resource variables. A variable's value is an immutable array; assigning stores another one.
 */
import type { DType } from '../../graph/dtypes';
import { InvalidArgumentError, NotFoundError, OutOfRangeError, UnimplementedError } from '../../graph/errors';
import { allocate, NdArray, type NumericArray, sizeOf } from '../../graph/ndarray';
import type { stateOps } from '../../graph/ops/state';
import type { TensorShape } from '../../graph/shape';
import { StoredArray } from '../files/storedArray';
import type { Kernel, KernelContext, KernelTable } from '../kernel';
import { ResourceHandle } from '../values';

/** The container of resources that name none. */
const DEFAULT_CONTAINER = 'localhost';

export const bracketed = (shape: readonly number[]): string => `[${shape.join(',')}]`;

/** The handle at an input. */
export function asHandle(value: NdArray): ResourceHandle {
  if (value instanceof ResourceHandle) return value;
  throw new InvalidArgumentError(`expected a resource handle, got a ${value.dtype.name} tensor`);
}

/** UnimplementedError unless the arithmetic of that dtype is the array's own. */
export function requireArithmetic(c: KernelContext, dtype: DType): void {
  if ((dtype.isFloating && dtype.size >= 4) || dtype.isInteger) return;
  throw new UnimplementedError(`${c.op.type} is not implemented for ${dtype.name}.`);
}

/** The text of a flat position in an array of that shape: `[1,0]`. */
export function positionText(shape: readonly number[], flat: number): string {
  const position: number[] = [];
  for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
    position.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  return bracketed(position);
}

const assign: Kernel = ([handle, value], c) => {
  const target = asHandle(handle);
  if (c.attr<boolean>('validate_shape') && c.resources.has(target)) {
    const { shape } = c.resources.peek(target);
    if (!sameShape(shape, value.shape)) {
      throw new InvalidArgumentError(
        `Trying to assign to variable with tensor with wrong shape. Expected ${bracketed(shape)} got ${bracketed(value.shape)}`,
      );
    }
  }
  // A copy: what is fed belongs to the caller, who may fill it again for the next run. Files are read once, into the variable.
  c.resources.write(target, value instanceof StoredArray ? value : value.copy());
  return [];
};

/** AssignAdd and AssignSub, by the sign of what is added. */
const assignUpdate =
  (sign: 1 | -1): Kernel =>
  ([handle, value], c) => {
    const target = asHandle(handle);
    const old = c.resources.readForUpdate(target);
    if (!sameShape(old.shape, value.shape)) {
      throw new InvalidArgumentError(
        `Cannot update variable with shape ${bracketed(old.shape)} using a Tensor with shape ${bracketed(value.shape)}, shapes must be equal.`,
      );
    }
    requireArithmetic(c, old.dtype);
    const result = old.copy();
    if (old.dtype.isBigInt) {
      const [out, delta] = [result.data as BigInt64Array, value.data as BigInt64Array];
      if (sign === 1) for (let i = 0; i < out.length; i++) out[i] += delta[i];
      else for (let i = 0; i < out.length; i++) out[i] -= delta[i];
    } else {
      const [out, delta] = [result.data as Float32Array, value.data as Float32Array];
      for (let i = 0; i < out.length; i++) out[i] += sign * delta[i];
    }
    c.resources.write(target, result);
    return [];
  };

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

const gather: Kernel = ([handle, indices], c) => {
  const params = c.resources.peek(asHandle(handle));
  const batchDims = c.attr<number>('batch_dims');
  const batch = sizeOf(params.shape.slice(0, batchDims));
  const rows = params.shape[batchDims];
  const rowShape = params.shape.slice(batchDims + 1);
  const rowSize = sizeOf(rowShape);
  const perBatch = batch === 0 ? 0 : indices.size / batch;
  const out = allocate(params.dtype, indices.size * rowSize);
  for (let i = 0; i < indices.size; i++) {
    const row = Number(indices.data[i]);
    if (!(row >= 0 && row < rows))
      throw new InvalidArgumentError(`indices${positionText(indices.shape, i)} = ${row} is not in [0, ${rows})`);
    copyRow(params, (Math.floor(i / perBatch) * rows + row) * rowSize, rowSize, out, i * rowSize);
  }
  return new NdArray(
    params.dtype,
    [...params.shape.slice(0, batchDims), ...indices.shape.slice(batchDims), ...rowShape],
    out,
  );
};

const gatherNd: Kernel = ([handle, indices], c) => {
  const params = c.resources.peek(asHandle(handle));
  const depth = indices.shape.at(-1)!;
  if (depth > params.rank)
    throw new InvalidArgumentError(
      `index innermost dimension length must be <= params rank; saw: ${depth} vs. ${params.rank}`,
    );
  const outer = indices.shape.slice(0, -1);
  const sliceShape = params.shape.slice(depth);
  const sliceSize = sizeOf(sliceShape);
  const count = sizeOf(outer);
  const out = allocate(params.dtype, count * sliceSize);
  for (let i = 0; i < count; i++) {
    const at = sliceOffset(params.shape, indices, i, depth);
    if (at === null) {
      throw new InvalidArgumentError(
        `indices${positionText(outer, i)} = ${indexText(indices, i, depth)} does not index into param shape ${bracketed(params.shape)}, node name: ${c.op.name}`,
      );
    }
    copyRow(params, at * sliceSize, sliceSize, out, i * sliceSize);
  }
  return new NdArray(params.dtype, [...outer, ...sliceShape], out);
};

/** Index vector `i` as C++ prints it: `[0, 5]`. */
export function indexText(indices: NdArray, i: number, depth: number): string {
  return `[${Array.from({ length: depth }, (_, k) => indices.data[i * depth + k]).join(', ')}]`;
}

/** Which slice of an array of `shape` index vector `i` means, or null when it lies outside. */
export function sliceOffset(shape: readonly number[], indices: NdArray, i: number, depth: number): number | null {
  let offset = 0;
  for (let k = 0; k < depth; k++) {
    const index = Number(indices.data[i * depth + k]);
    if (!(index >= 0 && index < shape[k])) return null;
    offset = offset * shape[k] + index;
  }
  return offset;
}

function copyRow(from: NdArray, start: number, length: number, to: NdArray['data'], at: number): void {
  if (Array.isArray(to)) for (let i = 0; i < length; i++) to[at + i] = from.data[start + i] as string;
  else (to as Float32Array).set((from.data as Float32Array).subarray(start, start + length), at);
}

export const stateKernels: KernelTable<typeof stateOps> = {
  VarHandleOp: (_, c) =>
    new ResourceHandle(
      c.attr<string>('container') || DEFAULT_CONTAINER,
      c.attr<string>('shared_name') || c.op.name,
      c.attr<DType>('dtype'),
      c.attr<TensorShape>('shape'),
    ),
  ReadVariableOp: ([handle], c) => {
    const value = c.resources.read(asHandle(handle));
    if (value.dtype !== c.outputTypes[0]) {
      throw new InvalidArgumentError(
        `Trying to read variable with wrong dtype. Expected ${c.outputTypes[0].cppName} got ${value.dtype.cppName}`,
      );
    }
    return value;
  },
  AssignVariableOp: assign,
  AssignAddVariableOp: assignUpdate(1),
  AssignSubVariableOp: assignUpdate(-1),
  VarIsInitializedOp: ([handle], c) => NdArray.scalar(c.outputTypes[0], c.resources.has(asHandle(handle))),
  VariableShape: ([handle], c) => NdArray.from([...c.resources.peek(asHandle(handle)).shape], c.outputTypes[0]),
  DestroyResourceOp: ([handle], c) => {
    const target = asHandle(handle);
    if (!c.resources.delete(target) && !c.attr<boolean>('ignore_lookup_error')) {
      throw new NotFoundError(`Resource ${target.container}/${target.key}/N10tensorflow3VarE does not exist.`);
    }
    return [];
  },
  // Values are never changed in place here, so reading never copies.
  DisableCopyOnRead: () => [],
  ResourceCountUpTo: ([handle], c) => {
    const target = asHandle(handle);
    const value = c.resources.readForUpdate(target);
    const limit = c.attr<number>('limit');
    if (value.rank !== 0) throw new InvalidArgumentError(`input is not a scalar: ${bracketed(value.shape)}`);
    if ((value.data as NumericArray)[0] >= limit) throw new OutOfRangeError(`Reached limit of ${limit}`);
    const next = value.copy();
    (next.data as NumericArray)[0]++;
    c.resources.write(target, next);
    return value;
  },
  ResourceGather: gather,
  ResourceGatherNd: gatherNd,
};
