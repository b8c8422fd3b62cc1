/**
 * Operations as NodeDefs: attributes by sorted name, inputs in their order, control inputs sorted behind them.
 *
 * TensorFlow sorts control inputs by the bytes of their names, so that equal graphs are written equal; so does this.
 */
import type { AttrValue } from '../attributes';
import type { DType } from '../dtypes';
import type { Operation } from '../operation';
import { inputName } from '../print';
import type { Tensor } from '../tensor';
import { attrsToProto } from './attrProto';
import type { NodeDef } from './protos/generated/node_def_pb';

const utf8 = new TextEncoder();

/** Compares by code points, as comparing the bytes of UTF-8 does. */
export function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  const [x, y] = [utf8.encode(a), utf8.encode(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i] - y[i];
  return x.length - y.length;
}

/** How names are written: those of a graph, or within a function. */
export interface Naming {
  readonly node: (op: Operation) => string;
  readonly input: (tensor: Tensor) => string;
}

/** The names of nodes in a graph: `a`, `a:1`. */
export const graphNaming: Naming = { node: (op) => op.name, input: inputName };

export interface NodeOptions {
  /** Writes the static shapes of the outputs as the attribute `_output_shapes`. */
  readonly addShapes?: boolean;
}

const NO_CONTROLS: readonly string[] = [];

function controlsOf({ controlInputs }: Operation, naming: Naming): readonly string[] {
  if (controlInputs.length === 0) return NO_CONTROLS;
  return [...new Set(controlInputs.map(naming.node))].sort(compareBytes).map((name) => `^${name}`);
}

/** The definition of one node. */
export function nodeToProto(op: Operation, naming: Naming, { addShapes = false }: NodeOptions = {}): NodeDef {
  const controls = controlsOf(op, naming);
  const shapes: readonly AttrValue[] = op.outputs.map(({ shape }) => shape);
  const attrs = addShapes && shapes.length > 0 ? { ...op.attrs, _output_shapes: shapes } : op.attrs;
  return {
    $typeName: 'tensorflow.NodeDef',
    name: naming.node(op),
    op: op.type,
    input: [...op.inputs.map(naming.input), ...controls],
    device: op.device,
    attr: attrsToProto(attrs, op.def),
  };
}

/** How many outputs an argument of an op's signature has. */
export function outputCount(
  arg: { readonly numberAttr: string | null; readonly typeListAttr: string | null },
  op: Operation,
): number {
  if (arg.typeListAttr) return (op.attrs[arg.typeListAttr] as readonly DType[]).length;
  return arg.numberAttr ? Number(op.attrs[arg.numberAttr]) : 1;
}
