/**
 * Plain kernels: summaries, serialized `Summary` protos equal to TensorFlow's but for the bytes of compressed pictures.
 */
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { string } from '../../graph/dtypes';
import { InvalidArgumentError, UnimplementedError } from '../../graph/errors';
import {
  type Summary_Value,
  type Summary_ValueSchema,
  SummaryMetadataSchema,
  SummarySchema,
} from '../../graph/formats/protos/generated/summary_pb';
import { NdArray, type StringElement, toNumbers, toStringElement } from '../../graph/ndarray';
import type { summaryOps } from '../../graph/ops/summary';
import type { KernelContext, KernelTable } from '../kernel';
import { histogramOf } from '../summary/histogram';
import { normalizedPixels } from '../summary/picture';
import { encodePng } from '../summary/png';
import { tensorProto } from '../summary/tensorProto';
import { encodeWav } from '../summary/wav';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const bytesOf = (element: StringElement): Uint8Array =>
  typeof element === 'string' ? encoder.encode(element) : element;
/** A tag is text in the proto; bytes that are no UTF-8 show as replacement characters. */
const textOf = (element: StringElement): string => (typeof element === 'string' ? element : decoder.decode(element));
const stringAt = (value: NdArray, index: number): StringElement => value.data[index] as StringElement;

type Value = MessageInitShape<typeof Summary_ValueSchema>;

function serialized(value: readonly Value[]): NdArray {
  const bytes = toBinary(SummarySchema, create(SummarySchema, { value: [...value] }));
  return new NdArray(string, [], [toStringElement(bytes)]);
}

const cppShape = (value: NdArray) => `[${value.shape.join(',')}]`;

function requireScalar(value: NdArray, complaint: string): void {
  if (value.rank !== 0) throw new InvalidArgumentError(complaint);
}

/** The values as numbers; of half precision there are none here. */
function numbersOf(value: NdArray, c: KernelContext): ArrayLike<number> {
  if (value.dtype.isFloating && value.dtype.size === 2)
    throw new UnimplementedError(`${c.op.type} has no kernel for ${value.dtype.name}.`);
  return value.dtype.isBigInt ? toNumbers(value) : (value.data as unknown as ArrayLike<number>);
}

const sameShape = (a: NdArray, b: NdArray) => cppShape(a) === cppShape(b);

/** `<tag>/<kind>`, numbered where more than one was asked for. */
function tagOf(tag: NdArray, kind: string, index: number, most: number): string {
  return `${textOf(stringAt(tag, 0))}/${kind}${most > 1 ? `/${index}` : ''}`;
}

function merged(inputs: readonly NdArray[]): Summary_Value[] {
  const tags = new Set<string>();
  return inputs
    .flatMap(({ data }) => data as unknown as StringElement[])
    .flatMap((element) => {
      try {
        return fromBinary(SummarySchema, bytesOf(element)).value;
      } catch {
        throw new InvalidArgumentError('Could not parse one of the summary inputs');
      }
    })
    .map((value) => {
      if (value.tag !== '' && tags.has(value.tag))
        throw new InvalidArgumentError(`Duplicate tag ${value.tag} found in summary inputs `);
      tags.add(value.tag);
      return value;
    });
}

