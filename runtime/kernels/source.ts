/**
 * Plain kernels: constants, placeholders, identities and filled tensors.
 */
import { InvalidArgumentError } from '../../graph/errors';
import { allocate, NdArray, sizeOf, toNumbers } from '../../graph/ndarray';
import type { sourceOps } from '../../graph/ops/source';
import { inputName } from '../../graph/print';
import type { TensorShape } from '../../graph/shape';
import type { Kernel, KernelTable } from '../kernel';
import { zerosLikeValue } from '../variants';

const identity: Kernel = ([input]) => input;

export const sourceKernels: KernelTable<typeof sourceOps> = {
  Const: (_, c) => c.attr<NdArray>('value'),
  Placeholder: (_, c) => {
    const shape = c.attr<TensorShape>('shape');
    const suffix = shape.dims === null ? '' : ` and shape ${shape.toCpp()}`;
    throw new InvalidArgumentError(
      `You must feed a value for placeholder tensor '${c.op.name}' with dtype ${c.outputTypes[0].cppName}${suffix}`,
    );
  },
  PlaceholderWithDefault: identity,
  Identity: identity,
  IdentityN: (inputs) => inputs,
  StopGradient: identity,
  PreventGradient: identity,
  GuaranteeConst: identity,
  EnsureShape: ([x], c) => {
    const expected = c.attr<TensorShape>('shape');
    if (expected.isCompatibleWith(x.shape)) return x;
    const source = inputName(c.op.inputs[0]);
    throw new InvalidArgumentError(
      `Shape of tensor ${source} [${x.shape.join(',')}] is not compatible with expected shape ${expected.toCpp()}.`,
    );
  },
  NoOp: () => [],
  ZerosLike: ([x]) => zerosLikeValue(x),
  OnesLike: ([x]) => filled(x.shape, NdArray.from(x.dtype.isBool ? true : 1, x.dtype)),
  Fill: ([dims, value]) => {
    if (dims.rank !== 1)
      throw new InvalidArgumentError(`dims must represent a vector, got shape [${dims.shape.join(',')}]`);
    if (value.size !== 1 || value.rank > 1)
      throw new InvalidArgumentError(`value must represent a scalar, got shape [${value.shape.join(',')}]`);
    return filled(toNumbers(dims), value);
  },
};

function filled(shape: readonly number[], value: NdArray): NdArray {
  const negative = shape.find((dim) => dim < 0);
  if (negative !== undefined) throw new InvalidArgumentError(`Dimension ${negative} must be >= 0`);
  const data = allocate(value.dtype, sizeOf(shape));
  (data as unknown[]).fill(value.data[0]);
  return new NdArray(value.dtype, shape, data);
}
