/**
 * From a requested operation to the parts of a legal node: attributes completed and checked, dtypes of the outputs,
 * static shapes. Pure: the graph changes only after all of this went well.
 */
import type { Attrs, AttrValue } from './attributes';
import { DType } from './dtypes';
import { type ErrorOp, GraphTypeError, NotImplementedError, ValueError } from './errors';
import type { ArgDef, AttrDef, OpDef } from './opDef';
import type { NdArray } from './ndarray';
import { summarizeNode, type NodeLike } from './print';
import { findOp, type RegisteredOp, registeredOps } from './registry';
import { ShapeContext, ShapeError } from './shapeContext';
import type { TensorShape } from './shape';
import { didYouMean } from './suggest';
import { type HandleData, Tensor } from './tensor';

/** The registered op of that type; NotImplementedError names the type and the nearest known one. */
export function requireOp(type: string): RegisteredOp {
  const op = findOp(type);
  if (op) return op;
  throw new NotImplementedError(
    `Op type not registered '${type}'. sluice has no op of that type.${didYouMean(type, registeredOps().keys())} See docs/ops.md for the list of ops.`,
  );
}

/** How many of the given inputs each input argument takes. */
export function inputCounts(def: OpDef, attrs: Attrs, total: number): number[] {
  const counts = def.inputs.map((arg) => {
    if (arg.numberAttr) return attrs[arg.numberAttr] === undefined ? null : Number(attrs[arg.numberAttr]);
    if (arg.typeListAttr) return attrs[arg.typeListAttr] === undefined ? null : (attrs[arg.typeListAttr] as readonly DType[]).length;
    return 1;
  });
  // One list may have its length inferred from what is left over.
  const open = counts.indexOf(null);
  if (open >= 0) counts[open] = total - counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  return counts.map((count) => count ?? 0);
}

/** Attributes given, inferred from the inputs' dtypes, or defaulted; TypeError where they contradict the signature. */
export function completeAttrs(def: OpDef, inputs: readonly Tensor[], given: Attrs): Attrs {
  const attrs: Record<string, AttrValue> = {};
  for (const [name, value] of Object.entries(given)) if (value !== undefined) attrs[name] = value;
  const counts = inputCounts(def, attrs, inputs.length);
  const expected = counts.reduce((sum, count) => sum + count, 0);
  if (expected !== inputs.length) throw new GraphTypeError(`${def.name}: expected ${expected} inputs, got ${inputs.length}`);
  let next = 0;
  const source = new Map<string, ArgDef>();
  def.inputs.forEach((arg, i) => {
    const own = inputs.slice(next, next + counts[i]);
    next += counts[i];
    if (arg.numberAttr) attrs[arg.numberAttr] ??= own.length;
    if (arg.typeListAttr) {
      attrs[arg.typeListAttr] ??= own.map((tensor) => tensor.dtype);
      checkListTypes(def, arg, own, attrs[arg.typeListAttr] as readonly DType[]);
    } else own.forEach((tensor) => inferType(def, arg, tensor, attrs, source));
  });
  for (const attr of def.attrs) {
    attrs[attr.name] ??= attr.defaultValue as AttrValue;
    checkAttr(def, attr, attrs[attr.name], source.get(attr.name));
  }
  return attrs;
}

function checkListTypes(def: OpDef, arg: ArgDef, tensors: readonly Tensor[], types: readonly DType[]): void {
  tensors.forEach((tensor, i) => {
    if (tensor.dtype !== types[i]) {
      throw new GraphTypeError(`Input '${arg.name}' of '${def.name}' Op has type ${tensor.dtype.name} that does not match expected type of ${types[i]?.name}.`);
    }
  });
}

function inferType(def: OpDef, arg: ArgDef, tensor: Tensor, attrs: Record<string, AttrValue>, source: Map<string, ArgDef>): void {
  if (arg.dtype) {
    if (tensor.dtype === arg.dtype) return;
    throw new GraphTypeError(`Input '${arg.name}' of '${def.name}' Op has type ${tensor.dtype.name} that does not match expected type of ${arg.dtype.name}.`);
  }
  const name = arg.typeAttr!;
  const known = attrs[name] as DType | undefined;
  if (known === undefined) {
    attrs[name] = tensor.dtype;
    source.set(name, arg);
  } else if (known !== tensor.dtype) {
    const first = source.get(name);
    const rest = first ? `that does not match type ${known.name} of argument '${first.name}'.` : `that does not match expected type of ${known.name}.`;
    throw new GraphTypeError(`Input '${arg.name}' of '${def.name}' Op has type ${tensor.dtype.name} ${rest}`);
  }
}

