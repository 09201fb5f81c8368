import { type Floats, layersOf, type Net, type Values, weightsOf } from "../nets.js";

// Keras keeps channels last; for peers that want them first, everything is turned before the clock starts.

/** Images [batch, height, width, channels] → [batch, channels, height, width]; anything else stays. */
export function channelsFirst({ shape, data }: Values): Values {
  if (shape.length !== 4) return { shape, data };
  const [batch, height, width, channels] = shape;
  return { shape: [batch, channels, height, width], data: swapped(data, batch, height * width, channels) };
}

/** Kernels [height, width, channels, filters] → [filters, channels, height, width]. */
export function filtersFirst({ shape, data }: Values): Values {
  const [height, width, channels, filters] = shape;
  const taps = height * width;
  return { shape: [filters, channels, height, width], data: swapped(swapped(data, 1, taps * channels, filters), filters, taps, channels) };
}

/** The net's initial weights for images with channels first: filters first, and the rows of the dense kernel behind a flattened image turned. */
export function weightsChannelsFirst(net: Net): Values[] {
  const from = weightsOf(net);
  const to: Values[] = [];
  let image: number[] | undefined;
  for (const { layer, input } of layersOf(net)) {
    if (layer.type === "flatten") image = input;
    if (layer.type === "embedding") to.push(...from.splice(0, 1));
    if (layer.type === "lstm") to.push(...from.splice(0, 3));
    if (layer.type !== "dense" && layer.type !== "conv2d") continue;
    const [kernel, bias] = from.splice(0, 2);
    if (layer.type === "conv2d") to.push(filtersFirst(kernel), bias);
    else if (image) to.push({ ...kernel, data: swapped(kernel.data, 1, image[0] * image[1], image[2], layer.units) }, bias);
    else to.push(kernel, bias);
    if (layer.type === "dense") image = undefined;
  }
  return to;
}

/** [outer, rows, columns, inner] → [outer, columns, rows, inner] */
export function swapped(from: Floats, outer: number, rows: number, columns: number, inner = 1): Floats {
  const to = new Float32Array(from.length);
  for (let o = 0; o < outer; o++) {
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        const at = ((o * rows + r) * columns + c) * inner;
        to.set(from.subarray(at, at + inner), ((o * columns + c) * rows + r) * inner);
      }
    }
  }
  return to;
}
