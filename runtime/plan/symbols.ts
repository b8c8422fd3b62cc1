/**
 * What is known of a tensor while a plan is compiled.
 */
import type { DType } from '../../graph/dtypes';
import type { NdArray } from '../../graph/ndarray';
import type { Value } from '../ir/value';

export type Symbolic =
  /** Known before the run: constants, folded values, handles of resources. */
  | { readonly kind: 'const'; readonly array: NdArray }
  /** In memory, of known dtype and shape. `slot`: where the host has it too. */
  | { readonly kind: 'value'; readonly value: Value; readonly slot: number | null }
  /** On the host only: strings, variants, and arrays whose shape is not known before the run. */
  | { readonly kind: 'host'; readonly dtype: DType; readonly slot: number }
  /** An optional whose components are known to be there, or not. */
  | { readonly kind: 'optional'; readonly components: readonly Symbolic[] | null };

/** Where the executor finds an array. */
export type Source =
  | { readonly kind: 'array'; readonly array: NdArray }
  | { readonly kind: 'slot'; readonly slot: number }
  /** The dense value number `index` of a host call, or result number `index` of the program. */
  | { readonly kind: 'memory'; readonly index: number; readonly dtype: DType; readonly shape: readonly number[] }
  | { readonly kind: 'optional'; readonly components: readonly Source[] | null };
