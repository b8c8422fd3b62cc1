/**
 * Softmax and its logarithm over any axis; the ops know only the last one.
 */
import { applyUnary } from '../../graph/applyOp';
import { convertToTensor, graphFromInputs, type TensorLike } from '../../graph/convert';
import { InvalidArgumentError, ValueError } from '../../graph/errors';
import { transpose } from '../../graph/ops/array';
import { subtract } from '../../graph/ops/binary';
import { concat } from '../../graph/ops/joining';
import { range, rank } from '../../graph/ops/shapes';
import type { Tensor } from '../../graph/tensor';

export interface SoftmaxOptions {
  /** The axis to normalize over; the last one when absent. */
  readonly axis?: number | null;
  /** The older name of `axis`. */
  readonly dim?: number | null;
  readonly name?: string;
}

/**
 * `exp(x) / Σ exp(x)` over an axis, of floats. Mirrors tf.nn.softmax.
 *
 * InvalidArgumentError for an axis out of range, ValueError for a scalar.
 */
export function softmax(logits: TensorLike, options: SoftmaxOptions = {}): Tensor {
  return overAxis(logits, 'Softmax', options);
}

/** `x - log(Σ exp(x))` over an axis, of floats. Mirrors tf.nn.log_softmax. */
export function logSoftmax(logits: TensorLike, options: SoftmaxOptions = {}): Tensor {
  return overAxis(logits, 'LogSoftmax', options);
}

function overAxis(logits: TensorLike, type: string, options: SoftmaxOptions): Tensor {
  const { axis = null, dim = null, name } = options;
  if (axis !== null && dim !== null) throw new ValueError("Cannot specify both 'dim' and 'axis'.");
  const wanted = axis ?? dim ?? -1;
  const graph = graphFromInputs([logits]);
  return graph.asDefault(() =>
    graph.transaction(() => {
      const x = convertToTensor(logits, { graph });
      const dimensions = x.shape.rank;
      if (wanted === -1 || wanted === (dimensions ?? Number.NaN) - 1) return applyUnary(type, { logits: x }, name);
      if (dimensions === null) throw new ValueError(`The rank of ${x} must be known to normalize over axis ${wanted}.`);
      if (wanted < -dimensions || wanted >= dimensions) {
        throw new InvalidArgumentError(
          `\`dim\` must be in the range [${-dimensions}, ${dimensions}) where ${dimensions} is the number of dimensions in the input. Received: dim=${wanted}`,
        );
      }
      return swapped(x, wanted, dimensions, type, name);
    }),
  );
}

/** The op between two transpositions that swap the axis and the last one. */
function swapped(x: Tensor, wanted: number, dimensions: number, type: string, name: string | undefined): Tensor {
  const first = rank(x);
  const counted = wanted < 0 ? first.radd(wanted) : wanted;
  const whole = rank(x);
  const axis = typeof counted === 'number' ? counted : counted.mod(dimensions);
  const swap = (value: Tensor, as?: string) => {
    const last = subtract(whole, 1);
    const before = range(axis);
    const next = typeof axis === 'number' ? axis + 1 : axis.add(1);
    return transpose(value, concat([before, [last], range(next, last), [axis]], 0), { name: as });
  };
  const result = swap(applyUnary(type, { logits: swap(x) }), name);
  result.setShape(x.shape);
  return result;
}
