/**
 * From a requested operation to the parts of a legal node: attributes completed and checked, dtypes of the outputs,
 * static shapes. Pure: the graph changes only after all of this went well.
 */
import { type Attrs, type AttrValue, FunctionReference } from './attributes';
import { DType } from './dtypes';
import { type ErrorOp, GraphTypeError, NotImplementedError, repr, ValueError } from './errors';
import type { Graph } from './graph';
import { NdArray } from './ndarray';
import type { ArgDef, AttrDef, OpDef } from './opDef';
import { type NodeLike, summarizeNode } from './print';
import { findOp, type RegisteredOp, registeredOps } from './registry';
import { TensorShape } from './shape';
import { ShapeContext, ShapeError } from './shapeContext';
import { type Site, userFrames } from './site';
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

/** Whether all inputs are tensors of that graph, as they mostly are. */
export function areTensorsOf(graph: Graph, inputs: readonly unknown[]): boolean {
  for (const input of inputs) if (!(input instanceof Tensor) || input.graph !== graph) return false;
  return true;
}

/** How many of the given inputs each input argument takes. */
export function inputCounts(def: OpDef, attrs: Attrs, total: number): number[] {
  const counts = def.inputs.map((arg) => {
    if (arg.numberAttr) return attrs[arg.numberAttr] === undefined ? null : Number(attrs[arg.numberAttr]);
    if (arg.typeListAttr)
      return attrs[arg.typeListAttr] === undefined ? null : (attrs[arg.typeListAttr] as readonly DType[]).length;
    return 1;
  });
  // The length of one list, or of lists that are equally long, may be inferred from what is left over.
  const open = counts.indexOf(null);
  if (open < 0) return counts as number[];
  const length = def.inputs[open].numberAttr;
  const alike = counts.map(
    (count, i) => count === null && (i === open || (length !== null && def.inputs[i].numberAttr === length)),
  );
  const left = total - counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  const each = Math.floor(left / alike.filter(Boolean).length);
  return counts.map((count, i) => count ?? (alike[i] ? each : 0));
}

/** Attributes of a new op, and the dtypes of its outputs. */
export interface Completed {
  readonly attrs: Attrs;
  readonly outputTypes: readonly DType[];
}

/** A completion that was made before: its inputs' dtypes and the attributes given, in order. */
interface Known extends Completed {
  readonly inputTypes: readonly DType[];
  readonly given: readonly (readonly [name: string, value: AttrValue])[];
}

/** Most ops of a graph repeat a few signatures; theirs are completed and checked once, and share one object. */
const known = new Map<OpDef, Known[]>();

/** How many signatures of one op are remembered. */
const REMEMBERED = 8;

const NOTHING_GIVEN: Attrs = {};

/** Attributes given, inferred from the inputs' dtypes, or defaulted, and what follows from them; errors as `completeAttrs`. */
export function complete(op: RegisteredOp, inputs: readonly Tensor[], given: Attrs = NOTHING_GIVEN): Completed {
  const signatures = known.get(op.def);
  if (signatures) for (const signature of signatures) if (matches(signature, inputs, given)) return signature;
  const attrs = completeAttrs(op.def, inputs, given);
  op.check?.(attrs);
  const outputTypes = outputTypesOf(op.def, attrs);
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  // Constants and the like hardly repeat.
  if (entries.length > 3 || entries.some(([, value]) => typeof value === 'object' && !(value instanceof DType)))
    return { attrs, outputTypes };
  const signature = {
    attrs: Object.freeze(attrs),
    outputTypes,
    inputTypes: inputs.map((tensor) => tensor.dtype),
    given: entries,
  };
  if (!signatures) known.set(op.def, [signature]);
  else {
    if (signatures.length === REMEMBERED) signatures.pop();
    signatures.unshift(signature);
  }
  return signature;
}

function matches({ inputTypes, given: entries }: Known, inputs: readonly Tensor[], given: Attrs): boolean {
  if (inputTypes.length !== inputs.length) return false;
  for (let i = 0; i < inputs.length; i++) if (inputs[i].dtype !== inputTypes[i]) return false;
  let count = 0;
  for (const name in given) if (given[name] !== undefined) count++;
  if (count !== entries.length) return false;
  for (const [name, value] of entries) if (!Object.is(given[name], value)) return false;
  return true;
}

/** Attributes given, inferred from the inputs' dtypes, or defaulted; TypeError where they contradict the signature. */
export function completeAttrs(def: OpDef, inputs: readonly Tensor[], given: Attrs): Attrs {
  const attrs: Record<string, AttrValue> = {};
  for (const name in given) if (given[name] !== undefined) attrs[name] = given[name];
  const counts = inputCounts(def, attrs, inputs.length);
  const expected = counts.reduce((sum, count) => sum + count, 0);
  if (expected !== inputs.length)
    throw new GraphTypeError(`${def.name}: expected ${expected} inputs, got ${inputs.length}`);
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
      throw new GraphTypeError(
        `Input '${arg.name}' of '${def.name}' Op has type ${tensor.dtype.name} that does not match expected type of ${types[i]?.name}.`,
      );
    }
  });
}

