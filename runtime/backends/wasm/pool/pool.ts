/**
 * Pooling and its gradients as kernel calls: NHWC, two spatial dimensions, float32 and float64; see kernels.ts.
 */
import type { WasmCall } from '../kernelCall';
import type { FloatName } from '../matmul/floats';
import { CHANNEL_GROUP, POOL_GEOMETRY, poolModule } from './kernels';
import { squaresModule } from './squares';

export interface PoolSpec {
  readonly dtype: FloatName;
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly channels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly windowHeight: number;
  readonly windowWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  /** How far the first window starts above and left of the input; what is outside does not count. */
  readonly padTop: number;
  readonly padLeft: number;
}

function call(spec: PoolSpec, exportName: string, addresses: readonly number[], extent: number): WasmCall[] {
  if (extent === 0) return [];
  const args = [...POOL_GEOMETRY.map((field) => spec[field]), ...addresses];
  return [{ kind: 'wasm', module: poolModule(spec.dtype), exportName, args, range: { extent, grain: 1 } }];
}

/** Whether windows of 2 × 2 tile the input. */
function isTiled(spec: PoolSpec): boolean {
  const { windowHeight, windowWidth, strideHeight, strideWidth, padTop, padLeft } = spec;
  const isSquare = [windowHeight, windowWidth, strideHeight, strideWidth].every((size) => size === 2);
  const isWhole = spec.inHeight === 2 * spec.outHeight && spec.inWidth === 2 * spec.outWidth;
  return isSquare && isWhole && padTop === 0 && padLeft === 0;
}

/** The call of a function over rows of the output of such windows. */
function tiledCall(spec: PoolSpec, exportName: string, addresses: readonly number[]): WasmCall[] {
  const extent = rowsOf(spec);
  if (extent === 0) return [];
  const args = [spec.outWidth, spec.channels, ...addresses];
  return [{ kind: 'wasm', module: squaresModule(spec.dtype), exportName, args, range: { extent, grain: 1 } }];
}

function rowsOf({ batch, outHeight, outWidth, channels }: PoolSpec): number {
  return outWidth * channels === 0 ? 0 : batch * outHeight;
}

function groupsOf({ batch, inHeight, inWidth, channels }: PoolSpec): number {
  return inHeight * inWidth === 0 ? 0 : batch * Math.ceil(channels / CHANNEL_GROUP);
}

/** The largest element of each window, never less than the smallest finite number; NaNs are passed over. Mirrors MaxPool. */
export function maxPoolCalls(spec: PoolSpec, { input, output }: { input: number; output: number }): WasmCall[] {
  if (isTiled(spec)) return tiledCall(spec, 'max', [input, output]);
  return call(spec, 'max', [input, output], rowsOf(spec));
}

/** The mean of what each window covers. Mirrors AvgPool. */
export function averagePoolCalls(spec: PoolSpec, { input, output }: { input: number; output: number }): WasmCall[] {
  return call(spec, 'average', [input, output], rowsOf(spec));
}

/** Each gradient at the first of its window's maxima. Mirrors MaxPoolGrad, which needs no output here. */
export function maxPoolGradientCalls(
  spec: PoolSpec,
  { input, outGradient, inGradient }: { input: number; outGradient: number; inGradient: number },
): WasmCall[] {
  if (isTiled(spec)) return tiledCall(spec, 'maxGradient', [input, outGradient, inGradient]);
  return call(spec, 'maxGradient', [input, outGradient, inGradient], groupsOf(spec));
}

/** Each gradient in equal shares at what its window covers. Mirrors AvgPoolGrad. */
export function averagePoolGradientCalls(
  spec: PoolSpec,
  { outGradient, inGradient }: { outGradient: number; inGradient: number },
): WasmCall[] {
  return call(spec, 'averageGradient', [outGradient, inGradient], groupsOf(spec));
}
