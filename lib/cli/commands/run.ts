/**
 * `sluice run FILE --feed x=@x.npy --fetch y`: runs a graph, and prints or writes what was fetched.
 */
import { readFileSync } from 'node:fs';
import type { Graph } from '../../../graph/graph';
import { type ArrayLike, NdArray } from '../../../graph/ndarray';
import type { Tensor } from '../../../graph/tensor';
import { resolveFeedKey } from '../../../runtime/feeds';
import { encodeNpy } from '../../../runtime/files/npy';
import { encodeNpz } from '../../../runtime/files/npz';
import { Tracer } from '../../../runtime/tracer';
import { chromeTrace } from '../../inspect/chromeTrace';
import { times as timesOf } from '../../inspect/times';
import { arrayJson, arrayText } from '../arrays';
import type { LoadedGraph, Signature } from '../files/kind';
import { loadArrays, openInput } from '../files/kinds';
import {
  type Context,
  FileError,
  list,
  positive,
  repeated,
  type Shared,
  toJson,
  UsageError,
  writeFile,
} from '../output';
import { openSession, withVariables } from '../variables';
import { tensorName } from './inspect';

interface RunOptions extends Shared {
  readonly feed: string[];
  readonly fetch: string[];
  readonly signature?: string;
  readonly checkpoint?: string;
  readonly init: string[];
  readonly seed?: string;
  readonly npy?: string;
  readonly repeat?: number;
  readonly trace?: string;
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${where} is no JSON: ${(error as Error).message}`);
  }
}

/** A value for a tensor: a file of numpy or of JSON behind `@`, else JSON; for strings, also bare text. */
function feedValue(text: string, tensor: Tensor): NdArray {
  if (!text.startsWith('@')) {
    const isBare = tensor.dtype.name === 'string' && !/^\s*[["]/.test(text);
    return NdArray.from((isBare ? text : parseJson(text, text)) as ArrayLike, tensor.dtype);
  }
  const path = text.slice(1);
  if (/\.json$/.test(path)) {
    let content: string;
    try {
      content = readFileSync(path, 'utf8');
    } catch (error) {
      throw new FileError(`cannot read ${path}: ${(error as Error).message}`);
    }
    return NdArray.from(parseJson(content, path) as ArrayLike, tensor.dtype);
  }
  const { kind, file } = openInput(path);
  if (!kind.arrays) throw new FileError(`${path} holds no arrays: it is ${kind.about}`);
  const arrays = loadArrays(path);
  const [name, ...others] = arrays.names;
  if (name === undefined || others.length > 0)
    throw new UsageError(`${file.path} holds ${arrays.names.length} arrays; pick one: ${file.path}#NAME`);
  return arrays.read(name);
}

export function feedsOf(graph: Graph, given: readonly string[], signature: Signature | undefined): [Tensor, NdArray][] {
  return given.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`--feed ${text}: write NAME=VALUE or NAME=@FILE`);
    const name = text.slice(0, at);
    const tensor = resolveFeedKey(graph, tensorName(signature?.inputs[name] ?? name));
    return [tensor, feedValue(text.slice(at + 1), tensor)];
  });
}

export function signatureOf({ signatures }: LoadedGraph, name: string | undefined): Signature | undefined {
  if (name === undefined) return undefined;
  const found = signatures?.get(name);
  if (found) return found;
  const names = [...(signatures?.keys() ?? [])];
  throw new UsageError(
    names.length > 0 ? `no signature ${name}; there are ${names.join(', ')}` : 'the file has no signatures',
  );
}

function write(path: string, results: Readonly<Record<string, NdArray>>): void {
  const values = Object.values(results);
  if (values.length === 1 && !path.endsWith('.npz')) writeFile(path, encodeNpy(values[0]));
  else if (path.endsWith('.npz')) writeFile(path, encodeNpz(results));
  else throw new UsageError(`${values.length} arrays need an archive: --npy NAME.npz`);
}

export function addRunCommand({ command, output }: Context): void {
  command('run <file>', 'runs a graph and prints what was fetched')
    .option('--feed <name=value>', 'JSON, or @FILE with numpy or JSON; may be repeated', repeated, [])
    .option('--fetch <names>', 'tensors, or outputs of the signature; may be repeated', list, [])
    .option('--signature <name>', 'names feeds and fetches by this signature')
    .option('--checkpoint <file>', 'gives the variables their values')
    .option('--init <ops>', 'operations to run first', list, [])
    .option('--seed <seed>', 'makes random ops without a seed repeatable')
    .option('--repeat <times>', 'runs that often, and tells the time of each run', positive)
    .option('--trace <file>', 'writes the times of kernels for ui.perfetto.dev, and sums them up by scope')
    .option('--npy <file>', 'writes a .npy, or of several arrays a .npz')
    .action((file: string, options: RunOptions) => {
      const { session, loaded } = openSession(file, options);
      const signature = signatureOf(loaded, options.signature);
      const names = options.fetch.length > 0 ? options.fetch : Object.keys(signature?.outputs ?? {});
      if (names.length === 0) throw new UsageError('nothing to fetch: --fetch NAME, or a --signature');
      const fetches = names.map((name) => signature?.outputs[name] ?? name);
      const feed = feedsOf(loaded.graph, options.feed, signature);
      const elements = fetches.map((name) =>
        loaded.graph.findOperation(name)?.outputs.length === 0 ? name : tensorName(name),
      );
      const tracer = options.trace === undefined ? null : new Tracer();
      session.tracer = tracer;
      const run = () => withVariables(() => session.runSync(elements, { feed }) as (NdArray | null)[]);
      let values = run();
      const times: number[] = [];
      for (let i = 0; i < (options.repeat ?? 0); i++) {
        const start = performance.now();
        values = run();
        times.push(performance.now() - start);
      }
      const results = Object.fromEntries(
        names.flatMap((name, i) => (values[i] === null ? [] : [[name, values[i] as NdArray]])),
      );
      if (options.npy !== undefined) write(options.npy, results);
      else if (options.json) {
        output.write(
          `${toJson(Object.fromEntries(Object.entries(results).map(([name, value]) => [name, arrayJson(value)])))}\n`,
        );
      } else
        output.write(
          Object.entries(results)
            .map(([name, value]) => `${arrayText(name, value)}\n`)
            .join(''),
        );
      if (tracer && options.trace !== undefined) {
        writeFile(options.trace, chromeTrace(tracer).text);
        output.writeError(`${timesOf(tracer).text}\n`);
      }
      if (times.length > 0) output.writeError(`${times.map((time) => time.toFixed(3)).join(' ')} ms\n`);
    });
}
