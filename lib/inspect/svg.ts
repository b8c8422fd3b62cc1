/**
 * A graph as an SVG picture and as Graphviz text.
 */
import type { Graph } from '../../graph/graph';
import { layOut, type PlacedBox, type PlacedEdge } from './layout';
import { type PictureOptions, picture } from './picture';

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

function drawBox(box: PlacedBox): string {
  const middle = box.x + box.width / 2;
  const fill = box.isScope ? '#e8f1fa' : '#f7f7f7';
  const from = box.references.map((id) => id.split('/').at(-1)).join(', ');
  const references =
    from === ''
      ? ''
      : `<text x="${middle}" y="${box.y - 5}" text-anchor="middle" font-size="9" fill="#888">⤷ ${escapeXml(from)}</text>`;
  return `<g data-node="${escapeXml(box.id)}"><title>${escapeXml(box.id)}</title>
<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="6" fill="${fill}" stroke="#5b7ea1"/>
<text x="${middle}" y="${box.y + 17}" text-anchor="middle" font-weight="bold">${escapeXml(box.label)}</text>
<text x="${middle}" y="${box.y + 32}" text-anchor="middle" font-size="10" fill="#555">${escapeXml(box.note)}</text>${references}</g>`;
}

function drawEdge(edge: PlacedEdge): string {
  const [[x1, y1], [cx1, cy1], [cx2, cy2], [x2, y2]] = edge.points;
  const dash = edge.isControl ? ' stroke-dasharray="4 3"' : '';
  const label =
    edge.label === ''
      ? ''
      : `<text x="${(x1 + x2) / 2 + 4}" y="${(y1 + y2) / 2}" font-size="9" fill="#777">${escapeXml(edge.label)}</text>`;
  return `<path d="M${x1} ${y1} C${cx1} ${cy1} ${cx2} ${cy2} ${x2} ${y2}" fill="none" stroke="#5b7ea1"${dash} marker-end="url(#arrow)"/>${label}`;
}

/** An SVG picture of a graph, scopes folded unless `expand` names them; it needs no other program. */
export function svg(graph: Graph, options: PictureOptions = {}): string {
  const { width, height, boxes, edges } = layOut(picture(graph, options));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}" width="${Math.ceil(width)}" font-family="sans-serif" font-size="12">
<title>The operations of a graph, scopes folded</title>
<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#5b7ea1"/></marker></defs>
<rect width="100%" height="100%" fill="white"/>
${edges.map(drawEdge).join('\n')}
${boxes.map(drawBox).join('\n')}
</svg>
`;
}

/** The same picture as text for Graphviz. */
export function dot(graph: Graph, options: PictureOptions = {}): string {
  const { boxes, edges } = picture(graph, options);
  const quote = (text: string) => JSON.stringify(text);
  const nodes = boxes.map(
    ({ id, label, note, isScope }) =>
      `  ${quote(id)} [label=${quote(`${label}\n${note}`)}${isScope ? ', style=filled, fillcolor="#e8f1fa"' : ''}];`,
  );
  const arrows = edges.map(
    ({ from, to, label, isControl }) =>
      `  ${quote(from)} -> ${quote(to)} [label=${quote(label)}${isControl ? ', style=dashed' : ''}];`,
  );
  return ['digraph graph_ {', '  node [shape=box, fontname="sans-serif"];', ...nodes, ...arrows, '}', ''].join('\n');
}
