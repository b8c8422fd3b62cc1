/**
 * What specs of savers share: a graph with a session over a disk in memory, and variables of a few numbers.
 */
import * as dtypes from '../../graph/dtypes';
import { Graph } from '../../graph/graph';
import type { NdArray } from '../../graph/ndarray';
import { constant } from '../../graph/ops/source';
import { zerosInitializer } from '../../lib/initializers/constants';
import * as train from '../../lib/train/index';
import { globalVariablesInitializer } from '../../lib/variables/collections';
import type { Variable } from '../../lib/variables/variable';
import { getVariable } from '../../lib/variables/variableScope';
import { MemoryFileSystem } from '../../runtime/files/memoryFileSystem';
import { Session } from '../../runtime/session';

export const noGraph = { writeMetaGraph: false };

/** A graph with a session over a disk in memory. */
export function world<R>(fileSystem: MemoryFileSystem, body: (session: Session) => R): R {
  const graph = new Graph();
  return graph.asDefault(() => body(new Session({ graph, config: { fileSystem } })));
}

export const variable = (name: string, value: number[]): Variable =>
  getVariable(name, { initializer: constant(value, dtypes.float32) });
export const zeros = (name: string, shape: number[], dtype = dtypes.float32 as dtypes.DType): Variable =>
  getVariable(name, shape, { dtype, initializer: zerosInitializer() });
export const initialize = (session: Session) => session.runSync(globalVariablesInitializer());
export const values = (session: Session, of: Variable): number[] => [
  ...((session.runSync(of) as NdArray).data as Float32Array),
];

/** A disk with the checkpoint `model` of these vectors. */
export function saved(tensors: Readonly<Record<string, number[]>>, disk = new MemoryFileSystem()): MemoryFileSystem {
  world(disk, (session) => {
    for (const [name, value] of Object.entries(tensors)) variable(name, value);
    initialize(session);
    new train.Saver().save(session, 'model', noGraph);
  });
  return disk;
}
