/**
 * What ops of strings are called with.
 */
import * as dtypes from '../../graph/dtypes';
import { NdArray } from '../../graph/ndarray';
import { eachType, i32, legal, type Maker, numbers, pairs, unaryShapes } from './generate';

const text =
  (name: string, attrs: readonly object[]): Maker =>
  (make) =>
    unaryShapes.flatMap((shape) =>
      attrs.map((some) => ({ inputs: { [name]: make.array(dtypes.string, shape) }, attrs: some as never })),
    );

const patterns = ['a.*', '^s3://.*', '[A-Z]c', '(?:a|Bc)?', '\\w+', '\\S', 'a', '', '.*', '(', '[b-', 'x{2}'];

export const textInputs: Readonly<Record<string, Maker>> = {
  AsString: eachType(
    'T',
    [{}, { width: 6, fill: '0' }, { precision: 3 }, { scientific: true }, { shortest: true }],
    (make, dtype, attrs) => ({
      inputs: { input: make.array(dtype, [7], { special: true }) },
      attrs: attrs as never,
    }),
  ),
  StringJoin: (make) =>
    pairs.map(([x]) => ({
      inputs: { inputs: [make.array(dtypes.string, x), make.array(dtypes.string, []), make.array(dtypes.string, x)] },
      attrs: { separator: ', ' },
    })),
  StringLength: text('input', [{}, { unit: 'UTF8_CHAR' }]),
  StringLower: text('input', [{}, { encoding: 'utf-8' }]),
  StringUpper: text('input', [{}, { encoding: 'utf-8' }]),
  StringStrip: text('input', [{}]),
  StaticRegexFullMatch: (make) =>
    patterns.map((pattern) => ({ inputs: { input: make.array(dtypes.string, [9]) }, attrs: { pattern } })),
  RegexFullMatch: (make) =>
    patterns.map((pattern) => ({
      inputs: { input: make.array(dtypes.string, [9]), pattern: NdArray.from(pattern, dtypes.string) },
    })),
  ShardedFilename: () =>
    [
      [0, 1],
      [12, 345678],
      [-3, -4],
    ].map(([shard, shards]) => ({
      inputs: { basename: NdArray.from('a/b', dtypes.string), shard: i32(shard), num_shards: i32(shards) },
    })),
  ShardedFilespec: () => [{ inputs: { basename: NdArray.from('a/b', dtypes.string), num_shards: i32(7) } }],
  StringFormat: (make) =>
    numbers.map((dtype) => ({
      inputs: { inputs: [make.array(dtype, [9]), make.array(dtype, [])] },
      attrs: { template: 'a %s b %s', summarize: 2 },
    })),
  StringToNumber: (_, def) =>
    legal(def, 'out_type').flatMap((type) =>
      ['1', '-17', ' 3 ', '2.5', 'x', '', '1e3', 'nan'].map((word) => ({
        inputs: { string_tensor: NdArray.from([word], dtypes.string) },
        attrs: { out_type: type },
      })),
    ),
  Substr: (make) =>
    [
      [0, 2],
      [-2, 2],
      [1, 9],
      [0, 0],
      [5, 1],
    ].flatMap(([pos, len]) =>
      ['BYTE', 'UTF8_CHAR'].map((unit) => ({
        inputs: {
          input: NdArray.from(['hello', make.unit() < 0.5 ? 'ab' : 'ünïcö'], dtypes.string),
          pos: i32([pos, pos]),
          len: i32([len, len]),
        },
        attrs: { unit },
      })),
    ),
  ReduceJoin: (make) =>
    [[0], [1], [0, 1], [1, 0], [], [-1], [2]].map((axes) => ({
      inputs: { inputs: make.array(dtypes.string, [2, 3]), reduction_indices: i32(axes) },
      attrs: { separator: '-', keep_dims: make.unit() < 0.5 },
    })),
};
