import { DefaultSerializer, Deserializer } from 'node:v8';
import { asBuffer, bytesOf, makeView, viewTypeNumber } from './binary.js';
import type { Codec } from './codec.interface.js';
import { CODEC_IDS } from './codec-ids.js';
import { copyDeep } from './deep-copy.js';

/**
 * The structured clone format of `node:v8`: carries what JSON does not, and keeps the identity of
 * objects met twice. What it would lose (prototypes, symbols, accessors) is refused or tagged
 * before. Any later version of Node reads what an earlier one wrote.
 */
export const v8Codec: Codec = {
  id: CODEC_IDS.v8,
  name: 'v8',
  encode: (value) => {
    const serializer = new ViewWriter();
    serializer.writeHeader();
    serializer.writeValue(value);
    return serializer.releaseBuffer();
  },
  decode: (bytes) => {
    const value = read(asBuffer(bytes));
    return READS_INTO_OTHER_REALM ? copyDeep(value) : value;
  },
};

/** Views are written by us, so that no table inside Node decides what stored bytes mean. */
class ViewWriter extends DefaultSerializer {
  _writeHostObject(view: ArrayBufferView): void {
    const number = viewTypeNumber(view);
    if (number === undefined) throw new TypeError('Not a view that can be carried');
    this.writeUint32(number);
    this.writeUint32(view.byteLength);
    this.writeRawBytes(bytesOf(view));
  }
}

/** Node's own reader lets views look into the bytes read: a pool, or the reply of Redis. */
class ViewReader extends Deserializer {
  _readHostObject(): ArrayBufferView {
    const number = this.readUint32();
    return makeView(number, this.readRawBytes(this.readUint32()));
  }
}

function read(bytes: Buffer): unknown {
  const deserializer = new ViewReader(bytes);
  deserializer.readHeader();
  return deserializer.readValue();
}

/** In a `vm` context (Jest) the deserializer makes objects of the main one, foreign to the caller. */
const READS_INTO_OTHER_REALM =
  Object.getPrototypeOf(read(asBuffer(v8Codec.encode({})))) !== Object.prototype;
