/**
 * Einstein sums of any number of tensors: one op Einsum for one or two of them, else one for each pair of a contraction
 * path.
 */
import { applyUnary } from '../../graph/applyOp';
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { ValueError } from '../../graph/errors';
import { composite } from '../../graph/ops/composite';
import type { Dimension } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';
import { contractionPath } from './contractionPath';

/** What stands for `...` while an equation is taken apart. */
const ELLIPSIS = '0';

interface Equation {
  readonly inputs: readonly string[];
  readonly output: string;
}

/**
 * The sum of products that `equation` describes: `einsum('ij,jk->ik', a, b)`. A letter that the output lacks is summed
 * over; one that repeats in an operand takes its diagonal; `...` stands for dimensions that broadcast. Without `->` the
 * output has the letters that appear once, sorted.
 *
 * More than two operands are contracted pair by pair, greedily by size, as TensorFlow does. Mirrors tf.einsum.
 * ValueError for an equation that cannot be read and for operands that do not fit it.
 */
export function einsum(equation: string, ...operands: readonly (TensorLike | EinsumOptions)[]): Tensor {
  const last = operands.at(-1);
  const { name } = isOptions(last) ? last : ({} as EinsumOptions);
  const inputs = (isOptions(last) ? operands.slice(0, -1) : operands) as readonly TensorLike[];
  return composite(name, 'einsum', inputs, () => {
    const tensors = inputs.map((input) => convertToTensor(input));
    const parsed = parseEquation(equation, tensors.length);
    const text = (part: string) => part.replace(ELLIPSIS, '...');
    if (tensors.length <= 2) return einsumOp(tensors, `${parsed.inputs.map(text).join(',')}->${text(parsed.output)}`);
    const sizes = labelSizes(equation, parsed.inputs, tensors);
    const remaining = [...tensors];
    for (const step of contractionPath(parsed.inputs, parsed.output, sizes)) {
      const pair = step.operands.map((index) => remaining.splice(index, 1)[0]);
      remaining.push(einsumOp(pair, `${step.inputs.map(text).join(',')}->${text(step.output)}`));
    }
    return remaining[0];
  });
}

export interface EinsumOptions {
  readonly name?: string;
}

function isOptions(value: unknown): value is EinsumOptions {
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isPlain && !('shape' in value);
}

const einsumOp = (inputs: readonly Tensor[], equation: string): Tensor => applyUnary('Einsum', { inputs, equation });

function parseEquation(equation: string, count: number): Equation {
  const hasEllipsis = equation.includes('...');
  const bare = equation.replaceAll(' ', '');
  if (hasEllipsis && bare.includes(ELLIPSIS))
    throw new ValueError(`Invalid character "${ELLIPSIS}" in equation: ${equation}.`);
  const resolved = bare.replaceAll('...', ELLIPSIS);
  const letters = hasEllipsis ? `a-zA-Z${ELLIPSIS}` : 'a-zA-Z';
  const match = new RegExp(`^([${letters},]*)(->[${letters}]*)?$`).exec(resolved);
  if (!match) throw new ValueError(`Subscripts have incorrect format: ${resolved}`);
  const inputs = match[1].split(',');
  if (inputs.length !== count)
    throw new ValueError(`Got ${count} inputs for equation "${equation}", expecting ${inputs.length}`);
  const all = inputs.join('');
  const output =
    match[2]?.slice(2) ??
    [...new Set(all)]
      .filter((label) => all.indexOf(label) === all.lastIndexOf(label))
      .sort()
      .join('');
  if (new Set(output).size !== output.length)
    throw new ValueError(`Output subscripts contain a label appearing more than once: ${equation}`);
  const unknown = [...output].find((label) => label !== ELLIPSIS && !all.includes(label));
  if (unknown)
    throw new ValueError(`Output subscripts contain the label ${unknown} not present in the input subscripts.`);
  return { inputs, output };
}

/** How large each label is; unknown dimensions count as 1. */
function labelSizes(equation: string, inputs: readonly string[], tensors: readonly Tensor[]): Map<string, number> {
  const sizes = new Map<string, number>();
  inputs.forEach((labels, i) => {
    const { dims } = tensors[i].shape;
    for (const label of labels) if (!sizes.has(label)) sizes.set(label, 1);
    if (dims === null) return;
    const shape = dims.map((dim) => dim ?? 'None').join(', ');
    const folded = foldEllipsis(equation, labels, dims, i, `[${shape}]`);
    if (labels.length !== folded.length) {
      throw new ValueError(
        `Number of named labels in input #${i} of equation ${equation} must be equal to the number of dimensions in shape [${shape}]`,
      );
    }
    [...labels].forEach((label, axis) => sizes.set(label, Math.max(sizes.get(label)!, folded[axis] ?? 1)));
  });
  return sizes;
}

/** The dimensions with one, their product, in place of those that an ellipsis stands for. */
function foldEllipsis(
  equation: string,
  labels: string,
  dims: readonly Dimension[],
  index: number,
  shape: string,
): readonly Dimension[] {
  const at = labels.indexOf(ELLIPSIS);
  if (at < 0) return dims;
  if (at !== labels.lastIndexOf(ELLIPSIS))
    throw new ValueError(`Too many ellipses in input label ${labels.replaceAll(ELLIPSIS, '...')}.`);
  const extra = dims.length + 1 - labels.length;
  if (extra < 0) {
    throw new ValueError(
      `Too many named labels in ${index}th subscript string of equation ${equation} for input shape ${shape} `,
    );
  }
  const product = dims.slice(at, at + extra).reduce<number>((size, dim) => size * (dim || 1), 1);
  return [...dims.slice(0, at), product, ...dims.slice(at + extra)];
}