function inferType(
  def: OpDef,
  arg: ArgDef,
  tensor: Tensor,
  attrs: Record<string, AttrValue>,
  source: Map<string, ArgDef>,
): void {
  if (arg.dtype) {
    if (tensor.dtype === arg.dtype) return;
    throw new GraphTypeError(
      `Input '${arg.name}' of '${def.name}' Op has type ${tensor.dtype.name} that does not match expected type of ${arg.dtype.name}.`,
    );
  }
  const name = arg.typeAttr!;
  const known = attrs[name] as DType | undefined;
  if (known === undefined) {
    attrs[name] = tensor.dtype;
    source.set(name, arg);
  } else if (known !== tensor.dtype) {
    const first = source.get(name);
    const rest = first
      ? `that does not match type ${known.name} of argument '${first.name}'.`
      : `that does not match expected type of ${known.name}.`;
    throw new GraphTypeError(`Input '${arg.name}' of '${def.name}' Op has type ${tensor.dtype.name} ${rest}`);
  }
}

function checkAttr(def: OpDef, attr: AttrDef, value: AttrValue | undefined, argument: ArgDef | undefined): void {
  if (value === undefined) throw new GraphTypeError(`No argument found for attr ${attr.name} for ${def.name}`);
  if (attr.isList && !Array.isArray(value))
    throw new GraphTypeError(`Expected a list for attr '${attr.name}' of ${def.name}, got ${String(value)}`);
  if (attr.minimum !== null) checkMinimum(def, attr, value);
  if (attr.allowedTypes) {
    for (const dtype of (attr.isList ? value : [value]) as DType[]) {
      if (attr.allowedTypes.includes(dtype)) continue;
      if (!(dtype instanceof DType))
        throw new GraphTypeError(`Expected DataType for argument '${attr.name}' not ${repr(dtype)}.`);
      const allowed = attr.allowedTypes.map((type) => type.name).join(', ');
      throw new GraphTypeError(
        `Value passed to parameter '${argument?.name ?? attr.name}' has DataType ${dtype.name} not in list of allowed values: ${allowed}`,
      );
    }
  }
  if (attr.allowedStrings && !attr.allowedStrings.includes(value as string)) {
    const allowed = attr.allowedStrings.map((text) => `"${text}"`).join(', ');
    throw new ValueError(
      `Value for attr '${attr.name}' of "${String(value)}" is not in the list of allowed values: ${allowed}${didYouMean(String(value), attr.allowedStrings)}`,
    );
  }
  if (!attr.allowedTypes) checkKind(def, attr, value);
}

function checkMinimum(def: OpDef, attr: AttrDef, value: AttrValue): void {
  const size = attr.isList ? (value as readonly AttrValue[]).length : Number(value);
  if (size >= attr.minimum!) return;
  const what = attr.isList ? 'list argument' : 'argument';
  throw new ValueError(
    `Attr '${attr.name}' of '${def.name}' Op passed ${what} ${size} less than minimum ${attr.minimum}.`,
  );
}

function isOfKind(kind: AttrDef['kind'], value: AttrValue): boolean {
  switch (kind) {
    case 'type':
      return value instanceof DType;
    case 'bool':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'bigint' || Number.isInteger(value);
    case 'float':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string' || value instanceof Uint8Array;
    case 'shape':
      return value instanceof TensorShape;
    case 'tensor':
      return value instanceof NdArray;
    case 'func':
      return value instanceof FunctionReference;
  }
}

function checkKind(def: OpDef, attr: AttrDef, value: AttrValue): void {
  for (const item of attr.isList ? (value as readonly AttrValue[]) : [value]) {
    if (!isOfKind(attr.kind, item))
      throw new GraphTypeError(`Expected ${attr.kind} for argument '${attr.name}' of ${def.name} not ${repr(item)}.`);
  }
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
  site: Site | null,
): Inferred {
  const context = new ShapeContext(node.inputs, node.attrs, outputTypes);
  try {
    return { shapes: op.shape(context), handles: context.outputHandleData };
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const where: ErrorOp = {
      name: node.name,
      type: node.type,
      device: node.device,
      creationSite: userFrames(site)[0] ?? null,
    };
    throw new ValueError(
      `${error.message} for '${summarizeNode(node)}' with input shapes: ${inputText(context)}.`,
      where,
    );
  }
}

/** Static shapes of the outputs, and what each of them refers to. */
export interface Inferred {
  readonly shapes: readonly TensorShape[];
  readonly handles: readonly (HandleData | null)[];
}

function inputText(context: ShapeContext): string {
  const shapes = context.inputs.map((tensor) => tensor.shape.toCpp()).join(', ');
  const list = (entries: Iterable<readonly [number, string]>) =>
    [...entries]
      .sort(([a], [b]) => a - b)
      .map(([i, text]) => `input[${i}] = ${text}`)
      .join(', ');
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
