/**
 * Kinds of files: numpy's arrays and archives of them, and safetensors.
 */

import type { NdArray } from '../../../graph/ndarray';
import { decodeNpy, loadNpy } from '../../../runtime/files/npy';
import { decodeNpz } from '../../../runtime/files/npz';
import { basename } from '../../../runtime/files/paths';
import { SafetensorsReader } from '../../../runtime/files/safetensors';
import { arraysReport } from '../arrays';
import { UsageError } from '../output';
import type { InputFile } from './inputFile';
import type { FileKind, NamedArrays } from './kind';

function namedArrays(values: ReadonlyMap<string, NdArray>): NamedArrays {
  const get = (name: string): NdArray => {
    const value = values.get(name);
    if (value === undefined) throw new UsageError(`no array '${name}'; there are ${[...values.keys()].join(', ')}`);
    return value;
  };
  return {
    names: [...values.keys()],
    dtypeOf: (name) => get(name).dtype.name,
    shapeOf: (name) => get(name).shape,
    read: get,
  };
}

const startsWith = (file: InputFile, bytes: readonly number[]) =>
  file.isFile && bytes.every((byte, i) => file.head[i] === byte);

function npyArrays(file: InputFile): NamedArrays {
  return namedArrays(
    new Map([
      [
        basename(file.path).replace(/\.npy$/, ''),
        file.path === '-' ? decodeNpy(file.bytes, file.path) : loadNpy(file.path),
      ],
    ]),
  );
}

function npzArrays(file: InputFile): NamedArrays {
  const all = decodeNpz(file.bytes, file.path);
  if (file.part === undefined) return namedArrays(all);
  return namedArrays(new Map([[file.part, namedArrays(all).read(file.part)]]));
}

function safetensorsArrays(file: InputFile): NamedArrays {
  const reader = new SafetensorsReader(file.path);
  const { part } = file;
  return {
    names: part === undefined ? reader.names : [part],
    dtypeOf: (name) => reader.dtypeOf(name).name,
    shapeOf: (name) => reader.shapeOf(name),
    read: (name) => reader.read(name),
  };
}

export const arrayKinds: readonly FileKind[] = [
  {
    name: 'npy',
    about: 'an array of numpy',
    matches: (file) => startsWith(file, [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]),
    overview: (file) => arraysReport('npy', npyArrays(file)),
    arrays: npyArrays,
  },
  {
    name: 'npz',
    about: 'an archive of arrays of numpy',
    matches: (file) => startsWith(file, [0x50, 0x4b, 3, 4]) || startsWith(file, [0x50, 0x4b, 5, 6]),
    overview: (file) => arraysReport('npz', npzArrays(file)),
    arrays: npzArrays,
  },
  {
    name: 'safetensors',
    about: 'a file of safetensors',
    // A header of less than 4 GiB, which is an object.
    matches: (file) => file.isFile && file.head[8] === 0x7b && file.head.subarray(4, 8).every((byte) => byte === 0),
    overview: (file) => arraysReport('safetensors', safetensorsArrays(file)),
    arrays: safetensorsArrays,
  },
];
