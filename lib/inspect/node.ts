/**
 * Everything about one operation.
 */
import { summarizeAttr } from '../../graph/attributes';
import type { Graph } from '../../graph/graph';
import { inputName } from '../../graph/print';
import type { Tensor } from '../../graph/tensor';
import { Report } from './report';

export interface NodeDetails {
  readonly name: string;
  readonly type: string;
  readonly device: string;
  readonly madeAt: string | null;
  readonly inputs: readonly {
    readonly name: string;
    readonly dtype: string;
    readonly shape: readonly (number | null)[] | null;
  }[];
  readonly controlInputs: readonly string[];
  readonly outputs: readonly {
    readonly name: string;
    readonly dtype: string;
    readonly shape: readonly (number | null)[] | null;
    readonly consumers: readonly string[];
  }[];
  readonly controlOutputs: readonly string[];
  readonly attrs: Readonly<Record<string, string>>;
  readonly collections: readonly string[];
}

/** The collections that hold an op, one of its tensors, or a variable made of it. */
function collectionsOf(graph: Graph, name: string): string[] {
  const holds = (item: unknown): boolean => {
    const named = item as { name?: unknown; op?: { name?: unknown }; handle?: Tensor } | null;
    return named?.op?.name === name || named?.name === name || named?.handle?.op.name === name;
  };
  return graph.getAllCollectionKeys().filter((key) => graph.getCollection(key).some(holds));
}

/** Details of the operation of that name. KeyError names the nearest operation when there is none. */
export function node(graph: Graph, name: string): Report<NodeDetails> {
  const op = graph.getOperationByName(name);
  const described = (tensor: (typeof op.outputs)[number]) => ({ dtype: tensor.dtype.name, shape: tensor.shape.dims });
  const details: NodeDetails = {
    name: op.name,
    type: op.type,
    device: op.device,
    madeAt: op.creationSite,
    inputs: op.inputs.map((tensor) => ({ name: inputName(tensor), ...described(tensor) })),
    controlInputs: op.controlInputs.map((control) => control.name),
    outputs: op.outputs.map((tensor) => ({
      name: tensor.name,
      ...described(tensor),
      consumers: tensor.consumers().map((consumer) => consumer.name),
    })),
    controlOutputs: op.controlOutputs.map((control) => control.name),
    attrs: Object.fromEntries(
      Object.keys(op.attrs)
        .sort()
        .map((key) => [key, summarizeAttr(op.attrs[key])]),
    ),
    collections: collectionsOf(graph, op.name),
  };
  return new Report(details, text(details));
}

function text(details: NodeDetails): string {
  const type = (part: { dtype: string; shape: readonly (number | null)[] | null }) =>
    `${part.dtype}[${part.shape?.map((dim) => dim ?? '?').join(',') ?? '…'}]`;
  const section = (title: string, rows: readonly string[]) =>
    rows.length === 0 ? [] : [title, ...rows.map((row) => `  ${row}`)];
  return [
    `${details.name} = ${details.type}`,
    ...(details.device === '' ? [] : [`device       ${details.device}`]),
    ...(details.madeAt === null ? [] : [`made at      ${details.madeAt}`]),
    ...(details.collections.length === 0 ? [] : [`collections  ${details.collections.join(', ')}`]),
    ...section('inputs', [
      ...details.inputs.map((input) => `${input.name} : ${type(input)}`),
      ...details.controlInputs.map((control) => `^${control}`),
    ]),
    ...section(
      'outputs',
      details.outputs.map(
        (output) =>
          `${output.name} : ${type(output)}${output.consumers.length > 0 ? ` → ${output.consumers.join(', ')}` : ''}`,
      ),
    ),
    ...section('waited for by', details.controlOutputs),
    ...section(
      'attributes',
      Object.entries(details.attrs).map(([key, value]) => `${key} = ${value}`),
    ),
  ].join('\n');
}
