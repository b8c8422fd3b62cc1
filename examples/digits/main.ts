/**
 * Trains the digits model on real handwritten digits and prints its accuracy on digits that it has not seen.
 *
 *     npm start                       # 6 epochs
 *     npm start -- --epochs 1 --out somewhere
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import seedrandom from 'seedrandom';
import * as tf from '../../lib/index';
import { curveSvg } from '../shared/curve';
import { ProgressBar } from '../shared/progressBar';
import { type Digits, loadDigits, pick } from './data';
import { buildModel } from './model';

const BATCH = 50;

/** The positions 0 … count − 1 in a random order. */
function shuffled(count: number, random: () => number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      epochs: { type: 'string', default: '6' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string', default: join('out', 'digits') },
    },
  });
  const seed = Number(values.seed);
  const { train, test } = loadDigits();
  const model = buildModel(seed);
  const session = new tf.Session({ config: { seed } });
  await session.run(tf.globalVariablesInitializer());
  console.log(tf.inspect.summary(tf.getDefaultGraph()));

  const feed = (digits: Digits, training: boolean) => ({
    'images:0': { data: digits.images, shape: [digits.labels.length, 28, 28, 1] },
    'labels:0': digits.labels,
    'training:0': training,
  });
  const random = seedrandom(String(seed));
  const losses: number[] = [];
  const started = performance.now();
  for (let epoch = 1; epoch <= Number(values.epochs); epoch++) {
    const order = shuffled(train.labels.length, random);
    const bar = new ProgressBar(`epoch ${epoch}`, Math.floor(order.length / BATCH));
    for (let at = 0; at + BATCH <= order.length; at += BATCH) {
      const batch = pick(train, order.slice(at, at + BATCH));
      const [loss] = await session.run([model.loss, model.trainOp], { feed: feed(batch, true) });
      losses.push(loss.item());
      bar.advance(`loss ${loss.item().toFixed(3)}`);
    }
    bar.finish();
  }
  const seconds = (performance.now() - started) / 1000;

  let correct = 0;
  for (let at = 0; at < test.labels.length; at += 500) {
    const part = pick(
      test,
      Array.from({ length: Math.min(500, test.labels.length - at) }, (_, i) => at + i),
    );
    const accuracy = await session.run(model.accuracy, { feed: feed(part, false) });
    correct += Math.round(accuracy.item() * part.labels.length);
  }
  const accuracy = correct / test.labels.length;
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, 'loss.svg'), curveSvg(losses, { title: 'Training loss', xLabel: 'step', smooth: 20 }));
  writeFileSync(join(values.out, 'graph.svg'), tf.inspect.svg(tf.getDefaultGraph()));
  console.log(`trained on ${train.labels.length} digits in ${seconds.toFixed(1)} s`);
  console.log(`test accuracy with dropout off: ${(100 * accuracy).toFixed(2)} % of ${test.labels.length} digits`);
  console.log(`the training curve and a picture of the graph are in ${values.out}`);
  session.close();
  if (Number(values.epochs) >= 4 && accuracy < 0.96)
    throw new Error(`expected an accuracy of at least 96 %, got ${(100 * accuracy).toFixed(2)} %`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
