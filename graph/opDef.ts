/**
 * Op signatures: parsed from one compact text per op.
 *
 *     (a: T, b: T) -> (product: T)
 *       transpose_a: bool = false
 *       T: {float32, float64} = float32
 *       N: int >= 1
 *
 * An argument is `name: type`, where the type is a dtype, the name of a `type` or `list(type)` attribute, or
 * `N * T` for a list of N tensors; `T&` is a reference to a variable's value. An attribute is
 * `name: type [>= minimum] [= default]`, where a type in braces lists the allowed dtypes (or, quoted, the allowed strings).
 * A tensor is written `uint8[255, 0]`. The texts say what TensorFlow's op registry says.
 */
import type { AttrValue } from './attributes';
import { asDType, type DType, type DTypeName, findDType } from './dtypes';
import { type ArrayLike, NdArray } from './ndarray';
import { TensorShape, unknownShape } from './shape';

export type AttrKind = 'type' | 'shape' | 'int' | 'float' | 'bool' | 'string' | 'tensor' | 'func';

export interface AttrDef {
  readonly name: string;
  readonly kind: AttrKind;
  readonly isList: boolean;
  readonly allowedTypes: readonly DType[] | null;
  readonly allowedStrings: readonly string[] | null;
  readonly minimum: number | null;
  readonly defaultValue: AttrValue | undefined;
}

export interface ArgDef {
  readonly name: string;
  /** The fixed dtype, or null when an attribute decides. */
  readonly dtype: DType | null;
  readonly typeAttr: string | null;
  readonly typeListAttr: string | null;
  readonly numberAttr: string | null;
  /** Whether the argument is a reference to a variable's value, not the value. */
  readonly isRef?: boolean;
}

export interface OpDef {
  readonly name: string;
  readonly inputs: readonly ArgDef[];
  readonly outputs: readonly ArgDef[];
  readonly attrs: readonly AttrDef[];
  readonly attrByName: ReadonlyMap<string, AttrDef>;
  readonly isStateful: boolean;
}

/** Parses a signature; an Error names the op and the piece that cannot be read. */
export function parseSignature(name: string, text: string, isStateful: boolean): OpDef {
  const [head, ...lines] = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const match = /^\((.*)\) -> \((.*)\)$/.exec(head);
  if (!match) throw new Error(`${name}: cannot read the signature ${head}`);
  const attrs = lines.map((line) => parseAttr(name, line));
  const attrByName = new Map(attrs.map((attr) => [attr.name, attr]));
  const args = (list: string) => (list === '' ? [] : list.split(', ').map((arg) => parseArg(name, arg, attrByName)));
  return { name, inputs: args(match[1]), outputs: args(match[2]), attrs, attrByName, isStateful };
}

function parseArg(op: string, text: string, attrs: ReadonlyMap<string, AttrDef>): ArgDef {
  const match = /^(\w+): (?:(\w+) \* )?(\w+)(&?)$/.exec(text);
  if (!match) throw new Error(`${op}: cannot read the argument ${text}`);
  const [, name, numberAttr = null, type, ref] = match;
  const attr = attrs.get(type);
  const dtype = attr ? null : (findDType(type) ?? null);
  if (!attr && !dtype) throw new Error(`${op}: argument ${name} has unknown type ${type}`);
  if (numberAttr !== null && !attrs.has(numberAttr)) throw new Error(`${op}: attribute ${numberAttr} is not declared`);
  return {
    name,
    dtype,
    typeAttr: attr && !attr.isList ? type : null,
    typeListAttr: attr?.isList ? type : null,
    numberAttr,
    ...(ref === '&' ? { isRef: true } : {}),
  };
}

function parseAttr(op: string, line: string): AttrDef {
  const match = /^(\w+): (\{[^}]*\}|list\((?:\w+|\{[^}]*\})\)|\w+)(?: >= (-?\d+))?(?: = (.*))?$/.exec(line);
  if (!match) throw new Error(`${op}: cannot read the attribute ${line}`);
  const [, name, written, minimum, fallback] = match;
  const isList = written.startsWith('list(');
  const type = isList ? written.slice(5, -1) : written;
  let kind = type as AttrKind;
  let allowedTypes: DType[] | null = null;
  let allowedStrings: string[] | null = null;
  if (type.startsWith('{')) {
    const members = type.slice(1, -1).split(', ');
    if (members[0].startsWith("'")) {
      kind = 'string';
      allowedStrings = members.map((member) => member.slice(1, -1));
    } else {
      kind = 'type';
      // Quantised types stand in TensorFlow's lists but are no types of ours.
      allowedTypes = members.flatMap((member) => findDType(member) ?? []);
    }
  }
  const attr: AttrDef = {
    name,
    kind,
    isList,
    allowedTypes,
    allowedStrings,
    minimum: minimum === undefined ? null : Number(minimum),
    defaultValue: undefined,
  };
  return fallback === undefined ? attr : { ...attr, defaultValue: parseDefault(op, attr, fallback) };
}

function parseDefault(op: string, attr: AttrDef, text: string): AttrValue {
  if (attr.isList) {
    const inner = text.slice(1, -1);
    return inner === '' ? [] : inner.split(', ').map((item) => parseScalar(op, attr.kind, item));
  }
  return parseScalar(op, attr.kind, text);
}

function parseScalar(op: string, kind: AttrKind, text: string): AttrValue {
  switch (kind) {
    case 'type':
      return asDType(text as DTypeName);
    case 'bool':
      return text === 'true';
    case 'int':
    case 'float':
      return Number(text);
    case 'string':
      return text.slice(1, -1);
    case 'shape':
      return text === 'unknown'
        ? unknownShape
        : new TensorShape(text === '[]' ? [] : text.slice(1, -1).split(', ').map(Number));
    case 'tensor': {
      const match = /^(\w+)(\[.*\])$/.exec(text);
      if (!match) throw new Error(`${op}: cannot read the tensor ${text}`);
      return NdArray.from(JSON.parse(match[2]) as ArrayLike, asDType(match[1] as DTypeName));
    }
    default:
      throw new Error(`${op}: no default value is possible for an attribute of type ${kind}`);
  }
}
