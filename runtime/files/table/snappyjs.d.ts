/**
 * The part of the package `snappyjs`, which has no types, that is used here.
 */
declare module 'snappyjs' {
  export function uncompress(compressed: Uint8Array, maxLength?: number): Uint8Array;
}
