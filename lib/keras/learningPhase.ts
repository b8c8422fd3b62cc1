/**
 * The Keras learning phase of a graph: what layers use when `training` is explicitly null.
 */

import { getDefaultGraph } from '../../graph/defaultGraph';
import { ValueError } from '../../graph/errors';
import { FuncGraph } from '../../graph/funcGraph';
import type { Graph } from '../../graph/graph';
import { constant, placeholderWithDefault } from '../../graph/ops/source';
import type { Tensor } from '../../graph/tensor';

const phases = new WeakMap<Graph, Tensor | 0 | 1>();

/** The learning phase of the default graph: what was set, or a placeholder `keras_learning_phase` that defaults to false. */
export function learningPhase(): Tensor | 0 | 1 {
  const graph = getDefaultGraph().outermost;
  let phase = phases.get(graph);
  if (phase === undefined) {
    phase = graph.asDefault(() =>
      graph.nameScope(null, () => {
        const input = constant(false, { name: 'keras_learning_phase/input' });
        return placeholderWithDefault(input, [], { name: 'keras_learning_phase' });
      }),
    );
    phases.set(graph, phase);
  }
  return phase;
}

/** Fixes the learning phase of the default graph. ValueError unless 0 or 1. Mirrors tf.keras.backend.set_learning_phase. */
export function setLearningPhase(value: 0 | 1): void {
  if (value !== 0 && value !== 1) throw new ValueError('Expected learning phase to be 0 or 1.');
  const graph = getDefaultGraph();
  phases.set(graph instanceof FuncGraph ? graph.outermost : graph, value);
}
