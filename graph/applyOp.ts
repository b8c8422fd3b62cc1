/**
 * Calling an op by its signature: arguments by name become input tensors and attributes, and one node is added.
 *
 * Every op function of graph/ops goes through `applyOp`; it converts plain values inside the op's own name scope, so
 * that `tf.add(x, 1)` makes the constant `Add/y`, as in TensorFlow.
 */
import type { AttrValue } from './attributes';
import { type ConvertOptions, convertToTensor, graphFromInputs, ownDType, type TensorLike } from './convert';
import { requireOp } from './createOp';
import { getDefaultGraph } from './defaultGraph';
import { type DType, float32, int32 } from './dtypes';
import { GraphTypeError, repr, typeWord, ValueError } from './errors';
import type { Graph } from './graph';
import { checkScopeName } from './names';
import type { ArgDef, AttrDef, OpDef } from './opDef';
import type { Operation } from './operation';
import { captureSite } from './site';
import { Tensor } from './tensor';

export type OpArguments = Readonly<Record<string, TensorLike | AttrValue | undefined>>;

/**
 * Adds one op of that type. `args` holds inputs and attributes under the names of the signature; undefined attributes
 * take their default. The graph is that of the inputs, else the default one. On any error the graph is unchanged.
 */
export function applyOp(type: string, args: OpArguments, name?: string | null, site = captureSite()): Operation {
  const { def } = requireOp(type);
  const requested = name || type;
  const ready = readyInputs(def, args);
  const graph = ready ? commonGraph(ready) : graphFromInputs(def.inputs.map((arg) => args[arg.name]));
  // What a function body captures for an op is named within that op's scope.
  if (ready && !(graph.isFunction && ready.some((tensor) => tensor.graph !== graph))) {
    // Op functions open a scope of that name, which has rules of its own.
    if (requested !== type) checkScopeName(requested, graph.currentScope === '');
    return graph.createOp(type, ready, { name: requested, attrs: givenAttrs(def, args), site });
  }
  return graph.transaction(() => {
    const scope = graph.enterNameScope(requested);
    try {
      const attrs = givenAttrs(def, args) ?? {};
      return graph.createOp(type, convertInputs(def, args, attrs, graph), { name: scope.value, attrs });
    } finally {
      scope.exit();
    }
  });
}

/** The only output of `applyOp`. */
export function applyUnary(type: string, args: OpArguments, name?: string | null): Tensor {
  // Taken here, where one function less is between this and the user's.
  return applyOp(type, args, name, captureSite()).output;
}

function givenAttrs(def: OpDef, args: OpArguments): Readonly<Record<string, AttrValue>> | undefined {
  let attrs: Record<string, AttrValue> | undefined;
  for (const { name } of def.attrs) {
    const value = args[name];
    if (value !== undefined) (attrs ??= {})[name] = value as AttrValue;
  }
  return attrs;
}

/** The inputs, if all of them are tensors already. */
function readyInputs(def: OpDef, args: OpArguments): Tensor[] | null {
  // The frequent cases first: lists that grow take room for more than they hold.
  const { inputs: signature } = def;
  if (signature.length === 1 || signature.length === 2) {
    const [a, b] = [signature[0], signature[signature.length - 1]];
    const [x, y] = [args[a.name], args[b.name]] as unknown[];
    const isPlain = !(a.numberAttr || a.typeListAttr || b.numberAttr || b.typeListAttr);
    if (isPlain && x instanceof Tensor && y instanceof Tensor) return signature.length === 1 ? [x] : [x, y];
  }
  const inputs: Tensor[] = [];
  for (const arg of signature) {
    const value = args[arg.name] as unknown;
    if (value instanceof Tensor && !arg.numberAttr && !arg.typeListAttr) inputs.push(value);
    else if (!(arg.numberAttr || arg.typeListAttr) || !Array.isArray(value)) return null;
    else {
      for (const item of value as unknown[]) {
        if (!(item instanceof Tensor)) return null;
        inputs.push(item);
      }
    }
  }
  return inputs;
}

/** As `graphFromInputs`, for tensors. */
function commonGraph(inputs: readonly Tensor[]): Graph {
  const current = getDefaultGraph();
  if (inputs.length === 0 || current.isFunction) return current;
  const { graph } = inputs[0];
  for (const input of inputs) if (input.graph !== graph) return graphFromInputs(inputs);
  return graph;
}

