import { expect } from 'chai';
import fc from 'fast-check';
import { crc32c, crc32cByTables, maskCrc, maskedCrc32c, nativeCrc32c, unmaskCrc } from '../../../runtime/files/crc32c';

/** Vectors of RFC 3720, appendix B.4. */
const vectors: readonly [string, Uint8Array, number][] = [
  ['zeros', new Uint8Array(32), 0x8a9136aa],
  ['ones', new Uint8Array(32).fill(255), 0x62a8ab43],
  ['ascending', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
  ['descending', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  ['digits', new TextEncoder().encode('123456789'), 0xe3069283],
  ['nothing', new Uint8Array(0), 0],
];

describe('crc32c', () => {
  for (const [name, bytes, want] of vectors) {
    it(`gives the published checksum of ${name}`, () => {
      expect(crc32cByTables(bytes)).to.equal(want);
      expect(crc32c(bytes)).to.equal(want);
    });
  }

  it('is computed by the native package where that is installed, with the same results', () => {
    const native = nativeCrc32c();
    expect(native, 'the optional package @node-rs/crc32 is installed for development').to.be.a('function');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(0xffffffff), (bytes, crc) => {
        expect(native!(bytes, crc)).to.equal(crc32cByTables(bytes, crc));
      }),
    );
  });

  it('goes on from a checksum', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 100 }), (a, b) => {
        const whole = Uint8Array.from([...a, ...b]);
        expect(crc32cByTables(b, crc32cByTables(a))).to.equal(crc32cByTables(whole));
        expect(crc32c(b, crc32c(a))).to.equal(crc32c(whole));
      }),
    );
  });

  it('masks and unmasks', () => {
    // The header of a TFRecord of 24 bytes, as TensorFlow writes it.
    const length = Uint8Array.from([24, 0, 0, 0, 0, 0, 0, 0]);
    expect(maskedCrc32c(length)).to.equal(maskCrc(crc32c(length)));
    fc.assert(fc.property(fc.nat(0xffffffff), (crc) => expect(unmaskCrc(maskCrc(crc))).to.equal(crc) && true));
    expect(maskCrc(0)).to.equal(0xa282ead8);
  });
});
