/**
 * Ops: functional control flow, and optional values, by which branches hand intermediate values to their gradients.
 *
 * The public functions are in graph/controlFlow.
 */
import { applyOp, applyUnary } from '../applyOp';
import type { Attrs } from '../attributes';
import { branchGradient } from '../controlFlow/branchGradients';
import { whileGradient } from '../controlFlow/whileGradients';
import { GraphTypeError } from '../errors';
import { defineOps, none } from '../registry';
import { scalarShape, type TensorShape } from '../shape';
import type { ShapeContext } from '../shapeContext';

/** The shapes that the maker of the op declared. */
function declaredShapes(c: ShapeContext): readonly TensorShape[] {
  const shapes = c.attr<readonly TensorShape[]>('output_shapes');
  return shapes.length === c.outputTypes.length ? shapes : c.unknown();
}

function loopShapes(c: ShapeContext): readonly TensorShape[] {
  const shapes = declaredShapes(c);
  c.inputs.forEach((input, i) => {
    c.outputHandleData[i] = input.handleData;
  });
  return shapes;
}

function checkLoop(attrs: Attrs): void {
  if (Number(attrs.parallel_iterations) < 1)
    throw new GraphTypeError("'parallel_iterations' must be a positive integer.");
}

const ifSignature = `(cond: Tcond, input: Tin) -> (output: Tout)
  Tcond: type
  Tin: list(type) >= 0
  Tout: list(type) >= 0
  then_branch: func
  else_branch: func
  output_shapes: list(shape) = []`;

const caseSignature = `(branch_index: int32, input: Tin) -> (output: Tout)
  Tin: list(type) >= 0
  Tout: list(type) >= 0
  branches: list(func) >= 1
  output_shapes: list(shape) = []`;

const whileSignature = `(input: T) -> (output: T)
  T: list(type) >= 0
  cond: func
  body: func
  output_shapes: list(shape) = []
  parallel_iterations: int = 10`;

export const controlOps = defineOps({
  If: {
    signature: ifSignature,
    shape: declaredShapes,
    gradient: branchGradient,
    sparseGradients: true,
    stateful: true,
  },
  StatelessIf: { signature: ifSignature, shape: declaredShapes, gradient: branchGradient, sparseGradients: true },
  Case: {
    signature: caseSignature,
    shape: declaredShapes,
    gradient: branchGradient,
    sparseGradients: true,
    stateful: true,
  },
  StatelessCase: { signature: caseSignature, shape: declaredShapes, gradient: branchGradient, sparseGradients: true },
  While: { signature: whileSignature, shape: loopShapes, gradient: whileGradient, stateful: true, check: checkLoop },
  StatelessWhile: { signature: whileSignature, shape: loopShapes, gradient: whileGradient, check: checkLoop },
  OptionalFromValue: {
    signature: `(components: Toutput_types) -> (optional: variant)
      Toutput_types: list(type) >= 1`,
    shape: (c) => {
      const [first, ...rest] = c.inputs;
      if (rest.every((input) => input.dtype === first.dtype))
        c.outputHandleData[0] = { dtype: first.dtype, shape: first.shape };
      return [scalarShape];
    },
    gradient: (op, grad) =>
      applyOp('OptionalGetValue', {
        optional: grad,
        output_types: op.inputs.map((input) => input.dtype),
        output_shapes: op.inputs.map((input) => input.shape),
      }).outputs,
  },
  OptionalNone: {
    signature: '() -> (optional: variant)',
    shape: () => [scalarShape],
    gradient: none('it holds no value'),
  },
  OptionalGetValue: {
    signature: `(optional: variant) -> (components: output_types)
      output_types: list(type) >= 1
      output_shapes: list(shape) >= 1`,
    shape: (c) => c.attr<readonly TensorShape[]>('output_shapes'),
    gradient: (_op, ...grads) => [applyUnary('OptionalFromValue', { components: grads })],
  },
  OptionalHasValue: {
    signature: '(optional: variant) -> (has_value: bool)',
    shape: () => [scalarShape],
    gradient: none('a truth value does not change'),
  },
});
