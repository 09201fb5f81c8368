// jsfive believes what a file says. This follows a file's groups first, and refuses what would keep jsfive busy for long, or lead it in circles.
// It knows the structures that Keras's files have: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html

/** what jsfive reads in a second */
const LEAST_WORK = 40_000;
/** bytes of a file for each further header message, name or tree node */
const BYTES_A_PIECE = 256;
const LONGEST_HEADER = 2 ** 20;
/** bytes that names and texts may make jsfive search through */
const MOST_SEARCHED = 2 ** 28;

const [DATASPACE, LAYOUT, ATTRIBUTE, CONTINUATION, SYMBOL_TABLE] = [0x01, 0x08, 0x0c, 0x10, 0x11];
const CHUNKED = 2;

/** @throws for a file that is damaged, or has other structures */
export function checkHdf5(buffer: ArrayBuffer): void {
  const file = new View(buffer);
  if (file.byte(8) !== 0)
    throw new Error("HDF5: the file is of a later format than Keras writes. Keras's own save makes one that can be read.");
  const objects = [file.address(64)];
  const seen = new Set(objects);
  for (const at of objects) {
    for (const member of membersOf(file, at)) {
      if (seen.has(member)) continue;
      seen.add(member);
      objects.push(member);
    }
  }
}

class View {
  readonly #data: DataView;
  #work: number;
  #searched = 0;

  constructor(buffer: ArrayBuffer) {
    this.#data = new DataView(buffer);
    this.#work = Math.max(LEAST_WORK, buffer.byteLength / BYTES_A_PIECE);
  }

  byte(at: number): number {
    return this.#data.getUint8(at);
  }

  short(at: number): number {
    return this.#data.getUint16(at, true);
  }

  word(at: number): number {
    return this.#data.getUint32(at, true);
  }

  /** of 8 bytes: what is larger than a file is an address nowhere */
  address(at: number): number {
    return Number(this.#data.getBigUint64(at, true));
  }

  /** Counts a piece of work. */
  work(): void {
    if (--this.#work < 0) throw new Error("HDF5: the file has more structure than it has room for. It is damaged.");
  }

  search(bytes: number): void {
    this.#searched += Math.min(bytes, this.#data.byteLength);
    if (!(this.#searched <= MOST_SEARCHED)) throw new Error("HDF5: the file's names and texts are too long. It is damaged.");
  }
}

/** The addresses of the objects in a group; none for a tensor. */
function membersOf(file: View, at: number): number[] {
  if (file.byte(at) !== 1) throw new Error("HDF5: an object's header is damaged, or of a later format than Keras writes.");
  const blocks = [{ at: at + 16, size: file.word(at + 8) }];
  const members: number[] = [];
  let [block] = blocks;
  let offset = 0;
  for (let left = file.short(at + 2); left > 0; left--) {
    file.work();
    if (offset >= block.size) {
      block = blocks[blocks.indexOf(block) + 1];
      offset = 0;
      if (!block) throw new Error("HDF5: an object's header is cut short.");
    }
    if (block.size > LONGEST_HEADER) throw new Error(`HDF5: an object's header has ${block.size} bytes. It is damaged.`);
    const message = block.at + offset;
    const [type, size, body] = [file.short(message), file.short(message + 2), message + 8];
    offset += 8 + size;
    if (type === CONTINUATION) blocks.push({ at: file.address(body), size: file.address(body + 8) });
    else if (type === SYMBOL_TABLE) members.push(...linksOf(file, file.address(body), file.address(body + 8)));
    else if (type === ATTRIBUTE) checkAttribute(file, body, size);
    else if (type === LAYOUT && file.byte(body + 1) === CHUNKED)
      throw new Error("HDF5: a tensor is stored in chunks, which Keras does not do.");
    else if (type === DATASPACE && file.byte(body + 1) > 32) throw new Error("HDF5: a tensor has more than 32 axes.");
  }
  return members;
}

/** The addresses in a group's tree, whose leaves are lists of names in a heap. */
function linksOf(file: View, root: number, heap: number): number[] {
  const names = file.address(heap + 8);
  const nodes = [root];
  const seen = new Set(nodes);
  const lists: number[] = [];
  for (const node of nodes) {
    const level = file.byte(node + 5);
    for (let i = 0, count = file.short(node + 6); i < count; i++) {
      file.work();
      const child = file.address(node + 32 + 16 * i);
      if (seen.has(child)) throw new Error("HDF5: a group's tree has a node twice. The file is damaged.");
      seen.add(child);
      if (level === 0) lists.push(child);
      else if (file.byte(child + 5) === level - 1) nodes.push(child);
      else throw new Error("HDF5: a group's tree is damaged.");
    }
  }
  return lists.flatMap(list =>
    Array.from({ length: file.short(list + 6) }, (_, i) => {
      file.work();
      file.search(names);
      return file.address(list + 8 + 40 * i + 8);
    }),
  );
}

/** Whether an attribute's values lie in its message; texts lie in a heap for all, which each of them is looked for in. */
function checkAttribute(file: View, at: number, size: number): void {
  const isPadded = file.byte(at) === 1;
  const round = (length: number) => (isPadded ? Math.ceil(length / 8) * 8 : length);
  const lengths = [2, 4, 6].map(offset => round(file.short(at + offset)));
  const type = at + (isPadded ? 8 : 9) + lengths[0];
  const space = type + lengths[1];
  const values = space + lengths[2];
  const dims = space + (file.byte(space) === 1 ? 8 : 4);
  let count = 1;
  for (let axis = 0; axis < file.byte(space + 1); axis++) count *= file.address(dims + 8 * axis);
  const bytes = file.word(type + 4);
  if (!(count * bytes <= at + size - values) || (bytes === 0 && count > 0)) throw new Error("HDF5: an attribute is cut short.");
  const isText = (file.byte(type) & 15) === 9;
  for (let i = 0; i < count; i++) {
    file.work();
    if (isText) file.search(file.address(file.address(values + 16 * i + 4) + 8));
  }
}
