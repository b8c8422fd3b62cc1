/** The streams of random ops with seeds, against the numbers that TensorFlow's kernels draw. */

import { expect } from 'chai';
import {
  type FloatArray,
  fillNormal,
  fillTruncatedNormal,
  fillUniform,
  fillUniformFullInt,
  fillUniformInt,
  type IntegerArray,
} from '../../../runtime/random/distributions';
import type { Philox4x32 } from '../../../runtime/random/philox';
import { RandomStream } from '../../../runtime/random/stateful';
import { generatorOfKeyAndCounter, generatorOfSeed, keyAndCounterOfSeed } from '../../../runtime/random/stateless';
import {
  arrayOf,
  type Drawn,
  type ElementType,
  expectClose,
  expectSame,
  type GoldenRun,
  golden,
  type Pair,
} from './goldenRandom';

/** float64 normals go through the logarithm, sine and cosine of JavaScript, which differ from glibc's in the last bits. */
const NORMAL_FLOAT64_ULPS = 4;

type Fill = (generator: Philox4x32, out: Drawn, range?: Pair) => void;

const uniform: Fill = (generator, out) => fillUniform(generator, out as FloatArray);
const normal: Fill = (generator, out) => fillNormal(generator, out as FloatArray);
const truncatedNormal: Fill = (generator, out) => fillTruncatedNormal(generator, out as FloatArray);
const uniformInt: Fill = (generator, out, range) => {
  fillUniformInt(generator, out as IntegerArray, BigInt(range![0]), BigInt(range![1]));
};

/** The distribution of each op. */
const fills: Record<string, Fill> = {
  RandomUniform: uniform,
  RandomStandardNormal: normal,
  TruncatedNormal: truncatedNormal,
  RandomUniformInt: uniformInt,
  StatelessRandomUniform: uniform,
  StatelessRandomNormal: normal,
  StatelessTruncatedNormal: truncatedNormal,
  StatelessRandomUniformInt: uniformInt,
  StatelessRandomUniformFullInt: (generator, out) => fillUniformFullInt(generator, out as IntegerArray),
};

function compare(op: string, dtype: ElementType, ours: Drawn, run: GoldenRun): void {
  if (dtype === 'float64' && op.includes('Normal')) expectClose(ours, run, NORMAL_FLOAT64_ULPS);
  else expectSame(ours, run);
}

const streamOf = (seed: Pair): RandomStream => {
  return new RandomStream(BigInt(seed[0]), BigInt(seed[1]), () => {
    throw new Error('This op has a seed.');
  });
};

describe('random streams', () => {
  for (const { op, dtype, seed, range, runs } of golden.streams) {
    const sizes = runs.map((run) => run.size).join(', ');
    it(`${op} ${dtype}${range ? ` in [${range})` : ''}, seeds ${seed.join(' and ')}: runs of ${sizes}`, () => {
      const stream = streamOf(seed);
      for (const run of runs) {
        const out = arrayOf(dtype, run.size);
        fills[op](stream.reserveOutputs(run.size), out, range);
        compare(op, dtype, out, run);
      }
    });
  }

  golden.graphs.forEach(({ nodes, runs }) => {
    it('gives every node of a graph a stream of its own, moved on by the runs that need the node', () => {
      const streams = new Map(Object.entries(nodes).map(([name, node]) => [name, streamOf(node.seed)]));
      for (const run of runs) {
        for (const [name, drawn] of Object.entries(run)) {
          const { op, dtype, size } = nodes[name];
          const out = arrayOf(dtype, size);
          fills[op](streams.get(name)!.reserveOutputs(size), out);
          compare(op, dtype, out, drawn);
        }
      }
    });
  });
});

describe('stateless random numbers', () => {
  for (const row of golden.stateless) {
    const seed = row.seed.map(BigInt);
    if (row.op === 'StatelessRandomGetKeyCounter') {
      it(`key and counter of seed [${row.seed}]`, () => {
        const { key, counter } = keyAndCounterOfSeed(seed);
        expect([...key].map(String)).to.deep.equal(row.key);
        expect([...counter].map(String)).to.deep.equal(row.counter);
      });
      continue;
    }
    it(`${row.op} ${row.dtype}${row.range ? ` in [${row.range})` : ''}, seed [${row.seed}], ${row.run.size} elements`, () => {
      const { key, counter } = keyAndCounterOfSeed(seed);
      for (const generator of [generatorOfSeed(seed), generatorOfKeyAndCounter(key, counter, 1)]) {
        const out = arrayOf(row.dtype, row.run.size);
        fills[row.op](generator, out, row.range);
        compare(row.op, row.dtype, out, row.run);
      }
    });
  }
});
