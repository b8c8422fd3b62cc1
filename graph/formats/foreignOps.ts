/**
 * Nodes of types that the registry does not know: what is known of their outputs, so that a graph which holds some can
 * be imported, looked at, cut down and written again. Running one is an error that names it.
 *
 * A definition that the file brings along says all of it. Without one the readers of an output tell its dtype, or else
 * the node's own type attributes do, and `_output_shapes` their number.
 */
import type { Attrs } from '../attributes';
import { inputCounts, outputTypesOf } from '../createOp';
import { DType } from '../dtypes';
import { ValueError } from '../errors';
import type { ArgDef, OpDef } from '../opDef';
import { findOp } from '../registry';
import { TensorShape, unknownShape } from '../shape';
import type { WrittenInput } from './nodeInputs';

/** Attributes that ops of TensorFlow name the dtypes of their results in, the likeliest first. */
const LISTS_OF_TYPES = ['Tout', 'output_types', 'Toutput_types', 'out_types', 'component_types', 'dtypes'];
const TYPES = ['Tout', 'out_type', 'output_type', 'dtype', 'DstT', 'T'];

/** A reader of an output: its signature, where that is known, its attributes, and which of its inputs it is. */
export interface Reader {
  readonly type: string;
  readonly attrs: Attrs;
  readonly position: number;
  readonly count: number;
  readonly input: WrittenInput;
}

/** The dtypes of the inputs of a node with that signature; undefined where an attribute is missing. */
export function inputTypesOf(def: OpDef, attrs: Attrs, total: number): (DType | undefined)[] {
  const counts = inputCounts(def, attrs, total);
  return def.inputs.flatMap((arg, i) => {
    if (arg.typeListAttr) return [...((attrs[arg.typeListAttr] as readonly DType[] | undefined) ?? [])];
    const dtype = arg.dtype ?? (attrs[arg.typeAttr!] as DType | undefined);
    return new Array<DType | undefined>(counts[i]).fill(dtype);
  });
}

export interface Foreign {
  readonly def: OpDef;
  readonly outputTypes: readonly DType[];
  readonly shapes: readonly TensorShape[];
}

const plainArg = (name: string, dtype: DType): ArgDef => ({
  name,
  dtype,
  typeAttr: null,
  typeListAttr: null,
  numberAttr: null,
});

function shapesOf(attrs: Attrs, count: number): TensorShape[] {
  const given = attrs._output_shapes;
  const list = Array.isArray(given) ? given : [];
  return Array.from({ length: count }, (_, i) => (list[i] instanceof TensorShape ? list[i] : unknownShape));
}

/** The dtype of an output by what the node's attributes suggest. */
function suggestedType(attrs: Attrs, index: number): DType | undefined {
  for (const name of LISTS_OF_TYPES) {
    const list = attrs[name];
    if (Array.isArray(list) && list[index] instanceof DType) return list[index];
  }
  const name = TYPES.find((each) => attrs[each] instanceof DType);
  return name === undefined ? undefined : (attrs[name] as DType);
}

/** What the definition of a node that the file describes says; its errors are those of a registered op. */
export function described(def: OpDef, attrs: Attrs): Foreign {
  const outputTypes = outputTypesOf(def, attrs);
  return { def, outputTypes, shapes: shapesOf(attrs, outputTypes.length) };
}

/**
 * Functions name the output arguments that they use: the name of each output in turn, as far as known, and which output
 * an input is. Arguments come in the order in which they are used, for nothing tells another.
 */
function namedOutputs(inputs: readonly WrittenInput[]) {
  const counts = new Map<string, number>();
  for (const { argument, index } of inputs)
    if (argument !== null) counts.set(argument, Math.max(counts.get(argument) ?? 0, index + 1));
  const starts = new Map<string, number>();
  const names: string[] = [];
  for (const [name, count] of counts) {
    starts.set(name, names.length);
    names.push(...new Array<string>(count).fill(name));
  }
  const flat = ({ argument, index }: WrittenInput) => index + (argument === null ? 0 : starts.get(argument)!);
  return { names, flat };
}

/** What can be found out about a node without a definition. ValueError when a dtype cannot. */
export function guessed(
  node: { readonly name: string; readonly op: string },
  attrs: Attrs,
  inputTypes: readonly DType[],
  readers: readonly Reader[],
): Foreign {
  const given = attrs._output_shapes;
  const listed = Array.isArray(given) ? given.length : 0;
  const { names, flat } = namedOutputs(readers.map(({ input }) => input));
  const read = readers.reduce((most, { input }) => Math.max(most, flat(input) + 1), 0);
  const suggested = suggestedType(attrs, 0) ?? (new Set(inputTypes).size === 1 ? inputTypes[0] : undefined);
  const count = Math.max(listed, read, readers.length === 0 && listed === 0 && suggested ? 1 : 0);
  const outputTypes = Array.from({ length: count }, (_, i) => {
    for (const reader of readers) {
      const def = flat(reader.input) === i ? findOp(reader.type)?.def : undefined;
      const dtype = def && inputTypesOf(def, reader.attrs, reader.count)[reader.position];
      if (dtype) return dtype;
    }
    const dtype = suggestedType(attrs, i) ?? suggested;
    if (dtype) return dtype;
    throw new ValueError(
      `Node '${node.name}' is of the type '${node.op}', which sluice does not know, and nothing tells the dtype of its output ${i}. Give its definition in producerOpList.`,
    );
  });
  const outputs = outputTypes.map((dtype, i) => plainArg(names[i] ?? `output_${i}`, dtype));
  const inputs = inputTypes.map((dtype, i) => plainArg(`input_${i}`, dtype));
  const def = { name: node.op, inputs, outputs, attrs: [], attrByName: new Map(), isStateful: true };
  return { def, outputTypes, shapes: shapesOf(attrs, count) };
}
