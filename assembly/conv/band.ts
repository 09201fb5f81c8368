// Parts of images, with zeros where there is no pixel.

/**
 * y[b,h,w,:] = x[b, h + top, w + left, :], or 0 where x has no such pixel; the range is over the batch·outHeight lines of y.
 * Where top and left are negative, it puts zeros around an image.
 */
export function crop2d(
  y: usize,
  x: usize,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  top: i32,
  left: i32,
  begin: i32,
  end: i32,
): void {
  for (let at = begin; at < end; at++) {
    const image = x + (((at / outHeight) * height * width * channels) << 2);
    const to = y + ((at * outWidth * channels) << 2);
    copyBand(to, image, (at % outHeight) + top, left, 1, outWidth, height, width, channels, channels);
  }
}

/** Lines top.. and columns left.. of one image, as a dense image of its own with zeros where there is no pixel. */
export function copyBand(
  band: usize,
  image: usize,
  top: i32,
  left: i32,
  bandHeight: i32,
  bandWidth: i32,
  height: i32,
  width: i32,
  channels: i32,
  xStride: i32,
): void {
  const before = min(bandWidth, max(0, -left));
  const behind = max(before, min(bandWidth, width - left));
  const pixel = channels << 2;
  for (let iy = top; iy < top + bandHeight; ++iy, band += bandWidth * pixel) {
    if (iy < 0 || iy >= height) {
      memory.fill(band, 0, bandWidth * pixel);
      continue;
    }
    memory.fill(band, 0, before * pixel);
    memory.fill(band + behind * pixel, 0, (bandWidth - behind) * pixel);
    const from = image + (((iy * width + left + before) * xStride) << 2);
    if (xStride === channels) memory.copy(band + before * pixel, from, (behind - before) * pixel);
    else for (let j = 0; j < behind - before; ++j) memory.copy(band + (before + j) * pixel, from + ((j * xStride) << 2), pixel);
  }
}

/** The first of the places at, at + step, ... that is not before 0, by number. */
export function firstInside(at: i32, step: i32): i32 {
  return at >= 0 ? 0 : (step - 1 - at) / step;
}

/** How many of `count` places at, at + step, ... come before n. */
export function countBelow(at: i32, step: i32, count: i32, n: i32): i32 {
  return at + (count - 1) * step < n ? count : max(0, n - at + step - 1) / step;
}
