/**
 * Frozen and optimised graphs run in TensorFlow and compute the same there.
 */
import { graphToProto } from '../../graph/formats/exportGraphDef';
import type { GraphDef } from '../../graph/formats/protos/generated/graph_pb';
import * as tf from '../../lib/index';
import { variedModel } from '../lib/graphUtil/support';
import { bothRun, type Step } from './bothRun';

const { graphUtil } = tf;
const keep = ['y', 'rows'];

/** The steps of a graph that is imported into the default one. */
function steps(def: GraphDef): Step[] {
  tf.importGraphDef(def, { name: '' });
  const graph = tf.getDefaultGraph();
  const [x, flag, ...fetch] = ['x:0', 'flag:0', 'y:0', 'rows:0'].map((name) => graph.getTensorByName(name));
  return [true, false].map((value) => ({
    fetch,
    feed: [
      [
        x,
        tf.NdArray.from([
          [1, 2],
          [-0.5, 3],
        ]),
      ],
      [flag, tf.NdArray.from(value)],
    ],
  }));
}

function frozen(): GraphDef {
  const { session, graph } = variedModel();
  return graphUtil.convertVariablesToConstants(session, graphToProto(graph), keep);
}

bothRun('frozen graphs compute the same in TensorFlow', {
  frozen: { build: () => steps(frozen()) },
  'without training nodes': { build: () => steps(graphUtil.removeTrainingNodes(frozen(), keep)) },
  'with constants folded': {
    build: () => steps(graphUtil.extractSubGraph(graphUtil.foldConstants(frozen(), keep), keep)),
  },
});
