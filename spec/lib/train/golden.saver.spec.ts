/** TensorFlow's savers, built again here: see spec/golden/saver.py. */

import { getDefaultGraph } from '../../../graph/defaultGraph';
import * as dtypes from '../../../graph/dtypes';
import { Graph } from '../../../graph/graph';
import { cast } from '../../../graph/ops/cast';
import { reduceSum } from '../../../graph/ops/reduce';
import { constant, placeholder } from '../../../graph/ops/source';
import { square } from '../../../graph/ops/unary';
import { onesInitializer, zerosInitializer } from '../../../lib/initializers/constants';
import { AdamOptimizer } from '../../../lib/train/adam';
import { getOrCreateGlobalStep } from '../../../lib/train/globalStep';
import { initFromCheckpoint } from '../../../lib/train/saver/initFromCheckpoint';
import { Saver } from '../../../lib/train/saver/saver';
import { globalVariablesInitializer } from '../../../lib/variables/collections';
import { SaveSliceInfo, setSaveSliceInfo } from '../../../lib/variables/saveSliceInfo';
import type { Variable } from '../../../lib/variables/variable';
import { getVariable, variableScope } from '../../../lib/variables/variableScope';
import { MemoryFileSystem } from '../../../runtime/files/memoryFileSystem';
import { Session } from '../../../runtime/session';
import { goldenCases } from '../../support/golden';

const ones = (name: string, shape: readonly number[]) =>
  getVariable(name, [...shape], { initializer: onesInitializer() });

function definition(saver: Saver) {
  const def = saver.asSaverDef()!;
  return [
    def.filenameTensorName,
    def.saveTensorName,
    def.restoreOpName,
    def.maxToKeep,
    def.sharded,
    def.keepCheckpointEveryNHours,
    def.version as number,
  ];
}

function variables(): [Variable, Variable] {
  return [ones('w', [2, 3]), getVariable('b', [], { dtype: dtypes.float64, initializer: zerosInitializer() })];
}

goldenCases('saver', {
  all_variables: () => {
    variables();
    return definition(new Saver());
  },
  trained_by_adam: () => {
    const globalStep = getOrCreateGlobalStep();
    const w = ones('w', [2]);
    new AdamOptimizer(0.1).minimize(reduceSum(square(w)), { globalStep });
    return definition(new Saver());
  },
  some_variables: () => {
    const [w] = variables();
    getVariable('c', [2], { initializer: zerosInitializer() });
    return definition(new Saver([w], { maxToKeep: null, keepCheckpointEveryNHours: 2.5 }));
  },
  under_other_names: () => {
    const [w, b] = variables();
    return definition(new Saver({ 'z/w': w, a: b }, { maxToKeep: 3 }));
  },
  two_savers: () => {
    const [w, b] = variables();
    return [definition(new Saver([w])), definition(new Saver([b]))];
  },
  named: () => {
    variables();
    return definition(new Saver(null, { name: 'mine', filename: 'somewhere/model' }));
  },
  in_scopes: () =>
    variableScope('net', () => {
      variables();
      return getDefaultGraph().device('/device:GPU:1', () => definition(new Saver()));
    }),
  types_of_values: () => {
    for (const dtype of [dtypes.string, dtypes.bool, dtypes.int64, dtypes.uint8, dtypes.bfloat16]) {
      const value = dtype === dtypes.string ? ['x'] : dtype === dtypes.bool ? [true] : [1];
      const initializer =
        dtype === dtypes.bfloat16 ? cast(constant([1], dtypes.float32), dtype) : constant(value, dtype);
      getVariable(`v_${dtype.name}`, { initializer });
    }
    return definition(new Saver());
  },
  sharded: () => {
    variables();
    return definition(new Saver(null, { sharded: true }));
  },
  sharded_by_device: () => {
    const graph = getDefaultGraph();
    graph.device('/job:ps/task:1', () => ones('second', [2]));
    graph.device('/job:ps/task:0', () => ones('first', [2]));
    graph.device('/device:CPU:0', () => ones('local', [2]));
    ones('anywhere', [2]);
    return definition(new Saver(null, { sharded: true }));
  },
  reshaped: () => {
    variables();
    getVariable('free', { initializer: placeholder(dtypes.float32), validateShape: false });
    return definition(new Saver(null, { reshape: true }));
  },
  parts: () => {
    const first = ones('first', [2, 3]);
    const rest = ones('rest', [3, 3]);
    ones('whole', [2]);
    setSaveSliceInfo(first, new SaveSliceInfo('table', [5, 3], [0, 0], [2, 3]));
    setSaveSliceInfo(rest, new SaveSliceInfo('table', [5, 3], [2, 0], [3, 3]));
    return definition(new Saver());
  },
  nothing: () => {
    constant(1, dtypes.float32);
    return [new Saver(null, { allowEmpty: true }).asSaverDef() === null];
  },
  of_reads: () => {
    const [w, b] = variables();
    return definition(new Saver([w.value(), b]));
  },
  init_from_checkpoint: () => {
    const fileSystem = new MemoryFileSystem();
    new Graph().asDefault((graph) => {
      for (const name of ['old/w', 'old/part', 'b']) ones(name, [2]);
      const session = new Session({ graph, config: { fileSystem } });
      session.runSync(globalVariablesInitializer());
      new Saver().save(session, './model', { writeMetaGraph: false });
    });
    const zeros = (name: string) => getVariable(name, [2], { initializer: zerosInitializer() });
    variableScope('new', () => ['w', 'part'].forEach(zeros));
    const other = getDefaultGraph().device('/device:GPU:0', () => zeros('other'));
    const kept = zeros('kept');
    initFromCheckpoint('./model', { 'old/': 'new/', b: other }, { fileSystem });
    return [globalVariablesInitializer(), other.initializer, kept.initializer, other.initialValue];
  },
});
