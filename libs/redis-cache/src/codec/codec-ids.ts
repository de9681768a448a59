/** Codec ids of the library, as stored in entries: none of them may ever change its meaning. */
export const CODEC_IDS = { json: 0, v8: 1, taggedJson: 2, taggedV8: 3 } as const;

/** The ids open to codecs of users. */
export const OWN_CODEC_IDS = { min: 16, max: 127 } as const;