function checkAttr(def: OpDef, attr: AttrDef, value: AttrValue | undefined, argument: ArgDef | undefined): void {
  if (value === undefined) throw new GraphTypeError(`No argument found for attr ${attr.name} for ${def.name}`);
  if (attr.isList && !Array.isArray(value)) throw new GraphTypeError(`Expected a list for attr '${attr.name}' of ${def.name}, got ${String(value)}`);
  if (attr.minimum !== null) checkMinimum(def, attr, value);
  if (attr.allowedTypes) {
    for (const dtype of (attr.isList ? value : [value]) as DType[]) {
      if (attr.allowedTypes.includes(dtype)) continue;
      const allowed = attr.allowedTypes.map((type) => type.name).join(', ');
      throw new GraphTypeError(`Value passed to parameter '${argument?.name ?? attr.name}' has DataType ${dtype.name} not in list of allowed values: ${allowed}`);
    }
  }
  if (attr.allowedStrings && !attr.allowedStrings.includes(value as string)) {
    const allowed = attr.allowedStrings.map((text) => `"${text}"`).join(', ');
    throw new ValueError(`Value for attr '${attr.name}' of "${String(value)}" is not in the list of allowed values: ${allowed}${didYouMean(String(value), attr.allowedStrings)}`);
  }
  if (!attr.isList && !attr.allowedTypes) checkKind(def, attr, value);
}

function checkMinimum(def: OpDef, attr: AttrDef, value: AttrValue): void {
  const size = attr.isList ? (value as readonly AttrValue[]).length : Number(value);
  if (size >= attr.minimum!) return;
  const what = attr.isList ? 'list argument' : 'argument';
  throw new ValueError(`Attr '${attr.name}' of '${def.name}' Op passed ${what} ${size} less than minimum ${attr.minimum}.`);
}

function checkKind(def: OpDef, attr: AttrDef, value: AttrValue): void {
  const ok = {
    type: () => value instanceof DType,
    bool: () => typeof value === 'boolean',
    int: () => (typeof value === 'number' && Number.isInteger(value)) || typeof value === 'bigint',
    float: () => typeof value === 'number',
    string: () => typeof value === 'string' || value instanceof Uint8Array,
    shape: () => true,
    tensor: () => true,
    func: () => true,
  }[attr.kind]();
  if (!ok) throw new GraphTypeError(`Expected ${attr.kind} for argument '${attr.name}' of ${def.name} not ${String(value)}.`);
}

/** The dtypes of the outputs, one for each output tensor. */
export function outputTypesOf(def: OpDef, attrs: Attrs): DType[] {
  return def.outputs.flatMap((arg) => {
    if (arg.typeListAttr) return [...(attrs[arg.typeListAttr] as readonly DType[])];
    const dtype = arg.dtype ?? (attrs[arg.typeAttr!] as DType);
    return arg.numberAttr ? new Array<DType>(Number(attrs[arg.numberAttr])).fill(dtype) : [dtype];
  });
}

/** Runs the shape rule; its complaint becomes TensorFlow's sentence with the node and all input shapes. */
export function inferShapes(
  op: RegisteredOp,
  node: NodeLike & { readonly inputs: readonly Tensor[] },
  outputTypes: readonly DType[],
  site: () => string | null,
): { shapes: readonly TensorShape[]; handles: readonly (HandleData | null)[] } {
  const context = new ShapeContext(node.inputs, node.attrs, outputTypes);
  try {
    return { shapes: op.shape(context), handles: context.outputHandleData };
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const where: ErrorOp = { name: node.name, type: node.type, device: node.device, creationSite: site() };
    throw new ValueError(`${error.message} for '${summarizeNode(node)}' with input shapes: ${inputText(context)}.`, where);
  }
}

function inputText(context: ShapeContext): string {
  const shapes = context.inputs.map((tensor) => tensor.shape.toCpp()).join(', ');
  const list = (entries: Iterable<readonly [number, string]>) => [...entries].map(([i, text]) => `input[${i}] = ${text}`).join(', ');
  const values = list([...context.valuesRead].map(([i, value]) => [i, `<${valueText(value)}>`] as const));
  const partial = list([...context.partialShapesRead].map(([i, shape]) => [i, shape.toCpp()] as const));
  return [
    shapes,
    values && ` and with computed input tensors: ${values}`,
    partial && ` and with input tensors computed as partial shapes: ${partial}`,
  ].join('');
}

function valueText(value: NdArray): string {
  const shown = Array.from({ length: Math.min(value.size, 3) }, (_, i) => String(value.flatAt(i)));
  return `${shown.join(' ')}${value.size > 3 ? '...' : ''}`;
}
