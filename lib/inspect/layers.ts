/**
 * Finds the layers of a graph: its outermost name scopes, what they compute, what they hold and what leaves them.
 */
import { GraphKeys } from '../../graph/collections';
import type { Graph } from '../../graph/graph';
import type { Operation } from '../../graph/operation';
import type { TensorShape } from '../../graph/shape';
import type { Tensor } from '../../graph/tensor';

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

export interface Layers {
  readonly layers: readonly LayerInfo[];
  /** Ops that stand alone, outside of any layer, such as those that compute an accuracy. */
  readonly loose: readonly string[];
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
  [/^PlaceholderWithDefault$/, 'PlaceholderWithDefault'],
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
      const body =
        typeof value === 'object' && 'name' in value && 'attrs' in value
          ? graph.functions.get(value.name as string)
          : undefined;
      for (const inner of body?.operations ?? []) types.add(inner.type);
    }
  }
  return types;
}

function kindOf(graph: Graph, ops: readonly Operation[]): string {
  const types = [...typesWithin(graph, ops)];
  // Batch normalization that is not fused takes squared differences, as losses do.
  if (types.includes('Rsqrt') && types.includes('ReadVariableOp')) return 'BatchNormalization';
  const found = KINDS.find(([pattern]) => types.some((type) => pattern.test(type)));
  if (found) return found[1];
  if (types.includes('VarHandleOp')) return 'Variable';
  return ops.at(-1)!.type;
}

/** The last tensor of a scope that ops outside of it read, else the last float tensor it makes. */
function outputOf(scope: string, ops: readonly Operation[]): TensorShape | null {
  const numeric = ops.flatMap((op) => op.outputs).filter((tensor) => tensor.dtype.isNumeric || tensor.dtype.isBool);
  const leaves = (consumer: Operation) =>
    outermostScope(consumer.name) !== scope && !MACHINERY.test(outermostScope(consumer.name));
  const read = numeric.filter((tensor) => tensor.consumers().some(leaves));
  const unread = numeric.filter((tensor) => tensor.consumers().length === 0 && tensor.op.inputs.length > 0);
  return (read.at(-1) ?? unread.at(-1))?.shape ?? null;
}

/** An op with nothing but its constants: part of no layer, whatever its name. */
function isLoose(name: string, type: string, ops: readonly Operation[]): boolean {
  const calculating = ops.filter((op) => op.type !== 'Const');
  const isNamedOp = calculating.length === 1 && calculating[0].name === name;
  return isNamedOp && calculating[0].type === type && !/^Placeholder/.test(type);
}

/** A variable, or what stands for it in a graph that was loaded. */
interface VariableLike {
  readonly handle: Tensor;
  readonly shape: TensorShape;
}

/** Elements of the variables in each outermost scope. */
function sizes(variables: readonly VariableLike[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { handle, shape } of variables) {
    const scope = outermostScope(handle.op.name);
    found.set(scope, (found.get(scope) ?? 0) + (shape.numElements() ?? 0));
  }
  return found;
}

/** The layers of a graph, in the order in which they were built; training machinery is left out. */
export function findLayers(graph: Graph): Layers {
  const trainable = graph.getCollection<VariableLike>(GraphKeys.TRAINABLE_VARIABLES);
  const all = graph.getCollection<VariableLike>(GraphKeys.GLOBAL_VARIABLES);
  const weights = new Set(trainable.map(({ handle }) => handle.op.name));
  // Slots of optimizers lie under the variable they belong to: they are no weights of the layer.
  const isSlot = (name: string) => weights.has(name.slice(0, Math.max(0, name.lastIndexOf('/'))));
  const [params, others] = [sizes(trainable), sizes(all.filter(({ handle }) => !isSlot(handle.op.name)))];
  const layers: LayerInfo[] = [];
  const loose: string[] = [];
  for (const [name, ops] of opsByScope(graph)) {
    const type = kindOf(graph, ops);
    if (MACHINERY.test(name) || type === 'Optimizer' || type === 'NoOp' || type === 'Const') continue;
    if (isLoose(name, type, ops)) {
      loose.push(name);
      continue;
    }
    const own = params.get(name) ?? 0;
    const frozen = (others.get(name) ?? 0) - own;
    layers.push({ name, type, output: outputOf(name, ops), params: own, frozen, ops: ops.length });
  }
  return { layers, loose };
}
