/**
 * Ops: strings. Elements are bytes, as in TensorFlow; those that are valid UTF-8 are held as JavaScript strings.
 */
import { applyUnary } from '../applyOp';
import { convertToTensor, type TensorLike } from '../convert';
import { asDType, type DType } from '../dtypes';
import { ValueError } from '../errors';
import { toNumbers } from '../ndarray';
import { defineOps, none } from '../registry';
import { scalarShape, TensorShape, unknownShape } from '../shape';
import { type ShapeContext, sameShape } from '../shapeContext';
import type { Tensor } from '../tensor';
import { composite } from './composite';
import { range, rank } from './shapes';

const noGradient = none('strings have no gradients');

export const stringOps = defineOps({
  StringJoin: {
    signature: `(inputs: N * string) -> (output: string)
      N: int >= 0
      separator: string = ''`,
    shape: (c) => {
      if (c.inputs.some((input) => input.shape.dims === null)) return [unknownShape];
      const shapes = c.inputs.map((input) => input.shape).filter((shape) => shape.rank !== 0);
      return [shapes.reduce((merged, shape) => c.merge(merged, shape), shapes[0] ?? scalarShape)];
    },
    gradient: noGradient,
  },
  AsString: {
    signature: `(input: T) -> (output: string)
      T: {float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, uint32, uint64, complex64, complex128, bool, variant, string}
      precision: int = -1
      scientific: bool = false
      shortest: bool = false
      width: int = -1
      fill: string = ''`,
    shape: sameShape,
    gradient: noGradient,
  },
  ReduceJoin: {
    signature: `(inputs: string, reduction_indices: int32) -> (output: string)
      keep_dims: bool = false
      separator: string = ''`,
    shape: reduceJoinShape,
    gradient: noGradient,
  },
  StringLength: {
    signature: `(input: string) -> (output: int32)
      unit: {'BYTE', 'UTF8_CHAR'} = 'BYTE'`,
    shape: sameShape,
    gradient: noGradient,
  },
  Substr: {
    signature: `(input: string, pos: T, len: T) -> (output: string)
      T: {int32, int64}
      unit: {'BYTE', 'UTF8_CHAR'} = 'BYTE'`,
    shape: (c) => {
      const [pos, len] = [c.shape(1), c.shape(2)];
      if (len.rank !== null) c.withRank(pos, len.rank);
      pos.dims?.forEach((dim, i) => {
        const other = len.dims?.[i] ?? null;
        if (dim !== null && other !== null && dim !== other)
          c.fail(`pos and len shapes must match: ${pos.toCpp()} vs. ${len.toCpp()}`);
      });
      return [c.broadcast(c.shape(0), pos)];
    },
    gradient: noGradient,
  },
  StringToNumber: {
    signature: `(string_tensor: string) -> (output: out_type)
      out_type: {float32, float64, int32, int64} = float32`,
    shape: sameShape,
    gradient: noGradient,
  },
  StringLower: {
    signature: `(input: string) -> (output: string)
      encoding: string = ''`,
    shape: sameShape,
    gradient: noGradient,
  },
  StringUpper: {
    signature: `(input: string) -> (output: string)
      encoding: string = ''`,
    shape: sameShape,
    gradient: noGradient,
  },
  StringStrip: { signature: '(input: string) -> (output: string)', shape: sameShape, gradient: noGradient },
  RegexFullMatch: {
    signature: '(input: string, pattern: string) -> (output: bool)',
    shape: (c) => {
      c.ranked(1, 0);
      return [c.shape(0)];
    },
    gradient: noGradient,
  },
  StaticRegexFullMatch: {
    signature: `(input: string) -> (output: bool)
      pattern: string`,
    shape: sameShape,
    gradient: noGradient,
  },
  StringFormat: {
    signature: `(inputs: T) -> (output: string)
      T: list(type) >= 0
      template: string = '%s'
      placeholder: string = '%s'
      summarize: int = 3`,
    shape: (c) => {
      const expected = countOf(c.attr('template'), c.attr('placeholder'));
      if (expected !== c.inputs.length) {
        c.fail(`num placeholders in template and num inputs must match: ${expected} vs. ${c.inputs.length}`);
      }
      return [scalarShape];
    },
    gradient: noGradient,
  },
});

function countOf(template: string, placeholder: string): number {
  return template.split(placeholder).length - 1;
}

function reduceJoinShape(c: ShapeContext): TensorShape[] {
  const { dims } = c.shape(0);
  const indices = c.value(1);
  const keep = c.attr<boolean>('keep_dims');
  if (dims === null) return [unknownShape];
  if (!indices) return [keep ? new TensorShape(dims.map(() => null)) : unknownShape];
  const axes = toNumbers(indices).map((axis) => {
    if (axis < -dims.length || axis >= dims.length)
      c.fail(`Invalid reduction dimension ${axis} for input with ${dims.length} dimensions.`);
    return axis < 0 ? axis + dims.length : axis;
  });
  const reduced = dims.map((dim, i) => (axes.includes(i) ? 1 : dim));
  return [new TensorShape(keep ? reduced : reduced.filter((_, i) => !axes.includes(i)))];
}

interface Named {
  readonly name?: string;
}

