/**
 * From what a saver is given to the tensors that it saves: names, parts, and how each is read and assigned.
 */
import { applyOp, applyUnary } from '../../../graph/applyOp';
import { GraphKeys } from '../../../graph/collections';
import { convertToTensor } from '../../../graph/convert';
import { getDefaultGraph } from '../../../graph/defaultGraph';
import type { DType } from '../../../graph/dtypes';
import { GraphTypeError, NotImplementedError, repr, ValueError } from '../../../graph/errors';
import type { NdArray } from '../../../graph/ndarray';
import type { Operation } from '../../../graph/operation';
import { reshape } from '../../../graph/ops/array';
import { identity } from '../../../graph/ops/source';
import type { TensorShape } from '../../../graph/shape';
import { Tensor } from '../../../graph/tensor';
import { globalVariables } from '../../variables/collections';
import { RefVariable } from '../../variables/refVariable';
import { getSaveSliceInfo } from '../../variables/saveSliceInfo';
import { Variable } from '../../variables/variable';

/** A variable, a tensor read from one, or the variables that are the parts of one tensor. */
export type Savable = Variable | Tensor | readonly Variable[];

/** Variables, named after themselves, or a map from names in checkpoints. */
export type VarList = readonly (Variable | Tensor)[] | ReadonlyMap<string, Savable> | Readonly<Record<string, Savable>>;

/** One tensor of a checkpoint, or one part of one. */
export interface Saveable {
  readonly name: string;
  /** As SaveV2 takes it; empty for a whole tensor. */
  readonly slice: string;
  readonly dtype: DType;
  /** Where it is read, which decides the shard it goes to. */
  readonly device: string;
  readonly shape: TensorShape;
  /** What must not be saved twice. */
  readonly identity: Tensor | Variable;
  /** Builds the read. */
  read(): Tensor;
  /** Builds the assignment of what was restored, reshaped if a shape is given. */
  assign(restored: Tensor, shape: NdArray | Tensor | null): Operation;
}

const VARIABLE_OPS = new Set(['Variable', 'VariableV2', 'AutoReloadVariable', 'VarHandleOp', 'ReadVariableOp']);
const REFERENCE_OPS = new Set(['Variable', 'VariableV2', 'AutoReloadVariable']);

const byName =
  <T>(name: (item: T) => string) =>
  (a: T, b: T) =>
    name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0;

/** What a saver without a list saves. */
export function allSavables(): (Variable | Tensor)[] {
  const others = getDefaultGraph().getCollection(GraphKeys.SAVEABLE_OBJECTS);
  if (others.length > 0) {
    throw new NotImplementedError(
      `The collection ${GraphKeys.SAVEABLE_OBJECTS} holds ${others.length} objects that are no variables; saving these is not supported. Give the saver a list of variables.`,
    );
  }
  return globalVariables().map(referenceOf);
}

/** Variables of the old kind are saved by their references. */
const referenceOf = <T>(item: T): T | Tensor => (item instanceof RefVariable ? item.ref : item);

/** The saveables of a list or map, sorted by name. TypeError and ValueError with TensorFlow's text. */
export function saveablesOf(varList: VarList): Saveable[] {
  const saveables: Saveable[] = [];
  const seen = new Set<unknown>();
  for (const [name, savable] of [...namesToSavables(varList)].sort(byName(([key]) => key))) {
    for (const saveable of saveablesFor(name, savable)) {
      if (seen.has(saveable.identity))
        throw new ValueError(`The same saveable will be restored with two names: ${saveable.name}`);
      seen.add(saveable.identity);
      saveables.push(saveable);
    }
  }
  return saveables;
}

function namesToSavables(varList: VarList): Map<string, Savable> {
  if (Array.isArray(varList)) return namesOfList((varList as readonly (Variable | Tensor)[]).map(referenceOf));
  if (varList instanceof Map) {
    for (const name of varList.keys())
      if (typeof name !== 'string') {
        throw new GraphTypeError(
          `names_to_saveables must be a dict mapping string names to trackable operations. Name is not a string: ${repr(name)}`,
        );
      }
    return varList;
  }
  if (typeof varList === 'object' && varList !== null && Object.getPrototypeOf(varList) === Object.prototype) {
    return new Map(Object.entries(varList as Readonly<Record<string, Savable>>));
  }
  throw new GraphTypeError(`Variables to save should be passed in a dict or a list. Got ${repr(varList)}`);
}

