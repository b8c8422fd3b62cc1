/**
 * Summary ops: nodes whose value is a serialized `Summary` proto, for `FileWriter.addSummary`.
 *
 * A name is a name scope of its own, so tags are unique: the second `loss` is `loss_1`. Characters that node names do not
 * have become `_`. Ops are added to the collection `summaries` unless others are given.
 */
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { applyUnary } from '../../graph/applyOp';
import { GraphKeys } from '../../graph/collections';
import { convertToTensor, type TensorLike } from '../../graph/convert';
import { getDefaultGraph } from '../../graph/defaultGraph';
import { float32, string } from '../../graph/dtypes';
import { ValueError } from '../../graph/errors';
import { SummaryMetadataSchema } from '../../graph/formats/protos/generated/summary_pb';
import { toStringElement } from '../../graph/ndarray';
import { composite } from '../../graph/ops/composite';
import type { Tensor } from '../../graph/tensor';

export interface SummaryOptions {
  /** Keys of the collections that the op is added to. Default: `[GraphKeys.SUMMARIES]`. */
  readonly collections?: readonly string[] | null;
  /** A prefix of the tag: TensorBoard groups by it. */
  readonly family?: string | null;
}

/** What node names do not have becomes `_`; leading slashes go. */
function cleanTag(name: string): string {
  return name.replace(/[^-/\p{L}\p{N}_.]/gu, '_').replace(/^\/+/, '');
}

function collect(summary: Tensor, keys: readonly string[]): Tensor {
  for (const key of keys) summary.graph.addToCollection(key, summary);
  return summary;
}

/** Runs `build` in the scope of a summary, with its tag and its name, and collects what it gives. */
function summaryOp(
  name: string,
  values: readonly unknown[],
  { collections, family }: SummaryOptions,
  build: (tag: string, scope: string) => Tensor,
): Tensor {
  const clean = cleanTag(name);
  const group = family === undefined || family === null ? null : cleanTag(family);
  return composite(group === null ? clean : `${group}/${clean}`, clean, values, (scope) => {
    const unique = scope.replace(/\/+$/, '');
    const summary = build(group === null ? unique : `${group}/${unique}`, scope);
    return collect(summary, collections ?? [GraphKeys.SUMMARIES]);
  });
}

/**
 * A summary of one number, or of one per tag where the tensor has the shape of the tags.
 *
 * Mirrors tf.compat.v1.summary.scalar. The value must be a scalar when it runs: InvalidArgumentError otherwise.
 */
export function scalar(name: string, tensor: TensorLike, options: SummaryOptions = {}): Tensor {
  return summaryOp(name, [tensor], options, (tags, scope) =>
    applyUnary('ScalarSummary', { tags, values: tensor }, scope),
  );
}

/**
 * A summary of how the numbers of a tensor of any shape are distributed; InvalidArgumentError when one is not finite.
 *
 * Mirrors tf.compat.v1.summary.histogram.
 */
export function histogram(name: string, values: TensorLike, options: SummaryOptions = {}): Tensor {
  return summaryOp(name, [values], options, (tag, scope) => applyUnary('HistogramSummary', { tag, values }, scope));
}

export interface BatchSummaryOptions extends SummaryOptions {
  /** How many of the batch to show. Default: 3. */
  readonly maxOutputs?: number;
}

/**
 * A summary of pictures `[batch, height, width, channels]` with 1, 3 or 4 channels: uint8, or floats, which are scaled so
 * that the largest becomes 255, or, where one is negative, 0 becomes 128.
 *
 * Mirrors tf.compat.v1.summary.image: tags are `<name>/image/0`, `/1`, …, or `<name>/image` for `maxOutputs: 1`.
 */
export function image(name: string, tensor: TensorLike, options: BatchSummaryOptions = {}): Tensor {
  const { maxOutputs = 3 } = options;
  return summaryOp(name, [tensor], options, (tag, scope) =>
    applyUnary('ImageSummary', { tag, tensor, max_images: maxOutputs }, scope),
  );
}

