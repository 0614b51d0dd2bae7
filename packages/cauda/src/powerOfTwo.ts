/**
 * The largest power of two that is at most `size`: to divide by it costs no bit, unless the quotient is subnormal.
 * @returns 1 for 0 and for what is not finite; never less than 2⁻¹⁰²², whose reciprocal is finite
 */
export function powerOfTwo(size: number): number {
  if (!(size > 0 && size < Infinity)) return 1;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.max(size, 2 ** -1022));
  bits.setUint32(0, bits.getUint32(0) & 0x7ff00000);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}
