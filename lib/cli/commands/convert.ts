/**
 * `sluice convert IN OUT`: the same graph, or the same arrays, in another form. What the form has no place for is told.
 */
import { graphToProto } from '../../../graph/formats/exportGraphDef';
import type { NdArray } from '../../../graph/ndarray';
import { encodeNpy } from '../../../runtime/files/npy';
import { encodeNpz } from '../../../runtime/files/npz';
import { toJSON } from '../../inspect/json';
import { serializeGraphDef } from '../../io/graphDef';
import { arrayJson } from '../arrays';
import type { LoadedGraph, NamedArrays } from '../files/kind';
import { loadArrays, loadGraph, openInput } from '../files/kinds';
import { type Context, toJson, UsageError, writeFile } from '../output';

/** A form that a graph can be written in. */
interface GraphForm {
  readonly about: string;
  readonly encode: (loaded: LoadedGraph) => string | Uint8Array;
  /** What of this graph has no place in it. */
  readonly lost: (loaded: LoadedGraph) => readonly string[];
}

const collectionsLost = ({ graph, signatures, open }: LoadedGraph): string[] => [
  ...graph.getAllCollectionKeys().map((key) => `collection ${key}`),
  ...[...(signatures?.keys() ?? [])].map((name) => `signature ${name}`),
  ...(open ? ['values of variables (sluice freeze keeps them)'] : []),
];

const graphForms: Readonly<Record<string, GraphForm>> = {
  json: {
    about: 'our JSON',
    encode: ({ graph }) => toJSON(graph),
    lost: (loaded) => collectionsLost(loaded).filter((text) => !text.startsWith('collection')),
  },
  pb: {
    about: 'a GraphDef',
    encode: ({ graph }) => serializeGraphDef(graphToProto(graph), 'binary'),
    lost: collectionsLost,
  },
  pbtxt: {
    about: 'a GraphDef as text',
    encode: ({ graph }) => serializeGraphDef(graphToProto(graph), 'text'),
    lost: collectionsLost,
  },
};

function readAll(arrays: NamedArrays): Record<string, NdArray> {
  return Object.fromEntries(arrays.names.map((name) => [name, arrays.read(name)]));
}

const arrayForms: Readonly<Record<string, (arrays: NamedArrays) => string | Uint8Array>> = {
  npy: (arrays) => {
    const [name, ...others] = arrays.names;
    if (name === undefined || others.length > 0)
      throw new UsageError(`${arrays.names.length} arrays need an archive: name a .npz`);
    return encodeNpy(arrays.read(name));
  },
  npz: (arrays) => encodeNpz(readAll(arrays)),
  json: (arrays) =>
    `${toJson(Object.fromEntries(Object.entries(readAll(arrays)).map(([name, value]) => [name, arrayJson(value)])))}\n`,
};

/** The form that a name ends in. */
function formOf<Form>(forms: Readonly<Record<string, Form>>, path: string, to: string | undefined, what: string): Form {
  const ending = to ?? /\.([^./\\]+)$/.exec(path)?.[1] ?? '';
  const form = forms[ending];
  if (form) return form;
  const endings = Object.keys(forms).map((name) => `.${name}`);
  throw new UsageError(`${what} are written as ${endings.join(', ')}; '${path}' is none of them (--to says which)`);
}

/** Writes a graph in the form that the path ends in, and tells what is lost. */
export function writeGraphFile({ output }: Context, loaded: LoadedGraph, path: string, to?: string): void {
  const form = formOf(graphForms, path, to, 'graphs');
  writeFile(path, form.encode(loaded));
  for (const lost of form.lost(loaded)) output.writeError(`sluice: ${form.about} has no place for: ${lost}\n`);
}

export function addConvertCommand(context: Context): void {
  context
    .plain('convert <in> <out>', 'the same graph, or the same arrays, in the form that OUT ends in')
    .option(
      '--to <form>',
      `the form: ${[...new Set([...Object.keys(graphForms), ...Object.keys(arrayForms)])].join(', ')}`,
    )
    .action((given: string, path: string, { to }: { to?: string }) => {
      const { kind } = openInput(given);
      if (kind.graph) writeGraphFile(context, loadGraph(given), path, to);
      else writeFile(path, formOf(arrayForms, path, to, 'arrays')(loadArrays(given)));
    });
}
