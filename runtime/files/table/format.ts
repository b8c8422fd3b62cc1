/**
 * The layout that the reader and the writer of tables share.
 *
 * A table is a file of blocks of sorted entries, each followed by its type and checksum; then a block that says where the
 * others are; then a footer. TensorFlow took it over from LevelDB.
 */

/** A block's place, without its trailer. */
export interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

/** One byte of type, four of checksum. */
export const TRAILER_SIZE = 5;
/** Two handles, padded, and the magic number. */
export const FOOTER_SIZE = 48;
export const MAGIC: readonly number[] = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];

/** How a block is held. */
export const BlockType = { PLAIN: 0, SNAPPY: 1 } as const;

/** Every so many entries a key is written whole. */
export const RESTART_INTERVAL = 16;
