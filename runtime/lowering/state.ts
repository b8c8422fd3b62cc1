/**
 * Lowerings: resource variables. They lie at fixed places in memory and are written there.
 */
import type { stateOps } from '../../graph/ops/state';
import { apply, arg, scalarTypeOf } from '../ir/expression';
import { isComputed } from './elementwise';
import { gathered, gatheredNd } from './gather';
import { type Lowering, type LoweringTable, routine, view } from './lowering';

const assignUpdate = (fn: 'add' | 'sub'): Lowering => {
  return (c) => {
    const value = c.inputs[1];
    const variable = c.variable(0);
    if (!variable || variable.dtype !== value.dtype || variable.shape.join() !== value.shape.join()) return null;
    if (!isComputed(value.dtype) || value.dtype.isBool) return null;
    const type = scalarTypeOf(value.dtype)!;
    const old = c.b.readVariable(variable);
    const expression = apply(fn, arg(0, type), arg(1, type));
    c.b.update(variable.shape, [old, value], [{ variable, expression }]);
    return [];
  };
};

export const stateLowerings: LoweringTable<typeof stateOps> = {
  ReadVariableOp: view((c) => {
    const variable = c.variable(0);
    return variable && variable.dtype === c.outputTypes[0] ? c.b.readVariable(variable) : null;
  }),
  AssignVariableOp: (c) => {
    const value = c.inputs[1];
    const variable = c.variable(0, value);
    if (!variable) return null;
    c.b.update(variable.shape, [value], [{ variable, expression: arg(0, scalarTypeOf(value.dtype)!) }]);
    return [];
  },
  AssignAddVariableOp: assignUpdate('add'),
  AssignSubVariableOp: assignUpdate('sub'),
  ResourceGather: routine((c) => {
    const indices = c.inputs[1];
    const variable = c.variable(0);
    const batch = Number(c.attr('batch_dims'));
    if (!variable || variable.dtype !== c.outputTypes[0] || batch < 0 || batch >= variable.shape.length) return null;
    if (variable.shape.slice(0, batch).join() !== indices.shape.slice(0, batch).join()) return null;
    return gathered(c, c.b.readVariable(variable), indices, batch, batch);
  }),
  ResourceGatherNd: routine((c) => {
    const variable = c.variable(0);
    if (!variable || variable.dtype !== c.outputTypes[0]) return null;
    return gatheredNd(c, c.b.readVariable(variable), c.inputs[1]);
  }),
};