export const summaryKernels: KernelTable<typeof summaryOps> = {
  ScalarSummary: ([tags, values], c) => {
    if (!sameShape(tags, values)) {
      const tag = tags.size === 1 ? ` (tag '${textOf(stringAt(tags, 0))}')` : '';
      throw new InvalidArgumentError(
        `tags and values are not the same shape: ${cppShape(tags)} != ${cppShape(values)}${tag}`,
      );
    }
    const numbers = numbersOf(values, c);
    return serialized(
      Array.from(tags.data as unknown as StringElement[], (tag, i) => ({
        tag: textOf(tag),
        value: { case: 'simpleValue', value: Math.fround(numbers[i]) },
      })),
    );
  },
  HistogramSummary: ([tag, values], c) => {
    requireScalar(tag, 'tags must be scalar');
    const numbers = numbersOf(values, c);
    for (let i = 0; i < numbers.length; i++) {
      if (Number.isFinite(numbers[i])) continue;
      throw new InvalidArgumentError(
        Number.isNaN(numbers[i])
          ? `Nan in summary histogram for: ${c.op.name}`
          : `Infinity in Histogram for: ${c.op.name}`,
      );
    }
    const histogram = histogramOf(Array.from(numbers));
    return serialized([{ tag: textOf(stringAt(tag, 0)), value: { case: 'histo', value: histogram } }]);
  },
  ImageSummary: ([tag, tensor], c) => {
    const badColor = c.attr<NdArray>('bad_color');
    if (badColor.dtype.name !== 'uint8')
      throw new InvalidArgumentError(`bad_color must be uint8, got ${badColor.dtype.cppName}`);
    requireScalar(tag, 'Tags must be a scalar');
    const [batch, height, width, channels] = tensor.shape;
    if (tensor.rank !== 4 || ![1, 3, 4].includes(channels))
      throw new InvalidArgumentError(`Tensor must be 4-D with last dim 1, 3, or 4, not ${cppShape(tensor)}`);
    const most = c.attr<number>('max_images');
    if (batch > 0 && height * width === 0) {
      throw new InvalidArgumentError(`input tensor must have non-zero dims. Found: [${tensor.shape.join(', ')}].`);
    }
    const isRaw = tensor.dtype.name === 'uint8';
    if (!isRaw && badColor.size < channels) {
      throw new InvalidArgumentError(
        `expected depth <= bad_color.size, got depth = ${channels}, bad_color.size = ${badColor.size}`,
      );
    }
    const size = height * width * channels;
    const numbers = numbersOf(tensor, c);
    const round = tensor.dtype.name === 'float32' ? Math.fround : (value: number) => value;
    return serialized(
      Array.from({ length: Math.min(batch, most) }, (_, i) => {
        const range = [i * size, (i + 1) * size] as const;
        const pixels = isRaw
          ? (tensor.data as Uint8Array).subarray(...range)
          : normalizedPixels(numbers, range, channels, badColor.data as Uint8Array, round);
        const encodedImageString = encodePng(pixels, width, height, channels);
        const image = { height, width, colorspace: channels, encodedImageString };
        return { tag: tagOf(tag, 'image', i, most), value: { case: 'image', value: image } };
      }),
    );
  },
  AudioSummaryV2: ([tag, tensor, rate], c) => {
    requireScalar(tag, 'Tag must be a scalar');
    if (tensor.rank < 2 || tensor.rank > 3)
      throw new InvalidArgumentError(`Tensor must be 3-D or 2-D, got: ${cppShape(tensor)}`);
    if (rate.size !== 1) throw new InvalidArgumentError('sample_rate must be rank-0 or contain a single value');
    const sampleRate = rate.data[0] as number;
    if (!(sampleRate > 0)) throw new InvalidArgumentError('sample_rate must be > 0');
    const [batch, frames, channels = 1] = tensor.shape;
    if (batch > 0 && channels === 0) throw new InvalidArgumentError('audio is null');
    const most = c.attr<number>('max_outputs');
    const size = frames * channels;
    // Whole hertz for the file's header; halves go to the even neighbour.
    const floor = Math.floor(sampleRate);
    const isUp = sampleRate - floor > 0.5 || (sampleRate - floor === 0.5 && floor % 2 === 1);
    const wholeRate = Math.max(1, isUp ? floor + 1 : floor);
    return serialized(
      Array.from({ length: Math.min(batch, most) }, (_, i) => {
        const samples = (tensor.data as Float32Array).subarray(i * size, (i + 1) * size);
        const audio = {
          sampleRate,
          numChannels: BigInt(channels),
          lengthFrames: BigInt(frames),
          encodedAudioString: encodeWav(samples, wholeRate, channels),
          contentType: 'audio/wav',
        };
        return { tag: tagOf(tag, 'audio', i, most), value: { case: 'audio', value: audio } };
      }),
    );
  },
  TensorSummaryV2: ([tag, tensor, metadata]) => {
    requireScalar(tag, 'tag must be scalar');
    requireScalar(metadata, 'serialized_summary_metadata must be scalar');
    return serialized([
      {
        tag: textOf(stringAt(tag, 0)),
        metadata: parsedMetadata(bytesOf(stringAt(metadata, 0))),
        value: { case: 'tensor', value: tensorProto(tensor) },
      },
    ]);
  },
  MergeSummary: (inputs) => serialized(merged(inputs)),
};

function parsedMetadata(bytes: Uint8Array) {
  try {
    return fromBinary(SummaryMetadataSchema, bytes);
  } catch {
    throw new InvalidArgumentError('Could not parse serialized_summary_metadata as a SummaryMetadata proto');
  }
}
