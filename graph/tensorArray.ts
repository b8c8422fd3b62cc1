/**
 * TensorArray: a list of tensors that loops read from and write to, on top of the ops of graph/ops/list.ts.
 *
 * Each write gives a new TensorArray; the old one keeps its values. TensorFlow v1 code looks the same in this respect,
 * since there, too, only the result of a write may be used further.
 */
import { applyOp, applyUnary } from './applyOp';
import { convertToTensor, type TensorLike } from './convert';
import { asDType, type DType, type DTypeName, int32, int64, variant } from './dtypes';
import { GraphTypeError, ValueError } from './errors';
import { NdArray, toNumbers } from './ndarray';
import type { FlowHolder } from './nest';
import type { Operation } from './operation';
import { cast } from './ops/cast';
import { composite } from './ops/composite';
import {
  asElementShape,
  tensorListFromTensor,
  tensorListGetItem,
  tensorListReserve,
  tensorListSetItem,
  tensorListStack,
} from './ops/list';
import { noOp } from './ops/source';
import { asShape, type ShapeLike, TensorShape } from './shape';
import { constantValue } from './staticValue';
import { Tensor } from './tensor';

export interface TensorArrayOptions {
  /** Number of elements; needed unless `flow` is given. */
  readonly size?: TensorLike;
  /** Writing behind the end makes the array longer. */
  readonly dynamicSize?: boolean;
  /** All elements have one shape, learned from what is written. Default true. */
  readonly inferShape?: boolean;
  readonly elementShape?: ShapeLike;
  /** The variant tensor of an existing array. */
  readonly flow?: Tensor | null;
  readonly name?: string;
  /** Accepted for TensorFlow's sake. */
  readonly clearAfterRead?: boolean;
  readonly tensorArrayName?: string;
  readonly colocateWithFirstWriteCall?: boolean;
}

interface Named {
  readonly name?: string;
}

/** What arrays that came from one another by writing share. */
interface Common {
  readonly dtype: DType;
  readonly size: TensorLike | null;
  readonly dynamicSize: boolean;
  readonly inferShape: boolean;
  elementShape: TensorShape;
}

/**
 * An array of tensors of one dtype. Mirrors tf.TensorArray as control flow v2 has it.
 *
 * ValueError unless exactly one of `size` and `flow` is given, or for values of another shape than the elements so far.
 */
export class TensorArray implements FlowHolder {
  readonly #common: Common;
  /** The list, as a variant tensor. */
  readonly flow: Tensor;

