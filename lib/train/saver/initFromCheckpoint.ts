/**
 * Variables whose initial values come from a checkpoint.
 */
import { applyOp } from '../../../graph/applyOp';
import { GraphKeys } from '../../../graph/collections';
import { getDefaultGraph } from '../../../graph/defaultGraph';
import { typeWord, ValueError } from '../../../graph/errors';
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

export interface WarmStartOptions extends InFileSystem {
  /**
   * A pattern for names of trainable variables (default all of them), names of global variables, or variables. Patterns fit from
   * the start of a name, as in `graph.getCollection`.
   */
  readonly varsToWarmStart?: string | readonly string[] | readonly Variable[] | null;
  /** From names of variables to those in the checkpoint, where they differ. */
  readonly varNameToPrevVarName?: Readonly<Record<string, string>>;
}

function chosenVariables(graph: Graph, chosen: WarmStartOptions['varsToWarmStart']): Variable[] {
  if (chosen === null || chosen === undefined || typeof chosen === 'string')
    return graph.getCollection<Variable>(GraphKeys.TRAINABLE_VARIABLES, chosen ?? null);
  if (!Array.isArray(chosen))
    throw new ValueError(`\`vars_to_warm_start must be a \`list\` or \`str\`.  Given type is ${typeWord(chosen)}`);
  const list = chosen as readonly (string | Variable)[];
  if (list.every((item) => item instanceof Variable)) return [...list];
  if (list.every((item) => typeof item === 'string'))
    return list.flatMap((name) => graph.getCollection<Variable>(GraphKeys.GLOBAL_VARIABLES, name));
  throw new ValueError(
    `If \`vars_to_warm_start\` is a list, it must be all \`Variable\` or all \`str\`.  Given types are [${list.map(typeWord)}]`,
  );
}

/**
 * Makes variables start as those of an earlier model: `initFromCheckpoint` for all trainable ones, or those chosen. Mirrors
 * tf.compat.v1.train.warm_start, without vocabularies. ValueError for a name in `varNameToPrevVarName` that no chosen variable has.
 */
export function warmStart(checkpointToInitializeFrom: string, options: WarmStartOptions = {}): void {
  const { varsToWarmStart, varNameToPrevVarName = {} } = options;
  const variables = chosenVariables(getDefaultGraph(), varsToWarmStart);
  const nameOf = (variable: Variable): string => getSaveSliceInfo(variable)?.fullName ?? variable.op.name;
  const names = new Set(variables.map(nameOf));
  const unused = Object.keys(varNameToPrevVarName).filter((name) => !names.has(name));
  if (unused.length > 0) {
    throw new ValueError(
      `You provided the following variables in var_name_to_prev_var_name that were not used: ${unused.join(', ')}.  Perhaps you misspelled them?  Here is the list of viable variable names: ${[...names].join(', ')}`,
    );
  }
  const pairs = [...new Set(variables)].map(
    (variable) => [varNameToPrevVarName[nameOf(variable)] ?? nameOf(variable), variable] as const,
  );
  initFromCheckpoint(checkpointToInitializeFrom, pairs, options);
}
