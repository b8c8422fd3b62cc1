/**
 * Contraction of two tensors over any of their axes, as one matrix product between reshapes.
 */
import { applyOp } from '../../graph/applyOp';
import { convertToTensor, ownDType, type TensorLike } from '../../graph/convert';
import { int32 } from '../../graph/dtypes';
import { repr, ValueError } from '../../graph/errors';
import { reshape, transpose } from '../../graph/ops/array';
import { sliceAt } from '../../graph/ops/brackets';
import { where } from '../../graph/ops/compare';
import { composite } from '../../graph/ops/composite';
import { gather } from '../../graph/ops/gather';
import { concat, stack } from '../../graph/ops/joining';
import { matmul } from '../../graph/ops/matmul';
import { reduceProd } from '../../graph/ops/reduce';
import { range, rank, shape } from '../../graph/ops/shapes';
import { type Dimension, TensorShape } from '../../graph/shape';
import { Tensor } from '../../graph/tensor';

/** Axes of one operand: known, or computed at run time. */
type Axes = readonly number[] | Tensor;

/** A number of axes, or the axes of each operand; also as an int32 tensor [2, n]. */
export type TensordotAxes =
  | number
  | readonly [number, number]
  | readonly [readonly number[], readonly number[]]
  | Tensor;

/** An operand as a matrix, and the dimensions that it keeps. */
interface Flattened {
  readonly matrix: Tensor;
  readonly free: readonly number[] | Tensor;
  readonly freeShape: readonly Dimension[] | null;
}

/**
 * The sum over pairs of axes of `a` and `b`: of the last of `a` with the first of `b` where `axes` is a number of them,
 * else of those named. Mirrors tf.tensordot.
 *
 * ValueError for axes that do not fit the operands.
 */
export function tensordot(a: TensorLike, b: TensorLike, axes: TensordotAxes, { name }: { name?: string } = {}): Tensor {
  return composite(name, 'Tensordot', [a, b, axes], (scope) => {
    const left = convertToTensor(a, { name: 'a', preferredDtype: ownDType(b) });
    const right = convertToTensor(b, { name: 'b', preferredDtype: left.dtype });
    const [axesOfLeft, axesOfRight] = axesOf(left, axes);
    const x = flatten(left, axesOfLeft, false);
    const y = flatten(right, axesOfRight, true);
    const product = matmul(x.matrix, y.matrix);
    if (!(x.free instanceof Tensor) && !(y.free instanceof Tensor)) {
      const free = [...x.free, ...y.free];
      return product.shape.equals(free) ? product : reshape(product, Int32Array.from(free), { name: scope });
    }
    const [first, second] = [x, y].map(({ free }) =>
      convertToTensor(free instanceof Tensor ? free : Int32Array.from(free)),
    );
    const result = reshape(product, concat([first, second], 0), { name: scope });
    if (x.freeShape && y.freeShape) result.setShape(new TensorShape([...x.freeShape, ...y.freeShape]));
    return result;
  });
}

function axesOf(a: Tensor, axes: TensordotAxes): [Axes, Axes] {
  if (typeof axes === 'number') return countedAxes(a, axes);
  if (axes instanceof Tensor) return [sliceAt(axes, [0]), sliceAt(axes, [1])];
  if (axes.length !== 2) throw new ValueError(`\`axes\` must be an integer or have length 2. Received ${repr(axes)}.`);
  const [left, right] = axes.map((side) => (typeof side === 'number' ? [side] : [...side]));
  if (left.length !== right.length) {
    throw new ValueError(`Different number of contraction axes \`a\` and \`b\`, ${left.length} != ${right.length}.`);
  }
  return [left, right];
}

function countedAxes(a: Tensor, count: number): [Axes, Axes] {
  if (count < 0) throw new ValueError(`\`axes\` must be at least 0. Received: ${count}.`);
  if (a.shape.rank === null) {
    const dimensions = rank(a);
    return [range(dimensions.sub(count), dimensions, 1, { dtype: int32 }), range(count, { dtype: int32 })];
  }
  if (count > a.shape.rank) {
    throw new ValueError(
      `\`axes\` must not be larger than the number of dimensions of tensor ${a}.  Received ${count}, vs tensor dimensions ${a.shape.rank}.`,
    );
  }
  const start = a.shape.rank - count;
  const first = Array.from({ length: count }, (_, i) => i);
  return [first.map((i) => start + i), first];
}

/** The tensor as a matrix of free × contracted dimensions, or the other way round when `flipped`. */
function flatten(a: Tensor, axes: Axes, flipped: boolean): Flattened {
  const known = axes instanceof Tensor ? null : positive(a, axes);
  const inOrder = <V>(free: V, contracted: V): [V, V] => (flipped ? [contracted, free] : [free, contracted]);
  if (known && a.shape.isFullyDefined()) {
    const dims = a.shape.asNumbers();
    const free = dims.map((_, axis) => axis).filter((axis) => !known.includes(axis));
    const sizeOf = (of: readonly number[]) => of.reduce((size, axis) => size * dims[axis], 1);
    const perm = inOrder(free, [...known]).flat();
    const moved = perm.every((axis, i) => axis === i) ? a : transpose(a, Int32Array.from(perm));
    const size = inOrder(sizeOf(free), sizeOf(known));
    const matrix = moved.shape.equals(size) ? moved : reshape(moved, Int32Array.from(size));
    return { matrix, free: free.map((axis) => dims[axis]), freeShape: free.map((axis) => dims[axis]) };
  }
  const { contracted, free, whole, freeShape } = known && a.shape.dims ? knownAxes(a, known) : computedAxes(a, axes);
  const [freeDims, contractedDims] = [gather(whole, free), gather(whole, contracted)];
  const [freeSize, contractedSize] = [reduceProd(freeDims), reduceProd(contractedDims)];
  const perm = concat(inOrder(free, contracted), 0);
  const size = stack(inOrder(freeSize, contractedSize));
  return { matrix: reshape(transpose(a, perm), size), free: freeDims, freeShape };
}

function positive(a: Tensor, axes: readonly number[]): readonly number[] {
  const { dims } = a.shape;
  if (dims === null) return axes;
  return axes.map((axis) => {
    if (axis < -dims.length || axis >= dims.length)
      throw new ValueError(`Axis ${axis} is out of range for a tensor of rank ${dims.length}: ${a}`);
    return axis < 0 ? axis + dims.length : axis;
  });
}

interface AxisTensors {
  readonly contracted: Tensor;
  readonly free: Tensor;
  readonly whole: Tensor;
  readonly freeShape: readonly Dimension[] | null;
}

function knownAxes(a: Tensor, axes: readonly number[]): AxisTensors {
  const dims = a.shape.dims!;
  const others = dims.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const contracted = convertToTensor(Int32Array.from(axes), { name: 'axes' });
  const free = convertToTensor(Int32Array.from(others), { name: 'free' });
  return { contracted, free, whole: shape(a), freeShape: others.map((axis) => dims[axis]) };
}

function computedAxes(a: Tensor, axes: Axes): AxisTensors {
  const whole = shape(a);
  const dimensions = rank(a);
  const given = convertToTensor(axes instanceof Tensor ? axes : Int32Array.from(axes), { name: 'axes', dtype: int32 });
  const contracted = where(given.greaterEqual(0), given, given.add(dimensions));
  const [free] = applyOp('ListDiff', { x: range(dimensions), y: contracted }).outputs;
  return { contracted, free, whole, freeShape: null };
}
