/**
 * Ops: checks of values at run time, and printing.
 */
import { applyOp, applyUnary } from '../applyOp';
import { convertToTensor, type TensorLike } from '../convert';
import { string } from '../dtypes';
import { repr, ValueError } from '../errors';
import type { Operation } from '../operation';
import { defineOps, none } from '../registry';
import { noOutputs, sameShape } from '../shapeContext';
import { Tensor } from '../tensor';
import { stringFormat } from './string';

const badGradient = 'Not a number (NaN) or infinity (Inf) values detected in gradient.';

export const checksOps = defineOps({
  CheckNumerics: {
    signature: `(tensor: T) -> (output: T)
      T: {bfloat16, float16, float32, float64}
      message: string`,
    stateful: true,
    shape: sameShape,
    gradient: (op, grad) => [
      applyUnary('CheckNumerics', { tensor: grad, message: `${badGradient} ${String(op.attrs.message)}` }),
    ],
  },
  CheckNumericsV2: {
    signature: `(tensor: T) -> (output: T)
      T: {bfloat16, float16, float32, float64}
      message: string`,
    stateful: true,
    shape: sameShape,
    gradient: (op, grad) => [
      applyUnary('CheckNumericsV2', { tensor: grad, message: `${badGradient} ${String(op.attrs.message)}` }),
    ],
  },
  Assert: {
    signature: `(condition: bool, data: T) -> ()
      T: list(type) >= 1
      summarize: int = 3`,
    stateful: true,
    shape: noOutputs,
    gradient: none('it has no output'),
  },
  Print: {
    signature: `(input: T, data: U) -> (output: T)
      T: type
      U: list(type) >= 0
      message: string = ''
      first_n: int = -1
      summarize: int = 3`,
    stateful: true,
    shape: sameShape,
    gradient: (op, grad) => [grad, ...op.inputs.slice(1).map(() => null)],
  },
  PrintV2: {
    signature: `(input: string) -> ()
      output_stream: string = 'stderr'
      end: string = '\\n'`,
    stateful: true,
    shape: (c) => {
      c.ranked(0, 0);
      return [];
    },
    gradient: none('it has no output'),
  },
});

/**
 * The same values; InvalidArgumentError `<message> : Tensor had NaN values` when one is NaN or infinite.
 *
 * Mirrors tf.debugging.check_numerics.
 */
export function checkNumerics(tensor: TensorLike, message: string, options: { name?: string } = {}): Tensor {
  return applyUnary('CheckNumerics', { tensor, message }, options.name);
}

export interface PrintV1Options {
  /** Printed before the values. */
  readonly message?: string;
  /** Print only that many times; -1 always. */
  readonly firstN?: number;
  /** Print that many elements of each tensor; -1 all. */
  readonly summarize?: number;
  readonly name?: string;
}

/** `input` behind a node that prints `data` to stderr whenever it runs. Mirrors tf.compat.v1.Print. */
export function Print(
  input: TensorLike,
  data: readonly TensorLike[],
  { message, firstN, summarize, name }: PrintV1Options = {},
): Tensor {
  return applyUnary('Print', { input, data, message, first_n: firstN, summarize }, name);
}

export interface PrintOptions {
  /** `stderr` (the default), `stdout`, `log(info)`, `log(warning)` or `log(error)`. */
  readonly outputStream?: string;
  /** Print that many elements at each end of each dimension; -1 all. */
  readonly summarize?: number;
  readonly sep?: string;
  readonly end?: string;
  readonly name?: string;
}

const outputStreams = ['stderr', 'stdout', 'log(info)', 'log(warning)', 'log(error)'];

/** Whatever `print` takes: text, tensors, numbers, and nested lists and objects of them. */
export type Printable = TensorLike | null | undefined | readonly Printable[] | { readonly [key: string]: Printable };

const optionNames = ['outputStream', 'summarize', 'sep', 'end', 'name'];

function isPrintOptions(value: unknown): value is PrintOptions {
  return (
    isPlainObject(value) &&
    Object.keys(value).length > 0 &&
    Object.keys(value).every((key) => optionNames.includes(key))
  );
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** A template for `value` in Python's spelling, with `placeholder` for each tensor, which goes to `tensors`. */
function templateOf(value: unknown, placeholder: string, tensors: Tensor[]): string {
  if (value instanceof Tensor) {
    tensors.push(value);
    return placeholder;
  }
  if (Array.isArray(value)) return `[${value.map((item) => templateOf(item, placeholder, tensors)).join(', ')}]`;
  if (isPlainObject(value)) {
    const entries = Object.keys(value).sort();
    return `{${entries.map((key) => `${repr(key)}: ${templateOf(value[key], placeholder, tensors)}`).join(', ')}}`;
  }
  return repr(value);
}

/** A placeholder that occurs nowhere in the text itself. */
function freePlaceholder(values: readonly unknown[]): string {
  const text = values.map((value) => (typeof value === 'string' ? value : templateOf(value, '', []))).join(' ');
  let placeholder = '{}';
  for (let digit = 0; text.includes(placeholder); digit = (digit + 7) % 10) placeholder += digit;
  return placeholder;
}

/**
 * An operation that prints the values when it runs: text as it is, tensors by their first and last elements, lists and
 * objects in Python's spelling. A last argument whose keys are all those of PrintOptions is taken as the options.
 *
 * Mirrors tf.print, without files as streams. ValueError for an unknown output stream.
 */
export function print(...values: [...Printable[], PrintOptions] | Printable[]): Operation {
  const options = isPrintOptions(values.at(-1)) ? (values.at(-1) as PrintOptions) : {};
  const inputs = (isPrintOptions(values.at(-1)) ? values.slice(0, -1) : values) as readonly Printable[];
  const { outputStream = 'stderr', summarize = 3, sep = ' ', end = '\n', name } = options;
  if (!outputStreams.includes(outputStream)) {
    throw new ValueError(
      `Unsupported output stream or logging level ${repr(outputStream)}. Supported streams are ${outputStreams.join(', ')}.`,
    );
  }
  const [only] = inputs;
  const isText = inputs.length === 1 && only instanceof Tensor && only.shape.rank === 0 && only.dtype === string;
  const text = isText ? convertToTensor(only) : formatted(inputs, sep, summarize, name);
  return applyOp('PrintV2', { input: text, output_stream: outputStream, end }, name);
}

function formatted(inputs: readonly Printable[], sep: string, summarize: number, name: string | undefined): Tensor {
  const placeholder = freePlaceholder(inputs);
  const tensors: Tensor[] = [];
  const template = inputs
    .map((input) => (typeof input === 'string' ? input : templateOf(input, placeholder, tensors)))
    .join(sep);
  return stringFormat(template, tensors, { placeholder, summarize, name: name && `${name}_format` });
}
