/**
 * Ops: cumulative sums, products and log-sum-exps along one axis.
 */
import { applyUnary } from '../applyOp';
import { convertToTensor, type TensorLike } from '../convert';
import type { Operation } from '../operation';
import { defineOps, type OpDefinition } from '../registry';
import { sameShape } from '../shapeContext';
import type { Tensor } from '../tensor';
import { divNoNan } from './binary';
import { greater, less, whereV2 } from './compare';
import { composite } from './composite';
import type { NameOptions } from './elementwise';
import { exp, log } from './unary';

const anyNumber =
  'float32, float64, int32, uint8, int16, int8, complex64, int64, bfloat16, uint16, complex128, float16, uint32, uint64';

function scanOp(types: string, gradient: OpDefinition['gradient']): OpDefinition {
  return {
    signature: `(x: T, axis: Tidx) -> (out: T)
      exclusive: bool = false
      reverse: bool = false
      T: {${types}}
      Tidx: {int32, int64} = int32`,
    shape: sameShape,
    gradient,
  };
}

interface Direction {
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

const directionOf = (op: Operation): Direction => ({
  exclusive: op.attrs.exclusive === true,
  reverse: op.attrs.reverse === true,
});

/** The scan of gradients runs the other way round. */
const backwards = (op: Operation): Direction => {
  const { exclusive, reverse } = directionOf(op);
  return { exclusive, reverse: !reverse };
};

/** Sums of exponentials are taken in logarithms, separately for gradients above and below 0. */
function logsumexpGradient(op: Operation, grad: Tensor): readonly [Tensor, null] {
  const [x, axis] = op.inputs;
  const lowest = Number(grad.dtype.min);
  const positive = whereV2(greater(grad, 0), log(grad), lowest);
  const negative = whereV2(less(grad, 0), log(grad.neg()), lowest);
  const part = (logGradient: Tensor) =>
    exp(cumulativeLogsumexp(logGradient.sub(op.output), axis, backwards(op)).add(x));
  const above = part(positive);
  return [above.sub(part(negative)), null];
}

export const scanOps = defineOps({
  Cumsum: scanOp(anyNumber, (op, grad) => [cumsum(grad, op.inputs[1], backwards(op)), null]),
  Cumprod: scanOp(anyNumber, (op, grad) => {
    const [x, axis] = op.inputs;
    const products = cumprod(x, axis, directionOf(op));
    return [divNoNan(cumsum(products.mul(grad), axis, backwards(op)), x), null];
  }),
  CumulativeLogsumexp: scanOp('bfloat16, float16, float32, float64', logsumexpGradient),
});

export interface ScanOptions extends NameOptions {
  /** Leave each element itself out: the first result is then the neutral element. Default false. */
  readonly exclusive?: boolean;
  /** Scan from the end. Default false. */
  readonly reverse?: boolean;
}

type Scan = (x: TensorLike, axis?: TensorLike, options?: ScanOptions) => Tensor;

const scan =
  (type: string): Scan =>
  (x, axis = 0, { exclusive, reverse, name } = {}) =>
    composite(name, type, [x, axis], (scope) =>
      applyUnary(type, { x: convertToTensor(x, { name: 'x' }), axis, exclusive, reverse }, scope),
    );

/** Sums of all elements up to each along `axis` (default 0). InvalidArgumentError when it runs with a bad axis. Mirrors tf.cumsum. */
export const cumsum = scan('Cumsum');

/** Products of all elements up to each along `axis` (default 0), as `cumsum`. Mirrors tf.cumprod. */
export const cumprod = scan('Cumprod');

/** `log(Σ e^x)` of all elements up to each along `axis` (default 0), as `cumsum`. Mirrors tf.math.cumulative_logsumexp. */
export const cumulativeLogsumexp = scan('CumulativeLogsumexp');
