/**
 * Programs that TensorFlow built with control flow of v1 (spec/golden/flow_v1.py): imported here, they compute what
 * TensorFlow computed, random numbers and training steps included.
 */
import { expect } from 'chai';
import type { NdArray } from '../../../graph/ndarray';
import '../../../lib/index';
import { Session } from '../../../runtime/session';
import { expectClose } from '../../support/close';
import { programs } from '../../support/flowGoldens';
import { expectLegal } from '../../support/legal';

describe('programs with control flow of TensorFlow v1', () => {
  for (const { name, load } of programs) {
    it(name.replaceAll('_', ' '), () => {
      const { graph, runs } = load();
      expectLegal(graph);
      const session = new Session({ graph });
      for (const { targets, fetches, feed, want } of runs) {
        const operations = targets.map((target) => graph.getOperationByName(target));
        const got = session.runSync([...operations, ...fetches], { feed });
        expect(got.length).to.equal(targets.length + want.length);
        want.forEach((value, i) => {
          expectClose(got[targets.length + i] as NdArray, value, { absolute: 1e-6, relative: 2e-6 });
        });
      }
    });
  }
});
