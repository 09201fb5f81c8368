// HDF5 files as jsfive reads them: groups of groups and of tensors.

import { type Dataset, File, Group as Hdf5Group } from "jsfive";
import { formatShape, sizeOf, type Tensor } from "../../tensor.js";

/** What a group holds, by name. */
export interface Group {
  readonly names: readonly string[];
  /** the group at a path below this one; null where there is none */
  group(path: string): Group | null;
  /** @throws where there is none, or it is not made of numbers */
  tensor(path: string): Tensor;
  /** texts of an attribute; null where there is none */
  texts(attribute: string): string[] | null;
}

/** The root of a file. @param buffer whose first byte is the file's first */
export function openHdf5(buffer: ArrayBuffer): Group {
  return new Reader(
    "",
    read("the file", () => new File(buffer)),
    buffer,
  );
}

/** jsfive throws texts, and whatever a DataView does at its end. */
function read<T>(what: string, get: () => T): T {
  try {
    return get();
  } catch (error) {
    throw new Error(`HDF5: ${what} cannot be read: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

class Reader implements Group {
  readonly names: readonly string[];
  readonly #path: string;
  readonly #group: Hdf5Group;
  readonly #buffer: ArrayBuffer;

  constructor(path: string, group: Hdf5Group, buffer: ArrayBuffer) {
    this.#path = path;
    this.#group = group;
    this.#buffer = buffer;
    this.names = group.keys;
  }

  group(path: string): Group | null {
    const [first, ...rest] = path.split("/");
    const own = this.#member(first);
    if (!(own instanceof Hdf5Group)) return null;
    const group = new Reader(`${this.#path}/${first}`, own, this.#buffer);
    return rest.length === 0 ? group : group.group(rest.join("/"));
  }

  tensor(path: string): Tensor {
    const at = path.lastIndexOf("/");
    if (at >= 0) {
      const group = this.group(path.slice(0, at));
      if (!group) throw new Error(`HDF5: there is no ${this.#path}/${path.slice(0, at)}.`);
      return group.tensor(path.slice(at + 1));
    }
    const where = `${this.#path}/${path}`;
    const dataset = this.#member(path);
    if (!dataset || dataset instanceof Hdf5Group) throw new Error(`HDF5: there is no tensor ${where}.`);
    return read(where, () => tensorOf(dataset, this.#buffer));
  }

  texts(attribute: string): string[] | null {
    return read(`attribute ${attribute} of ${this.#path}/`, () => {
      const value = Object.hasOwn(this.#group.attrs, attribute) ? this.#group.attrs[attribute] : null;
      return value === null ? null : [value].flat().map(text => String(text).replace(/\0+$/, ""));
    });
  }

  #member(name: string): Hdf5Group | Dataset | null {
    if (!Object.hasOwn(this.#group._links, name) || typeof this.#group._links[name] !== "number") return null;
    return read(`${this.#path}/${name}`, () => this.#group.get(name));
  }
}

const LAYOUT = 8;
const CONTIGUOUS = 1;
const NOWHERE = 2 ** 64;

/** A dataset's numbers: a view of the file where they lie in it as float32, else a copy. */
function tensorOf(dataset: Dataset, buffer: ArrayBuffer): Tensor {
  const { dtype, shape, _dataobjects: parts } = dataset;
  const [, bytes] = /^[<>|]?[fiu]([1248])$/.exec(String(dtype)) ?? [];
  if (!bytes) throw new Error(`its type is ${dtype}, and only numbers can be read.`);
  const size = sizeOf(shape);
  const tensor = (data: Float32Array) => ({ data, shape });
  if (size * Number(bytes) > buffer.byteLength) throw new Error(`shape ${formatShape(shape)} is larger than the file.`);
  const message = parts.find_msg_type(LAYOUT)[0].get("offset_to_message")!;
  const [, , layout, at] = parts._get_data_message_properties(message);
  if (layout === CONTIGUOUS && dtype === "<f4") {
    const address = Number(new DataView(buffer).getBigUint64(at, true));
    if (address >= NOWHERE - 1) return tensor(new Float32Array(size));
    return tensor(
      address % 4 === 0 ? new Float32Array(buffer, address, size) : new Float32Array(buffer.slice(address, address + 4 * size)),
    );
  }
  return tensor(Float32Array.from(dataset.value as number[]));
}
