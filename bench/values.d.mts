/** Types of values.mjs. */
export function values(size: number, seed?: number, scale?: number): Float32Array;
export function labels(size: number, classes: number): Int32Array;
export function weights(shape: readonly number[], seed: number): Float32Array;
export function samplePositions(size: number, count?: number): number[];
export function sampled(data: ArrayLike<number | bigint>, count?: number): number[];
