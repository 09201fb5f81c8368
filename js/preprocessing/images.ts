import { checkChoice, readOptions, show } from "../options.js";
import type { Tensor } from "../tensor.js";

/** Pixels as a browser's canvas gives them: red, green, blue and opacity of each, row by row, from 0 to 255. */
export interface Pixels {
  data: Uint8ClampedArray | Uint8Array;
  width: number;
  height: number;
}

export interface ImageOptions {
  /** 1: grey, 3: red, green and blue, 4: and opacity; default 3 */
  channels?: 1 | 3 | 4;
}

/** A canvas, whether it is on a page or not. */
type Canvas = HTMLCanvasElement | OffscreenCanvas;

/**
 * Images as a tensor [images, height, width, channels] with numbers from 0 to 255, as models take it: `layers.rescaling(1 / 255)` brings them to 1.
 * Grey is 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601), as Keras's images are made grey; opacity does not count.
 * @param images one, or several of one size
 */
export function fromImageData(images: Pixels | readonly Pixels[], options?: ImageOptions): Tensor {
  const where = "fromImageData";
  const { channels } = readOptions(where, options, { channels: 3 } as Required<ImageOptions>);
  checkChoice(where, "channels", String(channels), ["1", "3", "4"]);
  const all = (Array.isArray(images) ? images : [images]) as readonly Pixels[];
  if (all.length === 0) throw new Error(`${where}: there are no images.`);
  const { width, height } = all[0];
  const data = new Float32Array(all.length * width * height * channels);
  for (const [i, image] of all.entries()) {
    checkPixels(where, image, i, width, height);
    copyPixels(data, i * width * height * channels, image.data, channels);
  }
  return { data, shape: [all.length, height, width, channels] };
}

/** What canvases show, as `fromImageData`. @param canvases one, or several of one size */
export function fromCanvas(canvases: Canvas | readonly Canvas[], options?: ImageOptions): Tensor {
  const all = (Array.isArray(canvases) ? canvases : [canvases]) as readonly Canvas[];
  return fromImageData(
    all.map(canvas => pixelsOf("fromCanvas", canvas)),
    options,
  );
}

/**
 * Images as `createImageBitmap` gives them (of a file, a video, an `<img>`), as `fromImageData`: where there is an OffscreenCanvas.
 * @param bitmaps one, or several
 * @param options width and height: to which each is stretched; default: as the first one is
 */
export function fromImageBitmap(
  bitmaps: ImageBitmap | readonly ImageBitmap[],
  options: ImageOptions & { width?: number; height?: number } = {},
): Tensor {
  const where = "fromImageBitmap";
  const all = (Array.isArray(bitmaps) ? bitmaps : [bitmaps]) as readonly ImageBitmap[];
  const [first] = all;
  if (typeof first?.width !== "number") throw new Error(`${where}: expected an ImageBitmap, got ${show(first)}.`);
  const { width, height, ...rest } = { width: first.width, height: first.height, ...options };
  if (typeof OffscreenCanvas === "undefined") throw new Error(`${where}: there is no OffscreenCanvas here. fromImageData() takes pixels.`);
  const canvas = new OffscreenCanvas(width, height);
  const images = all.map(bitmap => {
    const context = contextOf(where, canvas);
    context.clearRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0, width, height);
    return context.getImageData(0, 0, width, height);
  });
  return fromImageData(images, rest);
}

function contextOf(where: string, canvas: Canvas): CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D {
  const context = canvas?.getContext?.("2d", { willReadFrequently: true }) as CanvasRenderingContext2D | null;
  if (!context) throw new Error(`${where}: expected a canvas that can be drawn on in 2d, got ${show(canvas)}.`);
  return context;
}

function pixelsOf(where: string, canvas: Canvas): Pixels {
  return contextOf(where, canvas).getImageData(0, 0, canvas.width, canvas.height);
}

function checkPixels(where: string, { data, width, height }: Pixels, i: number, firstWidth: number, firstHeight: number): void {
  if (width !== firstWidth || height !== firstHeight) {
    throw new Error(
      `${where}: image ${i} is ${width} x ${height}, but the first one ${firstWidth} x ${firstHeight}. One tensor holds one size.`,
    );
  }
  if (data?.length !== 4 * width * height) {
    throw new Error(`${where}: image ${i} must hold ${4 * width * height} numbers, four a pixel, got ${data?.length}.`);
  }
}

function copyPixels(into: Float32Array, at: number, rgba: ArrayLike<number>, channels: number): void {
  for (let pixel = 0; pixel < rgba.length / 4; pixel++) {
    const [from, to] = [4 * pixel, at + pixel * channels];
    if (channels === 1) into[to] = 0.299 * rgba[from] + 0.587 * rgba[from + 1] + 0.114 * rgba[from + 2];
    else for (let channel = 0; channel < channels; channel++) into[to + channel] = rgba[from + channel];
  }
}
