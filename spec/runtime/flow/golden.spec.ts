/**
 * Programs that TensorFlow built with control flow of v1 (spec/golden/flow_v1.py): imported here, they compute what
 * TensorFlow computed, random numbers and training steps included.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { expect } from 'chai';
import { asDType, type DTypeName } from '../../../graph/dtypes';
import { importGraphDef } from '../../../graph/formats/importGraphDef';
import { Graph } from '../../../graph/graph';
import { type Element, NdArray } from '../../../graph/ndarray';
import '../../../lib/index';
import { Session } from '../../../runtime/session';
import { expectClose } from '../../support/close';
import { expectLegal } from '../../support/legal';

interface Values {
  readonly dtype: DTypeName;
  readonly shape: readonly number[];
  readonly values: readonly Element[];
}

interface Program {
  readonly name: string;
  /** A GraphDef, deflated, base64. */
  readonly graph: string;
  readonly runs: readonly {
    readonly targets: readonly string[];
    readonly feeds: Readonly<Record<string, Values>>;
    readonly fetches: readonly string[];
    readonly want: readonly Values[];
  }[];
}

const programs = JSON.parse(
  readFileSync(join(__dirname, '..', '..', 'golden', 'flow', 'v1.json'), 'utf8'),
) as readonly Program[];

const arrayOf = ({ dtype, shape, values }: Values): NdArray =>
  NdArray.from([...values], asDType(dtype)).reshape([...shape]);

describe('programs with control flow of TensorFlow v1', () => {
  for (const { name, graph: definition, runs } of programs) {
    it(name.replaceAll('_', ' '), () => {
      const graph = new Graph();
      graph.asDefault(() => importGraphDef(inflateSync(Buffer.from(definition, 'base64')), { name: '' }));
      expectLegal(graph);
      const session = new Session({ graph });
      for (const { targets, feeds, fetches, want } of runs) {
        const feed = Object.fromEntries(Object.entries(feeds).map(([key, value]) => [key, arrayOf(value)]));
        const got = session.runSync([...targets.map((target) => graph.getOperationByName(target)), ...fetches], {
          feed,
        });
        expect(got.length).to.equal(targets.length + want.length);
        want.forEach((value, i) => {
          expectClose(got[targets.length + i] as NdArray, arrayOf(value), { absolute: 1e-6, relative: 2e-6 });
        });
      }
    });
  }
});
