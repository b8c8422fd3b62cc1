/**
 * Op definitions of files: to signatures here, back, and as the text that TensorFlow's messages show.
 *
 * Files bring definitions along (a MetaGraph's stripped_op_list, the producer's list given to importGraphDef); they tell
 * what the registry does not know.
 */
import { create } from '@bufbuild/protobuf';
import { type AttrValue, summarizeAttr } from '../attributes';
import { DType } from '../dtypes';
import { InvalidArgumentError } from '../errors';
import type { ArgDef, AttrDef, AttrKind, OpDef } from '../opDef';
import { AttrReader, attrToProto } from './attrProto';
import { dtypeOf } from './dtypeProto';
import {
  type OpDef_ArgDef,
  OpDef_ArgDefSchema,
  type OpDef_AttrDef,
  OpDef_AttrDefSchema,
  type OpDef as OpDefProto,
  OpDefSchema,
} from './protos/generated/op_def_pb';
import { ExpansionBudget } from './tensorProto';

const KINDS: ReadonlySet<string> = new Set(['type', 'shape', 'int', 'float', 'bool', 'string', 'tensor', 'func']);

/** `list(type)` as kind and whether it is a list. */
function kindOf(type: string, what: string): { readonly kind: AttrKind; readonly isList: boolean } {
  const inner = /^list\((.*)\)$/.exec(type)?.[1];
  const kind = inner ?? type;
  if (!KINDS.has(kind)) throw new InvalidArgumentError(`${what} has the unknown type '${type}'.`);
  return { kind: kind as AttrKind, isList: inner !== undefined };
}

function argFromProto(proto: OpDef_ArgDef, what: string): ArgDef {
  return {
    name: proto.name,
    dtype: proto.typeAttr || proto.typeListAttr ? null : dtypeOf(proto.type, what),
    typeAttr: proto.typeAttr || null,
    typeListAttr: proto.typeListAttr || null,
    numberAttr: proto.numberAttr || null,
    ...(proto.isRef ? { isRef: true } : {}),
  };
}

function attrFromProto(proto: OpDef_AttrDef, op: string): AttrDef {
  const what = `Op '${op}': attr '${proto.name}'`;
  const { kind, isList } = kindOf(proto.type, what);
  const reader = new AttrReader(new ExpansionBudget());
  const read = (value: OpDef_AttrDef['defaultValue']) =>
    value === undefined ? undefined : reader.read(value, kind, what);
  const allowed = read(proto.allowedValues) as readonly AttrValue[] | undefined;
  return {
    name: proto.name,
    kind,
    isList,
    allowedTypes: kind === 'type' && allowed ? (allowed as readonly DType[]) : null,
    allowedStrings: kind === 'string' && allowed ? (allowed as readonly string[]) : null,
    minimum: proto.hasMinimum ? Number(proto.minimum) : null,
    defaultValue: read(proto.defaultValue),
  };
}

/** The signature that a definition describes. InvalidArgumentError for one that is none. */
export function opDefFromProto(proto: OpDefProto): OpDef {
  const attrs = proto.attr.map((attr) => attrFromProto(attr, proto.name));
  const args = (list: readonly OpDef_ArgDef[]) =>
    list.map((arg) => argFromProto(arg, `Op '${proto.name}': argument '${arg.name}'`));
  const [inputs, outputs] = [args(proto.inputArg), args(proto.outputArg)];
  const attrByName = new Map(attrs.map((attr) => [attr.name, attr]));
  for (const { name, typeAttr, typeListAttr, numberAttr } of [...inputs, ...outputs]) {
    const missing = [typeAttr, typeListAttr, numberAttr].find((attr) => attr !== null && !attrByName.has(attr));
    if (missing)
      throw new InvalidArgumentError(`Op '${proto.name}': argument '${name}' has the unknown attr '${missing}'.`);
  }
  return { name: proto.name, inputs, outputs, attrs, attrByName, isStateful: proto.isStateful };
}

// ---- writing

const writtenType = ({ kind, isList }: AttrDef) => (isList ? `list(${kind})` : kind);

/** A signature as files describe ops; TensorFlow's `stripped_op_list` holds these. */
export function opDefToProto(def: OpDef): OpDefProto {
  const arg = ({ name, dtype, typeAttr, typeListAttr, numberAttr, isRef = false }: ArgDef) =>
    create(OpDef_ArgDefSchema, {
      name,
      type: dtype?.asDatatypeEnum ?? 0,
      typeAttr: typeAttr ?? '',
      typeListAttr: typeListAttr ?? '',
      numberAttr: numberAttr ?? '',
      isRef,
    });
  const attr = (each: AttrDef) =>
    create(OpDef_AttrDefSchema, {
      name: each.name,
      type: writtenType(each),
      defaultValue: each.defaultValue === undefined ? undefined : attrToProto(each.defaultValue, each.kind),
      hasMinimum: each.minimum !== null,
      minimum: BigInt(each.minimum ?? 0),
      allowedValues:
        (each.allowedTypes ?? each.allowedStrings) === null
          ? undefined
          : attrToProto((each.allowedTypes ?? each.allowedStrings)!, each.kind),
    });
  return create(OpDefSchema, {
    name: def.name,
    inputArg: def.inputs.map(arg),
    outputArg: def.outputs.map(arg),
    attr: def.attrs.map(attr),
    isStateful: def.isStateful,
  });
}

function argText({ name, dtype, typeAttr, typeListAttr, numberAttr, isRef }: ArgDef): string {
  const type = typeListAttr ?? typeAttr ?? dtype?.cppName ?? '';
  const each = isRef ? `Ref(${type})` : type;
  return `${name}:${numberAttr ? `${numberAttr}*${each}` : each}`;
}

function attrText(attr: AttrDef): string {
  const parts = [`attr=${attr.name}:${writtenType(attr)}`];
  if (attr.defaultValue !== undefined) parts.push(`default=${summarizeAttr(attr.defaultValue)}`);
  if (attr.minimum !== null) parts.push(`min=${attr.minimum}`);
  const allowed = attr.allowedTypes ?? attr.allowedStrings;
  if (allowed) parts.push(`allowed=[${allowed.map(summarizeAttr).join(', ')}]`);
  return parts.join(',');
}

/** `Op<name=Sqrt; signature=x:T -> y:T; attr=T:type,allowed=[…]>`, as TensorFlow's messages show a definition. */
export function summarizeOpDef(def: OpDef): string {
  const side = (args: readonly ArgDef[]) => args.map(argText).join(', ');
  const parts = [
    `name=${def.name}`,
    `signature=${side(def.inputs)} -> ${side(def.outputs)}`,
    ...def.attrs.map(attrText),
  ];
  if (def.isStateful) parts.push('is_stateful=true');
  return `Op<${parts.join('; ')}>`;
}
