/**
 * Reads little-endian values from the start of a file whose rest may not be here yet. Running past
 * the bytes at hand throws `NeedBytes`, and the caller comes back with more; nothing is ever
 * allocated by a length that the file merely claims.
 */
export class NeedBytes extends Error {
  override readonly name = 'NeedBytes';
  readonly bytesNeeded: number;

  constructor(bytesNeeded: number) {
    super(`needs the first ${bytesNeeded} bytes`);
    this.bytesNeeded = bytesNeeded;
  }
}

/** A claim in the file that cannot be true, whatever bytes follow. */
export class Nonsense extends Error {
  override readonly name = 'Nonsense';
}

export class ByteCursor {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #take(size: number): number {
    const at = this.offset;
    if (at + size > this.#bytes.length) throw new NeedBytes(at + size);
    this.offset = at + size;
    return at;
  }

  skip(size: number): void {
    this.#take(size);
  }

  bytes(size: number): Uint8Array {
    const at = this.#take(size);
    return this.#bytes.subarray(at, at + size);
  }

  uint8 = (): number => this.#view.getUint8(this.#take(1));
  int8 = (): number => this.#view.getInt8(this.#take(1));
  uint16 = (): number => this.#view.getUint16(this.#take(2), true);
  int16 = (): number => this.#view.getInt16(this.#take(2), true);
  uint32 = (): number => this.#view.getUint32(this.#take(4), true);
  int32 = (): number => this.#view.getInt32(this.#take(4), true);
  float32 = (): number => this.#view.getFloat32(this.#take(4), true);
  float64 = (): number => this.#view.getFloat64(this.#take(8), true);

  /** Counts and sizes: beyond what a number holds exactly, no real file goes. */
  uint64(what: string): number {
    const value = Number(this.#view.getBigUint64(this.#take(8), true));
    if (!Number.isSafeInteger(value)) throw new Nonsense(`${what} is ${value}`);
    return value;
  }

  /** A 64-bit value that is only shown, not computed with; rounding is fine. */
  int64Rounded(): number {
    return Number(this.#view.getBigInt64(this.#take(8), true));
  }
}