  constructor(dtype: DType | DTypeName, options: TensorArrayOptions = {}, derivedFrom?: Common) {
    const { size = null, flow = null, elementShape = null, name } = options;
    if (derivedFrom === undefined) checkOrigin(size, flow, elementShape);
    this.#common = derivedFrom ?? {
      dtype: asDType(dtype),
      size,
      dynamicSize: options.dynamicSize ?? false,
      inferShape: options.inferShape ?? true,
      elementShape: asShape(elementShape),
    };
    this.flow = composite(
      name,
      'TensorArrayV2',
      [flow ?? size],
      (scope) => flow ?? tensorListReserve(this.elementShape, size!, this.dtype, scope),
    );
  }

  get dtype(): DType {
    return this.#common.dtype;
  }

  /** What is known of the shape of the elements. */
  get elementShape(): TensorShape {
    return this.#common.elementShape;
  }

  get dynamicSize(): boolean {
    return this.#common.dynamicSize;
  }

  /** The same array with another list: what a write gives, and what a loop makes of its variables. */
  withFlow(flow: Tensor): TensorArray {
    return new TensorArray(this.dtype, { flow }, this.#common);
  }

  /** The array behind an Identity. Mirrors TensorArray.identity. */
  identity(): TensorArray {
    return this.withFlow(applyUnary('Identity', { input: this.flow }));
  }

  /** The element at an index. */
  read(index: TensorLike, { name }: Named = {}): Tensor {
    return composite(name, 'TensorArrayV2Read', [this.flow, index], () =>
      tensorListGetItem(this.flow, index, this.dtype, this.elementShape, name),
    );
  }

  /** The array with `value` at an index. */
  write(index: TensorLike, value: TensorLike, { name }: Named = {}): TensorArray {
    return composite(name, 'TensorArrayV2Write', [this.flow, index, value], () => {
      const item = this.#convert(value);
      this.#learn(item.shape);
      return this.withFlow(tensorListSetItem(this.flow, index, item, this.dynamicSize, name));
    });
  }

  /** All elements as rows of one tensor. */
  stack({ name }: Named = {}): Tensor {
    return composite(name, 'TensorArrayV2Stack', [this.flow], () =>
      tensorListStack(this.flow, this.dtype, { numElements: this.#staticSize(), elementShape: this.elementShape }),
    );
  }

  /** The elements at a vector of indices as rows of one tensor. */
  gather(indices: TensorLike, { name }: Named = {}): Tensor {
    const args = {
      input_handle: this.flow,
      indices,
      element_shape: asElementShape(this.elementShape),
      element_dtype: this.dtype,
    };
    return applyUnary('TensorListGather', args, name);
  }

  /** The elements behind one another along their first dimension. */
  concat({ name }: Named = {}): Tensor {
    const { dims } = this.elementShape;
    const args = {
      input_handle: this.flow,
      element_shape: asElementShape(dims && new TensorShape([null, ...dims.slice(1)])),
      leading_dims: convertToTensor(new BigInt64Array(0)),
      element_dtype: this.dtype,
    };
    return applyOp('TensorListConcatV2', args, name).outputs[0];
  }

  /** The array whose elements are the rows of a tensor. */
  unstack(value: TensorLike, { name }: Named = {}): TensorArray {
    return composite(name, 'TensorArrayUnstack', [this.flow, value], () => {
      const rows = this.#convert(value);
      this.#learn(rows.shape.slice(1));
      return this.withFlow(tensorListFromTensor(rows, rows.shape.slice(1)));
    });
  }

  /** The array with the rows of `value` at these indices. */
  scatter(indices: TensorLike, value: TensorLike, { name }: Named = {}): TensorArray {
    return composite(name, 'TensorArrayScatter', [this.flow, value, indices], () => {
      const tensor = this.#convert(value);
      this.#learn(tensor.shape.slice(1));
      return this.withFlow(
        applyUnary('TensorListScatterIntoExistingList', { input_handle: this.flow, tensor, indices }),
      );
    });
  }

  /** The array whose elements are pieces of `value`, of these lengths, along its first dimension. */
  split(value: TensorLike, lengths: TensorLike, { name }: Named = {}): TensorArray {
    return composite(name, 'TensorArraySplit', [this.flow, value, lengths], () => {
      const tensor = this.#convert(value);
      const counts = cast(convertToTensor(lengths, { preferredDtype: int32, name: 'x' }), int64);
      const known = constantValue(counts);
      const [first, ...rest] = known ? toNumbers(known) : [];
      if (first !== undefined && tensor.shape.dims && rest.every((count) => count === first)) {
        this.#learn(new TensorShape([first]).concatenate(tensor.shape.slice(1)));
      }
      const args = { tensor, element_shape: asElementShape(this.elementShape), lengths: counts };
      return this.withFlow(applyUnary('TensorListSplit', args, name));
    });
  }

  /** The number of elements, an int32 scalar. */
  size({ name }: Named = {}): Tensor {
    const { size, dynamicSize } = this.#common;
    return size === null || dynamicSize
      ? applyUnary('TensorListLength', { input_handle: this.flow }, name)
      : convertToTensor(size, { dtype: int32 });
  }

  /** Does nothing, as in TensorFlow. */
  close({ name }: Named = {}): Operation {
    return noOp({ name });
  }

  #staticSize(): number | undefined {
    const { size, dynamicSize } = this.#common;
    if (size === null || dynamicSize) return undefined;
    const value = size instanceof Tensor ? constantValue(size) : size;
    if (value === null) return undefined;
    return Number(value instanceof NdArray ? value.data[0] : value);
  }

  /** Takes over what a written shape says; ValueError when it contradicts. */
  #learn(shape: TensorShape): void {
    const common = this.#common;
    if (!shape.isCompatibleWith(common.elementShape)) {
      throw new ValueError(`Inconsistent shapes: saw ${shape} but expected ${common.elementShape} `);
    }
    if (common.inferShape) common.elementShape = common.elementShape.mergeWith(shape);
  }

  #convert(value: TensorLike): Tensor {
    return convertToTensor(value, { preferredDtype: this.dtype, name: 'value' });
  }

  toString(): string {
    return `<TensorArray dtype=${this.dtype.name} flow=${this.flow}>`;
  }
}

function checkOrigin(size: TensorLike | null, flow: Tensor | null, elementShape: ShapeLike): void {
  if (flow !== null && (!(flow instanceof Tensor) || flow.dtype !== variant)) {
    throw new GraphTypeError(
      `Expected \`flow\` to be a variant tensor, but received \`${(flow as { dtype?: DType }).dtype}\` instead.`,
    );
  }
  if (flow === null && size === null)
    throw new ValueError('Argument `size` must be provided if argument `flow` is not provided.');
  if (flow !== null && size !== null)
    throw new ValueError('Cannot provide both `flow` and `size` arguments at the same time.');
  if (flow !== null && elementShape !== null)
    throw new ValueError('Cannot provide both `flow` and `element_shape` argumentsat the same time.');
}
