/**
 * `sluice freeze FILE --fetch y -o OUT`: the part of a graph that is needed, with its variables as constants.
 */
import { graphToProto } from '../../../graph/formats/exportGraphDef';
import { convertVariablesToConstants } from '../../graphUtil/convertVariables';
import { nodeNameOf } from '../../graphUtil/extractSubGraph';
import { fromGraphDef } from '../files/graphDefs';
import { writeGraphFile } from '../formats';
import { type Context, list } from '../output';
import { complete, openSession, withVariables } from '../variables';

interface FreezeOptions {
  readonly output: string;
  readonly fetch: string[];
  readonly checkpoint?: string;
  readonly init: string[];
}

export function addFreezeCommand(context: Context): void {
  context
    .plain('freeze <file>', 'a graph with its variables as constants')
    .requiredOption('-o, --output <file>', 'write there: .pb, .pbtxt or .json')
    .requiredOption('--fetch <names>', 'the outputs that are needed', list)
    .option('--checkpoint <file>', 'gives the variables their values')
    .option('--init <ops>', 'operations that give them', list, [])
    .action((file: string, options: FreezeOptions) => {
      const { session, loaded } = openSession(file, options);
      const names = options.fetch.map(nodeNameOf);
      const frozen = withVariables(() => convertVariablesToConstants(session, graphToProto(loaded.graph), names));
      writeGraphFile(context, complete(fromGraphDef(frozen)), options.output);
      context.output.write(`${frozen.node.length} nodes, no variables\n`);
    });
}
