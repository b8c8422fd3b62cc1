/**
 * The arithmetic of convolutions with two or three spatial dimensions: patches of the input as rows of a matrix
 * (im2col), which is never whole in memory, times the filter.
 */
import type { NumericArray } from '../../graph/ndarray';
import { multiplyIntegerPanel, multiplyPanel, PANEL_ROWS, packColumns, packRows } from './gemm';
import type { Layout, Window } from './window';

export type ConvArray = Float32Array | Float64Array | Int32Array;

export interface ConvGeometry {
  readonly batch: number;
  /** Channels of one group. */
  readonly inChannels: number;
  readonly outChannels: number;
  readonly groups: number;
  readonly windows: readonly [Window, Window, Window];
  readonly input: Layout;
  readonly output: Layout;
}

/** Positions whose patches are transposed together for the filter's gradient. */
const CHUNK = 128;

const positionsOf = ({ batch, windows: [d, h, w] }: ConvGeometry): number => batch * d.output * h.output * w.output;
const patchSize = ({ inChannels, windows: [d, h, w] }: ConvGeometry): number => d.size * h.size * w.size * inChannels;
const multiplierFor = (data: ConvArray) => (data instanceof Int32Array ? multiplyIntegerPanel : multiplyPanel);

/** Batch index and place of an output position, then where its output starts. */
function locate({ windows: [d, h, w], output }: ConvGeometry, position: number, place: Int32Array): number {
  const x = position % w.output;
  const rows = (position - x) / w.output;
  const y = rows % h.output;
  const planes = (rows - y) / h.output;
  const z = planes % d.output;
  place[0] = (planes - z) / d.output;
  place[1] = z * d.stride - d.padBefore;
  place[2] = y * h.stride - h.padBefore;
  place[3] = x * w.stride - w.padBefore;
  return place[0] * output.batch + z * output.spatial[0] + y * output.spatial[1] + x * output.spatial[2];
}

/** Whether all channels of all columns of a window's row lie side by side: channels last, one group, no dilation. */
function isOneRun({ windows: [, , w], inChannels, input }: ConvGeometry): boolean {
  return w.dilation === 1 && input.channel === 1 && input.spatial[2] === inChannels;
}

/** The part of such a row, in elements, that is inside the input when the window starts at column `x`. */
function clippedRun(w: Window, x: number, inChannels: number): [number, number] {
  const low = Math.min(Math.max(0, -x), w.size);
  return [low * inChannels, Math.max(low, Math.min(w.size, w.input - x)) * inChannels];
}

/**
 * Copies the patches of `count` positions: element k of the patch of position `first + i` goes to
 * `out[i * positionStride + k * elementStride]`. Padding is zeros.
 */
function gatherPatches(
  g: ConvGeometry,
  data: ConvArray,
  group: number,
  first: number,
  count: number,
  out: Float64Array,
  positionStride: number,
  elementStride: number,
): void {
  const [d, h, w] = g.windows;
  const { batch, spatial, channel } = g.input;
  const { inChannels } = g;
  const oneRun = isOneRun(g);
  const place = new Int32Array(4);
  for (let i = 0; i < count; i++) {
    locate(g, first + i, place);
    const start = place[0] * batch + group * inChannels * channel;
    const [before, end] = clippedRun(w, place[3], inChannels);
    let to = i * positionStride;
    for (let kd = 0, z = place[1]; kd < d.size; kd++, z += d.dilation) {
      const zInside = z >= 0 && z < d.input;
      for (let kh = 0, y = place[2]; kh < h.size; kh++, y += h.dilation) {
        const inside = zInside && y >= 0 && y < h.input;
        const row = start + z * spatial[0] + y * spatial[1];
        if (oneRun) {
          const from = row + place[3] * inChannels;
          const [low, high] = inside ? [before, end] : [0, 0];
          let k = 0;
          for (; k < low; k++, to += elementStride) out[to] = 0;
          for (; k < high; k++, to += elementStride) out[to] = data[from + k];
          for (; k < w.size * inChannels; k++, to += elementStride) out[to] = 0;
          continue;
        }
        for (let kw = 0, x = place[3]; kw < w.size; kw++, x += w.dilation) {
          if (inside && x >= 0 && x < w.input) {
            for (let c = 0, at = row + x * spatial[2]; c < inChannels; c++, at += channel, to += elementStride)
              out[to] = data[at];
          } else {
            for (let c = 0; c < inChannels; c++, to += elementStride) out[to] = 0;
          }
        }
      }
    }
  }
}

/** Adds a patch of gradients, `patch[offset + k]`, to where its elements came from. */
function scatterPatch(
  g: ConvGeometry,
  sums: Float64Array,
  group: number,
  position: number,
  place: Int32Array,
  patch: Float64Array,
  offset: number,
): void {
  const [d, h, w] = g.windows;
  const { batch, spatial, channel } = g.input;
  const { inChannels } = g;
  locate(g, position, place);
  const start = place[0] * batch + group * inChannels * channel;
  const oneRun = isOneRun(g);
  const [before, end] = clippedRun(w, place[3], inChannels);
  let from = offset;
  for (let kd = 0, z = place[1]; kd < d.size; kd++, z += d.dilation) {
    const zInside = z >= 0 && z < d.input;
    for (let kh = 0, y = place[2]; kh < h.size; kh++, y += h.dilation) {
      const inside = zInside && y >= 0 && y < h.input;
      const row = start + z * spatial[0] + y * spatial[1];
      if (oneRun) {
        const to = row + place[3] * inChannels;
        if (inside) for (let k = before; k < end; k++) sums[to + k] += patch[from + k];
        from += w.size * inChannels;
        continue;
      }
      for (let kw = 0, x = place[3]; kw < w.size; kw++, x += w.dilation) {
        if (inside && x >= 0 && x < w.input) {
          for (let c = 0, at = row + x * spatial[2]; c < inChannels; c++, at += channel) sums[at] += patch[from++];
        } else from += inChannels;
      }
    }
  }
}

