/**
 * Lowerings: matrix products. Transposes and slices of operands are read where they lie.
 */
import type { matmulOps } from '../../graph/ops/matmul';
import type { Value } from '../ir/value';
import { broadcastDims } from './elementwise';
import { type LowerContext, type Lowering, type LoweringTable, routine } from './lowering';
import { product } from './products';

const isFloat = ({ dtype }: Value) => dtype.name === 'float32' || dtype.name === 'float64';

/** The last two axes changed, where wanted. */
function maybeTransposed(c: LowerContext, value: Value, transpose: boolean): Value {
  if (!transpose) return value;
  const rank = value.shape.length;
  const axes = value.shape.map((_, axis) => axis);
  return c.b.transpose(value, [...axes.slice(0, -2), rank - 1, rank - 2]);
}

const matMul: Lowering = (c) => {
  const [a, b] = c.inputs;
  if (!isFloat(a) || a.shape.length !== 2 || b.shape.length !== 2) return null;
  const left = maybeTransposed(c, a, c.attr('transpose_a'));
  const right = maybeTransposed(c, b, c.attr('transpose_b'));
  if (left.shape[1] !== right.shape[0]) return null;
  return product(c, left, right);
};

const batchMatMul: Lowering = (c) => {
  const [a, b] = c.inputs;
  if (!isFloat(a) || a.shape.length < 2 || b.shape.length < 2) return null;
  const left = maybeTransposed(c, a, c.attr('adj_x'));
  const right = maybeTransposed(c, b, c.attr('adj_y'));
  const batch = broadcastDims(left.shape.slice(0, -2), right.shape.slice(0, -2));
  const [m, k] = left.shape.slice(-2);
  const [inner, n] = right.shape.slice(-2);
  if (!batch || k !== inner) return null;
  if (batch.length === 0) return product(c, left, right);
  const count = batch.reduce((size, dim) => size * dim, 1);
  // Operands that all products share are not copied for each of them.
  const flat = (value: Value, rows: number, columns: number): Value => {
    const own = value.shape.slice(0, -2);
    if (own.every((dim) => dim === 1))
      return c.b.broadcast(c.b.reshape(value, [1, rows, columns]), [count, rows, columns]);
    return c.b.reshape(c.b.broadcast(value, [...batch, rows, columns]), [count, rows, columns]);
  };
  return c.b.reshape(product(c, flat(left, m, k), flat(right, inner, n)), [...batch, m, n]);
};

export const matmulLowerings: LoweringTable<typeof matmulOps> = {
  MatMul: routine(matMul),
  BatchMatMul: routine(batchMatMul),
  BatchMatMulV2: routine(batchMatMul),
};
