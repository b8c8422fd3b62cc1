/**
 * Ops: Einstein sums of one or two tensors. What users call, with any number of them, is in lib/math/einsum.ts.
 */
import { applyOp, applyUnary } from '../applyOp';
import { convertToTensor } from '../convert';
import { int32 } from '../dtypes';
import type { Operation } from '../operation';
import { defineOps, type Gradient } from '../registry';
import { type Dimension, scalarShape, TensorShape, unknownShape } from '../shape';
import type { ShapeContext } from '../shapeContext';
import type { Tensor } from '../tensor';
import { reshape } from './array';
import { sliceAt } from './brackets';
import { broadcastTo } from './broadcast';
import { ELLIPSIS, parseEinsumEquation } from './einsumEquation';
import { concat, stack } from './joining';
import { reducedShape, reduceSum } from './reduce';
import { shape } from './shapes';
import { ones } from './source';

export const einsumOps = defineOps({
  Einsum: {
    signature: `(inputs: N * T) -> (output: T)
      equation: string
      N: int >= 1
      T: type`,
    shape: (c) => [einsumShape(c)],
    gradient: (op, grad) => einsumGradients(op, grad),
  },
});

function einsumShape(c: ShapeContext): TensorShape {
  const equation = c.attr<string>('equation');
  const { inputs, output } = parseEinsumEquation(equation, (message) => c.fail(message));
  if (inputs.length !== c.inputs.length)
    c.fail(`Expected ${inputs.length} inputs for equation ${equation} but got: ${c.inputs.length}`);
  const dims = new Map<string, Dimension>();
  const broadcasts = inputs.map((labels, i) => readLabels(c, i, labels, dims));
  const broadcast = broadcasts.length === 1 ? broadcasts[0] : c.broadcast(broadcasts[0], broadcasts[1]);
  if (output.includes(ELLIPSIS)) {
    if (broadcast.dims === null) return unknownShape;
  } else if (broadcast.dims !== null && broadcast.dims.length > 0) {
    c.fail(
      `Shape must be at most rank 0 but is rank ${broadcast.dims.length}\n\t for einsum equation '${equation}' without ellipsis (...) ` +
        'in the output subscripts where input(s) have non-empty broadcasting shape',
    );
  }
  return new TensorShape(output.flatMap((label) => (label === ELLIPSIS ? broadcast.dims! : [dims.get(label) ?? null])));
}

/** Merges the dimensions of one input into those of its labels; the dimensions that its ellipsis stands for. */
function readLabels(
  c: ShapeContext,
  index: number,
  labels: readonly string[],
  dims: Map<string, Dimension>,
): TensorShape {
  const given = c.shape(index);
  const at = labels.indexOf(ELLIPSIS);
  const named = at < 0 ? labels.length : labels.length - 1;
  if (given.dims === null) {
    for (const label of labels) if (label !== ELLIPSIS && !dims.has(label)) dims.set(label, null);
    return at < 0 ? scalarShape : unknownShape;
  }
  const extra = given.dims.length - named;
  if (at < 0 ? extra !== 0 : extra < 0) {
    const wanted = at < 0 ? `rank ${named}` : `at least rank ${named}`;
    c.fail(
      `Shape must be ${wanted} but is rank ${given.dims.length}\n\t for ${index}th input and equation: ${c.attr('equation')}`,
    );
  }
  labels.forEach((label, i) => {
    if (label === ELLIPSIS) return;
    const dim = given.dims![at >= 0 && i > at ? i + extra - 1 : i];
    dims.set(label, c.mergeDims(dims.get(label) ?? null, dim));
  });
  return at < 0 ? scalarShape : given.slice(at, at + extra);
}

const einsumOp = (inputs: readonly Tensor[], equation: string): Tensor => applyUnary('Einsum', { inputs, equation });

/**
 * The gradient with respect to an operand is again an Einstein sum: of the output's gradient with the other operand.
 * Labels that only that operand has were summed; there the gradient is repeated.
 */
