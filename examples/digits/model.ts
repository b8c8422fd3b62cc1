/**
 * The digits model: two convolutions, dropout before the last layer, switched by a placeholder.
 */
import * as tf from '../../lib/index';

/** Builds the model in the default graph. */
export function buildModel(seed: number) {
  tf.setRandomSeed(seed);
  const images = tf.placeholder(tf.float32, [null, 28, 28, 1], { name: 'images' });
  const labels = tf.placeholder(tf.int32, [null], { name: 'labels' });
  const training = tf.placeholderWithDefault(false, [], { name: 'training' });

  const conv1 = tf.layers.conv2d(images, 8, 5, { strides: 2, padding: 'same', activation: tf.nn.relu, name: 'conv1' });
  const conv2 = tf.layers.conv2d(conv1, 16, 3, { padding: 'same', activation: tf.nn.relu, name: 'conv2' });
  const pool = tf.layers.maxPooling2d(conv2, 2, 2, { name: 'pool' });
  const hidden = tf.layers.dense(tf.layers.flatten(pool), 64, { activation: tf.nn.relu, name: 'hidden' });
  const dropped = tf.layers.dropout(hidden, { rate: 0.4, training, name: 'dropout' });
  const logits = tf.layers.dense(dropped, 10, { name: 'logits' });

  const loss = tf.losses.sparseSoftmaxCrossEntropy(labels, logits);
  const correct = tf.equal(tf.argmax(logits, 1, { outputType: tf.int32 }), labels);
  const accuracy = tf.reduceMean(tf.cast(correct, tf.float32), null, { name: 'accuracy' });
  const globalStep = tf.train.getOrCreateGlobalStep();
  const trainOp = new tf.train.AdamOptimizer(0.003).minimize(loss, { globalStep });
  return { images, labels, training, logits, loss, accuracy, trainOp, globalStep };
}
