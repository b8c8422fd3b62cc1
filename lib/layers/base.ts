/**
 * The layer of `tf.layers`: variables through variable scopes, and names as TensorFlow 1 gives them.
 *
 * `legacyLayer` turns any Keras layer class into one; `tf.layers.Layer` is the bare one. An object of either kind is an
 * `instanceof` both, as in the page's list of bases: Dropout → (Keras Dropout, Layer) → Keras Layer → Module.
 */

import { GraphKeys } from '../../graph/collections';
import { graphFromInputs } from '../../graph/convert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { type DType, float32 } from '../../graph/dtypes';
import { GraphTypeError, repr, ValueError } from '../../graph/errors';
import type { Graph } from '../../graph/graph';
import { flatten } from '../../graph/nest';
import type { Tensor } from '../../graph/tensor';
import {
  type CallOptions,
  Layer as KerasLayer,
  type LayerInput,
  type LayerOptions,
  type WeightOptions,
} from '../keras/layer';
import type { LossLike } from '../keras/layerLosses';
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

const LEGACY_KEYWORDS = ['_scope', '_reuse'];

/** Marks the objects of legacy classes, whichever Keras class they extend. */
const legacyBrand = Symbol('tf.layers.Layer');

type LayerClass = (abstract new (
  ...args: never[]
) => KerasLayer) & { readonly callArguments: readonly string[] | null };

/** The `tf.layers` behaviour over a class of Keras layers. */
export function legacyLayer<Base extends LayerClass>(Base: Base) {
  abstract class LegacyLayer extends (Base as unknown as new (
    options: LegacyLayerOptions,
    keywords: readonly string[],
  ) => KerasLayer) {
    readonly [legacyBrand] = true;
    readonly #reuse: Reuse | null;
    #graph: Graph;
    #baseName: string;
    #scope: VariableScope | null = null;
    #openScope: VariableScope | null = null;

    constructor(options: LegacyLayerOptions, keywords: readonly string[] = []) {
      const { _scope: scope = null, _reuse: reuse = null, ...rest } = options;
      super(rest, [...keywords, ...LEGACY_KEYWORDS]);
      this.#reuse = reuse;
      this.#graph = getDefaultGraph();
      this.#baseName = options.name ? options.name : toSnakeCase(this.constructor.name);
      if (scope !== null && scope !== '') {
        variableScope(scope, {}, (captured) => {
          this.#scope = captured;
        });
      }
    }

    protected override defaultDType(): DType | null {
      return null;
    }

    protected override defaultAutocast(): boolean {
      return false;
    }

    /** Given names are taken as they are; default names count from 1. */
    protected override chooseName(name: string | null): string {
      return name === null || name === ''
        ? uniqueObjectName(toSnakeCase(this.constructor.name), { zeroBased: false })
        : name;
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
      const [given, defaultName] = this.#reuse ? [name ?? this.#baseName, null] : [name, this.#baseName];
      return variableScope(given, { defaultName }, (scope) => {
        this.#scope = scope;
        return scope;
      });
    }

    /** See the Keras layer; `scope` names the scope of the first call. */
    override apply(inputs: LayerInput, options: LegacyCallOptions = {}): Tensor {
      const { scope = null, ...rest } = options;
      const captured = this.#captureScope(scope);
      if (!this.built) this.#graph = graphFromInputs(flatten(inputs));
      const reuse = this.built ? true : this.#reuse;
      const outputs = variableScope(captured, { reuse, auxiliaryNameScope: false }, (opened) =>
        this.#within(opened, () => super.apply(inputs, rest)),
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
      const collection = getDefaultGraph().outermost.getCollectionRef<object>(key);
      for (const item of items) if (!collection.includes(item)) collection.push(item);
    }

    /** Adds losses, and puts them in the collection of regularization losses. Mirrors Layer.add_loss. */
    override addLoss(losses: LossLike | readonly LossLike[], options: { readonly inputs?: unknown } = {}): void {
      const mark = this.lossMark;
      super.addLoss(losses, options);
      this.#collect(this.lossesSince(mark), GraphKeys.REGULARIZATION_LOSSES);
    }

    /** Makes or shares a variable in the layer's scope. Mirrors Layer.add_weight. */
    override addWeight(options: WeightOptions = {}): Variable {
      const captured = this.#captureScope(null);
      const reuse = this.built ? true : this.#reuse;
      return variableScope(captured, { reuse, auxiliaryNameScope: false }, (scope) =>
        this.#within(scope, () =>
          getDefaultGraph().nameScope(scope.originalNameScope, () => this.#makeInScope(scope, options)),
        ),
      );
    }

    #makeInScope(
      scope: VariableScope,
      { name = 'variable', regularizer = null, trainable = true, ...options }: WeightOptions,
    ): Variable {
      const collections = getDefaultGraph().outermost;
      const existing = new Set(collections.getCollection(GraphKeys.GLOBAL_VARIABLES));
      const wanted = trainable === true && this.trainable;
      const variable = getVariable(name, {
        ...options,
        dtype: options.dtype ?? this.dtype ?? float32,
        initializer: options.initializer ?? scope.initializer,
        trainable: wanted,
      });
      if (regularizer && !existing.has(variable)) this.addWeightRegularizer(name, variable, regularizer);
      // A custom getter may have made a variable that is not trained.
      this.trackWeight(variable, wanted && collections.getCollection(GraphKeys.TRAINABLE_VARIABLES).includes(variable));
      return variable;
    }
  }
  return LegacyLayer as unknown as LegacyLayerClass<Base>;
}

/** What a legacy layer has beyond its Keras class. */
export interface LegacyMembers {
  readonly graph: Graph;
  readonly scopeName: string;
  apply(inputs: LayerInput, options?: LegacyCallOptions): Tensor;
}

type LegacyLayerClass<Base extends LayerClass> = Omit<Base, 'prototype'> &
  (abstract new (
    options: LegacyLayerOptions,
    keywords?: readonly string[],
  ) => InstanceType<Base> & LegacyMembers);

/** Base of the layers of tf.layers, and of users' own. Mirrors tf.compat.v1.layers.Layer. */
export class Layer extends legacyLayer(KerasLayer) {
  constructor(options: LegacyLayerOptions = {}, keywords: readonly string[] = []) {
    super(options, keywords);
  }

  /** Objects of all legacy classes are layers of this class; its subclasses are told apart as usual. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this === Layer) return typeof value === 'object' && value !== null && legacyBrand in value;
    return Function.prototype[Symbol.hasInstance].call(this, value);
  }
}

/** For options objects of the function forms: TypeError unless it is an object. */
export function checkOptions(options: unknown, caller: string): void {
  if (typeof options !== 'object' || options === null)
    throw new GraphTypeError(`${caller} takes its optional arguments as an object, got ${repr(options)}.`);
}
