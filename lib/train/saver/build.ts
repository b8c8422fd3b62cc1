/**
 * The nodes that save and restore variables: TensorFlow's, node for node, so that its savers run them too.
 */
import { create } from '@bufbuild/protobuf';
import { applyOp, applyUnary } from '../../../graph/applyOp';
import { getDefaultGraph } from '../../../graph/defaultGraph';
import { formatDevice, parseDevice } from '../../../graph/deviceSpec';
import { int32 } from '../../../graph/dtypes';
import {
  type SaverDef,
  SaverDef_CheckpointFormatVersion,
  SaverDefSchema,
} from '../../../graph/formats/protos/generated/saver_pb';
import { NdArray } from '../../../graph/ndarray';
import type { Operation } from '../../../graph/operation';
import { where } from '../../../graph/ops/compare';
import { group, withDependencies } from '../../../graph/ops/grouping';
import { shape as shapeOf } from '../../../graph/ops/shapes';
import { constant, identity, placeholderWithDefault } from '../../../graph/ops/source';
import { regexFullMatch, stringJoin } from '../../../graph/ops/string';
import type { Tensor } from '../../../graph/tensor';
import type { Saveable } from './saveables';

export interface BuildOptions {
  readonly name?: string;
  readonly filename?: string;
  readonly sharded: boolean;
  readonly reshape: boolean;
  readonly maxToKeep: number;
  readonly keepCheckpointEveryNHours: number;
}

/** Adds the nodes under the scope `name` (default `save`); all or none. Returns what names them. */
export function buildSaver(saveables: readonly Saveable[], options: BuildOptions): SaverDef {
  const graph = getDefaultGraph();
  const build = () => {
    const given = placeholderWithDefault(options.filename || 'model', [], { name: 'filename' });
    const filename = placeholderWithDefault(given, [], { name: 'Const' });
    const devices = options.sharded ? byDevice(saveables) : null;
    const saved = devices ? saveShards(filename, devices) : saveTo(filename, saveables);
    const restored = devices
      ? restoreShards(filename, devices, options.reshape)
      : restoreFrom(filename, saveables, options.reshape, 'restore_all');
    return create(SaverDefSchema, {
      filenameTensorName: filename.name,
      saveTensorName: saved.name,
      restoreOpName: restored.name,
      maxToKeep: options.maxToKeep,
      sharded: options.sharded,
      keepCheckpointEveryNHours: options.keepCheckpointEveryNHours,
      version: SaverDef_CheckpointFormatVersion.V2,
    });
  };
  return graph.transaction(() => graph.nameScope(options.name || 'save', build));
}

type Devices = readonly (readonly [device: string, saveables: readonly Saveable[]])[];

function byDevice(saveables: readonly Saveable[]): Devices {
  const found = new Map<string, Saveable[]>();
  for (const saveable of saveables) {
    const device = formatDevice(parseDevice(saveable.device));
    found.set(device, [...(found.get(device) ?? []), saveable]);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The CPU of the machine that a device is on. */
const cpuOf = (device: string): string => formatDevice({ ...parseDevice(device), deviceType: 'CPU', deviceIndex: 0 });

const names = (saveables: readonly Saveable[]) => ({
  tensor_names: saveables.map(({ name }) => name),
  shape_and_slices: saveables.map(({ slice }) => slice),
});

/** Saves under that prefix; the prefix, once that is done. */
function saveTo(prefix: Tensor, saveables: readonly Saveable[]): Tensor {
  const tensors = saveables.map((saveable) => saveable.read());
  const save = applyOp('SaveV2', { prefix, ...names(saveables), tensors });
  return withDependencies([save], prefix);
}

/** Saves each device's variables by themselves, then merges what was written. */
function saveShards(prefix: Tensor, devices: Devices): Tensor {
  const graph = getDefaultGraph();
  const temporary = graph.device('CPU', () => {
    const suffix = where(regexFullMatch(prefix, '^s3://.*'), constant('.part'), constant('_temp/part')) as Tensor;
    return stringJoin([prefix, suffix]);
  });
  const shards = constant(devices.length, { name: 'num_shards', dtype: int32 });
  const prefixes: Tensor[] = [];
  const saves = devices.map(([device, saveables], shard) =>
    graph.device(cpuOf(device), () => {
      const name = applyUnary('ShardedFilename', { basename: temporary, shard, num_shards: shards });
      prefixes.push(name);
      return saveTo(name, saveables);
    }),
  );
  const last = cpuOf(devices.at(-1)![0]);
  return graph.controlDependencies(saves, () =>
    graph.device(last, () => {
      const merge = applyOp('MergeV2Checkpoints', {
        checkpoint_prefixes: prefixes,
        destination_prefix: prefix,
        delete_old_dirs: true,
      });
      return graph.controlDependencies([merge], () => identity(prefix));
    }),
  );
}

function restoreFrom(prefix: Tensor, saveables: readonly Saveable[], reshape: boolean, name: string): Operation {
  const dtypes = saveables.map(({ dtype }) => dtype);
  const restored = getDefaultGraph().device('cpu:0', () =>
    applyOp('RestoreV2', { prefix, ...names(saveables), dtypes }),
  );
  const assigns = saveables.map((saveable, i) => {
    let to: NdArray | Tensor | null = null;
    if (reshape) {
      const { shape } = saveable;
      to = shape.isFullyDefined() ? NdArray.vector(int32, shape.asNumbers()) : shapeOf(saveable.read());
    }
    return saveable.assign(restored.outputs[i], to);
  });
  return group(...assigns, { name });
}

function restoreShards(prefix: Tensor, devices: Devices, reshape: boolean): Operation {
  const graph = getDefaultGraph();
  const shards = devices.map(([device, saveables]) =>
    graph.device(device, () => restoreFrom(prefix, saveables, reshape, 'restore_shard')),
  );
  return group(...shards, { name: 'restore_all' });
}