/** The inputs joined elementwise; scalars go with every element. Mirrors tf.strings.join. */
export function stringJoin(
  inputs: readonly TensorLike[],
  { separator, name }: { separator?: string } & Named = {},
): Tensor {
  return applyUnary('StringJoin', { inputs, separator }, name);
}

/** Whether the whole of each input matches a pattern, written as RE2 has it. Mirrors tf.strings.regex_full_match. */
export function regexFullMatch(input: TensorLike, pattern: TensorLike, { name }: Named = {}): Tensor {
  return typeof pattern === 'string'
    ? applyUnary('StaticRegexFullMatch', { input, pattern }, name)
    : applyUnary('RegexFullMatch', { input, pattern }, name);
}

export interface AsStringOptions extends Named {
  /** Digits after the decimal point; only for floats. */
  readonly precision?: number;
  readonly scientific?: boolean;
  /** The shortest of both notations, as C's `%g`; only for floats. */
  readonly shortest?: boolean;
  readonly width?: number;
  /** Pads to `width`: `0`, a space, `-` (to the left) or `+`. */
  readonly fill?: string;
}

/** Each element as text. Mirrors tf.strings.as_string. */
export function asString(
  input: TensorLike,
  { precision, scientific, shortest, width, fill, name }: AsStringOptions = {},
): Tensor {
  return applyUnary('AsString', { input, precision, scientific, shortest, width, fill }, name);
}

export interface ReduceJoinOptions extends Named {
  readonly keepdims?: boolean;
  readonly separator?: string;
}

/** Joins the strings along `axis` (default: all), in the order of the axes. Mirrors tf.strings.reduce_join. */
export function reduceJoin(
  inputs: TensorLike,
  axis?: TensorLike | null,
  { keepdims = false, separator, name }: ReduceJoinOptions = {},
): Tensor {
  return composite(null, 'ReduceJoin', [inputs, axis ?? []], () => {
    const x = convertToTensor(inputs);
    return applyUnary(
      'ReduceJoin',
      { inputs: x, reduction_indices: axis ?? allAxesBackwards(x), keep_dims: keepdims, separator },
      name,
    );
  });
}

function allAxesBackwards(x: Tensor): Tensor {
  const known = x.shape.rank;
  if (known !== null) return convertToTensor(Int32Array.from({ length: known }, (_, i) => known - 1 - i));
  return range(applyUnary('Sub', { x: rank(x), y: 1 }, 'sub'), -1, -1);
}

export type StringUnit = 'BYTE' | 'UTF8_CHAR';

/** The length of each string, in bytes or in characters. Mirrors tf.strings.length. */
export function stringLength(input: TensorLike, { unit, name }: { unit?: StringUnit } & Named = {}): Tensor {
  return applyUnary('StringLength', { input, unit }, name);
}

/**
 * `len` units of each string from position `pos`, which may count from the end. Mirrors tf.strings.substr.
 * InvalidArgumentError when a position is outside of its string.
 */
export function substr(
  input: TensorLike,
  pos: TensorLike,
  len: TensorLike,
  { unit, name }: { unit?: StringUnit } & Named = {},
): Tensor {
  return applyUnary('Substr', { input, pos, len, unit }, name);
}

/** Each string read as a number. Mirrors tf.strings.to_number. InvalidArgumentError for text that is none. */
export function stringToNumber(input: TensorLike, outType?: DType, { name }: Named = {}): Tensor {
  return applyUnary('StringToNumber', { string_tensor: input, out_type: outType && asDType(outType) }, name);
}

/** Lower case: of ASCII, or of all letters with encoding `utf-8`. Mirrors tf.strings.lower. */
export function stringLower(input: TensorLike, { encoding, name }: { encoding?: string } & Named = {}): Tensor {
  return applyUnary('StringLower', { input, encoding }, name);
}

/** Upper case: of ASCII, or of all letters with encoding `utf-8`. Mirrors tf.strings.upper. */
export function stringUpper(input: TensorLike, { encoding, name }: { encoding?: string } & Named = {}): Tensor {
  return applyUnary('StringUpper', { input, encoding }, name);
}

/** The strings without white space at their ends. Mirrors tf.strings.strip. */
export function stringStrip(input: TensorLike, { name }: Named = {}): Tensor {
  return applyUnary('StringStrip', { input }, name);
}

export interface StringFormatOptions extends Named {
  /** What stands for a tensor in the template. Default `{}`. */
  readonly placeholder?: string;
  /** Elements shown at each end of each dimension; -1 all. */
  readonly summarize?: number;
}

/** The template with its placeholders replaced by the tensors' values. Mirrors tf.strings.format. */
export function stringFormat(
  template: string,
  inputs: TensorLike | readonly TensorLike[],
  { placeholder = '{}', summarize = 3, name }: StringFormatOptions = {},
): Tensor {
  const list = Array.isArray(inputs) ? (inputs as readonly TensorLike[]) : [inputs as TensorLike];
  const expected = countOf(template, placeholder);
  if (expected !== list.length) {
    throw new ValueError(
      `The template expects ${expected} tensors, but the inputs only has ${list.length}. Please ensure the number of placeholders in template matches inputs length.`,
    );
  }
  return applyUnary('StringFormat', { inputs: list, template, placeholder, summarize }, name);
}