/**
 * A summary of sounds `[batch, frames]` or `[batch, frames, channels]`, float32 in [-1, 1], at `sampleRate` hertz.
 *
 * Mirrors tf.compat.v1.summary.audio: tags are `<name>/audio/0`, `/1`, …, or `<name>/audio` for `maxOutputs: 1`.
 */
export function audio(
  name: string,
  tensor: TensorLike,
  sampleRate: TensorLike,
  options: BatchSummaryOptions = {},
): Tensor {
  const { maxOutputs = 3 } = options;
  return summaryOp(name, [tensor], options, (tag, scope) => {
    const sample_rate = convertToTensor(sampleRate, { dtype: float32, name: 'sample_rate' });
    return applyUnary('AudioSummaryV2', { tag, tensor, max_outputs: maxOutputs, sample_rate }, scope);
  });
}

/**
 * A summary of text: TensorBoard shows Markdown, vectors and matrices as tables. ValueError when the tensor is no string.
 *
 * Mirrors tf.compat.v1.summary.text.
 */
export function text(name: string, tensor: TensorLike, options: Pick<SummaryOptions, 'collections'> = {}): Tensor {
  const given = convertToTensor(tensor);
  if (given.dtype !== string)
    throw new ValueError(`Expected tensor ${given.name} to have dtype string, got ${given.dtype}`);
  return tensorSummary(name, given, { ...options, summaryMetadata: { pluginData: { pluginName: 'text' } } });
}

export interface TensorSummaryOptions extends SummaryOptions {
  /** A long description, in Markdown. */
  readonly summaryDescription?: string;
  /** The SummaryMetadata proto, which says what plugin of TensorBoard shows the values. */
  readonly summaryMetadata?: MessageInitShape<typeof SummaryMetadataSchema>;
  /** The name to show in place of the tag. */
  readonly displayName?: string;
}

/** A summary of a whole tensor of any type and shape. Mirrors tf.compat.v1.summary.tensor_summary. */
export function tensorSummary(name: string, tensor: TensorLike, options: TensorSummaryOptions = {}): Tensor {
  const metadata = create(SummaryMetadataSchema, options.summaryMetadata);
  if (options.summaryDescription !== undefined) metadata.summaryDescription = options.summaryDescription;
  if (options.displayName !== undefined) metadata.displayName = options.displayName;
  const serialized = toStringElement(toBinary(SummaryMetadataSchema, metadata));
  return summaryOp(name, [tensor], options, (tag, scope) =>
    applyUnary('TensorSummaryV2', { tensor, tag, serialized_summary_metadata: serialized }, scope),
  );
}

/**
 * The values of several summaries in one; InvalidArgumentError when two have the same tag. In no collection by default.
 *
 * Mirrors tf.compat.v1.summary.merge.
 */
export function merge(
  inputs: readonly TensorLike[],
  options: { readonly collections?: readonly string[] | null; readonly name?: string } = {},
): Tensor {
  const name = options.name === undefined ? undefined : cleanTag(options.name);
  return composite(name, 'Merge', [inputs], () =>
    collect(applyUnary('MergeSummary', { inputs }, name), options.collections ?? []),
  );
}

export interface MergeAllOptions {
  /** The collection. Default: `GraphKeys.SUMMARIES`. */
  readonly key?: string;
  /** Only ops whose name it matches from its start, as a regular expression. */
  readonly scope?: string | null;
  readonly name?: string;
}

/** All collected summaries of the default graph in one, or null when there is none. Mirrors tf.compat.v1.summary.merge_all. */
export function mergeAll({ key = GraphKeys.SUMMARIES, scope, name }: MergeAllOptions = {}): Tensor | null {
  const summaries = getDefaultGraph().getCollection<Tensor>(key, scope);
  return summaries.length === 0 ? null : merge(summaries, { name });
}
