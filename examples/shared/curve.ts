/**
 * A curve as an SVG file: the values, faint, and their moving average.
 */

const WIDTH = 640;
const HEIGHT = 360;
const MARGIN = 48;

export interface CurveOptions {
  readonly title: string;
  readonly xLabel: string;
  /** Width of the moving average. Default 1: none. */
  readonly smooth?: number;
}

function movingAverage(values: readonly number[], width: number): number[] {
  let sum = 0;
  return values.map((value, i) => {
    sum += value - (i >= width ? values[i - width] : 0);
    return sum / Math.min(i + 1, width);
  });
}

/** The text of an SVG picture of `values` over their positions. */
export function curveSvg(values: readonly number[], { title, xLabel, smooth = 1 }: CurveOptions): string {
  const top = Math.max(...values, Number.MIN_VALUE);
  const x = (i: number) => MARGIN + (i / Math.max(1, values.length - 1)) * (WIDTH - 2 * MARGIN);
  const y = (value: number) => HEIGHT - MARGIN - (value / top) * (HEIGHT - 2 * MARGIN);
  const line = (points: readonly number[]) =>
    points.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = y(share * top);
    return `<line x1="${MARGIN}" x2="${WIDTH - MARGIN}" y1="${at}" y2="${at}" stroke="#ddd"/><text x="${MARGIN - 6}" y="${at + 4}" text-anchor="end">${(share * top).toFixed(2)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="${WIDTH / 2}" y="24" text-anchor="middle" font-size="16">${title}</text>
${ticks.join('\n')}
<polyline fill="none" stroke="#9ecae1" points="${line(values)}"/>
<polyline fill="none" stroke="#08519c" stroke-width="2" points="${line(movingAverage(values, smooth))}"/>
<text x="${WIDTH / 2}" y="${HEIGHT - 12}" text-anchor="middle">${xLabel} (0 to ${values.length - 1})</text>
</svg>
`;
}
