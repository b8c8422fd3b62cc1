/**
 * Ops: the update steps of optimizers. Each changes a variable and its slots, given a gradient for all of it or for
 * some of its rows.
 *
 * Optimizers (lib/train) make these nodes; there are no public functions for them.
 */
import { defineOps, none, type OpDefinition } from '../registry';
import { noOutputs, type ShapeContext } from '../shapeContext';

const NUMBERS =
  '{float32, float64, int32, uint8, int16, int8, complex64, int64, bfloat16, uint16, complex128, float16, uint32, uint64}';

const GRADIENTS = ['grad', 'delta'];

interface Role {
  readonly index: number;
  readonly name: string;
  readonly isHandle: boolean;
}

/**
 * The variable and its slots have one shape, hyper-parameters are scalars, and a dense gradient has the variable's
 * shape.
 */
function checkShapes(c: ShapeContext, roles: readonly Role[]): void {
  const isSparse = roles.some(({ name }) => name === 'indices');
  let shape = c.handleData(0)?.shape;
  for (const { index, name, isHandle } of roles) {
    if (isHandle) {
      const own = c.handleData(index)?.shape;
      if (shape && own) shape = c.merge(shape, own);
    } else if (name === 'indices') c.ranked(index, 1);
    else if (!GRADIENTS.includes(name)) c.ranked(index, 0);
    else if (!isSparse && shape) shape = c.merge(shape, c.shape(index));
  }
}

/** An update op, by its inputs: `resource` ones are variables, the others have the variable's dtype. */
function update(inputs: string, attrs: readonly string[] = []): OpDefinition {
  const roles = inputs.split(', ').map((input, index) => {
    const [name, type] = input.split(': ');
    return { index, name, isHandle: type === 'resource' };
  });
  const types = inputs.includes('Tindices') ? [`T: ${NUMBERS}`, 'Tindices: {int32, int64}'] : [`T: ${NUMBERS}`];
  return {
    signature: [`(${inputs}) -> ()`, ...types, 'use_locking: bool = false', ...attrs].join('\n'),
    stateful: true,
    shape: (c) => {
      checkShapes(c, roles);
      return noOutputs();
    },
    gradient: none('an update has no outputs'),
  };
}

const NESTEROV = ['use_nesterov: bool = false'];
const UPDATE_SLOTS = ['update_slots: bool = true'];
const MULTIPLY_LINEAR = ['multiply_linear_by_lr: bool = false'];

export const trainingOps = defineOps({
  ResourceApplyGradientDescent: update('var: resource, alpha: T, delta: T'),
  ResourceApplyMomentum: update('var: resource, accum: resource, lr: T, grad: T, momentum: T', NESTEROV),
  ResourceApplyKerasMomentum: update('var: resource, accum: resource, lr: T, grad: T, momentum: T', NESTEROV),
  ResourceApplyAdagrad: update('var: resource, accum: resource, lr: T, grad: T', UPDATE_SLOTS),
  ResourceApplyAdagradV2: update('var: resource, accum: resource, lr: T, epsilon: T, grad: T', UPDATE_SLOTS),
  ResourceApplyAdam: update(
    'var: resource, m: resource, v: resource, beta1_power: T, beta2_power: T, lr: T, beta1: T, beta2: T, epsilon: T, grad: T',
    NESTEROV,
  ),
  ResourceApplyRMSProp: update(
    'var: resource, ms: resource, mom: resource, lr: T, rho: T, momentum: T, epsilon: T, grad: T',
  ),
  ResourceApplyCenteredRMSProp: update(
    'var: resource, mg: resource, ms: resource, mom: resource, lr: T, rho: T, momentum: T, epsilon: T, grad: T',
  ),
  ResourceApplyAdadelta: update(
    'var: resource, accum: resource, accum_update: resource, lr: T, rho: T, epsilon: T, grad: T',
  ),
  ResourceApplyFtrl: update(
    'var: resource, accum: resource, linear: resource, grad: T, lr: T, l1: T, l2: T, lr_power: T',
    MULTIPLY_LINEAR,
  ),
  ResourceApplyFtrlV2: update(
    'var: resource, accum: resource, linear: resource, grad: T, lr: T, l1: T, l2: T, l2_shrinkage: T, lr_power: T',
    MULTIPLY_LINEAR,
  ),
  ResourceApplyProximalGradientDescent: update('var: resource, alpha: T, l1: T, l2: T, delta: T'),
  ResourceApplyProximalAdagrad: update('var: resource, accum: resource, lr: T, l1: T, l2: T, grad: T'),
  ResourceSparseApplyMomentum: update(
    'var: resource, accum: resource, lr: T, grad: T, indices: Tindices, momentum: T',
    NESTEROV,
  ),
  ResourceSparseApplyKerasMomentum: update(
    'var: resource, accum: resource, lr: T, grad: T, indices: Tindices, momentum: T',
    NESTEROV,
  ),
  ResourceSparseApplyAdagrad: update('var: resource, accum: resource, lr: T, grad: T, indices: Tindices', UPDATE_SLOTS),
  ResourceSparseApplyAdagradV2: update(
    'var: resource, accum: resource, lr: T, epsilon: T, grad: T, indices: Tindices',
    UPDATE_SLOTS,
  ),
  ResourceSparseApplyRMSProp: update(
    'var: resource, ms: resource, mom: resource, lr: T, rho: T, momentum: T, epsilon: T, grad: T, indices: Tindices',
  ),
  ResourceSparseApplyCenteredRMSProp: update(
    'var: resource, mg: resource, ms: resource, mom: resource, lr: T, rho: T, momentum: T, epsilon: T, grad: T, indices: Tindices',
  ),
});
