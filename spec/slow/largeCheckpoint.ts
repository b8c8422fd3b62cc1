/**
 * A process of its own for largeCheckpoint.spec.ts, which measures its memory: `save FOLDER` writes a checkpoint of 1 GiB from
 * sixteen variables, `restore FOLDER` reads it. Prints JSON: the most memory that the process held, in bytes, and seconds.
 */
import '../../lib/index';
import * as tf from '../../lib/index';

const [command, folder] = process.argv.slice(2);
const count = 16;
const size = (1 << 30) / 4 / count;

// Filled when the initializer runs: a constant initializer would hold all values in the graph, too.
const variables = Array.from(
  { length: count },
  (_, i) => new tf.Variable(() => tf.fill([size / 1024, 1024], i + 1), { dtype: tf.float32, name: `layer_${i}` }),
);
const saver = new tf.train.Saver();
const session = new tf.Session();
const parts = variables.map((variable) => tf.reduceSum(variable.at([0, 1], [0, 2])));
const initializers = variables.map((variable) => variable.initializer);
// One after the other, as a training would have made them.
if (command === 'save') for (const initializer of initializers) session.runSync(initializer);
const start = performance.now();
if (command === 'save') saver.save(session, `${folder}/large`);
else saver.restore(session, `${folder}/large`);
const seconds = (performance.now() - start) / 1000;
const sums = parts.map((part) => (session.runSync(part) as tf.NdArray).item());
// Kibibytes, on every system.
const most = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ most, seconds, sums, variables: count * size * 4 }));
