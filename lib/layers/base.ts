/**
 * The layer of `tf.layers`: variables through variable scopes, and names as TensorFlow 1 gives them.
 *
 * `legacyLayer` turns any Keras layer class into one; `tf.layers.Layer` is the bare one. An object of either kind is an
 * `instanceof` both, as in TensorFlow's list of bases: Dropout → (Keras Dropout, Layer) → Keras Layer → Module.
 */
import { GraphKeys } from '../../graph/collections';
import { graphFromInputs } from '../../graph/convert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import type { DType } from '../../graph/dtypes';
import { GraphTypeError, typeWord, ValueError } from '../../graph/errors';
import type { Graph } from '../../graph/graph';
import { flatten } from '../../graph/nest';
import { onRollback } from '../../graph/rollback';
import type { Tensor } from '../../graph/tensor';
import { isOptions } from '../keras/arguments';
import {
  type CallOptions,
  Layer as KerasLayer,
  type LayerInput,
  type LayerOptions,
  ownClass,
  type WeightOptions,
} from '../keras/layer';
import type { LossLike } from '../keras/layerLosses';
import { defaultInitializer, isTrainable, weightDType } from '../keras/layerWeights';
import { uniqueObjectName } from '../keras/objectNames';
import { toSnakeCase } from '../module';
import type { Variable } from '../variables/variable';
import { getVariable, type Reuse, type VariableScope, variableScope } from '../variables/variableScope';

export interface LegacyLayerOptions extends LayerOptions {
  /** Opens this variable scope at construction. */
  readonly _scope?: string | VariableScope | null;
  /** Share the variables that exist in the layer's scope. */
  readonly _reuse?: Reuse | null;
}

export interface LegacyCallOptions extends CallOptions {
  /** On the first call: the scope to use instead of one named after the layer. */
  readonly scope?: string | null;
}

/** Marks the objects of legacy classes, whichever Keras class they extend. */
const legacyBrand = Symbol('tf.layers.Layer');

type LayerStatics = Pick<typeof KerasLayer, 'callArguments' | 'keywords' | 'positional' | 'fromConfig'>;
type LayerClass = (abstract new (...args: never[]) => KerasLayer) & LayerStatics;

