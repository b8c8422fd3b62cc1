/**
 * Lowerings: the update steps of optimizers with gradients of some rows. Rows are changed one after the other, so one that comes
 * twice is changed twice, as in the plain kernels, whose formulas these are.
 */

import { sizeOf } from '../../graph/ndarray';
import type { trainingOps } from '../../graph/ops/training';
import { type UpdateRowsSpec, updateRowsCall } from '../backends/wasm/routines/updateRows';
import { identityAccess } from '../ir/access';
import { constant, type Expression, scalarTypeOf } from '../ir/expression';
import type { Value, VariableRef } from '../ir/value';
import { add, div, mul, sqrt, sub } from './arithmetic';
import { guardRows, indexTypeOf } from './gather';
import { type Lowering, type LoweringTable, listOf, routine } from './lowering';
import { adagrad, adagradV2, type Formula, kerasMomentum, momentum } from './training';

/** A lowering from what the rows of variables, by their inputs' names, become. */
function update(formula: Formula): Lowering {
  return (c) => {
    const roles: UpdateRowsSpec['operands'][number][] = [];
    const terms: Record<string, Expression> = {};
    const variables: VariableRef[] = [];
    const values: Value[] = [];
    const targets = new Map<string, number>();
    const at = c.op.def.inputs.findIndex(({ name }) => name === 'indices');
    const indices = c.inputs[at];
    const indexType = indexTypeOf(indices);
    const variable = c.variable(0);
    if (!variable || !indexType || indices.shape.length !== 1 || variable.shape.length === 0) return null;
    const type = scalarTypeOf(variable.dtype);
    if (type !== 'f32' && type !== 'f64') return null;
    const rows = [indices.shape[0], ...variable.shape.slice(1)].join();
    for (const [index, { name, dtype }] of c.op.def.inputs.entries()) {
      if (name === 'indices') continue;
      const access = roles.length;
      if (dtype !== null) {
        const slot = c.variable(index);
        if (!slot || slot.dtype !== variable.dtype || slot.shape.join() !== variable.shape.join()) return null;
        variables.push(slot);
        targets.set(name, access);
        roles.push('variable');
      } else {
        const value = c.inputs[index];
        if (value.dtype !== variable.dtype || value.shape.join() !== (name === 'grad' ? rows : '')) return null;
        values.push(value);
        roles.push(name === 'grad' ? 'row' : 'scalar');
      }
      terms[name] = { kind: 'load', type, access };
    }
    guardRows(c, at, variable.shape[0]);
    const results = formula(terms, (value) => constant(type, value), c);
    const spec: UpdateRowsSpec = {
      dtype: variable.dtype,
      indexType,
      count: indices.shape[0],
      inner: sizeOf(variable.shape.slice(1)),
      operands: roles,
      stores: Object.entries(results).map(([name, expression]) => ({ access: targets.get(name)!, expression })),
    };
    c.b.routine(
      {
        inputs: [indices, ...values].map((value) => ({ value, maps: identityAccess(value.shape) })),
        strided: false,
        writes: variables,
        make: () => ({
          name: 'update rows',
          text: `${spec.count} of ${variable.shape[0]} rows of ${spec.inner}`,
          flops: 10 * spec.count * spec.inner,
          workspaceBytes: 0,
          calls: ({ inputs: [first, ...given], outputs }) => {
            const [reads, writes] = [[...given], [...outputs]];
            const addresses = roles.map((role) => (role === 'variable' ? writes : reads).shift()!);
            return listOf(updateRowsCall(spec, first, addresses));
          },
        }),
      },
      [],
    );
    return [];
  };
}

const rmsProp: Formula = ({ var: w, ms, mom, lr, rho, momentum: decay, epsilon, grad }, number) => {
  const square = add(mul(ms, rho), mul(mul(grad, grad), sub(number(1), rho)));
  const scale = div(number(1), sqrt(add(square, epsilon)));
  const step = add(mul(mom, decay), mul(mul(scale, lr), grad));
  return { ms: square, mom: step, var: sub(w, step) };
};

const centeredRmsProp: Formula = ({ var: w, mg, ms, mom, lr, rho, momentum: decay, epsilon, grad }, number) => {
  const rest = sub(number(1), rho);
  const square = add(mul(ms, rho), mul(mul(grad, grad), rest));
  const mean = add(mul(mg, rho), mul(grad, rest));
  const scale = div(number(1), sqrt(sub(add(square, epsilon), mul(mean, mean))));
  const step = add(mul(mom, decay), mul(mul(scale, lr), grad));
  return { mg: mean, ms: square, mom: step, var: sub(w, step) };
};

export const sparseTrainingLowerings: LoweringTable<typeof trainingOps> = {
  ResourceSparseApplyMomentum: routine(update(momentum)),
  ResourceSparseApplyKerasMomentum: routine(update(kerasMomentum)),
  ResourceSparseApplyAdagrad: routine(update(adagrad)),
  ResourceSparseApplyAdagradV2: routine(update(adagradV2)),
  ResourceSparseApplyRMSProp: routine(update(rmsProp)),
  ResourceSparseApplyCenteredRMSProp: routine(update(centeredRmsProp)),
};
