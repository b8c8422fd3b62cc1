/**
 * PNG files of 8-bit pictures: grey, grey with alpha, RGB or RGBA. Writing only, without filters; deflate is fflate's.
 *
 * Pixels come out of any reader as they went in; the bytes are not those of TensorFlow's encoder.
 */
import { zlibSync } from 'fflate';
import { crc32 } from '../files/crc32';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Colour types by number of channels. */
const COLOR_TYPES = [undefined, 0, 4, 2, 6];

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** The file for `height * width * channels` bytes in rows; 1 to 4 channels. */
export function encodePng(pixels: Uint8Array, width: number, height: number, channels: number): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8;
  header[9] = COLOR_TYPES[channels] as number;
  const row = width * channels;
  const lines = new Uint8Array(height * (row + 1));
  for (let y = 0; y < height; y++) lines.set(pixels.subarray(y * row, (y + 1) * row), y * (row + 1) + 1);
  const chunks = [chunk('IHDR', header), chunk('IDAT', zlibSync(lines)), chunk('IEND', new Uint8Array(0))];
  return Uint8Array.from([...SIGNATURE, ...chunks.flatMap((part) => [...part])]);
}
