/**
 * The operators of tensors (`add`, `mul`, `less`, …) for objects that have a value: they read it first, then apply the
 * operator.
 */
import { operators, type TensorOperators } from '../../graph/ops/operators';
import type { Tensor } from '../../graph/tensor';

abstract class HasValue {
  abstract value(): Tensor;
}

type Operator = (...operands: unknown[]) => Tensor;

for (const name of Object.keys(operators)) {
  Object.defineProperty(HasValue.prototype, name, {
    value(this: HasValue, ...operands: unknown[]): Tensor {
      const value = this.value();
      return (value[name as keyof Tensor] as Operator).apply(value, operands);
    },
    writable: true,
    configurable: true,
  });
}

/** Base of Variable. */
export const WithOperators = HasValue as unknown as abstract new () => HasValue & TensorOperators;
