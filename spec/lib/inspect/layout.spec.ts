/**
 * Pictures of graphs: the layout of any graph without overlaps, and the texts drawn from it.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import * as tf from '../../../lib/index';
import { type Layout, layOut } from '../../../lib/inspect/layout';
import { type Picture, picture } from '../../../lib/inspect/picture';
import { chain, smallModel, tagsOf } from './support';

const { dot, svg } = tf.inspect;

/** Random acyclic pictures: box i reads some of the boxes before it. */
const pictures = (size: number): fc.Arbitrary<Picture> =>
  fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: size, size: 'max' }).map((sources) => ({
    boxes: sources.map((_, i) => ({ id: `b${i}`, label: `b${'x'.repeat(i % 23)}`, note: 'Op', isScope: i % 5 === 0 })),
    edges: sources.flatMap((from, to) =>
      [...new Set(from.map((source) => source % Math.max(1, to)))]
        .filter((source) => source < to)
        .map((source) => ({ from: `b${source}`, to: `b${to}`, label: '', isControl: false })),
    ),
  }));

function expectNoOverlaps({ boxes, width, height }: Layout): void {
  const rows = new Map<number, (typeof boxes)[number][]>();
  for (const box of boxes) rows.set(box.y, [...(rows.get(box.y) ?? []), box]);
  const tops = [...rows.keys()].sort((a, b) => a - b);
  tops.slice(1).forEach((top, i) => expect(top).to.be.at.least(tops[i] + boxes[0].height));
  for (const row of rows.values()) {
    row.sort((a, b) => a.x - b.x);
    row.slice(1).forEach((box, i) => expect(box.x).to.be.at.least(row[i].x + row[i].width));
  }
  for (const box of boxes) {
    expect(box.x).to.be.at.least(0);
    expect(box.x + box.width).to.be.at.most(width);
    expect(box.y + box.height).to.be.at.most(height);
  }
}

/** Every edge of a picture is a line or a reference on its reader, and none is both. */
function expectAllEdges({ edges }: Picture, { boxes, edges: lines }: Layout): void {
  const drawn = [
    ...lines.map(({ from, to }) => `${from} ${to}`),
    ...boxes.flatMap(({ id, references }) => references.map((from) => `${from} ${id}`)),
  ];
  expect(drawn.sort()).to.eql(edges.map(({ from, to }) => `${from} ${to}`).sort());
}

describe('tf.inspect pictures', () => {
  it('of any acyclic graph have no overlaps, all edges and lines that lead down', () => {
    fc.assert(
      fc.property(pictures(300), (drawn) => {
        const layout = layOut(drawn);
        expect(layout.boxes.map(({ id }) => id).sort()).to.eql(drawn.boxes.map(({ id }) => id).sort());
        expectNoOverlaps(layout);
        expectAllEdges(drawn, layout);
        for (const { points } of layout.edges) expect(points.at(-1)![1]).to.be.above(points[0][1]);
      }),
      { numRuns: 40 },
    );
  });

  it('of scopes that read each other, and of themselves, end', () => {
    const box = (id: string) => ({ id, label: id, note: '', isScope: true });
    const edge = (from: string, to: string) => ({ from, to, label: '', isControl: false });
    const drawn = {
      boxes: ['a', 'b', 'c'].map(box),
      edges: [edge('a', 'b'), edge('b', 'a'), edge('b', 'c'), edge('c', 'a')],
    };
    const layout = layOut(drawn);
    expectNoOverlaps(layout);
    expectAllEdges(drawn, layout);
  });

  it('of one hub with thousands of readers name it on each of them', () => {
    const boxes = Array.from({ length: 5000 }, (_, i) => ({ id: `b${i}`, label: '', note: '', isScope: false }));
    const edges = boxes.slice(1).map(({ id }) => ({ from: 'b0', to: id, label: '', isControl: false }));
    const layout = layOut({ boxes, edges });
    expect(layout.edges).to.eql([]);
    expect(layout.boxes.filter(({ references }) => references.join() === 'b0')).to.have.length(4999);
  });

  it('of a chain of 20,000 nodes do not overflow', () => {
    const graph = chain(20_000);
    const drawn = picture(graph);
    const layout = layOut(drawn);
    expect(layout.boxes).to.have.length(20_001);
    expect(layout.edges).to.have.length(20_000);
    expect(new Set(layout.boxes.map(({ y }) => y))).to.have.property('size', 20_001);
    expect(svg(graph).length).to.be.above(20_000 * 100);
  });

  describe('of the small model', () => {
    let graph: tf.Graph;
    before(() => {
      graph = smallModel();
    });

    for (const [title, options] of [
      ['folded', {}],
      ['with scopes opened', { expand: ['hidden', 'dropout', 'hidden/kernel'] }],
      ['with machinery', { machinery: true }],
    ] as const) {
      it(`${title}: SVG is well-formed, one group for each visible box`, () => {
        const text = svg(graph, options);
        expect(tagsOf(text)[0]).to.equal('svg');
        const groups = [...text.matchAll(/<g data-node="([^"]*)">/g)].map(([, id]) => id);
        expect(groups.sort()).to.eql(
          picture(graph, options)
            .boxes.map(({ id }) => id)
            .sort(),
        );
        expect(new Set(groups).size).to.equal(groups.length);
      });

      it(`${title}: each line of DOT is a node, an edge or the frame`, () => {
        const lines = dot(graph, options).trimEnd().split('\n');
        expect(lines.shift()).to.equal('digraph graph_ {');
        expect(lines.shift()).to.match(/^ {2}node \[/);
        expect(lines.pop()).to.equal('}');
        const name = '"((?:[^"\\\\]|\\\\.)+)"';
        const label = 'label="(?:[^"\\\\]|\\\\.)*"';
        const nodes = new Set<string>();
        let edges = 0;
        for (const line of lines) {
          const node = new RegExp(`^  ${name} \\[${label}(, style=filled, fillcolor="#\\w+")?\\];$`).exec(line);
          const edge = new RegExp(`^  ${name} -> ${name} \\[${label}(, style=dashed)?\\];$`).exec(line);
          expect(node ?? edge, line).not.to.equal(null);
          if (node) nodes.add(node[1]);
          if (edge) {
            edges++;
            expect([...nodes]).to.include.members([edge[1], edge[2]]);
          }
        }
        expect(nodes.size).to.equal(picture(graph, options).boxes.length);
        expect(edges).to.equal(picture(graph, options).edges.length);
      });
    }

    it('shows layers folded and without training by default', () => {
      const ids = picture(graph).boxes.map(({ id }) => id);
      expect(ids).to.include.members(['x', 'hidden', 'dropout', 'out', 'mean_squared_error']);
      expect(ids.filter((id) => /^(gradients|init)/.test(id))).to.eql([]);
      const { edges } = picture(graph);
      expect(edges).to.deep.include({ from: 'hidden', to: 'dropout', label: '?×4', isControl: false });
    });

    it('names the nearest scope for one that is not there', () => {
      expect(() => svg(graph, { expand: ['hiden'] })).to.throw(tf.errors.KeyError, "Did you mean 'hidden'?");
    });
  });

  it('escapes names', () => {
    const graph = new tf.Graph();
    graph.asDefault(() => tf.constant(1, { name: 'a>b' }));
    expect(tagsOf(svg(graph))).to.include('g');
    expect(svg(graph)).to.contain('data-node="a&gt;b"');
  });

  it('of nothing are pictures too', () => {
    expect(tagsOf(svg(new tf.Graph()))[0]).to.equal('svg');
    expect(dot(new tf.Graph())).to.match(/^digraph/);
  });
});
