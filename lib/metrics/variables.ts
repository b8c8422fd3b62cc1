/**
 * The local variables that metrics accumulate in.
 */
import { GraphKeys } from '../../graph/collections';
import type { DType } from '../../graph/dtypes';
import { zeros } from '../../graph/ops/source';
import { VariableSynchronization } from '../variables/modes';
import { Variable } from '../variables/variable';

/** A variable of zeros, initialized with the local variables and never trained. */
export function metricVariable(shape: readonly number[], dtype: DType, name: string): Variable {
  return new Variable(() => zeros(shape, dtype), {
    trainable: false,
    collections: [GraphKeys.LOCAL_VARIABLES, GraphKeys.METRIC_VARIABLES],
    synchronization: VariableSynchronization.ON_READ,
    name,
  });
}
