/**
 * The summary of a graph: its layers with their output shapes and parameters, and what else it holds.
 */
import type { Graph } from '../../graph/graph';
import { findLayers, type LayerInfo, outermostScope } from './layers';
import { Report } from './report';
import { cutMiddle, formatTable } from './table';

export interface Summary {
  readonly layers: readonly (Omit<LayerInfo, 'output'> & { readonly output: readonly (number | null)[] | null })[];
  /** Names of ops that belong to no layer. */
  readonly loose: readonly string[];
  readonly ops: { readonly total: number; readonly gradients: number; readonly functions: number };
  readonly params: { readonly trainable: number; readonly frozen: number };
}

const thousands = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

/** The first few names and how many there are besides. */
function listed(names: readonly string[]): string {
  const first = names.slice(0, 8).map((name) => cutMiddle(name, 40));
  return first.join(', ') + (names.length > 8 ? ` and ${thousands(names.length - 8)} more` : '');
}

/** Layers, output shapes and parameters of a graph; prints as a table. */
export function summary(graph: Graph): Report<Summary> {
  const { layers, loose } = findLayers(graph);
  const total = graph.operations.length;
  const gradients = graph.operations.filter((op) => /^gradients(_\d+)?$/.test(outermostScope(op.name))).length;
  const trainable = layers.reduce((sum, layer) => sum + layer.params, 0);
  const frozen = layers.reduce((sum, layer) => sum + layer.frozen, 0);
  const shape = (layer: LayerInfo) =>
    layer.output === null
      ? ''
      : layer.output.dims === null
        ? '?'
        : layer.output.dims.map((dim) => dim ?? '?').join('×') || 'scalar';
  const rows = layers.map((layer) => [
    layer.name,
    layer.type,
    shape(layer),
    thousands(layer.params),
    thousands(layer.frozen),
    thousands(layer.ops),
  ]);
  const text = formatTable(
    [
      { title: 'layer', maxWidth: 40 },
      { title: 'type' },
      { title: 'output' },
      { title: 'params', align: 'right' },
      { title: 'not trained', align: 'right' },
      { title: 'ops', align: 'right' },
    ],
    rows,
    [
      ...(loose.length === 0 ? [] : [`besides: ${listed(loose)}`]),
      `${thousands(total)} ops, ${thousands(gradients)} of them gradients; ${thousands(trainable)} trainable parameters, ${thousands(frozen)} others`,
    ],
  );
  return new Report(
    {
      layers: layers.map((layer) => ({ ...layer, output: layer.output?.dims ?? null })),
      loose,
      ops: { total, gradients, functions: graph.functions.size },
      params: { trainable, frozen },
    },
    text,
  );
}
