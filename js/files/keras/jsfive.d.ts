/** The parts of jsfive 0.4.2 that are used here; it has no types of its own. */
declare module "jsfive" {
  class DataObjects {
    readonly dtype: unknown;
    readonly shape: number[];
    find_msg_type(type: number): Map<string, number>[];
    _get_data_message_properties(at: number): [version: number, dims: number, layout: number, properties: number];
  }

  export class Group {
    readonly keys: string[];
    readonly attrs: Record<string, unknown>;
    /** addresses, or paths for soft links */
    readonly _links: Record<string, number | string>;
    get(name: string): Group | Dataset;
  }

  export class File extends Group {
    constructor(buffer: ArrayBuffer, name?: string);
  }

  export class Dataset extends Array {
    readonly value: unknown[];
    readonly shape: number[];
    readonly dtype: unknown;
    readonly _dataobjects: DataObjects;
  }
}
