/**
 * `sluice explain FILE --fetch y --feed x=@x.npy`: the kernels that a run would take, without running.
 */
import type { Graph } from '../../../graph/graph';
import { NdArray, sizeOf } from '../../../graph/ndarray';
import type { Tensor } from '../../../graph/tensor';
import { resolveFeedKey } from '../../../runtime/feeds';
import { Session } from '../../../runtime/session';
import { explain } from '../../inspect/explain';
import { loadGraph } from '../files/kinds';
import { type Context, list, positive, repeated, type Shared, show, UsageError } from '../output';
import { tensorName } from './inspect';
import { feedsOf } from './run';

interface ExplainOptions extends Shared {
  readonly feed: string[];
  readonly shape: string[];
  readonly fetch: string[];
  readonly threads?: number;
  readonly blas?: string;
  readonly fusion: boolean;
}

/** Zeros of the shapes that are given: values do not matter here. */
function zerosOf(graph: Graph, given: readonly string[]): [Tensor, NdArray][] {
  return given.map((text) => {
    const [, name, dims] = /^(.+)=\[?((?:\d+(?:,\d+)*)?)\]?$/.exec(text) ?? [];
    if (name === undefined) throw new UsageError(`--shape ${text}: write NAME=DIM,DIM`);
    const tensor = resolveFeedKey(graph, tensorName(name));
    const shape = dims === '' ? [] : dims.split(',').map(Number);
    if (tensor.dtype.size === 0) throw new UsageError(`--shape ${text}: feed a ${tensor.dtype.name} with --feed`);
    return [tensor, NdArray.from({ data: new Array<number>(sizeOf(shape)).fill(0), shape }, tensor.dtype)];
  });
}

export function addExplainCommand({ command, output }: Context): void {
  command('explain <file>', 'the kernels that a run of these fetches would take')
    .requiredOption('--fetch <names>', 'tensors or operations; may be repeated', list)
    .option('--shape <name=dims>', 'feeds zeros of that shape, as x=32,10; may be repeated', repeated, [])
    .option('--feed <name=value>', 'JSON, or @FILE with numpy or JSON; may be repeated', repeated, [])
    .option('--threads <count>', 'as config.threads', positive)
    .option('--blas <setting>', 'as config.blas: auto, off or a path')
    .option('--no-fusion', 'a kernel for every value')
    .action((file: string, options: ExplainOptions) => {
      const { graph } = loadGraph(file);
      const { threads, blas, fusion } = options;
      using session = new Session({ graph, config: { threads, blas, fusion } });
      const fetches = options.fetch.map((name) =>
        graph.findOperation(name)?.outputs.length === 0 ? name : tensorName(name),
      );
      const feed = [...zerosOf(graph, options.shape), ...feedsOf(graph, options.feed, undefined)];
      show(explain(session, fetches, { feed }), options, output);
    });
}
