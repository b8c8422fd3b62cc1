/**
 * Nodes that pass their input on, taken out of a GraphDef.
 */
import { create } from '@bufbuild/protobuf';
import { type GraphDef, GraphDefSchema } from '../../graph/formats/protos/generated/graph_pb';
import { type NodeDef, NodeDefSchema } from '../../graph/formats/protos/generated/node_def_pb';
import { nodeNameOf } from './extractSubGraph';

/** They check, or matter to gradients only; their control edges come from what they pass on. */
const CHECKS = new Set(['CheckNumerics', 'CheckNumericsV2', 'PreventGradient', 'StopGradient']);

const isControl = (input: string) => input.startsWith('^');

/**
 * The GraphDef without nodes that only training needs: those of `Identity` that no control edge begins or ends at, and all
 * checks of numbers and ends of gradients. What read them reads what they passed on.
 *
 * Mirrors tf.compat.v1.graph_util.remove_training_nodes, which takes away CheckNumerics together with what it passes on.
 */
export function removeTrainingNodes(graphDef: GraphDef, protectedNodes: readonly string[] = []): GraphDef {
  const kept = new Set(protectedNodes);
  const controlling = new Set(
    graphDef.node.flatMap(({ input }) => input.filter(isControl).map((each) => each.slice(1))),
  );
  const isSpliced = ({ name, op, input }: NodeDef) => {
    if (kept.has(name) || input.length === 0 || isControl(input[0])) return false;
    if (CHECKS.has(op)) return true;
    return op === 'Identity' && !controlling.has(name) && !input.some(isControl);
  };
  const spliced = new Map(graphDef.node.filter(isSpliced).map((node) => [node.name, node.input]));
  /** What a reader of `input` reads now: one input, and for control edges those of the node that went. */
  const resolved = (input: string): string[] => {
    const passed = spliced.get(nodeNameOf(input));
    if (passed === undefined) return [input];
    const [data, ...controls] = passed;
    if (!isControl(input)) return [...resolved(data), ...controls.flatMap(resolved)];
    return [...resolved(`^${nodeNameOf(data)}`), ...controls.flatMap(resolved)];
  };
  const node = graphDef.node
    .filter(({ name }) => !spliced.has(name))
    .map((each) => {
      const inputs = each.input.flatMap(resolved);
      const input = [...inputs.filter((one) => !isControl(one)), ...new Set(inputs.filter(isControl))];
      return create(NodeDefSchema, { ...each, input });
    });
  return create(GraphDefSchema, { ...graphDef, node });
}
