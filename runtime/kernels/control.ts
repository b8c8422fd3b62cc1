/**
 * Plain kernels: functional control flow.
 *
 * Only the branch that is chosen runs, and of it, as of a loop, only what the results that somebody reads depend on.
 */
import type { FunctionReference } from '../../graph/attributes';
import { InternalError, InvalidArgumentError } from '../../graph/errors';
import { NdArray } from '../../graph/ndarray';
import type { controlOps } from '../../graph/ops/control';
import type { TensorShape } from '../../graph/shape';
import type { Kernel, KernelContext, KernelTable } from '../kernel';
import { changedVariables, neededVariables } from '../plan/loop';
import { asVariant, Optional, optionalOf } from '../variants';

/** Values at these places among `count`; nothing reads the others. */
function spread(count: number, places: readonly number[], values: readonly NdArray[]): NdArray[] {
  const all = new Array<NdArray>(count);
  for (let i = 0; i < places.length; i++) all[places[i]] = values[i];
  return all;
}

function callBranch(reference: FunctionReference, inputs: readonly NdArray[], c: KernelContext): NdArray[] {
  return spread(c.outputTypes.length, c.usedOutputs, c.prepare(reference, c.usedOutputs)(inputs.slice(1)));
}

function truth(pred: NdArray, c: KernelContext): boolean {
  if (!pred.dtype.isBool) {
    throw new InvalidArgumentError(
      `Input 'pred' passed ${pred.dtype.cppName} expected bool while building NodeDef '${c.op.name}/switch_pred/_2' using Op<name=Switch; signature=data:T, pred:bool -> output_false:T, output_true:T; attr=T:type>`,
    );
  }
  if (pred.rank > 0)
    throw new InvalidArgumentError(`The second input must be a scalar, but it has shape [${pred.shape.join(',')}]`);
  return pred.data[0] !== 0;
}

const chooseOfTwo: Kernel = (inputs, c) =>
  callBranch(c.attr(truth(inputs[0], c) ? 'then_branch' : 'else_branch'), inputs, c);

const chooseOfMany: Kernel = (inputs, c) => {
  const branches = c.attr<readonly FunctionReference[]>('branches');
  const index = Number(inputs[0].data[0]);
  return callBranch(branches[index >= 0 && index < branches.length ? index : branches.length - 1], inputs, c);
};

const loop: Kernel = (inputs, c) => {
  const variables = neededVariables(c.op, c.usedOutputs);
  const changed = changedVariables(c.op, variables);
  const holds = c.prepare(c.attr('cond'));
  const iterate = c.prepare(c.attr('body'), changed);
  const values = spread(
    inputs.length,
    variables,
    variables.map((place) => inputs[place]),
  );
  for (;;) {
    const [condition] = holds(values);
    if (!condition.dtype.isBool) {
      throw new InvalidArgumentError(
        `Input 'input' passed ${condition.dtype.cppName} expected bool while building NodeDef '${c.op.name}/LoopCond/_8' using Op<name=LoopCond; signature=input:bool -> output:bool>`,
      );
    }
    if (condition.data[0] === 0) return values;
    const next = iterate(values);
    for (let i = 0; i < changed.length; i++) values[changed[i]] = next[i];
  }
};

export const controlKernels: KernelTable<typeof controlOps> = {
  If: chooseOfTwo,
  StatelessIf: chooseOfTwo,
  Case: chooseOfMany,
  StatelessCase: chooseOfMany,
  While: loop,
  StatelessWhile: loop,
  OptionalFromValue: (components) => asVariant(new Optional(components)),
  OptionalNone: () => asVariant(new Optional(null)),
  OptionalGetValue: ([optional], c) => {
    const { components } = optionalOf(optional);
    if (!components) throw new InvalidArgumentError('The given optional does not have a value.');
    const shapes = c.attr<readonly TensorShape[]>('output_shapes');
    if (components.length !== c.outputTypes.length) {
      throw new InternalError(
        `The given optional has ${components.length} components, expected ${c.outputTypes.length}.`,
      );
    }
    components.forEach(({ dtype, shape }, i) => {
      if (dtype !== c.outputTypes[i]) {
        throw new InvalidArgumentError(
          `The given optional does not match the expected type for component ${i}. Expected: ${c.outputTypes[i].cppName}. Actual: ${dtype.cppName}.`,
        );
      }
      if (!shapes[i].isCompatibleWith(shape)) {
        throw new InvalidArgumentError(
          `The given optional does not match the expected shape for component ${i}. Expected: ${shapes[i].toCpp()}. Actual: [${shape.join(',')}].`,
        );
      }
    });
    return components;
  },
  OptionalHasValue: ([optional]) => NdArray.from(optionalOf(optional).components !== null),
};
