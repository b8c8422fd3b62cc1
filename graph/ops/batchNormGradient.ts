/**
 * The gradients of the gradient of batch normalization: the gradient once more, in single ops, and their gradients.
 */
import { gradients } from '../gradients';
import type { Operation } from '../operation';
import type { Gradient } from '../registry';
import type { Tensor } from '../tensor';
import { reshape, squeeze } from './array';
import { squaredDifference } from './binary';
import { reduceMean, reduceSum } from './reduce';
import { size } from './shapes';
import { identity, stopGradient } from './source';
import { reciprocal, rsqrt } from './unary';
import { parseDataFormat } from './window';

/** The gradients of y_backprop, x and scale, for the gradients of x_backprop, scale_backprop and offset_backprop. */
export function batchNormSecondGradients(op: Operation, grads: readonly Tensor[]): readonly Gradient[] {
  // Behind nodes of their own, since y_backprop may depend on x, which is not to count here.
  const [gradY, x, scale] = op.inputs.slice(0, 3).map((input) => identity(input));
  const outputs = singleOps(op, gradY, x, scale);
  return gradients(outputs, [gradY, x, scale], { gradYs: grads.slice(0, 3) });
}

/** What the op computes, in ops that have gradients. */
function singleOps(op: Operation, gradY: Tensor, x: Tensor, scale: Tensor): Tensor[] {
  const epsilon = op.attrs.epsilon as number;
  const { batch, spatial, channel } = parseDataFormat(op.attrs.data_format as string);
  const axes = [batch, ...spatial];
  const channelsFirst = channel === 1;
  const perChannel = (vector: Tensor) =>
    channelsFirst ? reshape(vector, [1, size(vector), ...spatial.map(() => 1)]) : vector;
  const factor = perChannel(scale);
  if (op.attrs.is_training !== true) {
    const [mean, variance] = [op.inputs[3], op.inputs[4]].map(perChannel);
    const inverse = rsqrt(variance.add(epsilon));
    const forScale = reduceSum(gradY.mul(x.sub(mean)).mul(inverse), axes);
    return [gradY.mul(factor).mul(inverse), forScale, reduceSum(gradY, axes)];
  }
  const average = (value: Tensor) => reduceMean(value, axes, { keepdims: channelsFirst });
  const [meanGrad, mean] = [average(gradY), average(x)];
  const variance = average(squaredDifference(x, stopGradient(mean)));
  const [gradOffset, offset] = [gradY.sub(meanGrad), x.sub(mean)];
  const covariance = average(gradY.mul(offset));
  const centred = gradOffset.sub(reciprocal(variance.add(epsilon)).mul(covariance).mul(offset));
  const forX = factor.mul(rsqrt(variance.add(epsilon))).mul(centred);
  const sums = reduceSum(gradY.mul(offset), axes, { keepdims: channelsFirst });
  const forScale = rsqrt(variance.add(epsilon)).mul(sums);
  return [forX, channelsFirst ? squeeze(forScale, axes) : forScale, reduceSum(gradY, axes)];
}
