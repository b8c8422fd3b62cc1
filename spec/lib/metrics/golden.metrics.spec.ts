/** TensorFlow's graphs of tf.metrics, built again here: see spec/golden/metrics.py. */
import * as dtypes from '../../../graph/dtypes';
import { nameScope } from '../../../graph/framework';
import { argmax } from '../../../graph/ops/reduce';
import { placeholder } from '../../../graph/ops/source';
import type { ShapeLike } from '../../../graph/shape';
import * as metrics from '../../../lib/metrics/index';
import { localVariablesInitializer } from '../../../lib/variables/collections';
import { variableScope } from '../../../lib/variables/variableScope';
import { goldenCases } from '../../support/golden';

const { float32, int32, int64 } = dtypes;
const input = (name: string, shape: ShapeLike = [null], dtype: dtypes.DType = float32) =>
  placeholder(dtype, shape, { name });
const labelled = (labelType: dtypes.DType = int64, labelShape: ShapeLike = [null]) =>
  [input('labels', labelShape, labelType), input('predictions', [null], int64)] as const;

goldenCases('metrics', {
  mean: () => metrics.mean(input('values')),
  mean_of_scalar: () => metrics.mean(input('value', [])),
  mean_weighted: () => metrics.mean(input('values'), { weights: input('weights') }),
  mean_weight_number: () => metrics.mean(input('values', [2, 3]), { weights: 0.5 }),
  mean_named_twice: () => {
    const values = input('values');
    return [metrics.mean(values, { name: 'loss' }), metrics.mean(values, { name: 'loss' })];
  },
  mean_of_ints: () => metrics.mean(input('values', [null], int32)),
  mean_collections: () =>
    metrics.mean(input('values'), { metricsCollections: ['values'], updatesCollections: ['updates'] }),
  mean_in_scopes: () => {
    const values = input('values');
    const a = nameScope('ns', () => metrics.mean(values));
    const b = variableScope('vs', () => metrics.mean(values));
    return [a, b];
  },
  accuracy: () => metrics.accuracy(...labelled()),
  accuracy_cast: () => metrics.accuracy(...labelled(int32)),
  accuracy_weighted: () => metrics.accuracy(...labelled(), { weights: input('weights') }),
  accuracy_column_labels: () => metrics.accuracy(...labelled(int64, [null, 1])),
  accuracy_of_logits: () => {
    const labels = input('labels', [null], int64);
    const logits = input('logits', [null, 3]);
    const [value, update] = metrics.accuracy(labels, argmax(logits, 1), { name: 'acc' });
    return [value, update, localVariablesInitializer()];
  },
  mean_squared_error: () => metrics.meanSquaredError(input('labels'), input('predictions')),
});