function namesOfList(list: readonly (Variable | Tensor)[]): Map<string, Savable> {
  for (const item of list) {
    if (!(item instanceof Variable || item instanceof Tensor))
      throw new GraphTypeError(`Variable to save is not a Variable: ${repr(item)}`);
  }
  const found = new Map<string, Savable>();
  for (const item of [...list].sort(byName((each) => each.name))) {
    const info = item instanceof Variable ? getSaveSliceInfo(item) : null;
    if (info) {
      const known = found.get(info.fullName) ?? [];
      if (!Array.isArray(known))
        throw new ValueError(`Mixing slices and non-slices with the same name: ${info.fullName}`);
      found.set(info.fullName, [...known, item as Variable]);
      continue;
    }
    const tensor = item instanceof Variable ? item.asGraphElement() : item;
    if (!VARIABLE_OPS.has(tensor.op.type)) throw new GraphTypeError(`Variable to save is not a Variable: ${tensor}`);
    const { name } = tensor.op.type === 'ReadVariableOp' ? tensor.op.inputs[0].op : tensor.op;
    if (found.has(name)) throw new ValueError(`At least two variables have the same name: ${name}`);
    found.set(name, item);
  }
  return found;
}

function saveablesFor(name: string, savable: Savable): Saveable[] {
  if (Array.isArray(savable)) return slices(name, savable as readonly Variable[]);
  if (savable instanceof Variable) return [ofTensor(name, savable.asGraphElement())];
  const tensor = convertToTensor(savable as Tensor);
  if (!VARIABLE_OPS.has(tensor.op.type)) {
    throw new GraphTypeError(
      `names_to_saveables must be a dict mapping string names to Tensors/Variables. Not a variable: ${tensor}`,
    );
  }
  return [ofTensor(name, tensor)];
}

/** A variable as a whole, by the tensor that stands for it. */
function ofTensor(name: string, tensor: Tensor): Saveable {
  const { dtype, device, shape } = tensor;
  const common = { name, slice: '', dtype, device, shape, identity: tensor, read: () => tensor };
  if (REFERENCE_OPS.has(tensor.op.type)) {
    return {
      ...common,
      assign: (restored, to) =>
        applyOp('Assign', {
          ref: tensor,
          value: to === null ? restored : reshape(restored, to),
          validate_shape: to === null && shape.isFullyDefined(),
        }),
    };
  }
  if (tensor.op.type !== 'ReadVariableOp') {
    throw new ValueError(`Saveable is neither a resource variable nor a read operation. Got: ${tensor}`);
  }
  return { ...common, assign: assigning(tensor.op.inputs[0], device) };
}

const assigning =
  (handle: Tensor, device: string): Saveable['assign'] =>
  (restored, to) => {
    const fitting = to === null ? restored : reshape(restored, to);
    return getDefaultGraph().device(device, () =>
      applyOp('AssignVariableOp', { resource: handle, value: identity(fitting), validate_shape: false }),
    );
  };

/** The parts of one tensor. */
function slices(name: string, variables: readonly Variable[]): Saveable[] {
  let whole: string | undefined;
  return variables.map((variable) => {
    if (!(variable instanceof Variable)) throw new ValueError(`Slices must all be Variables: ${repr(variable)}`);
    const info = getSaveSliceInfo(variable);
    if (!info) throw new ValueError(`Slices must all be slices: ${variable}`);
    whole ??= info.fullName;
    if (whole !== info.fullName)
      throw new ValueError(`Slices must all be from the same tensor: ${whole} != ${info.fullName}`);
    const { handle, dtype, device, shape } = variable;
    return {
      name,
      slice: info.spec,
      dtype,
      device,
      shape,
      identity: variable,
      read: () => readForSaving(variable),
      assign: assigning(handle, device),
    };
  });
}

/** A read of its own, of a variable that has no read to stand for it in savers. */
function readForSaving({ handle, dtype, device }: Variable): Tensor {
  const graph = getDefaultGraph();
  return graph.device(device, () => {
    const read = graph.nameScope('Read', () => {
      applyOp('DisableCopyOnRead', { resource: handle });
      return applyUnary('ReadVariableOp', { resource: handle, dtype });
    });
    const value = identity(read);
    return graph.device('/device:CPU:0', () => identity(value));
  });
}
