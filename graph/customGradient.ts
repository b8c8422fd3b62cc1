/**
 * `tf.customGradient`: a function whose gradient is written by hand.
 *
 * Results and arguments pass through one IdentityN, whose gradient is overridden with a rule of its own: the hand-written
 * gradient goes to the arguments, nothing to what the results were computed from.
 */
import { applyOp, applyUnary } from './applyOp';
import { GraphKeys } from './collections';
import { convertToTensor, isTensorConvertible, type TensorLike } from './convert';
import { getDefaultGraph } from './defaultGraph';
import { GraphTypeError, ValueError } from './errors';
import type { FuncGraph } from './funcGraph';
import { flatten, flattenTensors, mapStructure, packTensors } from './nest';
import type { Operation } from './operation';
import { findGradient, type Gradient, registerGradient } from './registry';
import { callUser } from './site';
import { Tensor } from './tensor';

/** A variable, as far as gradients know it. */
export interface GradientVariable {
  readonly name: string;
  readonly handle: Tensor;
}

type AnyGradients = Gradient | undefined | readonly AnyGradients[] | { readonly [key: string]: AnyGradients };

/**
 * The gradients of the arguments for those of the results. A function that uses variables gets them as a last argument
 * `{ variables }` and returns a pair: gradients of the arguments, gradients of the variables.
 */
export type HandWrittenGradient = (...args: never[]) => AnyGradients | readonly [AnyGradients, readonly Gradient[]];

let count = 0;

/**
 * `fn` with a gradient of its own: it returns a pair of its result (a tensor or a structure of tensors) and a function
 * from the results' gradients to the arguments' gradients.
 *
 * TypeError when variables are used and the gradient function has no argument for them; ValueError when it returns the
 * wrong number of gradients. Mirrors tf.custom_gradient in graph mode.
 */
export function customGradient<A extends readonly unknown[], R>(
  fn: (...args: A) => readonly [R, HandWrittenGradient],
): (...args: { [K in keyof A]: A[K] | TensorLike }) => R {
  return (...args) => {
    const graph = getDefaultGraph();
    return graph.transaction(() => applyCustom(fn as unknown as Custom, args)) as R;
  };
}

type Custom = (...args: unknown[]) => readonly [unknown, (...args: unknown[]) => unknown];

function applyCustom(fn: Custom, given: readonly unknown[]): unknown {
  const graph = getDefaultGraph();
  const name = `CustomGradient-${count++}`;
  const args = mapStructure((leaf) => convertToTensor(leaf as TensorLike, { graph }), given) as unknown[];
  const [result, gradient] = callUser(() => fn(...args));
  const results = flattenTensors(result);
  const inputs = flattenTensors(args);
  const variables = variablesBetween(results, inputs);
  if (variables.length > 0 && gradient.length <= results.length) {
    throw new GraphTypeError(
      `@tf.custom_gradient grad_fn must accept keyword argument 'variables', since function uses variables: [${variables.map((variable) => variable.name).join(', ')}]`,
    );
  }
  registerGradient(name, (_op, ...grads) => {
    const perResult = grads.slice(0, results.length);
    const found = inputGradients(gradient, perResult, variables, inputs.length);
    return [...results.map(() => null), ...found];
  });
  const passed = graph.gradientOverrideMap({ IdentityN: name }, () =>
    applyOp('IdentityN', { input: [...results, ...inputs, ...(variables as unknown as TensorLike[])] }),
  );
  const originals = [
    ...results,
    ...inputs,
    ...variables.map((variable) => convertToTensor(variable as unknown as TensorLike, { graph })),
  ];
  passed.outputs.forEach((output, i) => {
    output.handleData = originals[i].handleData;
  });
  return packTensors(result, passed.outputs.slice(0, results.length));
}

function inputGradients(
  gradient: (...args: unknown[]) => unknown,
  grads: readonly Tensor[],
  variables: readonly GradientVariable[],
  expected: number,
): Gradient[] {
  const returned = callUser(() => (variables.length > 0 ? gradient(...grads, { variables }) : gradient(...grads)));
  const [ofInputs, ofVariables] = variables.length > 0 ? (returned as [unknown, readonly Gradient[]]) : [returned, []];
  if (ofVariables.length !== variables.length)
    throw new ValueError('Must return gradient for each variable from @custom_gradient grad_fn.');
  const flat = flatten(ofInputs).map((leaf) => (leaf ?? null) as Gradient);
  if (flat.length !== expected) {
    throw new ValueError(
      `custom_gradient function expected to return ${expected} gradients, but returned ${flat.length} instead.`,
    );
  }
  return [...flat, ...ofVariables];
}

/** The trainable variables that the results depend on, other than through the arguments; sorted by name. */
function variablesBetween(results: readonly Tensor[], inputs: readonly Tensor[]): GradientVariable[] {
  const stops = new Set(inputs);
  const seen = new Set<Operation>();
  const pending = results.map((input) => applyUnary('Identity', { input }).op);
  for (let op = pending.pop(); op !== undefined; op = pending.pop()) {
    if (seen.has(op)) continue;
    seen.add(op);
    const outside =
      op.type === 'Placeholder' && op.graph.isFunction ? (op.graph as FuncGraph).outerOf(op.output) : undefined;
    const rule = findGradient((op.attrs._gradient_op_type as string | undefined) ?? op.type);
    const isOpen = rule !== undefined && !('notDifferentiable' in rule);
    for (const input of outside ? [outside] : isOpen ? op.inputs : []) if (!stops.has(input)) pending.push(input.op);
  }
  const known = getDefaultGraph().getCollection<unknown>(GraphKeys.GLOBAL_VARIABLES);
  const used = known.filter((item): item is GradientVariable & { trainable?: boolean } => {
    const handle = (item as Partial<GradientVariable>).handle;
    return (
      isTensorConvertible(item) &&
      handle instanceof Tensor &&
      seen.has(handle.op) &&
      (item as { trainable?: boolean }).trainable !== false
    );
  });
  return used.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
