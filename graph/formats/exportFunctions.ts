/**
 * Bodies of functions as FunctionDefs, with the names that TensorFlow gives: arguments and results are called after their
 * nodes, in lower case and without slashes, and nodes whose names those took get a number.
 *
 * Results are named first, then arguments, then nodes; a node's outputs are called `node:output:0`.
 */
import { create } from '@bufbuild/protobuf';
import type { Attrs, AttrValue } from '../attributes';
import { resource } from '../dtypes';
import type { FuncGraph } from '../funcGraph';
import type { Operation } from '../operation';
import type { TensorShape } from '../shape';
import type { Tensor } from '../tensor';
import { attrsToProto, attrToProto } from './attrProto';
import { type NodeOptions, nodeToProto, outputCount } from './exportNodes';
import {
  type FunctionDef,
  type FunctionDef_ArgAttrs,
  FunctionDef_ArgAttrsSchema,
  FunctionDefSchema,
} from './protos/generated/function_pb';
import { type OpDef_ArgDef, OpDef_ArgDefSchema, OpDefSchema } from './protos/generated/op_def_pb';
import { ResourceHandleProto_DtypeAndShapeSchema } from './protos/generated/resource_handle_pb';
import { shapeToProto } from './shapeProto';

/** What TensorFlow notes of functions built in graph mode, too. */
const DEFAULT_ATTRS: Attrs = { _construction_context: 'kEagerRuntime' };

/** Gives out names: `x`, `x_0`, `x_1`, …. */
class FunctionNames {
  readonly #counts = new Map<string, number>();
  readonly #nodes = new Map<Operation, string>();

  unique(name: string): string {
    if (!this.#counts.has(name)) {
      this.#counts.set(name, 0);
      return name;
    }
    for (;;) {
      const count = this.#counts.get(name)!;
      this.#counts.set(name, count + 1);
      const candidate = `${name}_${count}`;
      if (this.#counts.has(candidate)) continue;
      this.#counts.set(candidate, 0);
      return candidate;
    }
  }

  /** A name for an argument or a result. */
  argument(name: string): string {
    return this.unique(argumentName(name));
  }

  setNode(op: Operation, name: string): void {
    this.#nodes.set(op, name);
  }

  node(op: Operation): string {
    return this.#nodes.get(op) ?? op.name;
  }
}

/** `mul_readvariableop` for `mul/ReadVariableOp`; names start with a letter. */
function argumentName(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9]/g, '_').toLowerCase();
  const first = plain.search(/[a-z]/);
  return first < 0 ? 'unknown' : plain.slice(first);
}

/** What a file says beside an argument: the private attributes of its placeholder, and its shape. */
function argAttrs({ attrs }: Operation, isResource: boolean): FunctionDef_ArgAttrs | null {
  const kept: Record<string, AttrValue> = {};
  for (const [name, value] of Object.entries(attrs))
    if (name.startsWith('_') && name !== '_resource_arg_unique_id') kept[name] = value;
  if (attrs.shape !== undefined && !isResource) kept._output_shapes = [attrs.shape];
  return Object.keys(kept).length === 0
    ? null
    : create(FunctionDef_ArgAttrsSchema, { attr: attrsToProto(kept, undefined) });
}

function argToProto(name: string, { dtype, handleData }: Tensor, withHandle: boolean): OpDef_ArgDef {
  const handle =
    withHandle && dtype === resource && handleData
      ? [
          create(ResourceHandleProto_DtypeAndShapeSchema, {
            dtype: handleData.dtype.asDatatypeEnum,
            shape: shapeToProto(handleData.shape),
          }),
        ]
      : [];
  return create(OpDef_ArgDefSchema, { name, type: dtype.asDatatypeEnum, handleData: handle });
}

/** The definition of a function. With `addShapes`, static shapes of arguments and nodes too. */
export function functionToProto(func: FuncGraph, options: NodeOptions = {}): FunctionDef {
  const addShapes = options.addShapes ?? false;
  const names = new FunctionNames();
  const { declared } = func;
  const results = func.outputs.map(({ op }, i) => {
    const given = declared?.outputNames[i];
    return given === undefined ? names.argument(op.name) : names.unique(given);
  });
  const args = new Map<Tensor, string>();
  for (const input of func.inputs) {
    const name = names.argument(input.op.name);
    names.setNode(input.op, name);
    args.set(input, name);
  }
  const argOps = new Set(func.inputs.map(({ op }) => op));
  const body = func.operations.filter((op) => !argOps.has(op));
  for (const op of body) names.setNode(op, names.unique(op.name));
  const nameOf = (tensor: Tensor): string => args.get(tensor) ?? outputName(tensor, names.node(tensor.op));
  const naming = { node: (op: Operation) => names.node(op), input: nameOf };
  const controls = func.controlOutputs.map((op, i) => [declared?.controlOutputNames[i] ?? op.name, names.node(op)]);
  const proto = create(FunctionDefSchema, {
    signature: create(OpDefSchema, {
      name: func.name,
      inputArg: func.inputs.map((input) => argToProto(args.get(input)!, input, addShapes)),
      outputArg: func.outputs.map((output, i) => argToProto(results[i], output, addShapes)),
      controlOutput: controls.map(([name]) => name),
      isStateful: body.some(({ def }) => def.isStateful),
    }),
    attr: attrsToProto(declared?.attrs ?? DEFAULT_ATTRS, undefined),
    nodeDef: body.map((op) => nodeToProto(op, naming, options)),
    ret: Object.fromEntries(func.outputs.map((output, i) => [results[i], nameOf(output)])),
    controlRet: Object.fromEntries(controls),
  });
  func.inputs.forEach((input, i) => {
    const attrs = argAttrs(input.op, input.dtype === resource);
    if (attrs) proto.argAttr[i] = attrs;
    const id = input.op.attrs._resource_arg_unique_id;
    if (typeof id === 'bigint' || typeof id === 'number') proto.resourceArgUniqueId[i] = Number(id);
  });
  if (addShapes && func.inputs.length > 0 && !('_input_shapes' in proto.attr)) {
    const shapes: readonly TensorShape[] = func.inputs.map(({ shape }) => shape);
    proto.attr._input_shapes = attrToProto(shapes, 'shape');
  }
  return proto;
}

/** `node:output:0` for an output of a node of that name. */
function outputName({ op, index }: Tensor, node: string): string {
  let first = 0;
  for (const arg of op.def.outputs) {
    const count = outputCount(arg, op);
    if (index < first + count) return `${node}:${arg.name}:${index - first}`;
    first += count;
  }
  throw new Error(`${op.name}:${index} is no output of its op`);
}
