/**
 * Miles per gallon from a car's data (Auto MPG, in the npm package `vega-datasets`), with batch normalization and dropout.
 *
 * It shows the update ops of batch normalization: its moving averages change only when the training op waits for them.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import seedrandom from 'seedrandom';
import * as tf from '../../lib/index';

interface Car {
  readonly Miles_per_Gallon: number | null;
  readonly Cylinders: number;
  readonly Displacement: number;
  readonly Horsepower: number | null;
  readonly Weight_in_lbs: number;
  readonly Acceleration: number;
  readonly Year: string;
  readonly Origin: string;
}

const FEATURES = 9;
const BATCH = 32;
const EPOCHS = 60;

function features(car: Car): number[] {
  const origin = ['USA', 'Europe', 'Japan'].map((name) => (car.Origin === name ? 1 : 0));
  return [
    car.Cylinders,
    car.Displacement,
    car.Horsepower ?? 0,
    car.Weight_in_lbs,
    car.Acceleration,
    Number(car.Year.slice(0, 4)) - 1970,
    ...origin,
  ];
}

function loadCars(random: () => number): { x: number[][]; y: number[][] } {
  // The package exports its code only; its data lies beside it.
  const folder = dirname(dirname(require.resolve('vega-datasets')));
  const cars = JSON.parse(readFileSync(join(folder, 'data', 'cars.json'), 'utf8')) as Car[];
  const known = cars.filter((car) => car.Miles_per_Gallon !== null && car.Horsepower !== null);
  const order = known.map((car) => ({ car, key: random() })).sort((a, b) => a.key - b.key);
  return { x: order.map(({ car }) => features(car)), y: order.map(({ car }) => [car.Miles_per_Gallon!]) };
}

function buildModel() {
  tf.setRandomSeed(3);
  const x = tf.placeholder(tf.float32, [null, FEATURES], { name: 'features' });
  const y = tf.placeholder(tf.float32, [null, 1], { name: 'mpg' });
  const training = tf.placeholderWithDefault(false, [], { name: 'training' });
  const normalized = tf.layers.batchNormalization(x, { training, momentum: 0.9, name: 'normalize' });
  const hidden = tf.layers.dense(normalized, 32, { activation: tf.nn.relu, name: 'hidden' });
  const dropped = tf.layers.dropout(hidden, { rate: 0.1, training, name: 'dropout' });
  const prediction = tf.layers.dense(dropped, 1, { name: 'prediction' });
  const loss = tf.losses.meanSquaredError(y, prediction);
  const error = tf.reduceMean(tf.abs(tf.subtract(prediction, y)));
  const updates = tf.getCollection<tf.Operation>(tf.GraphKeys.UPDATE_OPS);
  const trainOp = tf.controlDependencies(updates, () => new tf.train.AdamOptimizer(0.02).minimize(loss));
  return { x, y, training, loss, error, trainOp };
}

async function main(): Promise<void> {
  const random = seedrandom('cars');
  const { x, y } = loadCars(random);
  const border = Math.round(x.length * 0.8);
  const model = buildModel();
  const session = new tf.Session({ config: { seed: 'cars' } });
  await session.run(tf.globalVariablesInitializer());
  const test = new Map([
    [model.x, x.slice(border)],
    [model.y, y.slice(border)],
  ]);
  for (let epoch = 1; epoch <= EPOCHS; epoch++) {
    let sum = 0;
    for (let at = 0; at < border; at += BATCH) {
      const end = Math.min(at + BATCH, border);
      const feed = [
        [model.x, x.slice(at, end)],
        [model.y, y.slice(at, end)],
        [model.training, true],
      ] as const;
      const [loss] = await session.run([model.loss, model.trainOp], { feed });
      sum += loss.item() * (end - at);
    }
    if (epoch % 20 === 0) {
      const error = await session.run(model.error, { feed: test });
      console.log(
        `epoch ${epoch}: training loss ${(sum / border).toFixed(2)}, error on unseen cars ${error.item().toFixed(2)} miles per gallon`,
      );
    }
  }
  const error = (await session.run(model.error, { feed: test })).item();
  if (!(error < 2.5)) throw new Error(`expected an error below 2.5 miles per gallon, got ${error}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
