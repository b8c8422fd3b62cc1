/**
 * The random streams of nodes, as compiled plans use them: the same streams that plain kernels draw from.
 */
import type { RandomSource } from '../ir/value';
import type { KernelContext } from '../kernel';
import { RandomStream } from './stateful';

/** The stream of the node that runs, at the point its earlier runs left it. */
export function streamOf(c: KernelContext): RandomStream {
  return c.state(() => new RandomStream(c.attr('seed'), c.attr('seed2'), () => c.drawSeed()));
}

/** Draws from the node's stream. The stream is looked up for each run, since a session's random state can be set anew. */
export function randomSourceOf(c: KernelContext): RandomSource {
  return {
    prepare(words, outputs) {
      streamOf(c).reserveOutputs(outputs).copyState(words);
    },
  };
}
