/**
 * Nested structures: what branches and loop bodies may take and return, and how they are flattened and put together.
 *
 * A structure is an array or a plain object of structures; everything else is a leaf. Keys of objects are visited in
 * sorted order. Composites are leaves that hold tensors: IndexedSlices, and objects with a flow (TensorArray).
 */
import { GraphTypeError, repr, typeWord, ValueError } from './errors';
import { IndexedSlices } from './indexedSlices';
import { TensorShape } from './shape';
import { Tensor } from './tensor';

/** A value whose state is one variant tensor, as TensorArray's is. */
export interface FlowHolder {
  readonly flow: Tensor;
  withFlow(flow: Tensor): FlowHolder;
}

export function isFlowHolder(value: unknown): value is FlowHolder {
  return (
    typeof value === 'object' && value !== null && typeof (value as { withFlow?: unknown }).withFlow === 'function'
  );
}

type Dictionary = Readonly<Record<string, unknown>>;

function isDictionary(value: unknown): value is Dictionary {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  // `{ data, shape }` is how foreign arrays are written.
  return (prototype === Object.prototype || prototype === null) && !('data' in value && 'shape' in value);
}

export function isNested(value: unknown): value is readonly unknown[] | Dictionary {
  return Array.isArray(value) || isDictionary(value);
}

/** The leaves in order. Mirrors tf.nest.flatten. */
export function flatten(structure: unknown): unknown[] {
  if (Array.isArray(structure)) return structure.flatMap(flatten);
  if (isDictionary(structure)) {
    return Object.keys(structure)
      .sort()
      .flatMap((key) => flatten(structure[key]));
  }
  return [structure];
}

/** The same structure with other leaves, taken from `flat` in order. Mirrors tf.nest.pack_sequence_as. */
export function packAs(structure: unknown, flat: readonly unknown[]): unknown {
  let next = 0;
  const pack = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(pack);
    if (!isDictionary(part)) return flat[next++];
    const packed = new Map(
      Object.keys(part)
        .sort()
        .map((key) => [key, pack(part[key])]),
    );
    return Object.fromEntries(Object.keys(part).map((key) => [key, packed.get(key)]));
  };
  const result = pack(structure);
  if (next !== flat.length) {
    throw new ValueError(
      `Could not pack sequence. Structure had ${next} atoms, but flat_sequence had ${flat.length} items. Structure: ${structureRepr(structure)}, flat_sequence: ${structureRepr(flat)}.`,
    );
  }
  return result;
}

/** The same structure with each leaf replaced. */
export function mapStructure(apply: (leaf: unknown, index: number) => unknown, structure: unknown): unknown {
  return packAs(structure, flatten(structure).map(apply));
}

/** The tensors of a leaf: itself, or the parts of a composite. */
export function components(leaf: unknown): Tensor[] {
  if (leaf instanceof IndexedSlices) return [leaf.values, leaf.indices, ...(leaf.denseShape ? [leaf.denseShape] : [])];
  if (isFlowHolder(leaf)) return [leaf.flow];
  return leaf instanceof Tensor ? [leaf] : [];
}

/** All tensors of a structure, those of composites included; null leaves have none. */
export function flattenTensors(structure: unknown): Tensor[] {
  return flatten(structure).flatMap(components);
}

/** The same structure and composites with other tensors; null leaves stay null. */
export function packTensors(structure: unknown, tensors: readonly Tensor[]): unknown {
  let next = 0;
  return mapStructure((leaf) => {
    if (leaf instanceof IndexedSlices) {
      const [values, indices] = [tensors[next++], tensors[next++]];
      return new IndexedSlices(values, indices, leaf.denseShape ? tensors[next++] : null);
    }
    if (isFlowHolder(leaf)) return leaf.withFlow(tensors[next++]);
    return leaf instanceof Tensor ? tensors[next++] : null;
  }, structure);
}

function kindOf(value: unknown): string {
  return value instanceof Tensor ? 'SymbolicTensor' : typeWord(value);
}

/** Python's repr of a structure, as TensorFlow's messages print it. */
export function structureRepr(value: unknown): string {
  if (value instanceof Tensor) return `<tf.Tensor '${value.name}' shape=${value.shape} dtype=${value.dtype.name}>`;
  if (value instanceof TensorShape) return `TensorShape(${value.dims === null ? 'None' : repr(value.dims)})`;
  if (Array.isArray(value)) return `[${value.map(structureRepr).join(', ')}]`;
  if (!isDictionary(value)) return repr(value);
  return `{${Object.keys(value)
    .map((key) => `${repr(key)}: ${structureRepr(value[key])}`)
    .join(', ')}}`;
}

/** Python's str of a structure: as `structureRepr`, but a tensor alone is printed in full. */
export function structureText(value: unknown): string {
  return value instanceof Tensor ? value.toString() : structureRepr(value);
}

function described(value: unknown): string {
  return `type=${kindOf(value)} str=${structureText(value)}`;
}

function outline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(outline).join(', ')}]`;
  if (!isDictionary(value)) return '.';
  return `{${Object.keys(value)
    .map((key) => `${repr(key)}: ${outline(value[key])}`)
    .join(', ')}}`;
}

/** The first difference between two structures, in TensorFlow's words, with the class of error it raises. */
function difference(a: unknown, b: unknown): { readonly text: string; readonly isType: boolean } | null {
  if (isNested(a) !== isNested(b)) {
    const [nested, leaf] = isNested(a) ? [a, b] : [b, a];
    return {
      text: `Substructure "${described(nested)}" is a sequence, while substructure "${described(leaf)}" is not`,
      isType: false,
    };
  }
  if (!isNested(a) || !isNested(b)) return null;
  if (Array.isArray(a) !== Array.isArray(b)) {
    const text = `The two namedtuples don't have the same sequence type. First structure ${described(a)} has type ${kindOf(a)}, while second structure ${described(b)} has type ${kindOf(b)}`;
    return { text, isType: true };
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) {
      return {
        text: `The two structures don't have the same number of elements. First structure: ${described(a)}. Second structure: ${described(b)}`,
        isType: false,
      };
    }
    return a.reduce<ReturnType<typeof difference>>((found, item, i) => found ?? difference(item, b[i]), null);
  }
  const [first, second] = [a as Dictionary, b as Dictionary];
  const keys = Object.keys(first).sort();
  const others = Object.keys(second).sort();
  if (keys.length !== others.length || keys.some((key, i) => key !== others[i])) {
    const text = `The two dictionaries don't have the same set of keys. First structure has keys type=list str=${repr(Object.keys(first))}, while second structure has keys type=list str=${repr(Object.keys(second))}`;
    return { text, isType: false };
  }
  return keys.reduce<ReturnType<typeof difference>>((found, key) => found ?? difference(first[key], second[key]), null);
}

/**
 * Throws ValueError or TypeError unless both structures nest their leaves alike.
 *
 * Mirrors tf.nest.assert_same_structure.
 */
export function assertSameStructure(a: unknown, b: unknown): void {
  const found = difference(a, b);
  if (!found) return;
  const text = `The two structures don't have the same nested structure.\n\nFirst structure: ${described(a)}\n\nSecond structure: ${described(b)}\n\nMore specifically: ${found.text}\nEntire first structure:\n${outline(a)}\nEntire second structure:\n${outline(b)}`;
  throw found.isType ? new GraphTypeError(text) : new ValueError(text);
}
