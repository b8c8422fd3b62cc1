/**
 * A layered layout that always ends: ranks by the longest path, order within a rank by the neighbours' average.
 *
 * Iterative and linear in boxes and edges but for sorting. Edges that span many ranks, and those of boxes with very many
 * readers, are not drawn as lines: they become short references on the reader.
 */
import type { Box, Edge, Picture } from './picture';

const BOX_HEIGHT = 40;
const RANK_GAP = 44;
const BOX_GAP = 24;
const CHARACTER = 7.2;
const MAX_SPAN = 8;
const MAX_READERS = 12;

export interface PlacedBox extends Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Boxes that this one reads from without a line. */
  readonly references: readonly string[];
}

export interface PlacedEdge extends Edge {
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly PlacedBox[];
  readonly edges: readonly PlacedEdge[];
}

function append(lists: Map<string, string[]>, key: string, item: string): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}

/** Ranks along edges that go forward in the order of the boxes; others would close cycles between scopes. */
function rankBoxes({ boxes, edges }: Picture): Map<string, number> {
  const position = new Map(boxes.map((box, i) => [box.id, i]));
  const rank = new Map(boxes.map((box) => [box.id, 0]));
  const outgoing = new Map<string, string[]>();
  const waiting = new Map<string, number>();
  for (const { from, to } of edges) {
    if (position.get(from)! >= position.get(to)!) continue;
    append(outgoing, from, to);
    waiting.set(to, (waiting.get(to) ?? 0) + 1);
  }
  const ready = boxes.map((box) => box.id).filter((id) => !waiting.has(id));
  for (let at = 0; at < ready.length; at++) {
    for (const to of outgoing.get(ready[at]) ?? []) {
      rank.set(to, Math.max(rank.get(to)!, rank.get(ready[at])! + 1));
      waiting.set(to, waiting.get(to)! - 1);
      if (waiting.get(to) === 0) ready.push(to);
    }
  }
  return rank;
}

/** Inputs stand just above their first reader rather than all at the top. */
function pullDown(edges: readonly Edge[], rank: Map<string, number>): void {
  const hasInput = new Set(edges.map(({ to }) => to));
  const nearest = new Map<string, number>();
  for (const { from, to } of edges) {
    if (!hasInput.has(from))
      nearest.set(from, Math.min(nearest.get(from) ?? Number.POSITIVE_INFINITY, rank.get(to)! - 1));
  }
  for (const [id, value] of nearest) if (value >= 0) rank.set(id, value);
}

function orderRanks(ranks: string[][], edges: readonly Edge[]): void {
  const sources = new Map<string, string[]>();
  for (const { from, to } of edges) append(sources, to, from);
  const place = new Map<string, number>();
  for (const boxes of ranks) {
    const weight = (id: string, i: number) => {
      const known = (sources.get(id) ?? []).flatMap((source) => place.get(source) ?? []);
      return known.length === 0 ? i : known.reduce((sum, value) => sum + value, 0) / known.length;
    };
    const weights = new Map(boxes.map((id, i) => [id, weight(id, i)]));
    boxes.sort((a, b) => weights.get(a)! - weights.get(b)!);
    boxes.forEach((id, i) => place.set(id, i));
  }
}

/** Places the boxes of a picture and routes its edges. */
export function layOut(picture: Picture): Layout {
  const rank = rankBoxes(picture);
  pullDown(picture.edges, rank);
  const readers = new Map<string, number>();
  for (const { from } of picture.edges) readers.set(from, (readers.get(from) ?? 0) + 1);
  const isLine = ({ from, to }: Edge) => {
    const span = rank.get(to)! - rank.get(from)!;
    return span > 0 && span <= MAX_SPAN && readers.get(from)! <= MAX_READERS;
  };
  const lines = picture.edges.filter(isLine);
  const ranks: string[][] = [];
  for (const { id } of picture.boxes) (ranks[rank.get(id)!] ??= []).push(id);
  const filled = Array.from(ranks, (boxes) => boxes ?? []);
  orderRanks(filled, lines);
  const references = new Map<string, string[]>();
  for (const edge of picture.edges) if (!isLine(edge)) append(references, edge.to, edge.from);
  const placed = placeBoxes(picture, filled, references);
  const edges = lines.map((edge) => ({
    ...edge,
    points: route(placed.byId.get(edge.from)!, placed.byId.get(edge.to)!),
  }));
  return {
    width: placed.width,
    height: filled.length * (BOX_HEIGHT + RANK_GAP) + RANK_GAP,
    boxes: [...placed.byId.values()],
    edges,
  };
}

function placeBoxes(
  picture: Picture,
  ranks: readonly (readonly string[])[],
  references: ReadonlyMap<string, readonly string[]>,
) {
  const byName = new Map(picture.boxes.map((box) => [box.id, box]));
  const widthOf = (id: string) =>
    Math.max(80, CHARACTER * Math.max(byName.get(id)!.label.length, byName.get(id)!.note.length) + 20);
  const rowWidth = (ids: readonly string[]) => ids.reduce((sum, id) => sum + widthOf(id) + BOX_GAP, BOX_GAP);
  const width = ranks.reduce((widest, ids) => Math.max(widest, rowWidth(ids)), 160);
  const byId = new Map<string, PlacedBox>();
  ranks.forEach((ids, row) => {
    let x = BOX_GAP + (width - rowWidth(ids)) / 2;
    for (const id of ids) {
      const box = {
        ...byName.get(id)!,
        x,
        y: RANK_GAP + row * (BOX_HEIGHT + RANK_GAP),
        width: widthOf(id),
        height: BOX_HEIGHT,
      };
      byId.set(id, { ...box, references: references.get(id) ?? [] });
      x += widthOf(id) + BOX_GAP;
    }
  });
  return { width, byId };
}

function route(from: PlacedBox, to: PlacedBox): [number, number][] {
  const [x1, y1] = [from.x + from.width / 2, from.y + from.height];
  const [x2, y2] = [to.x + to.width / 2, to.y];
  return [
    [x1, y1],
    [x1, y1 + RANK_GAP / 2],
    [x2, y2 - RANK_GAP / 2],
    [x2, y2],
  ];
}
