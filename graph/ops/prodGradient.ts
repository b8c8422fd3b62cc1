/**
 * The gradient of a product over axes: for each element the product of all others.
 *
 * Dividing the product by the element would fail at zeros, so the products before and after each element are multiplied:
 * the reduced axes are brought to the front, joined to one, and scanned from both ends.
 */
import { applyOp, applyUnary } from '../applyOp';
import { graphFromInputs } from '../convert';
import { int32 } from '../dtypes';
import type { Operation } from '../operation';
import type { Gradient } from '../registry';
import type { Tensor } from '../tensor';
import { broadcastTo } from './broadcast';
import { cast } from './cast';
import { reducedShape, reduceProd } from './reduce';
import { cumprod } from './scan';
import { range, rank, shape } from './shapes';

export function prodGradient(op: Operation, grad: Tensor): readonly Gradient[] {
  const [input, axes] = op.inputs;
  const inputShape = shape(input);
  const vector = applyUnary('Reshape', { tensor: axes, shape: [-1] });
  const kept = op.attrs.keep_dims
    ? grad
    : applyUnary('Reshape', { tensor: grad, shape: reducedShape(inputShape, axes) });
  const repeated = broadcastTo(kept, inputShape);
  // The arithmetic of shapes stays on the CPU wherever the product is.
  const { perm, reduced, other } = graphFromInputs([input]).device('/cpu:0', () =>
    arrangement(input, inputShape, vector),
  );
  const permuted = applyUnary('Transpose', { x: input, perm }, 'transpose');
  const permutedShape = shape(permuted);
  const joined = applyUnary('Reshape', { tensor: permuted, shape: [reduced, other] });
  const before = cumprod(joined, 0, { exclusive: true });
  const after = cumprod(joined, 0, { exclusive: true, reverse: true });
  const others = applyUnary('Reshape', { tensor: before.mul(after), shape: permutedShape });
  const back = applyUnary('InvertPermutation', { x: perm });
  const product = repeated.mul(applyUnary('Transpose', { x: others, perm: back }, 'transpose'));
  return [applyUnary('Reshape', { tensor: product, shape: inputShape }), null];
}

/** The permutation that brings the reduced axes to the front, and the sizes of both parts. */
function arrangement(
  input: Tensor,
  inputShape: Tensor,
  axes: Tensor,
): { perm: Tensor; reduced: Tensor; other: Tensor } {
  const inputRank = rank(input);
  const reduced = cast(axes.add(inputRank).mod(inputRank), int32);
  const other = applyOp('ListDiff', { x: range(0, inputRank), y: reduced, out_idx: int32 }).outputs[0];
  const perm = applyUnary('ConcatV2', { values: [reduced, other], axis: 0 }, 'concat');
  const sizeOf = (indices: Tensor) => reduceProd(applyUnary('GatherV2', { params: inputShape, indices, axis: 0 }));
  const reducedSize = sizeOf(reduced);
  return { perm, reduced: reducedSize, other: sizeOf(other) };
}
