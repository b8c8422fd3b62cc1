/**
 * What a layer demands of its inputs, and the check that every call makes.
 */
import { asDType, type DType } from '../../graph/dtypes';
import { GraphTypeError, typeWord, ValueError } from '../../graph/errors';
import { flatten } from '../../graph/nest';
import { asShape, type Dimension, type ShapeLike, TensorShape } from '../../graph/shape';

export interface InputSpecOptions {
  readonly dtype?: DType | null;
  /** The whole shape, batch included; null dimensions are free. */
  readonly shape?: ShapeLike;
  readonly ndim?: number | null;
  readonly maxNdim?: number | null;
  readonly minNdim?: number | null;
  /** The size that single axes must have; axes may be negative. */
  readonly axes?: Readonly<Record<number, Dimension>> | null;
}

/** Mirrors tf.keras.layers.InputSpec. */
export class InputSpec {
  readonly dtype: DType | null;
  readonly shape: readonly Dimension[] | null;
  readonly ndim: number | null;
  readonly maxNdim: number | null;
  readonly minNdim: number | null;
  readonly axes: Readonly<Record<number, Dimension>>;

  constructor(options: InputSpecOptions = {}) {
    this.dtype = options.dtype ? asDType(options.dtype) : null;
    this.shape = options.shape === undefined ? null : asShape(options.shape).dims;
    this.ndim = this.shape ? this.shape.length : (options.ndim ?? null);
    this.maxNdim = options.maxNdim ?? null;
    this.minNdim = options.minNdim ?? null;
    this.axes = options.axes ?? {};
    const highest = Math.max(...Object.keys(this.axes).map(Number));
    const limit = (this.ndim ?? this.maxNdim ?? Number.POSITIVE_INFINITY) - 1;
    if (highest > limit) throw new ValueError(`Axis ${highest} is greater than the maximum allowed value: ${limit}`);
  }

  toString(): string {
    const axes = Object.keys(this.axes).length > 0 ? JSON.stringify(this.axes) : '';
    const parts = {
      dtype: this.dtype?.name,
      shape: this.shape && new TensorShape(this.shape),
      ndim: this.ndim,
      max_ndim: this.maxNdim,
      min_ndim: this.minNdim,
      axes,
    };
    return `InputSpec(${Object.entries(parts)
      .filter(([, value]) => value)
      .map(([key, value]) => `${key}=${value}`)
      .join(', ')})`;
  }
}

interface HasShape {
  readonly shape: TensorShape;
  readonly dtype: DType;
}

function hasShape(value: unknown): value is HasShape {
  return typeof value === 'object' && value !== null && (value as HasShape).shape instanceof TensorShape;
}

/** ValueError or TypeError when inputs do not meet a layer's demands. */
export function assertInputCompatibility(
  spec: InputSpec | readonly InputSpec[] | null,
  inputs: unknown,
  layerName: string,
): void {
  if (spec === null) return;
  const specs = flatten(spec) as InputSpec[];
  const given = flatten(inputs);
  for (const input of given) {
    if (!hasShape(input)) {
      throw new GraphTypeError(
        `Inputs to a layer should be tensors. Got '${String(input)}' (of type <class '${typeWord(input)}'>) as input for layer '${layerName}'.`,
      );
    }
  }
  if (given.length !== specs.length) {
    throw new ValueError(
      `Layer "${layerName}" expects ${specs.length} input(s), but it received ${given.length} input tensors. Inputs received: [${given.map(String).join(', ')}]`,
    );
  }
  given.forEach((input, i) =>
    checkInput(specs[i], input as HasShape, `Input ${i} of layer "${layerName}" is incompatible with the layer: `),
  );
}

function checkInput(spec: InputSpec, { shape, dtype }: HasShape, where: string): void {
  const { dims } = shape;
  if (dims === null) return;
  const rank = dims.length;
  if (spec.ndim !== null && rank !== spec.ndim)
    throw new ValueError(`${where}expected ndim=${spec.ndim}, found ndim=${rank}. Full shape received: ${shape}`);
  if (spec.maxNdim !== null && rank > spec.maxNdim)
    throw new ValueError(`${where}expected max_ndim=${spec.maxNdim}, found ndim=${rank}`);
  if (spec.minNdim !== null && rank < spec.minNdim) {
    throw new ValueError(
      `${where}expected min_ndim=${spec.minNdim}, found ndim=${rank}. Full shape received: ${shape}`,
    );
  }
  if (spec.dtype !== null && dtype !== spec.dtype)
    throw new ValueError(`${where}expected dtype=${spec.dtype.name}, found dtype=${dtype}`);
  for (const [axis, size] of Object.entries(spec.axes)) {
    const found = dims.at(Number(axis)) ?? null;
    if (size !== null && found !== null && found !== size) {
      throw new ValueError(
        `${where}expected axis ${axis} of input shape to have value ${size}, but received input with shape ${shape}`,
      );
    }
  }
  spec.shape?.forEach((dim, i) => {
    if (dim !== null && dims[i] !== null && dim !== dims[i]) {
      throw new ValueError(`${where}expected shape=${new TensorShape(spec.shape)}, found shape=${shape}`);
    }
  });
}
