/**
 * Building the body of a function by calling the user's: arguments become placeholders, results tensors of the body.
 *
 * The user's function runs once, while the graph is built, with the body as default graph.
 */
import { applyUnary } from '../applyOp';
import { convertToTensor, isTensorConvertible, type TensorLike } from '../convert';
import { GraphTypeError, typeWord, ValueError } from '../errors';
import type { ArgumentSpec, FuncGraph } from '../funcGraph';
import { IndexedSlices } from '../indexedSlices';
import { flattenTensors, isFlowHolder, mapStructure } from '../nest';
import { Operation } from '../operation';
import { isPromiseLike } from '../scope';
import { callUser } from '../site';
import { Tensor } from '../tensor';
import { AutomaticControl } from './automaticControl';

export interface BuildOptions {
  readonly args?: readonly ArgumentSpec[];
  /** What an operation that the function returns becomes, behind that operation. Without it, returning one is an error. */
  readonly opReturnValue?: Tensor;
  /** Run stateful ops in order, and pass results through Identity: as TensorFlow builds gradient functions. */
  readonly automaticControl?: boolean;
}

/**
 * Fills an empty function graph by calling `body` with its arguments, and sets its outputs.
 *
 * TypeError when `body` returns something that is no tensor and cannot become one. Mirrors func_graph_from_py_func.
 */
export function buildFunction<F extends FuncGraph>(
  func: F,
  body: (...args: Tensor[]) => unknown,
  options: BuildOptions = {},
): F {
  func.asDefault(() => {
    const args = (options.args ?? []).map((spec) => func.addArgument(spec));
    const automatic = options.automaticControl ? new AutomaticControl(func) : null;
    const returned = options.automaticControl ? body(...args) : callUser(() => body(...args));
    if (isPromiseLike(returned)) {
      throw new GraphTypeError(
        'A function of control flow must not return a Promise: it is called while the graph is built. Await first, then build the graph.',
      );
    }
    const read = mapStructure(
      (leaf) => (isTensorConvertible(leaf) ? convertToTensor(leaf, { graph: func }) : leaf),
      returned,
    );
    const results = mapStructure((leaf) => {
      const result = convertResult(func, body, leaf, options.opReturnValue);
      return automatic ? automatic.markReturned(result) : result;
    }, read);
    func.structuredOutputs = results;
    func.outputs = flattenTensors(results).map((tensor) => func.capture(tensor));
    automatic?.finish();
  });
  return func;
}

function convertResult(
  func: FuncGraph,
  body: { readonly name: string },
  value: unknown,
  opReturnValue: Tensor | undefined,
): unknown {
  if (value === null || value === undefined) return null;
  if (value instanceof Tensor || value instanceof IndexedSlices || isFlowHolder(value)) return value;
  if (value instanceof Operation && opReturnValue) {
    return func.controlDependencies([value], () => applyUnary('Identity', { input: opReturnValue }));
  }
  try {
    if (value instanceof Operation) throw new ValueError('an Operation is no tensor');
    return convertToTensor(value as TensorLike, { graph: func });
  } catch (error) {
    if (!(error instanceof ValueError || error instanceof GraphTypeError)) throw error;
    throw new GraphTypeError(
      `To be compatible with tf.function, Python functions must return zero or more Tensors or ExtensionTypes or None values; in compilation of <function ${body.name || '<lambda>'}>, found return value of type ${typeWord(value)}, which is not a Tensor or ExtensionType.`,
    );
  }
}
