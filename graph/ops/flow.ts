/**
 * Ops: control flow as graphs of TensorFlow v1 hold it. Switch sends its value one of two ways and a dead tensor the
 * other, Merge takes what arrives alive; Enter, NextIteration and Exit lead values into the frame of a loop, to its next
 * iteration and out.
 *
 * Nothing of ours builds these nodes (`cond` and `whileLoop` call functions): they come from files. How they run is
 * runtime/flow.
 */
import { applyOp, applyUnary } from '../applyOp';
import { raiseLoops } from '../controlFlow/raisedLoops';
import { constantIn } from '../convert';
import { getDefaultGraph } from '../defaultGraph';
import { int32 } from '../dtypes';
import { NdArray } from '../ndarray';
import type { Operation } from '../operation';
import { defineOps, type GradientRule, none, unsupported } from '../registry';
import { scalarShape, TensorShape, unknownShape } from '../shape';
import { noOutputs, type ShapeContext, sameShape } from '../shapeContext';
import type { Tensor } from '../tensor';

function passHandles(c: ShapeContext): void {
  c.outputTypes.forEach((_, i) => {
    c.outputHandleData[i] = c.handleData(0);
  });
}

function switchShape(c: ShapeContext): TensorShape[] {
  c.ranked(1, 0);
  passHandles(c);
  return [c.shape(0), c.shape(0)];
}

/** What all inputs have in common. */
function mergeShape(c: ShapeContext): TensorShape[] {
  const handle = c.handleData(0);
  if (c.inputs.every(({ handleData }) => handleData?.dtype === handle?.dtype)) c.outputHandleData[0] = handle;
  const shapes = c.inputs.map((_, i) => c.shape(i).dims);
  const [first] = shapes;
  if (first === null || shapes.some((dims) => dims?.length !== first.length)) return [unknownShape, scalarShape];
  return [new TensorShape(first.map((dim, k) => (shapes.every((dims) => dims![k] === dim) ? dim : null))), scalarShape];
}

/** Values that a loop changes may have another shape in its next iteration. */
function enterShape(c: ShapeContext): TensorShape[] {
  passHandles(c);
  return [c.attr<boolean>('is_constant') || c.handleData(0) ? c.shape(0) : unknownShape];
}

function unchanged(c: ShapeContext): TensorShape[] {
  passHandles(c);
  return [c.shape(0)];
}

/** The side of a Switch on which its value is alive while `pred` is `side`. */
function side(data: Tensor, pred: Tensor, taken: 0 | 1): Tensor {
  return applyOp('Switch', { data, pred }).outputs[taken];
}

/** The gradient goes back to the input that was taken. */
const mergeGradient: GradientRule = (op, grad) => {
  const graph = getDefaultGraph();
  return op.inputs.map((_, i) => {
    const index = constantIn(graph, NdArray.from(i, int32), 'Const');
    return side(grad, applyUnary('Equal', { x: op.outputs[1], y: index }), 1);
  });
};

/** Each way's gradient is alive where that way was taken; the other's zeros are cut off. */
function switchGradient(op: Operation, ifFalse: Tensor, ifTrue: Tensor): Tensor[] {
  const pred = op.inputs[1];
  return [applyOp('Merge', { inputs: [side(ifFalse, pred, 0), side(ifTrue, pred, 1)] }).outputs[0]];
}

const inLoop = unsupported('gradients of a loop are those of its Exits, seen from outside of it');

const loopAttrs = `T: type
  frame_name: string
  is_constant: bool = false
  parallel_iterations: int = 10`;

export const flowOps = defineOps({
  Switch: {
    signature: `(data: T, pred: bool) -> (output_false: T, output_true: T)
      T: type`,
    shape: switchShape,
    gradient: (op, ifFalse, ifTrue) => [...switchGradient(op, ifFalse, ifTrue), null],
  },
  RefSwitch: {
    signature: `(data: T&, pred: bool) -> (output_false: T&, output_true: T&)
      T: type`,
    shape: switchShape,
    gradient: (op, ifFalse, ifTrue) => [...switchGradient(op, ifFalse, ifTrue), null],
  },
  Merge: {
    signature: `(inputs: N * T) -> (output: T, value_index: int32)
      T: type
      N: int >= 1`,
    shape: mergeShape,
    gradient: mergeGradient,
  },
  RefMerge: {
    signature: `(inputs: N * T&) -> (output: T&, value_index: int32)
      T: type
      N: int >= 1`,
    shape: mergeShape,
    gradient: mergeGradient,
  },
  Enter: { signature: `(data: T) -> (output: T)\n${loopAttrs}`, shape: enterShape, gradient: inLoop },
  RefEnter: { signature: `(data: T&) -> (output: T&)\n${loopAttrs}`, shape: unchanged, gradient: inLoop },
  Exit: {
    signature: `(data: T) -> (output: T)
      T: type`,
    shape: unchanged,
    gradient: inLoop,
    substitutes: raiseLoops,
  },
  RefExit: {
    signature: `(data: T&) -> (output: T&)
      T: type`,
    shape: unchanged,
    gradient: inLoop,
  },
  NextIteration: {
    signature: `(data: T) -> (output: T)
      T: type`,
    shape: unchanged,
    gradient: inLoop,
  },
  RefNextIteration: {
    signature: `(data: T&) -> (output: T&)
      T: type`,
    shape: unchanged,
    gradient: inLoop,
  },
  LoopCond: {
    signature: '(input: bool) -> (output: bool)',
    shape: (c) => [c.ranked(0, 0)],
    gradient: none('a condition is no number'),
  },
  ControlTrigger: { signature: '() -> ()', shape: noOutputs, gradient: none('it has no outputs') },
  RefIdentity: {
    signature: `(input: T&) -> (output: T&)
      T: type`,
    shape: sameShape,
    gradient: (_op, grad) => [grad],
  },
  RefSelect: {
    signature: `(index: int32, inputs: N * T&) -> (output: T&)
      T: type
      N: int >= 1`,
    shape: (c) => {
      c.ranked(0, 0);
      const [first, ...rest] = c.inputs.slice(1).map((input) => input.shape);
      return [first.isFullyDefined() && rest.every((shape) => shape.equals(first)) ? first : unknownShape];
    },
    gradient: unsupported('a reference chosen by number has no gradient in TensorFlow either'),
  },
});
