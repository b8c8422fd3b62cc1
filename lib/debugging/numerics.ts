/**
 * Checks for NaN and infinity over tensors and whole graphs.
 */
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { float16, float32, float64 } from '../../graph/dtypes';
import type { Operation } from '../../graph/operation';
import { checkNumerics } from '../../graph/ops/checks';
import { composite } from '../../graph/ops/composite';
import { group, withDependencies } from '../../graph/ops/grouping';
import type { Tensor } from '../../graph/tensor';

/** The same tensor, which no one gets while it holds NaN or infinity. Mirrors tf.compat.v1.verify_tensor_all_finite. */
export function verifyTensorAllFinite(t: TensorLike, message: string, options: { name?: string } = {}): Tensor {
  return composite(options.name, 'VerifyFinite', [t], () => {
    const x = convertToTensor(t, { name: 'x' });
    return x.graph.colocateWith(x, {}, () => withDependencies([checkNumerics(x, message)], x));
  });
}

/**
 * An operation that checks every float tensor of the default graph, in order of creation. Mirrors tf.compat.v1.add_check_numerics_ops.
 */
export function addCheckNumericsOps(): Operation {
  const graph = getDefaultGraph();
  const checked = graph.operations
    .flatMap((op) => op.outputs)
    .filter(({ dtype }) => [float16, float32, float64].includes(dtype as never));
  let last: Tensor[] = [];
  for (const tensor of checked) {
    last = [graph.controlDependencies(last, () => checkNumerics(tensor, `${tensor.op.name}:${tensor.index}`))];
  }
  return group(...last);
}
