/**
 * Finds the layers of a graph: its outermost name scopes, what they compute, what they hold and what leaves them.
 */
import { GraphKeys } from '../../graph/collections';
import type { Graph } from '../../graph/graph';
import type { Operation } from '../../graph/operation';
import type { TensorShape } from '../../graph/shape';

export interface LayerInfo {
  readonly name: string;
  /** What the layer is, judged by its ops. */
  readonly type: string;
  /** Shape of what other parts of the graph read, or null when nothing leaves it. */
  readonly output: TensorShape | null;
  /** Elements of its trainable variables. */
  readonly params: number;
  /** Elements of its other variables. */
  readonly frozen: number;
  readonly ops: number;
}

/** By their first component, scopes that hold training machinery rather than layers. */
const MACHINERY = /^(gradients|init|report_uninitialized_variables|save|global_step|beta[12]_power)(_\d+)?$/;

/** Op types that name a layer, the most telling first. */
const KINDS: readonly (readonly [pattern: RegExp, kind: string])[] = [
  [/^(FusedBatchNorm)/, 'BatchNormalization'],
  [/^DepthwiseConv2dNative$/, 'DepthwiseConv2D'],
  [/^Conv2D$/, 'Conv2D'],
  [/^Conv2DBackpropInput$/, 'Conv2DTranspose'],
  [/^MaxPool/, 'MaxPooling'],
  [/^AvgPool/, 'AveragePooling'],
  [/^(MatMul|BatchMatMul)/, 'Dense'],
  [/^RandomUniform$/, 'Dropout'],
  [/^(Sparse)?SoftmaxCrossEntropy/, 'Loss'],
  [/^SquaredDifference$/, 'Loss'],
  [/^ResourceApply/, 'Optimizer'],
];

export function outermostScope(name: string): string {
  const slash = name.indexOf('/');
  return slash < 0 ? name : name.slice(0, slash);
}

/** The operations of each outermost scope, in order of appearance. */
export function opsByScope(graph: Graph): Map<string, Operation[]> {
  const scopes = new Map<string, Operation[]>();
  for (const op of graph.operations) {
    const scope = outermostScope(op.name);
    const ops = scopes.get(scope);
    if (ops) ops.push(op);
    else scopes.set(scope, [op]);
  }
  return scopes;
}

function typesWithin(graph: Graph, ops: readonly Operation[]): Set<string> {
  const types = new Set<string>();
  for (const op of ops) {
    types.add(op.type);
    for (const value of Object.values(op.attrs)) {
      const body = typeof value === 'object' && 'name' in value && 'attrs' in value ? graph.functions.get(value.name as string) : undefined;
      for (const inner of body?.operations ?? []) types.add(inner.type);
    }
  }
  return types;
}

function kindOf(graph: Graph, ops: readonly Operation[]): string {
  const types = [...typesWithin(graph, ops)];
  const found = KINDS.find(([pattern]) => types.some((type) => pattern.test(type)));
  if (found) return found[1];
  return ops.length === 1 ? ops[0].type : types.includes('Rsqrt') && types.includes('ReadVariableOp') ? 'BatchNormalization' : '';
}

/** The last tensor of a scope that ops outside of it read, else the last float tensor it makes. */
function outputOf(scope: string, ops: readonly Operation[]): TensorShape | null {
  const numeric = ops.flatMap((op) => op.outputs).filter((tensor) => tensor.dtype.isNumeric || tensor.dtype.isBool);
  const leaves = (consumer: Operation) => outermostScope(consumer.name) !== scope && !MACHINERY.test(outermostScope(consumer.name));
  const read = numeric.filter((tensor) => tensor.consumers().some(leaves));
  const unread = numeric.filter((tensor) => tensor.consumers().length === 0 && tensor.op.inputs.length > 0);
  return (read.at(-1) ?? unread.at(-1))?.shape ?? null;
}

interface VariableLike {
  readonly op: Operation;
  readonly shape: TensorShape;
}

/** The layers of a graph, in the order in which they were built; training machinery is left out. */
export function findLayers(graph: Graph): LayerInfo[] {
  const trainable = graph.getCollection<VariableLike>(GraphKeys.TRAINABLE_VARIABLES);
  const all = graph.getCollection<VariableLike>(GraphKeys.GLOBAL_VARIABLES);
  const size = (variables: readonly VariableLike[], scope: string) =>
    variables.filter((variable) => outermostScope(variable.op.name) === scope).reduce((sum, variable) => sum + (variable.shape.numElements() ?? 0), 0);
  return [...opsByScope(graph)].flatMap(([name, ops]) => {
    const type = kindOf(graph, ops);
    if (MACHINERY.test(name) || type === 'Optimizer' || type === 'NoOp' || type === 'Const') return [];
    const params = size(trainable, name);
    // Slots of optimizers lie under the variable they belong to: they are no weights of the layer.
    const own = all.filter((variable) => !trainable.some((weight) => variable.op.name.startsWith(`${weight.op.name}/`)));
    return [{ name, type, output: outputOf(name, ops), params, frozen: size(own, name) - params, ops: ops.length }];
  });
}
