/**
 * Plain kernels: checkpoints, through the session's file system.
 */
import { string } from '../../graph/dtypes';
import { InvalidArgumentError } from '../../graph/errors';
import { NdArray, type StringElement } from '../../graph/ndarray';
import type { checkpointOps } from '../../graph/ops/checkpoint';
import { parseSliceSpec } from '../../graph/savedSlice';
import { BundleWriter } from '../files/bundle/bundleWriter';
import { type CheckpointReader, readWhenUsed } from '../files/bundle/checkpointReader';
import { mergeBundles } from '../files/bundle/mergeBundles';
import { shardedName } from '../files/bundle/names';
import { openCheckpoint } from '../files/bundle/openCheckpoint';
import type { Kernel, KernelContext, KernelTable } from '../kernel';

const decoder = new TextDecoder();

/** Names in files are text; bytes that are no UTF-8 name nothing that could be found. */
const textOf = (element: StringElement): string => (typeof element === 'string' ? element : decoder.decode(element));
const texts = (value: NdArray): string[] => (value.data as unknown as StringElement[]).map(textOf);
const shapeText = (value: NdArray): string => `[${value.shape.join(',')}]`;

interface Named {
  readonly prefix: string;
  readonly names: readonly string[];
  readonly specs: readonly string[];
}

/** The first three inputs of SaveV2 and RestoreV2, for `count` tensors. */
function namedTensors([prefix, names, specs]: readonly NdArray[], count: number): Named {
  if (prefix.size !== 1)
    throw new InvalidArgumentError(`Input prefix should have a single element, got ${prefix.size} instead.`);
  if (names.rank !== 1 || specs.rank !== 1) {
    throw new InvalidArgumentError(
      `Input tensor_names and shape_and_slices should be an 1-D tensors, got ${shapeText(names)} and ${shapeText(specs)} instead.`,
    );
  }
  if (names.size !== specs.size) {
    throw new InvalidArgumentError(
      `tensor_names and shape_and_slices have different number of elements: ${names.size} vs. ${specs.size}`,
    );
  }
  if (names.size !== count) throw new InvalidArgumentError(`Got ${names.size} tensor names but ${count} tensors.`);
  return { prefix: texts(prefix)[0], names: texts(names), specs: texts(specs) };
}

const save: Kernel = (inputs, c) => {
  const tensors = inputs.slice(3);
  const { prefix, names, specs } = namedTensors(inputs, tensors.length);
  const parsed = specs.map((spec) => (spec === '' ? null : parseSliceSpec(spec)));
  const writer = new BundleWriter(c.fileSystem, prefix);
  try {
    tensors.forEach((tensor, i) => {
      const spec = parsed[i];
      if (spec) writer.addSlice(names[i], spec, tensor);
      else writer.add(names[i], tensor);
    });
  } catch (error) {
    writer.abandon();
    throw error;
  }
  writer.finish();
  return [];
};

const restore: Kernel = (inputs, c) => restoreTensors(namedTensors(inputs, c.outputTypes.length), c);

/** Restore, and RestoreSlice: one tensor, or a part of one. */
const restoreOne: Kernel = (inputs, c) => {
  const argument = ['file_pattern', 'tensor_name', 'shape_and_slice'];
  inputs.forEach((input, i) => {
    if (input.size !== 1) {
      throw new InvalidArgumentError(
        `Input ${i} (${argument[i]}) must be a string scalar; got a tensor of size ${input.size}`,
      );
    }
  });
  const [prefix, name, spec = ''] = inputs.map((input) => texts(input)[0]);
  return restoreTensors({ prefix, names: [name], specs: [spec] }, c)[0];
};

function restoreTensors({ prefix, names, specs }: Named, c: KernelContext): NdArray[] {
  const reader = openCheckpoint(c.fileSystem, prefix);
  try {
    checkTypes(reader, names, c);
    return names.map((name, i) => {
      if (specs[i] === '') return readWhenUsed(reader, name);
      const { fullShape, slice } = parseSliceSpec(specs[i]);
      const stored = reader.shapeOf(name);
      if (stored.join() !== fullShape.join()) {
        throw new InvalidArgumentError(
          `tensor_name = ${name}; shape in shape_and_slice spec [${fullShape.join(',')}] does not match the shape stored in checkpoint: [${stored.join(',')}]`,
        );
      }
      return readWhenUsed(reader, name, slice);
    });
  } finally {
    reader.close();
  }
}

/** InvalidArgumentError that lists all tensors which are of another type than the op says. */
function checkTypes(reader: CheckpointReader, names: readonly string[], c: KernelContext): void {
  const mismatches = names.flatMap((name, i) => {
    const [expected, stored] = [c.outputTypes[i], reader.dtypeOf(name)];
    if (expected === stored) return [];
    return [
      `tensor_name = ${name}; expected dtype ${expected.cppName} does not equal original dtype ${stored.cppName}`,
    ];
  });
  if (mismatches.length > 0) throw new InvalidArgumentError(mismatches.join('\n'));
}

const merge: Kernel = ([prefixes, destination], c) => {
  if (prefixes.rank !== 1) {
    throw new InvalidArgumentError(
      `Input checkpoint_prefixes should be an 1-D tensor, got ${shapeText(prefixes)} instead.`,
    );
  }
  if (destination.rank !== 0) {
    throw new InvalidArgumentError(
      `Input destination_prefix should be a scalar tensor, got ${shapeText(destination)} instead.`,
    );
  }
  mergeBundles(c.fileSystem, texts(prefixes), texts(destination)[0], {
    deleteOldDirectories: c.attr<boolean>('delete_old_dirs'),
    allowMissingFiles: c.attr<boolean>('allow_missing_files'),
  });
  return [];
};

function requireScalars(inputs: readonly NdArray[], names: readonly string[]): void {
  inputs.forEach((input, i) => {
    if (input.rank !== 0) throw new InvalidArgumentError(`${names[i]} must be a scalar, got shape ${shapeText(input)}`);
  });
}

const scalarText = (text: string): NdArray => new NdArray(string, [], [text]);

const shardedFilename: Kernel = (inputs) => {
  requireScalars(inputs, ['basename', 'shard', 'num_shards']);
  const [basename, shard, shards] = inputs;
  return scalarText(shardedName(texts(basename)[0], Number(shard.data[0]), Number(shards.data[0])));
};

const shardedFilespec: Kernel = (inputs) => {
  requireScalars(inputs, ['basename', 'num_shards']);
  const [basename, shards] = inputs;
  return scalarText(shardedName(texts(basename)[0], '?????', Number(shards.data[0])));
};

export const checkpointKernels: KernelTable<typeof checkpointOps> = {
  SaveV2: save,
  RestoreV2: restore,
  Restore: restoreOne,
  RestoreSlice: restoreOne,
  MergeV2Checkpoints: merge,
  ShardedFilename: shardedFilename,
  ShardedFilespec: shardedFilespec,
};
