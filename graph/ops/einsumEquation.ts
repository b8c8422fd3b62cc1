/**
 * The equations of Einsum ops: `ij,jk->ik`, with `...` for dimensions that broadcast. Read by the shape rule, the
 * gradient and the kernel; graph/ops/einsum.ts has the op, lib/math/einsum.ts what users call.
 */

/** What stands for the broadcast dimensions among the labels of a subscript. */
export const ELLIPSIS = '...';

export interface EinsumEquation {
  /** One list for each input: single letters and at most one ellipsis. */
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/** The equation's labels; `fail` gets TensorFlow's complaint where it cannot be read. */
export function parseEinsumEquation(equation: string, fail: (message: string) => never): EinsumEquation {
  const sides = equation.split('->');
  if (sides.length !== 2) fail(`Expecting exactly one '->' in einsum equation: ${equation}`);
  const inputs = sides[0].split(',');
  if (inputs.length > 2) fail(`Expecting 1 or 2 input subscripts in equation '${equation}' but got: ${inputs.length}`);
  const labels = inputs.map((subscript) => parseSubscript(subscript, 'input', fail));
  const output = parseSubscript(sides[1], 'output', fail);
  const unknown = output.find((label) => label !== ELLIPSIS && !labels.some((own) => own.includes(label)));
  if (unknown !== undefined) {
    fail(
      `Einsum output subscripts for equation '${equation}' has label '${unknown}' which is not present in the input subscripts`,
    );
  }
  return { inputs: labels, output };
}

function parseSubscript(subscript: string, side: 'input' | 'output', fail: (message: string) => never): string[] {
  const periods = subscript.split('.').length - 1;
  const at = subscript.indexOf(ELLIPSIS);
  if (periods > 0 && (periods !== 3 || at < 0)) {
    fail(
      `Expected at most one ellipsis (...), but found ${periods} periods (.) in the ${side} subscript: ${subscript}`,
    );
  }
  if (at < 0) return [...subscript];
  return [...subscript.slice(0, at), ELLIPSIS, ...subscript.slice(at + ELLIPSIS.length)];
}
