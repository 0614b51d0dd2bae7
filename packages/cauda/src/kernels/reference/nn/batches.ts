/** An image of `lines` × `width` elements, moved; zeros come in. */
export function shifted(
  image: ArrayLike<number>,
  lines: number,
  width: number,
  down: number,
  right: number,
): number[] {
  return Array.from({ length: lines * width }, (_, at) => {
    const line = Math.floor(at / width) - down;
    const place = (at % width) - right;
    return line >= 0 && line < lines && place >= 0 && place < width ? image[line * width + place]! : 0;
  });
}
