/**
 * The files of a model for tfjs: from a folder, from the network, or at hand.
 *
 * Names of weight files come from model.json, which may come from anywhere: only files beside it and below are read.
 */
import { DataLossError, InvalidArgumentError, NotFoundError, ResourceExhaustedError } from '../../graph/errors';
import { defaultFileSystem, type FileSystem, readFile } from '../../runtime/files/fileSystem';
import { dirname, isPlainName, joinPath } from '../../runtime/files/paths';
import type { GraphModelFiles } from './graphModel';

export interface ModelFiles {
  readonly json: unknown;
  /** The contents of a weight file by the name that the model gives it. */
  read(path: string): Promise<Uint8Array>;
}

/** The largest file that is read; weight files are usually cut at 4 MiB. */
const MOST_BYTES = 2 ** 31;

const decoder = new TextDecoder();

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DataLossError(`${path} is no JSON: ${(error as Error).message}`);
  }
}

function checkBelow(path: string): void {
  if (path.split('/').every(isPlainName)) return;
  throw new InvalidArgumentError(
    `The model names a weight file '${path}', which is not beside it. Only files in the folder of model.json are read.`,
  );
}

function fromFolder(path: string, fileSystem: FileSystem): ModelFiles {
  const read = (file: string) =>
    readFile(
      fileSystem,
      file,
      MOST_BYTES,
      (size) => new ResourceExhaustedError(`${file} is too large: ${size} bytes.`),
    );
  return {
    json: parse(decoder.decode(read(path)), path),
    read: (name) => {
      checkBelow(name);
      return Promise.resolve(read(joinPath(dirname(path), name)));
    },
  };
}

/** A URL, told by what it has: the types of this package need none of those of browsers or of Node. */
export interface UrlLike {
  readonly href: string;
}

const isUrl = (source: UrlLike | GraphModelFiles): source is UrlLike => 'href' in source;

async function download(url: URL): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok) throw new NotFoundError(`${url}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function fromNetwork(url: URL): Promise<ModelFiles> {
  return {
    json: parse(decoder.decode(await download(url)), url.href),
    read: (name) => {
      checkBelow(name);
      const file = new URL(name, url);
      // Queries carry keys and versions: they go along.
      file.search = url.search;
      return download(file);
    },
  };
}

function atHand({ model, weights }: GraphModelFiles): ModelFiles {
  const files = weights instanceof Map ? weights : new Map(Object.entries(weights));
  const text = model instanceof Uint8Array ? decoder.decode(model) : model;
  return {
    json: typeof text === 'string' ? parse(text, 'The model') : text,
    read: (name) => {
      const bytes = files.get(name);
      return bytes
        ? Promise.resolve(bytes)
        : Promise.reject(
            new NotFoundError(`The weight file '${name}' was not given. Given: ${[...files.keys()].join(', ')}.`),
          );
    },
  };
}

export async function readModelFiles(
  source: string | UrlLike | GraphModelFiles,
  fileSystem: FileSystem = defaultFileSystem(),
): Promise<ModelFiles> {
  if (typeof source !== 'string') return isUrl(source) ? fromNetwork(new URL(source.href)) : atHand(source);
  return /^https?:\/\//.test(source) ? fromNetwork(new URL(source)) : fromFolder(source, fileSystem);
}