/** The `tf.layers` behaviour over a class of Keras layers, whose constructor takes all its options in one object too. */
export function legacyLayer<Base extends LayerClass>(Base: Base): LegacyLayerClass<Base> {
  class LegacyLayer extends (Base as unknown as typeof KerasLayer) {
    readonly [legacyBrand] = true;
    readonly #reuse: Reuse | null;
    #graph: Graph;
    #baseName: string;
    #scope: VariableScope | null = null;
    #openScope: VariableScope | null = null;
    #scopeOfCall: string | null = null;

    constructor(options: LegacyLayerOptions = {}) {
      const { _scope: scope = null, _reuse: reuse = null, ...rest } = options;
      super(rest);
      this.#reuse = reuse;
      this.#graph = getDefaultGraph();
      this.#baseName = options.name ? options.name : toSnakeCase(this.constructor.name);
      if (scope !== null && scope !== '') this.#scope = variableScope(scope, (captured) => captured);
    }

    protected override defaultDType(): DType | null {
      return null;
    }

    protected override defaultAutocast(): boolean {
      return false;
    }

    /** Given names are taken as they are; default names count from 1. */
    protected override chooseName(name: string | null): string {
      if (name !== null && name !== '') return name;
      return uniqueObjectName(toSnakeCase(this.constructor.name), { zeroBased: false });
    }

    /** Layers held by a layer of tf.layers keep their variables to themselves. */
    protected override heldLayers(): KerasLayer[] {
      return [];
    }

    /** The graph the layer was first used in; before that, the default graph it was made in. */
    get graph(): Graph {
      return this.#graph;
    }

    /** The layer's variable scope. ValueError before the first call. */
    get scopeName(): string {
      if (this.#scope) return this.#scope.name;
      throw new ValueError(
        `No name available for layer scope because the layer "${this.name}" has not been used yet. The scope name  is determined the first time the layer instance is called. You must therefore call the layer before querying \`scope_name\`.`,
      );
    }

    #captureScope(name: string | null): VariableScope {
      if (this.#scope) return this.#scope;
      if (typeof this.#baseName !== 'string') {
        throw new GraphTypeError(`expected string or bytes-like object, got '${typeWord(this.#baseName)}'`);
      }
      const [given, defaultName] = this.#reuse ? [name ?? this.#baseName, null] : [name, this.#baseName];
      return variableScope(given, { defaultName }, (scope) => {
        this.#scope = scope;
        onRollback(() => {
          this.#scope = null;
        });
        return scope;
      });
    }

    /** See the Keras layer; `scope` names the scope of the first call. */
    override apply(inputs: LayerInput, options: LegacyCallOptions = {}): Tensor {
      if (!isOptions(options)) return super.apply(inputs, options);
      const { scope = null, ...rest } = options;
      this.#scopeOfCall = scope;
      return super.apply(inputs, rest);
    }

    protected override callWith(inputs: LayerInput, options: CallOptions): Tensor {
      const captured = this.#captureScope(this.#scopeOfCall);
      const graph = this.#graph;
      if (!this.built) {
        this.#graph = graphFromInputs(flatten(inputs)).outermost;
        onRollback(() => {
          this.#graph = graph;
        });
      }
      const reuse = this.built ? true : this.#reuse;
      const outputs = variableScope(captured, { reuse, auxiliaryNameScope: false }, (opened) =>
        this.#within(opened, () => super.callWith(inputs, options)),
      );
      this.#collect(this.updates, GraphKeys.UPDATE_OPS);
      return outputs;
    }

    #within<R>(scope: VariableScope, body: () => R): R {
      const outer = this.#openScope;
      this.#openScope = scope;
      try {
        return body();
      } finally {
        this.#openScope = outer;
      }
    }

    protected override callScope(): string {
      return this.#openScope!.originalNameScope;
    }

    #collect(items: readonly object[], key: string): void {
      const graph = getDefaultGraph().outermost;
      const collection = graph.getCollectionRef<object>(key);
      for (const item of items) if (!collection.includes(item)) graph.addToCollection(key, item);
    }

    /** Adds losses, and puts them in the collection of regularization losses. Mirrors Layer.add_loss. */
    override addLoss(losses: LossLike | readonly LossLike[], options: { readonly inputs?: unknown } = {}): void {
      getDefaultGraph().transaction(() => {
        const mark = this.lossMark;
        super.addLoss(losses, options);
        this.#collect(this.lossesSince(mark), GraphKeys.REGULARIZATION_LOSSES);
      });
    }

    /** Makes or shares a variable in the layer's scope. Mirrors Layer.add_weight. */
    protected override makeWeight(options: WeightOptions): Variable {
      const captured = this.#captureScope(null);
      const reuse = this.built ? true : this.#reuse;
      return variableScope(captured, { reuse, auxiliaryNameScope: false }, (scope) =>
        this.#within(scope, () =>
          getDefaultGraph().nameScope(scope.originalNameScope, () => this.#makeInScope(scope, options)),
        ),
      );
    }

    #makeInScope(scope: VariableScope, options: WeightOptions): Variable {
      const { name = 'variable', regularizer = null, shape = [], ...rest } = options;
      const { outermost } = getDefaultGraph();
      const existing = new Set(outermost.getCollection(GraphKeys.GLOBAL_VARIABLES));
      const isTrained = isTrainable(options) && this.trainable;
      const dtype = weightDType(options.dtype, this.dtype);
      const variable = getVariable(name, {
        ...rest,
        shape,
        dtype,
        initializer: options.initializer ?? scope.initializer ?? defaultInitializer(dtype),
        trainable: isTrained,
      });
      if (regularizer && !existing.has(variable)) this.addWeightRegularizer(name, variable, regularizer);
      // A custom getter may have made a variable that is not trained.
      this.trackWeight(
        variable,
        isTrained && outermost.getCollection(GraphKeys.TRAINABLE_VARIABLES).includes(variable),
      );
      return variable;
    }
  }
  ownClass(LegacyLayer);
  return LegacyLayer as unknown as LegacyLayerClass<Base>;
}

/** What a legacy layer has beyond its Keras class. */
export interface LegacyMembers {
  readonly graph: Graph;
  readonly scopeName: string;
  apply(inputs: LayerInput, options?: LegacyCallOptions): Tensor;
}

export type LegacyLayerClass<Base extends LayerClass> = LayerStatics &
  (abstract new (
    options?: LegacyLayerOptions,
  ) => InstanceType<Base> & LegacyMembers);

/** Base of the layers of tf.layers, and of users' own. Mirrors tf.compat.v1.layers.Layer. */
export class Layer extends legacyLayer(KerasLayer) {}
ownClass(Layer);

/** Objects of all legacy classes are layers of this class; its subclasses are told apart as usual. */
Object.defineProperty(Layer, Symbol.hasInstance, {
  value(this: unknown, value: unknown): boolean {
    if (this === Layer) return typeof value === 'object' && value !== null && legacyBrand in value;
    return Function.prototype[Symbol.hasInstance].call(this as () => unknown, value);
  },
});
