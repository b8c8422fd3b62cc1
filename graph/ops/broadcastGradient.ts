/**
 * Undoing a broadcast: the gradient of an operand is summed over the axes along which that operand was repeated.
 */
import { applyOp, applyUnary } from '../applyOp';
import type { Gradient } from '../registry';
import type { TensorShape } from '../shape';
import type { Tensor } from '../tensor';
import { afterGradient } from './elementwise';
import { reduceSum } from './reduce';
import { shape } from './shapes';

/** Which axes of the result an operand of a broadcast was repeated along, and whether its gradient needs reducing at all. */
interface Reduction {
  readonly shape: Tensor;
  readonly axes: Tensor | readonly number[];
  readonly needed: boolean;
}

/**
 * The gradients of the two operands of a broadcasting op, each summed to the shape of its operand.
 *
 * Where the static shapes tell which axes were repeated, only an operand that needs it is summed; otherwise the axes come
 * from BroadcastGradientArgs at run time.
 */
export function reduceGradients(x: Tensor, y: Tensor, gx: Tensor | null, gy: Tensor | null): [Gradient, Gradient] {
  if (gx === null && gy === null) return [null, null];
  const [forX, forY] = broadcastReductions(x, y);
  return [reduce(gx, forX), reduce(gy, forY)];
}

/** Whether two operands and a gradient have one fully known shape: then nothing was broadcast. */
export function sameKnownShape(x: Tensor, y: Tensor, grad: Tensor): boolean {
  return x.shape.isFullyDefined() && x.shape.equals(y.shape) && x.shape.equals(grad.shape);
}

/**
 * The same for ops that TensorFlow reduces in an older way: always at run time, and after the incoming gradient. The
 * partial derivatives are still to be multiplied by it; null for an operand without one.
 */
export function reducePartials(
  x: Tensor,
  y: Tensor,
  grad: Tensor,
  partialX: (() => Tensor) | null,
  partialY: (() => Tensor) | null,
): readonly Gradient[] {
  const shapes = [shape(x), shape(y)];
  const axes = applyOp('BroadcastGradientArgs', { s0: shapes[0], s1: shapes[1] }).outputs;
  return afterGradient(grad, () => {
    const partials = [partialX, partialY].map((partial) => partial?.() ?? null);
    return partials.map(
      (partial, i) =>
        partial && applyUnary('Reshape', { tensor: reduceSum(partial.mul(grad), axes[i]), shape: shapes[i] }),
    );
  });
}

function broadcastReductions(x: Tensor, y: Tensor): [Reduction, Reduction] {
  const [xShape, yShape] = [shape(x), shape(y)];
  const axes = repeatedAxes(x.shape, y.shape);
  if (axes) {
    const [xRank, yRank] = [x.shape.rank!, y.shape.rank!];
    return [
      { shape: xShape, axes: axes[0], needed: axes[0].length > 0 || xRank < yRank },
      { shape: yShape, axes: axes[1], needed: axes[1].length > 0 || yRank < xRank },
    ];
  }
  const [xAxes, yAxes] = applyOp('BroadcastGradientArgs', { s0: xShape, s1: yShape }).outputs;
  return [
    { shape: xShape, axes: xAxes, needed: true },
    { shape: yShape, axes: yAxes, needed: true },
  ];
}

/** The axes along which either operand is repeated, or null where that is known only at run time. */
function repeatedAxes(x: TensorShape, y: TensorShape): [number[], number[]] | null {
  if (x.dims === null || y.dims === null) return null;
  const rank = Math.max(x.dims.length, y.dims.length);
  const axes: [number[], number[]] = [[], []];
  for (let axis = 0; axis < rank; axis++) {
    const a = axis < rank - x.dims.length ? 1 : x.dims[axis - rank + x.dims.length];
    const b = axis < rank - y.dims.length ? 1 : y.dims[axis - rank + y.dims.length];
    if (a === 1 && b !== 1) axes[0].push(axis);
    else if (b === 1 && a !== 1) axes[1].push(axis);
    else if (a === null || b === null) return null;
  }
  return axes;
}

function reduce(grad: Tensor | null, { axes, needed, shape: target }: Reduction): Gradient {
  if (grad === null || !needed) return grad;
  return applyUnary('Reshape', { tensor: reduceSum(grad, axes, { keepdims: true }), shape: target });
}
