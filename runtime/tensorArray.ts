/**
 * An array of tensors of TensorFlow v1: elements that are written once and read, usually, once. Arrays of gradients sum
 * what is written to one place. It lives as long as the run whose TensorArrayV3 op made it.
 */
import { type DType, resource } from '../graph/dtypes';
import { InvalidArgumentError } from '../graph/errors';
import { allocate, NdArray } from '../graph/ndarray';
import { TensorShape, unknownShape } from '../graph/shape';

export interface TensorArrayOptions {
  readonly name: string;
  readonly elementType: DType;
  readonly elementShape: TensorShape;
  readonly size: number;
  readonly dynamicSize: boolean;
  readonly clearAfterRead: boolean;
  readonly identicalShapes: boolean;
}

interface Element {
  value: NdArray | null;
  /** What the element is zeros of while nothing is written: in arrays of gradients. */
  shape: readonly number[] | null;
  written: boolean;
  cleared: boolean;
}

/** A shape as messages of kernels print it. */
export const partialText = (shape: TensorShape): string => (shape.dims === null ? '<unknown>' : shape.toCpp());

const empty = (shape: readonly number[] | null = null): Element => ({
  value: null,
  shape,
  written: false,
  cleared: false,
});

export class TensorArrayHandle extends NdArray<'resource'> {
  elementShape: TensorShape;
  readonly dynamicSize: boolean;
  #elements: Element[];
  #sums = false;
  readonly #gradients = new Map<string, TensorArrayHandle>();

  constructor(readonly options: TensorArrayOptions) {
    super(resource, [], [] as never);
    this.elementShape = options.elementShape;
    this.dynamicSize = options.dynamicSize;
    this.#elements = Array.from({ length: options.size }, () => empty());
  }

  override get size(): number {
    return 1;
  }

  /** How many elements it has. */
  get length(): number {
    return this.#elements.length;
  }

  override copy(): this {
    return this;
  }

  get elementType(): DType {
    return this.options.elementType;
  }

  get #name(): string {
    return `TensorArray ${this.options.name}`;
  }

  /** Sets an element; InvalidArgumentError when it lies outside, was set before, or has another shape. */
  write(index: number, value: NdArray): void {
    if (index < 0)
      throw new InvalidArgumentError(`${this.#name}: Tried to write to index ${index} but index must be >= 0`);
    if (index >= this.#elements.length) {
      if (!this.dynamicSize)
        throw new InvalidArgumentError(
          `${this.#name}: Tried to write to index ${index} but array is not resizeable and size is: ${this.length}`,
        );
      while (this.#elements.length <= index) this.#elements.push(empty());
    }
    const shape = new TensorShape([...value.shape]);
    if (!this.elementShape.isCompatibleWith(shape))
      throw new InvalidArgumentError(
        `${this.#name}: Could not write to TensorArray index ${index} because the value shape is [${value.shape.join(',')}] which is incompatible with the TensorArray's inferred element shape: ${partialText(this.elementShape)} (consider setting infer_shape=False).`,
      );
    if (this.options.identicalShapes) this.elementShape = this.elementShape.mergeWith(shape);
    const element = this.#elements[index];
    if (element.cleared)
      throw new InvalidArgumentError(
        `${this.#name}: Could not write to TensorArray index ${index} because it has already been read.`,
      );
    if (!element.written) element.value = value;
    else if (this.#sums) element.value = this.#add(index, element.value!, value);
    else
      throw new InvalidArgumentError(
        `${this.#name}: Could not write to TensorArray index ${index} because it has already been written to.`,
      );
    element.written = true;
    element.shape = value.shape;
  }

  #add(index: number, sum: NdArray, value: NdArray): NdArray {
    if (sum.shape.join() !== value.shape.join())
      throw new InvalidArgumentError(
        `${this.#name}: Could not aggregate to TensorArray index ${index} because the existing shape is [${sum.shape.join(',')}] but the new input shape is [${value.shape.join(',')}].`,
      );
    const out = allocate(sum.dtype, sum.data.length) as Float64Array;
    const [a, b] = [sum.data as Float64Array, value.data as Float64Array];
    for (let i = 0; i < out.length; i++) out[i] = a[i] + b[i];
    return new NdArray(sum.dtype, sum.shape, out as typeof sum.data);
  }

  /** An element, which is then given up if the array was made so; one that was never written is zeros. */
  read(index: number): NdArray {
    if (index < 0 || index >= this.length)
      throw new InvalidArgumentError(`Tried to read from index ${index} but array size is: ${this.length}`);
    const element = this.#elements[index];
    if (element.cleared)
      throw new InvalidArgumentError(
        `${this.#name}: Could not read index ${index} twice because it was cleared after a previous read (perhaps try setting clear_after_read = false?).`,
      );
    const value = element.value ?? NdArray.zeros(this.elementType, this.#zeroShape(index, element));
    if (this.options.clearAfterRead) {
      element.value = null;
      element.cleared = true;
    } else if (!element.written) {
      element.value = value;
      element.written = true;
    }
    return value;
  }

  #zeroShape(index: number, element: Element): readonly number[] {
    if (element.shape) return element.shape;
    if (this.elementShape.isFullyDefined()) return this.elementShape.asNumbers();
    throw new InvalidArgumentError(
      `${this.#name}: Could not read from TensorArray index ${index}.  Furthermore, the element shape is not fully defined: ${partialText(this.elementShape)}.  It is possible you are working with a resizeable TensorArray and stop_gradients is not allowing the gradients to be written.  If you set the full element_shape property on the forward TensorArray, the proper all-zeros tensor will be returned instead of incurring this error.`,
    );
  }

  /** The array of gradients of that source, made when it is first asked for. Its elements have shapes like those here. */
  gradient(source: string, prepended: readonly number[]): TensorArrayHandle {
    if (this.#sums)
      throw new InvalidArgumentError(`Wrong input container. _tensor_array_grads${this.options.name}@${source}`);
    let found = this.#gradients.get(source);
    if (found) return found;
    // Its size is final now: gradients of elements that are written later would be lost.
    found = new TensorArrayHandle({
      ...this.options,
      name: `${this.options.name}@${source}`,
      elementShape:
        this.elementShape.dims === null ? unknownShape : new TensorShape([...prepended, ...this.elementShape.dims]),
      size: this.length,
      dynamicSize: false,
      clearAfterRead: false,
      identicalShapes: this.options.identicalShapes,
    });
    found.#sums = true;
    found.#elements = this.#elements.map(({ shape }) => empty(shape && [...prepended, ...shape]));
    this.#gradients.set(source, found);
    return found;
  }

  close(): void {
    this.#elements = this.#elements.map(() => empty());
  }
}
