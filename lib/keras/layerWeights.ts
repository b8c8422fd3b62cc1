/**
 * The variables of one layer: making them as Keras does, keeping them, and moving their values.
 */
import { type DType, float32 } from '../../graph/dtypes';
import { GraphTypeError, repr, ValueError } from '../../graph/errors';
import { type ArrayLike, NdArray } from '../../graph/ndarray';
import { onRollback } from '../../graph/rollback';
import { asShape, TensorShape } from '../../graph/shape';
import { zerosInitializer } from '../initializers/constants';
import { Initializer } from '../initializers/initializer';
import { VariableSynchronization } from '../variables/modes';
import { Variable } from '../variables/variable';
import { isMaker, type VariableOptions } from '../variables/variableStore';
import { GlorotUniform } from './initializers';

/** The variable's name comes first in TensorFlow; here it is an option too. */
export interface WeightOptions extends Omit<VariableOptions, 'reuse' | 'customGetter' | 'validateShape'> {
  readonly name?: string;
}

const KEYWORDS = [
  'name',
  'shape',
  'dtype',
  'initializer',
  'regularizer',
  'trainable',
  'constraint',
  'partitioner',
  'useResource',
  'synchronization',
  'aggregation',
  'collections',
  'cachingDevice',
];

/** A session, as far as reading weights needs one. */
export interface WeightSession {
  runSync(fetches: readonly Variable[]): NdArray[];
}

/** TypeError for options that no weight has. */
export function checkWeightOptions(options: object): void {
  const unknown = Object.keys(options).find((keyword) => !KEYWORDS.includes(keyword));
  if (unknown) throw new GraphTypeError(`('Unknown keyword argument:', ${repr(unknown)})`);
}

/** Whether a new weight is trained, by its options alone. ValueError for one that is, but is only put together when read. */
export function isTrainable({ trainable = null, synchronization = null }: WeightOptions): boolean {
  if (synchronization !== VariableSynchronization.ON_READ) return trainable ?? true;
  if (trainable) {
    throw new ValueError(
      'Synchronization value can be set to VariableSynchronization.ON_READ only for non-trainable variables. You have specified trainable=True and synchronization=VariableSynchronization.ON_READ.',
    );
  }
  return false;
}

/** Keras's defaults: Glorot uniform with a drawn seed for floats, else zeros. */
export function defaultInitializer(dtype: DType): Initializer | null {
  if (dtype.isFloating) return new GlorotUniform();
  return dtype.isInteger || dtype.isBool ? zerosInitializer() : null;
}

/** A variable named after the name scope, as Keras layers have. */
export function makeVariable(dtype: DType, options: WeightOptions, layerName: string): Variable {
  const { name = null, shape, regularizer: _, partitioner: __, ...rest } = options;
  const initializer = options.initializer ?? defaultInitializer(dtype);
  if (initializer === null) {
    throw new ValueError(
      `An initializer for variable ${name ?? 'None'} of type ${dtype} is required for layer ${layerName}`,
    );
  }
  const dims = asShape(shape ?? []);
  const common = { ...rest, name: name ?? 'Variable', trainable: isTrainable(options) };
  if (!isMaker(initializer)) return new Variable(initializer, { ...common, shape: dims });
  const make = typeof initializer === 'function' && Initializer.isMaker(initializer) ? initializer() : initializer;
  const value = () => {
    if (make instanceof Initializer) return make.call(dims.asNumbers(), dtype);
    const made = (make as (shape: readonly number[], dtype: DType) => ReturnType<Initializer['call']>)(
      dims.asNumbers(),
      dtype,
    );
    return made;
  };
  return new Variable(value, { ...common, dtype });
}

/** The lists of one layer's own variables. */
export class LayerWeights {
  readonly trainable: Variable[] = [];
  readonly nonTrainable: Variable[] = [];

  track(variable: Variable, isTrained: boolean): void {
    const list = isTrained ? this.trainable : this.nonTrainable;
    list.push(variable);
    onRollback(() => {
      list.splice(list.lastIndexOf(variable), 1);
    });
  }
}

/** Stores values in a session. ValueError unless there are as many as weights, each of its weight's shape. */
export function storeWeights(
  layerName: string,
  weights: readonly Variable[],
  values: readonly ArrayLike[],
  session?: Parameters<Variable['load']>[1],
): void {
  if (weights.length !== values.length) {
    throw new ValueError(
      `You called \`set_weights(weights)\` on layer "${layerName}" with a weight list of length ${values.length}, but the layer was expecting ${weights.length} weights. Provided weights: ${repr(values).slice(0, 50)}...`,
    );
  }
  const arrays = values.map((value, i) => NdArray.from(value, weights[i].dtype));
  arrays.forEach(({ shape }, i) => {
    if (!weights[i].shape.isCompatibleWith(shape)) {
      throw new ValueError(
        `Layer weight shape ${weights[i].shape} not compatible with provided weight shape ${new TensorShape(shape)}`,
      );
    }
  });
  arrays.forEach((array, i) => {
    weights[i].load(array, session);
  });
}

/** The dtype of a new weight. */
export function weightDType(wanted: DType | null | undefined, layers: DType | null): DType {
  return wanted ?? layers ?? float32;
}