function einsumGradients(op: Operation, grad: Tensor): readonly Gradient[] {
  const [left, output] = (op.attrs.equation as string).split('->');
  if (op.inputs.length === 1) {
    const inputShape = shape(op.inputs[0]);
    const reduced = onlyIn(left, output);
    return [
      reduced === '' ? einsumOp([grad], `${output}->${left}`) : repeatReduced(grad, output, left, inputShape, reduced),
    ];
  }
  const [x, y] = op.inputs;
  const isBroadcast = output.includes(ELLIPSIS);
  // An ellipsis that stands for nothing in one operand still may not appear in an output alone.
  const [subsX, subsY] = left
    .split(',')
    .map((subs) => (isBroadcast && !subs.includes(ELLIPSIS) ? subs + ELLIPSIS : subs));
  const [shapeX, shapeY] = [shape(x), shape(y)];
  const gradX = gradientOf(grad, y, shapeX, subsX, subsY, output);
  const gradY = gradientOf(grad, x, shapeY, subsY, subsX, output);
  if (!isBroadcast) return [gradX, gradY];
  const [rangeX, rangeY] = [broadcastRange(subsX), broadcastRange(subsY)];
  const sameBatch = x.shape.slice(...rangeX).equals(y.shape.slice(...rangeY));
  if (x.shape.isFullyDefined() && y.shape.isFullyDefined() && sameBatch) return [gradX, gradY];
  const s0 = sliceAt(shapeX, [[rangeX[0], rangeX[1]]]);
  const s1 = sliceAt(shapeY, [[rangeY[0], rangeY[1]]]);
  const [axesX, axesY] = applyOp('BroadcastGradientArgs', { s0, s1 }).outputs;
  return [unbroadcast(gradX, rangeX[0], axesX, shapeX), unbroadcast(gradY, rangeY[0], axesY, shapeY)];
}

function unbroadcast(grad: Tensor, start: number, axes: Tensor, target: Tensor): Tensor {
  const shifted = applyUnary('AddV2', { x: start, y: axes }, 'add');
  return reshape(reduceSum(grad, shifted), target);
}

/** The letters of `subs` that `others` lacks, each once. */
function onlyIn(subs: string, others: string): string {
  return [...new Set(subs)].filter((label) => !others.includes(label) && label !== '.').join('');
}

/** The axes that the ellipsis of `subs` stands for: from the first up to the other, which counts from the end. */
function broadcastRange(subs: string): [number, number?] {
  const start = subs.indexOf(ELLIPSIS);
  if (start < 0) return [0, 0];
  const after = subs.length - start - ELLIPSIS.length;
  return after > 0 ? [start, -after] : [start];
}

function gradientOf(
  grad: Tensor,
  other: Tensor,
  inputShape: Tensor,
  subs: string,
  otherSubs: string,
  output: string,
): Tensor {
  const reduced = onlyIn(subs, output + otherSubs);
  const kept = [...subs].filter((label) => !reduced.includes(label)).join('');
  const gradient = einsumOp([grad, other], `${output},${otherSubs}->${kept}`);
  return reduced === '' ? gradient : repeatReduced(gradient, kept, subs, inputShape, reduced);
}

/** The gradient of a sum over the labels `reduced` of an input with subscript `subs`: that of its result, repeated. */
function repeatReduced(grad: Tensor, output: string, subs: string, inputShape: Tensor, reduced: string): Tensor {
  const axes = [...reduced].map((label) => axisOf(subs, label));
  const dims = stack(axes.map((axis) => sliceAt(inputShape, [axis])));
  const isRepeated = new Set(subs).size + new Set(output).size < subs.length + output.length;
  const kept = [...subs].filter((label) => !reduced.includes(label)).join('');
  if (!isRepeated && kept === output) {
    const oneAtReduced = reducedShape(inputShape, convertToTensor(Int32Array.from(axes)));
    return broadcastTo(reshape(grad, oneAtReduced), inputShape);
  }
  const whole = concat([dims, shape(grad)], 0);
  const oneInFront = concat([ones([reduced.length], int32), shape(grad)], 0);
  const repeated = broadcastTo(reshape(grad, oneInFront), whole);
  return einsumOp([repeated], `${reduced}${output}->${subs}`);
}

/** The first axis of a label; counted from the end where it stands behind an ellipsis. */
function axisOf(subs: string, label: string): number {
  const [before, after] = subs.split(ELLIPSIS);
  const at = before.indexOf(label);
  return at >= 0 ? at : after.indexOf(label) - after.length;
}
