/**
 * `sluice optimize FILE --fetch y -o OUT`: a graph cut down to what inference needs.
 */
import { graphToProto } from '../../../graph/formats/exportGraphDef';
import type { GraphDef } from '../../../graph/formats/protos/generated/graph_pb';
import { extractSubGraph, nodeNameOf } from '../../graphUtil/extractSubGraph';
import { foldConstants } from '../../graphUtil/foldConstants';
import { removeTrainingNodes } from '../../graphUtil/removeTrainingNodes';
import { fromGraphDef } from '../files/graphDefs';
import { loadGraph } from '../files/kinds';
import { writeGraphFile } from '../formats';
import { type Context, list } from '../output';
import { complete } from '../variables';

/** The passes in order: what each is called, and does, given what must stay. */
const passes: readonly (readonly [string, (graph: GraphDef, keep: readonly string[]) => GraphDef])[] = [
  ['not needed', extractSubGraph],
  ['for training only', removeTrainingNodes],
  ['constant', (graph, keep) => extractSubGraph(foldConstants(graph, keep), keep)],
];

export function addOptimizeCommand(context: Context): void {
  context
    .plain('optimize <file>', 'a graph without what its outputs do not need, and with constants computed')
    .requiredOption('-o, --output <file>', 'write there: .pb, .pbtxt or .json')
    .requiredOption('--fetch <names>', 'the outputs that are needed', list)
    .action((file: string, options: { output: string; fetch: string[] }) => {
      const keep = options.fetch.map(nodeNameOf);
      let graph = graphToProto(loadGraph(file).graph);
      const lines = [`${graph.node.length} nodes`];
      for (const [what, pass] of passes) {
        const before = graph.node.length;
        graph = pass(graph, keep);
        lines.push(`${before - graph.node.length} ${what}`);
      }
      writeGraphFile(context, complete(fromGraphDef(graph)), options.output);
      context.output.write(`${[...lines, `${graph.node.length} left`].join(', ')}\n`);
    });
}
