/**
 * The shapes that a plain kernel's outputs will have, where the op's shape rule can tell from concrete inputs.
 */
import type { Attrs } from '../../graph/attributes';
import { Graph } from '../../graph/graph';
import type { Operation } from '../../graph/operation';
import { findOp } from '../../graph/registry';
import { TensorShape } from '../../graph/shape';
import { ShapeContext } from '../../graph/shapeContext';
import type { Tensor } from '../../graph/tensor';
import type { Symbolic } from './symbols';

/** Inputs with more elements are not shown to shape rules as values. */
const MOST_SHOWN = 4096;

/** The shape of each output, null where it is not known; null when the rule cannot tell any. */
export function hostShapes(op: Operation, inputs: readonly Symbolic[]): readonly (readonly number[] | null)[] | null {
  if (op.outputs.length === 0) return [];
  const known = op.outputs.map(({ shape }) => (shape.isFullyDefined() ? shape.asNumbers() : null));
  // A static shape is a promise; what is not promised is asked for again, now that the inputs' shapes are known.
  if (!known.includes(null)) return known;
  const definition = findOp(op.type);
  if (!definition) return known;
  const graph = new Graph();
  const stand = (symbol: Symbolic, i: number): Tensor => {
    const { dtype } = op.inputs[i];
    if (symbol.kind === 'const' && symbol.array.size <= MOST_SHOWN && dtype.size > 0)
      return graph.createOp('Const', [], { attrs: { value: symbol.array, dtype } as Attrs }).output;
    const shape =
      symbol.kind === 'value'
        ? new TensorShape(symbol.value.shape)
        : symbol.kind === 'const' && dtype.size > 0
          ? new TensorShape(symbol.array.shape)
          : op.inputs[i].shape;
    const tensor = graph.createOp('Placeholder', [], { attrs: { dtype, shape } }).output;
    tensor.handleData = op.inputs[i].handleData;
    return tensor;
  };
  try {
    const types = op.outputs.map(({ dtype }) => dtype);
    const shapes = definition.shape(new ShapeContext(inputs.map(stand), op.attrs, types));
    return shapes.map((shape, i) => known[i] ?? (shape.isFullyDefined() ? shape.asNumbers() : null));
  } catch {
    // What the rule refuses, the kernel refuses when it runs.
    return known;
  }
}
