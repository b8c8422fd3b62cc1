/**
 * A graph as a GraphDef: `graph.asGraphDef()`. Nodes in order of creation, functions in order of definition; equal graphs
 * are written equal.
 */
import { create } from '@bufbuild/protobuf';
import type { FuncGraph } from '../funcGraph';
import { Graph } from '../graph';
import type { Operation } from '../operation';
import { VERSIONS } from '../state';
import { functionToProto } from './exportFunctions';
import { graphNaming, type NodeOptions, nodeToProto } from './exportNodes';
import { FunctionDefLibrarySchema } from './protos/generated/function_pb';
import { type GraphDef, GraphDefSchema } from './protos/generated/graph_pb';

/** Functions came with this version: a graph that has some is nothing for older consumers. */
const FUNCTIONS_SINCE = 12;

export interface ExportOptions extends NodeOptions {
  /** Writes only operations from that version of the graph on. Default 0, all. */
  readonly fromVersion?: number;
}

/** The GraphDef of some operations, with the library of their graph. */
export function graphDefOf(
  operations: readonly Operation[],
  functions: Iterable<FuncGraph>,
  gradients: Iterable<readonly [string, string]>,
  options: NodeOptions,
): GraphDef {
  const library = [...functions].map((func) => functionToProto(func, options));
  const gradient = Array.from(gradients, ([functionName, gradientFunc]) => ({ functionName, gradientFunc }));
  return create(GraphDefSchema, {
    node: operations.map((op) => nodeToProto(op, graphNaming, options)),
    versions: {
      producer: VERSIONS.producer,
      minConsumer: library.length > 0 ? FUNCTIONS_SINCE : VERSIONS.minConsumer,
    },
    library:
      library.length + gradient.length > 0
        ? create(FunctionDefLibrarySchema, { function: library, gradient })
        : undefined,
  });
}

/**
 * The graph as a message that TensorFlow reads: names, types, inputs, attributes, devices, functions, versions.
 *
 * The message is a copy; changing it changes no graph. Mirrors Graph.as_graph_def.
 */
export function graphToProto(graph: Graph, options: ExportOptions = {}): GraphDef {
  const operations = graph.operations.slice(options.fromVersion ?? 0);
  return graphDefOf(operations, graph.functions.values(), graph.outermost.gradientFunctions, options);
}

declare module '../graph' {
  interface Graph {
    /**
     * The graph as a GraphDef message. Deterministic: equal graphs give equal messages. Mirrors Graph.as_graph_def.
     *
     * With `addShapes`, static shapes go into the attribute `_output_shapes`.
     */
    asGraphDef(options?: ExportOptions): GraphDef;
  }
}

Graph.prototype.asGraphDef = function (options) {
  return graphToProto(this, options);
};
