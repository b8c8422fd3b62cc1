/**
 * Where ops were made: the user's line, through however many functions of sluice, from sources and from a bundle.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { buildSync } from 'esbuild';
import { cond } from '../../graph/controlFlow/cond';
import { bool, float32 } from '../../graph/dtypes';
import { controlDependencies, device, nameScope } from '../../graph/framework';
import { gradients } from '../../graph/gradients';
import type { Operation } from '../../graph/operation';
import { add, multiply } from '../../graph/ops/binary';
import { group, tuple } from '../../graph/ops/grouping';
import { constant, identity, onesLike, placeholder, zeros } from '../../graph/ops/source';
import type { Tensor } from '../../graph/tensor';
import '../../graph/ops/index';
import { withGraph } from '../support/inGraph';

const root = join(__dirname, '..', '..');
const lines = readFileSync(__filename, 'utf8').split('\n');

/** The text of the line of this file where the op was made. */
function lineOf(element: Operation | Tensor): string {
  const op = 'op' in element ? element.op : element;
  const [, line] = /site\.spec\.ts:(\d+):\d+$/.exec(op.creationSite ?? '') ?? [];
  return line === undefined ? `nowhere: ${op.creationSite}` : lines[Number(line) - 1].trim();
}

const here = (mark: string) => new RegExp(`// ${mark}$`);

describe('the creation site of an op', () => {
  it(
    'is the line that called a function of sluice',
    withGraph((graph) => {
      const made = [
        constant(1), // one
        identity(constant(1)), // two
        graph.createOp('NoOp', []), // three
        add(1, 2), // four
        zeros([2]), // five
        onesLike(placeholder(float32)), // six
      ];
      ['one', 'two', 'three', 'four', 'five', 'six'].forEach((mark, i) => expect(lineOf(made[i])).to.match(here(mark)));
      // Also that of the ops made on the way.
      for (const op of graph.operations) expect(lineOf(op)).to.match(/ \/\/ \w+$/);
    }),
  );

  it(
    'is found within scopes, and behind helpers of the user',
    withGraph(() => {
      const helper = () => identity(constant(1)); // inner
      nameScope('a', () =>
        controlDependencies([constant(1)], () =>
          device('/cpu:0', () =>
            nameScope('b', () => {
              const y = helper(); // outer
              expect(lineOf(y)).to.match(here('inner'));
              expect(y.op.traceback.map((frame) => lines[Number(frame.split(':').at(-2)) - 1])[1]).to.match(
                here('outer'),
              );
            }),
          ),
        ),
      );
    }),
  );

  it(
    'is one for all ops of a call, and that of the branch for ops of a branch',
    withGraph((graph) => {
      const x = placeholder(float32, []);
      const y = multiply(x, x);
      const before = graph.version;
      gradients(y, x); // gradients
      group(x, y); // gradients
      tuple([x, y]); // gradients
      for (const op of graph.operations.slice(before)) expect(lineOf(op), op.name).to.match(here('gradients'));
      expect(new Set(graph.operations.slice(before).map((op) => op.site)).size).to.equal(3);
      const result = cond(
        placeholder(bool, []),
        () => add(x, 1), // then
        () => multiply(x, 2), // else
      );
      expect(lineOf(result)).to.equal('const result = cond(');
      const bodies = [...graph.functions.values()].map((func) => func.outputs[0]);
      expect(lineOf(bodies[0])).to.match(here('(then|else)'));
      expect(new Set(bodies.map(lineOf)).size).to.equal(2);
    }),
  );

  it(
    'does not change the limit of traces for others',
    withGraph(() => {
      const holder = Error as { stackTraceLimit?: number };
      const limit = holder.stackTraceLimit;
      holder.stackTraceLimit = 3;
      try {
        constant(1);
        expect(() => constant(Number.NaN, { name: 'not valid' })).to.throw();
        expect(holder.stackTraceLimit).to.equal(3);
      } finally {
        holder.stackTraceLimit = limit;
      }
    }),
  );

  it('is the user’s line beside a bundle of sluice, too', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice site (x) '));
    try {
      const options = {
        bundle: true,
        platform: 'node',
        outfile: join(folder, 'sluice.cjs'),
        absWorkingDir: root,
        logLevel: 'error',
      } as const;
      const contents = `export { add } from './graph/ops/binary'; export { nameScope } from './graph/framework';`;
      buildSync({ ...options, stdin: { contents, resolveDir: root, loader: 'ts' } });
      const program = [
        `const tf = require('./sluice.cjs');`,
        `const sum = tf.nameScope('a', () =>`,
        `  tf.add(1, 2));`,
        `console.log(JSON.stringify([sum.op.creationSite, sum.op.traceback.length, sum.op.inputs[0].op.creationSite]));`,
      ];
      writeFileSync(join(folder, 'user.cjs'), program.join('\n'));
      const run = spawnSync(process.execPath, [join(folder, 'user.cjs')], {
        encoding: 'utf8',
        env: { ...process.env, NODE_OPTIONS: '', NODE_PATH: join(root, 'node_modules') },
      });
      expect(run.stderr).to.equal('');
      const [site, frames, ofConstant] = JSON.parse(run.stdout);
      expect(site).to.match(/user\.cjs:3:\d+$/);
      expect(ofConstant).to.equal(site);
      expect(frames).to.be.greaterThan(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
