/**
 * Plain kernels: stacks of tensors of v1. A handle holds its stack; ops change the stack, in the order that their control
 * edges give.
 */
import { type DType, resource } from '../../graph/dtypes';
import { InvalidArgumentError } from '../../graph/errors';
import { NdArray } from '../../graph/ndarray';
import type { stacksOps } from '../../graph/ops/stacks';
import type { KernelTable } from '../kernel';

class StackHandle extends NdArray<'resource'> {
  #elements: NdArray[] | null = [];

  constructor(
    readonly name: string,
    readonly elementType: DType,
    /** Negative: no limit. */
    readonly most: number,
  ) {
    super(resource, [], [] as never);
  }

  override get size(): number {
    return 1;
  }

  get elements(): NdArray[] {
    if (this.#elements) return this.#elements;
    throw new InvalidArgumentError(`Stack[${this.name}] has already been closed.`);
  }

  close(): void {
    this.#elements = null;
  }
}

function stackOf(handle: NdArray): StackHandle {
  if (handle instanceof StackHandle) return handle;
  throw new InvalidArgumentError(`expected the handle of a stack, got a ${handle.dtype.name} tensor`);
}

export const stacksKernels: KernelTable<typeof stacksOps> = {
  StackV2: ([size], c) => {
    const most = size.data[0] as number;
    return new StackHandle(c.attr<string>('stack_name') || c.op.name, c.attr<DType>('elem_type'), most);
  },
  StackPushV2: ([handle, element]) => {
    const stack = stackOf(handle);
    if (element.dtype !== stack.elementType)
      throw new InvalidArgumentError(`Must have type ${stack.elementType.cppName} but got ${element.dtype.cppName}`);
    if (stack.most >= 0 && stack.elements.length >= stack.most)
      throw new InvalidArgumentError(`Stack[${stack.name}] overflowed its max_size (${stack.most})`);
    stack.elements.push(element);
    return element;
  },
  StackPopV2: ([handle], c) => {
    const stack = stackOf(handle);
    const element = stack.elements.pop();
    if (!element) throw new InvalidArgumentError(`Stack[${stack.name}] is empty when calling Pop().`);
    if (element.dtype !== c.outputTypes[0])
      throw new InvalidArgumentError(`Must have type ${stack.elementType.cppName} but got ${c.outputTypes[0].cppName}`);
    return element;
  },
  StackCloseV2: ([handle]) => {
    stackOf(handle).close();
    return [];
  },
};
