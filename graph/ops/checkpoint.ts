/**
 * Ops: saving tensors in checkpoints and restoring them. `tf.train.Saver` (lib/train/saver) builds them; the files are
 * runtime/files. Restore and RestoreSlice are in graphs that were saved before format V2.
 */
import { InvalidArgumentError } from '../errors';
import { defineOps, none } from '../registry';
import { parseSliceSpec, type SavedSliceSpec } from '../savedSlice';
import { scalarShape, TensorShape, unknownShape } from '../shape';
import type { ShapeContext } from '../shapeContext';

const noGradient = none('files have no gradients');

/** Prefix, names, slices: a scalar and two vectors of equal length. */
function prefixAndNames(c: ShapeContext): TensorShape {
  c.ranked(0, 0);
  return c.merge(c.ranked(1, 1), c.ranked(2, 1));
}

function parsed(c: ShapeContext, spec: string): SavedSliceSpec {
  try {
    return parseSliceSpec(spec);
  } catch (error) {
    if (error instanceof InvalidArgumentError) return c.fail(error.message);
    throw error;
  }
}

const scalars = (c: ShapeContext): TensorShape[] => {
  c.inputs.forEach((_, i) => c.ranked(i, 0));
  return [scalarShape];
};

export const checkpointOps = defineOps({
  SaveV2: {
    signature: `(prefix: string, tensor_names: string, shape_and_slices: string, tensors: dtypes) -> ()
      dtypes: list(type) >= 1`,
    stateful: true,
    shape: (c) => {
      c.ranked(0, 0);
      for (const index of [1, 2]) c.mergeDims(c.ranked(index, 1).dims![0], c.inputs.length - 3);
      return [];
    },
    gradient: noGradient,
  },
  RestoreV2: {
    signature: `(prefix: string, tensor_names: string, shape_and_slices: string) -> (tensors: dtypes)
      dtypes: list(type) >= 1`,
    stateful: true,
    shape: (c) => {
      prefixAndNames(c);
      const specs = c.value(2);
      if (!specs) return c.outputTypes.map(() => unknownShape);
      if (specs.size !== c.outputTypes.length) c.fail("The number of shape_and_slice doesn't match tensor outputs.");
      return c.outputTypes.map((_, i) => {
        const spec = String(specs.data[i]);
        return spec === '' ? unknownShape : new TensorShape(parsed(c, spec).shape);
      });
    },
    gradient: noGradient,
  },
  Restore: {
    signature: `(file_pattern: string, tensor_name: string) -> (tensor: dt)
      dt: type
      preferred_shard: int = -1`,
    stateful: true,
    shape: (c) => {
      c.inputs.forEach((_, i) => c.ranked(i, 0));
      return [unknownShape];
    },
    gradient: noGradient,
  },
  RestoreSlice: {
    signature: `(file_pattern: string, tensor_name: string, shape_and_slice: string) -> (tensor: dt)
      dt: type
      preferred_shard: int = -1`,
    stateful: true,
    shape: (c) => {
      c.inputs.forEach((_, i) => c.ranked(i, 0));
      const spec = c.value(2)?.data[0];
      return [typeof spec === 'string' && spec !== '' ? new TensorShape(parsed(c, spec).shape) : unknownShape];
    },
    gradient: noGradient,
  },
  MergeV2Checkpoints: {
    signature: `(checkpoint_prefixes: string, destination_prefix: string) -> ()
      delete_old_dirs: bool = true
      allow_missing_files: bool = false`,
    stateful: true,
    shape: (c) => {
      c.ranked(0, 1);
      c.ranked(1, 0);
      return [];
    },
    gradient: noGradient,
  },
  ShardedFilename: {
    signature: '(basename: string, shard: int32, num_shards: int32) -> (filename: string)',
    shape: scalars,
    gradient: noGradient,
  },
  ShardedFilespec: {
    signature: '(basename: string, num_shards: int32) -> (filename: string)',
    shape: scalars,
    gradient: noGradient,
  },
});
