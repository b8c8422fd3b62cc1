/**
 * What `session.run` notes of a run as TensorFlow's RunMetadata proto, which event files and profilers hold.
 */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { RunMetadataSchema } from '../../graph/formats/protos/generated/config_pb';
import type { NodeStats, RunMetadata } from '../../runtime/config';

type Proto = MessageInitShape<typeof RunMetadataSchema>;

const NANOS = 1000;

/** Times within a node are relative to its start; a node counts from the moment it was ready. */
function nodeStats({ nodeName, opType, startMicros, durationMicros }: NodeStats) {
  const [start, duration] = [Math.round(startMicros), Math.round(durationMicros)];
  return {
    nodeName,
    timelineLabel: `${nodeName} = ${opType}`,
    allStartMicros: BigInt(start),
    opEndRelMicros: BigInt(duration),
    allEndRelMicros: BigInt(duration),
    allStartNanos: BigInt(Math.round(startMicros * NANOS)),
    opEndRelNanos: BigInt(Math.round(durationMicros * NANOS)),
    allEndRelNanos: BigInt(Math.round(durationMicros * NANOS)),
  };
}

/** The proto of a run's notes; a proto stays as it is. */
export function runMetadataProto(metadata: RunMetadata | Proto): Proto {
  const { stepStats } = metadata;
  if (!Array.isArray(stepStats)) return metadata as Proto;
  return {
    stepStats: {
      devStats: stepStats.map(({ device, nodeStats: nodes }) => ({ device, nodeStats: nodes.map(nodeStats) })),
    },
  };
}
