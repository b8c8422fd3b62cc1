/**
 * WAV files of 16-bit samples, as TensorFlow's audio summaries hold them. Writing only.
 */

const HEADER_BYTES = 44;
const SAMPLE_BYTES = 2;

/** C's roundf of a number that a float32 holds: halves go away from zero. */
function roundAwayFromZero(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value);
}

/** The file for samples in [-1, 1], those of all channels of a frame together. */
export function encodeWav(samples: Float32Array, sampleRate: number, channels: number): Uint8Array {
  const dataBytes = samples.length * SAMPLE_BYTES;
  const bytes = new Uint8Array(HEADER_BYTES + dataBytes);
  const view = new DataView(bytes.buffer);
  const text = (at: number, word: string) => {
    for (let i = 0; i < word.length; i++) bytes[at + i] = word.charCodeAt(i);
  };
  text(0, 'RIFF');
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true);
  text(8, 'WAVE');
  text(12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * channels * SAMPLE_BYTES, true);
  view.setUint16(32, channels * SAMPLE_BYTES, true);
  view.setUint16(34, 8 * SAMPLE_BYTES, true);
  text(36, 'data');
  view.setUint32(40, dataBytes, true);
  for (let i = 0; i < samples.length; i++) {
    const sample = roundAwayFromZero(Math.fround(samples[i] * 32768));
    view.setInt16(HEADER_BYTES + i * SAMPLE_BYTES, Math.min(Math.max(sample, -32768), 32767), true);
  }
  return bytes;
}
