/**
 * AttrValue of a file to the value of an attribute here, and back.
 *
 * Values here carry no tag: an attribute's kind stands in its op's signature, and those that no signature knows go by
 * their JavaScript type (graph/attributes.ts). So integers of unknown attributes are bigints, and floats are numbers.
 */
import { create } from '@bufbuild/protobuf';
import { type Attrs, type AttrValue, FunctionReference, shortestFloat32 } from '../attributes';
import { DType } from '../dtypes';
import { InvalidArgumentError } from '../errors';
import { NdArray, toStringElement } from '../ndarray';
import type { AttrKind, OpDef } from '../opDef';
import { TensorShape } from '../shape';
import { dtypeOf } from './dtypeProto';
import {
  AttrValue_ListValueSchema,
  type AttrValue as AttrValueProto,
  type NameAttrList,
  NameAttrListSchema,
} from './protos/generated/attr_value_pb';
import { shapeFromProto, shapeToProto } from './shapeProto';
import { bytesOf, type ExpansionBudget, tensorFromProto, tensorToProto } from './tensorProto';

type Case = Exclude<AttrValueProto['value']['case'], undefined | 'list' | 'placeholder'>;
type Item = Extract<AttrValueProto['value'], { case: Case }>;

/** Functions within attributes of functions, and so on: none in practice, and a file must not exhaust the stack. */
const DEEPEST = 16;

/** Reads the attributes of one node after the other. */
export class AttrReader {
  #depth = 0;

  constructor(readonly budget: ExpansionBudget) {}

  /** `what` starts the text of an error: `Node 'a': attr 'T'`. */
  read(proto: AttrValueProto, kind: AttrKind | undefined, what: string): AttrValue {
    const { value } = proto;
    switch (value.case) {
      case undefined:
        throw new InvalidArgumentError(`${what} has no value.`);
      case 'placeholder':
        throw new InvalidArgumentError(
          `${what} is left to the caller of its function ('${value.value}'): functions that are generic in their attributes cannot be read.`,
        );
      case 'list': {
        const found = LIST_CASES.filter((name) => value.value[name].length > 0);
        if (found.length > 1) throw new InvalidArgumentError(`${what} is a list of more than one type.`);
        return found.flatMap((name) =>
          (value.value[name] as readonly Item['value'][]).map((item) => this.#item(name, item, kind, what)),
        );
      }
      default:
        return this.#item(value.case, value.value, kind, what);
    }
  }

  #item(name: Case, value: Item['value'], kind: AttrKind | undefined, what: string): AttrValue {
    switch (name) {
      case 's':
        // A copy: the bytes of the file are not kept.
        return toStringElement(new Uint8Array(value as Uint8Array));
      case 'i':
        return kind === 'int' && isExact(value as bigint) ? Number(value) : (value as bigint);
      case 'f':
        // The number that the writer of a literal meant: 0.1, and not 0.10000000149011612.
        return Number.isFinite(value) ? Number(shortestFloat32(value as number)) : (value as number);
      case 'b':
        return value as boolean;
      case 'type':
        return dtypeOf(value as number, what);
      case 'shape':
        return shapeFromProto(value as Extract<Item, { case: 'shape' }>['value'], what);
      case 'tensor':
        return tensorFromProto(value as Extract<Item, { case: 'tensor' }>['value'], what, this.budget);
      case 'func':
        return this.#func(value as NameAttrList, what);
    }
  }

  #func({ name, attr }: NameAttrList, what: string): FunctionReference {
    if (this.#depth === DEEPEST) throw new InvalidArgumentError(`${what} is nested more than ${DEEPEST} deep.`);
    this.#depth++;
    try {
      const attrs = Object.entries(attr).map(([key, value]) => [key, this.read(value, undefined, `${what}.${key}`)]);
      return new FunctionReference(name, Object.fromEntries(attrs) as Attrs);
    } finally {
      this.#depth--;
    }
  }
}

const LIST_CASES = ['s', 'i', 'f', 'b', 'type', 'shape', 'tensor', 'func'] as const;

const isExact = (value: bigint) => value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);

// ---- writing

function itemOf(value: AttrValue, kind: AttrKind | undefined): Item {
  if (value instanceof DType) return { case: 'type', value: value.asDatatypeEnum };
  if (value instanceof TensorShape) return { case: 'shape', value: shapeToProto(value) };
  if (value instanceof NdArray) return { case: 'tensor', value: tensorToProto(value) };
  if (value instanceof FunctionReference) {
    const attr = attrsToProto(value.attrs, undefined);
    return { case: 'func', value: create(NameAttrListSchema, { name: value.name, attr }) };
  }
  if (typeof value === 'boolean') return { case: 'b', value };
  if (typeof value === 'string' || value instanceof Uint8Array) return { case: 's', value: bytesOf(value) };
  if (typeof value === 'bigint' || kind === 'int') return { case: 'i', value: BigInt(value as number | bigint) };
  return { case: 'f', value: value as number };
}

// Messages that graphs have in hundreds of thousands are written as literals: `create` looks every field up.
const ATTR_VALUE = 'tensorflow.AttrValue';

export function attrToProto(value: AttrValue, kind: AttrKind | undefined): AttrValueProto {
  if (!Array.isArray(value)) return { $typeName: ATTR_VALUE, value: itemOf(value, kind) };
  const list = create(AttrValue_ListValueSchema);
  for (const element of value) {
    const item = itemOf(element as AttrValue, kind);
    (list[item.case] as Item['value'][]).push(item.value);
  }
  return { $typeName: ATTR_VALUE, value: { case: 'list', value: list } };
}

/** All attributes, by sorted name: what is equal is written equal. */
export function attrsToProto(attrs: Attrs, def: OpDef | undefined): Record<string, AttrValueProto> {
  const written: Record<string, AttrValueProto> = {};
  for (const name of Object.keys(attrs).sort())
    written[name] = attrToProto(attrs[name], def?.attrByName.get(name)?.kind);
  return written;
}
