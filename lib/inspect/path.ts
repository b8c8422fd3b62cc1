/**
 * Why one operation needs another: a shortest way from the one to the other.
 */
import type { Graph } from '../../graph/graph';
import type { Operation } from '../../graph/operation';
import { Tensor } from '../../graph/tensor';
import { shortestPath } from '../../graph/topology';
import { Report } from './report';

/** A longer way does not tell where its operations were made: finding out takes time for each. */
const MAX_SITES = 200;
/** Steps to the right that a long way takes before it goes straight down. */
const MAX_INDENT = 30;

export interface Path {
  /** Names of operations from the first to the last; empty when there is no way. */
  readonly path: readonly string[];
  /** For each step, whether it is a control edge. */
  readonly control: readonly boolean[];
}

function operation(graph: Graph, name: string): Operation {
  const element = graph.asGraphElement(name);
  return element instanceof Tensor ? element.op : element;
}

/** A shortest way along data and control edges from operation `from` to operation `to`. */
export function path(graph: Graph, from: string, to: string): Report<Path> {
  const [start, end] = [operation(graph, from), operation(graph, to)];
  const ops = shortestPath(start, end, { towards: 'consumers' }) ?? [];
  const control = ops.slice(1).map((op, i) => !op.inputs.some((input) => input.op === ops[i]));
  const lines = ops.map((op, i) => {
    const site = ops.length <= MAX_SITES ? op.creationSite : null;
    const type = op.outputs.length > 0 ? ` : ${op.outputs[0].dtype.name}${op.outputs[0].shape}` : '';
    const edge = i === 0 ? '' : `${'  '.repeat(Math.min(i - 1, MAX_INDENT))} └─${control[i - 1] ? '^' : ''} `;
    return `${edge}${op.name} = ${op.type}${type}${site ? `   ${site}` : ''}`;
  });
  const none = () => {
    const other = shortestPath(end, start, { towards: 'consumers' })
      ? ` It is ${start.name} that depends on ${end.name}.`
      : '';
    return `There is no way from ${start.name} to ${end.name}: ${end.name} does not depend on it.${other}`;
  };
  const text = ops.length > 0 ? lines.join('\n') : none();
  return new Report({ path: ops.map((op) => op.name), control }, text);
}
