/**
 * Variables whose initial values come from a checkpoint.
 */
import { applyOp } from '../../../graph/applyOp';
import { getDefaultGraph } from '../../../graph/defaultGraph';
import { ValueError } from '../../../graph/errors';
import type { Graph } from '../../../graph/graph';
import { didYouMean } from '../../../graph/suggest';
import { getSaveSliceInfo } from '../../variables/saveSliceInfo';
import { Variable } from '../../variables/variable';
import { variableStoreOf } from '../../variables/variableStore';
import type { InFileSystem } from './checkpointState';
import { loadCheckpoint } from './reading';
import { saveablesOf } from './saveables';

/** A variable, its name, the parts of one, or a scope of the graph that ends in `/`. */
export type AssignmentTarget = Variable | string | readonly Variable[];

export type AssignmentMap =
  | Readonly<Record<string, AssignmentTarget>>
  | ReadonlyMap<string, AssignmentTarget>
  | readonly (readonly [name: string, target: AssignmentTarget])[];

function pairsOf(map: AssignmentMap): (readonly [string, AssignmentTarget])[] {
  const pairs = Array.isArray(map) || map instanceof Map ? [...map] : Object.entries(map);
  return pairs.sort(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * Makes `variable.initializer` of the variables in `assignmentMap` read a checkpoint: adds nodes to the default graph that do
 * so when they are run. Call it before `tf.globalVariablesInitializer`.
 *
 * @param checkpointDirOrFile the prefix of a checkpoint, or a folder with a state file.
 * @param assignmentMap from names in the checkpoint to variables or their names; or from a scope of the checkpoint to one of the
 * graph, both with a slash at their end, and `/` for all: `{ 'old/': 'new/' }`.
 *
 * ValueError for a tensor that the checkpoint does not have, or a variable of another shape. Mirrors
 * tf.compat.v1.train.init_from_checkpoint.
 */
export function initFromCheckpoint(
  checkpointDirOrFile: string,
  assignmentMap: AssignmentMap,
  options: InFileSystem = {},
): void {
  const reader = loadCheckpoint(checkpointDirOrFile, options);
  const shapes = reader.getVariableToShapeMap();
  const graph = getDefaultGraph();
  const { variables } = variableStoreOf(graph);
  const targets: [Variable, string][] = [];
  for (const [name, target] of pairsOf(assignmentMap)) {
    const found = typeof target === 'string' ? variables.get(target) : target;
    if (found) {
      if (!shapes.has(name)) {
        const known = [...shapes].map(([key, shape]) => `'${key}': [${shape.join(', ')}]`).join(', ');
        throw new ValueError(
          `Tensor ${name} is not found in ${checkpointDirOrFile} checkpoint {${known}}${didYouMean(name, shapes.keys())}`,
        );
      }
      for (const variable of found instanceof Variable ? [found] : found) targets.push([variable, name]);
    } else targets.push(...targetsInScope(checkpointDirOrFile, name, target as string, variables, shapes));
  }
  for (const [variable, name] of targets) checkShape(variable, name, shapes.get(name)!);
  graph.transaction(() => {
    for (const [variable, name] of targets) readInitially(graph, reader.path, variable, name);
  });
}

function checkShape(variable: Variable, name: string, stored: readonly number[]): void {
  if (getSaveSliceInfo(variable) || variable.shape.isCompatibleWith(stored)) return;
  throw new ValueError(
    `Shape of variable ${variable.name} (${variable.shape}) doesn't match with shape of tensor ${name} ([${stored.join(', ')}]) from checkpoint reader.`,
  );
}

/** The variables of a scope, each with the name that it has in a scope of the checkpoint. */
function targetsInScope(
  checkpoint: string,
  from: string,
  to: string,
  variables: ReadonlyMap<string, Variable>,
  shapes: ReadonlyMap<string, unknown>,
): [Variable, string][] {
  const scope = to.includes('/') ? to.slice(0, to.lastIndexOf('/')) : '';
  if (!from.endsWith('/')) {
    throw new ValueError(
      `Assignment map with scope only name ${scope} should map to scope only ${from}. Should be 'scope/': 'other_scope/'.`,
    );
  }
  const inScope = [...variables.keys()].filter((name) => scope === '' || name.startsWith(`${scope}/`)).sort();
  return inScope.map((name) => {
    const below = to === '/' || scope === '' ? name : name.slice(scope.length + 1);
    const full = from === '/' ? below : from + below;
    if (!shapes.has(full)) {
      throw new ValueError(`Tensor ${full} (${below} in ${from}) is not found in ${checkpoint} checkpoint`);
    }
    return [variables.get(name)!, full];
  });
}

function readInitially(graph: Graph, path: string, variable: Variable, name: string): void {
  const restored = graph.device(variable.device, () =>
    graph.device('/cpu:0', () =>
      applyOp(
        'RestoreV2',
        {
          prefix: path,
          tensor_names: [name],
          shape_and_slices: [getSaveSliceInfo(variable)?.spec ?? ''],
          dtypes: [variable.dtype],
        },
        'checkpoint_initializer',
      ),
    ),
  ).outputs[0];
  const [saveable] = saveablesOf([variable]);
  variable.replaceInitializer(saveable.assign(restored, null), restored);
  restored.setShape(variable.shape);
}
