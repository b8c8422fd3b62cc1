/**
 * Checkpoints of TensorFlow 2's tf.train.Checkpoint: their tensors are named after Python objects, and a graph of these, kept
 * in the checkpoint itself, tells the names that the variables had.
 */
import { fromBinary } from '@bufbuild/protobuf';
import { DataLossError } from '../../../graph/errors';
import {
  type TrackableObjectGraph,
  TrackableObjectGraphSchema,
} from '../../../graph/formats/protos/generated/trackable_object_graph_pb';
import type { StringElement } from '../../../graph/ndarray';
import type { CheckpointReader } from '../../../runtime/files/bundle/checkpointReader';

const OBJECT_GRAPH = '_CHECKPOINTABLE_OBJECT_GRAPH';

/** From the names of variables to the names of their tensors; null for a checkpoint that is not of this kind. */
export function objectBasedKeys(path: string, reader: CheckpointReader): Map<string, string> | null {
  if (!reader.has(OBJECT_GRAPH)) return null;
  const element = reader.read(OBJECT_GRAPH).data[0] as StringElement;
  let graph: TrackableObjectGraph;
  try {
    const bytes = typeof element === 'string' ? new TextEncoder().encode(element) : element;
    graph = fromBinary(TrackableObjectGraphSchema, bytes);
  } catch {
    throw new DataLossError(`${path}: unable to parse the tensor ${OBJECT_GRAPH}`);
  }
  return new Map(
    graph.nodes.flatMap(({ attributes }) =>
      attributes.map(({ fullName, checkpointKey }) => [fullName, checkpointKey] as const),
    ),
  );
}
