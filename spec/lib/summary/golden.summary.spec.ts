/** TensorFlow's graphs of tf.summary, built again here: see spec/golden/summary.py. */
import * as tf from '../../../lib/index';
import { goldenCases } from '../../support/golden';

const { summary } = tf;
const input = (dtype: tf.DType, shape: tf.ShapeLike | null) => tf.placeholder(dtype, shape, { name: 'x' });

goldenCases('summary', {
  scalar: () => summary.scalar('loss', input(tf.float32, [])),
  scalar_twice: () => [summary.scalar('loss', 1), summary.scalar('loss', tf.NdArray.scalar(tf.int32, 2))],
  scalar_illegal_name: () => summary.scalar('//my loss: a-b.c', 1),
  scalar_in_scope: () => tf.nameScope('ns', () => summary.scalar('q', 1)),
  scalar_family: () => tf.nameScope('ns', () => summary.scalar('q', 1, { family: 'fam ily' })),
  scalar_collections: () => [
    summary.scalar('q', 1, { collections: ['a', 'b'] }),
    summary.scalar('r', 1, { collections: [] }),
  ],
  histogram: () => summary.histogram('h', input(tf.int64, null), { family: 'f' }),
  image: () => summary.image('i', input(tf.uint8, [null, 4, 4, 3]), { maxOutputs: 1 }),
  image_default: () => summary.image('i', input(tf.float32, null)),
  audio: () => summary.audio('a', input(tf.float32, [2, 10]), 8000),
  text: () => summary.text('t', tf.constant(['x', 'y'])),
  tensor_summary: () =>
    summary.tensorSummary('t', tf.NdArray.from([[1, 2]], tf.int32), {
      summaryDescription: 'what',
      displayName: 'shown',
      family: 'f',
    }),
  merge: () => summary.merge([summary.scalar('a', 1), summary.histogram('b', [1])]),
  merge_named: () => summary.merge([summary.scalar('a', 1)], { collections: ['merged'], name: 'm n' }),
  merge_all: () => {
    summary.scalar('a', 1);
    tf.nameScope('inner', () => summary.scalar('b', 1));
    return [summary.mergeAll(), summary.mergeAll({ scope: 'inner' }), summary.mergeAll({ key: 'none' })];
  },
});
