/**
 * The README's twenty lines: what dropout does with training on and off, twice with the same seed.
 */
import * as tf from '../../lib/index';

async function show(): Promise<void> {
  const graph = new tf.Graph();
  const { x, y, training } = graph.asDefault(() => {
    const x = tf.placeholder(tf.float32, [null, 4], { name: 'x' });
    const training = tf.placeholderWithDefault(false, [], { name: 'training' });
    const y = tf.layers.dropout(x, { rate: 0.5, seed: 42, training });
    return { x, y, training };
  });
  using session = new tf.Session({ graph });
  const ones = [
    [1, 1, 1, 1],
    [1, 1, 1, 1],
  ];
  for (const isTraining of [true, true, false]) {
    const result = await session.run(y, {
      feed: [
        [x, ones],
        [training, isTraining],
      ],
    });
    console.log(`training ${String(isTraining).padEnd(5)}`, JSON.stringify(result.toArray()));
  }
}

async function main(): Promise<void> {
  for (const round of ['first session', 'second session, same seed: the same masks in the same order']) {
    console.log(round);
    await show();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
