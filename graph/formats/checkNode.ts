/**
 * Checks of a node of a file against the signature of its op, with the texts of TensorFlow's importer. Attributes that
 * the file leaves out take their defaults: old files lack those that came later, and writers may strip them.
 */
import type { Attrs, AttrValue } from '../attributes';
import { FunctionReference, summarizeAttr } from '../attributes';
import { inputCounts, outputTypesOf } from '../createOp';
import { DType } from '../dtypes';
import { GraphTypeError, ValueError } from '../errors';
import { NdArray } from '../ndarray';
import type { AttrDef, OpDef } from '../opDef';
import type { RegisteredOp } from '../registry';
import { TensorShape } from '../shape';
import type { Tensor } from '../tensor';
import { inputTypesOf } from './foreignOps';
import { summarizeOpDef } from './opDefProto';
import type { NodeDef } from './protos/generated/node_def_pb';

const where = (node: NodeDef, def: OpDef) => `\n\t; NodeDef: {{node ${node.name}}}; ${summarizeOpDef(def)}`;

function kindOfValue(value: AttrValue): string {
  if (Array.isArray(value)) return value.length === 0 ? 'list(any)' : `list(${kindOfValue(value[0] as AttrValue)})`;
  if (value instanceof DType) return 'type';
  if (value instanceof TensorShape) return 'shape';
  if (value instanceof NdArray) return 'tensor';
  if (value instanceof FunctionReference) return 'func';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string' || value instanceof Uint8Array) return 'string';
  return typeof value === 'bigint' ? 'int' : 'float';
}

function isOfKind(attr: AttrDef, value: AttrValue): boolean {
  const found = kindOfValue(value);
  // The reader makes numbers of the integers of attributes that are declared so.
  return found === attr.kind || (attr.kind === 'int' && found === 'float' && Number.isSafeInteger(value));
}

function checkAttr(attr: AttrDef, value: AttrValue, node: NodeDef, def: OpDef): void {
  const expected = attr.isList ? `list(${attr.kind})` : attr.kind;
  const items = attr.isList && Array.isArray(value) ? (value as readonly AttrValue[]) : [value];
  if (attr.isList !== Array.isArray(value) || !items.every((item) => isOfKind(attr, item)))
    throw new ValueError(
      `AttrValue had value with type '${kindOfValue(value)}' when '${expected}' expected\n\t for attr '${attr.name}'${where(node, def)}`,
    );
  if (attr.minimum !== null) {
    if (attr.isList && items.length < attr.minimum)
      throw new ValueError(
        `Length for attr '${attr.name}' of ${items.length} must be at least minimum ${attr.minimum}${where(node, def)}`,
      );
    if (!attr.isList && Number(value) < attr.minimum)
      throw new ValueError(
        `Value for attr '${attr.name}' of ${value} must be at least minimum ${attr.minimum}${where(node, def)}`,
      );
  }
  const allowed: readonly AttrValue[] | null = attr.allowedTypes ?? attr.allowedStrings;
  const bad = allowed === null ? undefined : items.find((item) => !allowed.includes(item));
  if (bad !== undefined) {
    const text = (item: AttrValue) => (item instanceof DType ? item.cppName : summarizeAttr(item));
    throw new ValueError(
      `Value for attr '${attr.name}' of ${text(bad)} is not in the list of allowed values: ${allowed!.map(text).join(', ')}${where(node, def)}`,
    );
  }
}

/** The attributes of a node, complete: those that are left out by their defaults. ValueError for what contradicts the signature. */
export function checkedAttrs(def: OpDef, node: NodeDef, given: Attrs): Attrs {
  const attrs: Record<string, AttrValue> = { ...given };
  for (const attr of def.attrs) {
    const value = (attrs[attr.name] ??= attr.defaultValue as AttrValue);
    if (value === undefined)
      throw new ValueError(
        `NodeDef missing attr '${attr.name}' from ${summarizeOpDef(def)}; NodeDef: {{node ${node.name}}}`,
      );
    checkAttr(attr, value, node, def);
  }
  const { dtype, value } = attrs;
  if (def.name === 'Const' && dtype !== (value as NdArray).dtype)
    throw new ValueError(
      `Inconsistency between attr 'dtype' (${(dtype as DType).cppName}) and the value (${(value as NdArray).dtype.cppName})${where(node, def)}`,
    );
  return attrs;
}

/** Checks number and dtypes of the inputs, and finds those of the outputs. An open node gets more inputs later. */
export function checkInputs(
  op: RegisteredOp,
  node: NodeDef,
  attrs: Attrs,
  inputs: readonly Tensor[],
  isOpen: boolean,
): { readonly outputTypes: readonly DType[] } {
  const { def } = op;
  const total = inputCounts(def, attrs, inputs.length).reduce((sum, count) => sum + count, 0);
  const expected = total === inputs.length || isOpen || total < 1 << 16 ? inputTypesOf(def, attrs, inputs.length) : [];
  if (isOpen ? expected.length < inputs.length : expected.length !== inputs.length)
    throw new ValueError(
      `NodeDef expected inputs '${expected.map((dtype) => dtype?.cppName).join(', ')}' do not match ${inputs.length} inputs specified; ${summarizeOpDef(def)}; NodeDef: {{node ${node.name}}}`,
    );
  inputs.forEach((input, i) => {
    if (input.dtype !== expected[i])
      throw new ValueError(
        `Input ${i} of node ${node.name} was passed ${input.dtype.cppName} from ${input.name} incompatible with expected ${expected[i]?.cppName}.`,
      );
  });
  const outputs = def.outputs.reduce((sum, { numberAttr }) => sum + (numberAttr ? Number(attrs[numberAttr]) : 1), 0);
  if (outputs > MOST_OUTPUTS) throw new ValueError(`Node '${node.name}' has ${outputs} outputs${where(node, def)}`);
  try {
    op.check?.(attrs);
  } catch (error) {
    if (error instanceof GraphTypeError || error instanceof ValueError)
      throw new ValueError(`Node '${node.name}': ${error.message}`);
    throw error;
  }
  return { outputTypes: outputTypesOf(def, attrs) };
}

/** More outputs than a node of use has: a number in a damaged file must not take all memory. */
const MOST_OUTPUTS = 1 << 20;