/** The filter of one group as a matrix of patch elements × output channels. */
const filterView = (g: ConvGeometry, data: ConvArray, group: number) => ({
  data,
  offset: group * g.outChannels,
  rowStride: g.outChannels * g.groups,
  columnStride: 1,
});

/** `out` = the convolution of `input` with `filter`. */
export function convolve(g: ConvGeometry, input: ConvArray, filter: ConvArray, out: ConvArray): void {
  const [depth, positions] = [patchSize(g), positionsOf(g)];
  const multiply = multiplierFor(input);
  const panel = new Float64Array(PANEL_ROWS * depth);
  const place = new Int32Array(4);
  for (let group = 0; group < g.groups; group++) {
    const packed = packColumns(depth, g.outChannels, filterView(g, filter, group));
    const products = new Float64Array(PANEL_ROWS * packed.paddedColumns);
    for (let position = 0; position < positions; position += PANEL_ROWS) {
      const count = Math.min(PANEL_ROWS, positions - position);
      gatherPatches(g, input, group, position, count, panel, 1, PANEL_ROWS);
      multiply(panel, packed, products);
      for (let r = 0; r < count; r++) {
        let to = locate(g, position + r, place) + group * g.outChannels * g.output.channel;
        const from = r * packed.paddedColumns;
        for (let c = 0; c < g.outChannels; c++, to += g.output.channel) out[to] = products[from + c];
      }
    }
  }
}

/** `out` = the gradient of a convolution with respect to its filter, for the gradient `grad` of its output. */
export function convolveGradFilter(g: ConvGeometry, input: ConvArray, grad: ConvArray, out: ConvArray): void {
  const [rows, positions] = [patchSize(g), positionsOf(g)];
  const { outChannels } = g;
  const place = new Int32Array(4);
  const patches = new Float64Array(rows * CHUNK);
  const gradRows = new Float64Array(CHUNK * outChannels);
  const panel = new Float64Array(PANEL_ROWS * CHUNK);
  for (let group = 0; group < g.groups; group++) {
    const sums = new Float64Array(rows * outChannels);
    for (let first = 0; first < positions; first += CHUNK) {
      const count = Math.min(CHUNK, positions - first);
      gatherPatches(g, input, group, first, count, patches, rows, 1);
      for (let i = 0; i < count; i++) {
        let from = locate(g, first + i, place) + group * outChannels * g.output.channel;
        for (let c = 0; c < outChannels; c++, from += g.output.channel) gradRows[i * outChannels + c] = grad[from];
      }
      const packed = packColumns(count, outChannels, {
        data: gradRows,
        offset: 0,
        rowStride: outChannels,
        columnStride: 1,
      });
      const products = new Float64Array(PANEL_ROWS * packed.paddedColumns);
      const transposed = { data: patches, offset: 0, rowStride: 1, columnStride: rows };
      for (let row = 0; row < rows; row += PANEL_ROWS) {
        const height = Math.min(PANEL_ROWS, rows - row);
        packRows(panel, count, transposed, row, height);
        multiplyPanel(panel, packed, products);
        for (let r = 0; r < height; r++) {
          for (let c = 0; c < outChannels; c++)
            sums[(row + r) * outChannels + c] += products[r * packed.paddedColumns + c];
        }
      }
    }
    for (let row = 0; row < rows; row++) {
      const to = (row * g.groups + group) * outChannels;
      for (let c = 0; c < outChannels; c++) out[to + c] = sums[row * outChannels + c];
    }
  }
}

/** `out` = the gradient of a convolution with respect to its input, for the gradient `grad` of its output. */
export function convolveGradInput(g: ConvGeometry, filter: ConvArray, grad: ConvArray, out: ConvArray): void {
  const [columns, positions] = [patchSize(g), positionsOf(g)];
  const { outChannels } = g;
  const multiply = multiplierFor(filter);
  const place = new Int32Array(4);
  const panel = new Float64Array(PANEL_ROWS * outChannels);
  const sums = new Float64Array(out.length);
  for (let group = 0; group < g.groups; group++) {
    const { data, offset, rowStride, columnStride } = filterView(g, filter, group);
    const packed = packColumns(outChannels, columns, {
      data,
      offset,
      rowStride: columnStride,
      columnStride: rowStride,
    });
    const products = new Float64Array(PANEL_ROWS * packed.paddedColumns);
    for (let position = 0; position < positions; position += PANEL_ROWS) {
      const count = Math.min(PANEL_ROWS, positions - position);
      for (let r = 0; r < count; r++) {
        let from = locate(g, position + r, place) + group * outChannels * g.output.channel;
        for (let c = 0; c < outChannels; c++, from += g.output.channel) panel[c * PANEL_ROWS + r] = grad[from];
      }
      multiply(panel, packed, products);
      for (let r = 0; r < count; r++)
        scatterPatch(g, sums, group, position + r, place, products, r * packed.paddedColumns);
    }
  }
  (out as NumericArray & ConvArray).set(sums);
}
