/**
 * The op registry: each op's signature, shape rule and gradient, declared in one place by `defineOps`.
 *
 * Families of ops (graph/ops/<family>.ts) declare a table and export it; kernels and lowerings are tables over the
 * same keys, so a forgotten one does not compile. A gradient is required: a rule, or `none` with the reason.
 */
import type { Attrs } from './attributes';
import { KeyError } from './errors';
import type { IndexedSlices } from './indexedSlices';
import { type OpDef, parseSignature } from './opDef';
import type { Operation } from './operation';
import type { TensorShape } from './shape';
import type { ShapeContext } from './shapeContext';
import type { Tensor } from './tensor';

/** One output shape per output tensor. */
export type ShapeRule = (context: ShapeContext) => readonly TensorShape[];

export type Gradient = Tensor | IndexedSlices | null;

/**
 * The gradient with respect to each input of `op`, given those of its outputs. An output that nothing uses arrives as
 * null when its dtype has no gradients, as zeros otherwise. IndexedSlices arrive only where `sparseGradients` is set.
 */
export type GradientRule = (op: Operation, ...outputGradients: Tensor[]) => readonly Gradient[];

/** The op has no gradient, and why. */
export interface NotDifferentiable {
  readonly notDifferentiable: string;
  /** Differentiating it is an error: there would be a gradient, which is not known here. */
  readonly isError?: boolean;
}

/** Declares that an op has no gradient. Gradients stop there silently, as at TensorFlow's NotDifferentiable ops. */
export function none(reason: string): NotDifferentiable {
  return { notDifferentiable: reason };
}

/** Declares that an op has a gradient that is not known here. A gradient through it is a LookupError. */
export function unsupported(reason: string): NotDifferentiable {
  return { notDifferentiable: reason, isError: true };
}

export interface OpDefinition {
  /** The signature text; see graph/opDef.ts. */
  readonly signature: string;
  readonly shape: ShapeRule;
  readonly gradient: GradientRule | NotDifferentiable;
  /** Set for ops with side effects or state: they are never merged, folded or moved. */
  readonly stateful?: boolean;
  /** Set for ops that may give a variable another shape than it has, or take its value away. */
  readonly mayReshapeVariables?: boolean;
  /** The gradient rule takes IndexedSlices as they are; otherwise they are made dense first. */
  readonly sparseGradients?: boolean;
  /** For gradients: tensors that equal the results of such ops and have gradients, where these have none. */
  readonly substitutes?: (ops: readonly Operation[]) => ReadonlyMap<Tensor, Tensor>;
  /** What the executor must know of attributes before it may run the op; throws when they are not supported. */
  readonly check?: (attrs: Attrs) => void;
}

export interface RegisteredOp extends OpDefinition {
  readonly name: string;
  readonly def: OpDef;
}

const registry = new Map<string, RegisteredOp>();
const gradientOverrides = new Map<string, GradientRule>();

/** Registers a family of ops and returns its table unchanged, for the types of kernel tables. */
export function defineOps<Table extends Record<string, OpDefinition>>(table: Table): Table {
  for (const [name, definition] of Object.entries(table)) {
    if (registry.has(name)) throw new KeyError(`Registering two ops with name '${name}'!`);
    registry.set(name, {
      ...definition,
      name,
      def: parseSignature(name, definition.signature, definition.stateful ?? false),
    });
  }
  return table;
}

export function findOp(type: string): RegisteredOp | undefined {
  return registry.get(type);
}

/** All registered ops by name. */
export function registeredOps(): ReadonlyMap<string, RegisteredOp> {
  return registry;
}

/**
 * Registers a gradient rule under a name, for `graph.gradientOverrideMap` and for ops without one.
 *
 * Mirrors tf.RegisterGradient. KeyError when the name is taken.
 */
export function registerGradient(name: string, rule: GradientRule): void {
  if (gradientOverrides.has(name) || registry.has(name))
    throw new KeyError(`Registering two gradient with name '${name}'!`);
  gradientOverrides.set(name, rule);
}

export function findGradient(name: string): GradientRule | NotDifferentiable | undefined {
  return gradientOverrides.get(name) ?? registry.get(name)?.gradient;
}