function convertInputs(
  def: OpDef,
  args: OpArguments,
  attrs: Readonly<Record<string, AttrValue>>,
  graph: Graph,
): Tensor[] {
  const types = new Map<string, DType>();
  for (const [name, value] of Object.entries(attrs))
    if (def.attrByName.get(name)?.kind === 'type') types.set(name, value as DType);
  // A plain value takes the dtype that a tensor beside it dictates, also when that tensor comes later.
  for (const arg of def.inputs) {
    const own = arg.typeAttr && !types.has(arg.typeAttr) ? ownDType(args[arg.name]) : undefined;
    if (own) types.set(arg.typeAttr!, own);
  }
  return def.inputs.flatMap((arg) => {
    const value = args[arg.name] as TensorLike | undefined;
    if (arg.numberAttr || arg.typeListAttr) return convertList(def, arg, value, types, attrs, graph);
    return [convertInput(def, arg, value, types, { graph, name: arg.name })];
  });
}

function convertInput(
  def: OpDef,
  arg: ArgDef,
  value: TensorLike | undefined,
  types: Map<string, DType>,
  options: ConvertOptions,
): Tensor {
  if (value === undefined || value === null) {
    throw new ValueError(`Tried to convert '${arg.name}' to a tensor and failed. Error: None values not supported.`);
  }
  const known = arg.dtype ?? (arg.typeAttr ? types.get(arg.typeAttr) : undefined);
  const isSymbolic = value instanceof Tensor;
  const fallback = arg.typeAttr ? preferredType(def.attrByName.get(arg.typeAttr)!) : undefined;
  const tensor = isSymbolic ? value : tryConvert(def, arg, value, known, fallback, options);
  if (arg.typeAttr && !types.has(arg.typeAttr)) types.set(arg.typeAttr, tensor.dtype);
  return tensor;
}

/**
 * What plain numbers become where nothing else decides. Where an attribute allows int32 but not floats, or has an
 * integer default, they are int32, as Python's ints are; else the attribute's default.
 */
function preferredType({ defaultValue, allowedTypes }: AttrDef): DType | undefined {
  const fallback = defaultValue as DType | undefined;
  if (!allowedTypes?.includes(int32)) return fallback;
  return fallback ? (fallback.isInteger ? int32 : fallback) : allowedTypes.includes(float32) ? undefined : int32;
}

/**
 * An empty list has no elements to tell its dtype by. TensorFlow makes it a float32 constant first, finds that the op does not take it,
 * and converts again: the first constant stays in the graph.
 */
function inferEmptyList(def: OpDef, arg: ArgDef, value: TensorLike, options: ConvertOptions): void {
  const allowed = def.attrByName.get(arg.typeAttr ?? '')?.allowedTypes;
  if (!Array.isArray(value) || value.length > 0 || !allowed || allowed.includes(float32)) return;
  convertToTensor(value, options);
}

function tryConvert(
  def: OpDef,
  arg: ArgDef,
  value: TensorLike,
  dtype: DType | undefined,
  preferredDtype: DType | undefined,
  options: ConvertOptions,
): Tensor {
  try {
    const own = ownDType(value);
    if (preferredDtype !== undefined && dtype === undefined) inferEmptyList(def, arg, value, options);
    // A value with a dtype of its own keeps it; a mismatch is then reported against the signature, as for tensors.
    return convertToTensor(value, {
      ...options,
      ...(own === undefined || own === dtype ? { dtype } : {}),
      preferredDtype,
    });
  } catch (error) {
    if (error instanceof GraphTypeError && dtype !== undefined) {
      throw new GraphTypeError(
        `Expected ${dtype.name} passed to parameter '${arg.name}' of op '${def.name}', got ${repr(value)} of type '${typeWord(value)}' instead. Error: ${error.message}`,
      );
    }
    if (error instanceof ValueError && error.message === 'None values not supported.') {
      throw new ValueError(`Tried to convert '${arg.name}' to a tensor and failed. Error: ${error.message}`);
    }
    throw error;
  }
}

function convertList(
  def: OpDef,
  arg: ArgDef,
  value: TensorLike | undefined,
  types: Map<string, DType>,
  attrs: Readonly<Record<string, AttrValue>>,
  graph: Graph,
): Tensor[] {
  if (!Array.isArray(value))
    throw new GraphTypeError(`Expected list for '${arg.name}' argument to '${def.name}' Op, not ${repr(value)}.`);
  const listTypes = arg.typeListAttr ? (attrs[arg.typeListAttr] as readonly DType[] | undefined) : undefined;
  return (value as readonly TensorLike[]).map((item, i) => {
    const dtype = listTypes?.[i];
    const name = `${arg.name}_${i}`;
    if (arg.typeListAttr)
      return convertToTensor(item, { graph, name, ...(ownDType(item) === undefined ? { dtype } : {}) });
    return convertInput(def, arg, item, types, { graph, name });
  });
}
